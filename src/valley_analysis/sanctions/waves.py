"""Waves of sanctions: the years before, during and after, and what came at the same time."""

import datetime as dt
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from valley_analysis.bilingual import Bilingual, Entry
from valley_analysis.errors import PeriodError, RegisterError
from valley_analysis.registers import Located, check_register, read_located
from valley_analysis.sanctions.measures import Measure, load_measures
from valley_analysis.typed import Year

REGISTER = Path(__file__).with_name("waves.yml")


class Wave(Entry):
    """A wave of sanctions.

    Attributes
    ----------
    id
        The year by which it is called.
    start, onset_until
        Measures announced between these days define the wave.
    first_treated
        The first year any part of which it covers.
    part_treated
        Years of which it covers a part only.
    pre
        Name of the definition ("main", "short") -> years before the wave, for exposures.
    post
        Years looked at afterwards; the part-treated ones are among them.
    concurrent
        What happened at the same time and cannot be separated.
    """

    id: Year
    label: Bilingual
    start: dt.date
    onset_until: dt.date
    first_treated: Year
    part_treated: tuple[int, ...]
    pre: dict[str, tuple[int, ...]]
    post: tuple[int, ...]
    concurrent: tuple[Bilingual, ...]

    def measures(self) -> tuple[Measure, ...]:
        """Return the sanctions that define the wave: those announced in its onset.

        Examples
        --------
        >>> [measure.id for measure in find_wave(2014).measures()][:2]
        ['eu-2014-indiv', 'eu-2014-crimea']
        """
        return tuple(
            measure
            for measure in load_measures().values()
            if measure.is_sanction and self.start <= measure.announced.date <= self.onset_until
        )


@cache
def waves(path: Path = REGISTER) -> dict[int, Wave]:
    """Return the named waves by year.

    Raises
    ------
    RegisterError
        With every problem at once, each with its line: a year before the wave that is not
        before it, part-treated years that are no post years, no main definition.

    Examples
    --------
    >>> list(waves()), waves()[2022].pre["short"]
    ([2014, 2022], (2017, 2018, 2019))
    """
    located = read_located(path)
    entries = [{"id": key, **value} for key, value in located.content.items()]
    register = check_register(entries, tuple[Wave, ...], path.name)
    problems = [problem for wave in register for problem in _problems(wave, located)]
    if problems:
        raise RegisterError(path.name, problems, "mend these waves")
    return {wave.id: wave for wave in register}


def _problems(wave: Wave, located: Located) -> Iterator[str]:
    def at(key: str, problem: str) -> str:
        # YAML keys are text where lines are looked up.
        return located.at((str(wave.id), key), f"{wave.id}: {problem}")

    if "main" not in wave.pre:
        yield at("pre", "no main definition")
    for name, years in wave.pre.items():
        if not years or max(years) >= wave.first_treated:
            yield at("pre", f"{name} {list(years)} is not before {wave.first_treated}")
    if not wave.start <= wave.onset_until:
        yield at("onset_until", f"{wave.onset_until} is before the start {wave.start}")
    if wave.start.year != wave.first_treated:
        yield at("first_treated", f"{wave.first_treated}, but starts on {wave.start}")
    if not wave.post or min(wave.post) != wave.first_treated:
        yield at("post", f"begins {min(wave.post, default=None)}, not {wave.first_treated}")
    if not set(wave.part_treated) <= set(wave.post):
        yield at("part_treated", f"{list(wave.part_treated)} are not all post years")


def find_wave(year: int) -> Wave:
    """Return one wave.

    Raises
    ------
    PeriodError
        If there is no wave of that year.

    Examples
    --------
    >>> find_wave(2022).first_treated
    2022
    """
    known = waves()
    if year not in known:
        raise PeriodError(
            f"no wave {year!r} in sanctions/waves.yml; found {', '.join(map(str, known))}. "
            "Next step: use one of these years, or add an entry there."
        )
    return known[year]

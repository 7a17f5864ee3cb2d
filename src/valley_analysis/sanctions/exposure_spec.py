"""Definitions of exposure: what a specification may say, and the catalogue of standing ones."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from pydantic import Field

from valley_analysis.bilingual import Bilingual, Entry
from valley_analysis.errors import DesignError, RegisterError, UnknownRegionError
from valley_analysis.regions import check_codes
from valley_analysis.regions import frame as region_frame
from valley_analysis.registers import check_register, read_located
from valley_analysis.sanctions.waves import find_wave, waves

CATALOGUE = Path(__file__).with_name("exposures.yml")
Form = Literal["rank", "level", "log"]
POST_TREATMENT = ("ofac",)


@dataclass(frozen=True)
class ExposureSpec:
    """What an exposure is computed from, and in which form it enters.

    Attributes
    ----------
    id
        Key, and name of the resulting Series.
    numerator
        Series that are summed; never imports with exports, never counts of OFAC listings.
    denominator
        Series of the same regions and periods.
    periods
        Years before the wave.
    form
        "rank" (percentile, (rank - 1) / (n - 1)), "level" or "log".
    drop
        Regions that leave the ranking; they stay in the national totals.
    before
        The first treated year, if known: every period must lie before it.
    name, caveat
        For readers.

    Raises
    ------
    DesignError
        With everything that is wrong.

    Examples
    --------
    >>> ExposureSpec("openness", ("imports_far", "exports_far"), "grp", (2021,))
    Traceback (most recent call last):
    ...
    valley_analysis.errors.DesignError: exposure 'openness': 1 problem
      - numerator: imports_far and exports_far are summed; they are different exposures
    Next step: change the specification
    """

    id: str
    numerator: tuple[str, ...]
    denominator: str
    periods: tuple[int, ...]
    form: Form = "rank"
    drop: tuple[str, ...] = ()
    before: int | None = None
    name: Bilingual | None = None
    caveat: Bilingual | None = None

    def __post_init__(self) -> None:
        """Refuse a specification that contradicts the design."""
        problems = list(self._problems())
        if problems:
            raise DesignError(f"exposure {self.id!r}", problems, "change the specification")

    @property
    def parts(self) -> tuple[str, ...]:
        """Every series that goes in: an outcome must be computed from none of them."""
        return (*self.numerator, self.denominator)

    def _problems(self) -> Iterator[str]:
        if not self.numerator:
            yield "numerator: no series"
        imports = [name for name in self.numerator if name.startswith("imports")]
        exports = [name for name in self.numerator if name.startswith("exports")]
        if imports and exports:
            yield (
                f"numerator: {', '.join(imports)} and {', '.join(exports)} are summed; "
                "they are different exposures"
            )
        yield from post_treatment(self.parts)
        if self.denominator in self.numerator:
            yield f"denominator: {self.denominator} is the numerator too"
        if len(set(self.numerator)) < len(self.numerator):
            yield "numerator: a series twice"
        if not self.periods or len(set(self.periods)) < len(self.periods):
            yield f"periods: {list(self.periods)}; expected at least one year, each once"
        late = [year for year in self.periods if self.before is not None and year >= self.before]
        if late:
            yield f"periods: {late} are not before {self.before}; an exposure is predetermined"
        if self.form not in get_args(Form):
            yield f"form: {self.form!r}; expected one of {', '.join(get_args(Form))}"
        try:
            check_codes(self.drop, where="drop")
        except UnknownRegionError as error:
            yield from (f"drop: {problem}" for problem in error.problems)


def post_treatment(series: tuple[str, ...]) -> Iterator[str]:
    """Yield a sentence for each series that the sanctions themselves made.

    Counts of OFAC listings by region are shown on a map and go no further: most Russian
    entries of November 2025 were not on the list in January 2023, and many are individuals.

    Examples
    --------
    >>> list(post_treatment(("ofac_entries", "grp")))
    ['ofac_entries: listings are post-treatment and many are individuals; a descriptive map only']
    """
    for name in series:
        if name.lower().startswith(POST_TREATMENT):
            yield (
                f"{name}: listings are post-treatment and many are individuals; "
                "a descriptive map only"
            )


class Definition(Entry):
    """A standing definition; with a wave it becomes an `ExposureSpec`."""

    name: Bilingual
    numerator: tuple[str, ...] = Field(min_length=1)
    denominator: str
    pre: str = "main"
    form: Form = "rank"
    drop: tuple[str, ...] = ()
    drop_districts: tuple[str, ...] = ()
    caveat: Bilingual


class Unavailable(Entry):
    """A definition that one would want and that the data do not allow, with the reason."""

    name: Bilingual
    reason: Bilingual


class Catalogue(Entry):
    """exposures.yml: names of series in running text, sentences, definitions."""

    names: dict[str, Bilingual]
    forms: dict[Form, Bilingual]
    texts: dict[Literal["definition", "without"], Bilingual]
    exposures: dict[str, Definition]
    unavailable: dict[str, Unavailable]


@cache
def load_exposures(path: Path = CATALOGUE) -> Catalogue:
    """Return the catalogue of standing definitions.

    Raises
    ------
    RegisterError
        With every problem at once, each with its line.

    Examples
    --------
    >>> list(load_exposures().unavailable)
    ['machinery_structure', 'imports_sanctioning_countries']
    """
    located = read_located(path)
    catalogue = check_register(located.content, Catalogue, path.name, located)
    problems = [
        located.at(("exposures", key, field), f"{key}: {problem}")
        for key, definition in catalogue.exposures.items()
        for field, problem in _definition_problems(definition, catalogue)
    ]
    if problems:
        raise RegisterError(path.name, problems, "mend these definitions")
    return catalogue


def _definition_problems(definition: Definition, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    for name in (*definition.numerator, definition.denominator):
        if name not in catalogue.names:
            yield "numerator", f"{name} has no name under names"
    if not any(definition.pre in wave.pre for wave in waves().values()):
        yield "pre", f"{definition.pre!r} is a definition of no wave"
    for field in ("drop", "drop_districts"):
        try:
            check_codes(getattr(definition, field), where=field)
        except UnknownRegionError as error:
            yield from ((field, problem) for problem in error.problems)


def exposure_specs(wave: int) -> dict[str, ExposureSpec]:
    """Return the standing definitions that a wave has, by id.

    Parameters
    ----------
    wave
        A year of waves.yml. Definitions over years that the wave does not name are left out.

    Raises
    ------
    PeriodError
        If there is no such wave.

    Examples
    --------
    >>> specs = exposure_specs(2022)
    >>> specs["imports_far_grp"].periods, specs["imports_far_grp"].parts
    ((2017, 2018, 2019, 2020, 2021), ('imports_far', 'grp'))
    >>> "imports_far_grp_short" in exposure_specs(2014)
    False
    """
    found = find_wave(wave)
    return {
        key: ExposureSpec(
            id=key,
            numerator=one.numerator,
            denominator=one.denominator,
            periods=found.pre[one.pre],
            form=one.form,
            drop=(*one.drop, *_of_districts(one.drop_districts)),
            before=found.first_treated,
            name=one.name,
            caveat=one.caveat,
        )
        for key, one in load_exposures().exposures.items()
        if one.pre in found.pre
    }


def find_exposure(name: str, wave: int) -> ExposureSpec:
    """Return one standing definition for a wave.

    Raises
    ------
    PeriodError
        If there is no such wave.
    DesignError
        If there is no such definition for it; the message carries the nearest ids, or why
        the data do not allow it.

    Examples
    --------
    >>> find_exposure("imports_far_grp_no_moscow", 2014).drop
    ('RU-MOW',)
    """
    specs = exposure_specs(wave)
    if name in specs:
        return specs[name]
    blocked = load_exposures().unavailable.get(name)
    near = ", ".join(get_close_matches(name, specs, n=3)) or "none"
    why = f"not available: {blocked.reason.en}" if blocked else f"unknown; nearest: {near}"
    raise DesignError(
        f"exposure {name!r}, wave {wave}", [why], "use an id of sanctions/exposures.yml"
    )


def _of_districts(districts: tuple[str, ...]) -> tuple[str, ...]:
    """Regions and remainders of today's districts; a wave before a move uses today's too."""
    if not districts:
        return ()
    table = region_frame()
    inside = table["district"].isin(districts) & table["kind"].isin(["region", "remainder"])
    return tuple(table.loc[inside, "region"])

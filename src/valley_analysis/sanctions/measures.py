"""The chronology of sanctions: dated measures with sender, kind, targets and source."""

import datetime as dt
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import BeforeValidator, Field

from valley_analysis.bilingual import Bilingual, Entry
from valley_analysis.errors import RegisterError, UnknownRegionError
from valley_analysis.regions import check_codes
from valley_analysis.registers import Located, check_register, read_located, read_yaml
from valley_analysis.text import Lang, check_lang
from valley_analysis.typed import Address

HERE = Path(__file__).parent
REGISTER = HERE / "measures.yml"
LABELS = HERE / "labels.yml"

Precision = Literal["day", "month", "year"]
COLUMNS = (
    *("measure", "senders", "authority", "kind", "kind_name", "act"),
    *("announced", "announced_precision", "adopted", "published"),
    *("in_force", "in_force_precision", "force_basis", "applies", "basis"),
    *("title", "sectors", "entities", "regions", "assigned", "confidence", "note", "sources"),
)


class Moment(Entry):
    """A date as precisely as it is known: the first day of a day, month or year.

    Examples
    --------
    >>> moment("2022-03").precision, str(moment("2022-03").last)
    ('month', '2022-03-31')
    """

    date: dt.date
    precision: Precision

    @property
    def last(self) -> dt.date:
        """The last day that it can be."""
        if self.precision == "day":
            return self.date
        if self.precision == "year":
            return dt.date(self.date.year, 12, 31)
        following = self.date.replace(day=28) + dt.timedelta(days=4)
        return following.replace(day=1) - dt.timedelta(days=1)

    def __str__(self) -> str:
        """Print as much as is known: 2022-03-29, 2022-03 or 2022."""
        return self.date.isoformat()[: {"day": 10, "month": 7, "year": 4}[self.precision]]


def moment(written: Any) -> Any:
    """Return a date as written in YAML as a `Moment`; what is none is handed on unchanged.

    Parameters
    ----------
    written
        A date, "2022-03" or 2022.

    Examples
    --------
    >>> str(moment(2026)), str(moment(dt.date(2022, 2, 24)))
    ('2026', '2022-02-24')
    """
    if isinstance(written, dt.datetime):
        return written
    if isinstance(written, dt.date):
        return Moment(date=written, precision="day")
    for length, rest, precision in ((4, "-01-01", "year"), (7, "-01", "month"), (10, "", "day")):
        text = str(written)
        if len(text) == length and not isinstance(written, bool):
            try:
                return Moment.model_validate(
                    {"date": dt.date.fromisoformat(text + rest), "precision": precision}
                )
            except ValueError:
                return written
    return written


Dated = Annotated[Moment, BeforeValidator(moment)]


class Targets(Entry):
    """What a measure aims at.

    Attributes
    ----------
    sectors
        Keys of labels.yml.
    entities
        Names of organisations, as sources give them.
    regions
        Codes of the register of regions.
    assigned
        The regions are assigned by us (where the organisations sit), not named by the source.
    """

    sectors: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    assigned: bool = False


class Measure(Entry):
    """One dated act by one sender, or by several on one day.

    Attributes
    ----------
    senders, kind
        Keys of labels.yml. `kind` tells Russian counter-measures, exits of companies and data
        events apart from sanctions.
    authority, act
        Who issued it, and the legal act; empty if not known.
    announced, adopted, published, in_force, applies
        Made public; day of the legal act; day of its official journal; entry into force; the day
        from which its main ban holds where that is later. As precisely as known; no `in_force`
        where none is known or there is nothing in force.
    clause
        The act's own clause on its entry into force: on the day of its publication, or on the
        day after it. The register refuses an `in_force` that contradicts it.
    force_basis
        clause: the clause, or the legal database's notice of it, was seen. reported: the day is
        from the sources. usual: neither was seen without contradiction, the day is what the
        usual clause gives; tables mark it as unverified.
    basis
        Where the date comes from: stated, the day of a press report, or inferred.
    confidence
        primary: an official text; press: press or law firms; inferred; unverified.
    note
        What is easily confused.
    """

    id: str = Field(pattern=r"^[a-z]+-[a-z0-9-]+$")
    senders: tuple[str, ...] = Field(min_length=1)
    kind: str
    announced: Dated
    adopted: Dated | None = None
    published: Dated | None = None
    clause: Literal["publication", "day_after"] | None = None
    in_force: Dated | None = None
    force_basis: Literal["clause", "reported", "usual"] = "reported"
    applies: Dated | None = None
    basis: Literal["stated", "press_day", "inferred"] = "stated"
    title: Bilingual
    targets: Targets = Targets()
    confidence: Literal["primary", "press", "inferred", "unverified"]
    sources: tuple[Address, ...] = ()
    authority: str = ""
    act: str = ""
    note: Bilingual | None = None

    @property
    def effective(self) -> Moment:
        """From when it bites: its main ban, else its entry into force, else its announcement."""
        return self.applies or self.in_force or self.announced

    @property
    def is_sanction(self) -> bool:
        """Whether a foreign sender imposed it: no counter-measure, exit, data event or count."""
        return self.kind not in ("counter_measure", "exit", "data_event", "stock")


@cache
def load_labels(path: Path = LABELS) -> dict[str, dict[str, Bilingual]]:
    """Return the names of senders, kinds, sectors and levels of confidence.

    Raises
    ------
    RegisterError
        With every wrong key.

    Examples
    --------
    >>> load_labels()["kinds"]["exit"].ru
    'Уход компаний'
    """
    return check_register(read_yaml(path), dict[str, dict[str, Bilingual]], path.name)


@cache
def load_measures(path: Path = REGISTER) -> dict[str, Measure]:
    """Return the register of measures by id, in order of announcement.

    Raises
    ------
    RegisterError
        With every problem at once, each with its line: a wrong key, an unknown sender, kind,
        sector or region, a repeated id, dates out of order, a source that is missing where
        the entry does not say "unverified".

    Examples
    --------
    >>> measure = load_measures()["us-2022-bis"]
    >>> str(measure.announced), measure.confidence, measure.is_sanction
    ('2022-02-24', 'primary', True)
    """
    located = read_located(path)
    register = check_register(located.content, tuple[Measure, ...], path.name, located)
    problems = list(_problems(register, located))
    if problems:
        raise RegisterError(path.name, problems, "mend these entries")
    return {measure.id: measure for measure in register}


def _problems(register: tuple[Measure, ...], located: Located) -> Iterator[str]:
    seen: dict[str, int] = {}
    before: Measure | None = None
    for number, measure in enumerate(register):
        if measure.id in seen:
            first = located.line((seen[measure.id],))
            yield located.at((number, "id"), f"{measure.id}: stands on line {first} already")
        seen.setdefault(measure.id, number)
        if before is not None and measure.announced.date < before.announced.date:
            yield located.at(
                (number, "announced"),
                f"{measure.id}: announced {measure.announced}, but stands after {before.id} "
                f"of {before.announced}; entries go by date",
            )
        before = measure
        for place, problem in _problems_of(measure):
            yield located.at((number, *place), f"{measure.id}: {problem}")


def _problems_of(measure: Measure) -> Iterator[tuple[tuple[str, ...], str]]:
    yield from _order(measure)
    if not measure.sources and measure.confidence != "unverified":
        yield (
            ("confidence",),
            f"no source, yet confidence {measure.confidence!r}; add one or say unverified",
        )
    if len(set(measure.sources)) < len(measure.sources):
        yield ("sources",), "the same source twice"
    labels = load_labels()
    used = (
        (("senders",), "senders", measure.senders),
        (("kind",), "kinds", (measure.kind,)),
        (("targets", "sectors"), "sectors", measure.targets.sectors),
    )
    for place, group, keys in used:
        unknown = [key for key in keys if key not in labels[group]]
        if unknown:
            yield place, f"unknown {group} {', '.join(unknown)}; labels.yml names them"
    try:
        check_codes(measure.targets.regions, where="targets")
    except UnknownRegionError as error:
        yield from ((("targets", "regions"), problem) for problem in error.problems)


def _order(measure: Measure) -> Iterator[tuple[tuple[str, ...], str]]:
    """An act comes before its publication and its force, and its force follows its own clause."""
    force, printed = measure.in_force, measure.published
    steps = (
        ("in_force", force, "announcement", measure.announced),
        ("published", printed, "day of the act", measure.adopted),
        ("in_force", force, "day of the act", measure.adopted),
        ("applies", measure.applies, "entry into force", force),
    )
    for key, later, name, earlier in steps:
        if later is not None and earlier is not None and later.last < earlier.date:
            yield (key,), f"{key.replace('_', ' ')} {later}, before its {name} {earlier}"
    if measure.senders == ("EU",) and measure.act and force is not None:
        missing = [key for key in ("adopted", "published", "clause") if not getattr(measure, key)]
        if missing:
            yield ("in_force",), f"an act of the EU in force without {', '.join(missing)}"
    if measure.clause and (force is None or printed is None):
        yield ("clause",), "a clause on entry into force needs published and in_force"
    elif measure.clause and force is not None and printed is not None:
        wait = dt.timedelta(days=measure.clause == "day_after")
        if "day" == force.precision == printed.precision and force.date != printed.date + wait:
            due = printed.date + wait
            yield ("in_force",), f"in force {force}, by its clause {measure.clause} it is {due}"


def measures_frame(lang: Lang = "en", path: Path = REGISTER) -> pd.DataFrame:
    """Return the register as a table, one row a measure in order of announcement.

    Parameters
    ----------
    lang
        "en" or "ru": the language of titles, kinds, senders, sectors and notes.
    path
        The register; the project's own by default.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`. `announced` and `in_force` are dates (the first day of a month or
        year that is known no better), their precision stands beside them; `adopted`,
        `published` and `applies` are days, missing where not told apart. Several senders,
        sectors, entities, regions or sources are joined by "; ".

    Raises
    ------
    RegisterError
        As `load_measures`.

    Examples
    --------
    >>> table = measures_frame("ru").set_index("measure")
    >>> str(table.loc["us-2022-bis", "announced"].date()), table.loc["us-2022-bis", "senders"]
    ('2022-02-24', 'США')
    """
    check_lang(lang)
    rows = [_row(measure, lang) for measure in load_measures(path).values()]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    for column in ("announced", "adopted", "published", "in_force", "applies"):
        frame[column] = pd.to_datetime(frame[column])
    return frame


def _row(measure: Measure, lang: Lang) -> tuple[Any, ...]:
    labels = load_labels()

    def named(group: str, keys: tuple[str, ...]) -> str:
        return "; ".join(labels[group][key][lang] for key in keys)

    force, targets = measure.in_force, measure.targets
    return (
        measure.id,
        named("senders", measure.senders),
        measure.authority,
        measure.kind,
        named("kinds", (measure.kind,)),
        measure.act,
        measure.announced.date,
        measure.announced.precision,
        *(day.date if day else None for day in (measure.adopted, measure.published, force)),
        force.precision if force else "",
        measure.force_basis if force else "",
        measure.applies.date if measure.applies else None,
        measure.basis,
        measure.title[lang],
        named("sectors", targets.sectors),
        "; ".join(targets.entities),
        "; ".join(targets.regions),
        targets.assigned,
        measure.confidence,
        measure.note[lang] if measure.note else "",
        "; ".join(measure.sources),
    )

"""Words of the charts and tables of valleys, and how they print names, dates and figures."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from valley_analysis.charts.phrases import Phrasebook
from valley_analysis.charts.style import source_text
from valley_analysis.text import NONE, Lang, day_text, number, plural, short_day, short_month
from valley_analysis.valleys import (
    Dated,
    Register,
    decree_spans,
    load_metrics,
    load_register,
)

word = Phrasebook(Path(__file__).with_name("valley_phrases.yml"))
"""Phrases of the charts of valleys."""
_BILLION = 1000.0  # in millions
DOUBTFUL = ("inferred", "unverified")
"""Degrees of confidence that every figure marks."""


def step_name(step: str, lang: Lang = "en") -> str:
    """Return what a step of the ladder is called; a dash for none.

    Examples
    --------
    >>> step_name("first_building"), step_name("")
    ('first building', '–')
    """
    return word(f"step_{step}", lang) if step else "–"


def valley_names(register: Register, lang: Lang = "en") -> dict[str, str]:
    """Return the short name of every entry by id.

    Examples
    --------
    >>> from valley_analysis.valleys import load_register
    >>> valley_names(load_register().valleys)["russky"]
    'Russky'
    """
    return {entry.id: entry.short[lang] for entry in register.entries}


def metric_name(metric: str, lang: Lang = "en") -> str:
    """Return what a quantity is called.

    Examples
    --------
    >>> metric_name("jobs", "ru")
    'рабочие места'
    """
    return {one.id: one.name[lang] for one in load_metrics()}[metric]


def metric_unit(metric: str, lang: Lang = "en") -> str:
    """Return the unit of a quantity, of many if it is counted.

    Examples
    --------
    >>> metric_unit("territory"), metric_unit("buildings")
    ('ha', 'buildings')
    """
    return _unit(metric, lang).rpartition("|")[2]


def _unit(metric: str, lang: Lang) -> str:
    return {one.id: one.unit[lang] for one in load_metrics()}[metric]


def metric_heading(metric: str, lang: Lang = "en") -> str:
    """Return a quantity with its unit; without it where the name says what is counted.

    Examples
    --------
    >>> metric_heading("territory"), metric_heading("buildings")
    ('territory, ha', 'buildings')
    """
    name, unit = metric_name(metric, lang), _unit(metric, lang)
    said = any(form in name for form in unit.split("|")) if "|" in unit else False
    return name if said else f"{name}, {metric_unit(metric, lang)}"


def larger_money(unit: str, value: float) -> tuple[float, str]:
    """Return by what money in millions is divided, and its unit then, so that it prints short.

    Examples
    --------
    >>> larger_money("mln RUB", 110_000), larger_money("mln RUB", 487), larger_money("ha", 5000)
    ((1000.0, 'bn RUB'), (1.0, 'mln RUB'), (1.0, 'ha'))
    """
    for million, billion in (("mln RUB", "bn RUB"), ("млн руб.", "млрд руб.")):
        if unit.startswith(million) and value >= _BILLION:
            return _BILLION, unit.replace(million, billion)
    return 1.0, unit


def quantity_text(value: float, unit: str, bound: str = "exact", lang: Lang = "en") -> str:
    """Return a figure with its unit in the form that it takes.

    Examples
    --------
    >>> quantity_text(1, "building|buildings"), quantity_text(30, "company|companies", "more_than")
    ('1 building', '>30 companies')
    >>> quantity_text(110_000, "млн руб.", lang="ru")
    '110 млрд руб.'
    """
    factor, unit = larger_money(unit, value)
    word_of = plural(value, *unit.split("|"), lang=lang) if "|" in unit else unit
    return f"{figure_text(value / factor, bound, lang)} {word_of}"


def told_figure(row: Mapping[Any, Any], lang: Lang = "en") -> str:
    """Return the figure of a claim with its bound and unit."""
    return quantity_text(row["value"], _unit(row["metric"], lang), row["bound"], lang)


def achieved_figure(row: Mapping[Any, Any], lang: Lang = "en") -> str:
    """Return what was achieved of a promise, in the unit in which the promise is printed."""
    factor, _ = larger_money(_unit(row["metric"], lang), row["value"])
    return figure_text(row["achieved"] / factor, "exact", lang)


def date_text(when: Dated | str | None, lang: Lang = "en") -> str:
    """Return a date as tables and figures have it, no more exact than it is.

    Examples
    --------
    >>> date_text("2021-05-26"), date_text("2021-05"), date_text("2021"), date_text("")
    ('26 May 2021', 'May 2021', '2021', '–')
    >>> date_text("2021-01-23/2021-02-02"), date_text("2021-05-26/2023-09", "ru")
    ('23 Jan – 2 Feb 2021', '26.05.2021 – 09.2023')
    """
    if not when:
        return "–"
    if isinstance(when, str):
        when = Dated.parse(when)
    if when.precision != "between":
        return _point(when, lang)
    first, last = _ends(when)
    starts, ends = _point(first, lang), _point(last, lang)
    if first.first.year == last.last.year and last.precision != "year":
        year = f".{first.first.year}" if lang == "ru" else f" {first.first.year}"
        starts = starts.removesuffix(year)
    return f"{starts} – {ends}"


def _point(when: Dated, lang: Lang) -> str:
    day = when.first
    if when.precision == "year":
        return str(day.year)
    return (short_day if when.precision == "day" else short_month)(day, lang)


def _ends(when: Dated) -> tuple[Dated, Dated]:
    """The two dates that a span lies between, each as coarse as its day allows."""
    first, last = when.first, when.last
    whole_month = Dated.parse(f"{last:%Y-%m}")
    whole_year = Dated.parse(f"{last:%Y}")
    end = Dated(last, last)
    if last == whole_year.last and first.month == 1 and first.day == 1:
        end = whole_year
    elif last == whole_month.last:
        end = whole_month
    begin = Dated(first, first)
    if first.day == 1:
        begin = Dated.parse(f"{first:%Y}" if end.precision == "year" else f"{first:%Y-%m}")
    return begin, end


def span_text(row: pd.Series, lang: Lang = "en") -> str:
    """Return the date of a step of a ladder from its `first` and `last`; a dash if it has none."""
    if pd.isna(row["first"]):
        return "–"
    return date_text(Dated(row["first"].date(), row["last"].date()), lang)


def months_text(low: float, high: float) -> str:
    """Return whole months that have passed: at least, and at most where that is not the same.

    Examples
    --------
    >>> months_text(36.4, 36.4), months_text(13.7, 84.2), months_text(float("nan"), float("nan"))
    ('36', '13–84', '–')
    """
    if low != low:
        return "–"
    least, most = int(low), int(high)
    return str(least) if least == most else f"{least}–{most}"


def decree_label(region: str, year: int) -> str:
    """Return the year of a host's decree, or both years between which it lies.

    Examples
    --------
    >>> decree_label("RU-TUL", 2021), decree_label("RU-NGR", 2021)
    ('2021', '2021–2023')
    """
    spans = decree_spans(load_register(), "all_sites")
    if region not in spans.index or spans.loc[region, "first"] != year:
        return str(year)
    last = spans.loc[region, "last"]
    return str(year) if last == year else f"{year}–{last}"


def figure_text(value: float, bound: str = "exact", lang: Lang = "en") -> str:
    """Return a figure with its bound, as exact as it was given.

    Examples
    --------
    >>> figure_text(1000, "more_than"), figure_text(1.06, "about", "ru"), figure_text(float("nan"))
    ('>1,000', '≈1,06', '–')
    """
    if value != value:
        return "–"
    digits = next((k for k in (0, 1, 2) if abs(value - round(value, k)) < 1e-9), 2)
    sign = {"exact": "", "about": "≈", "more_than": ">", "less_than": "<"}[bound]
    return sign + number(value, digits, lang)


def listed(names: Iterable[str], lang: Lang = "en") -> str:
    """Return names as a list in prose; "none" for none.

    Examples
    --------
    >>> listed(["a", "b", "c"]), listed(["а", "б"], "ru"), listed([])
    ('a, b and c', 'а и б', 'none')
    """
    found = list(names)
    if len(found) < 2:
        return found[0] if found else NONE[lang]
    return f"{', '.join(found[:-1])} {word('and', lang)} {found[-1]}"


def foot(as_of: date, lang: Lang, *, n: int | None = None, notes: Sequence[str] = ()) -> str:
    """Return the source line of a figure of valleys: register, date, number of valleys, notes.

    Examples
    --------
    >>> foot(date(2026, 11, 25), "en", n=11)[-49:]
    'As of 25 November 2026. Valleys (216-FZ): n = 11.'
    """
    parts = [word("as_of", lang, day=day_text(as_of, lang))]
    if n is not None:
        parts.append(word("n_valleys", lang, n=n))
    return source_text(lang, source=word("register_source", lang), notes=[*parts, *notes])


def by_decree(steps: pd.DataFrame, valleys: Iterable[str]) -> list[str]:
    """Return ids sorted by the day of the decree, the oldest first."""
    days = steps.xs("decree", level="step")["shown"]
    return sorted(valleys, key=lambda valley: days[valley])


def region_names(entry: Any, lang: Lang, names: Mapping[str, str]) -> str:
    """Return the regions of an entry's sites in their order, each once."""
    return ", ".join(dict.fromkeys(names[site.region] for site in entry.sites))


def law_name(law: str, lang: Lang = "en") -> str:
    """Return the law of a regime as the language writes it.

    Examples
    --------
    >>> law_name("216-FZ"), law_name("216-FZ", "ru"), law_name("order of 2017", "ru")
    ('216-FZ', '216-ФЗ', 'распоряжение 2017 года')
    """
    written = law.replace("-FZ", "-ФЗ") if lang == "ru" else law
    return word.known(f"law_{law}", written, lang)

"""Words of the figures of impact: what was estimated, per what, and numbers as prose has them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter

from valley_analysis.charts.phrases import Phrasebook
from valley_analysis.charts.style import source_text
from valley_analysis.frames import Scope
from valley_analysis.impact.results import MARKS, EffectResult, Status
from valley_analysis.text import Lang, capital, number, short_day, signed, small

word = Phrasebook(Path(__file__).with_name("impact_phrases.yml"))
"""Phrases of the figures of impact."""
_SMALLEST = 1e-12
_MOST = 1e4
"""Per cent beyond which a change is told as "more than" it: logarithms do not carry farther."""


@dataclass(frozen=True)
class About:
    """What a reader is told of an estimate, in the reader's language, beside the result itself.

    Attributes
    ----------
    outcome, exposure
        Their names; no exposure for estimates that are not per unit of one.
    unit
        Of the outcome: "%", "people"; per cent where `percent` is set.
    iqr
        Interquartile range of the exposure: effects per unit are multiplied by it.
    percent
        The outcome is a logarithm (or the model Poisson): effects are drawn as 100 (exp(b) - 1).
    since
        First period of the wave.
    periods
        First and last period, where the result does not say.
    scope, source, notes
        For the line below a figure.
    names
        Column, unit or sector -> what it is called; regions have names without it.

    Examples
    --------
    >>> round(float(About("R&D staff", "imports", iqr=0.5, percent=True).effect(-0.2)), 2)
    -9.52
    """

    outcome: str
    exposure: str = ""
    unit: str = ""
    iqr: float | None = None
    percent: bool = False
    since: Any = None
    periods: tuple[Any, Any] | None = None
    scope: Scope | None = None
    source: str | None = None
    notes: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)

    def effect(self, values: Any, per_iqr: bool = False) -> Any:
        """Return estimates as they are drawn; `per_iqr` where they are so already."""
        scale = 1.0 if per_iqr or self.iqr is None else self.iqr
        moved = np.multiply(values, scale)
        if not self.percent:
            return moved
        # An interval without an end stays so: minus infinity is not minus 100 per cent.
        with np.errstate(over="ignore"):
            return np.where(np.isinf(moved), moved, 100 * np.expm1(moved))

    def error(self, se: Any, estimate: Any) -> Any:
        """Return standard errors on the scale of the figures; per cent by the delta method."""
        moved = np.multiply(se, 1.0 if self.iqr is None else self.iqr)
        if not self.percent:
            return moved
        return moved * (100 + self.effect(estimate))

    def told(self, value: float, lang: Lang, per_iqr: bool = False, sign: bool = True) -> str:
        """Return an estimate in words: "−3.2 %", "+0.4 pp"."""
        printed = self.figure(float(self.effect(value, per_iqr)), lang, sign=sign)
        unit = "%" if self.percent else self.unit
        return f"{printed}\u00a0{unit}" if unit else printed

    def magnitude(self, value: float, lang: Lang) -> str:
        """Return the size of an estimate, for words that say its direction: "fell by 3.2 %"."""
        drawn = abs(float(self.effect(value)))
        unit = "%" if self.percent else self.unit
        return f"{self.figure(drawn, lang)}\u00a0{unit}" if unit else self.figure(drawn, lang)

    def figure(self, drawn: float, lang: Lang, sign: bool = False) -> str:
        """Return an effect that is on the scale of the figures already; per cent to a tenth."""
        if not self.percent or not np.isfinite(drawn):
            return compact(drawn, lang, sign=sign)
        if drawn > _MOST:
            return f">\u00a0{number(_MOST, 0, lang)}"
        if round(drawn, 1) <= -100:
            return f"<\u00a0{number(-99.9, 1, lang)}"
        return (signed if sign else number)(drawn, 1 if abs(drawn) >= 1 else 2, lang)

    def unit_text(self, lang: Lang) -> str:
        """Return the unit of an effect."""
        return "%" if self.percent else self.unit or word("unit_of_outcome", lang)

    def per(self, lang: Lang, per_iqr: bool = False) -> str:
        """Return per what an effect is: the interquartile range, or a unit, of exposure."""
        if not self.exposure:
            return ""
        if self.iqr is not None:
            return word("per_iqr_of", lang, iqr=compact(self.iqr, lang))
        return word("per_iqr" if per_iqr else "per_unit", lang)

    def axis(self, lang: Lang, per_iqr: bool = False) -> str:
        """Return the label of an axis of effects."""
        return ", ".join(filter(None, (self.unit_text(lang), self.per(lang, per_iqr))))

    def subject(self, lang: Lang) -> str:
        """Return outcome and exposure in one line."""
        outcome = capital(self.outcome)
        if not self.exposure:
            return outcome
        return word("outcome_by_exposure", lang, outcome=outcome, exposure=small(self.exposure))


def about_of(result: EffectResult, about: About | None) -> About:
    """Return what the caller says, or the names that the result itself has."""
    return About(result.outcome) if about is None else about


def compact(value: float, lang: Lang = "en", *, sign: bool = False) -> str:
    """Return a number to three significant digits, with a true minus.

    Examples
    --------
    >>> compact(-0.01234), compact(1234.5), compact(0.5, "ru", sign=True), compact(float("inf"))
    ('−0.0123', '1,234', '+0,5', '∞')
    """
    if value != value:
        return "–"
    size = abs(value)
    whole = size < _SMALLEST or np.isinf(size)
    digits = 0 if whole else int(np.clip(2 - np.floor(np.log10(size)), 0, 6))
    printed = (signed if sign else number)(value, digits, lang)
    point = "," if lang == "ru" else "."
    if digits:
        printed = printed.rstrip("0").rstrip(point)
    return printed


def p_text(value: float, lang: Lang = "en") -> str:
    """Return a p-value as prose has it.

    Examples
    --------
    >>> print(p_text(0.0317), p_text(0.0001, "ru"), p_text(float("nan")), sep="; ")
    p = 0.032; p < 0,001; p –
    """
    bare = p_cell(value, lang)
    return f"p\u00a0{bare}" if bare[0] in "<–" else f"p\u00a0=\u00a0{bare}"


def p_cell(value: float, lang: Lang = "en") -> str:
    """Return a p-value as a column of them has it.

    Examples
    --------
    >>> print(p_cell(0.0317), p_cell(0.0001, "ru"), p_cell(float("nan")), sep="; ")
    0.032; < 0,001; –
    """
    if value != value:
        return "–"
    return f"<\u00a0{number(0.001, 3, lang)}" if value < 0.001 else number(value, 3, lang)


def period_text(value: Any, lang: Lang = "en") -> str:
    """Return a period: a year as it is, a date without its hours.

    Examples
    --------
    >>> period_text(2014), period_text(2014.0), period_text(date(2014, 3, 1), "ru")
    ('2014', '2014', '01.03.2014')
    """
    if isinstance(value, datetime | date):
        return short_day(value, lang)
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def interval_text(
    low: float, high: float, level: float, about: About, lang: Lang, per_iqr: bool = False
) -> str:
    """Return an interval in words; that there is none, where there is none."""
    share = number(100 * level, 0, lang)
    if low != low and high != high:
        return word("no_interval", lang)
    ends = (about.figure(float(about.effect(end, per_iqr)), lang) for end in (low, high))
    return word("interval", lang, level=share, low=next(ends), high=next(ends))


def estimate_text(result: EffectResult, about: About, lang: Lang, term: str = "") -> str:
    """Return an estimate with interval and p-value in words; nothing if there is no headline."""
    row = term or result.headline
    if not row:
        return ""
    found = result.table.loc[row]
    interval = interval_text(found["low"], found["high"], result.level, about, lang)
    told = about.told(found["estimate"], lang)
    return f"{told} ({interval}; {p_text(found['p_value'], lang)})"


def status_text(status: Status, lang: Lang = "en") -> str:
    """Return the status of a check as a sign and a word.

    Examples
    --------
    >>> status_text("passed"), status_text("failed", "ru")
    ('✓ passed', '✗ не пройдена')
    """
    return f"{MARKS[status]} {word(f'status_{status}', lang)}"


def size_text(result: EffectResult, about: About, lang: Lang) -> str:
    """Return how many observations, units and periods went in."""
    return word(
        "size" if result.n_units > 1 else "size_of_one",
        lang,
        n=number(result.n_obs, 0, lang),
        units=number(result.n_units, 0, lang),
        periods=span_text(result, about, lang),
    )


def span_text(result: EffectResult, about: About, lang: Lang) -> str:
    """Return first and last period, or else their number."""
    ends = about.periods
    if ends is None and "period" in result.table:
        known = [value for value in result.table["period"].dropna() if not isinstance(value, str)]
        if known and result.method == "event_study":
            ends = min(known), max(known)
    if ends is None:
        return word("n_periods", lang, n=result.n_periods)
    return word("from_to", lang, first=period_text(ends[0], lang), last=period_text(ends[1], lang))


def foot(
    about: About, lang: Lang, *, result: EffectResult | None = None, notes: Sequence[str] = ()
) -> str:
    """Return the line below a figure: source, scope, size, notes."""
    size = [size_text(result, about, lang)] if result is not None else []
    own = [*size, *notes, *about.notes]
    return source_text(lang, scope=about.scope, source=about.source, notes=own)


def print_numbers(axis: Axis, lang: Lang, sign: bool = False) -> None:
    """Print the ticks of an axis, whose limits are final, as the language has numbers."""
    low, high = sorted(axis.get_view_interval())
    places = [tick for tick in axis.get_majorticklocs() if low <= tick <= high]
    step = min(np.diff(places), default=1.0)
    digits = int(np.clip(np.ceil(-np.log10(max(step, 1e-9)) - 1e-6), 0, 6))
    if not np.isclose(step * 10**digits, round(step * 10**digits)):
        digits += 1

    def printed(value: float, _: object = None) -> str:
        value = 0.0 if abs(value) < step * 1e-6 else value
        return (signed if sign else number)(value, digits, lang)

    axis.set_major_formatter(FuncFormatter(printed))


def print_periods(
    axis: Axis, places: Sequence[float], periods: Sequence[Any], lang: Lang, most: int = 9
) -> None:
    """Print periods below their places, only every second or third where they are many."""
    step = max(1, -(-len(places) // most))
    kept = range(len(places) - 1, -1, -step)
    labels = [period_text(periods[k], lang) for k in kept]
    axis.set_ticks([places[k] for k in kept], labels)

"""Which outcomes can be looked at for which wave: years before and after, from the data."""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Literal

import pandas as pd

from valley_analysis.bilingual import Bilingual
from valley_analysis.errors import DesignError, FrameError
from valley_analysis.frames import Scope
from valley_analysis.registers import check_register, read_yaml
from valley_analysis.sanctions.waves import Wave
from valley_analysis.text import Lang, check_lang

TEXTS = Path(__file__).with_name("availability.yml")
COLUMNS = (
    *("outcome", "wave", "method", "first", "last", "pre_years", "post_years"),
    *("part_treated", "label", "units_pre", "units_post"),
)
Label = Literal["none", "first_year_change", "post_years"]


def availability(
    series: pd.DataFrame,
    outcomes: Iterable[str],
    waves: Mapping[int, Wave],
    scope: Scope,
    *,
    least: float = 0.5,
) -> pd.DataFrame:
    """Return, for each outcome and wave, which years the data have.

    A year counts if at least the share `least` of the units have a value. Years before and
    after must be of one method, since methods never pool: of several the one with the most
    years after the wave is taken, then the one with the most before.

    Parameters
    ----------
    series
        Tidy series: columns region, period, series, value, and method where there are several.
    outcomes
        Series ids.
    waves
        As `sanctions.waves()` gives them.
    scope
        Units that are counted.
    least
        Share of units from which on a year counts.

    Returns
    -------
    DataFrame
        One row an outcome and wave: ``method``; ``first`` and ``last`` year of it that counts;
        ``pre_years`` and ``post_years`` (their number; the part-treated year is a post-year);
        ``part_treated`` (those of the post-years that the wave covers in part, as a tuple);
        ``label``: "none", "first_year_change" (one post-year) or "post_years"; ``units_pre``,
        ``units_post``: the smallest number of units with a value in those years.

    Raises
    ------
    FrameError
        If a column is missing.
    DesignError
        If an outcome is no series of the frame.

    Examples
    --------
    >>> from valley_analysis.sanctions.waves import waves
    >>> rows = [(year, "rd_staff", 1.0) for year in range(2010, 2025)]
    >>> rows += [(year, "patents", 1.0) for year in range(2010, 2023)]
    >>> tidy = pd.DataFrame(rows, columns=["period", "series", "value"]).assign(region="RU-TUL")
    >>> one = Scope("one", ("RU-TUL",))
    >>> table = availability(tidy, ["rd_staff", "patents"], {2022: waves()[2022]}, one)
    >>> table[["outcome", "pre_years", "post_years", "label"]].values.tolist()
    [['rd_staff', 12, 3, 'post_years'], ['patents', 12, 1, 'first_year_change']]
    """
    outcomes = list(outcomes)
    missing = [one for one in ("region", "period", "series", "value") if one not in series]
    if missing:
        raise FrameError("series", [f"no column {', '.join(missing)}"], "pass a tidy frame")
    known = set(series["series"].astype(str).unique())
    unknown = [name for name in outcomes if name not in known]
    if unknown:
        raise DesignError(
            "outcomes",
            [f"no series {name!r} in the frame" for name in unknown],
            "use ids of panel/series.yml",
        )
    counts = _counts(series, outcomes, scope)
    rows = [
        (outcome, wave.id, *_row(counts[counts["series"] == outcome], wave, least * len(scope)))
        for outcome in outcomes
        for wave in waves.values()
    ]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    numbers = ["first", "last", "units_pre", "units_post"]
    return table.astype(dict.fromkeys(numbers, "Int64"))


def _counts(series: pd.DataFrame, outcomes: list[str], scope: Scope) -> pd.DataFrame:
    """Units with a value by series, method and period."""
    rows = series[series["series"].isin(outcomes) & series["region"].isin(scope.units)]
    rows = rows.dropna(subset=["value"])
    rows = rows.assign(
        series=rows["series"].astype(str),
        region=rows["region"].astype(str),
        method=rows["method"].astype(str) if "method" in rows else "",
    )
    counted = rows.groupby(["series", "method", "period"])["region"].nunique()
    return counted.rename("units").reset_index()


def _row(
    counts: pd.DataFrame, wave: Wave, least: float
) -> tuple[str, int | None, int | None, int, int, tuple[int, ...], Label, int | None, int | None]:
    """Everything about one outcome and wave after their names."""
    enough = counts[counts["units"] >= least]
    best = max(
        (_of_method(method, rows, wave) for method, rows in enough.groupby("method")),
        key=lambda found: (len(found[2]), len(found[1])) if len(found[1]) else (-1, 0),
        default=("", *(pd.Series(dtype=int),) * 3),
    )
    method, pre, post, units = best
    if pre.empty:
        post = pre
    years = sorted([*pre, *post])
    count = len(post)
    label: Label = "post_years" if count > 1 else "first_year_change" if count else "none"
    return (
        str(method),
        min(years, default=None),
        max(years, default=None),
        len(pre),
        count,
        tuple(year for year in wave.part_treated if year in set(post)),
        label,
        int(units[pre].min()) if len(pre) else None,
        int(units[post].min()) if count else None,
    )


def _of_method(
    method: object, rows: pd.DataFrame, wave: Wave
) -> tuple[object, pd.Series, pd.Series, pd.Series]:
    """A method with its years before the wave, its post-years, and units by year."""
    periods = rows["period"].astype(int)
    pre = periods[periods < wave.first_treated]
    post = periods[periods.isin(wave.post)]
    return method, pre, post, pd.Series(rows["units"].to_numpy(), index=periods.to_numpy())


@cache
def _texts() -> dict[Label, Bilingual]:
    return check_register(read_yaml(TEXTS), dict[Label, Bilingual], TEXTS.name)


def availability_label(label: Label, post_years: int, lang: Lang = "en") -> str:
    """Return a label of the table in words.

    Parameters
    ----------
    label
        Key from the table.
    post_years
        How many there are.
    lang
        Language.

    Examples
    --------
    >>> availability_label("post_years", 3), availability_label("none", 0, "ru")
    ('3 post-years', 'нет')
    """
    check_lang(lang)
    return _texts()[label][lang].format(n=post_years)

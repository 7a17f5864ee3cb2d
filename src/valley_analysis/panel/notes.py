"""What stands beside figures in the audit: units, what is late, where the territory changed."""

import itertools

import pandas as pd

from valley_analysis.panel.describe import series_labels, series_units
from valley_analysis.panel.plain import plain
from valley_analysis.panel.series import is_share, load_series
from valley_analysis.text import Lang, check_lang, signed

_POINTS = {"en": "pp", "ru": "п. п."}


def with_units(table: pd.DataFrame, lang: Lang = "en", digits: int = 1) -> pd.DataFrame:
    """Add the unit to a table of series, and what each change is: per cent, or points of a share.

    Parameters
    ----------
    table
        With the column series, and old and new values if it holds changes.
    lang
        Language of the units.
    digits
        Decimals of the changes.

    Returns
    -------
    The table with the column unit, and change_told (text: "+6.1 pp", "−5.5 %") where it has
    change_percent.

    Examples
    --------
    >>> rows = {"series": ["wage", "unemployment_rate"], "value_old": [200.0, 5.5]}
    >>> rows |= {"value_new": [210.0, 5.2], "change_percent": [5.0, -5.5]}
    >>> with_units(pd.DataFrame(rows))["change_told"].tolist()
    ['+5.0 %', '−0.3 pp']
    """
    chosen = check_lang(lang)
    table = table.assign(unit=table["series"].map(series_units(chosen)))
    if "change_percent" not in table:
        return table
    new, old = ("new_value", "old_value") if "new_value" in table else ("value_new", "value_old")
    told = [
        f"{signed(after - before, digits, chosen)} {_POINTS[chosen]}"
        if is_share(series)
        else f"{signed(percent, digits, chosen)} %"
        for series, before, after, percent in zip(
            *(table[name] for name in ("series", old, new, "change_percent")), strict=True
        )
    ]
    return table.assign(change_told=told)


def awaited_series(lang: Lang = "en") -> dict[str, int]:
    """Return the series whose newest period the release could not hold yet: name -> period.

    Examples
    --------
    >>> awaited_series()["Gross regional product"]
    2022
    """
    register, labels = load_series(), series_labels(lang)
    return {label: found for name, label in labels.items() if (found := register[name].awaited)}


def wider_from(latest: pd.DataFrame) -> dict[str, int]:
    """Return from which period the total of an additive series counts Crimea and Sevastopol.

    Parameters
    ----------
    latest
        One row a cell and method.
    """
    rows = plain(latest[latest["region"].isin(["UA-40", "UA-43"])]).dropna(subset=["value"])
    first = rows.groupby("series")["period"].min()
    return {name: int(first[name]) for name in first.index if load_series()[name].additive}


def exceptions(covered: pd.DataFrame, full: int) -> pd.DataFrame:
    """List the periods in which not all units have a value.

    Parameters
    ----------
    covered
        Units with a value: indicators down, periods across (`indicators.indicator_coverage`).
    full
        How many units there are.

    Returns
    -------
    Columns indicator, missing (periods and counts as text, neighbouring periods with one count
    together), least (the smallest count); only indicators with such a period.

    Examples
    --------
    >>> table = pd.DataFrame([[83, 81, 81, 0]], index=["a"], columns=[2019, 2020, 2021, 2022])
    >>> exceptions(table, 83)["missing"].tolist()
    ['2020–2021: 81; 2022: 0']
    """
    found = []
    for name, counts in covered.iterrows():
        texts = []
        for count, run in itertools.groupby(counts.items(), key=lambda item: item[1]):
            periods = [period for period, _ in run]
            if count < full:
                span = f"{periods[0]}–{periods[-1]}" if len(periods) > 1 else f"{periods[0]}"
                texts.append(f"{span}: {int(count)}")
        if texts:
            row = {"indicator": name, "missing": "; ".join(texts), "least": int(counts.min())}
            found.append(row)
    return pd.DataFrame(found, columns=["indicator", "missing", "least"])

"""Difference in differences on repeated cross-sections: other units each period, the same groups.

Wooldridge (2010), Econometric Analysis of Cross Section and Panel Data, 2nd ed., section 6.5;
errors by group after Bertrand, Duflo and Mullainathan (2004), Quarterly Journal of Economics 119.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from valley_analysis.errors import DesignError
from valley_analysis.gate import number_problems
from valley_analysis.impact.design import listed, plain
from valley_analysis.impact.did import summarised
from valley_analysis.impact.entry import entry
from valley_analysis.impact.event_study import SCALE
from valley_analysis.impact.panel_fit import Family, fit_two_way, left_out
from valley_analysis.impact.results import EffectResult

_SHOWN = 5


@entry
def repeated_cross_sections(
    frame: pd.DataFrame,
    *,
    group: str,
    period: str,
    outcome: str,
    exposure: str,
    since: Any,
    covariates: Sequence[str] | str = (),
    weights: str | None = None,
    cluster: str | None = None,
    family: Family = "gaussian",
    level: float = 0.95,
) -> EffectResult:
    """Estimate one effect of a group's exposure where rows are units seen once.

    Firms or persons are drawn anew each period, in any number a group and period; groups
    (regions) stay. Effects of group and period, errors clustered by group.

    Parameters
    ----------
    frame
        One row a unit; groups and periods may hold any number of rows, also none.
    group, period, outcome
        Columns.
    exposure
        Column with one value a group.
    since
        First treated period.
    covariates
        Columns of units, entering as they are. They must not be outcomes of the exposure.
    weights
        Column, such as sampling weights.
    cluster
        Column of which every group has one value; by default the group.
    family, level
        As in `difference_in_differences`.

    Returns
    -------
    EffectResult
        The row ``<exposure> x since``; `n_units` counts groups.

    Raises
    ------
    DesignError
        With everything that is wrong with columns, groups and periods.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> region, year = rng.integers(20, size=900), rng.integers(4, size=900)
    >>> rows = pd.DataFrame({"region": region, "year": year, "x": region / 20})
    >>> rows["y"] = region + year + 2 * rows.x * (year >= 2) + rng.normal(0, 0.1, 900)
    >>> found = repeated_cross_sections(rows, group="region", period="year", outcome="y",
    ...                                 exposure="x", since=2)
    >>> round(found.estimate, 1), found.n_units, found.n_obs
    (2.0, 20, 900)
    """
    columns = listed(covariates)
    numbers = [outcome, exposure, *columns, *([weights] if weights else [])]
    keys = [group, period, *([cluster] if cluster else [])]
    used = _used(frame, keys, numbers)
    problems = [*_constant(used, group, exposure, cluster), *_span(used, period, since)]
    if len({outcome, exposure, *columns}) < 2 + len(columns):
        problems.append(f"column {outcome!r} or {exposure!r}: stands twice in the model")
    if weights and (used[weights] < 0).any():
        problems.append(f"column {weights!r}: a weight below zero")
    if problems:
        raise DesignError(f"outcome {outcome!r}", problems, "change the design or the rows")
    name = f"{exposure} x {since}"
    after = used[exposure].where(used[period] >= since, 0.0).astype(float).rename(name)
    terms = pd.concat([after, used[list(columns)].astype(float)], axis=1)
    fit = fit_two_way(
        used,
        terms,
        unit=group,
        period=period,
        outcome=outcome,
        weights=weights,
        cluster=cluster,
        family=family,
    )
    beside = f", conditional on {', '.join(columns)}" if columns else ""
    return summarised(
        fit,
        [name, *columns],
        method="repeated_cross_sections",
        outcome=outcome,
        estimand=(
            f"change in {outcome} of units from {since} on per unit of their {group}'s {exposure}"
            f"{beside}, {SCALE[family]}"
        ),
        cluster=cluster or group,
        level=level,
        notes=(
            f"Units of a {group} are assumed to be drawn alike before and from {since} on: a "
            "change of who is observed would pass for an effect.",
            *left_out(frame, used),
        ),
    )


def _used(frame: pd.DataFrame, keys: list[str], numbers: list[str]) -> pd.DataFrame:
    problems = [
        f"no column {name!r}; found {', '.join(map(str, frame.columns))}"
        for name in dict.fromkeys([*keys, *numbers])
        if name not in frame
    ]
    if not problems:
        problems = [p for name in dict.fromkeys(numbers) for p in _number(frame[name])]
        problems += [
            f"column {name!r}: {frame[name].isna().sum()} rows have none"
            for name in keys
            if frame[name].isna().any()
        ]
    if problems:
        raise DesignError("the frame", problems, "name columns of your frame, complete and numeric")
    columns = list(dict.fromkeys([*keys, *numbers]))
    return frame[columns].dropna().reset_index(drop=True)


def _number(column: pd.Series) -> Iterator[str]:
    if column.isna().all():
        yield f"column {column.name!r}: no row has a value"
    else:
        yield from number_problems(column.to_frame(), [str(column.name)])


def _constant(used: pd.DataFrame, group: str, exposure: str, cluster: str | None) -> Iterator[str]:
    for column in (exposure, *([cluster] if cluster else [])):
        varied = used.groupby(group)[column].nunique()
        for one in varied.index[varied > 1][:_SHOWN]:
            yield (
                f"column {column!r}, {group} {plain(one)!r}: {varied[one]} values; "
                f"expected one a {group}"
            )
    if len(used.groupby(group)[exposure].first().unique()) < 2:
        yield f"column {exposure!r}: the same for every {group}"
    if cluster and len(used[cluster].unique()) < 2:
        yield f"column {cluster!r}: one cluster only"


def _span(used: pd.DataFrame, period: str, since: Any) -> Iterator[str]:
    try:
        late = used[period] >= since
    except TypeError:
        yield f"column {period!r} holds {used[period].dtype}; since is {since!r}"
        return
    if late.all() or not late.any():
        found = ", ".join(map(str, sorted(used[period].unique())))
        yield f"column {period!r}: needs periods before and from {since} on; found {found}"

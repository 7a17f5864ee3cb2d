"""The parts of a shift-share variable as a caller brings them: made plain, or refused."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from valley_analysis.errors import DesignError
from valley_analysis.gate import label_problems, number_problems, plain_column, plain_frame

NEXT = "give every sector a share and a shock"
_SHOWN = 5


def plain_parts(
    shares: pd.DataFrame,
    shocks: "Mapping[str, float] | pd.Series[float]",
    clusters: "Mapping[str, object] | pd.Series[str] | None",
) -> "tuple[pd.DataFrame, pd.Series[float], pd.Series[str] | None]":
    """Return shares, shocks and clusters as plain numbers and labels.

    Parameters
    ----------
    shares
        Units x sectors.
    shocks, clusters
        By sector: a series or a mapping.

    Raises
    ------
    DesignError
        If one of them is something else, or a label is none, is missing or stands twice.

    Examples
    --------
    >>> shares = pd.DataFrame({"it": [0.5]}, ["Tula"])
    >>> plain_parts(shares, {"it": 2}, None)[1].tolist()
    [2]
    """
    problems = [
        f"{name}: a {type(value).__name__}; expected one value a sector, as a Series or mapping"
        for name, value in (("shocks", shocks), ("clusters", clusters))
        if not isinstance(value, Mapping | pd.Series) and not (name == "clusters" and value is None)
    ]
    if problems:
        raise DesignError("shares and shocks", problems, NEXT)
    table = plain_frame(shares, "shares").set_axis(shares.index)
    moved = plain_column(pd.Series(shocks)).rename("shocks")
    groups = None if clusters is None else plain_column(pd.Series(clusters)).rename("clusters")
    finite = moved.where(~np.isinf(moved)) if moved.dtype.kind == "f" else moved
    problems += number_problems(finite.reset_index(drop=True).to_frame(), ["shocks"])
    for what, labels in (
        ("units of the shares", table.index),
        ("sectors of the shares", table.columns),
        ("sectors of the shocks", moved.index),
        ("clusters", groups if groups is not None else ()),
    ):
        named = pd.Series(list(labels)).to_frame(what)
        problems += label_problems(named, [what])
        if what != "clusters" and named[what].isna().any():
            problems.append(f"{what}: one without a name")
    if groups is not None and groups.index.has_duplicates:
        again = groups.index[groups.index.duplicated()][0]
        problems.append(f"clusters, sector {again!r}: stands more than once")
    if problems:
        raise DesignError("shares and shocks", problems, NEXT)
    return table, moved, groups


def share_problems(
    shares: pd.DataFrame,
    shocks: "pd.Series[float]",
    clusters: "Mapping[str, object] | pd.Series[str] | None",
) -> Iterator[str]:
    """Yield what keeps shares, shocks and clusters from going together.

    Parameters
    ----------
    shares, shocks, clusters
        As `plain_parts` returns them.
    """
    for what, index in (("unit", shares.index), ("sector", shares.columns)):
        for name in index[index.duplicated()].unique()[:_SHOWN]:
            yield f"shares, {what} {name!r}: stands more than once"
    for name in shocks.index[shocks.index.duplicated()].unique()[:_SHOWN]:
        yield f"shocks, sector {name!r}: stands more than once"
    for name in shares.columns.difference(shocks.index)[:_SHOWN]:
        yield f"sector {name!r}: has shares and no shock"
    for name in shocks.index.difference(shares.columns)[:_SHOWN]:
        yield f"sector {name!r}: has a shock and no shares"
    table = shares.apply(lambda one: one if one.dtype.kind in "biuf" else one.map(lambda _: np.nan))
    table = table.astype(float)
    for name in table.columns[~np.isfinite(table.to_numpy(float)).all(axis=0)][:_SHOWN]:
        yield f"shares, sector {name!r}: a share is missing or no number"
    for name in table.columns[(table < 0).any()][:_SHOWN]:
        yield f"shares, sector {name!r}: a share below zero, unit {table[name].idxmin()!r}"
    sums = table.sum(axis=1)
    for name in sums.index[sums > 1 + 1e-6][:_SHOWN]:
        yield f"shares, unit {name!r}: sum to {sums.loc[[name]].iloc[0]:.4g}; expected one at most"
    for name in shocks.index[~np.isfinite(pd.to_numeric(shocks, errors="coerce"))][:_SHOWN]:
        yield f"shocks, sector {name!r}: missing or no number"
    if clusters is not None:
        known = pd.Series(clusters).dropna()
        for name in shares.columns.difference(known.index)[:_SHOWN]:
            yield f"clusters, sector {name!r}: in none"

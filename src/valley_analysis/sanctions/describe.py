"""What an exposure goes together with: correlates with intervals, waves compared, places."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from valley_analysis.errors import DesignError, FrameError
from valley_analysis.escape import paragraph
from valley_analysis.sanctions.exposure import ExposureResult
from valley_analysis.sanctions.exposure_spec import post_treatment

Floats = npt.NDArray[np.float64]
CHUNK = 500
LEAST = 5


@dataclass(frozen=True, eq=False)
class Correlates:
    """Rank correlations of an exposure.

    Attributes
    ----------
    table
        One row a candidate, the strongest first: ``n`` units with both, ``spearman``, ``low``
        and ``high`` of the bootstrap interval, ``apart`` (the interval leaves out zero).
        Missing where there are fewer than five units or no variation.
    level, replications, seed
        How the intervals were made.
    """

    table: pd.DataFrame
    level: float
    replications: int
    seed: int

    def _repr_html_(self) -> str:
        told = f"{self.level:.0%} percentile bootstrap over regions, {self.replications} draws"
        return paragraph(told) + self.table.to_html(float_format="{:.2f}".format)


def correlates(
    exposure: pd.Series,
    candidates: pd.DataFrame,
    *,
    seed: int = 0,
    replications: int = 1999,
    level: float = 0.95,
) -> Correlates:
    """Return Spearman correlations of an exposure with candidates, with bootstrap intervals.

    Regions are drawn with replacement; each candidate uses the regions that have both values.
    Flags (host of a valley, resource region) count as 0 and 1. The intervals are for one
    candidate each, not corrected for looking at many.

    Parameters
    ----------
    exposure
        By region.
    candidates
        Region x candidate, numbers or booleans.
    seed
        Of the draws.
    replications
        Number of draws.
    level
        Coverage of the intervals.

    Raises
    ------
    FrameError
        If a candidate is not numeric, or no region is in both.

    Examples
    --------
    >>> exposure = pd.Series(range(20), index=[f"r{n}" for n in range(20)], dtype=float)
    >>> found = correlates(exposure, pd.DataFrame({"same": exposure * 2, "flag": exposure > 9}))
    >>> found.table.round(2)["spearman"].to_dict()
    {'same': 1.0, 'flag': 0.87}
    """
    wrong = [
        f"column {name!r}: {candidates[name].dtype}; expected numbers or booleans"
        for name in candidates
        if not pd.api.types.is_numeric_dtype(candidates[name])
    ]
    shared = exposure.dropna().index.intersection(candidates.index)
    if shared.empty:
        wrong.append("no region has both an exposure and a row of candidates")
    if wrong:
        raise FrameError("candidates", wrong, "index both by region")
    rows = {}
    for number, name in enumerate(candidates.columns):
        pair = pd.DataFrame({"x": exposure, "y": candidates[name]}).loc[shared].dropna()
        generator = np.random.default_rng([seed, number])
        rows[name] = _interval(pair.astype(float).to_numpy(), generator, replications, level)
    columns = ["n", "spearman", "low", "high"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    table = table.astype({"n": int}).rename_axis("candidate")
    table["apart"] = (table["low"] > 0) | (table["high"] < 0)
    order = table["spearman"].abs().sort_values(ascending=False, kind="stable").index
    return Correlates(table.loc[order], level, replications, seed)


def _interval(
    pair: Floats, generator: np.random.Generator, replications: int, level: float
) -> tuple[int, float, float, float]:
    count = len(pair)
    if count < LEAST or np.ptp(pair, axis=0).min() == 0:
        return count, np.nan, np.nan, np.nan
    drawn = []
    for start in range(0, replications, CHUNK):
        size = min(CHUNK, replications - start)
        places = generator.integers(count, size=(size, count))
        drawn.append(_spearman(pair[places, 0], pair[places, 1]))
    tail = (1 - level) / 2
    # A draw in which a flag does not vary has no correlation and says nothing.
    low, high = np.nanquantile(np.concatenate(drawn), [tail, 1 - tail])
    return count, float(_spearman(pair[None, :, 0], pair[None, :, 1])[0]), float(low), float(high)


def _spearman(x: Floats, y: Floats) -> Floats:
    """Spearman correlation of each row."""
    one, other = (stats.rankdata(values, axis=1) for values in (x, y))
    one, other = (ranks - ranks.mean(axis=1, keepdims=True) for ranks in (one, other))
    spread = np.sqrt((one**2).sum(axis=1) * (other**2).sum(axis=1))
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation: Floats = np.where(spread > 0, (one * other).sum(axis=1) / spread, np.nan)
    return correlation


def compare_exposures(results: Mapping[str, ExposureResult]) -> pd.DataFrame:
    """Return how alike exposures are, pair by pair.

    Parameters
    ----------
    results
        Name -> exposure, for instance of two waves, or of the variants of one.

    Returns
    -------
    DataFrame
        One row a pair: ``one``, ``other``, ``n`` units ranked in both, ``spearman``,
        ``pearson`` (of quotients) and ``pearson_log`` (of logarithms of quotients above zero),
        ``largest_move`` in places and the ``mover``.

    Examples
    --------
    >>> compare_exposures({}).columns.tolist()[:4]
    ['one', 'other', 'n', 'spearman']
    """
    columns = ["one", "other", "n", "spearman", "pearson", "pearson_log", "largest_move", "mover"]
    names = list(results)
    rows = [
        (one, other, *_pair(results[one], results[other]))
        for place, one in enumerate(names)
        for other in names[place + 1 :]
    ]
    return pd.DataFrame(rows, columns=columns)


def _pair(one: ExposureResult, other: ExposureResult) -> tuple[int, float, float, float, int, str]:
    kept = [r.frame.loc[r.frame["percentile"].notna(), "quotient"] for r in (one, other)]
    both = pd.concat(kept, axis=1, keys=["one", "other"], join="inner")
    positive = np.log(both[(both > 0).all(axis=1)])
    places = both.rank(ascending=False, method="min")
    moves = (places["one"] - places["other"]).abs()
    return (
        len(both),
        float(both.corr("spearman").iloc[0, 1]),
        float(both.corr().iloc[0, 1]),
        float(positive.corr().iloc[0, 1]),
        int(moves.max()),
        str(moves.idxmax()),
    )


def places(result: ExposureResult, regions: Iterable[str]) -> pd.Series:
    """Return the places of some regions among all, the most exposed first.

    Parameters
    ----------
    result
        An exposure.
    regions
        Codes, such as the host regions of valleys.

    Raises
    ------
    DesignError
        If a region is no unit of the exposure's scope.

    Examples
    --------
    >>> from valley_analysis.frames import Scope
    >>> from valley_analysis.sanctions.exposure_spec import ExposureSpec
    >>> frame = pd.DataFrame({"place": [2, 1]}, index=["RU-TUL", "RU-KLU"])
    >>> spec, two = ExposureSpec("m_y", ("m",), "y", (2021,)), Scope("two", ("RU-TUL", "RU-KLU"))
    >>> places(ExposureResult(spec, two, frame, frame, frame), ["RU-TUL", "RU-KLU"]).to_dict()
    {'RU-KLU': 1, 'RU-TUL': 2}
    """
    wanted = list(dict.fromkeys(regions))
    strange = [code for code in wanted if code not in result.frame.index]
    if strange:
        raise DesignError(
            f"exposure {result.spec.id!r}",
            [f"{code} is no unit of scope {result.scope.name}" for code in strange],
            "use the scope's units (Arkhangelsk and Tyumen without okrugs)",
        )
    return result.frame.loc[wanted, "place"].sort_values()


def refuse_post_treatment(columns: Iterable[str]) -> None:
    """Raise if counts of listings are about to enter an estimate.

    Parameters
    ----------
    columns
        Names of what enters: exposure, controls, weights.

    Raises
    ------
    DesignError
        Naming every such column.

    Examples
    --------
    >>> refuse_post_treatment(["imports_far_grp"])
    """
    problems = list(post_treatment(tuple(columns)))
    if problems:
        raise DesignError("columns of the design", problems, "show them on a map instead")

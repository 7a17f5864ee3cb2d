"""How far two rankings agree on the units that both hold. Never a target to tune to."""

import math
from dataclasses import dataclass
from statistics import NormalDist

import pandas as pd

from valley_analysis.errors import FrameError, ValleyError
from valley_analysis.escape import paragraph
from valley_analysis.gate import number_problems, plain_frame
from valley_analysis.scoring.brought import numbers_of

MINIMUM = 4


@dataclass(frozen=True)
class Agreement:
    """Agreement of two rankings over the units that both hold.

    Attributes
    ----------
    n
        Units in common.
    spearman, kendall
        Rank correlations (Kendall's tau-b).
    low, high
        Interval of `spearman` at `level`.
    level
        Its confidence.
    table
        Units down: ours, theirs (places within the common set, ties share the smaller),
        difference (ours minus theirs), largest differences first.
    """

    n: int
    spearman: float
    kendall: float
    low: float
    high: float
    level: float
    table: pd.DataFrame

    def disagreements(self, top: int = 5) -> pd.DataFrame:
        """Return the units with the largest differences."""
        return self.table.head(top)

    def _repr_html_(self) -> str:
        head = (
            f"n = {self.n}, Spearman {self.spearman:.2f} ({self.low:.2f} to {self.high:.2f}), "
            f"Kendall {self.kendall:.2f}"
        )
        return str(paragraph(head) + self.disagreements().to_html())


def rank_agreement(
    ours: "pd.Series[float]", theirs: "pd.Series[float]", level: float = 0.95
) -> Agreement:
    """Compare two rankings, re-ranked within the units that both hold.

    Parameters
    ----------
    ours, theirs
        Ranks by unit, 1 is best; missing values are left out.
    level
        Confidence of the interval.

    Raises
    ------
    FrameError
        If a ranking holds no numbers, or a unit twice.
    ValleyError
        If fewer than four units are in common, or the level is no share.

    Notes
    -----
    The interval transforms Spearman's coefficient to Fisher's z, with the standard error
    sqrt((1 + r² / 2) / (n - 3)) of Bonett and Wright (2000), which holds for coefficients up
    to about 0.95; beyond that, and for few units, it is a rough guide.

    Examples
    --------
    >>> ours = pd.Series({"a": 1, "b": 2, "c": 3, "d": 4, "e": 5})
    >>> theirs = pd.Series({"a": 10, "b": 30, "c": 20, "d": 40})
    >>> found = rank_agreement(ours, theirs)
    >>> found.n, found.spearman, round(found.kendall, 3)
    (4, 0.8, 0.667)
    """
    if not 0 < level < 1:
        raise ValleyError(f"level {level}; expected a share. Next step: pass one such as 0.95.")
    ours, theirs = (
        numbers_of(ranks, "rank_agreement", name).dropna()
        for name, ranks in (("ours", ours), ("theirs", theirs))
    )
    common = ours.index[ours.index.isin(theirs.index)]
    both = pd.DataFrame({"ours": ours[common], "theirs": theirs[common]})
    if len(both) < MINIMUM:
        raise ValleyError(
            f"{len(both)} units are in both rankings; expected {MINIMUM} or more. "
            "Next step: choose a rating that covers more of the scope."
        )
    places = both.rank(method="min")
    spearman, kendall = _correlations(places)
    low, high = _interval(spearman, len(places), level)
    places = places.astype(int)
    places["difference"] = places["ours"] - places["theirs"]
    order = places["difference"].abs().sort_values(ascending=False, kind="stable").index
    return Agreement(len(places), spearman, kendall, low, high, level, places.loc[order])


def rating_agreements(
    ranks: pd.DataFrame, places: pd.DataFrame, minimum: int = 6
) -> dict[tuple[str, int, int], Agreement]:
    """Compare editions of an index with the published places of other ratings.

    Parameters
    ----------
    ranks
        Units down, editions across.
    places
        Columns rating, year, region, rank; places without a year are left out.
    minimum
        Units in common for a comparison to be made at all.

    Returns
    -------
    By (rating, year of its data, edition it is compared with): the edition of that year, or
    the nearest one that `ranks` has. Comparisons with most units first.

    Raises
    ------
    FrameError
        With every column of `places` that is absent, twice or of a wrong kind.
    """
    places = plain_frame(places, "places", FrameError)
    lost = [name for name in ("rating", "year", "region", "rank") if list(places).count(name) != 1]
    problems = [f"column {name!r} stands {list(places).count(name)} times" for name in lost]
    problems += list(number_problems(places, [n for n in ("year", "rank") if n not in lost]))
    if not lost and places[["rating", "region"]].isna().to_numpy().any():
        row = int(places[["rating", "region"]].isna().any(axis=1).to_numpy().argmax())
        problems.append(f"row {row}: no rating or no region")
    if ranks.columns.empty:
        problems.append("ranks: no edition")
    if problems:
        raise FrameError("places", problems, "bring rating, year, region and rank, once each")
    found = {}
    for (rating, year), listed in places.dropna(subset=["year"]).groupby(["rating", "year"]):
        edition = min(ranks.columns, key=lambda period: (abs(period - year), period))
        theirs = listed.set_index("region")["rank"]
        common = theirs.index.intersection(ranks[edition].dropna().index)
        if len(common) >= max(minimum, MINIMUM):
            key = str(rating), int(year), int(edition)
            found[key] = rank_agreement(ranks[edition], theirs)
    return dict(sorted(found.items(), key=lambda item: -item[1].n))


def _correlations(places: pd.DataFrame) -> tuple[float, float]:
    from scipy.stats import kendalltau, spearmanr

    if (places.min() == places.max()).any():
        return math.nan, math.nan
    spearman = spearmanr(places["ours"], places["theirs"]).statistic
    kendall = kendalltau(places["ours"], places["theirs"]).statistic
    return round(float(spearman), 12), round(float(kendall), 12)


def _interval(spearman: float, n: int, level: float) -> tuple[float, float]:
    if math.isnan(spearman) or abs(spearman) == 1:
        return math.nan, math.nan
    z = NormalDist().inv_cdf(0.5 + level / 2)
    half = z * math.sqrt((1 + spearman**2 / 2) / (n - 3))
    middle = math.atanh(spearman)
    return math.tanh(middle - half), math.tanh(middle + half)

"""Regions rated on their valleys: context and progress side by side, and joined only openly."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from valley_analysis.errors import SpecError
from valley_analysis.escape import paragraph
from valley_analysis.valleys.intervals import interval_ranks
from valley_analysis.valleys.progress import ProgressResult

Several = Literal["furthest", "mean"]
SEVERAL: tuple[Several, ...] = get_args(Several)
QUADRANTS = ("leads", "carries", "latent", "needs")
"""Strong context and far; weak context and far; strong context, not far; weak, not far."""
OPEN = "open"
"""Where a region may lie on either side of an axis, or too little is known of it."""


_HALF = 50.0
_GROUND, _REACH = ("strong", "weak"), ("far", "near")
_CORNER = dict(zip([(g, r) for r in _REACH for g in _GROUND], QUADRANTS, strict=True))


@dataclass(frozen=True, eq=False)
class RatingResult:
    """Host regions on two axes, and the explicit blend of both.

    Attributes
    ----------
    weight
        Share of progress in the blend.
    several
        How a region with more than one valley is treated.
    hosts
        Host regions down, best context rank first: valleys (ids), context, context_rank (among
        all units of the index), context_low, context_high (ranks, nine replications in ten),
        progress_low, progress_high, evidence, ground ("strong", "weak" or "open"), reach ("far",
        "near" or "open"), quadrant (one of `QUADRANTS` or "open"), blend_low, blend_high,
        rank_best, rank_worst (places among hosts that the bounds allow; none under the
        threshold of evidence).
    context_middle, progress_middle
        Where the axes divide: the middle of the ranks of all units, and half of the scale.
    threshold
        Share of evidence under which nothing is said of how far a region's valley has come.
    """

    weight: float
    several: Several
    hosts: pd.DataFrame
    context_middle: float
    progress_middle: float
    threshold: float

    @property
    def known(self) -> "pd.Series[bool]":
        """Whether the evidence on a host reaches the threshold."""
        return self.hosts["evidence"] >= self.threshold

    def _repr_html_(self) -> str:
        return str(paragraph(f"weight of progress {self.weight:g}") + self.hosts.round(1).to_html())


def rate_regions(
    progress: ProgressResult,
    context: pd.DataFrame,
    links: pd.DataFrame,
    *,
    weight: float = 0.5,
    several: Several = "furthest",
) -> RatingResult:
    """Rate host regions on context and valley progress.

    Parameters
    ----------
    progress
        What `progress` returns.
    context
        Units of the index down: score and rank, score_low, score_high, rank_low, rank_high
        (the ``ranges`` of an `UncertaintyResult`).
    links
        What `links` returns under the chosen attribution rule.
    weight
        Share of progress in the blend, 0 to 1; the rest is the context score.
    several
        A region with two valleys takes the "furthest" one or their "mean", by the weight of each
        link. How far the furthest one is lies between the greater lower and the greater upper
        bound; its evidence is that of the valley proven to be further.

    Raises
    ------
    SpecError
        If the weight is not between 0 and 1, or a host is not among the units.

    Notes
    -----
    Units without a valley get no blend: on progress they have no value, not zero.

    A side of an axis is given only where the whole interval lies on it: context by the ranks of
    nine replications in ten, progress by its bounds. Under the threshold of evidence a region has
    neither a side of progress nor a place: a valley that says nothing could be anywhere, and must
    not gain a place by it.
    """
    problems = _problems(context, links, weight, several)
    if problems:
        raise SpecError("rating of regions", problems, "correct these settings")
    own = _own_progress(progress.scores, links, several)
    base = context.loc[own.index]
    hosts = own.assign(
        context=base["score"],
        context_rank=base["rank"],
        context_low=base["rank_low"],
        context_high=base["rank_high"],
        blend_low=weight * own["progress_low"] + (1 - weight) * base["score_low"],
        blend_high=weight * own["progress_high"] + (1 - weight) * base["score_high"],
    )
    middle = (int(context["rank"].count()) + 1) / 2
    known = hosts["evidence"] >= progress.spec.threshold
    hosts["ground"] = _side(hosts["context_high"] < middle, hosts["context_low"] > middle, _GROUND)
    hosts["reach"] = _side(
        known & (hosts["progress_low"] >= _HALF), known & (hosts["progress_high"] < _HALF), _REACH
    )
    hosts["quadrant"] = [_CORNER.get(sides, OPEN) for sides in zip(hosts["ground"], hosts["reach"],
                                                                    strict=True)]  # fmt: skip
    places = interval_ranks(hosts["blend_low"], hosts["blend_high"]).astype("Int64")
    hosts = hosts.join(places.where(known)).sort_values("context_rank", kind="stable")
    return RatingResult(
        weight, several, hosts.rename_axis("region"), middle, _HALF, progress.spec.threshold
    )


def _problems(context: pd.DataFrame, links: pd.DataFrame, weight: float, several: str) -> list[str]:
    problems = []
    if not 0 <= weight <= 1:
        problems.append(f"weight is {weight}; expected 0 to 1")
    if several not in SEVERAL:
        problems.append(f"several is {several!r}; expected one of {', '.join(SEVERAL)}")
    absent = sorted(set(links["region"]) - set(context.index))
    problems += [f"host {region} is not a unit of the index" for region in absent]
    return problems


def _own_progress(scores: pd.DataFrame, links: pd.DataFrame, several: Several) -> pd.DataFrame:
    found = links[links["valley"].isin(scores.index)]
    rows = {}
    for region, group in found.groupby("region", sort=False):
        own = scores.loc[group["valley"]]
        shares = group["weight"].to_numpy() / group["weight"].sum()
        if several == "furthest":
            told = own["low"].max(), own["high"].max(), own.loc[own["low"].idxmax(), "evidence"]
        else:
            told = tuple(shares @ own[name].to_numpy() for name in ("low", "high", "evidence"))
        names = ("progress_low", "progress_high", "evidence")
        rows[region] = {"valleys": " ".join(group["valley"])} | dict(
            zip(names, map(float, told), strict=True)
        )
    return pd.DataFrame(rows).T.infer_objects()


def _side(
    one: "pd.Series[bool]", other: "pd.Series[bool]", names: tuple[str, str]
) -> "pd.Series[str]":
    """The side on which the whole interval lies, or "open"."""
    return pd.Series(np.select([one, other], names, OPEN), one.index)

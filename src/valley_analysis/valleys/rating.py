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
        Host regions down, best middle of the blend first: valleys (ids), context, context_rank
        (among all units of the index), context_low, context_high (ranks, nine replications in
        ten), progress_low, progress_high, evidence, quadrant, quadrant_sure (whether it is the
        same at both ends of progress), blend_low, blend_high, rank_best, rank_worst (among
        hosts; what the bounds allow).
    context_middle, progress_middle
        Where the axes divide: the median of all units' context scores, and half of the scale.
    """

    weight: float
    several: Several
    hosts: pd.DataFrame
    context_middle: float
    progress_middle: float

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
        A region with two valleys takes the "furthest" one (greater middle) or their "mean",
        by the weight of each link.

    Raises
    ------
    SpecError
        If the weight is not between 0 and 1, or a host is not among the units.

    Notes
    -----
    Units without a valley get no blend: on progress they have no value, not zero.
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
    middle = float(context["score"].median())
    hosts["quadrant"], hosts["quadrant_sure"] = _quadrants(hosts, middle)
    hosts = hosts.join(interval_ranks(hosts["blend_low"], hosts["blend_high"]))
    order = (hosts["blend_low"] + hosts["blend_high"]).sort_values(ascending=False).index
    return RatingResult(weight, several, hosts.loc[order].rename_axis("region"), middle, 50.0)


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
        if several == "furthest":
            own = own.loc[[own["middle"].idxmax()]]
            shares = np.ones(1)
        else:
            shares = group["weight"].to_numpy() / group["weight"].sum()
        rows[region] = {
            "valleys": " ".join(group["valley"]),
            "progress_low": float(shares @ own["low"].to_numpy()),
            "progress_high": float(shares @ own["high"].to_numpy()),
            "evidence": float(shares @ own["evidence"].to_numpy()),
        }
    return pd.DataFrame(rows).T.infer_objects()


def _quadrants(hosts: pd.DataFrame, middle: float) -> tuple[list[str], list[bool]]:
    names, sure = [], []
    for row in hosts.itertuples():
        strong = row.context >= middle
        far = (row.progress_low + row.progress_high) / 2 >= 50
        names.append(("leads" if strong else "carries") if far else "latent" if strong else "needs")
        sure.append(bool(row.progress_low >= 50 or row.progress_high < 50))
    return names, sure

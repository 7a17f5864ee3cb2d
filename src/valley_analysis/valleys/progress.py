"""A bounded score of progress: from "unknown means worst" to "unknown means best"."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from valley_analysis.escape import paragraph
from valley_analysis.scoring import Structure, aggregate, rank
from valley_analysis.valleys.claims import claims_frame
from valley_analysis.valleys.intervals import interval_ranks
from valley_analysis.valleys.ladder import Ladder, ladder
from valley_analysis.valleys.progress_parts import material, parts_of
from valley_analysis.valleys.progress_spec import PILLARS, ProgressSpec
from valley_analysis.valleys.register import Register

STRUCTURE = Structure.from_groups(PILLARS, top="progress")
_BETWEEN = (0.05, 0.95)


@dataclass(frozen=True, eq=False)
class ProgressResult:
    """Progress of every valley, between bounds.

    Attributes
    ----------
    spec, ladder
        What was asked for, and the ladder that it rests on.
    scores
        Valleys down: low, high (0-100, unknown means worst and best), middle, evidence (share
        of the weight that rests on evidence), ranked, rank_best, rank_worst (places among the
        ranked that the bounds allow), rank_low, rank_high (places in nine of ten draws).
    low, high, evidence
        Valleys x indicators and pillars.
    """

    spec: ProgressSpec
    ladder: Ladder
    scores: pd.DataFrame
    low: pd.DataFrame
    high: pd.DataFrame
    evidence: pd.DataFrame

    @property
    def as_of(self) -> date:
        """The day."""
        return self.ladder.as_of

    def _repr_html_(self) -> str:
        return str(paragraph(f"progress as of {self.as_of}") + self.scores.round(1).to_html())


def progress(
    register: Register,
    as_of: date,
    spec: ProgressSpec | None = None,
    *,
    replications: int = 10_000,
    seed: int = 20260101,
) -> ProgressResult:
    """Score the progress of every innovation valley between bounds.

    Parameters
    ----------
    register
        What `load_register` returns; other regimes are left out.
    as_of
        What was known on that day.
    spec
        The judgements; `ProgressSpec()` by default.
    replications, seed
        Draws behind rank_low and rank_high: each indicator uniformly between its bounds,
        the weights of pillars uniformly on the simplex around the nominal ones.

    Notes
    -----
    Bounds are added up by the arithmetic means of the index engine (`scoring.aggregate`), so a
    valley's interval is that of the worst and the best case in everything at once. Ranks are
    given to valleys whose evidence reaches the threshold, and only as ranges.
    """
    spec = spec or ProgressSpec()
    known = material(ladder(register, as_of), claims_frame(register.valleys, as_of), spec)
    names = known.ladder.valleys
    parts = {valley: parts_of(valley, known) for valley in names}
    low, high, evidence = (
        _aggregated(
            pd.DataFrame(
                {k: {n: getattr(b, field) for n, b in v.items()} for k, v in parts.items()}
            ).T,
            spec,
        )
        for field in ("low", "high", "evidence")
    )
    scores = _scores(low["progress"], high["progress"], evidence["progress"], spec)
    drawn = _drawn_ranks(low, high, scores["ranked"], spec, replications, seed)
    return ProgressResult(spec, known.ladder, scores.join(drawn), low, high, evidence)


def _aggregated(frame: pd.DataFrame, spec: ProgressSpec) -> pd.DataFrame:
    scores = aggregate(frame, STRUCTURE, weights=dict(spec.weights)).scores
    return frame.join(scores).rename_axis("valley")


def _scores(
    low: pd.Series, high: pd.Series, evidence: pd.Series, spec: ProgressSpec
) -> pd.DataFrame:
    ranked = evidence >= spec.threshold
    places = interval_ranks(low[ranked], high[ranked]).reindex(low.index).astype("Int64")
    return pd.DataFrame(
        {
            "low": low,
            "high": high,
            "middle": (low + high) / 2,
            "evidence": evidence,
            "ranked": ranked,
        }
    ).join(places)


def _drawn_ranks(
    low: pd.DataFrame,
    high: pd.DataFrame,
    ranked: pd.Series,
    spec: ProgressSpec,
    replications: int,
    seed: int,
) -> pd.DataFrame:
    """Ranks that occur when indicators and pillar weights are drawn within what is open."""
    names = low.index[ranked]
    columns = ["rank_low", "rank_high"]
    if not len(names):
        return pd.DataFrame(pd.NA, low.index, columns, dtype="Int64")
    rng = np.random.default_rng(seed)
    leaves = [leaf for group in PILLARS.values() for leaf in group]
    ends = low.loc[names, leaves].to_numpy(), high.loc[names, leaves].to_numpy()
    drawn = rng.uniform(*ends, size=(replications, *ends[0].shape))
    nominal = np.array([spec.weights[pillar] for pillar in PILLARS], dtype=float)
    random = rng.dirichlet(np.ones(len(PILLARS)), replications) * (nominal > 0)
    weights = (random / random.sum(axis=1, keepdims=True) + nominal / nominal.sum()) / 2
    place, total = 0, np.zeros((replications, len(names)))
    for k, group in enumerate(PILLARS.values()):
        block = drawn[:, :, place : place + len(group)].mean(axis=2)
        total += weights[:, [k]] * block
        place += len(group)
    ranks = 1 + (total[:, None, :] > total[:, :, None]).sum(axis=2)
    found = np.quantile(ranks, _BETWEEN, axis=0, method="inverted_cdf").astype(int)
    table = pd.DataFrame(found.T, names, columns)
    return table.reindex(low.index).astype("Int64")


def middle_ranks(result: ProgressResult) -> pd.Series:
    """Return the order of the interval middles of the ranked valleys, for sorting only."""
    return rank(result.scores["middle"].where(result.scores["ranked"]))

"""Whether each assumption, varied alone, took effect."""

import numpy as np
import pandas as pd

from valley_analysis.scoring.engine import rank_batch
from valley_analysis.scoring.ranks import TIE
from valley_analysis.scoring.replicate import Model

COLUMNS = {
    "ranks_differ": float,
    "scores_differ": float,
    "max_rank_shift": int,
    "mean_rank_shift": float,
    "max_score_change": float,
    "took_effect": bool,
}
PROBES = 1_000
FEWEST = 16
CELLS = 2_000_000  # probes x units held at once


def write_ledger(model: Model, seed: int, probes: int | None = None) -> pd.DataFrame:
    """Vary each assumption alone and compare with the nominal index.

    Parameters
    ----------
    model
        Must know the options of each choice while the others are nominal.
    seed
        Of the plan.
    probes
        Replications an assumption; by default 1,000, fewer above 2,000 units.

    Returns
    -------
    Assumptions down: share of replications in which any rank, and any score, differs from
    the nominal one; the largest and the mean absolute change of a rank; the largest change
    of a score; whether it took effect at all. A unit that loses or gains its score counts
    as a change, without a size.
    """
    nominal = model.nominal()[None]
    probes = probes or probes_for(nominal.size)
    base = rank_batch(nominal)
    rows = {}
    for number, assumption in enumerate(model.assumptions):
        noises = model.streams(np.random.SeedSequence(seed), probes, only=number)
        scores = model.scores(noises, probes)
        ranks = rank_batch(scores)
        both = (ranks > 0) & (base > 0)
        moved = np.abs(ranks.astype(np.int64) - base)
        appeared = np.isnan(scores) != np.isnan(nominal)
        changes = np.where(both, np.abs(scores - nominal), 0.0)
        rows[assumption.name] = (
            float((moved > 0).any(axis=1).mean()),
            float(((changes > TIE) | appeared).any(axis=1).mean()),
            int(moved[both].max(initial=0)),
            float(moved[both].mean()) if both.any() else 0.0,
            float(changes.max(initial=0.0)),
            bool(((changes > TIE) | appeared).any()),
        )
    table = pd.DataFrame.from_dict(rows, orient="index", columns=list(COLUMNS))
    return table.astype(COLUMNS).rename_axis("assumption")


def probes_for(units: int) -> int:
    """Return how often each assumption is tried alone.

    Examples
    --------
    >>> probes_for(83), probes_for(100_000)
    (1000, 20)
    """
    return int(np.clip(CELLS // max(units, 1), FEWEST, PROBES))

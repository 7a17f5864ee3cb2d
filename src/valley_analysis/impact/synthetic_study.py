"""One synthetic-control study: own gaps, placebos and the table of effects made from them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from valley_analysis.impact.synthetic_importance import UNIFORM, Importance
from valley_analysis.impact.synthetic_matching import Matching
from valley_analysis.impact.synthetic_panel import Floats, SyntheticPanel, told_period
from valley_analysis.impact.synthetic_placebo import (
    PERFECT,
    Gaps,
    by_draws,
    by_labels,
    by_unit,
    invert,
    rank_p,
)

Kind = Literal["units", "group"]
HEADLINE = "mean_gap"


@dataclass(frozen=True, eq=False)
class Study:
    """What is compared, and how.

    Attributes
    ----------
    panel
        Outcomes without gaps.
    kind
        "units": every treated unit has a synthetic control of its own and gaps are averaged.
        "group": the mean of the treated units has one.
    predictors
        Units x predictors, each over its standard deviation; None for the outcomes.
    importance
        How predictor weights come about.
    replications, seed
        Of random placebos (several treated units, or a group).
    """

    panel: SyntheticPanel
    kind: Kind = "units"
    predictors: pd.DataFrame | None = None
    importance: Importance = UNIFORM
    replications: int = 999
    seed: int = 0

    @property
    def floor(self) -> float:
        """Smallest pre-treatment error that a ratio is taken to."""
        # Units that were all alike before are measured by what they became.
        size = self.panel.spread or float(np.abs(self.panel.values).max()) or 1.0
        return PERFECT * size

    @property
    def matching(self) -> Matching:
        """What donors are matched on."""
        outcomes = self.panel.values[:, self.panel.before]
        if self.predictors is None:
            return Matching(outcomes)
        table, importance = self.predictors.loc[self.panel.wide.index], self.importance
        training = importance.training
        return Matching(
            outcomes,
            table.to_numpy(float),
            given=importance.shares(table.columns),
            searched=importance.searched,
            fitted=importance.window(self.panel),
            training=None if training is None else training.loc[table.index].to_numpy(float),
            seed=self.seed,
        )

    def without(self, dropped: Iterable[Any]) -> "Study":
        """The same study without some units."""
        return replace(self, panel=self.panel.without(dropped))


@dataclass(frozen=True, eq=False)
class Own:
    """The treated side of a study.

    Attributes
    ----------
    gaps
        One row: the (mean) gap.
    weights
        Donors x treated units, or one column for a group.
    importance
        Predictors x the same.
    """

    gaps: Gaps
    weights: pd.DataFrame
    importance: pd.DataFrame


def own(study: Study) -> Own:
    """Return the gap of the treated units, with the weights that gave it."""
    panel, matching = study.panel, study.matching
    values, donors = panel.values, panel.others
    single = study.kind == "units"
    groups = [panel.own[[i]] for i in panel.own] if single else [panel.own]
    found = [matching.weights(group, donors) for group in groups]
    gaps = np.mean(
        [
            values[group].mean(axis=0) - weights @ values[donors]
            for group, (weights, _) in zip(groups, found, strict=True)
        ],
        axis=0,
    )
    heads = pd.Index(panel.treated if single else ["group"], name="treated", tupleize_cols=False)
    names = panel.wide.columns[panel.before].map(told_period)
    names = names if study.predictors is None else study.predictors.columns
    return Own(
        Gaps(("treated",), gaps[None, :], np.ones(1), panel.before, study.floor),
        _frame([w for w, _ in found], pd.Index(panel.donors, name="donor"), heads),
        _frame([v for _, v in found], pd.Index(names, name="predictor"), heads),
    )


def _frame(columns: list[Floats], index: pd.Index, heads: pd.Index) -> pd.DataFrame:
    return pd.DataFrame(np.column_stack(columns), index=index, columns=heads)


def placebos(study: Study) -> tuple[Gaps, Gaps]:
    """Return placebos by donor, and those that the test ranks the treated among.

    They are the same for one treated unit; means of drawn donors for several; random labels
    for a group.
    """
    panel, matching = study.panel, study.matching
    shared = (matching, panel.values, panel.before, study.floor, panel.own, panel.others)
    units = by_unit(*shared, panel.donors)
    if study.kind == "group":
        return units, by_labels(*shared, study.replications, study.seed)
    if len(panel.treated) > 1:
        return units, by_draws(units, len(panel.treated), study.replications, study.seed)
    return units, units


def kept(own_gaps: Gaps, tested: Gaps, cutoff: float | None) -> Gaps:
    """Return the placebos whose squared pre-treatment error is at most `cutoff` times the own.

    The filter of Abadie, Diamond and Hainmueller (2010, p. 502), who use 20, 5 and 2.
    """
    if cutoff is None:
        return tested
    bound = cutoff * max(float(own_gaps.pre[0]), own_gaps.floor) ** 2
    return tested.only(tested.pre**2 <= bound)


def filters(own_gaps: Gaps, tested: Gaps, cutoff: float | None) -> pd.DataFrame:
    """Return rank and p-value of the ratio under pre-fit filters, by cutoff; none is infinite."""
    cutoffs = sorted({20.0, 5.0, 2.0, *([] if cutoff is None else [float(cutoff)])}, reverse=True)
    rows = []
    for one in [None, *cutoffs]:
        left = kept(own_gaps, tested, one)
        rank, p_value = rank_p(float(own_gaps.ratio[0]), left.ratio)
        rows.append((float("inf") if one is None else one, len(left.names), rank, p_value))
    return pd.DataFrame(rows, columns=["cutoff", "placebos", "rank", "p_value"]).set_index("cutoff")


def effect_table(own_gaps: Gaps, tested: Gaps, periods: pd.Index, level: float) -> pd.DataFrame:
    """Return the mean gap since the treatment, then the gap of each treated period.

    p-values are ranks of the ratio, intervals are inverted from it; there is no standard error.
    """
    rows = {HEADLINE: (_row(own_gaps, tested, level), None)}
    for place in map(int, np.flatnonzero(~own_gaps.before)):
        one, others = _at(own_gaps, place), _at(tested, place)
        rows[f"gap_{told_period(periods[place])}"] = (_row(one, others, level), periods[place])
    table = pd.DataFrame.from_dict(
        {name: row for name, (row, _) in rows.items()},
        orient="index",
        columns=["estimate", "se", "low", "high", "p_value"],
    )
    table["period"] = pd.Series([period for _, period in rows.values()], table.index, dtype=object)
    return table.rename_axis("term")


def _at(gaps: Gaps, place: int) -> Gaps:
    chosen = gaps.before.copy()
    chosen[place] = True
    return replace(gaps, gaps=gaps.gaps[:, chosen], before=gaps.before[chosen])


def _row(own_gaps: Gaps, tested: Gaps, level: float) -> tuple[float, ...]:
    low, high = invert(own_gaps, tested, level)
    _, p_value = rank_p(float(own_gaps.ratio[0]), tested.ratio)
    return float(own_gaps.mean[0]), float("nan"), low, high, p_value


def paths(study: Study, found: Own) -> pd.DataFrame:
    """Return observed, synthetic and gap of the treated by period, and which are treated."""
    panel = study.panel
    observed = panel.values[panel.own].mean(axis=0)
    gap = found.gaps.gaps[0]
    frame = {"observed": observed, "synthetic": observed - gap, "gap": gap, "after": ~panel.before}
    return pd.DataFrame(frame, index=panel.wide.columns)


def balance(study: Study, found: Own, raw: pd.DataFrame | None) -> pd.DataFrame:
    """Return what was matched: treated, synthetic, mean of donors."""
    panel = study.panel
    table = raw
    if table is None:
        table = panel.wide.loc[:, panel.before]
        table.columns = table.columns.map(told_period)
    donors = table.loc[list(panel.donors)]
    treated = table.loc[list(panel.treated)].mean()
    synthetic = donors.T @ found.weights.mean(axis=1).to_numpy()
    frame = {"treated": treated, "synthetic": synthetic, "donor_mean": donors.mean()}
    return pd.DataFrame(frame).rename_axis("predictor")

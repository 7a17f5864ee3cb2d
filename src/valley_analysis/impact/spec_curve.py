"""The specification curve: one estimand under every defensible combination of choices.

Simonsohn, U., Simmons, J. and Nelson, L. (2020), Specification curve analysis, Nature Human
Behaviour 4, 1208-1214: the joint tests compare the whole curve with curves under permuted
exposure.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from valley_analysis.errors import DesignError
from valley_analysis.escape import paragraph
from valley_analysis.impact.entry import entry, named_columns
from valley_analysis.impact.exposure_model import ExposureModel, unit_values
from valley_analysis.impact.permutations import permutation_p, restrict, unit_orders
from valley_analysis.impact.results import CheckResult
from valley_analysis.impact.sandwich import clustered
from valley_analysis.impact.spec_plan import FACTORS, CurvePlan, fingerprint
from valley_analysis.impact.strata import stratified

Cache = MutableMapping[str, np.ndarray]
Progress = Callable[[int, int], None]
Runner = Callable[[Callable[[Any], Any], Iterable[Any]], Iterator[Any]]
_HEAD = 8
_CHUNK = 16
_WHAT = "what controls and strata leave of exposure is shuffled"
"""Part of every mark: numbers kept from another way of shuffling are not these."""


@dataclass(frozen=True, eq=False)
class CurveResult:
    """Estimates of one effect, per interquartile range of exposure, under every combination.

    Attributes
    ----------
    plan
        The choices.
    table
        One row a specification, smallest estimate first: the label of each choice; estimate
        (effect of a move from the first to the third quartile of exposure in the sample), se,
        low, high, p_value (clustered by unit), iqr, n_obs, n_units.
    joint
        Three tests of "no effect in any specification": statistic, observed, p_value,
        median_permuted.
    permutations
        Curves under permuted exposure behind them.
    recomputed
        How many specifications were not in the cache.
    refused
        Combinations that cannot be estimated, each with the reason.
    """

    plan: CurvePlan
    table: pd.DataFrame
    joint: pd.DataFrame
    permutations: int
    recomputed: int
    refused: pd.DataFrame

    def by_choice(self) -> pd.DataFrame:
        """Return the median estimate and the share below zero for each option of each choice."""
        rows = [
            (
                factor,
                option,
                len(group),
                group["estimate"].median(),
                (group["estimate"] < 0).mean(),
                (group["p_value"] < 0.05).mean(),
            )
            for factor in FACTORS
            for option, group in self.table.groupby(factor, sort=False)
        ]
        columns = ["factor", "option", "n", "median", "negative", "significant"]
        return pd.DataFrame(rows, columns=columns)

    def check(self) -> CheckResult:
        """Return the joint test of the median as a check of robustness."""
        median = self.joint.loc["median"]
        negative = float((self.table["estimate"] < 0).mean())
        passed = median["p_value"] < 0.05
        facts = {
            "n": len(self.table),
            "median": float(median["observed"]),
            "negative": negative,
            "p": float(median["p_value"]),
        }
        text = (
            f"median of {facts['n']} specifications {facts['median']:.3g} per interquartile range, "
            f"{100 * negative:.0f} % negative; joint permutation p = {facts['p']:.3f}"
        )
        return CheckResult(
            "specification_curve", "passed" if passed else "failed", text, facts, self.joint
        )

    def _repr_html_(self) -> str:
        return str(paragraph(self.check().text) + self.joint.to_html(float_format="{:.3g}".format))


@entry
def specification_curve(
    frame: pd.DataFrame,
    plan: CurvePlan,
    *,
    permutations: int = 300,
    seed: int = 20260101,
    level: float = 0.95,
    cache: Cache | None = None,
    progress: Progress | None = None,
    runner: Runner | None = None,
) -> CurveResult:
    """Estimate one effect under every combination of choices, and test the curve as a whole.

    Parameters
    ----------
    frame
        Tidy panel, one row a unit and period, with all columns that the plan names.
    plan
        The choices.
    permutations
        Curves under permuted exposure. The same shuffling of units serves every specification,
        restricted to its sample, so that dependence between them is kept.
    seed
        Of the shuffling.
    level
        Coverage of the intervals of single specifications.
    cache
        Mapping from a mark of data and settings to numbers; only what is absent is computed.
    progress
        Called with the number done and the number in all.
    runner
        Like `map`, for computing in other processes.

    Raises
    ------
    DesignError
        If no combination can be estimated.
    """
    choices = list(plan.choices())
    named_columns(frame, {"unit": plan.unit, "period": plan.period, "since": plan.since})
    units = pd.Index(sorted(frame[plan.unit].unique(), key=str))
    orders = _orders(frame, plan, units, permutations, seed)
    drawn = hashlib.sha256(orders.tobytes()).hexdigest()
    known: Cache = {} if cache is None else cache
    marks = [fingerprint(plan, frame, choice, drawn, _WHAT) for choice in choices]
    missing = [k for k, mark in enumerate(marks) if mark not in known]
    reasons: dict[int, str] = {}
    task = _Task(frame, plan, units, orders)
    chunks = [
        [(k, choices[k]) for k in missing[start : start + _CHUNK]]
        for start in range(0, len(missing), _CHUNK)
    ]
    done = len(choices) - len(missing)
    for found in (runner or map)(task, chunks):
        for k, numbers in found:
            if isinstance(numbers, str):
                reasons[k] = numbers
            else:
                known[marks[k]] = numbers
            done += 1
        if progress:
            progress(done, len(choices))
    kept = [k for k in range(len(choices)) if k not in reasons]
    if not kept:
        raise DesignError("specification curve", sorted(set(reasons.values())), "change the plan")
    numbers = np.stack([known[marks[k]] for k in kept])
    table = _table([choices[k] for k in kept], numbers[:, :_HEAD], level)
    joint = _joint(numbers, permutations)
    refused = pd.DataFrame(
        [{**choices[k], "reason": reason} for k, reason in reasons.items()],
        columns=[*FACTORS, "reason"],
    )
    return CurveResult(plan, table, joint, permutations, len(missing), refused)


@dataclass(frozen=True, eq=False)
class _Task:
    """One chunk of specifications; picklable, so that other processes can do it."""

    frame: pd.DataFrame
    plan: CurvePlan
    units: pd.Index
    orders: np.ndarray

    def __call__(
        self, chunk: list[tuple[int, Mapping[str, str]]]
    ) -> list[tuple[int, np.ndarray | str]]:
        return [(k, self._fit(choice)) for k, choice in chunk]

    def _fit(self, choice: Mapping[str, str]) -> np.ndarray | str:
        try:
            return self._numbers(choice)
        except DesignError as error:
            return "; ".join(error.problems)

    def _numbers(self, choice: Mapping[str, str]) -> np.ndarray:
        chosen = self.plan.columns(choice)
        rows = self.plan.rows(self.frame, choice)
        told, controls = stratified(
            rows, self.plan.unit, self.plan.strata, tuple(chosen["controls"])
        )
        model = ExposureModel.of(
            told,
            unit=self.plan.unit,
            period=self.plan.period,
            outcome=chosen["outcome"],
            exposure=chosen["exposure"],
            since=self.plan.since,
            weights=chosen["weights"],
            controls=controls,
        )
        iqr = float(np.subtract(*np.quantile(model.exposure, [0.75, 0.25])))
        if iqr <= 0:
            raise DesignError(
                "exposure",
                [f"column {chosen['exposure']!r}: its quartiles coincide"],
                "choose another exposure",
            )
        told = clustered(model.fit, model.within.units)
        orders = restrict(self.orders, self.units.get_indexer(model.units))
        draws = model.draws(model.unexplained[orders])
        head = [
            model.fit.estimate * iqr,
            told.se * iqr,
            told.p_value,
            told.df,
            iqr,
            len(model.rows),
            len(model.units),
            draws.statistic(),
        ]
        permuted = draws.level + draws.estimate * draws.slope  # under "no effect"
        return np.concatenate([head, permuted * iqr, draws.statistics()])


def _orders(
    frame: pd.DataFrame, plan: CurvePlan, units: pd.Index, number: int, seed: int
) -> np.ndarray:
    """Shuffle all units, within strata; every specification restricts these to its sample."""
    strata = np.zeros(len(units))
    if plan.strata:
        strata = unit_values(frame, plan.unit, units, plan.strata).to_numpy()
    return unit_orders(strata, number, seed, every=False)[0]


def _table(choices: list[dict[str, str]], head: np.ndarray, level: float) -> pd.DataFrame:
    estimate, se, p_value, df, iqr, n_obs, n_units, _ = head.T
    spread = stats.t.ppf(0.5 + level / 2, df) * se
    table = pd.DataFrame(choices).assign(
        estimate=estimate,
        se=se,
        low=estimate - spread,
        high=estimate + spread,
        p_value=p_value,
        iqr=iqr,
        n_obs=n_obs.astype(int),
        n_units=n_units.astype(int),
    )
    return table.sort_values("estimate", kind="stable", ignore_index=True)


def _joint(numbers: np.ndarray, permutations: int) -> pd.DataFrame:
    """Compare median, share of significant results of the commoner sign, and mean t."""
    estimate, t = numbers[:, 0], numbers[:, _HEAD - 1]
    permuted = numbers[:, _HEAD : _HEAD + permutations]
    permuted_t = numbers[:, _HEAD + permutations :]
    limit = stats.norm.ppf(0.975)
    observed = {
        "median": float(np.median(estimate)),
        "share_significant": _commoner(t[:, None], limit)[0],
        "mean_t": float(t.mean()),
    }
    under = {
        "median": np.median(permuted, axis=0),
        "share_significant": _commoner(permuted_t, limit),
        "mean_t": permuted_t.mean(axis=0),
    }
    rows = {
        name: {
            "observed": value,
            "p_value": permutation_p(value, under[name]),
            "median_permuted": float(np.median(np.abs(under[name]))),
        }
        for name, value in observed.items()
    }
    return pd.DataFrame(rows).T.rename_axis("statistic")


def _commoner(t: np.ndarray, limit: float) -> np.ndarray:
    """Share of specifications significant with the sign that is significant more often."""
    share: np.ndarray = np.maximum((t > limit).mean(axis=0), (t < -limit).mean(axis=0))
    return share

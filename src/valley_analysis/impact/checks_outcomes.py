"""Checks of what could have been seen, and of having looked at several outcomes."""

from collections.abc import Sequence
from typing import Any, Literal, Unpack

import numpy as np
import pandas as pd

from valley_analysis.errors import DesignError
from valley_analysis.impact.checks_model import Columns, Sample, check_alpha, row
from valley_analysis.impact.entry import entry
from valley_analysis.impact.multiple import benjamini_hochberg
from valley_analysis.impact.power import minimum_detectable_effect
from valley_analysis.impact.randomisation import joint_randomisation
from valley_analysis.impact.results import CheckResult

Adjustment = Literal["romano_wolf", "holm", "benjamini_hochberg"]
_ROWS = ("se", "df", "iqr", "per_unit", "per_iqr")


@entry
def minimum_detectable(
    frame: pd.DataFrame,
    *,
    power: float = 0.8,
    alpha: float = 0.05,
    iqr: float | None = None,
    **columns: Unpack[Columns],
) -> CheckResult:
    """Say which effect would have been found with a given probability.

    Parameters
    ----------
    frame
        Tidy panel, one row a unit and period.
    power
        That probability.
    alpha
        Level of the test that would have to find it.
    iqr
        Of exposure, per which it is told; by default that over the units of the sample.
    columns
        See `Columns`.

    Returns
    -------
    CheckResult
        ``minimum_detectable``, informational: per unit and per interquartile range of exposure,
        and relative to the standard deviation of the outcome over all cells before the wave; for
        Poisson, effects are logs of ratios, and a ratio stands in place of that.

    Raises
    ------
    DesignError
        See `Sample.of` and `minimum_detectable_effect`.

    Examples
    --------
    >>> from valley_analysis.impact.checks_examples import example_panel
    >>> panel, names = example_panel()
    >>> found = minimum_detectable(panel, **names)
    >>> found.status, round(found.facts["per_iqr"], 2)
    ('informational', 0.11)
    """
    level = check_alpha(alpha)
    sample = Sample.of(frame, **columns)
    said = sample.judged(level=level)
    least = minimum_detectable_effect(said.se, power=power, level=level, df=said.df)
    iqr = sample.iqr if iqr is None else iqr
    apart = least * iqr
    facts: dict[str, Any] = {
        "power": power,
        "alpha": alpha,
        "se": said.se,
        "df": said.df,
        "iqr": iqr,
        "per_unit": least,
        "per_iqr": apart,
        "family": sample.family,
    }
    if sample.family == "poisson":
        facts["ratio"] = float(np.exp(apart))
        beside = f"a ratio of {facts['ratio']:.2f} or its inverse"
    else:
        facts["sd"] = float(sample.rows.loc[~sample.after, sample.design.outcome].std())
        facts["in_sd"] = apart / facts["sd"] if facts["sd"] > 0 else float("nan")
        beside = f"{facts['in_sd']:.2f} of the outcome's standard deviation before the wave"
    text = (
        f"The smallest effect we could have seen ({power:.0%} power at {alpha:.0%}) is {apart:.3g} "
        f"per interquartile range of exposure, {beside}; smaller ones would mostly go unseen."
    )
    table = pd.DataFrame(
        {"value": {k: facts[k] for k in ("se", "df", "iqr", "per_unit", "per_iqr")}}
    )
    return CheckResult("minimum_detectable", "informational", text, facts, table)


@entry
def multiple_outcomes(
    frame: pd.DataFrame,
    *,
    outcomes: Sequence[str],
    method: Adjustment = "romano_wolf",
    strata: str | None = None,
    permutations: int = 9999,
    alpha: float = 0.05,
    seed: int = 0,
    **columns: Unpack[Columns],
) -> CheckResult:
    """Ask which effects survive that several outcomes were looked at.

    Parameters
    ----------
    frame
        Tidy panel, one row a unit and period.
    outcomes
        Further columns beside `outcome`.
    method
        "romano_wolf" and "holm" bound the chance of any false finding, "benjamini_hochberg" the
        share of false ones.
    strata, permutations, seed
        Of the permutations of exposure, common to all outcomes; see `joint_randomisation`.
    alpha
        Fails if an outcome with a p-value below it has an adjusted one that is not.
    columns
        See `Columns`. Poisson has no common permutations: its p-values are CR2, and the
        method must be "benjamini_hochberg".

    Returns
    -------
    CheckResult
        ``multiple_outcomes``; one row an outcome. Informational if no outcome has a p-value
        below alpha even by itself.

    Raises
    ------
    DesignError
        See `Sample.of`, for every outcome; also for a method that does not suit.

    Examples
    --------
    >>> from valley_analysis.impact.checks_examples import example_panel
    >>> panel, names = example_panel()
    >>> panel["z"] = np.random.default_rng(1).normal(size=len(panel))
    >>> multiple_outcomes(panel, outcomes=["z"], permutations=199, **names).status
    'passed'
    """
    level = check_alpha(alpha)
    names = list(dict.fromkeys([columns["outcome"], *outcomes]))
    _suits(names, method, columns)
    if columns.get("family", "gaussian") == "poisson":
        table = _each(frame, names, level, columns)
    else:
        found = joint_randomisation(
            frame,
            unit=columns["unit"],
            period=columns["period"],
            outcomes=names,
            exposure=columns["exposure"],
            since=columns["since"],
            strata=strata,
            weights=columns.get("weights"),
            controls=columns.get("controls", ()),
            permutations=permutations,
            seed=seed,
            level=level,
        ).table
        table = found[["estimate", "se", "p_value"]].assign(p_adjusted=found[method])
    return _several(table.rename_axis("outcome"), method, alpha)


def _suits(names: Sequence[str], method: str, columns: Columns) -> None:
    problems = []
    if len(names) < 2:
        problems.append(f"outcomes: {', '.join(names)}; expected two or more")
    if method not in ("romano_wolf", "holm", "benjamini_hochberg"):
        problems.append(f"method {method!r}")
    elif columns.get("family", "gaussian") == "poisson" and method != "benjamini_hochberg":
        problems.append(f"method {method!r} needs permutations, which Poisson does not have here")
    if problems:
        raise DesignError("multiple outcomes", problems, "method='benjamini_hochberg' suits all")


def _each(
    frame: pd.DataFrame, names: Sequence[str], level: float, columns: Columns
) -> pd.DataFrame:
    rows = {}
    for name in names:
        own: Columns = {**columns, "outcome": name}
        sample = Sample.of(frame, **own)
        rows[name] = row(sample.base.estimate, sample.judged(level=level))
    table = pd.DataFrame.from_dict(rows, orient="index")[["estimate", "se", "p_value"]]
    return table.assign(p_adjusted=benjamini_hochberg(table["p_value"].to_numpy()))


def _several(table: pd.DataFrame, method: str, alpha: float) -> CheckResult:
    alone = table.index[table["p_value"] < alpha].tolist()
    kept = table.index[table["p_adjusted"] < alpha].tolist()
    lost = [name for name in alone if name not in kept]
    facts = {
        "outcomes": len(table),
        "method": method,
        "alone": alone,
        "kept": kept,
        "lost": lost,
        "lowest": float(table["p_adjusted"].min()),
        "alpha": alpha,
    }
    text = (
        f"Of {len(table)} outcomes {len(alone)} are distinguishable by themselves and {len(kept)} "
        f"with adjustment ({method.replace('_', ' ')})"
        + (f"; lost: {', '.join(lost)}" if lost else "")
        + f"; the lowest adjusted p = {facts['lowest']:.3f}."
    )
    if not alone:
        return CheckResult("multiple_outcomes", "informational", text, facts, table)
    return CheckResult("multiple_outcomes", "failed" if lost else "passed", text, facts, table)

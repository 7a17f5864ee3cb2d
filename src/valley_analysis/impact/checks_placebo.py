"""Checks that look for the effect where it cannot be: other dates, outcomes, orders of units."""

from collections.abc import Sequence
from typing import Any, Unpack

import pandas as pd

from valley_analysis.errors import DesignError
from valley_analysis.gate import as_moment
from valley_analysis.impact.checks_model import (
    Columns,
    Sample,
    check_alpha,
    conclusion,
    largest_of,
    row,
)
from valley_analysis.impact.entry import entry
from valley_analysis.impact.inversion import Tails
from valley_analysis.impact.margin import LEVEL, Bias, by_margin, exactly, jackknifed, of_fit
from valley_analysis.impact.null_model import null_model
from valley_analysis.impact.permutations import enough
from valley_analysis.impact.power import minimum_detectable_effect
from valley_analysis.impact.randomisation import permuted
from valley_analysis.impact.results import CheckResult
from valley_analysis.impact.sandwich import Inference
from valley_analysis.impact.strata import stratified_sample


@entry
def placebo_date(
    frame: pd.DataFrame,
    *,
    fake: Any = None,
    alpha: float = 0.05,
    margin: float | None = None,
    seed: int = 0,
    **columns: Unpack[Columns],
) -> CheckResult:
    """Estimate the effect of fake waves on the periods before the real one.

    Parameters
    ----------
    frame
        Tidy panel, one row a unit and period.
    fake
        A first period of a fake wave, or several; by default every period before `since` but
        the first.
    alpha
        Fails if a fake wave has an adjusted p-value below it.
    margin
        Decides instead, if given, by intervals that hold for all dates at once (Bonferroni).
    seed
        Of the draws that adjust for the number of dates.
    columns
        See `Columns`.

    Returns
    -------
    CheckResult
        ``placebo_date``; one row a date, p-values by CR2 with Satterthwaite degrees of freedom,
        ``p_adjusted`` for the largest of all; ``detectable``, the fake effect that would have
        been found with 80 % probability at that date alone. Informational where fewer than
        two periods lie before.

    Raises
    ------
    DesignError
        See `Sample.of`; also if a fake date leaves no period before or after it.

    Examples
    --------
    >>> from valley_analysis.impact.checks_examples import example_panel
    >>> panel, names = example_panel()
    >>> placebo_date(panel, **names).status
    'passed'
    >>> drifting = panel.assign(y=panel["y"] + panel["x"] * panel["year"])
    >>> placebo_date(drifting, **names).status
    'failed'
    """
    level = check_alpha(alpha)
    whole = Sample.of(frame, **columns)
    before = whole.keep(~whole.after)
    dates = _fakes(before, fake)
    if not dates:
        text = f"Fewer than two periods before {whole.since}: there is no fake date to try."
        return CheckResult("placebo_date", "informational", text, {"dates": 0, "alpha": alpha})
    period = before.rows[before.design.period]
    fits = [before.fit(before.exposure_rows * (period >= date).to_numpy()) for date in dates]
    judged = [before.judged(fit, level) for fit in fits]
    table = pd.DataFrame(
        [row(fit.estimate, said) for fit, said in zip(fits, judged, strict=True)],
        index=pd.Index(dates, name="date"),
    )
    p_values = table["p_value"].to_numpy()
    table["p_adjusted"] = largest_of(fits, p_values, before.clusters, seed)
    if table["p_value"].isna().all():
        text = f"The periods before {whole.since} leave no error to judge a fake date by."
        return CheckResult("placebo_date", "informational", text, {"dates": 0, "alpha": alpha})
    table["detectable"] = [_detectable(said, level) for said in judged]
    together = 1 - (1 - LEVEL) / len(fits)
    biases = [of_fit(before, fit, level=together) for fit in fits]
    return by_margin(_placebo_dates(table, whole, alpha), _worst(biases, margin), margin)


def _worst(biases: Sequence[Bias], margin: float | None) -> Bias:
    """Return the bias that decides: one beyond the margin, else the one that reaches farthest."""
    beyond = [one for one in biases if margin and one.status(margin) == "failed"]
    return max(beyond or biases, key=lambda one: max(abs(one.low), abs(one.high)))


def _placebo_dates(table: pd.DataFrame, whole: Sample, alpha: float) -> CheckResult:
    worst = table["p_adjusted"].argmin()
    date, found = table.index[worst], table.iloc[worst]
    seen = table.index[table["p_adjusted"] < alpha].tolist()
    facts = {
        "dates": len(table),
        "failed": seen,
        "date": date,
        "estimate": float(found["estimate"]),
        "p_value": float(found["p_value"]),
        "p_adjusted": float(found["p_adjusted"]),
        "detectable": float(found["detectable"]),
        "real": whole.base.estimate,
        "alpha": alpha,
    }
    text = (
        f"{len(seen)} of {len(table)} fake waves before {whole.since} show an effect; the "
        f"clearest, {date}: {facts['estimate']:.3g} (p = {facts['p_value']:.3f}, "
        f"{facts['p_adjusted']:.3f} adjusted), where {facts['detectable']:.3g} would have been "
        f"found with 80 % probability; the real wave: {facts['real']:.3g}."
    )
    return CheckResult("placebo_date", "failed" if seen else "passed", text, facts, table)


def _fakes(before: Sample, fake: Any) -> list[Any]:
    periods = sorted(before.rows[before.design.period].unique())
    if fake is None:
        return periods[1:]
    asked = list(fake) if isinstance(fake, Sequence) and not isinstance(fake, str) else [fake]
    moments = pd.Series(periods)
    try:
        asked = [as_moment(moments, date) for date in asked]
    except TypeError:
        problem = f"fake {fake!r} does not compare with the periods, {moments.dtype}"
        raise DesignError("fake", [problem], "choose among the periods before the wave") from None
    problems = [
        f"fake date {date}: needs periods before and from it on; before {before.since} there are "
        f"{', '.join(map(str, periods)) or 'none'}"
        for date in asked
        if not periods or not periods[0] < date <= periods[-1]
    ]
    if problems:
        raise DesignError("fake", problems, "choose among the periods before the wave")
    return asked


@entry
def placebo_outcome(
    frame: pd.DataFrame,
    *,
    placebo: str,
    alpha: float = 0.05,
    margin: float | None = None,
    scale: float = 1.0,
    **columns: Unpack[Columns],
) -> CheckResult:
    """Estimate the effect on an outcome that the wave cannot have moved.

    Parameters
    ----------
    frame
        Tidy panel, one row a unit and period.
    placebo
        Column of that outcome.
    alpha
        Fails if the p-value is below it.
    margin
        Decides instead, if given: what moved the placebo is taken to move the outcome as much.
    scale
        Of the outcome to the placebo, for that: one where both are logarithms.
    columns
        See `Columns`; `outcome` is the real one, shown beside.

    Returns
    -------
    CheckResult
        ``placebo_outcome``; rows: the placebo and the outcome, each also in standard deviations
        of the column (per unit of exposure), with what would have been found.

    Raises
    ------
    DesignError
        See `Sample.of`, for either outcome; also if they are the same.

    Examples
    --------
    >>> from valley_analysis.impact.checks_examples import example_panel
    >>> panel, names = example_panel()
    >>> panel["rain"] = panel["size"] * (panel["year"] % 3)
    >>> placebo_outcome(panel, placebo="rain", **names).status
    'passed'
    """
    level = check_alpha(alpha)
    if placebo == columns["outcome"]:
        raise DesignError(
            "placebo", [f"column {placebo!r} is the outcome itself"], "name another column"
        )
    other: Columns = {**columns, "outcome": placebo}
    rows = {}
    false = Sample.of(frame, **other)
    for name, sample in ((placebo, false), (columns["outcome"], Sample.of(frame, **columns))):
        said = sample.judged(level=level)
        rows[name] = row(sample.base.estimate, said)
        rows[name]["in_sd"] = sample.base.estimate / float(sample.rows[name].std())
        rows[name]["detectable"] = _detectable(said, level)
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("outcome")
    facts = {"placebo": placebo, "alpha": alpha} | table.loc[placebo].to_dict()
    failed = facts["p_value"] < alpha
    text = (
        f"{placebo}, which the wave cannot have moved: {facts['estimate']:.3g} (p = "
        f"{facts['p_value']:.3f}), {facts['in_sd']:.2f} of its standard deviation; "
        f"{facts['detectable']:.3g} would have been found with 80 % probability."
    )
    found = CheckResult("placebo_outcome", "failed" if failed else "passed", text, facts, table)
    return by_margin(found, of_fit(false, false.base, scale), margin)


@entry
def anticipation(
    frame: pd.DataFrame,
    *,
    periods: int = 1,
    alpha: float = 0.05,
    margin: float | None = None,
    **columns: Unpack[Columns],
) -> CheckResult:
    """Look for the effect in the last period before the wave, and estimate without it.

    Parameters
    ----------
    frame
        Tidy panel, one row a unit and period.
    periods
        How many of the last periods before to look at.
    alpha
        Fails if the lead, against the periods before it, has a p-value below it.
    margin
        Decides instead, if given: the bias is what those periods add to the effect.
    columns
        See `Columns`.

    Returns
    -------
    CheckResult
        ``anticipation``; rows ``lead`` (the last periods, beside the effect), ``all``,
        ``without`` (the effect when those periods are dropped). Informational if no period
        lies before the lead.

    Raises
    ------
    DesignError
        See `Sample.of`; also if `periods` is below one.

    Examples
    --------
    >>> from valley_analysis.impact.checks_examples import example_panel
    >>> panel, names = example_panel()
    >>> anticipation(panel, **names).status
    'passed'
    >>> early = panel.assign(y=panel["y"] + panel["x"] * (panel["year"] == 5))
    >>> anticipation(early, **names).status
    'failed'
    """
    level = check_alpha(alpha)
    if periods < 1:
        raise DesignError("periods", [f"{periods}; expected one or more"], "look at one at least")
    sample = Sample.of(frame, **columns)
    period = sample.rows[sample.design.period]
    moments = sorted(period[~sample.after].unique())
    if len(moments) <= periods:
        text = f"No period before the last {periods} before {sample.since}: a lead cannot be told."
        few = {"periods": [], "before": len(moments), "alpha": alpha}
        return CheckResult("anticipation", "informational", text, few)
    late = period.isin(moments[-periods:]).to_numpy()
    lead = sample.fit(sample.exposure_rows * late, beside=sample.x)
    fewer = sample.keep(~late)
    rows = {
        "lead": row(lead.estimate, sample.judged(lead, level)),
        "all": row(sample.base.estimate, sample.judged(level=level)),
        "without": row(fewer.base.estimate, fewer.judged(level=level)),
    }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("term")
    ends = [conclusion(r["estimate"], r["p_value"], alpha) for r in (rows["all"], rows["without"])]
    facts: dict[str, Any] = {
        "periods": list(moments[-periods:]),
        "lead": rows["lead"]["estimate"],
        "p_value": rows["lead"]["p_value"],
        "all": rows["all"]["estimate"],
        "without": rows["without"]["estimate"],
        "conclusion_kept": ends[0] == ends[1],
        "alpha": alpha,
    }
    text = (
        f"In {', '.join(map(str, facts['periods']))}, before the wave, more exposed units stood at "
        f"{facts['lead']:.3g} (p = {facts['p_value']:.3f}); without "
        f"{'that period' if periods == 1 else 'those periods'} the effect goes from "
        f"{facts['all']:.3g} to {facts['without']:.3g}."
    )
    failed = facts["p_value"] < alpha
    found = CheckResult("anticipation", "failed" if failed else "passed", text, facts, table)
    fits = {"all": (sample, sample.base), "without": (fewer, fewer.base)}
    bias = jackknifed(fits, lambda e: e["all"] - e["without"]) if margin else exactly(0.0)
    return by_margin(found, bias, margin)


@entry
def randomisation(
    frame: pd.DataFrame,
    *,
    strata: str | None = None,
    permutations: int = 9999,
    tails: Tails = "size",
    alpha: float = 0.05,
    seed: int = 0,
    **columns: Unpack[Columns],
) -> CheckResult:
    """Compare the decision by clustered errors with the one by permuting the exposure.

    Parameters
    ----------
    frame
        Tidy panel, one row a unit and period.
    strata
        Column with one value a unit: exposures move within strata only.
    permutations, seed
        Of the exposure over units.
    tails
        As in `randomisation_inference`.
    alpha
        Fails if one of the two p-values (CR2, permutation) is below it and the other is not.
    columns
        See `Columns`.

    Returns
    -------
    CheckResult
        ``randomisation``; rows ``cr2`` and ``randomisation``. For Poisson the permuted
        statistic is the studentised score of the model without effect.

    Raises
    ------
    DesignError
        See `Sample.of` and `randomisation_inference`.

    Examples
    --------
    >>> from valley_analysis.impact.checks_examples import example_panel
    >>> panel, names = example_panel()
    >>> randomisation(panel, permutations=199, **names).status
    'passed'
    """
    level = check_alpha(alpha)
    enough(permutations, level, "permutations", tails)
    sample = Sample.of(frame, **columns)
    said = sample.judged(level=level)
    model = null_model(stratified_sample(sample, strata, frame))
    draws, _ = permuted(model, frame, strata, permutations, seed, tails=tails)
    drawn = draws.p_value()
    table = pd.DataFrame({"p_value": {"cr2": said.p_value, "randomisation": drawn}}).rename_axis(
        "inference"
    )
    facts = {
        "estimate": sample.base.estimate,
        "p_cr2": said.p_value,
        "p_randomisation": drawn,
        "monte_carlo_error": draws.monte_carlo_error(drawn),
        "permutations": len(draws),
        "strata": strata,
        "alpha": alpha,
    }
    agreed = (said.p_value < alpha) == (drawn < alpha)
    text = (
        f"With {len(draws):,} permutations of the exposure{f' within {strata}' if strata else ''} "
        f"p = {drawn:.3f}, with clustered errors p = {said.p_value:.3f}: "
        + ("the same decision." if agreed else "not the same decision.")
    )
    return CheckResult("randomisation", "passed" if agreed else "failed", text, facts, table)


def _detectable(said: Inference, level: float) -> float:
    return minimum_detectable_effect(said.se, level=level, df=said.df)

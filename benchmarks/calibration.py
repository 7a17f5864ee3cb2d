"""How often each method finds something on this very panel where nothing is.

    .venv/bin/python benchmarks/calibration.py            # half an hour on one core
    .venv/bin/python benchmarks/calibration.py --share 0.1 --dry
    .venv/bin/python benchmarks/calibration.py --only "decrees;Poisson"

The models are those of the headlines, with their controls and strata. Exposure (or the years of
decrees) is replaced by one that cannot have an effect, see `placebo_exposures`; a test at 5 %
should reject in 5 % of the draws. Then an effect of 2.8 standard deviations of the estimate is
added to an eighth of the draws: a good method finds it four times in five and returns it without
bias. Writes studies/calibration.yml, which marks methods in report cards, and docs/calibration.md.
"""

import argparse
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, get_args

import numpy as np
import pandas as pd

from valley_analysis import paths, regions, sanctions, studies, valleys
from valley_analysis.files import write_aside
from valley_analysis.impact import sandwich
from valley_analysis.impact.checks_model import Sample
from valley_analysis.impact.cohorts_randomised import CohortPanel, cohort_draws
from valley_analysis.impact.conley import conley_inference, unit_distances
from valley_analysis.impact.event_study import event_study
from valley_analysis.impact.exposure_model import ExposureModel, unit_values
from valley_analysis.impact.group_time import group_time_att
from valley_analysis.impact.imputation import imputation
from valley_analysis.impact.null_model import null_model
from valley_analysis.impact.permutations import permutation_p, unit_orders
from valley_analysis.impact.shift_share import shift_share
from valley_analysis.impact.spatial_draws import alike_draws, spatially_alike
from valley_analysis.impact.spatial_models import spatial_error, spatial_lag
from valley_analysis.impact.spillover import spillover
from valley_analysis.impact.strata import stratified
from valley_analysis.impact.synthetic_contrast import contrast
from valley_analysis.impact.synthetic_did import synthetic_did
from valley_analysis.impact.wild_bootstrap import grouped, wild_draws, wild_inference
from valley_analysis.impact.within import Groups
from valley_analysis.panel import load_panel
from valley_analysis.sources.icsid import load_fdi_shares
from valley_analysis.studies.calibration import (
    BIAS,
    INJECTED,
    POWER,
    REGISTER,
    SIZE,
    Calibration,
    Placebo,
    load_calibration,
)
from valley_analysis.studies.valley_data import BESIDE, NAMES, PANEL, net_of_controls
from valley_analysis.studies.variants import changes

SEED = 20260101
ALPHA = 0.05
DRAWS = 2000
HALF, SLOW = 0.5, 0.1
"""Shares of the draws: what is expected to be plain, or costs more; what costs a lot."""
EIGHTH = 8
"""One in so many draws is also looked at with an effect."""
CORE = (
    "randomisation",
    "spectral randomisation",
    "clustered by unit",
    "CR2 by unit",
    "Conley, 500 km",
    "wild bootstrap by unit",
)
"""Ways of making inference that get all draws; a tenth serves to tell of the others."""
INNER = 399
"""Draws behind each p-value of a test that draws."""
LAW = 999
"""The same where draws share them."""
HIGH = 2 / 3
"""Quantile of exposure above which `contrast` counts a region as highly exposed."""
EXPOSURE = "imports_far_grp"
WAVE = 2022
OUTCOMES = ("rd_staff", "technologies_used", "innovation_activity")
COUNT = "technologies_developed"
Judge = Callable[[Any, int], float]
"""What was fitted, and the number of the draw -> p-value."""


@dataclass(frozen=True)
class Trial:
    """One estimator on one outcome, judged in some ways.

    Attributes
    ----------
    fit
        Number of a draw, and what is added per unit of what was permuted -> estimate, and what
        the ways judge.
    ways
        Method, as the register calls it -> its p-value.
    """

    outcome: str
    placebo: Placebo
    draws: int
    fit: Callable[[int, float], tuple[float, Any]]
    ways: Mapping[str, Judge]


def measure(trial: Trial) -> Iterator[Calibration]:
    """Fit every draw without an effect, then an eighth with one of 2.8 standard deviations."""
    started = time.monotonic()
    null, size = _judged(trial, trial.draws, 0.0)
    effect = INJECTED * float(null.std())
    injected = max(trial.draws // EIGHTH, 50)
    found, power = _judged(trial, min(injected, trial.draws), effect)
    # The same draws with and without: their own noise is no bias.
    bias = ((found - null[: len(found)]).mean() + null.mean()) / effect - 1
    for number, method in enumerate(trial.ways):
        row = Calibration(
            method=method,
            outcome=trial.outcome,
            placebo=trial.placebo,
            draws=trial.draws,
            injected=len(found),
            size=float((size[:, number] <= ALPHA).mean()),
            power=float((power[:, number] <= ALPHA).mean()),
            bias=float(bias),
        )
        rates = (f"{100 * rate:6.1f} %" for rate in (row.size, row.power, row.bias))
        print(
            f"{row.method:55} {row.outcome:22} {row.placebo:12} {row.draws:5}",
            *rates,
            row.verdict,
            flush=True,
        )
        yield row
    print(f"    {time.monotonic() - started:.0f} s", flush=True)


def _judged(trial: Trial, draws: int, effect: float) -> tuple[np.ndarray, np.ndarray]:
    estimates, p_values = [], []
    for k in range(draws):
        estimate, fitted = trial.fit(k, effect)
        estimates.append(estimate)
        p_values.append([judge(fitted, k) for judge in trial.ways.values()])
    return np.array(estimates), np.array(p_values)


def own(fitted: Any, _: int) -> float:
    """Return the p-value of a result."""
    return float(fitted.p_value)


def placebo_exposures(
    data: studies.WaveData, units: pd.Index, kind: Placebo, number: int
) -> np.ndarray:
    """Return exposures that cannot have an effect, number x units.

    "permuted": what controls leave of exposure, permuted within strata, as the primary test does.
    "spatial": as alike among neighbours (`spatially_alike`). "spatial_size": the same for what the
    controls leave, which are then added again.
    """
    columns = [EXPOSURE, "stratum", *data.controls]
    fixed = data.frame.groupby("region")[columns].first().reindex(units)
    x = fixed[EXPOSURE].to_numpy(float)
    fitted = explained(x, fixed[list(data.controls)].to_numpy(float))
    if kind == "permuted":
        labels = pd.factorize(fixed["stratum"], sort=True)[0]
        orders, _ = unit_orders(labels, number, SEED, every=False)
        return fitted + (x - fitted)[orders]
    near = studies.neighbours(data.exposure.scope).keep(list(units)).matrix.toarray()
    return spatially_alike(x, near, number, SEED, fitted if kind == "spatial_size" else None)


def explained(values: np.ndarray, controls: np.ndarray) -> np.ndarray:
    """Return what controls explain of values."""
    others = np.column_stack([np.ones(len(values)), controls])
    found: np.ndarray = others @ np.linalg.lstsq(others, values, rcond=None)[0]
    return found


def sandwiches(frame: pd.DataFrame, units: Groups, names: pd.Index) -> dict[str, Judge]:
    """Return the p-value of a fit by every variance, given its units and what they are called."""
    districts = grouped(units, unit_values(frame, "region", names, "district"))
    distances = unit_distances(frame, "region", names, "lon", "lat")
    ways: dict[str, Judge] = {"heteroskedastic": lambda f, k: sandwich.heteroskedastic(f).p_value}
    for by, groups in (("unit", units), ("district", districts)):
        ways |= {
            f"clustered by {by}": lambda f, k, g=groups: sandwich.clustered(f, g).p_value,
            f"CR2 by {by}": lambda f, k, g=groups: sandwich.bias_reduced(f, g).p_value,
            f"CR3 by {by}": lambda f, k, g=groups: sandwich.jackknife(f, g).p_value,
        }
    for km in (500.0, 1000.0, 2000.0):
        name = f"Conley, {km:g} km"
        ways[name] = lambda f, k, km=km: conley_inference(f, distances, km).p_value
    return ways


def permutations(data: studies.WaveData, model: ExposureModel) -> dict[str, Judge]:
    """Return the primary test of a model, and the one against exposures alike among neighbours."""
    strata = pd.factorize(unit_values(data.frame, "region", model.units, "stratum"), sort=True)[0]
    inner, _ = unit_orders(strata, INNER, SEED + 1, every=False)
    near = studies.neighbours(data.exposure.scope)

    def primary(one: ExposureModel, _: int) -> float:
        return replace(one.draws(one.unexplained[inner]), tails="equal").p_value()

    def alike(one: ExposureModel, _: int) -> float:
        return alike_draws(one, near, INNER, SEED + 1).p_value()

    return {"randomisation": primary, "spectral randomisation": alike}


def least_squares(
    data: studies.WaveData, draws: int, placebo: Placebo, *, core: bool = True
) -> Trial:
    """Ways of making inference for the difference in differences, with its controls."""
    names = ("unit", "period", "outcome", "exposure", "since", "controls")
    model = ExposureModel.of(data.frame, **{key: data.columns[key] for key in names})
    rows, units = model.rows, model.within.units
    by_district = grouped(units, unit_values(data.frame, "region", model.units, "district"))
    exposures = placebo_exposures(data, model.units, placebo, draws)
    y = rows["y"].to_numpy(float)
    after = (rows["year"] >= WAVE).to_numpy(float)

    def fit(k: int, effect: float) -> tuple[float, ExposureModel]:
        moved = model.with_exposure(exposures[k])
        added = effect * after * exposures[k][units.codes]
        moved = moved.with_outcome(y + added) if effect else moved
        return moved.fit.estimate, moved

    def wild(one: ExposureModel, k: int, groups: Groups) -> float:
        return wild_inference(one.fit, groups, wild_draws(one.fit, groups, INNER, k)).p_value

    ways = permutations(data, model)
    errors = sandwiches(data.frame, units, model.units)
    ways |= {name: lambda m, k, way=way: way(m.fit, k) for name, way in errors.items()}
    ways["wild bootstrap by unit"] = partial(wild, groups=units)
    ways["wild bootstrap by district"] = partial(wild, groups=by_district)
    head = "difference_in_differences, "
    named = {head + name: way for name, way in ways.items() if (name in CORE) is core}
    return Trial(data.found.outcome, placebo, draws, fit, named)


def counts(data: studies.WaveData, draws: int, placebo: Placebo) -> Trial:
    """Every way of making inference for the Poisson model, with its controls."""
    sample = Sample.of(data.frame, **data.columns)
    base = null_model(sample)
    exposures = placebo_exposures(data, base.units, placebo, draws)
    codes = base.within.units.codes
    after = (sample.rows["year"] >= WAVE).to_numpy(float)

    def fit(k: int, effect: float) -> tuple[float, tuple[sandwich.Fit, ExposureModel]]:
        x = exposures[k][codes]
        y = sample.rows["y"] * np.exp(effect * x * after)
        moved = replace(sample, rows=sample.rows.assign(**{EXPOSURE: x, "y": y}))
        # "No effect" knows nothing of exposure: fitted once for all draws without one.
        null = null_model(moved) if effect else base.with_exposure(exposures[k])
        return moved.base.estimate, (moved.base, null)

    errors = sandwiches(data.frame, sample.base.within.units, sample.exposure.index)
    ways: dict[str, Judge] = {
        name: lambda f, k, way=way: way(f[1], k) for name, way in permutations(data, base).items()
    }
    ways |= {name: lambda f, k, way=way: way(f[0], k) for name, way in errors.items()}
    named = {f"difference_in_differences, Poisson {name}": way for name, way in ways.items()}
    return Trial(data.found.outcome, placebo, draws, fit, named)


Drawn = Callable[[int, float], pd.DataFrame]


def placebo_frames(data: studies.WaveData, draws: int, placebo: Placebo) -> tuple[int, Drawn]:
    """Return how many draws there are, and the frame of one, with an effect added."""
    frame = data.frame
    units = frame.groupby("region")[EXPOSURE].first().dropna()
    exposures = placebo_exposures(data, units.index, placebo, draws)
    poisson = data.columns["family"] == "poisson"

    def drawn(k: int, effect: float) -> pd.DataFrame:
        placed = pd.Series(exposures[k], units.index)
        moved = frame.assign(**{EXPOSURE: frame["region"].map(placed)})
        shift = effect * moved[EXPOSURE] * (moved["year"] >= WAVE)
        return moved.assign(y=moved["y"] * np.exp(shift) if poisson else moved["y"] + shift)

    return draws, drawn


def dynamic(data: studies.WaveData, draws: int, placebo: Placebo) -> Trial:
    """The mean of the event study after the wave."""
    draws, drawn = placebo_frames(data, draws, placebo)
    columns = {key: value for key, value in data.columns.items() if key != "since"}

    def fit(k: int, effect: float) -> tuple[float, Any]:
        found = event_study(drawn(k, effect), reference=data.reference, **columns)
        return found.estimate, found

    name = "Poisson mean after" if columns["family"] == "poisson" else "mean after"
    return Trial(data.found.outcome, placebo, draws, fit, {f"event_study, {name}": own})


def neighbours_too(data: studies.WaveData, draws: int, placebo: Placebo) -> Trial:
    """Neighbours' exposure."""
    draws, drawn = placebo_frames(data, draws, placebo)
    weights = studies.neighbours(data.exposure.scope)

    def fit(k: int, effect: float) -> tuple[float, Any]:
        moved = drawn(k, 0.0)
        exposed = moved.groupby("region")[EXPOSURE].first().dropna()
        near = weights.keep(exposed.index).lag(exposed).fillna(0.0)
        moved["y"] += effect * moved["region"].map(near).fillna(0.0) * (moved["year"] >= WAVE)
        found = spillover(moved, weights=weights, **data.columns)
        return found.estimate, found

    return Trial(data.found.outcome, placebo, draws, fit, {"spillover, clustered by unit": own})


def across_space(data: studies.WaveData, draws: int, placebo: Placebo) -> Iterator[Trial]:
    """Spatial models of the change of each region, with the headline's controls."""
    draws, drawn = placebo_frames(data, draws, placebo)
    weights = studies.neighbours(data.exposure.scope)
    for name, model in (("spatial_error", spatial_error), ("spatial_lag", spatial_lag)):

        def fit(k: int, effect: float, model: Any = model) -> tuple[float, Any]:
            moved = replace(data, found=replace(data.found, frame=drawn(k, effect)))
            table = changes(moved)
            table = table[~table["region"].isin(weights.islands)]
            found = model(
                table,
                unit="region",
                outcome="change",
                regressors=[EXPOSURE, *data.controls],
                weights=weights.keep(table["region"].tolist()),
            )
            row = found.table.loc[EXPOSURE]
            return float(row["estimate"]), row

        yield Trial(data.found.outcome, placebo, draws, fit, {f"{name}, maximum likelihood": own})


def thirds(data: studies.WaveData, draws: int, placebo: Placebo) -> Trial:
    """The most exposed third against a weighted mean of the least exposed."""
    draws, drawn = placebo_frames(data, draws, placebo)
    kept = {key: data.columns[key] for key in ("unit", "period", "outcome", "exposure", "since")}

    def fit(k: int, effect: float) -> tuple[float, Any]:
        moved = drawn(k, 0.0)
        value = moved.groupby("region")[EXPOSURE].first()
        high = moved["region"].map(value >= value.quantile(HIGH)) & (moved["year"] >= WAVE)
        moved["y"] += effect * high
        found = contrast(moved, **kept, high=HIGH, replications=99, seed=k)
        return found.estimate, found

    named = {"synthetic_control, contrast of thirds": own}
    return Trial(data.found.outcome, placebo, draws, fit, named)


def shares(data: studies.WaveData, draws: int) -> Trial:
    """Shift-share errors: what controls leave of changes permuted, shares and shocks fixed."""
    found = sanctions.shift_share(load_fdi_shares(), 2014, data.exposure.scope)
    table = found.shares.dropna()
    table = table.loc[:, table.sum() > 0]
    unit = changes(data)
    unit = unit[unit["region"].isin(table.index)].reset_index(drop=True)
    table = table.loc[unit["region"]]
    shock = found.shock[table.columns]
    exposure = (table @ shock).to_numpy()
    change = unit["change"].to_numpy(float)
    fitted = explained(change, unit[list(data.controls)].to_numpy(float))
    orders, _ = unit_orders(np.zeros(len(unit)), draws, SEED, every=False)
    columns = {"unit": "region", "outcome": "change", "controls": data.controls}

    def fit(k: int, effect: float) -> tuple[float, Any]:
        moved = fitted + (change - fitted)[orders[k]] + effect * exposure
        one = shift_share(unit.assign(change=moved), shares=table, shocks=shock, **columns)
        return one.estimate, one.frames["inference"]["p_value"]

    named: dict[str, Judge] = {
        f"shift_share, {row}": lambda p, k, row=row: float(p[row])
        for row in ("akm", "akm0", "robust")
    }
    return Trial(data.found.outcome, "permuted", draws, fit, named)


def placebo_cohorts(data: studies.ValleyData, kind: Placebo, number: int) -> pd.DataFrame:
    """Return years of decrees that cannot have an effect, one column a region.

    "permuted": drawn anew within strata, as the primary test does. "spatial" and "spatial_size":
    hosts as alike among neighbours as the real ones, by chance or beside what size, income and
    exposure explain; years shuffled over them.
    """
    fixed = data.frame.groupby("region")[["cohort", "stratum", *BESIDE]].first()
    if kind == "permuted":
        labels = pd.factorize(fixed["stratum"], sort=True)[0]
        return pd.DataFrame(
            cohort_draws(fixed["cohort"], labels, number, SEED)[0], columns=fixed.index
        )
    host = fixed["cohort"].notna().to_numpy(float)
    near = studies.neighbours(regions.scope()).keep(list(fixed.index)).matrix.toarray()
    strata = pd.get_dummies(fixed["stratum"], drop_first=True, dtype=float)
    beside = np.column_stack([fixed[list(BESIDE)].to_numpy(float), strata])
    base = explained(host, beside) if kind == "spatial_size" else None
    hosts = spatially_alike(host, near, number, SEED, base) > 0
    years = np.full(hosts.shape, np.nan)
    rng = np.random.default_rng(SEED)
    for row, chosen in zip(years, hosts, strict=True):
        row[chosen] = rng.permutation(fixed["cohort"].dropna().to_numpy(float))
    return pd.DataFrame(years, columns=fixed.index)


def decrees(data: studies.ValleyData, draws: int, placebo: Placebo) -> Trial:
    """The primary test of decrees: the group-time mean, drawn anew within strata."""
    told, beside = stratified(data.frame, "region", "stratum", BESIDE)
    panel = CohortPanel.of(told, **PANEL, controls=beside)
    years = placebo_cohorts(data, placebo, draws)[list(panel.units)].to_numpy(float)
    labels = pd.factorize(unit_values(data.frame, "region", panel.units, "stratum"), sort=True)[0]
    known: dict[tuple[int, ...], np.ndarray] = {}

    def fit(k: int, effect: float) -> tuple[float, Any]:
        treated = panel.treated(years[k])
        moved = replace(panel, y=panel.y + effect * treated)
        estimate, _ = moved.moments(years[k], moved.net(years[k], moved.y[:, None]))
        return float(estimate[0]), (moved, effect)

    def primary(fitted: Any, k: int) -> float:
        moved, effect = fitted
        chosen = years[k]
        # Without an effect the law depends only on how many hosts each stratum has.
        mark = tuple(np.bincount(labels[~np.isnan(chosen)], minlength=labels.max() + 1))
        if effect or mark not in known:
            cohorts = pd.Series(chosen, panel.units)
            inner = 199 if effect else LAW
            again, _ = cohort_draws(cohorts, labels, inner, SEED + 1 + k)
            law = np.array([moved.studentised(one) for one in again])
            if not effect:
                known[mark] = law
        return permutation_p(
            moved.studentised(chosen), law if effect else known[mark], tails="equal"
        )

    named = {"group_time_att, randomisation": primary}
    return Trial(data.outcome_id, placebo, draws, fit, named)


def estimators(data: studies.ValleyData, draws: int, placebo: Placebo) -> Iterator[Trial]:
    """Estimators of decree years by their own errors, net of the headline's controls."""
    rows = data.frame
    years = placebo_cohorts(data, placebo, draws)
    full = rows.groupby("region")["year"].transform("nunique") == rows["year"].nunique()

    def drawn(k: int, effect: float) -> pd.DataFrame:
        moved = rows.assign(cohort=rows["region"].map(years.loc[k]))
        moved["y"] += effect * (moved["year"] >= moved["cohort"])
        return net_of_controls(moved)

    ways: dict[str, Callable[[pd.DataFrame], Any]] = {
        "group_time_att, mean over cohorts": lambda f: group_time_att(f, **NAMES, replications=0),
        "imputation": lambda f: imputation(f, **NAMES),
    }
    kept = rows.loc[full, "region"].unique()
    if placebo == "permuted":
        ways["synthetic_did, placebo errors"] = lambda f: synthetic_did(
            f[f["region"].isin(kept)], **NAMES, replications=50, seed=SEED
        )
    for name, way in ways.items():

        def fit(k: int, effect: float, way: Any = way) -> tuple[float, Any]:
            found = way(drawn(k, effect))
            return found.estimate, found

        yield Trial(data.outcome_id, placebo, draws, fit, {name: own})


def trials(share: float) -> Iterator[Trial]:
    """Everything that is measured, the primary tests first; `share` scales the number of draws."""
    series, scope = load_panel(), regions.scope()
    many, half, few = (max(round(DRAWS * part * share), 50) for part in (1.0, HALF, SLOW))
    data = {
        outcome: studies.wave_data(series, outcome, WAVE, EXPOSURE, scope)
        for outcome in (*OUTCOMES, COUNT)
    }
    years = valleys.decree_years(valleys.load_register())
    hosts = studies.valley_data(series, OUTCOMES[0], years, EXPOSURE, scope)
    staff, developed = data[OUTCOMES[0]], data[COUNT]
    placebos: tuple[Placebo, ...] = get_args(Placebo)
    # Permutation passes the first by construction; the last is the hardest.
    for placebo in reversed(placebos):
        number = many if placebo == "spatial_size" else half
        for outcome in OUTCOMES:
            yield least_squares(data[outcome], number, placebo)
        yield counts(developed, number, placebo)
        yield decrees(hosts, half, placebo)
    for placebo in reversed(placebos):
        for outcome in OUTCOMES:
            yield least_squares(data[outcome], few, placebo, core=False)
    yield shares(staff, half)
    for placebo in ("spatial_size", "permuted"):
        yield dynamic(staff, half, placebo)
        yield from across_space(staff, few, placebo)
        yield from estimators(hosts, few, placebo)
        yield dynamic(developed, half, placebo)
    # What controls explain of exposure stays in the other two, and so do neighbours' shares of it.
    yield neighbours_too(staff, 2 * few, "spatial")
    yield thirds(staff, few, "permuted")


def rows_of(share: float, only: str = "", missing: bool = False) -> Iterator[Calibration]:
    """Measure every trial whose method has one of some texts in it; keep what others showed."""
    known = {(one.method, one.outcome, one.placebo): one for one in load_calibration()}
    wanted = only.split(";")
    for trial in trials(share):
        keys = [(method, trial.outcome, trial.placebo) for method in trial.ways]
        asked = any(text in method for text in wanted for method in trial.ways)
        if asked and not (missing and all(key in known for key in keys)):
            yield from measure(trial)
        else:
            yield from (known[key] for key in keys if key in known)


def write(rows: Sequence[Calibration]) -> None:
    """Write the register of the studies, and the page made from it."""
    write_aside(REGISTER, _HEADER + "".join(map(_entry, rows)))
    write_aside(paths.root() / "docs" / "calibration.md", page(rows))


def _entry(row: Calibration) -> str:
    figures = {name: f"{getattr(row, name):.4f}" for name in ("size", "power", "bias")}
    facts = {"method": f"'{row.method}'", "outcome": row.outcome, "placebo": row.placebo}
    facts |= {"draws": row.draws, "injected": row.injected, **figures}
    return "- {" + ", ".join(f"{name}: {fact}" for name, fact in facts.items()) + "}\n"


def page(rows: Sequence[Calibration]) -> str:
    """Return the table of the docs."""
    limits = {"low": SIZE[0], "high": SIZE[1], "bias": BIAS, "power": POWER}
    text = _MARKDOWN.format(**{name: f"{100 * value:.0f}" for name, value in limits.items()})
    return text + "".join(
        f"| {row.method} | {row.outcome} | {row.placebo} | {row.draws:,} | {100 * row.size:.1f} "
        f"({100 * row.interval[0]:.1f} to {100 * row.interval[1]:.1f}) | {100 * row.power:.0f} | "
        f"{100 * row.bias:.1f} | {row.verdict} |\n"
        for row in rows
    )


_HEADER = (
    "# Written by benchmarks/calibration.py; do not edit by hand. Shares of draws with a placebo\n"
    "# exposure that a method rejected at 5 %, and with 2.8 standard deviations added.\n"
)
_MARKDOWN = """# Calibration on the project's own panel

Written by `make calibrate`. Exposure to the wave of 2022, or the years of decrees, is replaced by
one that cannot have an effect: "permuted" (what size, income and strata leave of it, permuted
within strata), "spatial" (random, as alike among neighbours as the real one: Moran spectral
randomisation) or "spatial_size" (the same for what size, income and strata leave, with these added
again; putting values in order keeps most of the likeness, 0.15 of a Moran's I of 0.20). A
permutation test passes the first by construction, and spectral randomisation the second; neither
passes "spatial_size" so. Where a test passes "spatial" and not "spatial_size", it does not stumble
on neighbours, but on what linear controls leave of the relation to size and income. The models are
those of the headlines, with their controls and strata; but the contrast of thirds has none, there
as here. Neighbours' exposure is measured under "spatial" alone: the other two leave its explained
part where it is. Decrees under the spatial placebos fall on some regions more often than on others,
which biases their mean by a quarter of a standard error.

Nothing is there to find: a test at 5 % should reject in 5 % of the draws. One rule decides, on the
95 % interval of the measured rate (Wilson's, in brackets). Wholly above {high} %: rejects too much.
Wholly below {high} %: sound. Otherwise undecided, which is not sound: more draws would be needed.
Wholly below {low} %: rejects too seldom, which is safe. Then an effect of 2.8 standard deviations
of the estimate is added in an eighth of the draws, which a good method finds in about 80 %. It is
biased if the mean estimate is off by more than {bias} % of the effect, and finds too little if the
share found is below {power} %, each again by the whole of its 95 % interval. The rule was written
after first results had been seen: an earlier one had wider limits where draws were few, and let
pass what this one leaves undecided. What a method lacks stands in every report card that uses it:
by the worst row of the outcome at hand, or by the worst of all where it was not measured.

| method | outcome | placebo | draws | rejected at 5 %, % | power, % | bias, % | the method |
|---|---|---|---|---|---|---|---|
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--share", type=float, default=1.0, help="of the standard number of draws")
    parser.add_argument(
        "--only", default="", help="methods with one of these texts, parted by semicolons"
    )
    parser.add_argument("--missing", action="store_true", help="only what is not known yet")
    parser.add_argument("--dry", action="store_true", help="print only")
    parser.add_argument("--page", action="store_true", help="write the page from the register only")
    asked = parser.parse_args()
    if asked.page:
        write(load_calibration())
        return
    rows: list[Calibration] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for row in rows_of(asked.share, asked.only, asked.missing):
            rows.append(row)
            if not asked.dry:
                write(rows)


if __name__ == "__main__":
    main()

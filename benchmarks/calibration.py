"""How often each method finds something on this very panel where nothing is.

    .venv/bin/python benchmarks/calibration.py            # three quarters of an hour on one core
    .venv/bin/python benchmarks/calibration.py --share 0.1 --dry
    .venv/bin/python benchmarks/calibration.py --only "randomisation;by unit"

Exposure (or decree years) is permuted over regions, or replaced by one as alike among neighbours
(and as related to size and income) as the real one, so that no effect exists; a test at 5 % should
reject in 5 % of the draws. Then an effect of 2.8 standard deviations of the estimate is added to
the permuted data: a sound method finds it four times in five and returns it without bias. Writes
studies/calibration.yml, which marks methods in report cards, and docs/calibration.md.
"""

import argparse
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, get_args

import numpy as np
import pandas as pd

from valley_analysis import paths, regions, sanctions, studies, valleys
from valley_analysis.files import write_aside
from valley_analysis.impact import sandwich
from valley_analysis.impact.checks_model import Sample
from valley_analysis.impact.checks_placebo import randomisation
from valley_analysis.impact.cohorts_randomised import randomise_cohorts
from valley_analysis.impact.conley import conley_inference, unit_distances
from valley_analysis.impact.event_study import event_study
from valley_analysis.impact.exposure_model import ExposureModel, unit_values
from valley_analysis.impact.group_time import group_time_att
from valley_analysis.impact.imputation import imputation
from valley_analysis.impact.permutations import unit_orders
from valley_analysis.impact.shift_share import shift_share
from valley_analysis.impact.spatial_models import spatial_error, spatial_lag
from valley_analysis.impact.spec_curve import specification_curve
from valley_analysis.impact.spec_plan import CurvePlan
from valley_analysis.impact.spillover import spillover
from valley_analysis.impact.synthetic_contrast import contrast
from valley_analysis.impact.synthetic_did import synthetic_did
from valley_analysis.impact.wild_bootstrap import grouped, wild_draws, wild_inference
from valley_analysis.impact.within import Groups
from valley_analysis.panel import load_panel
from valley_analysis.sources.icsid import load_fdi_shares
from valley_analysis.studies.calibration import (
    BIAS,
    POWER,
    REGISTER,
    SIZE,
    Calibration,
    Placebo,
    load_calibration,
)
from valley_analysis.studies.valley_data import BESIDE

SEED = 20260101
INJECTED = 2.8
ALPHA = 0.05
DRAWS = 2000
HIGH = 2 / 3
"""Quantile of exposure above which `contrast` counts a region as highly exposed."""
EXPOSURE = "imports_far_grp"
WAVE = 2022
Draw = tuple[float, float]
"""Estimate and p-value of one draw."""


@dataclass(frozen=True)
class Trial:
    """One method on one outcome.

    Attributes
    ----------
    fit
        Number of a draw, and what is added per unit of what was permuted -> estimate, p-value.
    unit
        What the estimate moves by when one is added.
    """

    method: str
    outcome: str
    draws: int
    fit: Callable[[int, float], Draw]
    unit: float = 1.0
    placebo: Placebo = "permuted"


def measure(trial: Trial) -> Calibration:
    """Fit every draw without an effect, then with one of 2.8 standard deviations."""
    null = np.array([trial.fit(k, 0.0) for k in range(trial.draws)])
    effect = INJECTED * float(null[:, 0].std())
    found = np.array([trial.fit(k, effect / trial.unit) for k in range(trial.draws)])
    row = Calibration(
        method=trial.method,
        outcome=trial.outcome,
        placebo=trial.placebo,
        draws=trial.draws,
        size=float((null[:, 1] <= ALPHA).mean()),
        error=float(np.sqrt(ALPHA * (1 - ALPHA) / trial.draws)),
        power=float((found[:, 1] <= ALPHA).mean()),
        bias=float(found[:, 0].mean() / effect - 1),
    )
    rates = (f"{100 * rate:6.1f} %" for rate in (row.size, row.power, row.bias))
    print(
        f"{row.method:50} {row.outcome:22} {row.placebo:12} {row.draws:5}",
        *rates,
        row.verdict,
        flush=True,
    )
    return row


def sandwiches(
    frame: pd.DataFrame, units: Groups, names: pd.Index
) -> dict[str, Callable[[sandwich.Fit], float]]:
    """Return the p-value of a fit by every variance, given its units and what they are called."""
    districts = grouped(units, unit_values(frame, "region", names, "district"))
    distances = unit_distances(frame, "region", names, "lon", "lat")
    ways: dict[str, Callable[[sandwich.Fit], float]] = {
        "heteroskedastic": lambda fit: sandwich.heteroskedastic(fit).p_value,
    }
    for by, groups in (("unit", units), ("district", districts)):
        ways |= {
            f"clustered by {by}": lambda fit, g=groups: sandwich.clustered(fit, g).p_value,
            f"CR2 by {by}": lambda fit, g=groups: sandwich.bias_reduced(fit, g).p_value,
            f"CR3 by {by}": lambda fit, g=groups: sandwich.jackknife(fit, g).p_value,
        }
    for km in (500.0, 1000.0, 2000.0):
        ways[f"Conley, {km:g} km"] = lambda fit, km=km: conley_inference(fit, distances, km).p_value
    return ways


def placebo_exposures(
    data: studies.WaveData, units: pd.Index, kind: Placebo, number: int
) -> np.ndarray:
    """Return exposures that cannot have an effect, number x units.

    "permuted": what controls leave of exposure, permuted within strata, as the primary test does.
    "spatial": Moran spectral randomisation (Wagner and Dray 2015, Methods in Ecology and Evolution
    6(10), 1169-1178): the exposure's coefficients on the eigenvectors of the spatial weights keep
    their size and get a random sign, so Moran's I stays; then the real values are put in that
    order. "spatial_size": the same for what the controls leave, which are then added again.
    """
    columns = [EXPOSURE, "stratum", *data.controls]
    fixed = data.frame.groupby("region")[columns].first().reindex(units)
    x = fixed[EXPOSURE].to_numpy(float)
    others = np.column_stack([np.ones(len(x)), fixed[list(data.controls)].to_numpy(float)])
    fitted = others @ np.linalg.lstsq(others, x, rcond=None)[0]
    if kind == "permuted":
        labels = pd.factorize(fixed["stratum"], sort=True)[0]
        orders, _ = unit_orders(labels, number, SEED, every=False)
        return fitted + (x - fitted)[orders]
    base = np.full(len(x), x.mean()) if kind == "spatial" else fitted
    matrix = studies.neighbours(data.exposure.scope).keep(list(units)).matrix.toarray()
    centre = np.eye(len(x)) - 1 / len(x)
    _, vectors = np.linalg.eigh(centre @ (matrix + matrix.T) / 2 @ centre)
    signs = np.random.default_rng(SEED).choice([-1.0, 1.0], (number, len(x)))
    drawn = base + (signs * (vectors.T @ (x - base))) @ vectors.T
    places = drawn.argsort(axis=1).argsort(axis=1)
    return np.sort(x)[places]


def least_squares(
    data: studies.WaveData, share: float, placebo: Placebo = "permuted"
) -> Iterator[Trial]:
    """Every way of making inference for the difference in differences, with its controls."""
    names = ("unit", "period", "outcome", "exposure", "since", "controls")
    kept = {key: data.columns[key] for key in names}
    model = ExposureModel.of(data.frame, **kept)
    rows, units = model.rows, model.within.units
    by_district = grouped(units, unit_values(data.frame, "region", model.units, "district"))
    exposures = placebo_exposures(data, model.units, placebo, how_many(share))
    strata = pd.factorize(unit_values(data.frame, "region", model.units, "stratum"), sort=True)[0]
    inner, _ = unit_orders(strata, 399, SEED + 1, every=False)
    y = rows["y"].to_numpy(float)
    after = (rows["year"] >= WAVE).to_numpy(float)

    def drawn(k: int, effect: float) -> ExposureModel:
        moved = model.with_exposure(exposures[k])
        added = effect * after * exposures[k][units.codes]
        return moved.with_outcome(y + added) if effect else moved

    def by_randomisation(one: ExposureModel, k: int) -> float:
        return replace(one.draws(one.unexplained[inner]), tails="equal").p_value()

    def wild(one: ExposureModel, groups: Groups, seed: int) -> float:
        return wild_inference(one.fit, groups, wild_draws(one.fit, groups, 399, seed)).p_value

    ways: dict[str, Callable[[ExposureModel, int], float]] = {
        "randomisation": by_randomisation,
    }
    ways |= {
        name: lambda m, k, way=way: way(m.fit)
        for name, way in sandwiches(data.frame, units, model.units).items()
    }
    ways |= {
        "wild bootstrap by unit": lambda m, k: wild(m, units, k),
        "wild bootstrap by district": lambda m, k: wild(m, by_district, k),
    }
    for name, p_value in ways.items():

        def fit(k: int, effect: float, p_value: Callable = p_value) -> Draw:
            one = drawn(k, effect)
            return one.fit.estimate, p_value(one, k)

        method, outcome = f"difference_in_differences, {name}", data.found.outcome
        yield Trial(method, outcome, len(exposures), fit, placebo=placebo)


def refitted(
    data: studies.WaveData, share: float, placebo: Placebo = "permuted"
) -> Iterator[Trial]:
    """Estimators that are called whole: Poisson, event study, contrast, spatial models."""
    frame, columns = data.frame, data.columns
    units = frame.groupby("region")[EXPOSURE].first().dropna()
    exposures = placebo_exposures(data, units.index, placebo, how_many(share))
    poisson = columns["family"] == "poisson"

    def drawn(k: int, effect: float) -> pd.DataFrame:
        permuted = pd.Series(exposures[k], units.index)
        moved = frame.assign(**{EXPOSURE: frame["region"].map(permuted)})
        shift = effect * moved[EXPOSURE] * (moved["year"] >= WAVE)
        return moved.assign(y=moved["y"] * np.exp(shift) if poisson else moved["y"] + shift)

    event = {key: value for key, value in columns.items() if key != "since"}

    def dynamic(k: int, effect: float) -> Draw:
        found = event_study(drawn(k, effect), reference=data.reference, **event)
        return found.estimate, found.p_value

    if poisson:
        yield from counts(data, drawn, len(exposures), placebo)
        if placebo != "permuted":
            return
        yield Trial("event_study, Poisson mean after", data.found.outcome, len(exposures), dynamic)
        return
    yield Trial(
        "event_study, mean after", data.found.outcome, len(exposures), dynamic, placebo=placebo
    )
    if placebo != "permuted":
        return
    yield from cross_sections(data, drawn, len(exposures))
    kept = {key: columns[key] for key in ("unit", "period", "outcome", "exposure", "since")}

    def thirds(k: int, effect: float) -> Draw:
        moved = drawn(k, 0.0)
        value = moved.groupby("region")[EXPOSURE].first()
        high = moved["region"].map(value >= value.quantile(HIGH)) & (moved["year"] >= WAVE)
        moved["y"] += effect * high
        found = contrast(moved, **kept, high=HIGH, replications=99, seed=k)
        return found.estimate, found.p_value

    yield Trial("synthetic_control, contrast of thirds", data.found.outcome, len(exposures), thirds)


def counts(
    data: studies.WaveData,
    drawn: Callable[[int, float], pd.DataFrame],
    draws: int,
    placebo: Placebo = "permuted",
) -> Iterator[Trial]:
    """Ways of making inference for a Poisson model."""
    # Neither permuted exposure nor an effect changes which rows and units there are.
    base = Sample.of(data.frame, **data.columns)

    def judged(k: int, effect: float, way: Callable[[sandwich.Fit], float]) -> Draw:
        fit = Sample.of(drawn(k, effect), **data.columns).base
        return fit.estimate, way(fit)

    def permuted_counts(k: int, effect: float) -> Draw:
        more = {"strata": "stratum", "tails": "equal", "permutations": 399, "seed": k}
        found = randomisation(drawn(k, effect), **more, **data.columns).facts
        return found["estimate"], found["p_randomisation"]

    ways = sandwiches(data.frame, base.base.within.units, base.exposure.index)
    outcome, head = data.found.outcome, "difference_in_differences, Poisson"
    yield Trial(f"{head} randomisation", outcome, draws, permuted_counts, placebo=placebo)
    for name, way in ways.items():
        fit = partial(judged, way=way)
        yield Trial(f"{head} {name}", outcome, draws, fit, placebo=placebo)


def cross_sections(
    data: studies.WaveData, drawn: Callable[[int, float], pd.DataFrame], draws: int
) -> Iterator[Trial]:
    """Neighbours' exposure, and spatial models of the change of each region."""
    weights = studies.neighbours(data.exposure.scope)

    def around(k: int, effect: float) -> Draw:
        moved = drawn(k, 0.0)
        exposed = moved.groupby("region")[EXPOSURE].first().dropna()
        near = weights.keep(exposed.index).lag(exposed).fillna(0.0)
        after = moved["year"] >= WAVE
        moved["y"] += effect * moved["region"].map(near).fillna(0.0) * after
        found = spillover(moved, weights=weights, **data.columns)
        return found.estimate, found.p_value

    yield Trial("spillover, clustered by unit", data.found.outcome, draws, around)

    def changes(k: int, effect: float) -> pd.DataFrame:
        moved = drawn(k, effect)
        means = moved.groupby(["region", moved["year"] >= WAVE])["y"].mean().unstack()
        table = pd.DataFrame({"change": means[True] - means[False]})
        table[EXPOSURE] = moved.groupby("region")[EXPOSURE].first()
        table = table.dropna()
        islands = [unit for unit in weights.islands if unit in table.index]
        return table.drop(index=islands).reset_index()

    for name, model in (("spatial_error", spatial_error), ("spatial_lag", spatial_lag)):

        def fit(k: int, effect: float, model: Any = model) -> Draw:
            table = changes(k, effect)
            near = weights.keep(table["region"].tolist())
            found = model(
                table, unit="region", outcome="change", regressors=[EXPOSURE], weights=near
            )
            row = found.table.loc[EXPOSURE]
            return float(row["estimate"]), float(row["p_value"])

        yield Trial(f"{name}, maximum likelihood", data.found.outcome, draws, fit)


def shares(data: studies.WaveData, share: float) -> Iterator[Trial]:
    """Shift-share errors: changes of regions permuted over regions, shares and shocks fixed."""
    frame = data.frame
    means = frame.groupby(["region", frame["year"] >= WAVE])["y"].mean().unstack()
    change = (means[True] - means[False]).dropna()
    found = sanctions.shift_share(load_fdi_shares(), 2014, data.exposure.scope)
    table = found.shares.dropna()
    table = table.loc[:, table.sum() > 0]
    kept = change.index.intersection(table.index)
    table, change = table.loc[kept], change[kept]
    exposure = table @ found.shock[table.columns]
    orders, _ = unit_orders(np.zeros(len(kept)), how_many(share), SEED, every=False)
    for row in ("akm", "akm0", "robust"):

        def fit(k: int, effect: float, row: str = row) -> Draw:
            moved = change.to_numpy()[orders[k]] + effect * exposure.to_numpy()
            unit = pd.DataFrame({"region": kept, "y": moved})
            one = shift_share(unit, unit="region", outcome="y", shares=table, shocks=found.shock)
            told = one.frames["inference"].loc[row]
            return one.estimate, float(told["p_value"])

        yield Trial(f"shift_share, {row}", data.found.outcome, len(orders), fit)


def cohorts(share: float) -> Iterator[Trial]:
    """Estimators of decree years, decrees drawn anew over regions."""
    years = valleys.decree_years(valleys.load_register())
    data = studies.valley_data(load_panel(), "rd_staff", years, EXPOSURE, regions.scope())
    frame = data.frame
    cohort = frame.groupby("region")["cohort"].first()
    orders, _ = unit_orders(np.zeros(len(cohort)), how_many(share), SEED, every=False)
    names: dict[str, Any] = {"unit": "region", "period": "year", "outcome": "y", "cohort": "cohort"}
    full = frame.groupby("region")["year"].transform("nunique") == frame["year"].nunique()

    def drawn(k: int, effect: float, rows: pd.DataFrame) -> pd.DataFrame:
        permuted = pd.Series(cohort.to_numpy()[orders[k]], cohort.index)
        moved = rows.assign(cohort=rows["region"].map(permuted))
        return moved.assign(y=moved["y"] + effect * (moved["year"] >= moved["cohort"]))

    def primary(rows: pd.DataFrame) -> Any:
        told = {"controls": BESIDE, "strata": "stratum", "permutations": 199, "seed": SEED + 1}
        return randomise_cohorts(rows, **names, **told)

    estimators: dict[str, tuple[Callable[[pd.DataFrame], Any], pd.DataFrame]] = {
        "group_time_att, randomisation": (primary, frame),
        "group_time_att, mean over cohorts": (
            lambda f: group_time_att(f, **names, replications=0),
            frame,
        ),
        "imputation": (lambda f: imputation(f, **names), frame),
        "synthetic_did, placebo errors": (
            lambda f: synthetic_did(f, **names, replications=50, seed=SEED),
            frame[full],
        ),
    }
    for name, (estimator, rows) in estimators.items():

        def fit(k: int, effect: float, estimator: Any = estimator, rows: Any = rows) -> Draw:
            found = estimator(drawn(k, effect, rows))
            return found.estimate, found.p_value

        yield Trial(name, "rd_staff", len(orders), fit)


def curves(data: studies.WaveData, share: float) -> Trial:
    """The joint test of a small specification curve."""
    units = data.frame.groupby("region")[EXPOSURE].first().dropna()
    orders, _ = unit_orders(np.zeros(len(units)), how_many(share), SEED, every=False)
    plan = CurvePlan(
        "region",
        "year",
        WAVE,
        {"log": "y"},
        {"rank": EXPOSURE},
        samples={"all": None, "no_capitals": "no_capitals"},
        before={"all": None, "2021": (2021,)},
    )

    def fit(k: int, effect: float) -> Draw:
        permuted = pd.Series(units.to_numpy()[orders[k]], units.index)
        moved = data.frame.assign(**{EXPOSURE: data.frame["region"].map(permuted)})
        moved["y"] += effect * moved[EXPOSURE] * (moved["year"] >= WAVE)
        found = specification_curve(moved, plan, permutations=199, seed=k).joint.loc["median"]
        return float(found["observed"]), float(found["p_value"])

    # The curve is told per interquartile range.
    iqr = float(np.subtract(*np.quantile(units, [0.75, 0.25])))
    return Trial("specification_curve, joint median", data.found.outcome, len(orders), fit, iqr)


def how_many(share: float) -> int:
    """Return the number of draws."""
    return max(int(DRAWS * share), 20)


def trials(share: float) -> Iterator[Trial]:
    """Everything that is measured; `share` scales the number of draws."""
    series, scope = load_panel(), regions.scope()

    def data(outcome: str) -> studies.WaveData:
        return studies.wave_data(series, outcome, WAVE, EXPOSURE, scope)

    staff = data("rd_staff")
    for placebo in get_args(Placebo):
        for outcome in ("rd_staff", "technologies_used", "innovation_activity"):
            yield from least_squares(data(outcome), share, placebo)
        yield from refitted(staff, share, placebo)
        yield from refitted(data("technologies_developed"), share, placebo)
    yield from shares(staff, share)
    yield from cohorts(share)
    yield curves(staff, share)


def rows_of(share: float, only: str = "") -> Iterator[Calibration]:
    """Measure every trial whose method ends on one of some texts; keep what is known of others."""
    known = {(one.method, one.outcome, one.placebo): one for one in load_calibration()}
    wanted = tuple(only.split(";"))
    for trial in trials(share):
        key = (trial.method, trial.outcome, trial.placebo)
        if trial.method.endswith(wanted):
            yield measure(trial)
        elif key in known:
            yield known[key]


def write(rows: Sequence[Calibration]) -> None:
    """Write the register of the studies, and the page made from it."""
    write_aside(REGISTER, _HEADER + "".join(map(_entry, rows)))
    write_aside(paths.root() / "docs" / "calibration.md", page(rows))


def _entry(row: Calibration) -> str:
    figures = {name: f"{getattr(row, name):.4f}" for name in ("size", "error", "power", "bias")}
    facts = {"method": f"'{row.method}'", "outcome": row.outcome, "placebo": row.placebo}
    facts |= {"draws": row.draws, **figures}
    return "- {" + ", ".join(f"{name}: {fact}" for name, fact in facts.items()) + "}\n"


def page(rows: Sequence[Calibration]) -> str:
    """Return the table of the docs."""
    limits = {"low": SIZE[0], "high": SIZE[1], "bias": BIAS, "power": POWER}
    text = _MARKDOWN.format(**{name: f"{100 * value:.0f}" for name, value in limits.items()})
    return text + "".join(
        f"| {row.method} | {row.outcome} | {row.placebo} | {row.draws:,} | {100 * row.size:.1f} "
        f"({100 * row.error:.1f}) | {100 * row.power:.1f} | {100 * row.bias:.1f} | "
        f"{row.verdict} |\n"
        for row in rows
    )


_HEADER = (
    "# Written by benchmarks/calibration.py; do not edit by hand. Shares of draws with permuted\n"
    "# exposure that a method rejected at 5 %, and with 2.8 standard deviations added.\n"
)
_MARKDOWN = """# Calibration on the project's own panel

Written by `make calibrate`. Exposure to the wave of 2022, or the years of decrees, is replaced by
one that cannot have an effect: "permuted" (what size, income and strata leave of it, permuted
within strata; decrees over all regions), "spatial" (random, as alike among neighbours as the
real one: Moran spectral randomisation) or "spatial_size" (the same for what size, income and
strata leave, with these added again). A permutation test passes the first by construction, not
the others. The models are those of the headlines, with their controls, in all rows with placebo
"spatial" or "spatial_size" and in "permuted" ones of fewer than 2,000 draws; others were measured
without them. Nothing is there to find: a test at 5 % should reject in 5 % of the draws, and is
sound here between {low} and {high} (the Monte Carlo error is in brackets). Then an effect of 2.8
standard deviations of the estimate is added to the permuted data, which a sound method finds in
about 80 % of the draws (at least {power}) with a bias of at most {bias} %; the bias is that of the
mean estimate, relative to the effect. With fewer draws than 2,000 the limits are wider by what the
Monte Carlo error adds. What a method lacks stands in every report card that uses it:
by the worst row of the outcome at hand, or by the worst of all where it was not measured.

| method | outcome | placebo | draws | rejected at 5 % (error) | power, % | bias, % | the method |
|---|---|---|---|---|---|---|---|
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--share", type=float, default=1.0, help="of the standard number of draws")
    parser.add_argument(
        "--only",
        default="",
        help="methods that end on one of these texts, parted by semicolons; others are kept",
    )
    parser.add_argument("--dry", action="store_true", help="print only")
    parser.add_argument("--page", action="store_true", help="write the page from the register only")
    asked = parser.parse_args()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rows = load_calibration() if asked.page else tuple(rows_of(asked.share, asked.only))
    if not asked.dry:
        write(rows)


if __name__ == "__main__":
    main()

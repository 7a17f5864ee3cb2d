"""How often each method finds something on this very panel where nothing is.

    .venv/bin/python benchmarks/calibration.py            # a quarter of an hour on one core
    .venv/bin/python benchmarks/calibration.py --share 0.1 --dry

Exposure (or decree years) is permuted over regions, so that no effect exists; a test at 5 % should
reject in 5 % of the draws. Then an effect of 2.8 standard deviations of the estimate is added to
the permuted data: a sound method finds it four times in five and returns it without bias. Writes
studies/calibration.yml, which marks methods in report cards, and docs/calibration.md.
"""

import argparse
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from valley_analysis import paths, regions, sanctions, studies, valleys
from valley_analysis.files import write_aside
from valley_analysis.impact import sandwich
from valley_analysis.impact.conley import conley_inference, unit_distances
from valley_analysis.impact.did import difference_in_differences
from valley_analysis.impact.event_study import event_study
from valley_analysis.impact.exposure_model import ExposureModel, unit_values
from valley_analysis.impact.group_time import group_time_att
from valley_analysis.impact.imputation import imputation
from valley_analysis.impact.permutations import unit_orders
from valley_analysis.impact.shift_share import shift_share
from valley_analysis.impact.spatial_models import spatial_error, spatial_lag
from valley_analysis.impact.spec_curve import specification_curve
from valley_analysis.impact.spec_plan import CurvePlan
from valley_analysis.impact.synthetic_contrast import contrast
from valley_analysis.impact.synthetic_did import synthetic_did
from valley_analysis.impact.wild_bootstrap import wild_draws, wild_inference
from valley_analysis.impact.within import Groups
from valley_analysis.panel import load_panel
from valley_analysis.sources.icsid import load_fdi_shares
from valley_analysis.studies.calibration import REGISTER, SIZE

SEED = 20260101
INJECTED = 2.8
EXPOSURE = "imports_far_grp"
WAVE = 2022
Draw = tuple[float, float]
"""Estimate and p-value of one draw."""


@dataclass
class Row:
    """One method: rejections where nothing is, and with an effect added."""

    method: str
    outcome: str
    null: list[float]
    found: list[float]
    estimates: list[float]
    effect: float

    @property
    def size(self) -> float:
        return float((np.array(self.null) <= 0.05).mean())

    @property
    def error(self) -> float:
        return float(np.sqrt(0.05 * 0.95 / len(self.null)))

    @property
    def power(self) -> float:
        return float((np.array(self.found) <= 0.05).mean()) if self.found else float("nan")

    @property
    def bias(self) -> float:
        return float(np.mean(self.estimates) / self.effect - 1) if self.found else float("nan")

    @property
    def verdict(self) -> str:
        low, high = SIZE[0] - 2 * self.error, SIZE[1] + 2 * self.error
        return "sound" if low <= self.size <= high else "fails"


def run(
    method: str, outcome: str, draws: int, fit: Callable[[int, float], Draw], power: bool = True
) -> Row:
    """Fit every draw without an effect, then with one of 2.8 standard deviations."""
    null = [fit(k, 0.0) for k in range(draws)]
    effect = INJECTED * float(np.std([estimate for estimate, _ in null]))
    found = [fit(k, effect) for k in range(draws)] if power else []
    row = Row(method, outcome, [p for _, p in null], [p for _, p in found],
              [estimate for estimate, _ in found], effect)  # fmt: skip
    rates = (f"{100 * rate:6.1f} %" for rate in (row.size, row.power, row.bias))
    print(f"{method:48} {outcome:22} {draws:5}", *rates, row.verdict, flush=True)
    return row


def least_squares(data: studies.WaveData, share: float) -> Iterator[Row]:
    """Every way of making inference for the difference in differences."""
    kept = {key: data.columns[key] for key in ("unit", "period", "outcome", "exposure", "since")}
    model = ExposureModel.of(data.frame, **kept)
    rows, units = model.rows, model.within.units
    district = unit_values(data.frame, "region", model.units, "district").to_numpy()
    by_district = Groups.of(district[units.codes])
    distances = unit_distances(data.frame, "region", model.units, "lon", "lat")
    # Over all regions: within strata, differences between strata would stay and be found.
    strata = np.zeros(len(model.units))
    orders, _ = unit_orders(strata, max(int(2000 * share), 20), SEED, every=False)
    inner, _ = unit_orders(strata, 399, SEED + 1, every=False)
    y = rows["y"].to_numpy(float)
    after = (rows["year"] >= WAVE).to_numpy(float)

    def drawn(k: int, effect: float) -> ExposureModel:
        permuted = model.exposure[orders[k]]
        moved = model.with_exposure(permuted)
        return moved.with_outcome(y + effect * after * permuted[units.codes]) if effect else moved

    def by_randomisation(one: ExposureModel, k: int) -> float:
        return one.draws(one.exposure[inner]).p_value()

    ways: dict[str, tuple[float, Callable[[ExposureModel, int], float]]] = {
        "heteroskedastic": (1.0, lambda m, k: sandwich.heteroskedastic(m.fit).p_value),
        "clustered by unit": (1.0, lambda m, k: sandwich.clustered(m.fit, units).p_value),
        "CR2 by unit": (0.25, lambda m, k: sandwich.bias_reduced(m.fit, units).p_value),
        "CR3 by unit": (0.25, lambda m, k: sandwich.jackknife(m.fit, units).p_value),
        "clustered by district": (1.0, lambda m, k: sandwich.clustered(m.fit, by_district).p_value),
        "CR2 by district": (0.25, lambda m, k: sandwich.bias_reduced(m.fit, by_district).p_value),
        "wild bootstrap by unit": (
            0.2,
            lambda m, k: wild_inference(m.fit, units, wild_draws(m.fit, units, 399, k)).p_value,
        ),
        "wild bootstrap by district": (
            0.2,
            lambda m, k: (
                wild_inference(m.fit, by_district, wild_draws(m.fit, by_district, 399, k)).p_value
            ),
        ),
        "randomisation": (0.2, by_randomisation),
    }
    for km in (500.0, 1000.0, 2000.0):
        ways[f"Conley, {km:g} km"] = (
            1.0,
            lambda m, k, km=km: conley_inference(m.fit, distances, km).p_value,
        )
    for name, (part, p_value) in ways.items():

        def fit(k: int, effect: float, p_value: Callable = p_value) -> Draw:
            one = drawn(k, effect)
            return one.fit.estimate, p_value(one, k)

        draws = max(int(len(orders) * part), 20)
        yield run(f"difference_in_differences, {name}", data.found.outcome, draws, fit)


def refitted(data: studies.WaveData, share: float) -> Iterator[Row]:
    """Estimators that are called whole: Poisson, event study, contrast, spatial models."""
    frame, columns = data.frame, data.columns
    units = frame.groupby("region")[EXPOSURE].first().dropna()
    orders, _ = unit_orders(np.zeros(len(units)), max(int(500 * share), 10), SEED, every=False)
    poisson = columns["family"] == "poisson"

    def drawn(k: int, effect: float) -> pd.DataFrame:
        permuted = pd.Series(units.to_numpy()[orders[k]], units.index)
        moved = frame.assign(**{EXPOSURE: frame["region"].map(permuted)})
        shift = effect * moved[EXPOSURE] * (moved["year"] >= WAVE)
        return moved.assign(y=moved["y"] * np.exp(shift) if poisson else moved["y"] + shift)

    def whole(k: int, effect: float) -> Draw:
        found = difference_in_differences(drawn(k, effect), **columns)
        return found.estimate, found.p_value

    if poisson:
        draws = min(len(orders), max(int(300 * share), 10))
        yield run("difference_in_differences, Poisson", data.found.outcome, draws, whole)
        return
    event = {key: value for key, value in columns.items() if key != "since"}

    def dynamic(k: int, effect: float) -> Draw:
        found = event_study(drawn(k, effect), reference=data.reference, **event)
        return found.estimate, found.p_value

    yield run("event_study, mean after", data.found.outcome, len(orders), dynamic)
    yield from cross_sections(data, drawn, len(orders))
    kept = {key: columns[key] for key in ("unit", "period", "outcome", "exposure", "since")}

    def thirds(k: int, effect: float) -> Draw:
        found = contrast(drawn(k, effect), **kept, replications=99, seed=k)
        return found.estimate, found.p_value

    draws = max(int(200 * share), 10)
    yield run("synthetic_control, contrast of thirds", data.found.outcome, draws, thirds, False)


def cross_sections(
    data: studies.WaveData, drawn: Callable[[int, float], pd.DataFrame], draws: int
) -> Iterator[Row]:
    """Spatial models of the change of each region."""
    weights = studies.neighbours(data.exposure.scope)

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

        yield run(f"{name}, maximum likelihood", data.found.outcome, draws, fit)


def shares(data: studies.WaveData, share: float) -> Iterator[Row]:
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
    orders, _ = unit_orders(np.zeros(len(kept)), max(int(1000 * share), 20), SEED, every=False)
    for row in ("akm", "akm0", "robust"):

        def fit(k: int, effect: float, row: str = row) -> Draw:
            moved = change.to_numpy()[orders[k]] + effect * exposure.to_numpy()
            unit = pd.DataFrame({"region": kept, "y": moved})
            one = shift_share(unit, unit="region", outcome="y", shares=table, shocks=found.shock)
            told = one.frames["inference"].loc[row]
            return one.estimate, float(told["p_value"])

        yield run(f"shift_share, {row}", data.found.outcome, len(orders), fit)


def cohorts(share: float) -> Iterator[Row]:
    """Estimators of decree years, decrees drawn anew over regions."""
    years = valleys.decree_years(valleys.load_register())
    data = studies.valley_data(load_panel(), "rd_staff", years, EXPOSURE, regions.scope())
    frame = data.frame
    cohort = frame.groupby("region")["cohort"].first()
    orders, _ = unit_orders(np.zeros(len(cohort)), max(int(500 * share), 10), SEED, every=False)
    names: dict[str, Any] = {"unit": "region", "period": "year", "outcome": "y", "cohort": "cohort"}
    full = frame.groupby("region")["year"].transform("nunique") == frame["year"].nunique()

    def drawn(k: int, effect: float, rows: pd.DataFrame) -> pd.DataFrame:
        permuted = pd.Series(cohort.to_numpy()[orders[k]], cohort.index)
        moved = rows.assign(cohort=rows["region"].map(permuted))
        return moved.assign(y=moved["y"] + effect * (moved["year"] >= moved["cohort"]))

    estimators: dict[str, tuple[int, Callable[[pd.DataFrame], Any], pd.DataFrame]] = {
        "group_time_att, mean over cohorts": (
            len(orders),
            lambda f: group_time_att(f, **names, replications=0),
            frame,
        ),
        "imputation": (len(orders), lambda f: imputation(f, **names), frame),
        "synthetic_did, placebo errors": (
            max(int(100 * share), 10),
            lambda f: synthetic_did(f, **names, replications=50, seed=SEED),
            frame[full],
        ),
    }
    for name, (draws, estimator, rows) in estimators.items():

        def fit(k: int, effect: float, estimator: Any = estimator, rows: Any = rows) -> Draw:
            found = estimator(drawn(k, effect, rows))
            return found.estimate, found.p_value

        yield run(name, "rd_staff", draws, fit)


def curves(data: studies.WaveData, share: float) -> Row:
    """The joint test of a small specification curve."""
    units = data.frame.groupby("region")[EXPOSURE].first().dropna()
    orders, _ = unit_orders(np.zeros(len(units)), max(int(200 * share), 10), SEED, every=False)
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
        found = specification_curve(moved, plan, permutations=199, seed=k)
        return float(found.joint.loc["median", "observed"]), float(
            found.joint.loc["median", "p_value"]
        )

    return run("specification_curve, joint median", data.found.outcome, len(orders), fit, False)


def rows_of(share: float) -> list[Row]:
    """Run everything; `share` scales the numbers of draws."""
    series, scope = load_panel(), regions.scope()

    def data(outcome: str) -> studies.WaveData:
        return studies.wave_data(series, outcome, WAVE, EXPOSURE, scope)

    staff = data("rd_staff")
    found = list(least_squares(staff, share))
    for outcome in ("technologies_used", "innovation_activity"):
        found += least_squares(data(outcome), share / 2)
    found += refitted(staff, share)
    found += refitted(data("technologies_developed"), share)
    found += shares(staff, share)
    found += cohorts(share)
    found.append(curves(staff, share))
    return found


def write(rows: list[Row], share: float) -> None:
    """Write the register of the studies and the page of the docs."""
    pooled: dict[str, list[Row]] = {}
    for row in rows:
        pooled.setdefault(row.method, []).append(row)
    entries = [_entry(method, group) for method, group in pooled.items()]
    write_aside(REGISTER, _HEADER + "".join(entries))
    lines = [_MARKDOWN.format(share=f"{share:g}"), _TABLE]
    lines += [
        f"| {row.method} | {row.outcome} | {len(row.null):,} | {100 * row.size:.1f} "
        f"({100 * row.error:.1f}) | {_shown(100 * row.power)} | {_shown(100 * row.bias)} | "
        f"{row.verdict} |\n"
        for row in rows
    ]
    write_aside(paths.root() / "docs" / "calibration.md", "".join(lines))


def _entry(method: str, rows: list[Row]) -> str:
    """Draws of all outcomes together."""
    null = np.concatenate([row.null for row in rows])
    size, error = float((null <= 0.05).mean()), float(np.sqrt(0.05 * 0.95 / len(null)))
    text = f"- {{method: '{method}', draws: {len(null)}, size: {size:.4f}, error: {error:.4f}"
    if rows[0].found:
        power = np.mean([row.power for row in rows])
        bias = np.mean([row.bias for row in rows])
        text += f", power: {power:.4f}, bias: {bias:.4f}"
    return text + "}\n"


def _shown(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.1f}"


_HEADER = (
    "# Written by benchmarks/calibration.py; do not edit by hand. Shares of draws with permuted\n"
    "# exposure that a method rejected at 5 %, and with 2.8 standard deviations added.\n"
)
_MARKDOWN = """# Calibration on the project's own panel

Written by `.venv/bin/python benchmarks/calibration.py` (draws times {share}). Exposure to the wave
of 2022, or the years of decrees, is permuted over regions, so that nothing is there to find: a test
at 5 % should reject in 5 % of the draws, between 3 and 7 to count as sound here (the Monte Carlo
error, in brackets, is allowed for twice). Then an effect of 2.8 standard deviations of the estimate
is added to the permuted data, which a sound method finds in about 80 % of the draws; bias is that
of the mean estimate, relative to the effect. A method that fails is marked in every report card.

"""
_TABLE = (
    "| method | outcome | draws | rejected at 5 %, % (MC error) | power, % | bias, % | verdict |\n"
    "|---|---|---|---|---|---|---|\n"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--share", type=float, default=1.0, help="of the standard numbers of draws")
    parser.add_argument("--dry", action="store_true", help="print only")
    asked = parser.parse_args()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rows = rows_of(asked.share)
    if not asked.dry:
        write(rows, asked.share)


if __name__ == "__main__":
    main()

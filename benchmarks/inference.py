"""Inference side by side: what it costs, and whether it is calibrated.

    .venv/bin/python benchmarks/inference.py

Cost: 9,999 permutations and a whole table of inferences, beside fitting each permutation with
pyfixest and beside wildboottest. Calibration: exposures permuted over the units of a made-up
panel of the project's size (83 units, 13 years, autocorrelated errors of unequal variance that
are alike in a district), so that no exposure has an effect: a test at 5 % should reject 5 %.
Then an effect of 2.8 standard deviations of the placebo estimates is added: bias, and power,
which should be near 80 %.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from _common import clock, main, table

from valley_analysis.impact.conley import conley_inference
from valley_analysis.impact.exposure_model import ExposureModel
from valley_analysis.impact.inference import compare_inference
from valley_analysis.impact.inversion import invert
from valley_analysis.impact.randomisation import permuted
from valley_analysis.impact.sandwich import (
    Fit,
    bias_reduced,
    clustered,
    heteroskedastic,
    jackknife,
)
from valley_analysis.impact.wild_bootstrap import clusters_of, wild_draws
from valley_analysis.spatial.distances import great_circle_km

NAMES = {"unit": "unit", "period": "year", "outcome": "y", "exposure": "x", "since": 2018}
DRAWS, RESAMPLES, PERMUTATIONS, ALPHA, SEED = 2000, 399, 9999, 0.05, 1
LOOP = 10
Tests = dict[str, Callable[[ExposureModel, Fit, int], float]]


def panel(units: int, periods: int, seed: int = 0) -> pd.DataFrame:
    """Errors with an autoregression of 0.6, shocks of a district, skewed exposures."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        [(u, 2022 - periods + t) for u in range(units) for t in range(periods)],
        columns=["unit", "year"],
    )
    district = np.arange(units) % 8
    errors = rng.normal(size=(units, periods)) * rng.uniform(0.5, 2, (units, 1))
    errors += 0.7 * rng.normal(size=(8, periods))[district]
    for t in range(1, periods):
        errors[:, t] += 0.6 * errors[:, t - 1]
    frame["y"] = errors.ravel()
    frame["x"] = (np.argsort(np.argsort(rng.lognormal(size=units))) / (units - 1))[frame["unit"]]
    frame["district"] = district[frame["unit"]]
    frame["stratum"] = frame["unit"] % 3
    frame["lon"] = (30 + 12 * district + rng.uniform(0, 10, units))[frame["unit"]]
    frame["lat"] = rng.uniform(45, 65, units)[frame["unit"]]
    return frame


def tests(model: ExposureModel, frame: pd.DataFrame) -> Tests:
    """Name -> p-value of a fit; the number seeds what is random."""
    units, districts = model.within.units, clusters_of(model, frame, "district")
    first = frame.groupby("unit")[["lon", "lat"]].first()
    apart = great_circle_km(first["lon"], first["lat"])

    def randomised(drawn: ExposureModel, fit: Fit, number: int) -> float:
        return permuted(drawn, frame, None, RESAMPLES, number)[0].p_value()

    return {
        "heteroskedastic (HC1)": lambda _, fit, number: heteroskedastic(fit).p_value,
        "clustered by unit": lambda _, fit, number: clustered(fit, units).p_value,
        "CR2 by unit": lambda _, fit, number: bias_reduced(fit, units).p_value,
        "CR3 by unit": lambda _, fit, number: jackknife(fit, units).p_value,
        "wild by unit": lambda _, fit, number: wild_draws(fit, units, RESAMPLES, number).p_value(),
        "clustered by 8 districts": lambda _, fit, number: clustered(fit, districts).p_value,
        "CR2 by 8 districts": lambda _, fit, number: bias_reduced(fit, districts).p_value,
        "CR3 by 8 districts": lambda _, fit, number: jackknife(fit, districts).p_value,
        "wild by 8 districts": lambda _, fit, number: wild_draws(fit, districts).p_value(),
        **{
            f"Conley, {cutoff} km": lambda _, fit, number, cutoff=cutoff: (
                conley_inference(fit, apart, cutoff).p_value
            )
            for cutoff in (250, 500, 1000, 2000)
        },
        "randomisation": randomised,
    }


def calibration(draws: int = DRAWS) -> dict[str, float]:
    """Share rejected without and with an effect, and the bias of the estimate."""
    frame = panel(83, 13)
    model = ExposureModel.of(frame, **NAMES)
    rng = np.random.default_rng(SEED)
    exposures = rng.permuted(np.tile(model.exposure, (draws, 1)), axis=1)
    effect = 2.8 * float(model.draws(exposures).level.std())
    found: dict[str, float] = {}
    after = (model.rows["year"] >= NAMES["since"]).to_numpy(float)
    estimates = []
    for number, exposure in enumerate(exposures):
        null = model.with_exposure(exposure)
        moved = null.with_outcome(model.y + effect * exposure[model.within.units.codes] * after)
        estimates.append(moved.fit.estimate / effect)
        for name, test in tests(model, frame).items():
            for kind, case in (("size", null), ("power", moved)):
                rejected = float(test(case, case.fit, number) <= ALPHA)
                key = f"{kind}: {name}"
                found[key] = found.get(key, 0.0) + rejected / draws
    return found | {"bias": float(np.mean(estimates)) - 1, "draws": float(draws)}


def permuting() -> dict[str, float]:
    frame = panel(83, 15)
    model = ExposureModel.of(frame, **NAMES)
    with clock() as preparing:
        model = ExposureModel.of(frame, **NAMES)
    with clock() as drawing:
        drawn, _ = permuted(model, frame, None, PERMUTATIONS, SEED)
    with clock() as inverting:
        invert(drawn)
    return {
        "preparation": preparing.seconds,
        "seconds": drawing.seconds,
        "interval": inverting.seconds,
        "loop": PERMUTATIONS * one_by_one(frame),
    }


def one_by_one(frame: pd.DataFrame) -> float:
    """CPU seconds of one permuted fit with pyfixest."""
    import warnings

    import pyfixest as pf

    warnings.simplefilter("ignore")  # pyfixest's use of pandas' old arguments
    rng = np.random.default_rng(SEED)
    first = frame.groupby("unit")["x"].first().to_numpy()

    def fit() -> None:
        x = rng.permutation(first)[frame["unit"]] * (frame["year"] >= NAMES["since"])
        pf.feols("y ~ z | unit + year", frame.assign(z=x), vcov={"CRV1": "district"})

    fit()
    with clock() as spent:
        for _ in range(LOOP):
            fit()
    return spent.seconds / LOOP


def side_by_side() -> dict[str, float]:
    frame = panel(83, 15)

    def compare() -> None:
        compare_inference(
            frame,
            **NAMES,
            clusters={"district": "district"},
            strata="stratum",
            lon="lon",
            lat="lat",
        )

    compare()
    with clock() as spent:
        compare()
    return {"seconds": spent.seconds}


def bootstrapping() -> dict[str, float]:
    frame = panel(83, 15)
    model = ExposureModel.of(frame, **NAMES)
    with clock() as drawing:
        drawn = wild_draws(model.fit, model.within.units, PERMUTATIONS)
    with clock() as inverting:
        invert(drawn)
    return {"seconds": drawing.seconds, "interval": inverting.seconds, "theirs": library(frame)}


def library(frame: pd.DataFrame) -> float:
    """CPU seconds of wildboottest for the p-value alone, warm."""
    import warnings

    from wildboottest.wildboottest import WildboottestCL

    warnings.simplefilter("ignore")
    after = (frame["year"] >= NAMES["since"]).to_numpy(float)
    dummies = pd.get_dummies(frame[["unit", "year"]].astype(str), dtype=float, drop_first=True)
    design = np.column_stack([frame["x"] * after, np.ones(len(frame)), dummies.to_numpy()])
    pick = np.eye(design.shape[1])[0]

    def p_value() -> None:
        one = WildboottestCL(
            X=design,
            Y=frame["y"].to_numpy(),
            cluster=frame["unit"].to_numpy(),
            R=pick,
            B=PERMUTATIONS,
            seed=SEED,
            parallel=False,
        )
        one.get_scores(bootstrap_type="11", impose_null=True)
        one.get_weights(weights_type="rademacher")
        for step in ("numer", "denom", "vcov", "tstat", "tboot", "pvalue"):
            getattr(one, f"get_{step}")()

    p_value()
    with clock() as spent:
        p_value()
    return spent.seconds


CASES = {
    "permuting": permuting,
    "bootstrapping": bootstrapping,
    "side by side": side_by_side,
    "calibration": calibration,
}


def report(found: dict[str, dict[str, float]]) -> None:
    one, two, three = (found[name] for name in list(CASES)[:3])
    prepared = one["preparation"] + one["seconds"]
    rows = [
        (
            f"{PERMUTATIONS:,} permutations of 83 x 15, studentised",
            f"{prepared:.2f}",
            f"{one['loop']:,.0f} (pyfixest, one by one)",
        ),
        ("its interval by inversion", f"{one['interval']:.2f}", ""),
        (
            f"{PERMUTATIONS:,} wild bootstraps by 83 units",
            f"{two['seconds']:.2f}",
            f"{two['theirs']:.1f} (wildboottest, no interval)",
        ),
        ("its interval by inversion", f"{two['interval']:.2f}", ""),
        ("whole table, 14 ways", f"{three['seconds']:.2f}", ""),
    ]
    table(("what", "CPU seconds", "otherwise"), rows)
    calibrated = found["calibration"]
    draws = int(calibrated["draws"])
    error = 100 * np.sqrt(ALPHA * (1 - ALPHA) / draws)
    print(f"\n{draws:,} permuted exposures; Monte Carlo error of a true 5 %: {error:.1f} points; ")
    print(f"bias with an effect of 2.8 standard errors: {100 * calibrated['bias']:+.1f} %\n")
    names = [key.removeprefix("size: ") for key in calibrated if key.startswith("size: ")]
    table(
        ("inference", "rejects at 5 %", "± 2 errors", "power", "3-7 %"),
        [
            (
                name,
                f"{100 * (size := calibrated[f'size: {name}']):.1f} %",
                f"{200 * np.sqrt(size * (1 - size) / draws):.1f}",
                f"{100 * calibrated[f'power: {name}']:.0f} %",
                "yes" if 0.03 <= size <= 0.07 else "NO",
            )
            for name in names
        ],
    )


if __name__ == "__main__":
    main(__file__, CASES, report)

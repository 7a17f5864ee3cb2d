"""Synthetic control and difference-in-differences, every unit as a placebo; a monthly series.

    .venv/bin/python benchmarks/synthetic.py

pysyncon 1.7.0 (measured before this project) did not finish the searched predictor weights of
one region within 60 s; here all 83 regions are placebos.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from _common import Cases, clock, main, peak_mb, table

from valley_analysis.impact.synthetic_contrast import contrast
from valley_analysis.impact.synthetic_control import synthetic_control
from valley_analysis.impact.synthetic_did import synthetic_did
from valley_analysis.impact.time_series import interrupted_time_series

UNITS, PERIODS, SINCE = 83, 15, 2017
GOALS = {
    "synthetic control, uniform": 1.0,
    "synthetic control, 6 predictors, uniform": 1.0,
    "synthetic control, 6 predictors, searched": 60.0,
}
PREDICTORS: dict[str, tuple[str, Any]] = {
    "x1": ("x1", "mean"),
    "x2": ("x2", "mean"),
    "x3": ("x3", slice(2014, 2016)),
    "y 2007": ("y", 2007),
    "y 2012": ("y", 2012),
    "y 2016": ("y", 2016),
}


def made_up(units: int = UNITS, periods: int = PERIODS) -> pd.DataFrame:
    """Three common factors, three covariates, no effect."""
    rng = np.random.default_rng(0)
    loadings = rng.normal(size=(units, 3))
    factors = rng.normal(size=(3, periods)).cumsum(axis=1)
    index = pd.MultiIndex.from_product([range(units), range(2007, 2007 + periods)])
    frame = index.to_frame(index=False, name=["unit", "year"])
    frame["y"] = (loadings @ factors + rng.normal(0, 0.5, (units, periods))).ravel()
    frame["exposure"] = np.repeat(rng.random(units), periods)
    for number in range(3):
        own = np.repeat(loadings[:, number], periods)
        frame[f"x{number + 1}"] = own + rng.normal(0, 0.3, len(frame))
    return frame


PANEL = {"unit": "unit", "period": "year", "outcome": "y"}


def timed(step: Callable[[], object], warm: bool = True) -> dict[str, float]:
    if warm:
        step()
    with clock() as spent:
        step()
    return {"seconds": spent.seconds, "memory": peak_mb()}


def control(**more: Any) -> dict[str, float]:
    frame = made_up()
    warm = more.get("predictor_weights") != "searched"
    return timed(
        lambda: synthetic_control(frame, **PANEL, treated=0, since=SINCE, **more), warm=warm
    )


def did(**more: Any) -> dict[str, float]:
    frame = made_up()
    return timed(lambda: synthetic_did(frame, **PANEL, treated=[0, 1, 2], since=SINCE, **more))


def high_low() -> dict[str, float]:
    frame = made_up()
    return timed(lambda: contrast(frame, **PANEL, exposure="exposure", since=SINCE))


def monthly() -> dict[str, float]:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"month": pd.date_range("2005-01-01", periods=180, freq="MS")})
    frame["y"] = 100 + rng.normal(size=180).cumsum() + np.resize(rng.normal(0, 5, 12), 180)
    return timed(
        lambda: interrupted_time_series(
            frame, period="month", outcome="y", since="2014-08", seasonal=12
        )
    )


CASES: Cases = {
    "synthetic control, uniform": control,
    "synthetic control, 6 predictors, uniform": lambda: control(predictors=PREDICTORS),
    "synthetic control, 6 predictors, searched": lambda: control(
        predictors=PREDICTORS, predictor_weights="searched"
    ),
    "synthetic did, 200 placebo draws": did,
    "synthetic did, 200 bootstrap draws": lambda: did(inference="bootstrap"),
    "contrast of terciles, 999 permutations": high_low,
    "interrupted series, 180 months": monthly,
}


def report(found: dict[str, dict[str, float]]) -> None:
    print(f"{UNITS} units x {PERIODS} years; placebos, one donor less and earlier date included\n")
    rows = [
        (
            case,
            f"{one['seconds']:.3f}",
            f"{GOALS[case]:g}" if case in GOALS else "",
            f"{one['memory']:.0f}",
        )
        for case, one in found.items()
    ]
    table(("case", "CPU s", "goal, s", "peak MB"), rows)


if __name__ == "__main__":
    main(__file__, CASES, report)

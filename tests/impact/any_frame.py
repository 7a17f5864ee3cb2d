"""One small panel and one small cross-section, and every public function that takes such a frame.

What the tests of any frame share: `CALLS` names each function and how it is called on a frame.
"""

import inspect
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from valley_analysis import impact
from valley_analysis.impact import (
    checks_data,
    checks_design,
    checks_influence,
    checks_outcomes,
    checks_placebo,
    cohorts_randomised,
    cross_section,
    randomisation,
    randomisation_counts,
    synthetic_panel,
)
from valley_analysis.impact.checks_model import Sample
from valley_analysis.spatial import SpatialWeights, knn

UNITS, YEARS, SINCE = 10, 6, 2004
DID = {"unit": "unit", "period": "year", "outcome": "y", "exposure": "x", "since": SINCE}
COHORTS = {"unit": "unit", "period": "year", "outcome": "y", "cohort": "since"}
FULL = DID | {"weights": "w", "controls": ["size"]}
FEW = {"permutations": 39, "seed": 1}
CROSS = {"unit": "unit", "outcome": "y", "regressors": ["x"]}


def panel() -> pd.DataFrame:
    """Ten units in six years, with every column that an estimator may name."""
    rng = np.random.default_rng(5)
    units = [f"r{number}" for number in range(UNITS)]
    frame = pd.DataFrame([(u, t) for u in units for t in range(2000, 2000 + YEARS)])
    frame.columns = ["unit", "year"]
    place = frame["unit"].str[1:].astype(int).to_numpy()
    frame["x"] = np.linspace(0, 1, UNITS)[rng.permutation(UNITS)][place]
    frame["size"] = rng.normal(size=UNITS)[place]
    frame["w"] = (1 + rng.random(UNITS))[place]
    frame["district"] = np.array(["north", "south", "west"])[place % 3]
    frame["since"] = np.where(place < 6, 2003.0, np.nan)
    frame["lon"], frame["lat"] = 30.0 + 3 * place, 50.0 + place % 4
    after = frame["year"] >= SINCE
    frame["y"] = 3 + place + 0.3 * (frame["year"] - 2000) + frame["x"] * after
    frame["y"] += rng.normal(0, 0.5, len(frame))
    frame["treated"] = (frame["year"] >= frame["since"]).astype(float)
    frame["low"], frame["high"] = frame["y"] - 0.1, frame["y"] + 0.1
    frame["flag"] = "observed"
    return frame


def cross() -> pd.DataFrame:
    """The first year of the panel, one row a unit."""
    return panel().groupby("unit").head(1).reset_index(drop=True)


def weights() -> SpatialWeights:
    """Three nearest neighbours of each unit."""
    return knn(cross().set_index("unit")[["lon", "lat"]], 3)


@dataclass(frozen=True)
class Call:
    """A public function with all but its frame; `over` keywords replace its own."""

    function: Callable[..., Any]
    keywords: dict[str, Any]
    sort: str = "panel"

    @property
    def settings(self) -> set[str]:
        """Names of the parameters that it takes."""
        return set(inspect.signature(self.function).parameters)

    def __call__(self, frame: pd.DataFrame, **over: Any) -> Any:
        """Call it; a Python warning is an error."""
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return self.function(frame, **{**self.keywords, **over})


def _imputed(frame: pd.DataFrame) -> float:
    return impact.imputation(frame, **COHORTS).estimate


def _curve(frame: pd.DataFrame, **more: Any) -> Any:
    plan = impact.CurvePlan("unit", "year", SINCE, {"y": "y"}, {"x": "x"}, strata="district")
    return impact.specification_curve(frame, plan, permutations=19, seed=1, **more)


def _counts(frame: pd.DataFrame, **more: Any) -> Any:
    sample = Sample.of(frame, family="poisson", **DID)
    return randomisation_counts.randomise_counts(frame, sample, permutations=39, **more)


def _shifted(frame: pd.DataFrame, **more: Any) -> Any:
    rng = np.random.default_rng(2)
    units = [f"r{number}" for number in range(UNITS)]
    shares = pd.DataFrame(rng.dirichlet(np.ones(4), UNITS), units, list("abcd"))
    shocks = pd.Series(rng.normal(size=4), list("abcd"))
    return impact.shift_share(
        frame, **{"unit": "unit", "outcome": "y", "shares": shares, "shocks": shocks, **more}
    )


def _series(frame: pd.DataFrame, **more: Any) -> Any:
    return impact.interrupted_time_series(frame, **more)


SPATIAL = {"weights": weights()}
CALLS: dict[str, Call] = {
    "event_study": Call(
        impact.event_study,
        {k: v for k, v in FULL.items() if k != "since"} | {"reference": SINCE - 1},
    ),
    "difference_in_differences": Call(impact.difference_in_differences, FULL),
    "difference_in_differences, poisson": Call(
        impact.difference_in_differences, DID | {"family": "poisson"}
    ),
    "two_way": Call(
        impact.two_way,
        {"unit": "unit", "period": "year", "outcome": "y", "regressors": ["treated"]},
    ),
    "group_time_att": Call(impact.group_time_att, COHORTS | {"replications": 19}),
    "imputation": Call(impact.imputation, COHORTS),
    "bacon_decomposition": Call(impact.bacon_decomposition, COHORTS),
    "wild_cluster_bootstrap": Call(
        impact.wild_cluster_bootstrap, FULL | {"cluster": "district", "replications": 199}
    ),
    "randomisation_inference": Call(
        impact.randomisation_inference, FULL | {"strata": "district", **FEW}
    ),
    "joint_randomisation": Call(
        randomisation.joint_randomisation,
        {k: v for k, v in DID.items() if k != "outcome"} | {"outcomes": ["y", "size2"], **FEW},
        sort="two outcomes",
    ),
    "compare_inference": Call(
        impact.compare_inference,
        FULL
        | {"clusters": {"district": "district"}, "lon": "lon", "lat": "lat"}
        | {"permutations": 39, "replications": 39, "seed": 1},
    ),
    "conley": Call(impact.conley, FULL | {"lon": "lon", "lat": "lat"}),
    "permute_cohorts": Call(
        impact.permute_cohorts,
        {"statistic": _imputed, "unit": "unit", "cohort": "since"} | FEW | {"permutations": 19},
    ),
    "permuted_pretrend": Call(impact.permuted_pretrend, DID | FEW),
    "randomise_cohorts": Call(
        cohorts_randomised.randomise_cohorts, COHORTS | {"strata": "district", **FEW}
    ),
    "repeated_cross_sections": Call(
        impact.repeated_cross_sections,
        {"group": "unit", "period": "year", "outcome": "y", "exposure": "x", "since": SINCE},
    ),
    "spillover": Call(impact.spillover, DID | SPATIAL),
    "specification_curve": Call(_curve, {}),
    "randomise_counts": Call(_counts, {}),
    "contrast": Call(impact.contrast, DID | {"replications": 19}),
    "synthetic_control": Call(
        impact.synthetic_control,
        {"unit": "unit", "period": "year", "outcome": "y", "treated": "r0", "since": SINCE},
    ),
    "synthetic_did": Call(
        impact.synthetic_did,
        {"unit": "unit", "period": "year", "outcome": "y", "treated": ["r0", "r1"]}
        | {"since": SINCE, "replications": 5},
    ),
    "synthetic_panel": Call(
        synthetic_panel.synthetic_panel,
        {"unit": "unit", "period": "year", "outcome": "y", "treated": "r0", "since": SINCE},
    ),
    "attrition": Call(checks_data.attrition, DID | FEW | {"flag": "flag"}),
    "suppression_bounds": Call(
        checks_data.suppression_bounds, DID | {"low": "low", "high": "high"}
    ),
    "balance": Call(checks_design.balance, DID | {"covariates": ["size", "w"]}),
    "dose_response": Call(checks_design.dose_response, DID),
    "residual_moran": Call(checks_design.residual_moran, DID | {"spatial": weights()}),
    "leave_one_unit_out": Call(checks_influence.leave_one_unit_out, DID),
    "leave_one_cluster_out": Call(checks_influence.leave_one_cluster_out, DID | {"by": "district"}),
    "leave_groups_out": Call(
        checks_influence.leave_groups_out, DID | {"groups": {"two": ["r0", "r1"]}}
    ),
    "influential_cells": Call(checks_influence.influential_cells, DID),
    "minimum_detectable": Call(checks_outcomes.minimum_detectable, DID),
    "multiple_outcomes": Call(
        checks_outcomes.multiple_outcomes, DID | FEW | {"outcomes": ["size2"]}, sort="two outcomes"
    ),
    "placebo_date": Call(checks_placebo.placebo_date, DID),
    "placebo_outcome": Call(
        checks_placebo.placebo_outcome, DID | {"placebo": "size2"}, sort="two outcomes"
    ),
    "anticipation": Call(checks_placebo.anticipation, DID),
    "randomisation": Call(checks_placebo.randomisation, DID | FEW),
    "cross_section": Call(cross_section.cross_section, CROSS, "cross"),
    "moran": Call(
        impact.moran,
        {"unit": "unit", "value": "y", "permutations": 39, "seed": 1, **SPATIAL},
        "cross",
    ),
    "spatial_lag": Call(impact.spatial_lag, CROSS | SPATIAL, "cross"),
    "spatial_lag, gmm": Call(impact.spatial_lag, CROSS | SPATIAL | {"method": "gmm"}, "cross"),
    "spatial_error": Call(impact.spatial_error, CROSS | SPATIAL, "cross"),
    "spatial_error, gmm": Call(impact.spatial_error, CROSS | SPATIAL | {"method": "gmm"}, "cross"),
    "lm_diagnostics": Call(impact.lm_diagnostics, CROSS | SPATIAL, "cross"),
    "shift_share": Call(_shifted, {}, "cross"),
    "interrupted_time_series": Call(
        _series, {"period": "year", "outcome": "y", "since": 2014}, "series"
    ),
}


def frame_for(call: Call) -> pd.DataFrame:
    """Return a frame that the call takes."""
    if call.sort == "cross":
        return cross()
    if call.sort == "series":
        rng = np.random.default_rng(3)
        years = np.arange(2000, 2020)
        return pd.DataFrame({"year": years, "y": 5 + rng.normal(size=20) + (years >= 2014)})
    found = panel()
    if call.sort == "two outcomes":
        found["size2"] = np.random.default_rng(4).normal(size=len(found))
    return found


def numbers(result: Any) -> pd.DataFrame:
    """Return the numbers of any result, as one table."""
    for name in ("table", "wide"):
        if hasattr(result, name):
            table = getattr(result, name)
            break
    else:
        plain = isinstance(result, pd.DataFrame)
        table = result if plain else pd.DataFrame([vars(result)])
    table = table.select_dtypes("number").astype(float)
    return table.rename(columns=str).reset_index(drop=True)

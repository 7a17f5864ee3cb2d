"""The choices of the specification curve for one outcome and wave."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from valley_analysis.errors import DesignError
from valley_analysis.sanctions.describe import refuse_post_treatment
from valley_analysis.sanctions.estimation import CONTROLS, EstimationFrame

PANDEMIC = 2020
FIRST_HOSTS = 2017
"""Year of the law on valleys: of earlier waves, hosts are chosen afterwards and are no control."""
SAMPLES = ("no_capitals", "no_resource", "balanced")


def curve_frame(found: EstimationFrame) -> pd.DataFrame:
    """Return the estimation frame with the further outcome scale and weights of the curve.

    Returns
    -------
    The frame with ``relative`` (value over the region's own mean before the wave: like a
    logarithm on the scale of shares of its former self, and defined at zero) and ``population``.
    """
    frame = found.frame.copy()
    before = frame[frame["year"] < found.wave.first_treated]
    own = before.groupby("region")["value"].mean()
    own = own[own > 0]
    frame["relative"] = (frame["value"] / frame["region"].map(own)).where(frame["y"].notna())
    frame["population"] = np.exp(frame["log_population"])
    return frame


def curve_choices(found: EstimationFrame, exposures: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Return the options of each choice, as `impact.CurvePlan` takes them.

    Parameters
    ----------
    found
        What `estimation_frame` returns, on the logarithmic scale.
    exposures
        Ids of the definitions of one exposure; imports and exports are different ones.

    Raises
    ------
    DesignError
        For an outcome that is no logarithm: on another scale estimates could not be compared;
        for an exposure that the sanctions themselves made.
    """
    refuse_post_treatment(exposures)
    if found.scale != "log":
        raise DesignError(
            f"outcome {found.outcome!r}",
            [f"scale {found.scale}; the curve compares logarithms and own means"],
            "choose an outcome on the logarithmic scale",
        )
    last = found.wave.first_treated - 1
    before: dict[str, Sequence[int] | None] = {"all": None, str(last): (last,)}
    if found.years[0] < PANDEMIC <= last:
        before[str(PANDEMIC - 1)] = (PANDEMIC - 1,)  # a year without the pandemic
    samples: dict[str, str | None] = {"all": None}
    samples |= {name: name for name in SAMPLES if not found.frame[name].all()}
    controls: dict[str, Sequence[str]] = {"none": (), "size_income": CONTROLS}
    if found.wave.first_treated > FIRST_HOSTS and found.frame["host"].any():
        controls["host"] = ("host",)
    return {
        "outcomes": {"log": "y", "relative": "relative"},
        "exposures": {name: name for name in exposures},
        "samples": samples,
        "controls": controls,
        "before": before,
        "weights": {"equal": None, "population": "population"},
    }

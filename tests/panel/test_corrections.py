"""Corrections are rows with a guard: a cell that reads otherwise stops the build."""

import pandas as pd
import pytest

from valley_analysis import paths
from valley_analysis.errors import CorrectionError, RegisterError
from valley_analysis.panel.corrections import Correction, apply_corrections, load_corrections
from valley_analysis.panel.figures import read_figures

ROW = {"source": "r/1", "region": "RU-TUL", "period": 2010, "expect": "12"}
ROW |= {"value": "1.2", "reason": "a decimal was lost", "reference": "the next edition"}
FRAME = pd.DataFrame(
    {
        "source": "r/1",
        "region": ["RU-TUL", "RU-BEL"],
        "period": 2010,
        "method": "",
        "text": ["12", "3"],
    }
)


def test_a_correction_replaces_the_cell_it_expects():
    fixed, rows = apply_corrections(FRAME, (Correction(**ROW),))
    assert fixed["text"].tolist() == ["1.2", "3"]
    assert rows.tolist() == [True, False]
    assert FRAME["text"].tolist() == ["12", "3"]


def test_stale_corrections_are_named_together():
    stale = Correction(**{**ROW, "expect": "13"})
    gone = Correction(**{**ROW, "region": "RU-ORL"})
    with pytest.raises(CorrectionError) as caught:
        apply_corrections(FRAME, (stale, gone))
    assert len(caught.value.problems) == 2
    assert "found ['12']; expected ['13']" in str(caught.value)


def test_a_corrected_figure_carries_its_flag():
    correction = Correction(
        source="yearbook-2023/18.1",
        region="RU-BEL",
        period=2021,
        expect="31",
        value="32",
        reason="test",
        reference="test",
    )
    frame = read_figures(paths.raw(), (correction,))
    row = frame[
        (frame["series"] == "rd_organisations")
        & (frame["region"] == "RU-BEL")
        & (frame["period"] == 2021)
    ].iloc[0]
    assert (row["value"], row["flag"]) == (32.0, "corrected")


def test_the_register_of_corrections_is_checked(tmp_path):
    path = tmp_path / "corrections.yml"
    path.write_text("- {source: a, period: many}")
    with pytest.raises(RegisterError) as caught:
        load_corrections(path)
    assert len(caught.value.problems) >= 5


def test_every_shipped_correction_restores_an_identity(panel):
    """A corrected cell closes the gap between its district or oblast and the printed parts."""
    corrected = panel[panel["flag"] == "corrected"]
    assert len(corrected) == len(load_corrections())
    kaluga = corrected[
        (corrected["series"] == "teaching_staff") & (corrected["region"] == "RU-KLU")
    ]
    assert kaluga["value"].tolist() == [908.0]

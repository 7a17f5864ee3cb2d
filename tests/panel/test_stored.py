"""Built tables are read as they were written, or not at all."""

import numpy as np
import pandas as pd
import pytest

from valley_analysis.errors import ChecksumError, MissingInputError, PeriodError
from valley_analysis.files import checksum_path, read_frame, write_frame
from valley_analysis.indicators.build import FILE as INDICATORS
from valley_analysis.indicators.build import load_indicators
from valley_analysis.panel.build import FILE as PANEL
from valley_analysis.panel.load import load_panel

FRAME = pd.DataFrame({"a": np.arange(500.0), "vintage": "2023-12"})
LOADERS = [(PANEL, lambda folder: load_panel("all", folder)), (INDICATORS, load_indicators)]


@pytest.mark.parametrize(("name", "load"), LOADERS, ids=[PANEL, INDICATORS])
def test_a_flipped_bit_anywhere_is_refused(tmp_path, name, load):
    path = write_frame(FRAME, tmp_path / name)
    assert load(tmp_path).equals(FRAME)
    held = path.read_bytes()
    for at in np.random.default_rng(7).integers(0, len(held), 40):
        flipped = bytearray(held)
        flipped[at] ^= 1 << int(at % 8)
        path.write_bytes(flipped)
        with pytest.raises(ChecksumError, match=rf"{name} .* is not what was built.*valley build"):
            load(tmp_path)
    path.write_bytes(held)
    assert load(tmp_path).equals(FRAME)


@pytest.mark.parametrize("size", [0, 3, 100, -1])
@pytest.mark.parametrize(("name", "load"), LOADERS, ids=[PANEL, INDICATORS])
def test_a_cut_table_is_refused(tmp_path, name, load, size):
    path = write_frame(FRAME, tmp_path / name)
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(ChecksumError, match=name):
        load(tmp_path)


def test_a_checksum_that_is_none_refuses(tmp_path):
    path = write_frame(FRAME, tmp_path / PANEL)
    checksum_path(path).write_text("", "ascii")
    with pytest.raises(ChecksumError, match=r"panel\.parquet\.sha256 has"):
        read_frame(path)


def test_a_table_of_an_earlier_version_is_read_unless_it_is_damaged(tmp_path):
    path = write_frame(FRAME, tmp_path / PANEL)
    checksum_path(path).unlink()
    assert read_frame(path).equals(FRAME)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ChecksumError, match=r"panel\.parquet is damaged.*valley build"):
        read_frame(path)
    path.unlink()
    with pytest.raises(MissingInputError, match=r"panel\.parquet is absent.*valley build"):
        read_frame(path)


def test_a_frame_that_cannot_be_written_leaves_the_good_one(tmp_path):
    path = write_frame(FRAME, tmp_path / PANEL)
    with pytest.raises(Exception, match="complex"):
        write_frame(pd.DataFrame({"a": [1j]}), path)
    assert read_frame(path).equals(FRAME)
    assert sorted(one.name for one in tmp_path.iterdir()) == [PANEL, f"{PANEL}.sha256"]


@pytest.mark.parametrize("vintage", ["2023", "2023-13", "soon", "", "2023-12-01"])
def test_a_vintage_that_is_none_says_which_there_are(tmp_path, vintage):
    write_frame(FRAME, tmp_path / PANEL)
    with pytest.raises(PeriodError, match="found 2023-12"):
        load_panel(vintage, tmp_path)

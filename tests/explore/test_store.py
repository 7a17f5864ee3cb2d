from pathlib import Path

import numpy as np
import pytest

from valley_analysis.explore.store import ArrayStore


def test_what_goes_in_comes_out_in_another_session(tmp_path: Path) -> None:
    values = np.linspace(0, 1, 7)
    ArrayStore(tmp_path)["deadbeef"] = values
    again = ArrayStore(tmp_path)
    assert "deadbeef" in again
    assert np.array_equal(again["deadbeef"], values)
    assert list(again) == ["deadbeef"]
    del again["deadbeef"]
    assert len(again) == 0


def test_a_broken_file_counts_as_absent_and_nothing_half_written_stays(tmp_path: Path) -> None:
    store = ArrayStore(tmp_path)
    (tmp_path / "deadbeef.npy").write_bytes(b"half a fi")
    with pytest.raises(KeyError):
        store["deadbeef"]
    store["deadbeef"] = np.ones(2)
    assert store["deadbeef"].tolist() == [1, 1]
    assert len(list(tmp_path.iterdir())) == 1


def test_a_key_never_leaves_the_folder(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="hexadecimal"):
        ArrayStore(tmp_path)["../../etc/passwd"]

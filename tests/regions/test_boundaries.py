import hashlib
import shutil
from pathlib import Path

import pytest
import shapely

from valley_analysis import paths
from valley_analysis.errors import MissingInputError, RawError, RegisterError, ValleyError
from valley_analysis.regions import area_check, load_boundaries, regions, units
from valley_analysis.regions import boundaries as module
from valley_analysis.registers import read_yaml


def test_every_recognised_region_is_drawn_once() -> None:
    borders = load_boundaries()
    assert borders["region"].tolist() == [region.code for region in regions()]
    assert borders["unit"].tolist() == list(units())


@pytest.mark.parametrize("crs", ["albers", "lonlat"])
def test_borders_are_valid_disjoint_and_shared(crs: str) -> None:
    borders = load_boundaries(crs)  # type: ignore[arg-type]
    assert borders.is_valid.all()
    assert shapely.coverage_is_valid(borders.geometry.to_numpy())


def test_enclaves_are_neighbours_not_covered() -> None:
    shapes = load_boundaries().set_index("region").geometry
    for inner, outer in (("RU-AD", "RU-KDA"), ("RU-MOW", "RU-MOS"), ("RU-SPE", "RU-LEN")):
        assert shapes[inner].touches(shapes[outer])
    assert shapes["RU-NEN"].touches(shapes["RU-ARK"])
    assert shapes["RU-KHM"].touches(shapes["RU-TYU"])


def test_chukotka_is_whole() -> None:
    west, _, east, _ = load_boundaries("lonlat").set_index("region").loc[["RU-CHU"]].total_bounds
    assert (west > 150, 189 < east < 191) == (True, True)


def test_the_file_is_small_and_is_the_one_described() -> None:
    folder = paths.raw() / "boundaries"
    described = read_yaml(folder / "regions.yml")
    content = (folder / "regions.geojson").read_bytes()
    assert len(content) == described["bytes"] < 500_000
    assert hashlib.sha256(content).hexdigest() == described["sha256"]
    count = sum(shapely.get_num_coordinates(load_boundaries("lonlat").geometry))
    assert count == described["vertices"]


def test_wide_deviations_have_a_reason() -> None:
    table = area_check()
    wide = table["deviation"].abs() > module.AREA_TOLERANCE
    assert (table["reason"] != "").tolist() == wide.tolist()
    assert table["deviation"].abs().median() < 1.5
    assert table["drawn_km2"].sum() == pytest.approx(17_098_300, rel=0.011)


def test_a_deviation_without_a_reason_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "read_yaml", lambda path: {"RU-TUL": "no need"})
    with pytest.raises(RegisterError) as caught:
        area_check()
    assert "RU-MOW: deviates, without a reason" in caught.value.problems
    assert "RU-TUL: has a reason, but fits" in caught.value.problems


def test_each_call_returns_an_object_of_its_own() -> None:
    borders = load_boundaries("lonlat")
    borders.loc[0, "region"] = "changed"
    assert load_boundaries("lonlat")["region"][0] != "changed"


def test_errors_say_the_next_step(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(ValleyError, match="albers or lonlat"):
        load_boundaries("mercator")  # type: ignore[arg-type]
    module._read.cache_clear()
    monkeypatch.setattr(module, "raw", lambda: tmp_path)
    with pytest.raises(MissingInputError, match="build_boundaries"):
        load_boundaries()


def test_borders_that_are_not_the_recorded_ones_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One digit of one border changes neighbours, and with them every spatial check."""
    folder = tmp_path / "boundaries"
    shutil.copytree(paths.raw() / "boundaries", folder)
    monkeypatch.setattr(module, "raw", lambda: tmp_path)
    file = folder / "regions.geojson"
    whole = file.read_bytes()
    for content in (whole.replace(b"[37.", b"[38.", 1), whole[:-100], b"", whole + b" "):
        file.write_bytes(content)
        module._read.cache_clear()
        with pytest.raises(RawError, match=r"regions.geojson.*\n.*sha256 is .* regions.yml has"):
            load_boundaries()
    file.write_bytes(whole)
    for sidecar in ("", "sha256: 5\n", "- a\n"):
        file.with_suffix(".yml").write_text(sidecar)
        module._read.cache_clear()
        with pytest.raises(RawError, match=r"regions\.yml has none"):
            load_boundaries()
    file.with_suffix(".yml").unlink()
    with pytest.raises(RegisterError, match="the file is absent"):
        load_boundaries()
    module._read.cache_clear()

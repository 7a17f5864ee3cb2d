"""Which published files went into a result, and which places other ratings gave."""

import hashlib

import pandas as pd
import pytest

from valley_analysis import paths
from valley_analysis.errors import MissingInputError, UnknownSeriesError
from valley_analysis.panel.provenance import COLUMNS, sources_used
from valley_analysis.panel.published_ranks import published_ranks
from valley_analysis.regions import scope


def test_one_row_a_file_with_its_tables() -> None:
    used = sources_used(["grp@2023-12 employed@2023-12", "grp@2023-12 population_mean@2023-12"])
    assert tuple(used.columns) == COLUMNS
    assert used["sha256"].is_unique
    assert used["sha256"].str.fullmatch("[0-9a-f]{64}").all()
    assert used["series"].sum() == 3


def test_a_vintage_names_its_own_release() -> None:
    old = sources_used(["innovation_activity@2023-12"])
    new = sources_used(["innovation_activity@2025-08"])
    assert set(old["vintage"]) == {"2023-12"}
    assert set(new["vintage"]) == {"2025-08"}
    assert len(sources_used(["innovation_activity"])) == len(old) + len(new)


def test_frames_and_texts_are_read_alike() -> None:
    frame = pd.DataFrame({"inputs": ["grp@2023-12", "grp@2023-12"]})
    pd.testing.assert_frame_equal(sources_used(frame), sources_used(frame["inputs"]))


def test_files_beside_the_series_come_last() -> None:
    used = sources_used(["grp"], "ru", also=["boundaries/regions", "ratings/published/places"])
    assert used["series"].tolist()[-2:] == [0, 0]
    assert used["source"].str.contains("Росстат|Регионы России").iloc[0]
    boundaries = used.set_index("file").loc["regions.geojson", "sha256"]
    data = (paths.raw() / "boundaries" / "regions.geojson").read_bytes()
    assert boundaries == hashlib.sha256(data).hexdigest()


def test_what_is_unknown_is_told(project) -> None:
    with pytest.raises(UnknownSeriesError, match="no series 'gdp'"):
        sources_used(["gdp@2023-12"])
    with pytest.raises(MissingInputError, match="is not in data/raw"):
        sources_used(["grp@2023-12"])


def test_published_places_are_of_the_scope() -> None:
    narrow, wide = published_ranks(), published_ranks("rosstat")
    assert set(narrow["region"]) <= set(scope().units)
    assert set(wide["region"]) - set(narrow["region"]) == {"UA-43"}
    assert len(narrow) < len(wide)


def test_an_oblast_stands_for_the_unit_without_its_okrugs() -> None:
    places = published_ranks()
    assert "RU-TYU-X" in set(places["region"])
    assert "RU-TYU" not in set(places["region"])


def test_a_region_has_one_place_in_an_issue() -> None:
    places = published_ranks("rosstat")
    assert not places.duplicated(["rating", "year", "issue", "region"]).any()
    assert (places["rank"] <= places["last"]).all()

"""Who neighbours whom: a chessboard, lists, distances, and the regions themselves."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from valley_analysis.errors import DesignError
from valley_analysis.regions import load_boundaries
from valley_analysis.spatial import SpatialWeights, contiguity, distance_band, from_pairs, knn


def board(n: int, shift: float = 0.0) -> gpd.GeoSeries:
    """n x n squares; every second column is moved by `shift`, away from the one before."""
    names, boxes = [], []
    for i in range(n):
        for j in range(n):
            names.append(f"{i}{j}")
            left = i + shift * i
            boxes.append(shapely.box(left, j, left + 1, j + 1))
    return gpd.GeoSeries(boxes, names, crs=4326)


@pytest.fixture
def line() -> pd.DataFrame:
    lon = [0.0, 1.0, 2.0, 5.0]
    return pd.DataFrame({"lon": lon, "lat": 0.0}, ["a", "b", "c", "far"])


def test_a_queen_reaches_eight_squares_three_from_a_corner():
    weights = contiguity(board(3))
    assert sorted(weights.neighbours("11").index) == sorted(set(weights.units) - {"11"})
    assert weights.neighbours("00").to_dict() == pytest.approx(
        dict.fromkeys(("01", "10", "11"), 1 / 3)
    )
    assert weights.symmetric
    assert not weights.islands


def test_a_gap_is_bridged_by_the_tolerance_and_by_nothing_else():
    apart = board(3, shift=0.01)
    assert sorted(contiguity(apart).neighbours("11").index) == ["10", "12"]
    closed = contiguity(apart, tolerance=0.011)
    assert (closed.matrix != contiguity(board(3)).matrix).nnz == 0


def test_overlaps_count_as_contact():
    overlapping = gpd.GeoSeries([shapely.box(0, 0, 2, 2), shapely.box(1, 1, 3, 3)], ["a", "b"])
    assert contiguity(overlapping).neighbours("a").to_dict() == {"b": 1.0}


def test_islands_stay_alone_unless_they_are_to_be_linked():
    shapes = pd.concat([board(2), gpd.GeoSeries([shapely.box(5, 0, 6, 1)], ["isle"], crs=4326)])
    alone = contiguity(shapes)
    assert alone.islands == ("isle",)
    assert np.isnan(alone.lag(pd.Series(1.0, shapes.index))["isle"])
    linked = contiguity(shapes, islands="nearest", nearest=2)
    assert linked.linked == ("isle",)
    assert not linked.islands
    assert set(linked.neighbours("isle").index) == {"10", "11"}
    assert linked.symmetric, "the link is mutual"
    assert linked.neighbours("10").to_dict() == pytest.approx(
        dict.fromkeys(["00", "01", "11", "isle"], 0.25)
    )


def test_kaliningrad_and_sakhalin_have_no_neighbour_over_land():
    borders = load_boundaries().set_index("unit").geometry
    weights = contiguity(borders)
    assert weights.n == 83
    assert weights.islands == ("RU-KGD", "RU-SAK")
    assert weights.symmetric
    assert list(weights.neighbours("RU-SPE").index) == ["RU-LEN"]
    assert list(weights.neighbours("RU-AD").index) == ["RU-KDA"]
    assert set(weights.neighbours("RU-CHU").index) == {"RU-SA", "RU-KAM", "RU-MAG"}
    assert weights.connected().n == 81
    linked = contiguity(borders, islands="nearest")
    assert linked.linked == ("RU-KGD", "RU-SAK")
    assert list(linked.neighbours("RU-KGD").index) == ["RU-PSK"]
    assert list(linked.neighbours("RU-SAK").index) == ["RU-PRI"]


def test_borders_simplified_to_four_kilometres_need_no_tolerance():
    borders = load_boundaries().set_index("unit").geometry
    assert (contiguity(borders).matrix != contiguity(borders, tolerance=5000).matrix).nnz == 0


def test_pairs_are_directed_and_may_be_weighted():
    pairs = pd.DataFrame({"focal": [1, 1, 2], "neighbor": [2, 3, 1], "weight": [3.0, 1.0, 5.0]})
    weights = from_pairs(pairs)
    assert weights.neighbours(1).to_dict() == {2: 0.75, 3: 0.25}
    assert weights.neighbours(2).to_dict() == {1: 1.0}
    assert weights.islands == (3,)
    assert not weights.symmetric


def test_nearest_are_counted_and_a_band_is_measured_in_kilometres(line):
    two = knn(line, 2)
    assert two.neighbours("far").to_dict() == {"b": 0.5, "c": 0.5}
    assert set(two.neighbours("a").index) == {"b", "c"}
    band = distance_band(line, 112)  # a degree on the equator is 111.2 km
    assert band.neighbours("b").to_dict() == {"a": 0.5, "c": 0.5}
    assert band.islands == ("far",)
    linked = distance_band(line, 112, islands="nearest")
    assert linked.neighbours("far").to_dict() == {"c": 1.0}
    assert linked.neighbours("c").to_dict() == {"b": 0.5, "far": 0.5}


def test_two_islands_that_are_nearest_to_each_other_are_linked_once():
    points = pd.DataFrame({"lon": [0.0, 0.1, 10.0, 11.0], "lat": 0.0}, list("abcd"))
    weights = distance_band(points, 20, islands="nearest")
    assert weights.linked == ("c", "d")
    assert weights.neighbours("c").to_dict() == {"d": 1.0}
    assert weights.matrix.data.tolist() == [1.0] * 4


def test_leaving_units_out_standardises_anew_and_can_make_islands(line):
    weights = from_pairs(pd.DataFrame({"focal": ["a", "b", "b"], "neighbor": ["b", "a", "c"]}))
    kept = weights.keep(["b", "c"])
    assert kept.neighbours("b").to_dict() == {"c": 1.0}
    assert weights.keep(["a", "c"]).islands == ("a", "c")
    assert list(weights.connected().units) == ["a", "b"], "without c, b leans on a alone"
    assert weights.connected().neighbours("b").to_dict() == {"a": 1.0}


def test_the_order_of_values_plays_no_part():
    weights = contiguity(board(3))
    values = pd.Series(np.arange(9.0) ** 2, weights.units)
    mixed = values.sample(frac=1, random_state=1)
    pd.testing.assert_series_equal(weights.lag(mixed).reindex(values.index), weights.lag(values))


def test_all_problems_of_values_are_named_at_once():
    weights = contiguity(board(2))
    values = pd.Series([1.0, np.nan, 2.0, 2.0], ["00", "01", "10", "10"])
    with pytest.raises(DesignError) as raised:
        weights.lag(values)
    assert raised.value.problems == (
        "unit '10': stands more than once",
        "unit '01': no finite value; leave it out by values.dropna()",
        "unit '11': in the spatial weights, without a value",
    )
    with pytest.raises(DesignError, match="unit 'zz': not in the spatial weights"):
        weights.keep(["00", "zz"])
    with pytest.raises(DesignError, match="unit 'zz': unknown"):
        weights.neighbours("zz")


@pytest.mark.parametrize(
    ("matrix", "said"),
    [
        ([[0, 1], [1, 1]], "unit 'b': neighbours itself"),
        ([[0, -1], [1, 0]], "below zero"),
        ([[0, np.nan], [1, 0]], "missing"),
        ([[0, 1, 0], [1, 0, 0]], "shape"),
    ],
)
def test_impossible_weights_are_refused(matrix, said):
    with pytest.raises(DesignError, match=said):
        SpatialWeights.of(["a", "b"], np.array(matrix, dtype=float))
    with pytest.raises(DesignError, match="'a': stands more than once"):
        SpatialWeights.of(["a", "a"], np.array([[0.0, 1], [1, 0]]))


def test_constructors_name_what_is_wrong(line):
    with pytest.raises(DesignError) as raised:
        contiguity(
            gpd.GeoSeries([shapely.Polygon(), None], ["a", "b"]), tolerance=-1, islands="nearest"
        )
    assert len(raised.value.problems) == 4
    pairs = pd.DataFrame({"focal": [1, 1], "neighbor": [2, 2]})
    with pytest.raises(DesignError) as raised:
        from_pairs(pairs, units=[1])
    assert raised.value.problems == ("unit 2: not among the units", "pair 1, 2: repeated")
    with pytest.raises(DesignError, match="no column 'neighbor'"):
        from_pairs(pd.DataFrame({"focal": [1]}))
    with pytest.raises(DesignError, match="k = 4 for 4 units"):
        knn(line, 4)
    with pytest.raises(DesignError, match="no column 'lat'"):
        knn(line[["lon"]], 1)
    with pytest.raises(DesignError, match="band of 0 km"):
        distance_band(line, 0)
    with pytest.raises(DesignError, match="not every unit has a point"):
        from_pairs(pairs[:1], units=[1, 2, 3], islands="nearest")
    with pytest.raises(DesignError, match="policy 'all'"):
        distance_band(line, 500, islands="all")

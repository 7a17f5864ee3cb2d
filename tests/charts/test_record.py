"""A figure's record holds what is drawn, in the coordinates of the data."""

import pandas as pd
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from valley_analysis.charts.record import FOLDER, figure_record, record


def drawn(fig: Figure, kind: str) -> pd.DataFrame:
    found = figure_record(fig)
    return found[found["kind"] == kind].reset_index(drop=True)


def test_points_bars_areas_segments_and_cells_stand_where_the_data_are():
    fig = Figure()
    axes = fig.subplots()
    axes.scatter([1, 2], [3, 4], c=["#ff0000", "#00ff00"])
    axes.bar([1], [5], width=1.0, color="#0000ff")
    axes.fill_between([0, 2], [0, 0], [7, 8])
    axes.hlines(1, 0, 9)
    axes.imshow([[10.0, 11.0]])
    points = drawn(fig, "point")
    assert points[["x", "y"]].to_numpy().tolist() == [[1, 3], [2, 4]]
    assert points["colour"].tolist() == ["#ff0000ff", "#00ff00ff"]
    corners = ["x", "y", "to_x", "to_y"]
    assert drawn(fig, "bar")[corners].to_numpy().tolist() == [[0.5, 0, 1.5, 5]]
    assert drawn(fig, "area")[corners].to_numpy().tolist() == [[0, 0, 2, 8]]
    assert drawn(fig, "segment")[["x", "y"]].to_numpy().tolist() == [[0, 1], [9, 1]]
    assert drawn(fig, "cell")["text"].tolist() == ["10.0", "11.0"]


def test_shapes_of_a_collection_are_told_apart_by_place_and_colour():
    fig = Figure()
    shapes = [[(0, 0), (1, 0), (1, 1)], [(4, 4), (6, 4), (6, 7)]]
    fig.subplots().add_collection(PolyCollection(shapes, facecolors=["#111111", "#222222"]))
    found = drawn(fig, "area")
    assert found[["x", "y", "to_x", "to_y"]].to_numpy().tolist() == [[0, 0, 1, 1], [4, 4, 6, 7]]
    assert found["colour"].tolist() == ["#111111ff", "#222222ff"]


def test_each_text_stands_once_with_its_axes_and_hidden_things_do_not():
    fig = Figure()
    left, right = fig.subplots(1, 2)
    fig.text(0.5, 0.9, "of the figure")
    left.text(1, 2, "of the left")
    right.set_title("of the right")
    right.plot([1, 2], [3, 4], visible=False)
    found = drawn(fig, "text").query("text.str.startswith('of the')").set_index("text")["axes"]
    assert found.fillna(0).to_dict() == {"of the figure": 0, "of the left": 1, "of the right": 2}
    assert drawn(fig, "line").empty


def test_nothing_is_written_unless_a_folder_is_named(tmp_path, monkeypatch):
    fig = Figure()
    fig.subplots().plot([1, 2], [3, 1 / 3])
    monkeypatch.delenv(FOLDER, raising=False)
    record(fig)
    monkeypatch.setenv(FOLDER, str(tmp_path / "figures"))
    record(fig)
    record(fig)
    assert [path.name for path in sorted((tmp_path / "figures").iterdir())] == ["01.csv", "02.csv"]
    assert "0.333333333" in (tmp_path / "figures" / "01.csv").read_text("utf-8")

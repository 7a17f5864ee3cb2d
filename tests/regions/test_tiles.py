import pytest

from valley_analysis.errors import RegisterError
from valley_analysis.regions import check_tiles, load_boundaries, tile_layout, units


@pytest.mark.parametrize("scope", ["recognised", "rosstat"])
def test_one_tile_a_unit(scope: str) -> None:
    layout = tile_layout(scope)
    assert layout["region"].tolist() == list(units(scope))
    assert not layout.duplicated(["tile_row", "tile_col"]).any()
    assert layout["tile_label_ru"].is_unique and layout["tile_label_en"].is_unique


def test_shared_tiles_are_refused() -> None:
    layout = tile_layout()
    layout.loc[0, ["tile_row", "tile_col"]] = layout.loc[1, ["tile_row", "tile_col"]]
    with pytest.raises(RegisterError, match="RU-BEL, RU-BRY"):
        check_tiles(layout)


def places() -> dict[str, tuple[int, int]]:
    layout = tile_layout("rosstat")
    grid = zip(layout["tile_row"].tolist(), layout["tile_col"].tolist(), strict=True)
    return dict(zip(layout["iso"].tolist(), grid, strict=True))


def test_corners() -> None:
    at = places()
    west = min(col for _, col in at.values())
    assert at["RU-KGD"][1] == west
    assert at["RU-CHU"][0] == 0 and at["RU-CHU"][1] >= max(c for _, c in at.values()) - 1
    assert max(at["UA-43"][1], at["UA-40"][1]) < at["RU-KDA"][1]


def test_most_neighbours_on_the_ground_touch_on_the_grid() -> None:
    borders = load_boundaries()
    left, right = borders.sindex.query(borders.geometry, predicate="touches")
    at, codes = places(), borders["region"].tolist()
    gaps = [
        max(abs(at[codes[i]][axis] - at[codes[j]][axis]) for axis in (0, 1))
        for i, j in zip(left, right, strict=True)
    ]
    assert sum(gap == 1 for gap in gaps) / len(gaps) > 0.65
    assert max(gaps) <= 4

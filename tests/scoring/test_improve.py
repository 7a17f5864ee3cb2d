"""What it would take: by hand, and that it does what it says when the index is scored again."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valley_analysis.errors import ValleyError
from valley_analysis.frames import Scope
from valley_analysis.scoring import IndexSpec, Member, rank, score_index
from valley_analysis.scoring.examples import small_index
from valley_analysis.scoring.improve import what_would_it_take

pytestmark = pytest.mark.slow

UNITS = tuple("LHABCDEF")  # L and H hold the goalposts
NAMES = ("x", "y", "z", "w")
SPEC = IndexSpec(
    "pinned",
    (Member("x", "one"), Member("y", "one", -1), Member("z", "two"), Member("w", "two")),
    winsorise=(0.0, 1.0),
    reference=(2021, 2021),
    editions=(2021, 2021),
    shared_above=1.0,
)
SCOPE = Scope("pinned", UNITS)


def score(table: np.ndarray):
    """Columns of NAMES; the first two units are 0 and 200 throughout."""
    values = np.vstack([np.zeros(4), np.full(4, 200.0), table])
    frame = pd.DataFrame(values, UNITS[: len(values)], NAMES)
    frame["y"] = 200 - frame["y"]
    frame.loc[["L", "H"], "y"] = [200.0, 0.0]
    long = frame.rename_axis("region").reset_index().melt("region", var_name="indicator")
    long = long.dropna().assign(period=2021, flag="observed", method="", inputs="")
    long = long.assign(low=long["value"], high=long["value"])
    return long, score_index(long, SPEC, 2021, SCOPE)


def again(long: pd.DataFrame, unit: str, changes: dict[str, float]):
    changed = long.set_index(["region", "indicator"])
    for name, value in changes.items():
        changed.loc[(unit, name), ["value", "low", "high"]] = value
    return score_index(changed.reset_index(), SPEC, 2021, SCOPE)


BY_HAND = np.array(
    [[40, 40, 40, 40], [60, 60, 60, 60], [80, 80, 80, 80], [100] * 4, [120] * 4, [140] * 4]
).astype(float)


def test_by_hand():
    """A stands at 20, B at 30: 10 points of the index are 40 points of one indicator, 80 units."""
    _, result = score(BY_HAND)
    plan = what_would_it_take(result, "A", 1, margin=0.0)
    assert (plan.rank, plan.target_rank, plan.passed) == (7, 6, "B")
    assert plan.alone["target_points"].tolist() == pytest.approx([60] * 4)
    assert plan.alone["change"].to_dict() == pytest.approx({"x": 80, "y": -80, "z": 80, "w": 80})
    assert (plan.alone["state"] == "feasible").all()
    assert plan.together["target_points"].to_dict() == pytest.approx(dict.fromkeys(NAMES, 30))
    assert plan.together["gain"].sum() == pytest.approx(10)


def test_the_cheapest_indicator_alone_comes_first():
    _, result = score(BY_HAND)
    plan = what_would_it_take(result, "A", 1, indicators=["z"], effort="points")
    assert plan.alone.index[0] == "z"
    assert plan.alone["state"].to_dict() == {"z": "feasible", **dict.fromkeys("xyw", "not_asked")}
    assert plan.together.index.tolist() == ["z"]
    assert plan.alone.loc["z", "effort"] == pytest.approx(40, abs=1e-5)


def test_three_places_are_beyond_any_single_indicator():
    _, result = score(BY_HAND)
    plan = what_would_it_take(result, "A", 4)  # 40 points of the index, 160 of one indicator
    assert (plan.alone["state"] == "beyond_goalpost").all()
    assert plan.feasible
    capped = what_would_it_take(result, "A", 4, peers=["B"])
    assert not capped.feasible
    assert capped.reachable == pytest.approx(30)
    assert what_would_it_take(result, "A", 1, peers=["B"]).alone["state"].eq("beyond_best").all()


def test_a_missing_value_cannot_be_improved():
    table = BY_HAND.copy()
    table[0, 3] = np.nan
    _, result = score(table)
    plan = what_would_it_take(result, "A", 1)
    assert plan.alone.loc["w", "state"] == "missing"
    assert plan.alone.loc["z", "share"] == pytest.approx(0.5)
    assert "w" not in plan.together.index


def test_below_the_goalpost_a_change_first_has_to_reach_it():
    long, _ = score(BY_HAND)
    spec = replace(SPEC, winsorise=(0.2, 1.0))
    result = score_index(long, spec, 2021, SCOPE)  # the lower post of x is 48 (type 7); A has 40
    post = result.goalposts["x", ""].low
    plan = what_would_it_take(result, "A", 1, margin=0.0)
    row = plan.alone.loc["x"]
    assert row["points"] == 0
    assert row["change"] == pytest.approx(post - 40 + row["target_points"] * (200 - post) / 100)
    assert plan.together.index.tolist() == ["y"]  # the others of A lie below their goalposts


def brute(gain, room, price, gap, cost):
    """Least effort by a fine grid over two indicators."""
    first = np.linspace(0, room[0], 20_001)
    second = (gap - gain[0] * first) / gain[1]
    fits = (second >= -1e-9) & (second <= room[1] + 1e-9)
    efforts = np.stack([first[fits] * price[0], second[fits] * price[1]])
    total = np.square(efforts).sum(axis=0) if cost == "squares" else efforts.sum(axis=0)
    return total.min()


@given(
    st.integers(0, 10_000), st.sampled_from(["squares", "sum"]), st.sampled_from(["sd", "points"])
)
@settings(max_examples=20)
def test_the_combination_is_the_least_of_all(seed, cost, effort):
    draw = np.random.default_rng(seed)
    _, result = score(np.round(draw.uniform(10, 190, (6, 4)), 1))
    unit = str(result.scores["rank"].drop(["L", "H"]).astype(int).idxmax())
    plan = what_would_it_take(result, unit, 1, indicators=["x", "z"], cost=cost, effort=effort)
    price = {"x": 1.0, "z": 1.0}
    if effort == "sd":
        price = (2 / result.values[["x", "z"]].std()).to_dict()
    if not plan.feasible:
        assert plan.reachable < plan.target_score
        return
    table = plan.alone.loc[["x", "z"]]
    least = brute(
        table["share"].to_numpy(),
        (table["cap"] - table["points"]).to_numpy(),
        [price["x"], price["z"]],
        plan.target_score - plan.score,
        cost,
    )
    efforts = plan.together["effort"]
    found = float((efforts**2).sum() if cost == "squares" else efforts.sum())
    assert found <= least + 1e-6


@given(st.integers(0, 10_000), st.integers(1, 3), st.sampled_from(["squares", "sum"]))
@settings(max_examples=6)
def test_scored_again_the_unit_gains_the_places(seed, places, cost):
    draw = np.random.default_rng(seed)
    table = np.round(draw.uniform(10, 190, (6, 4)), 1)
    table[draw.random(table.shape) < 0.08] = np.nan
    long, result = score(table)
    ranked = result.scores["rank"].drop(["L", "H"]).dropna().astype(int)
    unit = str(ranked.idxmax())
    if ranked[unit] <= places:
        return
    plan = what_would_it_take(result, unit, places, cost=cost)
    plans = [
        {str(n): float(row["target_value"])}
        for n, row in plan.alone.iterrows()
        if row["state"] == "feasible"
    ]
    if plan.feasible:
        plans.append(plan.together["target_value"].to_dict())
    for changes in plans:
        after = again(long, unit, changes).scores.loc[unit]
        assert after["score"] == pytest.approx(plan.target_score, abs=1e-9)
        assert after["rank"] <= plan.rank - places
        weaker = {
            name: value
            + 1e-3
            * np.sign(long.set_index(["region", "indicator"]).loc[(unit, name), "value"] - value)
            for name, value in changes.items()
        }
        assert again(long, unit, weaker).scores.loc[unit, "rank"] > plan.rank - places


def test_the_share_of_replications_comes_from_the_evaluator():
    _, result = score(BY_HAND)
    normal = result.normalised.loc[:, list(NAMES)].to_numpy()
    weights = np.random.default_rng(0).dirichlet(np.ones(4), 500)
    place = UNITS.index("A")

    def evaluate(unit, changes):
        assert unit == "A"
        points = normal.copy()
        for name, value in changes.items():
            points[place, NAMES.index(name)] = (200 - value if name == "y" else value) / 2
        scores = points @ weights.T
        return np.array([rank(pd.Series(column))[place] for column in scores.T], dtype=float)

    plan = what_would_it_take(result, "A", 1, evaluate=evaluate, evaluate_alone=True)
    assert set(plan.robust.index) == {"together", *NAMES}
    assert plan.robust["together"] == 1  # it passes B in every indicator
    assert 0 < plan.robust["x"] < 1  # only where x weighs enough
    assert what_would_it_take(result, "A", 1).robust.empty


@pytest.mark.parametrize(
    ("unit", "places", "settings", "message"),
    [
        ("Q", 1, {}, "Q .nearest: none. is not in scope"),
        ("H", 1, {}, "stands at 1 |stands at rank 1"),
        ("G", 0, {}, "cannot gain 0"),
        ("G", 1, {"indicators": ["nothing"]}, "nothing .nearest: none. not among"),
        ("G", 1, {"effort": "money"}, "expected sd or points"),
        ("G", 1, {"cost": "cubes"}, "expected squares or sum"),
    ],
)
def test_what_cannot_be_asked(unit, places, settings, message):
    with pytest.raises(ValleyError, match=message):
        what_would_it_take(small_index(), unit, places, **settings)


def test_a_unit_without_rank_has_no_plan():
    table = BY_HAND.copy()
    table[0, 1:] = np.nan
    _, result = score(table)
    with pytest.raises(ValleyError, match="has no rank"):
        what_would_it_take(result, "A")


def test_a_plan_says_that_it_is_arithmetic():
    assert "not advice" in what_would_it_take(small_index(), "B")._repr_html_()

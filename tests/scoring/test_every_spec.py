"""Every specification that scores can be varied, whatever it is made of."""

from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest

from valley_analysis.errors import FrameError, PeriodError, SpecError
from valley_analysis.frames import Scope
from valley_analysis.scoring import (
    EIS,
    IndexSpec,
    Member,
    Node,
    Structure,
    Uncertainty,
    ledger,
    score_index,
    sensitivity,
    settings,
    standard,
    vary,
)
from valley_analysis.scoring.standard import (
    alternative_ranks,
    edition_ranges,
    grouping_by,
    standard_assumptions,
)

pytestmark = pytest.mark.slow

UNITS = tuple(f"u{number:02}" for number in range(14))
SCOPE = Scope("fourteen", UNITS)
NAMES = tuple("abcdef")
WEIGHTS = {"a": 3.0, "b": 1.0, "c": 2.0, "d": 1.0, "e": 0.0, "f": 5.0, "one": 2.0, "two": 1.0}
SPEC = IndexSpec(
    "mine",
    tuple(Member(n, "one" if n in "abc" else "two", -1 if n == "b" else 1) for n in NAMES),
    reference=(2019, 2021),
    editions=(2020, 2021),
    floor=5.0,
)


@pytest.fixture(autouse=True)
def _few_probes(monkeypatch):
    monkeypatch.setattr(ledger, "PROBES", 20)


def figures(seed: int = 0) -> pd.DataFrame:
    """Three periods of skewed figures above 0, correlated, one gap, one suppressed value."""
    rng = np.random.default_rng(seed)
    keys = pd.MultiIndex.from_product([(2019, 2020, 2021), UNITS, NAMES])
    frame = keys.to_frame(index=False, name=["period", "region", "indicator"])
    common = np.tile(rng.normal(size=len(UNITS)).repeat(len(NAMES)), 3)
    frame["value"] = 10 * np.exp(0.7 * common + 0.5 * rng.normal(size=len(frame)))
    less = frame["indicator"] == "b"  # of which less is better
    frame.loc[less, "value"] = 100 / frame.loc[less, "value"]
    frame["low"] = frame["high"] = frame["value"]
    frame["flag"], frame["method"], frame["inputs"] = "observed", "", ""
    gap = (frame["region"] == "u01") & (frame["indicator"] == "b")
    frame.loc[gap, ["value", "low", "high"]] = np.nan
    hidden = (frame["region"] == "u02") & (frame["indicator"] == "c") & (frame["period"] == 2021)
    frame.loc[hidden, ["low", "high"]] += [-0.1, 0.1]
    frame.loc[hidden, ["value", "flag"]] = [np.nan, "suppressed"]
    return frame


FRAME = figures()


def varied(spec: IndexSpec, frame: pd.DataFrame = FRAME, scope: Scope = SCOPE, **options):
    """Score and vary; the nominal scores of both are one."""
    plain = score_index(frame, spec, 2021, scope).scores
    plan = Uncertainty(standard_assumptions(spec), 40, 1)
    found = vary(frame, spec, 2021, scope, plan, **options)
    np.testing.assert_allclose(found.ranges["score"], plain["score"].astype(float), atol=1e-9)
    assert found.ranges["rank"].tolist() == plain["rank"].tolist()
    known = found.ranges.dropna()
    assert (known["rank_low"] <= known["rank_median"]).all()
    assert (known["rank_median"] <= known["rank_high"]).all()
    return found


FACTORS = {
    "weighting": settings.WEIGHTINGS,
    "normalisation": settings.NORMALISATIONS,
    "treatment": settings.CHOICES["treatment"],
    "inside": settings.MEANS,
    "between": settings.AT_THE_TOP,
}


def choices(weighting: str) -> list[dict[str, str]]:
    """Settings under one weighting, such that over all weightings every pair of settings meets.

    The multipliers were found by search; the test below holds what they are for.
    """
    at = FACTORS["weighting"].index(weighting)
    rows = []
    for number in range(len(FACTORS["normalisation"])):
        places = {
            "weighting": at,
            "normalisation": number,
            "treatment": number + 4 * at,
            "inside": number + at + at // 3,
            "between": number + 2 * at,
        }
        rows.append({name: FACTORS[name][n % len(FACTORS[name])] for name, n in places.items()})
    return rows


@pytest.mark.parametrize("weighting", settings.WEIGHTINGS)
def test_every_weighting_with_every_scale_treatment_and_mean(weighting, monkeypatch):
    monkeypatch.setattr(standard, "CUTS", ((0.05, 0.95),))
    refused = []
    given = WEIGHTS if weighting == "given" else {}
    for choice in choices(weighting):
        means = choice.pop("inside"), choice.pop("between")
        spec = replace(SPEC, given=given, aggregation=means, **choice)
        try:
            score_index(FRAME, spec, 2021, SCOPE)
        except FrameError:
            refused.append(choice)
            continue
        assert not varied(spec).impossible
    # A ratio mirrored below 0 has no geometric mean: refused with the cells, when scored.
    assert all(one["normalisation"] == "ratio" for one in refused), refused
    assert len(refused) <= 3


def test_the_grid_meets_every_pair_of_settings():
    met = [choice for name in settings.WEIGHTINGS for choice in choices(name)]
    for one, other in combinations(FACTORS, 2):
        pairs = {(choice[one], choice[other]) for choice in met}
        assert pairs == set(product(FACTORS[one], FACTORS[other])), (one, other)


@pytest.mark.parametrize("weighting", settings.WEIGHTINGS)
@pytest.mark.parametrize("kept", [("a",), ("a", "d"), ("a", "b"), ("f",)])
def test_parts_of_an_index_can_be_varied(weighting, kept):
    given = WEIGHTS if weighting == "given" else {}
    found = varied(replace(SPEC, weighting=weighting, given=given).only(kept))
    assert (found.ranges["scored"].drop("u01") == 1).all()


@pytest.mark.parametrize("top", settings.AT_THE_TOP)
def test_one_unit_and_two_units(top):
    for count in (1, 2):
        spec = replace(SPEC, aggregation=("arithmetic", top), normalisation="minmax")
        few = Scope("few", UNITS[3 : 3 + count])
        found = varied(spec, scope=few)
        assert (found.ranges["rank_high"] <= count).all()


def test_imputed_and_unpooled_editions_can_be_varied():
    for imputation in ("group_mean", "regression", "previous"):
        varied(replace(SPEC, imputation=imputation))
    varied(replace(SPEC, pooled=False, weighting="entropy"))


TREES = {
    "three levels": (
        Node("whole", method="geometric"),
        Node("left", "whole", 2.0, method="harmonic"),
        *(Node(name, "left") for name in "ab"),
        Node("right", "whole", method="power", power=3.0),
        Node("deep", "right", method="mazziotta_pareto"),
        *(Node(name, "deep") for name in "cd"),
        *(Node(name, "right") for name in "ef"),
    ),
    "copeland inside": (
        Node("whole"),
        Node("left", "whole", method="copeland"),
        *(Node(name, "left") for name in "abc"),
        *(Node(name, "whole") for name in "def"),
    ),
    "flat": (Node("whole", method="power", power=-12.0), *(Node(n, "whole") for n in NAMES)),
}


@pytest.mark.parametrize("tree", TREES)
@pytest.mark.parametrize("weighting", ["shared", "given", "pca"])
def test_structures_can_be_varied(tree, weighting):
    given = {"a": 2.0, "f": 0.5} if weighting == "given" else {}
    nodes = Structure(TREES[tree])
    spec = replace(SPEC, structure=nodes, weighting=weighting, given=given)
    varied(spec)


def test_given_weights_reach_every_result_that_a_report_prints():
    spec = replace(SPEC, weighting="given", given=WEIGHTS)
    plan = Uncertainty(standard_assumptions(spec), 40, 1)
    assert "near_duplicates" not in plan.names  # the weights say what each of them counts
    found = varied(spec, grouping=grouping_by(EIS))
    assert found.groups.shape == (14, 4)
    assert sensitivity(FRAME, spec, 2021, SCOPE, plan, n=8, bootstrap=5).rank_shift.shape == (8, 6)
    assert "nominal" in alternative_ranks(FRAME, spec, 2021, SCOPE)
    editions = edition_ranges(FRAME, spec, [2020, 2021], SCOPE, 40, 1)
    for period, ranges in editions.items():  # pooled once for both, and as each by itself
        alone = vary(FRAME, spec, period, SCOPE, plan, pairs=False).ranges
        pd.testing.assert_frame_equal(ranges, alone, check_exact=True)
    assert list(editions) == [2020, 2021]


def test_the_mean_of_the_specification_stands_first_among_those_tried():
    names = {}
    for top in settings.AT_THE_TOP:
        spec = replace(SPEC, aggregation=("arithmetic", top))
        tried = {item.name: item for item in standard_assumptions(spec)}
        names[top] = tried["dimension_mean"].methods if "dimension_mean" in tried else ()
    assert names["arithmetic"] == ("arithmetic", 0.5, "geometric")
    assert names["harmonic"] == ("harmonic", "arithmetic", 0.5, "geometric")
    assert names["geometric"] == ("geometric", "arithmetic", 0.5)
    assert names["mazziotta_pareto"] == ("mazziotta_pareto", "arithmetic", 0.5, "geometric")
    assert names["copeland"] == ()  # wins minus losses do not mix with points


def test_errors_of_a_ratio_are_not_cut_at_100():
    """A ratio of 300 to the mean stays above 100 in every replication."""
    spec = replace(SPEC, normalisation="ratio", treatment="none", floor=0.0)
    found = varied(spec.only(["a", "c", "d", "f"]))
    best = found.ranges["score"].idxmax()
    assert found.ranges.loc[best, "score"] > 150
    assert found.ranges.loc[best, "score_low"] > 100
    inside = (found.ranges["rank"] >= found.ranges["rank_low"]) & (
        found.ranges["rank"] <= found.ranges["rank_high"]
    )
    assert inside.mean() > 0.9


def test_an_option_that_the_figures_do_not_allow_is_told():
    """Nine of ten units are 0: cut at 5 % nothing is left to scale."""
    frame = FRAME[FRAME["indicator"] == "a"].copy()
    known = (frame["region"] == "u13") & (frame["period"] == 2021)
    frame.loc[~known, ["value", "low", "high"]] = 0.0
    spec = replace(SPEC.only(["a"]), treatment="none", floor=0.0)
    found = varied(spec, frame)
    assert any("0.05, 0.95" in option for option in found.impossible)
    assert all("no indicator" in reason for reason in found.impossible.values())
    assert (found.ranges["scored"] == 1).all()
    assert "Not possible with these figures" in found._repr_html_()


def test_a_share_of_95_is_refused_in_words():
    plan = Uncertainty(standard_assumptions(SPEC), 5, 1)
    with pytest.raises(SpecError, match="two rising shares from 0 to 1"):
        vary(FRAME, SPEC, 2021, SCOPE, plan, between=(5, 95))
    with pytest.raises(SpecError, match="top 0"):
        vary(FRAME, SPEC, 2021, SCOPE, plan, top=0)
    with pytest.raises(PeriodError):
        vary(FRAME, SPEC, 2099, SCOPE, plan)

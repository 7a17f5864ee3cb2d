"""The parts of an audit, by hand, against plain recomputation, and what must not change them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from valley_analysis.frames import Scope
from valley_analysis.scoring import IndexSpec, Member, score_index
from valley_analysis.scoring._linear import rank_rows, unit_shares
from valley_analysis.scoring.audit import AuditRules, audit
from valley_analysis.scoring.components import principal_components
from valley_analysis.scoring.correlations import Limits, correlate
from valley_analysis.scoring.describe import availability, shape, statistics
from valley_analysis.scoring.effective import correlation_ratio, effective_weights
from valley_analysis.scoring.examples import (
    random_indicators,
    small_index,
    small_indicators,
    small_scope,
    small_spec,
)
from valley_analysis.scoring.leave_out import leave_one_out, pooled_correlations
from valley_analysis.scoring.ranks import rank


def gappy(seed: int, share: float = 0.1, units: int = 12, count: int = 9):
    """Indicators with gaps, near-duplicates along a chain, and thresholds that bite."""
    frame, spec, scope = random_indicators(units, count, (2020, 2021, 2022), seed)
    wide = frame.pivot(index=["region", "period"], columns="indicator", values="value")
    draw = np.random.default_rng(seed)
    for name in ("i1", "i2"):  # i0 - i1 - i2: removing i1 may part the other two
        near = wide["i0" if name == "i1" else "i1"]
        wide[name] = near * np.exp(0.2 * draw.normal(size=len(near)))
    frame = wide.melt(ignore_index=False).reset_index()
    frame = frame[draw.random(len(frame)) >= share]
    frame = frame.assign(
        low=frame["value"], high=frame["value"], flag="observed", method="", inputs=""
    )
    spec = replace(spec, index_threshold=0.6, dimension_threshold=0.6, max_lag=0)
    return frame, spec, scope


@pytest.mark.parametrize("seed", range(3))
def test_leaving_out_equals_scoring_without(seed):
    frame, spec, scope = gappy(seed)
    result = score_index(frame, spec, 2021, scope)
    found = leave_one_out(result, pooled_correlations(frame, spec, scope))
    for name in result.weights.index:
        rest = spec.only([other for other in spec.indicators if other != name])
        without = score_index(frame, rest, 2021, scope).scores
        pd.testing.assert_series_equal(
            found.scores[name], without["score"], check_names=False, atol=1e-9, rtol=0
        )
        ranks = without["rank"].to_numpy(dtype=float, na_value=np.nan)
        np.testing.assert_array_equal(found.ranks[name].to_numpy(), ranks)


def test_the_chain_of_near_duplicates_was_parted_in_some_of_these():
    linked = [
        score_index(*gappy(seed)[:2], 2021, gappy(seed)[2]).weights["group"].loc[["i0", "i1", "i2"]]
        for seed in range(3)
    ]
    assert any((groups == groups.iloc[0]).all() for groups in linked)


def test_without_correlations_a_weight_goes_to_the_near_duplicates():
    frame, spec, scope = random_indicators(30, 5, seed=2)
    copy = frame[frame["indicator"] == "i0"].assign(indicator="i5")
    spec = replace(spec, members=(*spec.members, Member("i5", "d0")))
    result = score_index(pd.concat([frame, copy]), spec, 2021, scope)
    found = leave_one_out(result)
    assert found.summary.loc[["i0", "i5"], "max_shift"].tolist() == [0, 0]  # the copy takes over
    exact = leave_one_out(result, pooled_correlations(pd.concat([frame, copy]), spec, scope))
    pd.testing.assert_frame_equal(found.scores, exact.scores)


def test_the_only_indicator_of_a_dimension_takes_the_dimension_along():
    result = small_index()
    frame = leave_one_out(score_index_of_three()).scores
    assert frame["z"].tolist() == pytest.approx([0, 22.5, 65, 100])
    assert len(leave_one_out(result).summary) == 5


def score_index_of_three():
    table = {"x": (0, 10, 20, 40), "y": (5, 4, 1, 0), "z": (1, 1, 3, 2)}
    rows = [
        (u, 2021, n, float(v)) for n, vs in table.items() for u, v in zip("ABCD", vs, strict=True)
    ]
    frame = pd.DataFrame(rows, columns=["region", "period", "indicator", "value"])
    frame = frame.assign(low=frame.value, high=frame.value, flag="observed", method="", inputs="")
    members = (Member("x", "one"), Member("y", "one", -1), Member("z", "two"))
    spec = IndexSpec(
        "three", members, (0.0, 1.0), (2021, 2021), 1.0, index_threshold=1.0, editions=(2021, 2021)
    )
    return score_index(frame, spec, 2021, Scope("four", tuple("ABCD")))


def test_shifts_by_hand():
    """Scores 0, 11.25, 82.5, 75; without z 0, 22.5, 65, 100: C and D change places."""
    found = leave_one_out(score_index_of_three())
    assert found.shifts["z"].tolist() == [0, 0, 1, -1]
    assert found.summary.loc["z", ["mean_shift", "max_shift", "unit"]].tolist() == [0.5, 1, "C"]


@given(st.lists(st.one_of(st.just(np.nan), st.integers(0, 9).map(float)), min_size=1, max_size=9))
def test_ranks_of_rows_are_ranks(values):
    expected = rank(pd.Series(values, dtype=float)).to_numpy(dtype=float, na_value=np.nan)
    np.testing.assert_array_equal(rank_rows(np.array([values, values]))[1], expected)


@pytest.mark.parametrize("seed", range(3))
def test_shares_make_up_the_scores(seed):
    frame, spec, scope = gappy(seed, 0.2)
    result = score_index(frame, spec, 2021, scope)
    shares = unit_shares(result)
    total = (shares * result.normalised.fillna(0)).sum(axis=1, skipna=False)
    pd.testing.assert_series_equal(total, result.scores["score"], check_names=False)
    assert shares.sum(axis=1, skipna=False).dropna().to_numpy() == pytest.approx(1)


@pytest.mark.parametrize("top", ["geometric", "harmonic", "copeland", "mazziotta_pareto"])
def test_every_mean_can_be_audited_and_left_out_of(top):
    """Without an indicator the index is what a specification without it gives."""
    spec = replace(small_spec(), aggregation=("geometric", top), floor=5.0, weighting="equal")
    whole = score_index(small_indicators(), spec, 2021, small_scope())
    found = audit(whole).leave_out
    for name in spec.indicators:
        rest = tuple(other for other in spec.indicators if other != name)
        plain = score_index(small_indicators(), spec.only(rest), 2021, small_scope())
        assert found.scores[name].tolist() == pytest.approx(plain.scores["score"].tolist())
        assert found.ranks[name].tolist() == plain.scores["rank"].tolist()


@given(
    st.lists(st.integers(-50, 50).map(float), min_size=5, max_size=20),
    st.sampled_from([1e-12, 1, 1e9]),
)
def test_skewness_and_kurtosis_are_of_type_two_at_any_scale(values, factor):
    table = shape(pd.DataFrame({"x": values}) * factor)
    if len(set(values)) < 2:
        assert table.isna().all(axis=None)
        return
    assert table.loc["x", "skewness"] == pytest.approx(stats.skew(values, bias=False), abs=1e-9)
    assert table.loc["x", "kurtosis"] == pytest.approx(stats.kurtosis(values, bias=False), abs=1e-9)


def test_too_few_values_have_no_shape():
    table = shape(pd.DataFrame({"a": [1.0, 2.0, np.nan, np.nan], "b": [1.0, 2.0, 4.0, np.nan]}))
    assert table["skewness"].isna().tolist() == [True, False]
    assert table["kurtosis"].isna().all()


def test_statistics_by_hand():
    table = statistics(score_index_of_three())
    assert table.loc["x", ["n", "mean", "min", "median", "max"]].tolist() == [4, 17.5, 0, 15, 40]
    assert table.loc["x", "sd"] == pytest.approx(np.sqrt((17.5**2 + 7.5**2 + 2.5**2 + 22.5**2) / 3))
    assert table.loc["z", ["at_worst", "at_best"]].tolist() == [0.5, 0.25]
    assert not table["outliers"].any()


def test_an_outlier_is_seen_before_and_after_scaling():
    frame, spec, scope = random_indicators(40, 5, seed=1)
    frame.loc[(frame["indicator"] == "i0") & (frame["region"] == "u3"), "value"] = 500.0
    raw = replace(spec, winsorise=(0.0, 1.0))
    cut = replace(spec, winsorise=(0.05, 0.95))
    tables = [statistics(score_index(frame, s, 2021, scope)) for s in (raw, cut)]
    assert [t.loc["i0", "outliers"] for t in tables] == [True, True]
    assert [t.loc["i0", "outliers_left"] for t in tables] == [True, False]


def test_availability_counts_flags():
    frame, spec, scope = gappy(1, 0.2)
    result = score_index(frame, spec, 2021, scope)
    found = availability(result)
    assert found.indicators["units"].sum() == found.units["indicators"].sum()
    assert found.indicators["observed"].tolist() == found.indicators["units"].tolist()
    assert (found.units["ranked"] == result.scores["rank"].notna()).all()


def test_components_by_hand():
    """Two columns that correlate at r: eigenvalues 1 + r and 1 - r, loadings sqrt((1 + r) / 2)."""
    values = pd.DataFrame({"a": [1.0, 2, 3, 4], "b": [2.0, 1, 4, 3], "c": [5.0] * 4})
    found = principal_components(values)
    assert found.variances["eigenvalue"].tolist() == pytest.approx([1.6, 0.4])
    assert found.loadings[1].tolist() == pytest.approx([np.sqrt(0.8)] * 2)
    assert found.variances["cumulative"].tolist() == pytest.approx([0.8, 1])
    assert (found.kaiser, found.constant, found.complete) == (1, ("c",), 4)


@given(st.integers(0, 100))
@settings(max_examples=20)
def test_loadings_explain_every_column(seed):
    values = pd.DataFrame(np.random.default_rng(seed).normal(size=(20, 6)))
    found = principal_components(values)
    assert (found.loadings**2).sum(axis=1).to_numpy() == pytest.approx(1)
    assert found.variances["eigenvalue"].sum() == pytest.approx(6)
    assert (found.loadings.sum() >= 0).all()


X = np.linspace(-1.5, 1.5, 60)


@pytest.mark.parametrize("y", [2 * X + 1, X**2, np.sin(3 * X)], ids=["line", "parabola", "wave"])
def test_the_correlation_ratio_sees_any_shape(y):
    assert correlation_ratio(X, y) > 0.98
    assert correlation_ratio(X * 1e6 - 3, y * 1e-6 + 8) == pytest.approx(correlation_ratio(X, y))


@pytest.mark.parametrize("y", [0 * X, X, np.sin(3 * X)], ids=["nothing", "line", "wave"])
def test_the_correlation_ratio_is_right_on_average(y):
    draw = np.random.default_rng(0)
    found = [correlation_ratio(X, y + draw.normal(size=len(X))) for _ in range(60)]
    assert np.mean(found) == pytest.approx(np.var(y) / (1 + np.var(y)), abs=0.04)


def test_with_two_values_the_correlation_ratio_is_the_adjusted_squared_correlation():
    x = np.array([0.0, 0, 0, 1, 1])
    y = np.array([1.0, 2, 3, 3, 6])
    squared = np.corrcoef(x, y)[0, 1] ** 2
    assert correlation_ratio(x, y) == pytest.approx(1 - (1 - squared) * 4 / 3)


def test_the_correlation_ratio_of_many_units_is_that_of_a_sample():
    draw = np.random.default_rng(3)
    x = draw.normal(size=20_000)
    y = x**2 + draw.normal(size=20_000)
    assert correlation_ratio(x, y) == pytest.approx(2 / 3, abs=0.03)  # Var(x^2) = 2


def test_a_constant_has_no_correlation_ratio():
    assert np.isnan(correlation_ratio(np.ones(9), np.arange(9.0)))
    assert np.isnan(correlation_ratio(np.arange(9.0), np.ones(9)))


def test_effective_shares_sum_to_one_at_each_level():
    table = effective_weights(small_index())
    sums = table.groupby("level")[["nominal", "linear_share", "local_share"]].sum()
    assert sums.to_numpy() == pytest.approx(1)
    assert table.loc[("dimension", "economy"), "nominal"] == pytest.approx(0.5)


def made(columns: dict[str, list[float]], members: dict[str, str]):
    rows = [(f"u{n}", 2021, name, v) for name, vs in columns.items() for n, v in enumerate(vs)]
    frame = pd.DataFrame(rows, columns=["region", "period", "indicator", "value"])
    frame = frame.assign(low=frame.value, high=frame.value, flag="observed", method="", inputs="")
    spec = IndexSpec(
        "made", tuple(Member(n, d) for n, d in members.items()), (0.0, 1.0), (2021, 2021),
        1.0, editions=(2021, 2021),
    )  # fmt: skip
    units = tuple(f"u{n}" for n in range(len(rows) // len(columns)))
    return score_index(frame, spec, 2021, Scope("made", units))


def test_flags_by_hand():
    """b mirrors a in the same dimension; c copies d's dimension better than its own."""
    up, other = [1.0, 2, 3, 4, 5, 6], [3.0, 1, 6, 2, 5, 4]
    columns = {
        "a": up, "b": up[::-1], "b2": [6.0, 5, 4, 3, 1, 2], "d": other,
        "e": [3.0, 1, 6, 2, 4, 5], "c": other,
    }  # fmt: skip
    members = {"a": "one", "b": "one", "b2": "one", "c": "one", "d": "two", "e": "two"}
    found = correlate(made(columns, members))
    kinds = found.flags.groupby("kind")
    assert {("a", "b"), ("a", "b2")} <= set(
        kinds.get_group("negative")[["one", "other"]].itertuples(index=False, name=None)
    )
    assert "c" in kinds.get_group("misplaced")["one"].tolist()
    pairs = found.redundant.set_index(["one", "other"])
    assert pairs.loc[("a", "b"), "correlation"] == pytest.approx(-1)
    assert pairs.loc[("c", "d"), ["correlation", "same"]].tolist() == [pytest.approx(1), False]
    loose = correlate(made(columns, members), limits=Limits(-2, -2, 2, 2))
    assert set(loose.flags["kind"]) <= {"misplaced", "nearer_elsewhere"}
    assert loose.redundant.empty


def test_the_rest_of_a_dimension_leaves_the_indicator_out():
    result = small_index()
    own = correlate(result).own
    left = result.normalised["jobless"].corr(result.normalised["income"])
    assert own.loc["income", "rest"] == pytest.approx(left)
    alone = correlate(score_index_of_three()).own
    assert np.isnan(alone.loc["z", "rest"])
    assert alone.loc["z", "own"] == pytest.approx(1)


@pytest.fixture(scope="module")
def three_audits():
    """The same index; one indicator in another unit and mirrored; units in another order."""
    frame, spec, scope = random_indicators(25, 10, seed=7)
    turned = frame.copy()
    chosen = turned["indicator"] == "i3"
    turned.loc[chosen, "value"] = 5 - 1000 * turned.loc[chosen, "value"]
    turned["low"] = turned["high"] = turned["value"]
    members = tuple(replace(m, direction=-1 if m.indicator == "i3" else 1) for m in spec.members)
    mixed = Scope("random", tuple(reversed(scope.units)))
    results = [
        score_index(frame, spec, 2021, scope),
        score_index(turned, replace(spec, members=members), 2021, scope),
        score_index(frame, spec, 2021, mixed),
    ]
    return [audit(result) for result in results]


@pytest.mark.parametrize("other", [1, 2], ids=["unit and direction", "order of units"])
def test_an_audit_does_not_depend_on_units_direction_or_order(three_audits, other):
    one, two = three_audits[0], three_audits[other]
    same = {"check_like": True, "atol": 1e-9, "rtol": 1e-9}
    for pick in (
        lambda a: a.alpha,
        lambda a: a.correlations.indicators,
        lambda a: a.correlations.own,
        lambda a: a.weights,
        lambda a: a.component_table,
        lambda a: a.leave_out.scores,
        lambda a: a.leave_out.summary.drop(columns=["unit", "shift"]),
        lambda a: a.availability.units,
    ):
        pd.testing.assert_frame_equal(pick(one), pick(two), **same)
    columns = ["check", "state", "found", "where"]
    pd.testing.assert_frame_equal(one.checks[columns], two.checks[columns])


def test_alpha_by_hand():
    """Two indicators with variance v and covariance c: alpha 4 c / (2 v + 2 c)."""
    result = made({"a": [0.0, 1, 2, 3], "b": [0.0, 2, 1, 3]}, {"a": "one", "b": "one"})
    table = audit(result).alpha
    r = 0.8
    assert table.loc["one", "alpha"] == pytest.approx(2 * r / (1 + r))
    assert table.loc["one", "standardised"] == pytest.approx(2 * r / (1 + r))
    assert np.isnan(table.loc["dimensions", "alpha"])  # a single dimension


def test_checks_name_what_they_found():
    found = audit(small_index(), AuditRules(alpha=0.0, correlations=Limits(weak=-1)))
    states = found.checks.set_index("check")
    assert states.loc["dimension_alpha", "state"] == "passed"
    assert states.loc["weak_in_dimension", "found"] == 0
    assert states.loc["negative_within", "where"] == "patents & exports"
    assert set(found.checks["state"]) <= {"passed", "failed", "informational"}
    assert "Audit of small 2021, scope small" in found._repr_html_()
    for part in (
        found.availability,
        found.correlations,
        found.leave_out,
        found.components["indicators"],
    ):
        assert "<table" in part._repr_html_()


def test_an_audit_copes_with_gaps():
    frame, spec, scope = gappy(2, 0.25, units=30)
    found = audit(score_index(frame, spec, 2021, scope))
    assert found.checks["found"].notna().all()
    assert found.leave_out.summary["unranked"].sum() > 0

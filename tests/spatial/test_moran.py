"""Moran's I: all permutations of six units, a published regression, esda, and laws."""

import sys
from itertools import combinations, permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valley_analysis.errors import DesignError
from valley_analysis.spatial import (
    SpatialWeights,
    from_pairs,
    local_moran,
    moran,
    residual_moran,
)

few = settings(max_examples=25)


def random_weights(n: int, seed: int, share: float = 0.5) -> SpatialWeights:
    """Directed, unequal weights; every unit has a neighbour."""
    rng = np.random.default_rng(seed)
    matrix = rng.random((n, n)) * (rng.random((n, n)) < share)
    matrix += np.roll(np.eye(n), 1, axis=1)
    np.fill_diagonal(matrix, 0)
    return SpatialWeights.of([f"u{i}" for i in range(n)], matrix, "at random")


def random_values(n: int, seed: int) -> pd.Series:
    rng = np.random.default_rng([seed, 1])
    return pd.Series(rng.gamma(1.0, size=n), [f"u{i}" for i in range(n)], name="x")


@pytest.fixture(scope="module")
def columbus(shared):
    folder = shared / "reference" / "columbus_spatial"
    data = pd.read_csv(folder / "data.csv").set_index("POLYID")
    return data, from_pairs(pd.read_csv(folder / "neighbors_queen.csv"), units=data.index)


def plain(values: np.ndarray, matrix: np.ndarray) -> float:
    """The definition, pair by pair."""
    z = values - values.mean()
    pairs = sum(matrix[i, j] * z[i] * z[j] for i in range(len(z)) for j in range(len(z)))
    return len(z) / matrix.sum() * pairs / (z**2).sum()


@pytest.mark.parametrize("seed", [1, 2])
def test_moments_are_those_of_all_720_permutations_of_six_units(seed):
    weights, values = random_weights(6, seed), random_values(6, seed)
    matrix = weights.matrix.toarray()
    every = [plain(np.array(order), matrix) for order in permutations(values)]
    found = moran(values, weights, permutations=0, seed=0)
    assert found.statistic == pytest.approx(plain(values.to_numpy(), matrix))
    assert found.expected == pytest.approx(np.mean(every))
    spread = (found.statistic - found.expected) / found.z_randomisation
    assert spread == pytest.approx(np.std(every))
    assert np.isnan(found.p_permutation)


def test_drawn_p_values_approach_those_of_all_permutations():
    weights, values = random_weights(6, 3), random_values(6, 3)
    matrix = weights.matrix.toarray()
    every = np.array([plain(np.array(order), matrix) for order in permutations(values)])
    found = moran(values, weights, permutations=20_000, seed=1)
    upper = np.mean(every >= found.statistic - 1e-12)
    lower = np.mean(every <= found.statistic + 1e-12)
    assert found.p_greater == pytest.approx(upper, abs=0.015)
    assert found.p_permutation == pytest.approx(min(1, 2 * min(upper, lower)), abs=0.03)


def test_normal_moments_are_those_of_normal_values():
    weights = random_weights(9, 5)
    rng = np.random.default_rng(5)
    z = rng.normal(size=(200_000, 9))
    z -= z.mean(axis=1, keepdims=True)
    drawn = np.einsum("ri,ij,rj->r", z, weights.matrix.toarray(), z, optimize=True)
    drawn /= (z**2).sum(axis=1)
    found = moran(random_values(9, 5), weights, permutations=0, seed=0)
    assert found.expected == pytest.approx(drawn.mean(), abs=0.002)
    spread = (found.statistic - found.expected) / found.z_normal
    assert spread == pytest.approx(drawn.std(), rel=0.01)


def test_a_regression_on_a_constant_has_the_moments_under_normality():
    weights, values = random_weights(12, 4), random_values(12, 4)
    found = moran(values, weights, permutations=0, seed=0)
    nothing = pd.DataFrame(index=values.index)
    residual = residual_moran(values - values.mean(), nothing, weights)
    assert residual.statistic == pytest.approx(found.statistic)
    assert residual.expected == pytest.approx(found.expected)
    assert residual.z == pytest.approx(found.z_normal)


def test_residual_moments_are_those_of_simulated_regressions():
    """Against -1/(n - 1), three regressors of twelve units would be badly off."""
    weights = random_weights(12, 6)
    rng = np.random.default_rng(6)
    regressors = pd.DataFrame(rng.normal(size=(12, 3)), weights.units)
    design = np.column_stack([np.ones(12), regressors])
    maker = np.eye(12) - design @ np.linalg.pinv(design)
    errors = rng.normal(size=(100_000, 12)) @ maker
    drawn = np.einsum("ri,ij,rj->r", errors, weights.matrix.toarray(), errors, optimize=True)
    drawn /= (errors**2).sum(axis=1)
    found = residual_moran(pd.Series(errors[0], weights.units), regressors, weights)
    assert found.statistic == pytest.approx(drawn[0])
    assert found.expected == pytest.approx(drawn.mean(), abs=0.003)
    assert np.sqrt(found.variance) == pytest.approx(drawn.std(), rel=0.015)


def test_columbus_as_published(columbus):
    """Global I of crime, and of the residuals of crime on income and home value."""
    data, weights = columbus
    found = moran(data["CRIME"], weights, seed=12345)
    assert found.statistic == pytest.approx(0.500188557, abs=1e-8)
    assert found.expected == pytest.approx(-1 / 48)
    assert found.p_greater == pytest.approx(0.0001)
    assert found.p_permutation == pytest.approx(0.0002)
    regressors = data[["INC", "HOVAL"]]
    design = np.column_stack([np.ones(49), regressors])
    left = data["CRIME"] - design @ np.linalg.lstsq(design, data["CRIME"], rcond=None)[0]
    residual = residual_moran(left, regressors, weights)
    assert residual.statistic == pytest.approx(0.222109407, abs=1e-8)
    assert residual.z == pytest.approx(2.8393, abs=6e-5)
    local = local_moran(data["CRIME"], weights, permutations=99, seed=1)
    assert local.table["local"].mean() == pytest.approx(0.500188557, abs=1e-8)


def test_analytic_and_drawn_values_agree_with_esda(columbus):
    esda = pytest.importorskip("esda")
    data, weights = columbus
    for column in ("CRIME", "HOVAL", "OPEN"):
        np.random.seed(1)  # noqa: NPY002 (esda draws from the global generator)
        theirs = esda.Moran(data[column].to_numpy(), pysal(weights), permutations=9999)
        ours = moran(data[column], weights, seed=1)
        assert ours.statistic == pytest.approx(theirs.I, abs=1e-12)
        assert ours.z_normal == pytest.approx(theirs.z_norm, abs=1e-9)
        assert ours.z_randomisation == pytest.approx(theirs.z_rand, abs=1e-9)
        assert ours.p_randomisation == pytest.approx(theirs.p_rand, abs=1e-9)
        one_sided = min(ours.p_greater, ours.p_permutation / 2)
        assert one_sided == pytest.approx(theirs.p_sim, abs=0.02)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:The alternative hypothesis for conditional randomization")
def test_local_values_quadrants_and_p_values_agree_with_esda(columbus):
    """Slow: esda compiles at its first call."""
    esda = pytest.importorskip("esda")
    data, weights = columbus
    theirs = esda.Moran_Local(data["CRIME"].to_numpy(), pysal(weights), permutations=49_999, seed=2)
    ours = local_moran(data["CRIME"], weights, permutations=49_999, seed=1, adjust="none")
    assert ours.table["local"].to_numpy() == pytest.approx(theirs.Is * 49 / 48, abs=1e-12)
    numbers = {"high-high": 1, "low-high": 2, "low-low": 3, "high-low": 4}
    assert ours.table["quadrant"].map(numbers).tolist() == theirs.q.tolist()
    # Theirs is the smaller tail, ours twice that.
    apart = np.abs(ours.table["p_value"].to_numpy() - np.minimum(1, 2 * theirs.p_sim))
    assert apart.max() < 0.03
    assert np.median(apart) < 0.005


def pysal(weights: SpatialWeights):
    from libpysal.weights import W

    neighbours = {u: weights.neighbours(u) for u in weights.units}
    made = W(
        {u: list(found.index) for u, found in neighbours.items()},
        {u: list(found) for u, found in neighbours.items()},
        id_order=list(weights.units),
    )
    made.transform = "r"
    return made


@given(
    st.integers(0, 10_000), st.sampled_from([-3.0, 0.001, 1e6]), st.sampled_from([0.0, -5.0, 1e3])
)
@few
def test_units_of_measurement_change_nothing(seed, factor, shift):
    weights, values = random_weights(8, seed), random_values(8, seed)
    one = moran(values, weights, permutations=99, seed=seed)
    other = moran(values * factor + shift, weights, permutations=99, seed=seed)
    for name in ("statistic", "z_normal", "z_randomisation", "p_permutation", "p_greater"):
        assert getattr(other, name) == pytest.approx(getattr(one, name), abs=1e-6), name


@given(st.integers(0, 10_000), st.randoms())
@few
def test_names_and_order_of_units_change_nothing(seed, random):
    weights, values = random_weights(8, seed), random_values(8, seed)
    order = list(weights.units)
    random.shuffle(order)
    renamed = dict(zip(weights.units, range(100, 108), strict=True))
    at = weights.units.get_indexer(order)
    other = SpatialWeights.of([renamed[u] for u in order], weights.matrix[at][:, at])
    mixed = values.rename(renamed).sample(frac=1, random_state=1)
    one, two = (moran(v, w, permutations=0, seed=0) for v, w in ((values, weights), (mixed, other)))
    assert two.statistic == pytest.approx(one.statistic)
    assert two.z_randomisation == pytest.approx(one.z_randomisation)


@given(st.integers(0, 10_000))
@few
def test_local_values_average_to_the_global_one(seed):
    weights, values = random_weights(10, seed), random_values(10, seed)
    local = local_moran(values, weights, permutations=9, seed=0)
    assert local.table["local"].mean() == pytest.approx(local.statistic)
    assert local.statistic == pytest.approx(
        moran(values, weights, permutations=0, seed=0).statistic
    )


def test_local_p_values_approach_those_of_all_conditional_draws():
    """Two equal neighbours of six: all fifteen pairs of the other values, ties included."""
    pairs = [(f"u{i}", f"u{(i + step) % 6}") for i in range(6) for step in (1, 2)]
    weights = from_pairs(pd.DataFrame(pairs, columns=["focal", "neighbor"]))
    values = random_values(6, 8).round(1)
    local = local_moran(values, weights, permutations=20_000, seed=1, adjust="none")
    for unit in values.index:
        rest = values.drop(unit)
        every = np.array([np.mean(pair) for pair in combinations(rest, 2)])
        own = values[weights.neighbours(unit).index].mean()
        tails = np.mean(every >= own - 1e-9), np.mean(every <= own + 1e-9)
        expected = min(1.0, 2 * min(tails))
        assert local.table.loc[unit, "p_value"] == pytest.approx(expected, abs=0.03)


def test_two_halves_of_a_chain_are_found_and_named():
    n = 40
    units = [f"u{i}" for i in range(n)]
    links = [(i, j) for i in range(n) for j in range(i - 3, i + 4) if j != i and 0 <= j < n]
    pairs = pd.DataFrame([(units[i], units[j]) for i, j in links], columns=["focal", "neighbor"])
    rng = np.random.default_rng(0)
    values = pd.Series(np.repeat([1.0, 0.0], 20) + 0.05 * rng.normal(size=n), units)
    values["u10"] = -0.2
    local = local_moran(values, from_pairs(pairs), permutations=4999, seed=1)
    clusters = local.clusters()
    assert clusters["u10"] == "low-high"
    assert (clusters[["u3", "u4", "u5"]] == "high-high").all()
    assert (clusters[["u28", "u30", "u32"]] == "low-low").all()
    assert not set(clusters) & {"high-low"}


def test_adjusting_for_many_tests_finds_less_where_there_is_nothing():
    """Under no dependence a false find should be rare, not certain, over sixty units."""
    finds = {"none": 0, "fdr": 0, "bonferroni": 0}
    for seed in range(20):
        weights, values = random_weights(60, seed, 0.08), random_values(60, seed)
        for adjust in finds:
            found = local_moran(values, weights, permutations=2499, seed=seed, adjust=adjust)
            finds[adjust] += int((found.table["p_adjusted"] <= 0.05).any())
    assert finds["none"] >= 16
    assert finds["fdr"] <= 4
    assert finds["bonferroni"] <= finds["fdr"]


def test_permutation_tests_keep_their_level():
    rejected = [
        moran(
            random_values(30, seed), random_weights(30, seed, 0.15), permutations=199, seed=seed
        ).p_permutation
        <= 0.05
        for seed in range(400)
    ]
    assert 0.025 < np.mean(rejected) < 0.08


def test_islands_are_left_out_and_named():
    weights, values = random_weights(8, 1), random_values(8, 1)
    wide = SpatialWeights.of(
        [*weights.units, "isle"], np.pad(weights.matrix.toarray(), ((0, 1), (0, 1)))
    )
    with_isle = pd.concat([values, pd.Series({"isle": 100.0})])
    found = moran(with_isle, wide, permutations=0, seed=0)
    assert found.islands == ("isle",)
    assert found.n == 8
    assert found.statistic == pytest.approx(
        moran(values, weights, permutations=0, seed=0).statistic
    )
    local = local_moran(with_isle, wide, permutations=99, seed=0)
    assert local.table.loc["isle", "quadrant"] == "no neighbours"
    assert local.clusters()["isle"] == "no neighbours"
    assert local.table.drop("isle").notna().all(axis=None)
    with pytest.raises(DesignError, match="'isle': no neighbour"):
        residual_moran(with_isle, pd.DataFrame(index=with_isle.index), wide)


def test_a_seed_repeats_a_run_and_another_does_not():
    weights, values = random_weights(20, 1, 0.2), random_values(20, 1)
    one, same, other = (moran(values, weights, permutations=999, seed=s) for s in (1, 1, 2))
    assert np.array_equal(one.draws, same.draws)
    assert not np.array_equal(one.draws, other.draws)


def test_large_and_small_paths_agree(monkeypatch):
    weights, values = random_weights(30, 1, 0.2), random_values(30, 1)
    whole = moran(values, weights, permutations=500, seed=3)
    module = sys.modules["valley_analysis.spatial.moran"]
    monkeypatch.setattr(module, "DENSE", 0)
    monkeypatch.setattr(module, "CELLS", 30 * 64)
    parts = moran(values, weights, permutations=500, seed=3)
    assert parts.draws == pytest.approx(whole.draws)
    assert parts.z_randomisation == pytest.approx(whole.z_randomisation)
    assert parts.z_normal == pytest.approx(whole.z_normal)


def test_bad_input_is_named():
    weights = random_weights(6, 1)
    values = random_values(6, 1)
    with pytest.raises(DesignError) as raised:
        moran(pd.concat([values, pd.Series({"u0": 1.0, "zz": np.nan})]), weights, seed=0)
    assert len(raised.value.problems) == 3
    with pytest.raises(DesignError, match="the same for all 6 units"):
        moran(values * 0 + 0.1, weights, seed=0)
    with pytest.raises(DesignError, match="3 units with a value and a neighbour"):
        moran(values[:3], weights, seed=0)
    with pytest.raises(DesignError, match="expected numbers"):
        moran(values.astype(str), weights, seed=0)
    with pytest.raises(DesignError) as raised:
        local_moran(values, weights, permutations=0, seed=0, adjust="holm")
    assert len(raised.value.problems) == 2


def test_results_show_themselves():
    weights, values = random_weights(20, 1, 0.2), random_values(20, 1)
    shown = moran(values, weights, permutations=99, seed=1)._repr_html_()
    assert "99 permutations, seed 1" in shown
    assert "two-sided" in shown
    assert "adjusted: fdr" in local_moran(values, weights, permutations=99, seed=1)._repr_html_()

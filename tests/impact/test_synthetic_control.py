"""Synthetic control: published numbers, laws of the weights, placebos with known truth."""

import json
import re
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats

from valley_analysis.errors import DesignError
from valley_analysis.impact.results import EffectResult
from valley_analysis.impact.synthetic_contrast import contrast
from valley_analysis.impact.synthetic_control import synthetic_control
from valley_analysis.impact.synthetic_matching import Matching
from valley_analysis.impact.synthetic_panel import synthetic_panel
from valley_analysis.impact.synthetic_placebo import Gaps, by_unit, invert, rank_p
from valley_analysis.impact.synthetic_search import searched_weights
from valley_analysis.impact.synthetic_weights import nearest_in_hull, simplex_weights

few = settings(max_examples=40, deadline=None)
COLUMNS = {"unit": "unit", "period": "year", "outcome": "y"}
EARLY = slice(1980, 1988)
ABADIE = {
    "income": ("lnincome", EARLY),
    "price": ("retprice", EARLY),
    "young": ("age15to24", EARLY),
    "beer": ("beer", slice(1984, 1988)),
    "sales 1988": ("cigsale", 1988),
    "sales 1980": ("cigsale", 1980),
    "sales 1975": ("cigsale", 1975),
}
tables = arrays.arrays(
    float, st.tuples(st.integers(1, 6), st.integers(1, 9)), elements=st.integers(-20, 20)
)


def factor_panel(units: int = 20, periods: int = 16, noise: float = 0.1, seed: int = 0) -> Any:
    """Two common factors with units' loadings; unit 0 inside the hull of the others."""
    rng = np.random.default_rng(seed)
    loadings = rng.normal(size=(units, 2))
    loadings[0] = loadings[1:].mean(axis=0) / 2
    factors = rng.normal(size=(2, periods)).cumsum(axis=1) + 3
    values = loadings @ factors + rng.normal(0, noise, (units, periods))
    return tidy(values)


def tidy(values: Any, names: Any = None, first: int = 2001) -> pd.DataFrame:
    units = list(range(len(values))) if names is None else names
    rows = product(units, range(first, first + values.shape[1]))
    return pd.DataFrame(rows, columns=["unit", "year"]).assign(y=np.ravel(values))


def check(result: EffectResult, name: str) -> Any:
    return next(one for one in result.diagnostics if one.name == name)


# Published numbers ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def smoking(shared: Path) -> pd.DataFrame:
    return pd.read_csv(shared / "reference" / "prop99" / "data.csv")


@pytest.fixture(scope="module")
def expected(shared: Path) -> dict[str, tuple[float, float]]:
    found = json.loads((shared / "reference" / "prop99" / "expected.json").read_text("utf-8"))
    return {one["id"]: (one["value"], one["tol"]) for one in found["checks"]}


def california(smoking: pd.DataFrame, **more: Any) -> EffectResult:
    columns = {"unit": "state", "period": "year", "outcome": "cigsale"}
    return synthetic_control(smoking, **columns, treated="California", since=1989, **more)


@pytest.mark.slow
def test_proposition_99_as_published(smoking, expected):
    """All states as placebos with searched predictor weights, as in Abadie et al. (2010)."""
    found = california(smoking, predictors=ABADIE, predictor_weights="searched")
    weights, places = found.frames["weights"]["California"], found.frames["placebos"]
    own = places.loc["California"]
    values = {f"w_{state}": weights[state] for state in weights.index[weights > 0.01]}
    values |= {
        "gap_2000": found.table.loc["gap_2000", "estimate"],
        "gap_mean_1989_2000": found.estimate,
        "pre_mspe": own.pre_rmspe**2,
        "mspe_ratio": own.ratio**2,
        "placebo_rank": own["rank"],
        "placebo_p": found.p_value,
        "n_units": found.n_units,
    }
    published = {name for name in expected if not name.startswith(("sdid", "did"))}
    assert set(values) == published
    for name, value in values.items():
        target, tolerance = expected[name]
        assert value == pytest.approx(target, abs=tolerance), name


def basque(shared: Path, **more: Any) -> tuple[EffectResult, pd.Series]:
    """The Basque Country among sixteen regions; Spain as a whole is no donor."""
    panel = pd.read_csv(shared / "reference" / "basque" / "data.csv")
    panel = panel[panel["regionno"] > 1]
    columns = {"unit": "regionname", "period": "year", "outcome": "gdpcap"}
    found = synthetic_control(
        panel, **columns, treated="Basque Country (Pais Vasco)", since=1970, **more
    )
    return found, found.frames["gaps"]["gap"]


SECTORS = ("agriculture", "energy", "industry", "construction", "services.venta")
BASQUE = {
    **{
        name: (name, slice(1964, 1969))
        for name in (
            "school.illit",
            "school.prim",
            "school.med",
            "school.high",
            "school.post.high",
            "invest",
        )
    },
    "gdpcap": ("gdpcap", slice(1960, 1969)),
    **{
        f"sec.{name}": (f"sec.{name}", [1961, 1963, 1965, 1967, 1969])
        for name in (*SECTORS, "services.nonventa")
    },
    "popdens": ("popdens", 1969),
}
# As printed by the authors' own example (package Synth, data set basque).
PUBLISHED_V = {
    "school.illit": 0.02773094,
    "school.prim": 1.194e-07,
    "school.med": 1.60609e-05,
    "school.high": 0.0007163836,
    "school.post.high": 1.486e-07,
    "invest": 0.002423908,
    "gdpcap": 0.0587055,
    "sec.agriculture": 0.2651997,
    "sec.energy": 0.02851006,
    "sec.industry": 0.291276,
    "sec.construction": 0.007994382,
    "sec.services.venta": 0.004053188,
    "sec.services.nonventa": 0.009398579,
    "popdens": 0.303975,
}


def test_the_basque_country_as_published(shared):
    """Abadie and Gardeazabal (2003) with the published predictor weights."""
    found, gap = basque(shared, predictors=BASQUE, predictor_weights=PUBLISHED_V)
    weights = found.frames["weights"].iloc[:, 0]
    panel = pd.read_csv(shared / "reference" / "basque" / "data.csv")
    own = panel[panel["regionno"].eq(17)].set_index("year")["gdpcap"]
    synthetic = own - gap
    told = json.loads((shared / "reference" / "basque" / "expected.json").read_text("utf-8"))
    values = {
        "w_Cataluna": weights["Cataluna"],
        "w_Madrid": weights["Madrid (Comunidad De)"],
        "gap_mean_1970_1997": found.estimate,
        "gap_min": gap.min(),
        "year_gap_min": gap.idxmin(),
        "pre_loss_V": (gap.loc[1960:1969] ** 2).mean(),
        "gap_pct_1980_1997": 100 * (gap / synthetic).loc[1980:1997].mean(),
    }
    assert set(values) == {one["id"] for one in told["checks"]}
    for one in told["checks"]:
        assert values[one["id"]] == pytest.approx(one["value"], abs=one["tol"]), one["id"]
    used = found.frames["predictor_weights"].iloc[:, 0]
    assert used.to_dict() == pytest.approx(
        {name: value / sum(PUBLISHED_V.values()) for name, value in PUBLISHED_V.items()}
    )


@pytest.mark.slow
def test_a_search_on_the_published_window_fits_it_no_worse_than_published(shared):
    """Searched on 1960-1969, as the authors did: the loss there is at most theirs, 0.0089."""
    donors = ["Cataluna", "Madrid (Comunidad De)", "Rioja (La)", "Cantabria", "Aragon"]
    more = {"predictors": BASQUE, "predictor_weights": "searched", "donors": donors}
    _, there = basque(shared, fitted_on=slice(1960, 1969), **more)
    _, anywhere = basque(shared, **more)
    inside = [(gap.loc[1960:1969] ** 2).mean() for gap in (there, anywhere)]
    assert inside[0] <= 0.00891
    assert inside[0] <= inside[1] + 1e-9
    assert (there.loc[:1969] ** 2).mean() >= (anywhere.loc[:1969] ** 2).mean() - 1e-9


def test_weights_are_searched_in_training_and_validated_after_it():
    """One predictor foretells the validation window, one is noise: the split finds which."""
    rng = np.random.default_rng(4)
    size = rng.normal(size=12)
    size[0] = size[[1, 2]].mean()
    years = np.arange(2000, 2012)
    frame = tidy(size[:, None] * (years - 1999) / 4 + rng.normal(0, 0.01, (12, 12)), first=2000)
    frame["size"] = size[frame["unit"]] + rng.normal(0, 0.01, len(frame))
    frame["noise"] = rng.normal(size=len(frame))
    early = {"size": ("size", slice(2000, 2003)), "noise": ("noise", slice(2000, 2003))}
    late = {"size": ("size", slice(2004, 2008)), "noise": ("noise", slice(2004, 2008))}
    found = synthetic_control(
        frame,
        **COLUMNS,
        treated=0,
        since=2009,
        predictors=late,
        training=early,
        fitted_on=slice(2004, 2008),
        predictor_weights="searched",
    )
    weights = found.frames["predictor_weights"][0]
    assert weights["size"] > 0.9
    assert abs(found.estimate) < 0.1
    whole = synthetic_control(
        frame, **COLUMNS, treated=0, since=2009, predictors=late, predictor_weights=weights
    )
    assert whole.estimate == pytest.approx(found.estimate, abs=1e-6)


def test_equal_given_weights_are_the_uniform_ones():
    frame = factor_panel(8).assign(x=lambda f: f["unit"] * 1.0 + f["y"])
    asked = {"first": ("y", 2001), "x": ("x", "mean")}
    kinds = ["uniform", {"first": 3, "x": 3}]
    found = [
        synthetic_control(
            frame, **COLUMNS, treated=0, since=2010, predictors=asked, predictor_weights=kind
        )
        for kind in kinds
    ]
    pd.testing.assert_frame_equal(found[0].table, found[1].table)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"predictor_weights": {"x": 1.0}}, "none for 'first'"),
        ({"predictor_weights": {"x": 1, "first": 1, "z": 1}}, "'z' is no predictor"),
        ({"predictor_weights": {"x": -1, "first": 1}}, "'x' -1; expected a number not below"),
        ({"predictor_weights": {"x": "a", "first": float("inf")}}, "'x' 'a'; expected"),
        ({"predictor_weights": {"x": 0, "first": 0}}, "all zero"),
        ({"predictor_weights": {"x": 1}, "predictors": None}, "given without predictors"),
        ({"predictor_weights": "best"}, "'best'; expected"),
        ({"fitted_on": slice(2001, 2003)}, "fitted_on: only searched weights"),
        ({"predictor_weights": "searched", "fitted_on": 2012}, "period 2012 is treated"),
        ({"predictor_weights": "searched", "fitted_on": 1990}, "no period of 'year'"),
        ({"predictor_weights": "searched", "training": {"x": ("x", 2001)}}, "other names"),
    ],
)
def test_predictor_weights_that_cannot_be_used_are_refused(more, said):
    frame = factor_panel(6).assign(x=lambda f: f["unit"] * 1.0)
    asked = {"predictors": {"first": ("y", 2001), "x": ("x", "mean")}, **more}
    with pytest.raises(DesignError, match=re.escape(said)):
        synthetic_control(frame, **COLUMNS, treated=0, since=2010, **asked)


def test_outcomes_alone_give_the_mean_gap_of_the_2021_paper(smoking):
    """Synthetic control in table 1 of Arkhangelsky et al. (2021): -19.6."""
    found = california(smoking)
    assert found.estimate == pytest.approx(-19.6, abs=0.15)
    assert len(found.frames["placebos"]) == 39
    assert check(found, "leave_one_donor_out").status == "passed"
    assert check(found, "in_time_placebo").status == "passed"


def test_the_search_finds_the_same_fit_from_every_seed(smoking):
    columns = {"unit": "state", "period": "year", "outcome": "cigsale"}
    panel = synthetic_panel(smoking, **columns, treated="California", since=1989)
    early = smoking[smoking.year.between(1980, 1988)].groupby("state")
    table = early[["lnincome", "retprice", "age15to24", "cigsale"]].mean().loc[panel.wide.index]
    table = (table / table.std()).to_numpy()
    predictors = (table[1:] - table[0]).T
    outcomes = (panel.values[1:, panel.before] - panel.values[0, panel.before]).T
    errors = []
    for seed in range(3):
        weights, importance = searched_weights(predictors, outcomes, seed)
        assert importance.sum() == pytest.approx(1)
        errors.append(np.sqrt(((outcomes @ weights) ** 2).mean()))
    assert max(errors) / min(errors) < 1.001
    uniform = nearest_in_hull(predictors)
    assert max(errors) <= np.sqrt(((outcomes @ uniform) ** 2).mean())


# Weights ----------------------------------------------------------------------------------------


@given(tables, st.sampled_from([0.0, 0.5, 100.0]))
@few
def test_weights_lie_on_the_simplex_and_cannot_be_improved(difference, ridge):
    """The conditions of Karush, Kuhn and Tucker: no donor's gradient is below the mean one."""
    weights = nearest_in_hull(difference, ridge)
    assert weights.min() >= 0
    assert weights.sum() == pytest.approx(1, abs=1e-9)
    gradient = difference.T @ (difference @ weights) + ridge * weights
    size = max(1.0, float((difference**2).sum()))
    assert gradient.min() >= gradient @ weights - 1e-7 * size


@given(tables, st.randoms(use_true_random=False))
@few
def test_weights_do_not_depend_on_the_order_of_donors(difference, random):
    order = list(range(difference.shape[1]))
    random.shuffle(order)
    # Tiny distinct shifts: equal columns share weights in any way when the fit is not perfect.
    distinct = difference + 0.01 * np.sin(np.arange(1, difference.size + 1)).reshape(
        difference.shape
    )
    one, other = nearest_in_hull(distinct), nearest_in_hull(distinct[:, order])
    assert distinct @ one == pytest.approx(distinct[:, order] @ other, abs=1e-5)
    if len(distinct) > 1:
        assert other == pytest.approx(one[order], abs=1e-3)


@given(st.integers(0, 1000), st.sampled_from([1e-6, 1.0, 1e6]))
@few
def test_a_target_made_of_donors_is_found_again(seed, scale):
    rng = np.random.default_rng(seed)
    donors = rng.normal(size=(12, 6)) * scale
    truth = rng.dirichlet(np.ones(6))
    assert simplex_weights(donors @ truth, donors) == pytest.approx(truth, abs=1e-6)


def test_of_many_perfect_fits_the_most_even_is_taken():
    donors = np.array([[0.0, 1.0, 2.0, 1.0]])
    assert simplex_weights(np.array([1.0]), donors) == pytest.approx([0.25] * 4, abs=1e-6)


def test_searched_weights_prefer_the_predictor_that_foretells_the_outcome():
    """One predictor is the loading of the outcome's factor; two are noise."""
    rng = np.random.default_rng(3)
    loading = rng.normal(size=30)
    outcomes = np.outer(rng.normal(size=12) + 2, loading)
    predictors = np.vstack([rng.normal(size=30), loading, rng.normal(size=30)])
    target = np.array([1.5, 0.2, -1.5])
    found, importance = searched_weights(
        predictors - target[:, None], outcomes - 0.2 * outcomes[:, :1] / loading[0]
    )
    assert importance.argmax() == 1
    assert loading @ found == pytest.approx(0.2, abs=0.02)


# The estimate -----------------------------------------------------------------------------------


def test_a_planted_effect_is_recovered_inside_the_hull():
    frame = factor_panel()
    frame.loc[(frame.unit == 0) & (frame.year >= 2013), "y"] += 5
    found = synthetic_control(frame, **COLUMNS, treated=0, since=2013)
    assert found.estimate == pytest.approx(5, abs=0.3)
    assert found.p_value == pytest.approx(1 / 20)
    assert found.frames["placebos"].index[0] == 0
    assert check(found, "prefit").status == "passed"
    assert np.isnan(found.se)


def test_scaling_the_outcome_scales_the_gaps_and_nothing_else():
    frame = factor_panel(seed=4)
    one = synthetic_control(frame, **COLUMNS, treated=0, since=2013)
    other = synthetic_control(frame.assign(y=frame.y * 1e6 + 7), **COLUMNS, treated=0, since=2013)
    gaps = one.frames["gaps"].gap.to_numpy() * 1e6
    assert other.frames["gaps"].gap.to_numpy() == pytest.approx(gaps, rel=1e-6, abs=1e-3)
    assert other.p_value == one.p_value
    assert other.interval == pytest.approx(tuple(1e6 * np.array(one.interval)), rel=1e-5)


@pytest.mark.parametrize("kind", ["text", "date", "period", "shuffled", "category"])
def test_labels_and_order_of_rows_make_no_difference(kind):
    frame = factor_panel(seed=2)
    plain = synthetic_control(frame, **COLUMNS, treated=3, since=2012)
    treated: Any = 3
    since: Any = 2012
    if kind == "text":
        frame, treated = frame.assign(unit=frame.unit.map("u{:02d}".format)), "u03"
    if kind == "category":
        names = frame.unit.map("u{:02d}".format).astype("category")
        frame, treated = frame.assign(unit=names), "u03"
    if kind == "date":
        frame, since = frame.assign(year=pd.to_datetime(frame.year.astype(str))), "2012-01-01"
    if kind == "period":
        frame, since = frame.assign(year=pd.PeriodIndex(frame.year.astype(str), freq="Y")), "2012"
    if kind == "shuffled":
        frame = frame.sample(frac=1, random_state=0)
    before = frame.copy()
    found = synthetic_control(frame, **COLUMNS, treated=treated, since=since)
    pd.testing.assert_frame_equal(frame, before)
    assert found.estimate == pytest.approx(plain.estimate)
    assert found.table.p_value.tolist() == plain.table.p_value.tolist()


def test_gaps_of_several_treated_units_are_averaged():
    frame = factor_panel(units=24, seed=6)
    both = synthetic_control(frame, **COLUMNS, treated=[2, 5], since=2012, replications=199)
    rest = [unit for unit in range(24) if unit not in (2, 5)]
    each = [
        synthetic_control(frame, **COLUMNS, treated=one, since=2012, donors=rest).estimate
        for one in (2, 5)
    ]
    assert both.estimate == pytest.approx(np.mean(each))
    assert both.frames["weights"].sum().tolist() == pytest.approx([1, 1])
    again = synthetic_control(frame, **COLUMNS, treated=[2, 5], since=2012, replications=199)
    assert again.p_value == both.p_value


def test_predictors_are_means_over_their_periods():
    frame = factor_panel(seed=1)
    frame["x"] = frame.y.where(frame.year != 2003) * 2
    chosen = {"whole": ("x", "mean"), "some": ("y", [2002, 2004]), "span": ("y", slice(2005, 2007))}
    found = synthetic_control(frame, **COLUMNS, treated=0, since=2012, predictors=chosen)
    own = frame[frame.unit == 0].set_index("year")
    treated = found.frames["predictors"].treated
    assert treated["whole"] == pytest.approx(own.x.loc[:2011].mean())
    assert treated["some"] == pytest.approx(own.y.loc[[2002, 2004]].mean())
    assert treated["span"] == pytest.approx(own.y.loc[2005:2007].mean())


# Placebos ---------------------------------------------------------------------------------------


def test_p_values_are_uniform_where_nothing_happened():
    """400 panels of ten exchangeable units: each rank comes up about as often."""
    rng = np.random.default_rng(11)
    before = np.arange(9) < 6
    ranks = np.zeros(10)
    for _ in range(400):
        values = rng.normal(size=(10, 9)).cumsum(axis=1)
        matching, own = Matching(values[:, before]), np.array([0])
        others = np.arange(1, 10)
        weights, _ = matching.weights(own, others)
        gap = (values[0] - weights @ values[others])[None, :]
        mine = Gaps((0,), gap, np.ones(1), before, 1e-9)
        rest = by_unit(matching, values, before, 1e-9, own, others, range(1, 10))
        ranks[rank_p(mine.ratio[0], rest.ratio)[0] - 1] += 1
    assert stats.chisquare(ranks).pvalue > 0.01


@given(st.integers(0, 10_000), st.floats(-4, 4))
@settings(max_examples=25, deadline=None)
def test_the_interval_holds_the_effects_that_the_test_does_not_reject(seed, effect):
    """Inversion against its definition: take the effect off, estimate anew."""
    rng = np.random.default_rng(seed)
    frame = tidy(rng.normal(size=(21, 9)).cumsum(axis=1))
    options = {**COLUMNS, "treated": 0, "since": 2007}
    found = synthetic_control(frame, **options)
    after = (frame.unit == 0) & (frame.year >= 2007)
    less = synthetic_control(frame.assign(y=frame.y - effect * after), **options)
    low, high = found.interval
    if less.p_value > 0.05:
        assert low - 1e-9 <= effect <= high + 1e-9


def test_ends_of_the_interval_are_where_the_test_turns():
    frame = factor_panel(units=30, seed=9, noise=0.5)
    options = {**COLUMNS, "treated": 0, "since": 2012}
    low, high = synthetic_control(frame, **options).interval
    after = (frame.unit == 0) & (frame.year >= 2012)
    for outside, inside in ((low - 1e-6, low + 1e-6), (high + 1e-6, high - 1e-6)):
        p_out, p_in = (
            synthetic_control(frame.assign(y=frame.y - effect * after), **options).p_value
            for effect in (outside, inside)
        )
        assert p_out <= 0.05 < p_in


def test_too_few_placebos_give_no_interval_and_say_so():
    found = synthetic_control(factor_panel(units=8), **COLUMNS, treated=0, since=2012)
    assert np.isnan(found.interval).all()
    assert any("7 placebos cannot reject" in note for note in found.notes)


def test_an_unbounded_interval_is_infinite():
    """A treated unit that fits badly rejects nothing, however large the effect."""
    before = np.array([True, False])
    own = Gaps(("x",), np.array([[10.0, 1.0]]), np.ones(1), before, 1e-9)
    placebos = Gaps(tuple(range(39)), np.ones((39, 2)), -np.ones(39), before, 1e-9)
    assert invert(own, placebos, 0.95) == (-np.inf, np.inf)


def test_a_placebo_with_a_bad_fit_is_filtered():
    """Two donors leave the hull before; after, they run away further than the treated."""
    frame = factor_panel(units=26, seed=5)
    frame.loc[(frame.unit == 0) & (frame.year >= 2012), "y"] += 20
    for odd in (7, 8):
        mine = frame.unit == odd
        frame.loc[mine, "y"] += np.where(frame[mine].year % 2, 40, -40) * (odd - 6)
        frame.loc[mine & (frame.year >= 2012), "y"] += 5_000
    whole = synthetic_control(frame, **COLUMNS, treated=0, since=2012)
    strict = synthetic_control(frame, **COLUMNS, treated=0, since=2012, prefit_filter=20)
    assert whole.p_value >= 2 / 26  # one that ran away lies further out
    table = strict.frames["prefit_filters"]
    kept = int(table.loc[20, "placebos"])
    assert kept < 24
    assert strict.p_value == pytest.approx(1 / (1 + kept))
    assert table.loc[np.inf, "p_value"] == whole.p_value


def test_checks_can_fail():
    frame = factor_panel(units=30, seed=8)
    outside = frame.assign(y=frame.y + 100 * (frame.unit == 0) * (frame.year % 3))
    found = synthetic_control(outside, **COLUMNS, treated=0, since=2012)
    assert check(found, "prefit").status == "failed"
    earlier = frame.copy()
    earlier.loc[(frame.unit == 0) & (frame.year >= 2006), "y"] += 9
    found = synthetic_control(earlier, **COLUMNS, treated=0, since=2012, placebo_date=2006)
    assert check(found, "in_time_placebo").status == "failed"


def test_an_estimate_that_hangs_on_one_donor_fails_its_check():
    """Donor 1 is the treated unit's twin until 2012; the others never were like them."""
    rng = np.random.default_rng(0)
    values = rng.normal(0, 0.01, (6, 12)) + 10
    values[:2] += np.linspace(0, 30, 12)
    values[1, 9:] -= 20
    values[2:, 9:] += 25
    found = synthetic_control(tidy(values), **COLUMNS, treated=0, since=2010)
    told = check(found, "leave_one_donor_out")
    assert told.status == "failed"
    assert told.facts["worst"] == 1


# A contrast -------------------------------------------------------------------------------------


def exposed_panel(effect: float) -> pd.DataFrame:
    frame = factor_panel(units=45, seed=3, noise=0.3)
    frame["exposure"] = frame.unit.map(dict(enumerate(np.random.default_rng(1).random(45))))
    top = frame.exposure >= frame.groupby("unit").exposure.first().quantile(2 / 3)
    return frame.assign(y=frame.y + effect * (top & (frame.year >= 2012)))


def test_a_contrast_recovers_the_difference_and_is_labelled_as_one():
    frame = exposed_panel(3.0)
    found = contrast(
        frame, **COLUMNS, exposure="exposure", since=2012, replications=199, low=1 / 3, high=2 / 3
    )
    assert found.estimate == pytest.approx(3, abs=0.5)
    assert found.p_value <= 0.05
    assert found.estimand.startswith("contrast of high with low exposure, not an effect")
    counted = found.frames["groups"].group.value_counts()
    assert counted.to_dict() == {"high": 15, "middle": 15, "low": 15}
    assert check(found, "leave_one_high_out").status == "passed"
    low, high = found.interval
    assert low < 3 < high
    assert low > 0


@pytest.mark.slow
def test_permuted_labels_reject_nothing_where_nothing_happened():
    p_values = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        frame = tidy(rng.normal(size=(18, 8)).cumsum(axis=1))
        frame["x"] = frame.unit
        options = {**COLUMNS, "exposure": "x", "since": 2006, "replications": 39, "seed": seed}
        p_values.append(contrast(frame, **options).p_value)
    assert stats.kstest(p_values, "uniform").pvalue > 0.01


# What is refused --------------------------------------------------------------------------------


def test_units_with_gaps_are_no_donors_and_are_named():
    frame = factor_panel()
    holes = frame[~((frame.unit == 4) & (frame.year == 2005))].copy()
    holes.loc[(holes.unit == 9) & (holes.year >= 2015), "y"] = np.nan
    found = synthetic_control(holes, **COLUMNS, treated=0, since=2012)
    assert found.n_units == 18
    assert not {4, 9} & set(found.frames["weights"].index)
    assert any("4 (2005); 9 (2015, 2016)" in note for note in found.notes)


def without_2003(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[~((frame.unit == 0) & (frame.year == 2003))]


FRAME = factor_panel()
WRONG = {
    "unknown treated": (FRAME, {"treated": 99}, "'unit', unit 99: treated, but without"),
    "unknown donor": (FRAME, {"donors": [1, 2, 77]}, "unit 77: a donor, but without"),
    "treated donor": (FRAME, {"donors": [0, 1, 2]}, "unit 0: both treated and a donor"),
    "gap": (without_2003(FRAME), {}, "column 'y', unit 0, period 2003: treated and without"),
    "no pre-period": (FRAME, {"since": 2001}, "unit 0: 0 periods before 2001"),
    "one pre-period": (FRAME, {"since": 2002}, "unit 0: 1 periods before 2002"),
    "no post-period": (FRAME, {"since": 2050}, "column 'year': no period from 2050 on"),
    "since of another kind": (FRAME, {"since": "May"}, "since 'May' does not compare"),
    "one donor": (FRAME, {"donors": [1]}, "1 donors without gaps in 'y'"),
    "no outcome": (FRAME.assign(y=np.nan), {}, "column 'y': no row has a value"),
    "text outcome": (FRAME.assign(y="a"), {}, "column 'y'"),
    "twice": (pd.concat([FRAME, FRAME.head(1)]), {}, "unit 0, period 2001: stands more than once"),
    "imputed": (FRAME.assign(f="imputed"), {"flag": "f"}, "imputed"),
    "no column": (FRAME.drop(columns="y"), {}, "no column 'y'"),
    "level": (FRAME, {"level": 95}, "level=95"),
    "filter": (FRAME, {"prefit_filter": 0}, "prefit_filter=0"),
    "weights": (FRAME, {"predictor_weights": "best"}, "predictor_weights='best'"),
    "placebo date": (FRAME, {"placebo_date": 2014}, "period 2014: a placebo date needs"),
    "late predictor": (FRAME, {"predictors": {"p": ("y", 2013)}}, "column 'y', period 2013"),
    "no predictor": (FRAME, {"predictors": {"p": ("z", 2003)}}, "no column 'z'"),
    "no period": (FRAME, {"predictors": {"p": ("y", 1900)}}, "column 'y': no period 1900"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_design_that_cannot_work_is_refused_before_fitting(case, monkeypatch):
    def fitted(*_: object) -> None:
        raise AssertionError("something was fitted")

    monkeypatch.setattr(Matching, "weights", fitted)
    frame, change, told = WRONG[case]
    with pytest.raises(DesignError) as caught:
        synthetic_control(frame, **{**COLUMNS, "treated": 0, "since": 2012, **change})
    assert told in str(caught.value)


def test_all_problems_are_told_at_once():
    with pytest.raises(DesignError) as caught:
        synthetic_control(without_2003(FRAME), **COLUMNS, treated=[0, 99], since=2001)
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"high": 0.2, "low": 0.4}, "expected 0 < low < high < 1"),
        ({"exposure": "same"}, "the same for every unit"),
        ({"exposure": "moving"}, "changes in period 2002"),
        ({"exposure": "coarse"}, "quantiles"),
    ],
)
def test_a_contrast_without_two_groups_is_refused(change, told):
    frame = exposed_panel(0).assign(same=1.0)
    frame["moving"] = frame["year"]
    frame["coarse"] = (frame.unit == 0).astype(float)
    with pytest.raises(DesignError, match=told):
        contrast(frame, **{**COLUMNS, "exposure": "exposure", "since": 2012, **change})


def test_lost_predictors_leave_donors_out_with_a_note():
    frame = FRAME.assign(x=FRAME.y.where(FRAME.unit != 6))
    found = synthetic_control(
        frame, **COLUMNS, treated=0, since=2012, predictors={"x": ("x", "mean"), "y": ("y", 2010)}
    )
    assert 6 not in found.frames["weights"].index
    assert any("lack of predictors: 6" in note for note in found.notes)
    with pytest.raises(DesignError, match="unit 6: treated, and no value for 'x'"):
        synthetic_control(frame, **COLUMNS, treated=6, since=2012, predictors={"x": ("x", "mean")})

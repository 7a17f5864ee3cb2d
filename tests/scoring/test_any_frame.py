"""Whatever frame a user brings: the result of the plain one, or an error of ours."""

from collections.abc import Callable
from io import StringIO

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from valley_analysis import scoring
from valley_analysis.errors import FrameError, ValleyError
from valley_analysis.frames import Scope
from valley_analysis.scoring import (
    Inputs,
    MeasurementError,
    Uncertainty,
    explain_change,
    ledger,
    score_index,
    vary,
)
from valley_analysis.scoring.examples import (
    random_indicators,
    small_index,
    small_indicators,
    small_scope,
    small_spec,
)

pytestmark = pytest.mark.slow

FRAME = small_indicators()
PLAIN = score_index(FRAME, small_spec(), 2021, small_scope()).scores


@pytest.fixture(autouse=True, scope="module")
def _few_probes():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledger, "PROBES", 16)
        yield


def pyarrow(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.convert_dtypes(dtype_backend="pyarrow")


HARMLESS: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "index named as a column": lambda f: f.set_index("region", drop=False),
    "shuffled, index of its own": lambda f: f.sample(frac=1, random_state=1),
    "index of two levels": lambda f: f.set_index(["period", "indicator"], drop=False),
    "index that repeats": lambda f: f.set_axis([0] * len(f)),
    "nullable": lambda f: f.convert_dtypes(),
    "pyarrow": pyarrow,
    "categories": lambda f: f.astype(dict.fromkeys(["region", "indicator", "flag"], "category")),
    "numbers as objects": lambda f: f.astype({"value": object, "low": object}),
    "periods as floats": lambda f: f.astype({"period": float}),
    "periods as text": lambda f: f.astype({"period": "str"}),
    "periods as years": lambda f: f.assign(
        period=pd.PeriodIndex(f["period"].astype(str), freq="Y")
    ),
    "periods as categories": lambda f: f.astype({"period": "category"}),
    "methods missing": lambda f: f.assign(method=np.nan),
    "some methods missing": lambda f: f.assign(method=f["method"].mask(f["region"] == "B")),
    "methods as NA": lambda f: f.assign(method=pd.array([pd.NA] * len(f), dtype="string")),
    "no method": lambda f: f.drop(columns="method"),
    "no flag": lambda f: f.drop(columns="flag"),
    "flags missing": lambda f: f.assign(flag=None),
    "no bounds": lambda f: f.drop(columns=["low", "high", "inputs"]),
    "more columns": lambda f: f.assign(note=[{}] * len(f), period_2=pd.NaT),
    "rows of others": lambda f: pd.concat([f, f.assign(region="Z", value="much")]),
    "through a file": lambda f: pd.read_csv(StringIO(f.to_csv(index=False))),
    "a large unit": lambda f: f.assign(**{c: f[c] * 2.0**40 for c in ("value", "low", "high")}),
    "a small unit": lambda f: f.assign(**{c: f[c] * 2.0**-40 for c in ("value", "low", "high")}),
}
REFUSED: dict[str, tuple[Callable[[pd.DataFrame], object], str]] = {
    "a row twice": (lambda f: pd.concat([f, f.head(1)]), "rows 0, 80: A, 2020, income stands 2"),
    "a column twice": (lambda f: pd.concat([f, f[["value"]]], axis=1), "'value' stands 2 times"),
    "keys in the index": (lambda f: f.set_index("region"), "in the index: call reset_index"),
    "no value": (lambda f: f.drop(columns="value"), "no column 'value'; found region"),
    "periods as dates": (
        lambda f: f.assign(period=pd.to_datetime(f["period"].astype(str))),
        "row 0 holds 2020-01-01",
    ),
    "quarters": (lambda f: f.assign(period="2021Q1"), "row 0 holds 2021Q1; expected a year"),
    "half a year": (lambda f: f.assign(period=f["period"] + 0.5), "row 0 holds 2020.5"),
    "a key missing": (
        lambda f: f.assign(region=f["region"].mask(f.index == 3)),
        "column 'region': missing in 1 rows, first in row 3",
    ),
    "infinite": (
        lambda f: f.assign(value=f["value"].mask(f.index == 5, np.inf)),
        "region 'C', period 2021, indicator 'income': infinite",
    ),
    "text": (lambda f: f.assign(value=f["value"].astype(str) + "*"), "holds '20.0*'"),
    "unknown flag": (lambda f: f.assign(flag="guess"), "row 0: guess; expected one of observed"),
    "bounds turned": (lambda f: f.assign(low=f["high"] + 1), "row 0: low 21 is above high"),
    "a list": (lambda f: f.to_dict("records"), "a list; expected a DataFrame"),
    "two levels": (lambda f: pd.concat({"a": f}, axis=1), "columns named at 2 levels"),
}


@pytest.mark.parametrize("form", HARMLESS)
def test_the_form_of_a_frame_plays_no_part(form):
    frame = HARMLESS[form](FRAME)
    before = frame.copy(deep=True)
    found = score_index(frame, small_spec(), 2021, small_scope())
    pd.testing.assert_frame_equal(found.scores, PLAIN)
    pd.testing.assert_frame_equal(frame, before)  # the caller's frame is as it was
    plan = Uncertainty((MeasurementError(1.0),), 20, 1)
    ranges = vary(frame, small_spec(), "2021", small_scope(), plan).ranges
    plain = vary(FRAME, small_spec(), 2021, small_scope(), plan).ranges
    pd.testing.assert_frame_equal(ranges, plain)
    ends = [Inputs(one, small_spec(), 2021, small_scope()) for one in (FRAME, frame)]
    if "unit" not in form:
        assert explain_change(*ends).differing == ()


@pytest.mark.parametrize("form", REFUSED)
def test_what_cannot_be_read_is_refused_with_column_and_row(form):
    change, told = REFUSED[form]
    with pytest.raises(FrameError) as caught:
        score_index(change(FRAME), small_spec(), 2021, small_scope())
    assert told in str(caught.value)
    assert "Next step" in str(caught.value)


def test_units_that_stand_twice_and_none_at_all_are_refused():
    for units, told in ((("A", "B", "A"), "'A' stands 2 times"), ((), "no unit")):
        with pytest.raises(FrameError, match=told):
            score_index(FRAME, small_spec(), 2021, Scope("odd", units))


# Every public function, with frames at random: nothing but errors of ours leaves the package.

WIDE = small_index().normalised + 1.0
LABELS = st.sampled_from(["text", "category", "int", "date", "index twice", "nullable index"])
KINDS = st.sampled_from(
    ["float", "Int64", "pyarrow", "object", "text", "bool", "date", "category", "complex", "huge"]
)


@st.composite
def wide(draw: st.DrawFn) -> pd.DataFrame:
    """Units x indicators of any kind: few rows, gaps, constants, odd labels."""
    rows, columns = draw(st.integers(0, 7)), draw(st.integers(0, 4))
    unit = draw(st.sampled_from([1e-12, 1.0, 1e12]))
    cells = st.one_of(st.floats(-100, 100), st.sampled_from([0.0, 1.0, np.nan]))
    found = {}
    for number in range(columns):
        values = draw(st.lists(cells, min_size=rows, max_size=rows))
        column = pd.Series(values, dtype=float) * unit
        found[f"x{number}"] = turned(column, draw(KINDS))
    frame = pd.DataFrame(found, index=pd.RangeIndex(rows))
    frame.index = labels(frame.index, draw(LABELS))
    if columns > 1 and draw(st.integers(0, 9)) == 0:
        frame.columns = ["x0", *frame.columns[:-1]]
    if rows and draw(st.integers(0, 4)) == 0:
        frame.index = pd.MultiIndex.from_arrays([np.arange(rows) // 3 + 2020, frame.index])
    return frame


def turned(column: pd.Series, kind: str) -> pd.Series:
    if kind == "Int64":
        return column.round().astype("Float64")
    if kind == "pyarrow":
        return column.convert_dtypes(dtype_backend="pyarrow")
    if kind == "category":
        return column.astype("category")
    if kind == "date":
        return pd.Series(pd.Timestamp("2021-01-01"), column.index)
    plain = {"object": object, "text": str, "bool": bool, "complex": complex}
    if kind == "huge":
        return column * 1e200
    return column.astype(plain[kind]) if kind in plain else column


def labels(rows: pd.Index, kind: str) -> pd.Index:
    text = pd.Index([f"u{row}" for row in rows], dtype=object)
    match kind:
        case "category":
            return pd.CategoricalIndex(text)
        case "int":
            return rows
        case "date":
            return pd.date_range("2020", periods=len(rows))
        case "index twice":
            return pd.Index(["u0"] * len(rows), dtype=object)
        case "nullable index":
            return pd.Index(text, dtype="string")
    return text


SETTINGS = settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
DIRECTIONS = {f"x{number}": 1 for number in range(4)}
STEPS: dict[str, Callable[[pd.DataFrame], object]] = {
    **{
        f"impute {method}": (lambda f, m=method: scoring.impute(f, m))
        for method in ("previous", "interpolate", "regression", "em", "group_mean", "none")
    },
    **{
        f"treat {method}": (lambda f, m=method: scoring.treat(f, m))
        for method in ("winsorise", "quantiles", "log", "box_cox", "none")
    },
    **{
        f"normalise {method}": (lambda f, m=method: scoring.normalise(f, m, unusable="missing"))
        for method in ("minmax", "zscore", "rank", "borda", "percentile", "ratio", "eis")
    },
    "normalise by period": lambda f: scoring.normalise(f, pooled=False),
    "normalise reference": lambda f: scoring.normalise(f, "reference", unit="u0"),
    "normalise target": lambda f: scoring.normalise(
        f, "target", targets=dict.fromkeys(f.columns, 5.0)
    ),
    **{
        f"weights {method}": (lambda f, m=method: scoring.weights(f, m))
        for method in ("equal", "pca", "entropy", "critic", "random")
    },
    "weights given": lambda f: scoring.weights(f, "given", given=dict.fromkeys(f.columns, 2)),
    "benefit_of_doubt": scoring.benefit_of_doubt,
    "copeland": scoring.copeland,
    **{
        f"aggregate {method}": (
            lambda f, m=method: scoring.aggregate(
                f, scoring.Structure.from_groups({"g": tuple(map(str, f.columns))}, method=m)
            )
        )
        for method in ("arithmetic", "geometric", "harmonic", "power", "copeland")
    },
    "mazziotta_pareto": lambda f: scoring.aggregate(
        f, scoring.Structure.from_groups({"g": tuple(f.columns)}, method="mazziotta_pareto")
    ),
    "cronbach_alpha": scoring.cronbach_alpha,
    "principal_components": scoring.principal_components,
    "shared_weights": lambda f: scoring.shared_weights(f.select_dtypes("float64").corr(), 0.9),
    "rank": lambda f: scoring.rank(f.iloc[:, 0] if f.shape[1] else f),
    "group_units": lambda f: scoring.group_units(f.iloc[:, 0] if f.shape[1] else f, scoring.EIS),
    "natural breaks": lambda f: scoring.group_units(
        f.iloc[:, -1] if f.shape[1] else f, scoring.JENKS
    ),
    "assign": lambda f: scoring.assign(f, scoring.QUARTILES),
    "membership_shares": lambda f: scoring.membership_shares(f, scoring.HSE),
    "goalposts": lambda f: scoring.goalposts(f.iloc[:, 0] if f.shape[1] else f, (0.1, 0.9)),
    "rank_agreement": lambda f: (
        scoring.rank_agreement(f.iloc[:, 0], f.iloc[:, -1]) if f.shape[1] else None
    ),
    "rating_agreements": lambda f: scoring.rating_agreements(f, f),
    "framework_agreements": lambda f: scoring.framework_agreements({2021: small_index()}, f),
    "framework_scenarios": lambda f: scoring.framework_scenarios(f, f),
    "framework_scenarios pairs": lambda f: scoring.framework_scenarios(
        f.set_axis(
            [("nominal", ""), *(("other", str(k)) for k in range(1, f.shape[1]))][: f.shape[1]],
            axis=1,
        ),
        f.set_axis([("rank_low"), "rank_high", "x", "y", "z"][: f.shape[1]], axis=1),
    ),
    "shapley_decomposition": lambda f: scoring.shapley_decomposition(
        lambda new: f.iloc[:, 0] if new and f.shape[1] else f.iloc[:, -1:].squeeze(axis=1), ["a"]
    ),
    "sobol_indices": lambda f: scoring.sobol_indices(lambda _: f.to_numpy(), 1, 4, bootstrap=2),
}


@pytest.mark.parametrize("step", STEPS)
@SETTINGS
@given(frame=wide())
def test_no_step_lets_another_error_or_a_warning_out(step, frame):
    before = frame.copy(deep=True)
    try:
        STEPS[step](frame)
    except ValleyError as error:
        assert len(str(error)) > 20
    pd.testing.assert_frame_equal(frame, before)


CASES = st.tuples(st.integers(1, 4), st.integers(1, 4), st.sampled_from([1e-12, 1.0, 1e12]))


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(case=CASES, seed=st.integers(0, 99), dull=st.booleans(), gaps=st.floats(0, 0.6))
def test_small_indices_go_through_every_result(case, seed, dull, gaps):
    """One or two units, one indicator, constants, gaps: all that takes a result."""
    units, indicators, unit = case
    frame, spec, scope = random_indicators(units, indicators, (2020, 2021), seed)
    draw = np.random.default_rng(seed)
    frame["value"] = frame["value"].mask(draw.random(len(frame)) < gaps) * unit
    if dull:
        frame.loc[frame["indicator"] == "i0", "value"] = 5.0
    frame["low"] = frame["high"] = frame["value"]
    try:
        result = score_index(frame, spec, 2021, scope)
    except ValleyError:
        return
    takers = {
        "audit": lambda: scoring.audit(result),
        "correlate": lambda: scoring.correlate(result, "spearman"),
        "effective": lambda: scoring.effective_weights(result),
        "leave_one_out": lambda: scoring.leave_one_out(result),
        "profile": lambda: scoring.profile(result, scope.units[0], spec.dimensions[0]),
        "improve": lambda: scoring.what_would_it_take(result, scope.units[-1]),
        "pooled": lambda: scoring.pooled_correlations(frame, spec, scope),
        "vary": lambda: vary(
            frame, spec, 2021, scope, Uncertainty((MeasurementError(1.0),), 10, 1)
        ),
        "sensitivity": lambda: scoring.sensitivity(
            frame, spec, 2021, scope, Uncertainty((MeasurementError(1.0),), 10, 1), n=4, bootstrap=3
        ),
        "change": lambda: explain_change(*(Inputs(frame, spec, at, scope) for at in (2020, 2021))),
        "framework": lambda: scoring.framework_ranks(frame, result, {"same": spec}),
        "subindices": lambda: scoring.subindex_scores(result),
        "editions": lambda: scoring.score_editions(frame, spec, (2020, 2021), scope),
        "html": result._repr_html_,
    }
    for take in takers.values():
        try:
            take()
        except ValleyError as error:
            assert len(str(error)) > 20


def test_every_public_function_is_driven():
    """A function added to the package has to be added here."""
    called = {name.split()[0] for name in STEPS} | {"rank_agreement"}
    through = {"score_index", "score_editions", "vary", "sensitivity", "audit", "correlate"}
    through |= {"effective_weights", "leave_one_out", "profile", "what_would_it_take"}
    through |= {"pooled_correlations", "explain_change", "framework_ranks", "subindex_scores"}
    public = {name for name in scoring.__all__ if name[0].islower()}
    assert public <= called | through

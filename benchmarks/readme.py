"""The README's table of speed: the same work under the same rule, ours and otherwise, in one run.

    .venv/bin/python benchmarks/readme.py

Every cell is measured in a process of its own on one core, preparation included: the first call,
which imports and compiles what it needs, and the least of the following ones. Data is loaded
before. What cannot be run here (COINr under R) is quoted and marked.
"""

import io
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from _common import Cases, clock, main, peak_mb, table
from inference import NAMES, PERMUTATIONS, SEED
from inference import panel as made_up_panel
from uncertainty import made_up, real

from spatial import DRAWS, inputs, pysal
from studies import staff
from valley_analysis import impact, indicators, panel, paths, scoring, studies
from valley_analysis.impact.exposure_model import ExposureModel
from valley_analysis.impact.randomisation import permuted
from valley_analysis.scoring.assumptions import (
    AggregationChoice,
    Alternatives,
    Assumption,
    WeightNoise,
)
from valley_analysis.scoring.examples import random_indicators
from valley_analysis.scoring.plan import Uncertainty
from valley_analysis.scoring.sensitivity import sensitivity
from valley_analysis.scoring.uncertainty import vary
from valley_analysis.sources.extract import extract
from valley_analysis.spatial import local_moran, moran

Step = Callable[[], object]
ORIGINALS = paths.root().parent / "shared" / "data"
LOOP = 20
"""Repetitions of what is measured one by one; the table scales them up."""


@dataclass(frozen=True)
class Row:
    """One line: what is done, by us and otherwise; each makes a step to be measured.

    Attributes
    ----------
    times
        How often the step of the other way is done for the same work.
    quoted
        Seconds that were measured elsewhere, in place of a step.
    """

    what: str
    ours: Callable[[], Step]
    instead: str = ""
    theirs: Callable[[], Step] | None = None
    times: int = 1
    quoted: float | None = None


def coinr_rule(spec: scoring.IndexSpec) -> tuple[Assumption, ...]:
    """COINr's rule of outliers (skewness and kurtosis, one to five points), weights, means."""
    return (
        Alternatives(
            "treatment",
            tuple(
                {"treatment": "winsorise", "outliers": (2.0, 3.5, points)} for points in range(1, 6)
            ),
        ),
        WeightNoise(concentration=50, level=1, name="weights of dimensions"),
        WeightNoise(concentration=50, level=2, name="weights of indicators"),
        AggregationChoice(("arithmetic", "geometric"), levels=(0,)),
    )


def varied(case, replications: int, pairs: bool) -> Callable[[], Step]:
    def prepare() -> Step:
        frame, spec, period, scope = case()
        plan = Uncertainty(coinr_rule(spec), replications)
        return lambda: vary(frame, spec, period, scope, plan, pairs=pairs)

    return prepare


def shares() -> Step:
    frame, spec, period, scope = real()
    plan = Uncertainty(coinr_rule(spec))
    return lambda: sensitivity(frame, spec, period, scope, plan, n=1024)


def once() -> Step:
    frame, spec, period, scope = made_up(51)
    return lambda: scoring.score_index(frame, spec, period, scope)


def omitted() -> Step:
    frame, spec, scope = random_indicators(51, 49)
    return lambda: scoring.leave_one_out(scoring.score_index(frame, spec, spec.editions[-1], scope))


def omitted_loop() -> Step:
    frame, spec, scope = random_indicators(51, 49)

    def again() -> None:
        for name in spec.indicators:
            rest = spec.only(other for other in spec.indicators if other != name)
            scoring.score_index(frame, rest, spec.editions[-1], scope)

    return again


def ranked() -> Step:
    frame = pd.DataFrame(np.random.default_rng(0).random((500, 6))).add_prefix("x")
    return lambda: scoring.copeland(frame)


def ranked_loop() -> Step:
    rows = np.random.default_rng(0).random((500, 6))
    return lambda: [sum(np.sign(np.sign(a - b).sum()) for b in rows) for a in rows]


def built() -> Step:
    def build() -> None:
        latest = panel.latest_vintage(panel.build_panel())
        additive = {name for name, one in panel.load_series().items() if one.additive}
        indicators.build_indicators(latest, panel.suppressed_bounds(latest, additive))

    return build


def loaded() -> Step:
    return panel.load_panel


def read_csv() -> Step:
    text = panel.load_panel().to_csv(index=False).encode()
    return lambda: pd.read_csv(io.BytesIO(text))


def extracted() -> Step:
    return lambda: extract(ORIGINALS, Path(tempfile.mkdtemp()))


def read_workbooks() -> Step:
    books = sorted(ORIGINALS.rglob("*.xlsx"))
    return lambda: [pd.read_excel(book, sheet_name=None, header=None) for book in books]


def event() -> Step:
    data = staff()
    columns = {key: value for key, value in data.columns.items() if key != "since"}
    return lambda: impact.event_study(data.frame, reference=data.reference, **columns)


def event_by_pyfixest() -> Step:
    import pyfixest as pf

    data = staff()
    unit, period, outcome, exposure = (
        data.columns[key] for key in ("unit", "period", "outcome", "exposure")
    )
    frame = data.frame.dropna(subset=[outcome, exposure])
    formula = f"{outcome} ~ i({period}, {exposure}, ref={data.reference}) | {unit} + {period}"
    return lambda: pf.feols(formula, frame, vcov={"CRV1": unit})


def study() -> Step:
    data = staff()
    return lambda: studies.study_wave(data)


def randomised() -> Step:
    frame = made_up_panel(83, 15)

    def p_value() -> float:
        drawn, _ = permuted(ExposureModel.of(frame, **NAMES), frame, None, PERMUTATIONS, SEED)
        return drawn.p_value()

    return p_value


def refitted() -> Step:
    import pyfixest as pf

    frame, rng = made_up_panel(83, 15), np.random.default_rng(SEED)
    first = frame.groupby("unit")["x"].first().to_numpy()
    after = frame["year"] >= NAMES["since"]

    def one() -> None:
        permuted_x = rng.permutation(first)[frame["unit"]] * after
        pf.feols("y ~ z | unit + year", frame.assign(z=permuted_x), vcov={"CRV1": "unit"})

    return one


def ritest() -> Step:
    import pyfixest as pf

    frame = made_up_panel(83, 15)
    frame["z"] = frame["x"] * (frame["year"] >= NAMES["since"])
    fit = pf.feols("y ~ z | unit+year", frame, vcov={"CRV1": "unit"})
    return lambda: fit.ritest("z", reps=PERMUTATIONS, rng=np.random.default_rng(SEED))


def spatial(one: Callable[..., object]) -> Callable[[], Step]:
    def prepare() -> Step:
        values, weights = inputs()
        return lambda: one(values, weights, permutations=DRAWS, seed=1)

    return prepare


def esda_moran() -> Step:
    values, weights = inputs()
    other, array = pysal(weights), values.to_numpy()

    def step() -> None:
        import esda

        esda.Moran(array, other, permutations=DRAWS)

    return step


def esda_local() -> Step:
    values, weights = inputs()
    other, array = pysal(weights), values.to_numpy()

    def step() -> None:
        import esda

        esda.Moran_Local(array, other, permutations=DRAWS, seed=1)

    return step


ROWS = (
    Row(
        "extract 99 tables of 19 workbooks",
        extracted,
        "the same workbooks by `pandas.read_excel`, cells only",
        read_workbooks,
    ),
    Row("panel and 53 indicators from data/raw", built),
    Row(
        "`load_panel()`, checksum included", loaded, "the same rows by `pandas.read_csv`", read_csv
    ),
    Row("one index, 51 units x 49 indicators", once, "COINr, quoted", quoted=0.10),
    Row(
        "1,000 replications, 51 x 49, COINr's rule of outliers",
        varied(lambda: made_up(51), 1_000, pairs=False),
        "COINr, quoted",
        quoted=175.0,
    ),
    Row(
        "10,000 replications of the same",
        varied(lambda: made_up(51), 10_000, pairs=False),
        "COINr, quoted for 1,000, ten times",
        quoted=1750.0,
    ),
    Row(
        "1,000 replications, 5,000 x 49, the same rule",
        varied(lambda: made_up(5_000), 1_000, pairs=False),
        "COINr, quoted for one, a thousand times",
        quoted=3600.0,
    ),
    Row(
        "10,000 replications, 83 regions x 43 indicators, all pairs",
        varied(real, 10_000, pairs=True),
        "`score_index` once for each",
        lambda: _scored_anew(),
        times=10_000,
    ),
    Row("Sobol indices of the same four assumptions, n = 1,024", shares),
    Row("leave one out, 51 x 49", omitted, "`score_index` 49 times", omitted_loop),
    Row("the same", omitted, "COINr, quoted", quoted=6.0),
    Row("Copeland, 500 x 6", ranked, "two loops of numpy", ranked_loop),
    Row("the same", ranked, "COINr, quoted", quoted=36.0),
    Row(
        "event study, 83 regions x 9 years, intervals",
        event,
        "the `pyfixest.feols` call",
        event_by_pyfixest,
    ),
    Row("an outcome and wave: estimate, inferences, checks", study),
    Row(
        "9,999 studentised permutations over units, 83 x 15",
        randomised,
        "`pyfixest.feols` for each",
        refitted,
        times=PERMUTATIONS,
    ),
    Row(
        "the same",
        randomised,
        "`pyfixest` `ritest`: over rows, coefficients not studentised",
        ritest,
    ),
    Row("Moran's I, 83 units, 9,999 permutations", spatial(moran), "esda", esda_moran),
    Row("local Moran, the same", spatial(local_moran), "esda", esda_local),
)


def _scored_anew() -> Step:
    frame, spec, period, scope = real()
    return lambda: scoring.score_index(frame, spec, period, scope)


def measured(prepare: Callable[[], Step]) -> dict[str, float]:
    """CPU seconds of the first call and of the best one after it, if there was time for one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # other packages' use of older arguments
        step = prepare()
        seconds = []
        for _ in range(4):
            with clock() as spent:
                step()
            seconds.append(spent.seconds)
            if sum(seconds) > LOOP:
                break
    return {"first": seconds[0], "again": min(seconds[1:] or seconds), "memory": peak_mb()}


def _cases() -> Cases:
    found: Cases = {}
    for number, row in enumerate(ROWS):
        found[f"{number} ours"] = lambda row=row: measured(row.ours)
        if row.theirs:
            found[f"{number} theirs"] = lambda theirs=row.theirs: measured(theirs)
    return found


def seconds(value: float) -> str:
    """Two digits that count.

    >>> seconds(0.01234), seconds(1.0), seconds(1234.5)
    ('0.012', '1.0', '1,200')
    """
    told = np.format_float_positional(value, 2, fractional=False, min_digits=2)
    return f"{float(told):,.0f}" if value >= 10 else told


def report(found: dict[str, dict[str, float]]) -> None:
    """Print the table, ready for the README, and what it was measured on."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        capture_output=True,
        text=True,
        check=True,
        cwd=paths.root(),
    ).stdout.strip()
    head = ("what", "first, s", "again, s", "peak, MB", "instead", "first, s", "again, s", "ratio")
    rows = []
    for number, row in enumerate(ROWS):
        one, other = found[f"{number} ours"], found.get(f"{number} theirs")
        cells = ["", "", ""]
        if other:
            first = other["first"] + (row.times - 1) * other["again"]
            again = row.times * other["again"]
            cells = [seconds(first), seconds(again), f"{seconds(again / one['again'])} x"]
        elif row.quoted:
            cells = ["", seconds(row.quoted), f"{seconds(row.quoted / one['again'])} x"]
        ours = (seconds(one["first"]), seconds(one["again"]), f"{one['memory']:.0f}")
        rows.append((row.what, *ours, row.instead, *cells))
    table(head, rows)
    version = ".".join(map(str, sys.version_info[:3]))
    print(
        f"\nCommit {commit}, Python {version}, processor seconds on one core of a shared machine."
    )


if __name__ == "__main__":
    main(__file__, _cases(), report)

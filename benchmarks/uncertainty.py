"""Replications of an index: cost and memory, beside the plain loop and COINr's figures."""

from dataclasses import replace

import numpy as np
import pandas as pd
from _common import clock, main, peak_mb, table

from valley_analysis.frames import Scope
from valley_analysis.scoring import IndexSpec, Member, score_index
from valley_analysis.scoring.assumptions import AggregationChoice, Alternatives, WeightNoise
from valley_analysis.scoring.plan import Uncertainty
from valley_analysis.scoring.sensitivity import sensitivity
from valley_analysis.scoring.uncertainty import vary

TREATMENT = tuple({"winsorise": (cut, 1 - cut)} for cut in (0.025, 0.01, 0.05))
ASSUMPTIONS = (
    Alternatives("treatment", TREATMENT),
    WeightNoise(concentration=50, level=1, name="weights of dimensions"),
    WeightNoise(concentration=50, level=2, name="weights of indicators"),
    AggregationChoice(("arithmetic", "geometric"), levels=(0,)),
)
LOOP = 6  # replications of the plain loop
# COINr 1.1.14 under R 4.2, CPU seconds a replication (measured before this project).
COINR = {"51 units": 0.14, "5,000 units": 3.6}

Case = tuple[pd.DataFrame, IndexSpec, int, Scope]


def real() -> Case:
    from valley_analysis import regions
    from valley_analysis.indicators import load_indicators, load_spec

    return load_indicators(), load_spec("regional_innovation"), 2021, regions.scope()


def made_up(units: int, indicators: int = 49) -> Case:
    """COINr's size, seven dimensions, random figures without gaps."""
    scope = Scope("made up", tuple(f"u{number}" for number in range(units)))
    names = [f"x{number}" for number in range(indicators)]
    keys = pd.MultiIndex.from_product([scope.units, [2021], names])
    frame = keys.to_frame(index=False, name=["region", "period", "indicator"])
    frame["value"] = np.random.default_rng(0).gamma(4.0, 10.0, len(frame))
    frame["low"] = frame["high"] = frame["value"]
    frame = frame.assign(flag="observed", method="", inputs="")
    members = tuple(Member(name, f"d{place % 7}") for place, name in enumerate(names))
    return frame, IndexSpec("made up", members, reference=(2021, 2021)), 2021, scope


def plain_loop(case: Case) -> float:
    """CPU seconds a replication, each scored anew."""
    frame, spec, period, scope = case
    with clock() as spent:
        for number in range(LOOP):
            score_index(frame, replace(spec, **TREATMENT[number % 3]), period, scope)
    return spent.seconds / LOOP


def once(case: Case, replications: int, pairs: bool = True, loop: bool = True) -> dict[str, float]:
    vary(*case, Uncertainty(ASSUMPTIONS, 10))  # imports and caches
    with clock() as nothing:
        vary(*case, Uncertainty(ASSUMPTIONS, 200), pairs=pairs)
    with clock() as spent:
        vary(*case, Uncertainty(ASSUMPTIONS, replications), pairs=pairs)
    found = {"replications": replications, "seconds": spent.seconds, "memory": peak_mb()}
    found["preparation"] = nothing.seconds
    return found | ({"loop": plain_loop(case)} if loop else {})


def shares() -> dict[str, float]:
    case = real()
    plan = Uncertainty(ASSUMPTIONS)
    sensitivity(*case, plan, n=16)
    with clock() as spent:
        sensitivity(*case, plan, n=1024)
    replications = 1024 * (len(ASSUMPTIONS) + 2)
    return {"replications": replications, "seconds": spent.seconds, "memory": peak_mb()}


CASES = {
    "83 regions, our index": lambda: once(real(), 10_000),
    "51 units": lambda: once(made_up(51), 10_000),
    "5,000 units": lambda: once(made_up(5_000), 1_000, pairs=False),
    "83 regions, a million": lambda: once(real(), 1_000_000, loop=False),
    "Sobol indices, 83 regions": shares,
    **{
        f"grow {units} {many}": lambda units=units, many=many: once(
            made_up(units), many, pairs=False, loop=False
        )
        for units, many in ((100, 5_000), (100, 10_000), (100, 20_000), (400, 5_000), (1600, 5_000))
    },
}


def report(found: dict[str, dict[str, float]]) -> None:
    head = ("case", "replications", "CPU s", "preparation s", "ms a replication", "peak MB")
    rows = [
        (
            name,
            f"{case['replications']:,}",
            f"{case['seconds']:.2f}",
            f"{case['preparation']:.2f}" if "preparation" in case else "",
            f"{1000 * case['seconds'] / case['replications']:.4f}",
            f"{case['memory']:.0f}",
        )
        for name, case in found.items()
        if not name.startswith("grow")
    ]
    table(head, rows)
    print("\nAgainst the plain loop over `replace` and `score_index`, and COINr 1.1.14:\n")
    rows = []
    for name, case in found.items():
        if "loop" in case:
            each = case["seconds"] / case["replications"]
            coinr = f"{COINR[name] / each:,.0f}" if name in COINR else ""
            rows.append((name, f"{case['loop']:.3f}", f"{case['loop'] / each:,.0f}", coinr))
    table(("case", "loop, s a replication", "times faster", "times faster than COINr"), rows)
    print("\nGrowth (without pairs, without preparation):\n")
    rows = []
    for name, case in found.items():
        if name.startswith("grow"):
            _, units, many = name.split()
            spent = case["seconds"] - case["preparation"]
            each = spent / (int(units) * int(many))
            rows.append((units, many, f"{spent:.3f}", f"{1e9 * each:.0f}"))
    table(("units", "replications", "CPU s", "ns a unit and replication"), rows)


if __name__ == "__main__":
    main(__file__, CASES, report)

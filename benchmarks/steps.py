"""Speed of single steps at the sizes for which COINr 1.1.14 was measured.

    .venv/bin/python benchmarks/steps.py

COINr's seconds (R 4.2, same kind of machine) are quoted: Copeland on six indicators 6.6 s at 200
and 36 s at 500 units; leave-one-indicator-out on 51 units and 49 indicators 6.0 s.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from _common import Cases, clock, main, table

from valley_analysis.scoring import copeland, leave_one_out, score_index
from valley_analysis.scoring.examples import random_indicators

COINR = {"Copeland, 200 x 6": 6.6, "Copeland, 500 x 6": 36.0, "leave one out, 51 x 49": 6.0}


def best(step: Callable[[], object], repeat: int = 3) -> float:
    seconds = []
    for _ in range(repeat):
        with clock() as found:
            step()
        seconds.append(found.seconds)
    return min(seconds)


def outranking(units: int) -> dict[str, float]:
    frame = pd.DataFrame(np.random.default_rng(0).random((units, 6))).add_prefix("x")
    rows = frame.to_numpy()

    def pairs() -> list[float]:
        return [sum(np.sign(np.sign(one - other).sum()) for other in rows) for one in rows]

    return {"ours": best(lambda: copeland(frame)), "loop": best(pairs, 1)}


def leaving_out() -> dict[str, float]:
    indicators, spec, scope = random_indicators(51, 49)
    period = spec.editions[-1]
    result = score_index(indicators, spec, period, scope)

    def again() -> None:
        for name in spec.indicators:
            rest = spec.only(other for other in spec.indicators if other != name)
            score_index(indicators, rest, period, scope)

    return {"ours": best(lambda: leave_one_out(result)), "loop": best(again, 1)}


def report(found: dict[str, dict[str, float]]) -> None:
    head = ("step", "CPU s", "plain loop, CPU s", "COINr, CPU s")
    rows = [
        (case, f"{one['ours']:.4f}", f"{one['loop']:.2f}", f"{COINR[case]:g}")
        for case, one in found.items()
    ]
    table(head, rows)


CASES: Cases = {
    "Copeland, 200 x 6": lambda: outranking(200),
    "Copeland, 500 x 6": lambda: outranking(500),
    "leave one out, 51 x 49": leaving_out,
}

if __name__ == "__main__":
    main(__file__, CASES, report)

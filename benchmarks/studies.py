"""Speed of the studies on the project's own panel: one estimate, all of its checks, the curve.

.venv/bin/python benchmarks/studies.py
"""

from collections.abc import Callable

from _common import Cases, clock, main, peak_mb, table

from valley_analysis import impact, regions, sanctions, studies
from valley_analysis.panel import load_panel

MAIN, WAVE = "imports_far_grp", 2022


def twice(step: Callable[[], object]) -> dict[str, float]:
    """CPU seconds of the first call, which imports and compiles, and of the next one."""
    found = {}
    for name in ("first", "again"):
        with clock() as taken:
            step()
        found[name] = taken.seconds
    return found | {"MB": peak_mb()}


def staff() -> studies.WaveData:
    return studies.wave_data(load_panel(), "rd_staff", WAVE, MAIN, regions.scope())


def event_study() -> dict[str, float]:
    data = staff()
    columns = {key: value for key, value in data.columns.items() if key != "since"}
    return twice(lambda: impact.event_study(data.frame, reference=data.reference, **columns))


def study() -> dict[str, float]:
    data = staff()
    return twice(lambda: studies.study_wave(data))


def curve() -> dict[str, float]:
    exposures = [name for name in sanctions.exposure_specs(WAVE) if name.startswith(MAIN)]
    scope = regions.scope()
    hosts = ["RU-TUL", "RU-KLU", "RU-NIZ"]
    data = studies.curve_data(load_panel(), "rd_staff", WAVE, exposures, scope, hosts=hosts)
    plan = impact.CurvePlan("region", "year", WAVE, **data.choices, strata="stratum")
    cache: dict = {}
    found = twice(
        lambda: impact.specification_curve(data.frame, plan, permutations=300, cache=cache)
    )
    return found | {"fits": len(plan)}


def report(found: dict[str, dict[str, float]]) -> None:
    head = ("step", "CPU s, first call", "again", "peak MB")
    rows = [
        (
            case + (f", {one['fits']:.0f} fits x 300 permutations" if "fits" in one else ""),
            f"{one['first']:.2f}",
            f"{one['again']:.3f}",
            f"{one['MB']:.0f}",
        )
        for case, one in found.items()
    ]
    table(head, rows)


CASES: Cases = {
    "event study, 83 regions x 9 years": event_study,
    "study of an outcome: estimate, 13 inferences, 14 checks": study,
    "specification curve; again from the cache": curve,
}

if __name__ == "__main__":
    main(__file__, CASES, report)

"""What the register says of valleys, in computed sentences."""

from collections.abc import Iterable

import pandas as pd

from valley_analysis.charts.valley_coverage import coverage_note
from valley_analysis.charts.valley_order import pair_counts
from valley_analysis.charts.valley_promises import latest_promises
from valley_analysis.charts.valley_text import (
    listed,
    months_text,
    step_name,
    valley_names,
    word,
)
from valley_analysis.text import Lang, day_text, number
from valley_analysis.valleys import (
    STEPS,
    Dominance,
    Ladder,
    ProgressResult,
    Register,
    claims_frame,
    conflicts,
    cooperation,
    hosts,
    known_figures,
)


def headline(
    register: Register,
    found: Ladder,
    order: Dominance,
    promises: pd.DataFrame,
    result: ProgressResult,
    lang: Lang = "en",
) -> str:
    """Return Markdown: how many valleys there are, how far they are, and how sure that is.

    Parameters
    ----------
    register
        What `load_register` returns.
    found, order, promises, result
        What `ladder`, `dominance`, `promised_against_achieved` and `progress` return, all for
        one date.
    lang
        "en" or "ru".
    """
    names = valley_names(register, lang)
    lines = [
        _furthest(found, names, lang),
        _doubt(found, lang),
        _figures(register, found, names, lang),
        word("head_order", lang, **pair_counts(order)),
        _promises(promises, lang),
        _score(result, names, lang),
        word("head_conflicts", lang, n=len(conflicts(claims_frame(register.valleys, found.as_of)))),
        _companies(register, found.valleys, names, lang),
    ]
    opening = [_opening(register, found, lang), coverage_note(found.as_of, lang, register=register)]
    return "\n\n".join([*opening, "\n".join(f"- {line}" for line in lines)])


def _opening(register: Register, found: Ladder, lang: Lang) -> str:
    ages = found.ages()
    return word(
        "head_valleys_count",
        lang,
        day=day_text(found.as_of, lang),
        n=len(found.valleys),
        regions=len(hosts(register, found.as_of)),
        oldest=months_text(ages["low"].max(), ages["high"].max()),
        youngest=months_text(ages["low"].min(), ages["high"].min()),
    )


def _furthest(found: Ladder, names: dict[str, str], lang: Lang) -> str:
    reached = found.furthest()["step"]
    groups = [
        word("head_group", lang, step=step_name(step, lang), names=_named(at.index, names, lang))
        for step in reversed(STEPS)
        if len(at := reached[reached == step])
    ]
    return word("head_furthest", lang, groups="; ".join(groups))


def _named(valleys: Iterable[str], names: dict[str, str], lang: Lang) -> str:
    return listed([names[valley] for valley in valleys], lang)


def _doubt(found: Ladder, lang: Lang) -> str:
    steps = found.steps
    dated = steps[steps["state"] == "dated"]
    return word(
        "head_doubt",
        lang,
        dated=len(dated),
        inferred=int((dated["confidence"] == "inferred").sum()),
        primary=int((dated["confidence"] == "primary").sum()),
        unseen=int((steps["state"] == "unseen").sum()),
        all=len(steps),
    )


def _figures(register: Register, found: Ladder, names: dict[str, str], lang: Lang) -> str:
    known = known_figures(register.valleys, found.as_of).loc[found.valleys, "participants"]
    silent = known.index[~known.astype(bool)]
    if silent.empty:
        return word("head_figures_all", lang, n=len(known))
    told = len(known) - len(silent)
    return word("head_figures", lang, k=told, n=len(known), names=_named(silent, names, lang))


def _promises(promises: pd.DataFrame, lang: Lang) -> str:
    latest = latest_promises(promises)
    count = latest["verdict"].value_counts()
    verdicts = ("missed", "untold", "open", "no_date", "unknown")
    kept = int(count.get("kept", 0)) + int(count.get("reached_early", 0))
    told = {verdict: int(count.get(verdict, 0)) for verdict in verdicts}
    return word(
        "head_promises",
        lang,
        n=len(latest),
        repeated=len(promises) - len(latest),
        kept=kept,
        **told,
    )


def _score(result: ProgressResult, names: dict[str, str], lang: Lang) -> str:
    ranked = result.scores.index[result.scores["ranked"]]
    threshold = number(100 * result.spec.threshold, 0, lang)
    return word("head_score", lang, threshold=threshold, names=_named(ranked, names, lang))


def _companies(
    register: Register, valleys: Iterable[str], names: dict[str, str], lang: Lang
) -> str:
    gaps = cooperation(register.valleys).loc[list(valleys), "gap"]
    return word(
        "head_companies",
        lang,
        none=_named(gaps.index[gaps == "none named"], names, lang),
        words=_named(gaps.index[gaps == "words only"], names, lang),
    )

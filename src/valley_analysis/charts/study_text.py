"""What a reader is told of a study: names of outcome, exposure, wave and columns, in words."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd

from valley_analysis.charts.impact_tables import beside_text, checks_tally, fragile, results_table
from valley_analysis.charts.impact_text import About, interval_text, p_cell, p_text
from valley_analysis.charts.impact_text import word as impact_word
from valley_analysis.charts.names import unit_names
from valley_analysis.charts.study_words import exposure_names, names, word
from valley_analysis.charts.tables import Table
from valley_analysis.charts.valley_text import decree_label
from valley_analysis.frames import Scope
from valley_analysis.impact.results import EffectResult
from valley_analysis.sanctions import (
    find_outcome,
)
from valley_analysis.sanctions.outcomes import Outcome
from valley_analysis.studies import (
    Unfitted,
    ValleyEffect,
    WaveData,
    WaveStudy,
    fitted,
)
from valley_analysis.studies.monthly import SINCE
from valley_analysis.text import Lang, capital, short_month


def about_wave(data: WaveData, lang: Lang = "en", notes: Iterable[str] = ()) -> About:
    """Return what is told of every figure of a study of a wave.

    Parameters
    ----------
    data
        What `studies.wave_data` returns.
    lang
        "en" or "ru".
    notes
        Further sentences for the line below a figure.
    """
    outcome = find_outcome(data.found.outcome)
    name = data.exposure.spec.name
    caveat = [outcome.caveat[lang]] if outcome.caveat else []
    return About(
        outcome=outcome.name[lang],
        exposure=name[lang] if name else data.exposure.spec.id,
        unit="" if percent(outcome) else word("points", lang),
        iqr=data.iqr,
        percent=percent(outcome),
        since=data.found.wave.first_treated,
        periods=data.found.years,
        scope=data.exposure.scope,
        notes=(*caveat, *_unexposed(data, lang), *notes),
        names=names(lang),
    )


def _unexposed(data: WaveData, lang: Lang) -> list[str]:
    absent = ", ".join(unit_names(data.left_out, lang))
    return [word("unexposed", lang, names=absent)] if absent else []


def about_outcome(outcome: str, scope: Scope, lang: Lang = "en", **more: Any) -> About:
    """Return what is told of an estimate that is not per unit of an exposure."""
    found = find_outcome(outcome)
    return About(
        outcome=found.name[lang],
        unit="" if percent(found) else word("points", lang),
        percent=percent(found),
        scope=scope,
        names=names(lang),
        **more,
    )


def percent(outcome: Outcome) -> bool:
    """Whether effects are told in per cent: logarithms, and counts of a Poisson model."""
    return outcome.scale != "share"


def looks(data: WaveData, lang: Lang = "en") -> tuple[dict[str, Any], dict[str, Any]]:
    """Return how the model-free pictures of a wave are drawn: by tercile, and change on exposure.

    Groups are compared by ratios to the year before the wave, per cent by differences; of
    logarithms by the mean logarithm, as the contrast of the same groups has it. Single regions on
    a logarithmic scale are compared by differences of logarithms, so that a region that printed
    next to nothing before does not stretch the axis.
    """
    wave, (first, last) = data.found.wave, data.found.years
    about, scale = about_wave(data, lang), data.found.scale
    columns: dict[str, Any] = {"unit": "region", "period": "year"}
    columns["exposure"] = data.exposure.spec.id
    terciles: dict[str, Any] = {"reference": data.reference, "since": wave.first_treated}
    terciles |= {"about": about, "outcome": "value" if scale == "count" else "y"}
    terciles["change"] = {"share": "difference", "log": "ratio"}.get(scale, "index")
    changes: dict[str, Any] = {
        "before": [year for year in wave.pre["main"] if first <= year],
        "after": [year for year in wave.post if year <= last],
        "outcome": "value" if scale == "count" else "y",
        "kind": "ratio" if scale == "count" else "difference",
        "axis": word(f"form_{data.exposure.spec.form}", lang),
        "about": about,
    }
    if scale != "share":
        changes["about"] = replace(about, percent=False, unit=word("log_points", lang))
    return {**columns, **terciles}, {**columns, **changes}


def variants_table(
    found: Mapping[str, EffectResult | Unfitted],
    about: About,
    plain: About,
    lang: Lang = "en",
    *,
    beside: Mapping[str, EffectResult | Unfitted] | None = None,
) -> Table:
    """Return estimates of one effect side by side.

    Parameters
    ----------
    found
        Key -> result, as `studies.variants` gives them; one that was not fitted says why.
    about
        What is told of estimates per unit of exposure.
    plain
        What is told of the contrast, which is not per unit of one.
    lang
        "en" or "ru".
    beside
        The same keys with host of a valley x period beside: two more columns.
    """

    def told(name: str) -> About:
        return plain if name == "contrast" else about

    own = fitted(found)
    rows = {word(f"variant_{name}", lang): (one, told(name)) for name, one in own.items()}
    frame = results_table(rows, lang).frame.set_axis(list(own), axis=0) if own else pd.DataFrame()
    if beside:
        others = fitted(beside)
        frame[word("with_hosts", lang)] = pd.Series(
            {name: told(name).told(one.estimate, lang) for name, one in others.items()},
            dtype=object,
        )
        frame[word("with_hosts_p", lang)] = pd.Series(
            {name: p_cell(one.p_value, lang) for name, one in others.items()}, dtype=object
        )
    term, size = impact_word("col_term", lang), impact_word("col_estimate", lang)
    for name, one in found.items():
        if isinstance(one, Unfitted):
            reason = word(f"unfitted_{one.key}", lang, detail=one.detail)
            frame.loc[name, [term, size]] = [word(f"variant_{name}", lang), reason]
    return Table(frame.reindex(list(found)).fillna("–").reset_index(drop=True))


def about_curve(data: WaveData, outcome: str, lang: Lang = "en") -> About:
    """Return what is told of a specification curve, whose estimates are per interquartile range."""
    main = about_wave(data, lang)
    called = exposure_names(data.found.wave.id, lang)
    return replace(
        main,
        outcome=find_outcome(outcome).name[lang],
        unit="",
        iqr=None,
        percent=True,
        names={**main.names, **called},
        notes=(),
    )


def together(family: pd.DataFrame, lang: Lang = "en") -> str:
    """Say which outcomes of a wave are distinguishable once all are taken together.

    Parameters
    ----------
    family
        What `studies.wave_family` returns.
    lang
        "en" or "ru".
    """
    found = family["romano_wolf"]
    seen = [find_outcome(str(name)).name[lang] for name in found.index[found <= 0.05]]
    least = p_text(float(found.min()), lang)
    key = "together_some" if seen else "together_none"
    return word(key, lang, n=len(found), seen=", ".join(seen), p=least)


def substitution_table(found: Mapping[tuple[int, str], WaveStudy], lang: Lang = "en") -> Table:
    """Return what replacement and parallel imports predict beside what the estimates say.

    Parameters
    ----------
    found
        (wave, outcome) -> study.
    lang
        "en" or "ru".
    """
    rows = [
        {
            word("sign", lang): word(f"sign_{key}", lang),
            word("sign_replacement", lang): word(f"replacement_{key}", lang),
            word("sign_parallel", lang): word(f"parallel_{key}", lang),
            word("sign_seen", lang): "; ".join(
                f"{find_outcome(outcome).name[lang]}, {wave}: {seen(study, lang)}"
                for (wave, outcome), study in found.items()
            ),
        }
        for key, seen in {"size": _size_seen, "late": _late_seen, "early": _early_seen}.items()
    ]
    return Table(pd.DataFrame(rows), lang=lang)


def _size_seen(study: WaveStudy, lang: Lang) -> str:
    return word(f"seen_{study.card.direction}", lang)


def _late_seen(study: WaveStudy, lang: Lang) -> str:
    """Whether the last year lies distinguishably above the first one after the wave."""
    table = study.dynamic.table
    after = table[table["event_time"] >= 0].sort_values("event_time")
    if len(after) < 2:
        return word("seen_one_year", lang)
    grown = float(after["low"].iloc[-1]) > float(after["high"].iloc[0])
    return word("seen_later" if grown else "seen_not_later", lang)


def _early_seen(study: WaveStudy, lang: Lang) -> str:
    status = study.card.check("pretrend_joint").status
    keys = {"passed": "seen_flat_before", "failed": "seen_not_flat_before"}
    return word(keys.get(status, "seen_unknown_before"), lang)


def effects_frame(found: Mapping[str, EffectResult]) -> pd.DataFrame:
    """Return the headlines of results as `plot_effects` takes them."""
    rows = {
        name: one.table.loc[one.headline, ["estimate", "low", "high"]]
        for name, one in found.items()
    }
    return pd.DataFrame(rows).T.astype(float)


def valley_estimates(found: ValleyEffect, lang: Lang = "en") -> pd.DataFrame:
    """Return every estimate of the effect of valleys and its standing variants, named."""
    named = {}
    for key, other in found.bare.items():
        named[word(f"estimator_{key}", lang)] = getattr(found, key)
        named[word(f"bare_{key}", lang)] = other
    if found.settled is not None:
        named[word("settled_group_time", lang)] = found.settled
    return effects_frame(named)


def host_estimates(found: ValleyEffect, lang: Lang = "en") -> pd.DataFrame:
    """Return the synthetic estimate of each host, named with the year of its decree."""
    table = found.hosts.sort_values("estimate", ascending=False)
    names = unit_names(table.index, lang)
    decrees = table["decree"].astype(int)
    table.index = pd.Index(
        [f"{names[unit]}, {decree_label(unit, decrees[unit])}" for unit in table.index]
    )
    return table[["estimate", "low", "high"]].astype(float)


def can_see(found: ValleyEffect, about: About, lang: Lang = "en") -> str:
    """Say, before any estimate, what so few treated regions could show at all."""
    said = word(
        "can_see",
        lang,
        hosts=len(found.data.cohorts),
        regions=found.data.frame["region"].nunique(),
        size=about.told(found.smallest_seen, lang, sign=False),
        outcome=about.outcome,
    )
    for key in ("left_out", "pending"):
        if units := getattr(found.data, key):
            said += " " + word(key, lang, names=", ".join(unit_names(units, lang)))
    return said.replace("..", ".")  # "обл." has its full stop already


def valley_verdict(found: ValleyEffect, about: About, lang: Lang = "en") -> str:
    """Return the verdict: estimates, randomisation, what could have been seen, failed checks."""
    estimates = valley_estimates(found, lang)["estimate"]
    main = found.card.result
    values = {
        "outcome": capital(about.outcome),
        "main": f"{about.told(main.estimate, lang)} "
        f"({interval_text(*main.interval, main.level, about, lang)})",
        "low": about.told(float(estimates.min()), lang),
        "high": about.told(float(estimates.max()), lang),
        "p": p_text(main.p_value, lang),
        "hosts": len(found.data.cohorts),
        "size": about.told(found.smallest_seen, lang, sign=False),
    }
    said = [word(f"valley_verdict_{found.card.direction}", lang, **values)]
    said.append(word("valley_interval", lang))
    if found.card.direction != "none" and found.card.failed_core:
        said.append(fragile(found.card, lang))
    return " ".join([*said, *beside_text(found.card, about, lang), checks_tally(found.card, lang)])


def about_month(lang: Lang = "en") -> About:
    """Return what is told of the national monthly series."""
    source = word("rosstat_monthly", lang)
    since = short_month(date.fromisoformat(SINCE), lang)
    return About(word("industry_index", lang), percent=True, since=since, source=source)

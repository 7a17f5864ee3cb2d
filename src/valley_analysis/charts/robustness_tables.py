"""Robustness as tables and sentences for a reader, in either language."""

from collections.abc import Sequence

import pandas as pd

from valley_analysis.charts.names import dimension_name, indicator_name, unit_names
from valley_analysis.charts.ranges import by_rank
from valley_analysis.charts.robustness_text import (
    assumption_name,
    replications_note,
    word,
)
from valley_analysis.charts.tables import Table
from valley_analysis.scoring import Audit, SensitivityResult, UncertaintyResult
from valley_analysis.scoring.standard import CUTS, ERROR, FLOOR, WEIGHT_SPREAD
from valley_analysis.text import NONE, Lang, number, span

_LISTED = 6
_STEPS = (
    "indicators/specs/*.yml, scoring.IndexSpec, scoring.Structure",
    "indicators/catalogue.yml, indicators.build_indicators",
    "scoring.impute, panel.suppressed_bounds",
    "scoring.audit, scoring.correlate, scoring.cronbach_alpha, scoring.principal_components",
    "scoring.treat, scoring.normalise, scoring.goalposts",
    "scoring.weights, scoring.aggregate, scoring.shared_weights",
    "scoring.vary, scoring.sensitivity, scoring.standard",
    "scoring.effective_weights, scoring.profile, scoring.explain_change",
    "scoring.rank_agreement",
    "charts, reports",
)


def summary(
    found: UncertaintyResult, drivers: SensitivityResult, lang: Lang = "en", share: float = 0.95
) -> str:
    """Return Markdown that says how firm the ranks are, with every number from its value."""
    table = by_rank(found)
    width = (table["rank_high"] - table["rank_low"]).astype(float)
    widest = width.sort_values(ascending=False).index[:3]
    low, high = (table[c].astype(float) for c in ("rank_low", "rank_high"))
    outside = table.index[(table["rank"] < low) | (table["rank"] > high)]
    total = drivers.rank_shift["total"].sort_values(ascending=False)
    close = sum(map(len, found.not_distinguishable(share).values())) // 2
    first = [f"{assumption_name(str(n), lang)} ({number(100 * v, 0, lang)} %)"
             for n, v in total.head(3).items()]  # fmt: skip
    lines = [
        replications_note(found, lang),
        word("say_width", lang, median=number(width.median(), 0, lang),
             fixed=int((width == 0).sum()), wide=_names(widest, lang)),
        word("say_pairs", lang, close=number(close, 0, lang), share=number(100 * share, 0, lang),
             pairs=number(len(table) * (len(table) - 1) // 2, 0, lang)),
        word("say_drivers", lang, first="; ".join(first)),
        word("say_outside", lang, n=len(outside), names=_names(outside, lang) or NONE[lang]),
    ]  # fmt: skip
    if found.without_effect:
        idle = ", ".join(assumption_name(name, lang) for name in found.without_effect)
        lines.append(word("say_idle", lang, names=idle))
    return "\n".join(f"- {line}" for line in lines)


def leaders_note(
    found: UncertaintyResult, lang: Lang = "en", leaders: int = 5, share: float = 0.95
) -> str:
    """Return a line of Markdown: ranges of the first, and how many pairs cannot be told apart."""
    table = by_rank(found)
    names = unit_names(table.index, lang)
    first = [
        f"{names[str(unit)]} {span(row['rank_low'], row['rank_high'])}"
        for unit, row in table.head(leaders).iterrows()
    ]
    close = sum(map(len, found.not_distinguishable(share).values())) // 2
    numbers = {"close": close, "pairs": len(table) * (len(table) - 1) // 2, "share": 100 * share}
    printed = {key: number(value, 0, lang) for key, value in numbers.items()}
    line = word("say_leaders", lang, first=", ".join(first), **printed)
    return f"- {line} {replications_note(found, lang)}"


def assumptions_table(found: UncertaintyResult, lang: Lang = "en") -> Table:
    """Return what is varied, how and why."""
    cuts = ", ".join(f"{number(100 * low, 1, lang)} %" for low, _ in CUTS)
    values = {
        "cuts": cuts,
        "spread": number(100 * WEIGHT_SPREAD, 0, lang),
        "floor": number(FLOOR, 0, lang),
        "error": number(ERROR, 1, lang),
    }
    rows = [
        {
            "assumption": assumption_name(name, lang),
            "tried": _tried(name, values, lang),
            "why": word.known(f"why_{name}", "–", lang),
        }
        for name in found.plan.names
    ]
    return headed(rows, lang)


def _tried(name: str, values: dict[str, str], lang: Lang) -> str:
    key = f"try_{name}"
    return word(key, lang, **values) if key in word else "–"


def ledger_table(found: UncertaintyResult, lang: Lang = "en") -> Table:
    """Return what each assumption does when varied alone, and whether it took effect."""
    rows = [
        {
            "assumption": assumption_name(str(name), lang),
            "took_effect": word("yes" if row["took_effect"] else "no", lang),
            "mean_shift_places": number(row["mean_rank_shift"], 2, lang),
            "max_shift_places": number(row["max_rank_shift"], 0, lang),
            "max_points": number(row["max_score_change"], 1, lang),
        }
        for name, row in found.ledger.iterrows()
    ]
    return headed(rows, lang)


def ranges_table(found: UncertaintyResult, lang: Lang = "en", top: int | None = None) -> Table:
    """Return rank, median rank and range of every unit, and how often it is near the top."""
    table = by_rank(found)
    shown = table.head(top) if top else table
    names = unit_names(shown.index, lang)
    rows = [
        {
            "rank": f"{row['rank']:.0f}",
            "region": names[str(unit)],
            "score": number(row["score"], 1, lang),
            "rank_median": f"{row['rank_median']:.0f}",
            "rank_range": span(row["rank_low"], row["rank_high"]),
            "score_range": span(row["score_low"], row["score_high"], 1, lang),
            "in_top": number(100 * row["top"], 0, lang),
        }
        for unit, row in shown.iterrows()
    ]
    return headed(rows, lang, top=found.top)


def close_table(
    found: UncertaintyResult, units: Sequence[str], lang: Lang = "en", share: float = 0.95
) -> Table:
    """Return for chosen units those that they cannot be told from."""
    close, rows = found.not_distinguishable(share), []
    for unit in units:
        row = found.ranges.loc[unit]
        rows.append(
            {
                "region": unit_names([unit], lang)[unit],
                "rank": f"{row['rank']:.0f}",
                "rank_range": span(row["rank_low"], row["rank_high"]),
                "close_count": str(len(close[unit])),
                "close_to": _names(close[unit], lang) or NONE[lang],
            }
        )
    return headed(rows, lang)


def sensitivity_table(found: SensitivityResult, lang: Lang = "en") -> Table:
    """Return first and total order shares of the mean rank shift with their intervals."""
    ordered = found.rank_shift.sort_values("total", ascending=False)
    rows = [
        {
            "assumption": assumption_name(str(name), lang),
            **{kind: _interval(row, kind, lang) for kind in ("first", "total")},
        }
        for name, row in ordered.iterrows()
    ]
    return headed(rows, lang)


def _interval(row: "pd.Series[float]", kind: str, lang: Lang) -> str:
    low, high = (100 * row[f"{kind}_{end}"] for end in ("low", "high"))
    return f"{number(100 * row[kind], 0, lang)} ({span(low, high, 0, lang)})"


def checks_table(found: Audit, lang: Lang = "en") -> Table:
    """Return the checks of an audit: state, how many were found, of how many, and where."""
    rows = [
        {
            "check": word(f"check_{row.check}", lang),
            "state": word(f"state_{row.state}", lang),
            "found": str(row.found),
            "of": str(row.of),
            "limit": "–" if pd.isna(row.limit) else number(float(str(row.limit)), 2, lang),
            "where": _where(str(row.where), lang),
        }
        for row in found.checks.itertuples()
    ]
    return headed(rows, lang)


def judgement(found: Audit, lang: Lang = "en") -> str:
    """Return Markdown that counts the checks and says what the failed ones mean."""
    counts = found.checks["state"].value_counts()
    numbers = {state: int(counts.get(state, 0)) for state in ("passed", "failed", "informational")}
    failed = found.checks.loc[found.checks["state"] == "failed"]
    lines = [f"**{word('say_audit', lang, **numbers)}**", ""]
    for row in failed.itertuples():
        name, means = word(f"check_{row.check}", lang), word(f"means_{row.check}", lang)
        lines.append(f"- {name} ({row.found} / {row.of}): {means}")
    return "\n".join(lines)


def _where(names: str, lang: Lang) -> str:
    """Names of indicators, pairs, dimensions or units, the first few of them."""
    if not names:
        return "–"
    parts = names.split(", ")
    shown = [" / ".join(_named(name, lang) for name in part.split(" & ")) for part in parts]
    more = len(shown) - _LISTED
    return "; ".join(shown[:_LISTED]) + (word("and_more", lang, n=more) if more > 0 else "")


def _named(name: str, lang: Lang) -> str:
    known = indicator_name(name, lang)
    if known != name:
        return known
    known = dimension_name(name, lang)
    return unit_names([name], lang)[name] if known == name and "-" in name else known


def coherence_table(found: Audit, lang: Lang = "en") -> Table:
    """Return Cronbach's alpha and the first principal component of each dimension."""
    rows = []
    for group, row in found.alpha.iterrows():
        parts = found.component_table.loc[group]
        name = word("all_dimensions", lang) if group == "dimensions" else None
        rows.append(
            {
                "group": name or dimension_name(str(group), lang),
                "indicators": str(int(row["indicators"])),
                "alpha": number(row["alpha"], 2, lang),
                "mean_correlation": number(row["mean_correlation"], 2, lang),
                "first_share": number(100 * parts["share"], 0, lang),
                "kaiser": str(int(parts["kaiser"])),
            }
        )
    return headed(rows, lang)


def availability_table(found: Audit, lang: Lang = "en", most: int = 10) -> Table:
    """Return the indicators with the fewest values."""
    table = found.availability.indicators.sort_values(["units", "lag"], kind="stable").head(most)
    rows = [
        {
            "indicator": indicator_name(str(name), lang),
            "units": str(row["units"]),
            "midpoints": str(row["midpoints"]),
            "share": number(100 * row["share"], 0, lang),
            "period": str(row["period"]),
        }
        for name, row in table.iterrows()
    ]
    return headed(rows, lang)


def redundancy_table(found: Audit, lang: Lang = "en") -> Table:
    """Return pairs of indicators that correlate so highly that one could go."""
    rows = [
        {
            "one": indicator_name(str(row.one), lang),
            "other": indicator_name(str(row.other), lang),
            "correlation": number(float(str(row.correlation)), 2, lang),
        }
        for row in found.correlations.redundant.itertuples()
    ]
    return headed(rows, lang)


def alternatives_table(ranks: pd.DataFrame, labels: Sequence[str], lang: Lang = "en") -> Table:
    """Return how far each alternative moves ranks against the nominal one."""
    rows = []
    base = ranks.iloc[:, 0].astype(float)
    for label, name in zip(labels, ranks, strict=True):
        other = ranks[name].astype(float)
        moved = (other - base).dropna()
        if name == ranks.columns[0]:
            continue
        farthest = str(moved.abs().idxmax())
        shift = f"{base[farthest]:.0f} → {other[farthest]:.0f}"
        rows.append(
            {
                "alternative": label,
                "spearman": number(other.corr(base, method="spearman"), 3, lang),
                "mean_shift_places": number(moved.abs().mean(), 1, lang),
                "farthest": f"{unit_names([farthest], lang)[farthest]}: {shift}",
            }
        )
    return headed(rows, lang)


def steps_table(lang: Lang = "en") -> Table:
    """Return the ten steps of the OECD/JRC handbook, what each is here, and where in the code."""
    rows = [
        {
            "step": word(f"step_{place}", lang),
            "here": word(f"here_{place}", lang),
            "code": code,
        }
        for place, code in enumerate(_STEPS, start=1)
    ]
    return headed(rows, lang)


def _names(units: Sequence[str] | pd.Index, lang: Lang) -> str:
    return ", ".join(unit_names(map(str, units), lang))


def headed(rows: list[dict[str, str]], lang: Lang, **values: object) -> Table:
    """Return rows keyed by column as a table with headings in one language."""
    frame = pd.DataFrame(rows).rename(columns=lambda key: word(f"col_{key}", lang, **values))
    return Table(frame, lang=lang)

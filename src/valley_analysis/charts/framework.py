"""The framework of the index: what other ratings share with it, and conditions beside activity."""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from valley_analysis.charts.labels import place_labels
from valley_analysis.charts.names import dimension_name, unit_names
from valley_analysis.charts.phrases import phrase
from valley_analysis.charts.robustness_tables import headed
from valley_analysis.charts.robustness_text import alternative_name, word
from valley_analysis.charts.style import (
    ACCENT,
    CATEGORICAL,
    FAINT,
    MUTED,
    PAPER,
    dress,
    house,
    new_figure,
    panels,
    source_text,
    text_width,
    wrap,
)
from valley_analysis.charts.tables import Table
from valley_analysis.errors import ValleyError
from valley_analysis.frames import Scope
from valley_analysis.scoring import IndexResult, UncertaintyResult
from valley_analysis.scoring.framework import subindex_scores
from valley_analysis.scoring.ranks import rank
from valley_analysis.text import Lang, capital, number, span

_ROW = 0.27  # inches
_LABELLED = 14


def part_name(kind: str, part: str, lang: Lang = "en") -> str:
    """Return what a part of the index is called, or the index without it.

    Examples
    --------
    >>> part_name("without", "research"), part_name("subindex", "conditions")
    ('Without Research', 'Sub-index: conditions')
    """
    if kind == "subindex":
        return word("part_subindex", lang, name=word.known(f"subindex_{part}", part, lang))
    return word(f"part_{kind}", lang, name=dimension_name(part, lang))


def scenarios_table(found: pd.DataFrame, lang: Lang = "en") -> Table:
    """Return how far each framework moves ranks, see `scoring.framework_scenarios`."""
    rows = []
    for key, row in found.iterrows():
        kind, name = map(str, key if isinstance(key, tuple) else (key, ""))
        told = alternative_name(name, lang) if kind == "other" else part_name(kind, name, lang)
        unit = unit_names([row["unit"]], lang)[row["unit"]]
        move = f"{row['rank']:.0f} → {row['rank'] + row['shift']:.0f}"
        rows.append(
            {
                "framework": told,
                "spearman": number(row["spearman"], 3, lang),
                "mean_shift_places": number(row["mean_shift"], 1, lang),
                "farthest": f"{unit}: {move}",
                "outside": f"{row['outside']} / {row['n']}",
            }
        )
    return headed(rows, lang)


def plot_framework(
    found: pd.DataFrame, lang: Lang = "en", *, scope: Scope, title: str | None = None
) -> Figure:
    """Draw how the index, its parts, and the index without a part agree with published lists.

    Parameters
    ----------
    found
        What `scoring.framework_agreements` returns.
    lang
        "en" or "ru".
    scope
        The units that could have been in common.
    title
        Above the chart; a standard one unless given.

    Raises
    ------
    ValleyError
        If no list has enough regions in common.
    """
    if found.empty:
        raise ValleyError("no rating has enough regions in common. Next step: lower `minimum`.")
    lists = list(found.groupby(["rating", "year", "edition"], sort=False))
    lists.sort(key=lambda one: -int(one[1]["n"].iloc[0]))
    order = found[["kind", "part"]].drop_duplicates()
    names = [part_name(str(row.kind), str(row.part), lang) for row in order.itertuples()]
    with house():
        fig = new_figure(1.9 + _ROW * len(order))
        foot = source_text(
            lang,
            scope=scope,
            source=f"{phrase('rosstat', lang)}; {phrase('news_pages', lang)}",
            notes=[word("framework_note", lang), phrase("truncation", lang)],
        )
        room = dress(
            fig, title or word("title_framework", lang), word("reading_framework", lang), foot
        )
        first = max(text_width(fig, name, 8.5) for name in names) + 0.12
        grid = panels(fig, room, len(lists), len(lists), (0.0, 0.28, 0.3, 0.45), first=first)
        for place, (ax, (key, table)) in enumerate(zip(grid, lists, strict=True)):
            table = table.set_index(["kind", "part"]).loc[list(order.itertuples(index=False))]
            _intervals(ax, table, lang)
            ax.set_yticks(range(len(order)), names if place == 0 else [])
            rating, year, edition = key
            head = phrase(
                "agreement_head", lang, rating=phrase(rating, lang), year=year, edition=edition
            )
            n = int(table["n"].max())
            ax.set_title(f"{wrap(fig, head, 8.5, 3.0)}; n = {n}", fontsize=8.5)
    return fig


def _intervals(ax: Axes, table: pd.DataFrame, lang: Lang) -> None:
    colours = {"index": ACCENT, "subindex": CATEGORICAL[2], "alone": CATEGORICAL[0]}
    whole = float(table.loc[("index", ""), "spearman"])
    ax.axvline(whole, color=ACCENT, linewidth=0.8, zorder=0)
    kinds = table.index.get_level_values("kind")
    for y, (kind, (_, row)) in enumerate(zip(kinds, table.iterrows(), strict=True)):
        colour = colours.get(kind, MUTED)
        ax.plot([row["low"], row["high"]], [y, y], color=colour, linewidth=1.2, zorder=2)
        face = PAPER if kind == "without" else colour
        ax.plot(row["spearman"], y, "o", markersize=6, markerfacecolor=face,
                markeredgecolor=colour, zorder=3)  # fmt: skip
    for y in range(1, len(kinds)):
        if kinds[y] != kinds[y - 1]:
            ax.axhline(y - 0.5, color=FAINT, linewidth=0.8)
    ax.set(ylim=(len(table) - 0.4, -0.6), xlim=(min(0.0, float(table["low"].min()) - 0.03), 1.0))
    ticks = [0.0, 0.25, 0.5, 0.75, 1.0]
    ax.set_xticks(ticks, [number(tick, 2, lang) for tick in ticks])
    ax.xaxis.grid(True)


def framework_answer(
    found: pd.DataFrame, scenarios: pd.DataFrame, result: IndexResult, lang: Lang = "en"
) -> str:
    """Return Markdown that says what other ratings share, and what a part's absence moves.

    Parameters
    ----------
    found
        What `scoring.framework_agreements` returns.
    scenarios
        What `scoring.framework_scenarios` returns.
    result
        The edition.
    lang
        "en" or "ru".
    """
    lines = []
    if len(found):
        n = found["n"].max()
        largest = found[found.groupby(["rating", "year"])["n"].transform("max") == n]
        told = largest.set_index(["kind", "part"])["spearman"]
        alone = told["alone"].sort_values() if "alone" in told else told.iloc[:0]
        lines.append(
            word(
                "say_agree",
                lang,
                rating=phrase(largest["rating"].iloc[0], lang),
                year=int(largest["year"].iloc[0]),
                n=int(n),
                whole=number(told["index", ""], 2, lang),
                least="; ".join(
                    f"{dimension_name(str(name), lang)} {number(value, 2, lang)}"
                    for name, value in alone.head(2).items()
                ),
                most="; ".join(
                    f"{dimension_name(str(name), lang)} {number(value, 2, lang)}"
                    for name, value in alone.iloc[::-1].head(2).items()
                ),
            )
        )
        if "without" in told:
            low, high = told["without"].min(), told["without"].max()
            values = {"range": span(low, high, 2, lang)}
            lines.append(word("say_without", lang, **values))
    if len(result.spec.parts) == 2:
        between = subindex_scores(result).corr(method="spearman").iloc[0, 1]
        lines.append(word("say_apart", lang, r=number(float(between), 2, lang)))
    dropped = scenarios.loc[["without"]] if "without" in scenarios.index else scenarios.iloc[:0]
    if len(dropped):
        lines.append(
            word(
                "say_dropped",
                lang,
                mean=span(dropped["mean_shift"].min(), dropped["mean_shift"].max(), 0, lang),
                most=number(dropped["max_shift"].max(), 0, lang),
                outside=span(dropped["outside"].min(), dropped["outside"].max(), 0, lang),
                units=int(dropped["n"].max()),
            )
        )
    return "\n".join(f"- {line}" for line in lines)


def without_subindices(lang: Lang = "en") -> str:
    """Return the sentence that stands where a specification names no two sub-indices."""
    return word("without_subindices", lang)


def subindices_table(
    whole: UncertaintyResult,
    parts: Mapping[str, UncertaintyResult],
    units: Sequence[str],
    lang: Lang = "en",
) -> Table:
    """Return rank and range of units in the index and in each sub-index.

    Parameters
    ----------
    whole, parts
        Ranges of the index, and those of its sub-indices by name.
    units
        Codes, in the order shown.
    lang
        "en" or "ru".
    """
    names = unit_names(units, lang)
    rows = []
    for unit in units:
        row = {"region": names[unit], "index": _place(whole, unit, lang)}
        rows.append(row | {name: _place(found, unit, lang) for name, found in parts.items()})
    frame = pd.DataFrame(rows)
    heads = {"region": word("col_region", lang), "index": word("col_index", lang)}
    heads |= {name: capital(word.known(f"subindex_{name}", name, lang)) for name in parts}
    return Table(frame.rename(columns=heads), lang=lang)


def _place(found: UncertaintyResult, unit: str, lang: Lang) -> str:
    row = found.ranges.loc[unit]
    if pd.isna(row["rank"]):
        return word("no_rank", lang)
    return f"{int(row['rank'])} ({span(row['rank_low'], row['rank_high'], 0, lang)})"


def plot_subindices(
    result: IndexResult, units: Sequence[str] = (), lang: Lang = "en", *, title: str | None = None
) -> Figure:
    """Draw every unit's rank in the second sub-index against that in the first.

    Ranks, since the two have levels of their own: points of one do not compare with the other's.

    Parameters
    ----------
    result
        One edition of an index with two sub-indices.
    units
        Codes whose names are printed first; the farthest from the line follow.
    lang
        "en" or "ru".
    title
        Above the chart; a standard one unless given.

    Raises
    ------
    ValleyError
        If the specification has no two sub-indices.
    """
    parts = result.spec.parts
    if len(parts) != 2:
        raise ValleyError(
            f"specification {result.spec.name!r} has {len(parts)} sub-indices; expected two. "
            "Next step: name them under `subindices`."
        )
    scores = subindex_scores(result)
    shown = scores.dropna().apply(rank).astype(float)
    one, other = parts
    with house():
        fig = new_figure(7.2)
        absent = ", ".join(unit_names(scores.index.difference(shown.index), lang))
        notes = [word("subindex_absent", lang, names=absent)] if absent else []
        foot = source_text(
            lang,
            scope=result.scope,
            n=len(shown),
            edition=result.period,
            provisional=result.provisional,
            notes=notes,
        )
        room = dress(
            fig,
            title or word("title_subindices", lang, period=result.period),
            word("reading_subindices", lang),
            foot,
        )
        (ax,) = panels(fig, room, 1, 1, (0.55, 0.5, 0.15, 0.3))
        _cloud(ax, shown, [*units], lang)
        ax.set_xlabel(word("axis_subindex", lang, name=word(f"subindex_{one}", lang)))
        ax.set_ylabel(word("axis_subindex", lang, name=word(f"subindex_{other}", lang)))
    return fig


def _cloud(ax: Axes, ranks: pd.DataFrame, units: list[str], lang: Lang) -> None:
    x, y = (ranks.iloc[:, place] for place in (0, 1))
    last = float(len(ranks))
    ends = [last + 2, -1.0]
    ax.set(xlim=ends, ylim=ends)
    ax.plot([last, 1], [last, 1], color=FAINT, linewidth=1, zorder=1)
    ax.scatter(x, y, s=20, color=CATEGORICAL[0], linewidth=0, zorder=2)
    ticks = [1, *range(10, int(last) + 1, 10)]
    ax.set_xticks(ticks)
    ax.set_yticks(ticks)
    far = (y - x).abs().sort_values(ascending=False, kind="stable").index
    wanted = list(dict.fromkeys([*(u for u in units if u in ranks.index), *far]))[:_LABELLED]
    points = {str(unit): (float(x[unit]), float(y[unit])) for unit in ranks.index}
    placed = place_labels(ax, points, unit_names(wanted, lang).to_dict())
    marked = ranks.loc[list(placed)]
    ax.scatter(marked.iloc[:, 0], marked.iloc[:, 1], s=24, color=ACCENT, linewidth=0, zorder=3)
    for corner, key in (((0.02, 0.98), "more_done"), ((0.98, 0.03), "less_done")):
        ax.text(
            *corner,
            word(key, lang),
            transform=ax.transAxes,
            fontsize=8.5,
            color=MUTED,
            ha="left" if corner[0] < 0.5 else "right",
            va="top" if corner[1] > 0.5 else "bottom",
        )

"""Are neighbours alike? Own value against the neighbours' average, clusters marked."""

import pandas as pd
from matplotlib.figure import Figure

from valley_analysis.charts.impact_look import legend_row, low_label, point
from valley_analysis.charts.impact_text import compact, p_text, print_numbers, word
from valley_analysis.charts.labels import place_labels
from valley_analysis.charts.names import unit_names
from valley_analysis.charts.style import (
    CATEGORICAL,
    INK,
    MUTED,
    dress,
    house,
    new_figure,
    panels,
    source_text,
)
from valley_analysis.frames import Scope
from valley_analysis.spatial import LocalMoran, MoranResult
from valley_analysis.text import Lang, number

_COLOURS = {
    "high-high": CATEGORICAL[5],
    "low-low": CATEGORICAL[0],
    "high-low": CATEGORICAL[1],
    "low-high": CATEGORICAL[4],
    "not significant": CATEGORICAL[6],
}
_LABELLED = 10


def plot_moran(
    found: MoranResult,
    local: LocalMoran,
    scope: Scope,
    lang: Lang = "en",
    *,
    what: str,
    alpha: float = 0.05,
) -> Figure:
    """Draw own values against the average of neighbours, units in clusters in colour.

    Parameters
    ----------
    found, local
        Global and local Moran of one variable.
    scope
        The units.
    lang
        "en" or "ru".
    what
        The variable.
    alpha
        Level at which a unit counts as a cluster, after adjustment.
    """
    table = local.table.dropna(subset=["value", "lag"])
    kinds = local.clusters(alpha).reindex(table.index)
    reading = word(
        "reading_moran",
        lang,
        statistic=compact(found.statistic, lang),
        expected=compact(found.expected, lang),
        p=p_text(found.p_permutation, lang),
        permutations=number(found.permutations, 0, lang),
    )
    with house():
        fig = new_figure(6.0)
        note = word(
            "reading_clusters",
            lang,
            adjust=word(f"adjust_{local.adjust}", lang),
            alpha=number(100 * alpha, 0, lang),
            permutations=number(local.permutations, 0, lang),
            seed=local.seed,
        )
        foot = source_text(lang, scope=scope, n=len(table), notes=[note])
        room = dress(fig, word("title_moran", lang, what=what), reading, foot)
        handles = [
            point(f"{word(f'quadrant_{kind}', lang)} ({(kinds == kind).sum()})", colour)
            for kind, colour in _COLOURS.items()
        ]
        room = legend_row(fig, room, handles)
        (ax,) = panels(fig, room, 1, 1, (0.75, 0.5, 0.3, 0.2))
        for kind, colour in _COLOURS.items():
            own = table[kinds == kind]
            ax.scatter(own["value"], own["lag"], s=22, color=colour, linewidth=0, zorder=3)
        ax.axhline(0, color=MUTED, linewidth=0.8)
        ax.axvline(0, color=MUTED, linewidth=0.8)
        west, east = ax.get_xlim()
        line = [found.statistic * west, found.statistic * east]
        ax.plot([west, east], line, color=INK, linewidth=1.2)
        ax.set_xlim(west, east)
        _names(ax, table, lang)
        print_numbers(ax.xaxis, lang)
        print_numbers(ax.yaxis, lang)
        low_label(ax, word("axis_own", lang))
        ax.set_ylabel(word("axis_lag", lang))
    return fig


def _names(ax: object, table: pd.DataFrame, lang: Lang) -> None:
    far = (table["value"] ** 2 + table["lag"] ** 2).sort_values(ascending=False)
    points = {str(u): (float(r.value), float(r.lag)) for u, r in table.iterrows()}
    names = unit_names(map(str, far.index[:_LABELLED]), lang)
    place_labels(ax, points, names.to_dict())  # type: ignore[arg-type]

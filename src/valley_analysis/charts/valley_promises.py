"""Promised against achieved: one row a plan or promise, what was reported of it, the verdict."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from valley_analysis.charts.style import (
    ACCENT,
    CATEGORICAL,
    FAINT,
    GRID,
    INK,
    MUTED,
    PAPER,
    dress,
    house,
    new_figure,
    text_width,
    wrap,
)
from valley_analysis.charts.valley_text import (
    DOUBTFUL,
    achieved_figure,
    date_text,
    foot,
    metric_name,
    told_figure,
    valley_names,
    word,
)
from valley_analysis.text import Lang, number
from valley_analysis.valleys import Register

VERDICTS = {
    "kept": CATEGORICAL[2],
    "reached_early": CATEGORICAL[2],
    "missed": CATEGORICAL[5],
    "untold": CATEGORICAL[0],
    "open": CATEGORICAL[0],
    "no_date": CATEGORICAL[0],
    "unknown": MUTED,
}
"""Colour of each verdict."""

_ROW, _TOP = 0.25, 0.3  # inches
_WIDTHS = {"name": 1.25, "what": 2.65, "promised": 1.15, "due": 1.0, "bar": 1.75, "achieved": 0.7}
_FULL = 1.5  # share at which the axis ends


def latest_promises(promises: pd.DataFrame) -> pd.DataFrame:
    """Return of each valley, quantity, part and due date the plan or promise made last.

    Parameters
    ----------
    promises
        What `promised_against_achieved` returns.

    Returns
    -------
    Its rows in their order, and `repeats`: how many earlier ones each stands for.
    """
    keys = ["valley", "metric", "part", "due"]
    ordered = promises.sort_values("last", kind="stable")
    counts = ordered.groupby(keys)["value"].transform("size")
    ordered = ordered.assign(repeats=counts - 1)
    return ordered.drop_duplicates(keys, keep="last").sort_index()


def plot_valley_promises(
    register: Register,
    promises: pd.DataFrame,
    as_of: date,
    lang: Lang = "en",
    *,
    title: str | None = None,
) -> Figure:
    """Draw what was promised or planned as a mark at one, and what was reported beside it.

    Parameters
    ----------
    register
        What `load_register` returns.
    promises
        What `promised_against_achieved` returns.
    as_of
        The date of the verdicts.
    lang
        "en" or "ru".
    title
        Above the chart; a standard one unless given.
    """
    every = latest_promises(promises)
    counts = every["verdict"].value_counts()
    table = every[every["due"].ne("") | every["share"].notna()]
    silent = every.drop(table.index)["valley"].value_counts(sort=False)
    names = valley_names(register, lang)
    with house():
        fig = new_figure(2.45)
        texts = [_what(fig, row, lang) for row in table.to_dict("records")]
        places = _places(table, [text.count("\n") + 1 for text, _ in texts])
        fig.set_figheight(2.45 + _ROW * (places[-1] + 1.5 if places else 0))
        about = ", ".join(
            f"{word(f'verdict_{v}', lang)}: {counts[v]}" for v in VERDICTS if v in counts
        )
        room = dress(
            fig,
            title or word("title_promises", lang),
            word(
                "reading_promises",
                lang,
                n=len(every),
                repeated=len(promises) - len(every),
                counts=about,
            ),
            foot(as_of, lang, n=every["valley"].nunique(), notes=[word("promises_note", lang)]),
        )
        ax, columns = _axes(fig, room, places, lang)
        previous = ""
        rows = zip(table.to_dict("records"), places, texts, strict=True)
        for row, y, what in rows:
            _bar(ax, row, y, lang)
            name = names[row["valley"]] if row["valley"] != previous else ""
            _texts(ax, columns, row, y, name, what, lang)
            previous = row["valley"]
        _silent(fig, room, {names[valley]: int(n) for valley, n in silent.items()}, lang)
        _legend(fig, room, lang)
    return fig


def _silent(
    fig: Figure, room: tuple[float, float, float, float], counts: Mapping[str, int], lang: Lang
) -> None:
    """Name the plans that have neither a date nor a report, by valley."""
    if counts:
        names = ", ".join(f"{name} {n}" for name, n in counts.items())
        text = word("promises_silent", lang, n=sum(counts.values()), names=names)
        fig.text(room[0], room[1] + 0.04 / fig.get_figheight(), wrap(fig, text, 8), fontsize=8,
                 color=ACCENT, va="bottom", linespacing=1.2, gid="silent")  # fmt: skip


def _places(table: pd.DataFrame, lines: list[int]) -> list[float]:
    """Middles of rows, as tall as their texts, with a gap between valleys."""
    new = table["valley"].ne(table["valley"].shift()).to_numpy()
    tall = [max(1.0, 0.45 * count) for count in lines]
    found, edge = [], 0.0
    for k, height in enumerate(tall):
        edge += 0.45 if new[k] and k else 0.0
        found.append(edge + height / 2 - 0.5)
        edge += height
    return found


def _axes(
    fig: Figure, room: tuple[float, float, float, float], places: list[float], lang: Lang
) -> tuple[Axes, Mapping[str, float]]:
    wide, tall = fig.get_size_inches()
    left = sum(_WIDTHS[name] for name in ("name", "what", "promised", "due"))
    below = 0.78 / tall
    ax = fig.add_axes((room[0] + left / wide, room[1] + below, _WIDTHS["bar"] / wide,
                       room[3] - below - _TOP / tall))  # fmt: skip
    ax.set_xlim(0, _FULL)
    ax.set_ylim((places[-1] if places else 0) + 0.6, -0.6)
    ax.set_xticks([0, 0.5, 1], [f"{number(100 * k, 0, lang)} %" for k in (0, 0.5, 1)])
    ax.tick_params(
        axis="x", top=True, labeltop=True, bottom=False, labelbottom=False, labelsize=7.5
    )
    ax.tick_params(axis="y", left=False, labelleft=False)
    ax.axvline(1, color=INK, linewidth=0.8, zorder=1)
    ax.grid(axis="x", color=GRID)
    ax.spines[:].set_visible(False)
    inch = _FULL / _WIDTHS["bar"]
    columns = {
        "name": -left * inch,
        "what": -(left - _WIDTHS["name"]) * inch,
        "promised": -(_WIDTHS["due"] + 0.08) * inch,
        "due": -_WIDTHS["due"] * inch,
        "achieved": _FULL + (_WIDTHS["achieved"] - 0.1) * inch,
        "verdict": _FULL + (_WIDTHS["achieved"] + 0.05) * inch,
    }
    sides = {"promised": "right", "due": "left", "achieved": "right", "verdict": "left"}
    for name, side in sides.items():
        ax.text(columns[name], -1.0, word(f"col_{name}", lang), fontsize=7.5, color=MUTED, ha=side,
                va="bottom")  # fmt: skip
    return ax, columns


def _bar(ax: Axes, row: Mapping[str, Any], y: float, lang: Lang) -> None:
    colour = VERDICTS[row["verdict"]]
    if pd.isna(row["share"]):
        ax.plot([0, 1], [y, y], color=FAINT, linewidth=1, linestyle=(0, (2, 2)), zorder=1.5)
        ax.plot(0, y, marker="o", markersize=6, markerfacecolor=PAPER, markeredgecolor=MUTED,
                color="none", clip_on=False, zorder=3, gid="unknown")  # fmt: skip
    else:
        share = row["share"]
        low, high = (row[f"achieved_{end}"] / row["value"] for end in ("low", "high"))
        ends = [min(x, _FULL) for x in (share, 1.0)]
        ax.plot(ends, [y, y], color=colour, linewidth=2.2, alpha=0.45, zorder=1.5)
        ax.plot([min(low, _FULL), min(high, _FULL)], [y, y], color=colour, linewidth=4, zorder=2)
        hollow = row["verdict"] in ("untold", "open", "no_date")
        shape = ">" if share > _FULL else "o"
        ax.plot(min(share, _FULL), y, marker=shape, markersize=6.5, color="none", clip_on=False,
                markerfacecolor=PAPER if hollow else colour, markeredgecolor=colour,
                markeredgewidth=1.3, zorder=3, gid="achieved")  # fmt: skip
    ax.plot(1, y, marker="|", markersize=9, markeredgewidth=2, color=INK, zorder=2.5)


def _what(fig: Figure, row: Mapping[str, Any], lang: Lang) -> tuple[str, float]:
    """What was promised, whole, on as many lines as it takes, and the size of its letters."""
    what, scope = metric_name(row["metric"], lang), row[f"scope_{lang}"]
    text = f"{what} ({scope})" if row["part"] and scope else what
    size = 7.5 if text_width(fig, text, 7.5) <= _WIDTHS["what"] else 6.5
    return wrap(fig, text, size, _WIDTHS["what"]), size


def _texts(
    ax: Axes,
    columns: Mapping[str, float],
    row: Mapping[str, Any],
    y: float,
    name: str,
    what: tuple[str, float],
    lang: Lang,
) -> None:
    look: dict[str, Any] = {"fontsize": 7.5, "va": "center"}
    if name:
        ax.text(columns["name"], y, name, fontweight="bold", **look)
    text, size = what
    ax.text(columns["what"], y, text, linespacing=1.05, va="center", fontsize=size)
    promised = told_figure(row, lang)
    promised += "°" if row["confidence"] in DOUBTFUL else ""
    ax.text(columns["promised"], y, promised, ha="right", **look)
    ax.text(columns["due"], y, date_text(row["due"], lang), color=MUTED, **look)
    achieved = achieved_figure(row, lang)
    ax.text(columns["achieved"], y, achieved if achieved != "–" else "?", ha="right", **look)
    ax.text(columns["verdict"], y, word(f"verdict_{row['verdict']}", lang),
            color=VERDICTS[row["verdict"]], **look)  # fmt: skip


def _legend(fig: Figure, room: tuple[float, float, float, float], lang: Lang) -> None:
    def mark(face: str, edge: str, label: str) -> Line2D:
        return Line2D([], [], color="none", marker="o", markersize=6.5, markerfacecolor=face,
                      markeredgecolor=edge, markeredgewidth=1.3, label=label)  # fmt: skip

    handles = [
        Line2D([], [], color="none", marker="|", markersize=9, markeredgewidth=2,
               markeredgecolor=INK, label=word("promised_mark", lang)),
        mark(INK, INK, word("achieved_due", lang)),
        mark(PAPER, VERDICTS["open"], word("achieved_open", lang)),
        mark(PAPER, MUTED, word("achieved_unknown", lang)),
    ]  # fmt: skip
    fig.legend(handles=handles, ncols=4, loc="lower left", fontsize=8, borderaxespad=0.0,
               columnspacing=1.4, handletextpad=0.5,
               bbox_to_anchor=(room[0], room[1] + 0.4 / fig.get_figheight()))  # fmt: skip

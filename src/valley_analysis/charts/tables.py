"""Results as tables and sentences for a reader, in either language."""

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from valley_analysis.charts.audit_text import method_name
from valley_analysis.charts.editions import method_breaks
from valley_analysis.charts.names import dimension_name, indicator_name, unit_names
from valley_analysis.charts.phrases import phrase
from valley_analysis.charts.ranking import incomplete_units
from valley_analysis.escape import link, text_html
from valley_analysis.indicators import Indicator, find_indicator
from valley_analysis.scoring import Agreement, IndexResult
from valley_analysis.scoring.describe import value_counts
from valley_analysis.text import NONE, Lang, number

_NO_BREAK = "\u00a0"
_THOUSANDS = re.compile(r"(?<=\d) (?=\d{3}\b)")
_FIGURE = re.compile(r"[−-]?\d[\d\s.,]*|–|")


@dataclass(frozen=True)
class Table:
    """A finished table: texts only, headings in the reader's language.

    Attributes
    ----------
    frame
        The texts; without a row, the table says that there are none.
    caption
        What stands above it.
    links
        Column -> an address for each row, on which the cell's text leads; empty for none.
    lang
        The reader's language.
    """

    frame: pd.DataFrame
    caption: str = ""
    links: Mapping[str, Sequence[str]] = field(default_factory=dict)
    lang: Lang = "en"

    def __str__(self) -> str:
        """Print as plain text, for outputs that are compared."""
        above = f"{self.caption}\n" if self.caption else ""
        return above + (self.frame.to_string(index=False) if len(self.frame) else NONE[self.lang])

    def _repr_html_(self) -> str:
        above = f"<p><b>{text_html(self.caption)}</b></p>" if self.caption else ""
        if self.frame.empty:
            return f"{above}<p>{NONE[self.lang]}</p>"
        figures = {name for name in self.frame if self.frame[name].map(_is_figure).all()}
        head = [_cell("th", name, name in figures) for name in map(str, self.frame)]
        rows = [head] + [
            [
                _cell("td", text, name in figures, self._address(name, place))
                for name, text in row.items()
            ]
            for place, row in enumerate(self.frame.to_dict("records"))
        ]
        body = "".join(f"<tr>{''.join(cells)}</tr>" for cells in rows)
        return f'{above}<table class="valley" style="font-size: 12px">{body}</table>'

    def _address(self, column: Hashable, row: int) -> str:
        return self.links[str(column)][row] if column in self.links else ""

    def head(self, rows: int) -> "Table":
        """Return the first rows."""
        return Table(self.frame.head(rows), self.caption, self.links, self.lang)


def _is_figure(text: str) -> bool:
    return bool(_FIGURE.fullmatch(text))


def _cell(tag: str, text: str, figure: bool, address: str = "") -> str:
    """A cell: figures to the right, texts to the left, short ones on one line."""
    wrap = "nowrap" if len(text) < 24 and tag == "td" else "normal"
    side = "right" if figure else "left"
    style = f"text-align: {side}; vertical-align: top; white-space: {wrap}; padding: 2px 6px"
    shown = _THOUSANDS.sub(_NO_BREAK, text)
    printed = link(address, shown) if address else text_html(shown)
    return f'<{tag} style="{style}">{printed}</{tag}>'


def headline(result: IndexResult, lang: Lang = "en", leaders: int = 5) -> str:
    """Return Markdown that says what an edition says, on what, and what is not plain in it.

    Parameters
    ----------
    result
        One edition of an index.
    lang
        "en" or "ru".
    leaders
        How many of the first to name.
    """
    ranked = result.scores.dropna(subset=["score"]).sort_values("rank")
    names = unit_names(ranked.index, lang)
    first = [
        f"{names[unit]} ({number(score, 1, lang)})"
        for unit, score in ranked["score"].head(leaders).items()
    ]
    opening = phrase(
        "headline_first",
        lang,
        period=result.period,
        n=len(ranked),
        indicators=len(result.lags),
        dimensions=result.weights["dimension"].nunique(),
        leaders=", ".join(first),
        median=number(ranked["score"].median(), 1, lang),
        ratio=number(ranked["score"].max() / ranked["score"].min(), 1, lang),
    )
    return "\n".join([opening, "", *(f"- {line}" for line in _conditions(result, lang))])


def _conditions(result: IndexResult, lang: Lang) -> list[str]:
    """What is provisional, carried, dropped, imputed, incomplete and unranked."""
    carried = result.lags.index[result.lags["lag"] > 0]
    incomplete = incomplete_units(result)
    lines = [
        phrase("headline_provisional" if result.provisional else "headline_final", lang),
        _counted("headline_carried", len(carried), result.weights["used"][carried].sum(), lang),
        _counted("headline_dropped", len(result.dropped), result.dropped["weight"].sum(), lang),
        phrase(
            "headline_imputed",
            lang,
            n=len(result.imputed),
            regions=result.imputed["region"].nunique(),
        ),
    ]
    if incomplete:
        present = result.scores["weight_present"] / result.weights["weight"].sum()
        share = number(100 * present[list(incomplete)].min(), 0, lang)
        lines.append(phrase("headline_incomplete", lang, n=len(incomplete), share=share))
    if result.unranked:
        names = ", ".join(unit_names(result.unranked, lang))
        lines.append(phrase("headline_unranked", lang, names=names))
    return lines


def _counted(key: str, n: int, weight: float, lang: Lang) -> str:
    return phrase(key, lang, n=n, weight=number(100 * weight, 1, lang))


def scores_table(result: IndexResult, lang: Lang = "en") -> Table:
    """Return rank, score and dimension scores of every region, best first."""
    scores = result.scores.sort_values(["rank"], na_position="last", kind="stable")
    full = result.weights["weight"].sum()
    columns = {
        phrase("Rank", lang): ["–" if pd.isna(r) else str(r) for r in scores["rank"]],
        phrase("region", lang): unit_names(scores.index, lang).tolist(),
        phrase("Score", lang): _printed(scores["score"], 1, lang),
    }
    for dimension in result.spec.dimensions:
        columns[dimension_name(dimension, lang)] = _printed(scores[dimension], 1, lang)
    columns[phrase("Present", lang)] = _printed(100 * scores["weight_present"] / full, 0, lang)
    return Table(pd.DataFrame(columns), lang=lang)


def indicator_table(
    result: IndexResult, lang: Lang = "en", series_names: Mapping[str, str] | None = None
) -> Table:
    """Return what each indicator is, how it entered, and what it can mislead about.

    Parameters
    ----------
    result
        One edition of an index.
    lang
        "en" or "ru".
    series_names
        Names of series by id for the formulas; the ids themselves if not given.
    """
    rows: list[dict[str, str]] = []
    above, counts = "", value_counts(result)
    for name, lag in result.lags.iterrows():
        entry = find_indicator(str(name))
        better = "more" if result.weights.loc[name, "direction"] > 0 else "less"
        rows.append(
            {
                "Dimension": ""
                if entry.dimension == above
                else dimension_name(entry.dimension, lang),
                "Indicator": f"{entry.name[lang]}, {entry.unit[lang]}",
                "Direction": f"{phrase(better, lang)}: {entry.why[lang]}",
                "Formula": _formula(entry, lang, series_names or {}),
                "Period": str(lag["period"]),
                "Lag": str(lag["lag"]),
                **_valued(counts, str(name)),
                "Weight": number(100 * result.weights.loc[name, "used"], 1, lang),
                "Misleads": entry.misleads[lang],
            }
        )
        above = entry.dimension
    return _headed(rows, lang)


def _valued(counts: pd.DataFrame, name: str) -> dict[str, str]:
    units, midpoints = counts.loc[name, ["units", "midpoints"]]
    return {"Units": str(units), "Midpoints": str(midpoints)}


def _formula(entry: Indicator, lang: Lang, names: Mapping[str, str]) -> str:
    formula = entry.formula
    text = " + ".join(names.get(series, series) for series in formula.of)
    if formula.deflate:
        text = phrase("constant_prices", lang, formula=text)
    if formula.to:
        text += " / " + " + ".join(names.get(series, series) for series in formula.to)
    if formula.per != 1:
        text += f" × {number(formula.per, 0, lang)}"
    return phrase("russia_is_one", lang, formula=text) if formula.relative else text


def groups_table(result: IndexResult, lang: Lang = "en") -> Table:
    """Return the groups of near-duplicates that share one weight."""
    rows = []
    for (dimension, _), group in result.weights.groupby(["dimension", "group"], sort=False):
        if len(group) > 1:
            rows.append(
                {
                    "Dimension": dimension_name(str(dimension), lang),
                    "Group": "; ".join(indicator_name(str(name), lang) for name in group.index),
                    "Each": number(100 * group["used"].iloc[0], 1, lang),
                    "Together": number(100 * group["used"].sum(), 1, lang),
                }
            )
    return _headed(rows, lang)


def lags_table(result: IndexResult, lang: Lang = "en") -> Table:
    """Return the indicators that entered with an earlier year than the edition's."""
    late, counts = result.lags[result.lags["lag"] > 0], value_counts(result)
    rows = [
        {
            "Indicator": indicator_name(str(name), lang),
            "Period": str(row["period"]),
            "Lag": str(row["lag"]),
            **_valued(counts, str(name)),
            "Weight": number(100 * result.weights.loc[name, "used"], 1, lang),
        }
        for name, row in late.iterrows()
    ]
    return _headed(rows, lang, phrase("lags_caption", lang))


def dropped_table(result: IndexResult, lang: Lang = "en") -> Table:
    """Return the indicators that did not enter, and the weight lost with each."""
    rows = [
        {
            "Indicator": indicator_name(str(name), lang),
            "Last": "–" if pd.isna(row["last_period"]) else str(row["last_period"]),
            "Lost": number(100 * row["weight"], 1, lang),
        }
        for name, row in result.dropped.iterrows()
    ]
    return _headed(rows, lang, phrase("dropped_caption", lang))


def imputed_table(result: IndexResult, lang: Lang = "en") -> Table:
    """Return the suppressed values that entered as the middle of their bounds."""
    rows = [
        {
            "region": unit_names([row.region], lang)[row.region],
            "Indicator": indicator_name(row.indicator, lang),
            "Bounds": f"{number(row.low, 2, lang)} – {number(row.high, 2, lang)}",
            "Taken": number(row.value, 2, lang),
            "Width": number(row.points, 1, lang),
        }
        for row in result.imputed.itertuples()
    ]
    return _headed(rows, lang, phrase("imputed_caption", lang))


def breaks_table(results: Mapping[int, IndexResult], lang: Lang = "en") -> Table:
    """Return where between editions an indicator's method changed."""
    rows = [
        {
            "Edition": str(row.edition),
            "Indicator": indicator_name(str(row.indicator), lang),
            "Old": joined_methods(str(row.old), lang),
            "New": joined_methods(str(row.new), lang),
            "Weight": number(100 * float(str(row.weight)), 1, lang),
        }
        for row in method_breaks(results).itertuples()
    ]
    return _headed(rows, lang)


def joined_methods(methods: str, lang: Lang = "en") -> str:
    """Return what a reader is told of an indicator's methods, part by part.

    Examples
    --------
    >>> joined_methods("form2014+oslo4")
    'form of 2014 + Oslo Manual, 4th ed.'
    """
    return " + ".join(method_name(one, lang) if one else "–" for one in methods.split("+"))


def agreement_table(
    agreements: Mapping[tuple[str, int, int], Agreement], lang: Lang = "en", top: int = 3
) -> Table:
    """Return the numbers behind the comparison with other ratings."""
    rows = []
    for (rating, year, edition), found in agreements.items():
        apart = found.disagreements(top)
        names = unit_names(map(str, apart.index), lang)
        low, high = (number(bound, 2, lang) for bound in (found.low, found.high))
        far = [
            f"{names[str(u)]} {a}/{b}" for u, a, b in zip(apart.index, *_pairs(apart), strict=True)
        ]
        rows.append(
            {
                "Rating": phrase(rating, lang),
                "Year": str(year),
                "Edition": str(edition),
                "Units": str(found.n),
                "Spearman": number(found.spearman, 2, lang),
                "Interval": f"{low} … {high}",
                "Kendall": number(found.kendall, 2, lang),
                "Differs": "; ".join(far),
            }
        )
    return _headed(rows, lang)


def sources_table(used: pd.DataFrame, lang: Lang = "en") -> Table:
    """Return the published files that went in, as `panel.provenance.sources_used` lists them."""
    rows = [
        {
            "Source": "" if again else str(row.source),
            "Vintage": str(row.vintage),
            "File": str(row.file),
            "Tables": str(row.tables),
            "Series": str(row.series) if row.series else "–",
            "Checksum": str(row.sha256)[:16],
            "Address": str(row.address),
        }
        for row, again in zip(used.itertuples(), used.duplicated("source"), strict=True)
    ]
    return _headed(rows, lang)


def _pairs(table: pd.DataFrame) -> tuple[list[Any], list[Any]]:
    return table["ours"].tolist(), table["theirs"].tolist()


def _printed(values: "pd.Series[float]", digits: int, lang: Lang) -> list[str]:
    return [number(value, digits, lang) for value in values.astype(float)]


def _headed(rows: list[dict[str, str]], lang: Lang, caption: str = "") -> Table:
    """Rows keyed by phrases as a table with those phrases as headings."""
    frame = pd.DataFrame(rows).rename(columns=lambda key: phrase(key, lang))
    return Table(frame, caption, lang=lang)

"""Tables of exposure: who is most exposed, what it goes with, how definitions and waves agree."""

from collections.abc import Collection, Mapping

import pandas as pd

from valley_analysis.charts.impact_text import compact
from valley_analysis.charts.names import unit_names
from valley_analysis.charts.study_words import word
from valley_analysis.charts.tables import Table
from valley_analysis.regions import remainders
from valley_analysis.sanctions import Correlates, ExposureResult, Industry, ShiftShare
from valley_analysis.text import NONE, Lang, number, short_day


def exposure_table(
    result: ExposureResult, hosts: Collection[str] = (), lang: Lang = "en", top: int = 20
) -> Table:
    """Return the most exposed regions, with how much of it rests on withheld figures."""
    rows = result.frame.dropna(subset=["place"]).sort_values("place").head(top)
    names = unit_names(rows.index, lang)
    frame = {
        word("Place", lang): [str(int(place)) for place in rows["place"]],
        word("Region", lang): names.tolist(),
        word("Quotient", lang): [number(value, 2, lang) for value in rows["quotient"]],
        word("Percentile", lang): [number(value, 2, lang) for value in rows["percentile"]],
        word("Years", lang): [str(int(n)) for n in rows["n_periods"]],
        word("Withheld", lang): [number(100 * v, 0, lang) for v in rows["share_suppressed"]],
        word("Host", lang): [word("yes", lang) if unit in hosts else "" for unit in rows.index],
    }
    return Table(pd.DataFrame(frame), lang=lang)


def compare_table(found: pd.DataFrame, names: Mapping[str, str], lang: Lang = "en") -> Table:
    """Return how alike definitions and waves are, pair by pair."""
    movers = unit_names(found["mover"], lang)
    frame = {
        word("One", lang): [names.get(one, one) for one in found["one"]],
        word("Other", lang): [names.get(one, one) for one in found["other"]],
        word("Regions", lang): [str(n) for n in found["n"]],
        word("Spearman", lang): [number(value, 2, lang) for value in found["spearman"]],
        word("Largest", lang): [
            f"{name} ({move})" if move else NONE[lang]
            for name, move in zip(movers, found["largest_move"], strict=True)
        ],
    }
    return Table(pd.DataFrame(frame), lang=lang)


def correlates_table(found: Correlates, names: Mapping[str, str], lang: Lang = "en") -> Table:
    """Return what an exposure goes with, with intervals."""
    rows = found.table
    frame = {
        word("With", lang): [names.get(str(name), str(name)) for name in rows.index],
        word("Regions", lang): [str(n) for n in rows["n"]],
        word("Spearman", lang): [number(value, 2, lang) for value in rows["spearman"]],
        word("Interval", lang): [
            f"{number(row.low, 2, lang)} … {number(row.high, 2, lang)}" for row in rows.itertuples()
        ],
        word("Apart", lang): [word("yes" if one else "no", lang) for one in rows["apart"]],
    }
    return Table(pd.DataFrame(frame), lang=lang)


def shocks_table(
    shocks: pd.DataFrame, found: ShiftShare, industries: Mapping[str, Industry], lang: Lang = "en"
) -> Table:
    """Return the industries: their weight, whether the wave aimed at them, and why so coded."""
    order = found.importance.index
    frame = {
        word("Industry", lang): [industries[key].name[lang] for key in order],
        word("Weight", lang): [number(100 * found.importance[key], 1, lang) for key in order],
        word("Targeted", lang): [
            short_day(shocks.loc[key, "since"], lang) if shocks.loc[key, "targeted"] else "–"
            for key in order
        ],
        word("Reason", lang): [industries[key].reason[lang] for key in order],
    }
    caption = word("shocks_caption", lang, n=compact(found.effective_shocks, lang))
    return Table(pd.DataFrame(frame), caption, lang=lang)


def ofac_table(listed: pd.DataFrame, lang: Lang = "en", top: int = 15) -> Table:
    """Return counts of listings by region and per 1,000 organisations, for description only.

    Parameters
    ----------
    listed
        What `per_organisation` returns.
    lang
        "en" or "ru".
    top
        How many regions, those with the most entries first.
    """
    rows = listed.sort_values("entries", ascending=False, kind="stable").head(top)
    frame = {
        word("Region", lang): unit_names(rows.index, lang).tolist(),
        word("Entries", lang): [number(n, 0, lang) for n in rows["entries"]],
        word("NotOnList", lang): [number(n, 0, lang) for n in rows["not_on_list_2023"]],
        word("Rate", lang): [number(rate, 2, lang) for rate in rows["rate"]],
    }
    return Table(pd.DataFrame(frame), word("ofac_caption", lang), lang=lang)


def per_organisation(counts: pd.DataFrame, series: pd.DataFrame) -> pd.DataFrame:
    """Return counts of addresses by unit, with their rate per 1,000 organisations.

    Parameters
    ----------
    counts
        By region, with `entries`, as `sources.ofac.load_ofac` has them.
    series
        The panel; its series `organisations` is taken in the last year that it has.

    Returns
    -------
    DataFrame
        The same rows by unit of an index, with `rate` and `year` (of the organisations).
    """
    listed = by_unit(counts)
    known = series[series["series"].eq("organisations")].dropna(subset=["value"])
    year = int(known["period"].max())
    total = known[known["period"].eq(year)].set_index("region")["value"]
    return listed.assign(rate=1000 * listed["entries"] / total.reindex(listed.index), year=year)


def by_unit(counts: pd.DataFrame) -> pd.DataFrame:
    """Return counts of addresses by unit of an index, indexed by region.

    An address in an autonomous okrug is counted there and not in its oblast, so the oblast's
    count is that of the oblast without its okrugs.
    """
    whole = {parent: code for code, (parent, _) in remainders().items()}
    return counts.rename(index=whole)

"""What a report says in figures: every edition of the index, and the sources behind it."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from valley_analysis import indicators as indicators_
from valley_analysis import panel, paths, regions
from valley_analysis.panel.figures import table_path
from valley_analysis.registers import read_yaml
from valley_analysis.scoring import (
    IndexResult,
    IndexSpec,
    Uncertainty,
    UncertaintyResult,
    rank,
    score_editions,
    score_index,
    subindex_scores,
    vary,
)
from valley_analysis.scoring.standard import standard_assumptions
from valley_analysis.sources.register import load_register

REPLICATIONS = 10_000
SEED = 20260101
_RANGES = ["rank_low", "rank_high"]
_LEADING = ["region", "name_en", "name_ru", "period", "score", "rank"]


@dataclass(frozen=True)
class Results:
    """What is exported.

    Attributes
    ----------
    edition
        The requested edition.
    editions
        Every edition of the specification, that one included.
    uncertainty
        The requested edition under the standard assumptions.
    sources
        One row a release that the index draws on: release, title_en, title_ru, publisher_en,
        publisher_ru, address, terms, vintage, tables (how many of it are used).
    """

    edition: IndexResult
    editions: dict[int, IndexResult]
    uncertainty: UncertaintyResult
    sources: pd.DataFrame

    @property
    def spec(self) -> IndexSpec:
        """The specification."""
        return self.edition.spec


def compute_results(
    period: int,
    scope: str,
    spec: str,
    processed: Path | None = None,
    raw: Path | None = None,
    *,
    replications: int = REPLICATIONS,
    seed: int = SEED,
) -> Results:
    """Score every edition of a specification.

    Parameters
    ----------
    period, scope, spec
        The requested edition.
    processed, raw
        Folders of the built tables and of the published figures; the project's by default.
    replications, seed
        Of the ranges of ranks.

    Raises
    ------
    PeriodError
        If the specification has no such edition.
    MissingInputError
        If the indicators are not built.
    """
    found = indicators_.load_spec(spec)
    values = indicators_.load_indicators(processed)
    units = regions.scope(scope)
    first, last = found.editions
    if not first <= period <= last:
        score_index(values, found, period, units)  # says which editions there are
    editions = score_editions(values, found, range(first, last + 1), units)
    plan = Uncertainty(standard_assumptions(found), replications, seed)
    ranges = vary(values, found, period, units, plan, pairs=False)
    return Results(editions[period], editions, ranges, used_sources(found, raw or paths.raw()))


def index_table(result: IndexResult) -> pd.DataFrame:
    """Return one edition as a table, best first.

    Returns
    -------
    Columns region, name_en, name_ru, period, score, rank, one a dimension, score and rank of
    each sub-index, weight_present, scope, provisional; unranked regions last.
    """
    parts = subindex_scores(result)
    halves = {name: parts[name] for name in parts}
    halves |= {f"{name}_rank": rank(parts[name]) for name in parts}
    scores = result.scores.assign(**halves).reset_index()
    names = regions.frame(result.scope.units)[["region", "name_en", "name_ru"]]
    table = names.merge(scores, on="region", how="left", validate="one_to_one")
    table = table.assign(
        period=result.period, scope=result.scope.name, provisional=result.provisional
    )
    table = table.sort_values(["rank", "region"], na_position="last", ignore_index=True)
    between = [*result.spec.dimensions, *halves]
    columns = [*_LEADING, *between, "weight_present", "scope", "provisional"]
    return table[columns]


def ranged_table(results: Results) -> pd.DataFrame:
    """Return the requested edition as a table, with the range of each rank.

    Returns
    -------
    The columns of `index_table`, with rank_low and rank_high after rank: the 5 % and 95 %
    ends of the rank over the stated assumptions.
    """
    table = index_table(results.edition)
    ranges = results.uncertainty.ranges[_RANGES].rename_axis("region")
    ranges = ranges.where(ranges > 0).astype("Int64")  # a rank of 0 means none
    columns = [*_LEADING, *_RANGES, *table.columns[len(_LEADING) :]]
    return table.merge(ranges.reset_index(), on="region", how="left")[columns]


def editions_table(editions: dict[int, IndexResult]) -> pd.DataFrame:
    """Return every edition as one long table, latest first."""
    parts = [index_table(editions[period]) for period in sorted(editions, reverse=True)]
    return pd.concat(parts, ignore_index=True)


def used_sources(spec: IndexSpec, raw: Path) -> pd.DataFrame:
    """Return the releases whose tables the indicators of a specification are computed from."""
    catalogue, register = indicators_.load_catalogue(), panel.load_series()
    formulas = [catalogue[name].formula for name in spec.indicators]
    wanted = {series for formula in formulas for series in formula.series}
    wanted |= {"cpi"} if any(formula.deflate for formula in formulas) else set()
    tables = sorted({table for series in wanted for table in register[series].tables})
    about = pd.DataFrame([read_yaml(table_path(raw, name).with_suffix(".yml")) for name in tables])
    keys = ["release", "vintage", "address"]
    counted = about.groupby(keys, as_index=False).agg(used=("table", "size"))
    known = {source.release: source for source in reversed(load_register())}
    rows = [
        {
            "release": row.release,
            "title_en": known[row.release].title.en,
            "title_ru": known[row.release].title.ru,
            "publisher_en": known[row.release].publisher.en,
            "publisher_ru": known[row.release].publisher.ru,
            "address": row.address,
            "terms": known[row.release].terms,
            "vintage": str(row.vintage),
            "tables": int(row.used),
        }
        for row in counted.itertuples(index=False)
    ]
    return pd.DataFrame(rows)

"""Published places of other ratings, by region code."""

from pathlib import Path

import pandas as pd

from valley_analysis.regions import match_regions, remainders, scope
from valley_analysis.sources.ratings import load_published_places

_KEY = ["rating", "year", "issue"]


def published_ranks(units: str = "recognised", raw: Path | None = None) -> pd.DataFrame:
    """Return published places with a rank, by unit of a scope.

    A place printed for Tyumen or Arkhangelsk Oblast is given to the unit without its autonomous
    okrugs: outlets do not say which they mean. Places on which outlets contradict each other
    about the same region are left out; a place given to two regions stays with both.

    Parameters
    ----------
    units
        The scope: "recognised" or "rosstat"; places of other regions are left out.
    raw
        The folder data/raw; the project's by default.

    Returns
    -------
    Columns rating, year (missing where no outlet says), issue, region, rank, listed (places
    printed with a rank in that issue, of any scope), last (the lowest place printed), address.

    Raises
    ------
    UnknownRegionError
        If a label matches no region.

    Examples
    --------
    >>> places = published_ranks()
    >>> ria = places[(places["rating"] == "RIA Rating S&T") & (places["year"] == 2023)]
    >>> int(ria.set_index("region").loc["RU-TUL", "rank"])
    8
    """
    places = load_published_places(raw)
    places = places[places["rank"].notna()]
    codes = match_regions(places["label"].unique(), where="published places")
    whole = {oblast: remainder for remainder, (oblast, _) in remainders().items()}
    region = places["label"].map(codes).replace(whole)
    issue = places.groupby(_KEY, dropna=False)["rank"]
    places = places.assign(
        region=region, listed=issue.transform("size"), last=issue.transform("max")
    )
    twice = places.duplicated([*_KEY, "region"], keep=False)
    places = places[~twice & places["region"].isin(scope(units).units)]
    columns = [*_KEY, "region", "rank", "listed", "last", "address"]
    return places[columns].reset_index(drop=True)

"""Does a valley's field match what its region is strong in? Shown beside progress, not in it."""

import pandas as pd

from valley_analysis.valleys.entries import Sector
from valley_analysis.valleys.register import Register


def specialisation_fit(
    register: Register,
    sectors: tuple[Sector, ...],
    values: pd.DataFrame,
    links: pd.DataFrame,
) -> pd.DataFrame:
    """Return where each valley's region stands on the indicators of its fields.

    Parameters
    ----------
    register
        Valleys.
    sectors
        What `load_sectors` returns.
    values
        Units x indicators of one edition, direction applied: more is better.
    links
        What `links` returns.

    Returns
    -------
    One row a valley, region, field and indicator with a value: valley, region, sector,
    indicator, percentile (share of the other units that are below, 0-100).

    Notes
    -----
    Regional statistics know no fields as fine as a valley's; the indicators of a field are
    proxies for what it feeds on, and the same ones serve several fields.
    """
    known = {sector.id: sector for sector in sectors}
    share = 100 * (values.rank() - 1) / (values.notna().sum() - 1)
    fields = {valley.id: valley.sectors for valley in register.entries}
    rows = [
        (link.valley, link.region, sector, indicator, share.loc[link.region, indicator])
        for link in links.itertuples()
        for sector in fields.get(link.valley, ())
        for indicator in known[sector].indicators
        if indicator in share and link.region in share.index
    ]
    columns = ["valley", "region", "sector", "indicator", "percentile"]
    return pd.DataFrame(rows, columns=columns).dropna(ignore_index=True)

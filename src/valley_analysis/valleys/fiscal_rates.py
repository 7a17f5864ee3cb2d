"""Rates of each regime over the years, as a participant with a fresh status meets them."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from valley_analysis.bilingual import Bilingual
from valley_analysis.valleys.fiscal_contributions import annual_contributions
from valley_analysis.valleys.fiscal_profile import ParticipantProfile, YearPath
from valley_analysis.valleys.fiscal_rules import Rules
from valley_analysis.valleys.incentives import ITEMS, Incentives, load_incentives


def rate_history(
    regimes: Sequence[str],
    years: Sequence[int],
    as_of: date,
    pay: float,
    register: Incentives | None = None,
) -> pd.DataFrame:
    """Return the rate of each item by regime and year, before any cap or term.

    Parameters
    ----------
    regimes
        Regimes of the register.
    years
        Calendar years; the law of later years than `as_of` is carried forward.
    as_of
        The day whose state of the law is applied.
    pay
        Monthly pay at which contributions are expressed as a share of pay, RUB.
    register
        The register of regimes; the project's own unless given.

    Returns
    -------
    Columns regime, item, year, rate (per cent; of customs the share given back), doubtful
    (whether a value behind it is not verified).

    Examples
    --------
    >>> found = rate_history(["ordinary"], [2024], date(2026, 11, 25), 100000)
    >>> found.set_index("item")["rate"].round(1).to_dict()["contributions"]
    30.0
    """
    register = register or load_incentives()
    rows = [
        _row(regime, item, year, as_of, pay, register)
        for item in ITEMS
        for regime in regimes
        for year in years
    ]
    return pd.DataFrame(rows, columns=["regime", "item", "year", "rate", "doubtful"])


def _row(
    regime: str, item: str, year: int, as_of: date, pay: float, register: Incentives
) -> tuple[str, str, int, float, bool]:
    nobody = ParticipantProfile(
        id="rates",
        name=Bilingual(en="rates", ru="ставки"),
        status=date(year - 1, 12, 1),
        start=year - 1,
        revenue=YearPath(first=0),
        purchases_share=YearPath(first=0),
        headcount=YearPath(first=0),
        monthly_pay=YearPath(first=0),
    )
    rules = Rules(register, register.check_regime(regime), as_of, nobody, 0.0)
    day = date(year, 1, 1)
    if item == "contributions":
        tariffs = [rules.tariff(date(year, month, 1)) for month in range(1, 13)]
        rate = 100 * annual_contributions(pay, tariffs) / (12 * pay)
    elif item == "vat":
        rate = 0.0 if rules.exempt_from_vat(day) else rules.ordinary("vat", "rate", day)
    elif item == "customs":
        rate = 100 * rules.refund(day)
    else:
        rate = rules.profit_rate(day)[0] if item == "profit_tax" else rules.rate(item, day)
    doubtful = any(
        use.value.doubtful and not use.parameter.endswith(".term_years")
        for use in rules.uses.values()
    )
    return regime, item, year, rate, doubtful

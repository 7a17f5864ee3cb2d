"""Insurance contributions of an employee, month by month, as the year's limits bite."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Tariff:
    """Rates of insurance contributions in one month, injuries apart.

    Attributes
    ----------
    rate
        Per cent of pay up to the first limit of the year.
    rate_middle
        Per cent between the social and the pension limit (to 2022); none with a single limit.
    rate_above
        Per cent of pay above the last limit.
    limit
        Pay since January up to which `rate` holds, RUB; the pension limit where there are two.
    limit_social
        The lower one of two limits, RUB.
    floor
        Monthly pay up to which these rates hold, RUB (Tax Code 427 p.2.4); none: for all pay.
    rate_over_floor
        Per cent of monthly pay above the floor, whatever the year's limit.
    """

    rate: float
    rate_above: float
    limit: float
    rate_middle: float | None = None
    limit_social: float | None = None
    floor: float | None = None
    rate_over_floor: float = 0.0

    def due(self, pay: float, before: float) -> float:
        """Return contributions on a month's pay, RUB.

        Parameters
        ----------
        pay
            Pay of the month, RUB.
        before
            Pay from January to the month before, RUB. In the month that crosses a limit, pay up
            to the floor counts first.

        Examples
        --------
        >>> round(Tariff(rate=30, rate_above=15.1, limit=2225000).due(100000, 2200000), 2)
        18825.0
        >>> Tariff(30, 15.1, 2225000, floor=19242, rate_over_floor=15).due(100000, 0)
        17886.3
        """
        low = pay if self.floor is None else min(pay, self.floor)
        steps = [(self.limit, self.rate)]
        if self.limit_social is not None and self.rate_middle is not None:
            steps = [(self.limit_social, self.rate), (self.limit, self.rate_middle)]
        total, done = self.rate_over_floor * (pay - low), before
        for limit, rate in steps:
            part = min(max(limit - done, 0.0), before + low - done)
            total += rate * part
            done += part
        return (total + self.rate_above * (before + low - done)) / 100


def annual_contributions(pay: float, tariffs: Sequence[Tariff]) -> float:
    """Return a year's contributions for one employee on even pay, RUB.

    Parameters
    ----------
    pay
        Monthly pay, RUB.
    tariffs
        One for each month, January first.

    Examples
    --------
    A published example: 146,500 RUB a month at the rates of IT companies in 2021.

    >>> tariff = Tariff(7.6, 0.1, 1465000, rate_middle=6.1, limit_social=966000)
    >>> round(annual_contributions(146500, [tariff] * 12))
    104148
    """
    return sum(tariff.due(pay, month * pay) for month, tariff in enumerate(tariffs))

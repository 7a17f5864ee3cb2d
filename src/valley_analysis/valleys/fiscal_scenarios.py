"""How far the present value moves when one assumption, or one uncertain parameter, is another."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import pandas as pd

from valley_analysis.typed import calendar_years
from valley_analysis.valleys.fiscal_profile import ParticipantProfile
from valley_analysis.valleys.fiscal_result import DISCOUNT, INDEXATION, FiscalResult, fiscal_cost
from valley_analysis.valleys.incentives import Incentives, load_incentives

Change = Callable[[ParticipantProfile], ParticipantProfile]
Kind = Literal["assumption", "parameter"]


@dataclass(frozen=True)
class Alternative:
    """One thing varied down and up.

    Attributes
    ----------
    name
        Which, for the label: a phrase's key, or a parameter's id.
    kind
        "assumption" about the firm or the sum, or "parameter" of the law.
    low, high
        What is tried, for the label.
    costs
        The results with either.
    """

    name: str
    kind: Kind
    low: float
    high: float
    costs: tuple[FiscalResult, FiscalResult]


def fiscal_ranges(
    profile: ParticipantProfile,
    years: Iterable[int],
    as_of: date,
    regime: str = "istc",
    against: str = "ordinary",
    *,
    discount_rate: float = DISCOUNT,
    indexation: float = INDEXATION,
    register: Incentives | None = None,
    growth: float = 0.10,
    margin: float = 0.05,
    discount: float = 0.04,
) -> pd.DataFrame:
    """Return the present value with one thing changed at a time, largest span first.

    Parameters
    ----------
    profile, years, as_of, regime, against, discount_rate, indexation, register
        As in `fiscal_cost`.
    growth
        Percentage points of yearly revenue growth, down and up (0.10: ten).
    margin
        Purchases as a share of revenue, up and down: margin down and up.
    discount
        Percentage points of the discount rate, down and up.

    Returns
    -------
    Columns name, kind ("assumption", "parameter"), low, high (what was tried), pv_low, pv_high,
    pv (the nominal one), mln RUB. Bounds of parameters are those of the register, for the values
    that hold in the first of `years` or later; a parameter that moves nothing is left out.

    Examples
    --------
    >>> from valley_analysis.valleys.fiscal_profile import load_profiles
    >>> firm = load_profiles()["instrument_maker"]
    >>> found = fiscal_ranges(firm, range(2023, 2026), date(2026, 11, 25))
    >>> sorted(set(found["kind"]))
    ['assumption', 'parameter']
    """
    register, years = register or load_incentives(), calendar_years(years)

    def cost(
        who: ParticipantProfile = profile,
        rate: float = discount_rate,
        index: float = indexation,
        law: Incentives = register,
    ) -> FiscalResult:
        settings = {"discount_rate": rate, "indexation": index}
        return fiscal_cost(who, years, as_of, regime, against, register=law, **settings)

    nominal = cost()
    found = [
        Alternative("growth", "assumption", -growth, growth, (
            cost(_grown(profile, -growth)), cost(_grown(profile, growth)))),
        Alternative("margin", "assumption", -margin, margin, (
            cost(_thinner(profile, margin)), cost(_thinner(profile, -margin)))),
        Alternative("discount", "assumption", discount_rate - discount, discount_rate + discount, (
            cost(rate=discount_rate - discount), cost(rate=discount_rate + discount))),
        Alternative("indexation", "assumption", 0.0, 2 * indexation, (
            cost(index=0.0), cost(index=2 * indexation))),
        Alternative("b2b", "assumption", 0.0, 1.0, (
            cost(profile.model_copy(update={"b2b_share": 0.0})),
            cost(profile.model_copy(update={"b2b_share": 1.0})))),
        *_parameters(nominal, years, lambda law: cost(law=law), register),
    ]  # fmt: skip
    return _spans(found, nominal.present_value)


def _grown(profile: ParticipantProfile, points: float) -> ParticipantProfile:
    """Revenue, and staff with it, grow faster; their ratio stays."""
    paths = {name: getattr(profile, name).faster(points) for name in ("revenue", "headcount")}
    return profile.model_copy(update=paths)


def _thinner(profile: ParticipantProfile, points: float) -> ParticipantProfile:
    """Purchases take `points` more of revenue."""
    path = profile.purchases_share
    if path.first is None:
        values = {year: max(value + points, 0.0) for year, value in path.values.items()}
        moved = path.model_copy(update={"values": values})
    else:
        moved = path.model_copy(update={"first": max(path.first + points, 0.0)})
    return profile.model_copy(update={"purchases_share": moved})


def _parameters(
    nominal: FiscalResult,
    years: Sequence[int],
    cost: Callable[[Incentives], FiscalResult],
    register: Incentives,
) -> Iterator[Alternative]:
    """Every value with bounds that the nominal result used, at either bound."""
    for use in nominal.uses:
        row = use.value
        ended = row.end is not None and row.end.year < min(years)
        if ended or row.low is None or row.high is None:
            continue
        low, high = (
            cost(register.with_value(use.parameter, bound, row.start))
            for bound in (row.low, row.high)
        )
        yield Alternative(use.parameter, "parameter", row.low, row.high, (low, high))


def _spans(found: Sequence[Alternative], nominal: float) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "name": [one.name for one in found],
            "kind": [one.kind for one in found],
            "low": [one.low for one in found],
            "high": [one.high for one in found],
            "pv_low": [one.costs[0].present_value for one in found],
            "pv_high": [one.costs[1].present_value for one in found],
            "pv": nominal,
        }
    )
    span = (table["pv_high"] - table["pv_low"]).abs()
    kept = (span > 1e-9) | (table["kind"] == "assumption")
    order = span[kept].sort_values(ascending=False, kind="stable").index
    return table.loc[order].reset_index(drop=True)

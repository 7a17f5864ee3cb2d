"""Fiscal cost of tax regimes: profiles in, tax forgone and dates of ends out; one place to import.

Static throughout: no change of behaviour. The parts: `fiscal_profile` (participants),
`fiscal_contributions` (employee-month arithmetic), `fiscal_rules` (terms and rates),
`fiscal_bill` (taxes under one regime, caps), `fiscal_result` (one regime against another),
`fiscal_rates` (rates over years), `fiscal_scenarios` (ranges) and `fiscal_even` (break-even of
public money).
"""

from valley_analysis.valleys.fiscal_bill import COLUMNS, Bill, tax_bill
from valley_analysis.valleys.fiscal_contributions import Tariff, annual_contributions
from valley_analysis.valleys.fiscal_even import BreakEven, amounts_by_year, break_even
from valley_analysis.valleys.fiscal_notes import NOTES
from valley_analysis.valleys.fiscal_profile import (
    ParticipantProfile,
    PayGroup,
    YearPath,
    load_profiles,
)
from valley_analysis.valleys.fiscal_rates import rate_history
from valley_analysis.valleys.fiscal_result import DISCOUNT, INDEXATION, FiscalResult, fiscal_cost
from valley_analysis.valleys.fiscal_rules import ZERO_RATE, BenefitEnd, Rules
from valley_analysis.valleys.fiscal_scenarios import fiscal_ranges

__all__ = [
    "COLUMNS",
    "DISCOUNT",
    "INDEXATION",
    "NOTES",
    "ZERO_RATE",
    "BenefitEnd",
    "Bill",
    "BreakEven",
    "FiscalResult",
    "ParticipantProfile",
    "PayGroup",
    "Rules",
    "Tariff",
    "YearPath",
    "amounts_by_year",
    "annual_contributions",
    "break_even",
    "fiscal_cost",
    "fiscal_ranges",
    "load_profiles",
    "rate_history",
    "tax_bill",
]

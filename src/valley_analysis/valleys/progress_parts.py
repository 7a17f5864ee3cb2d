"""The indicators of progress, each as bounds between which it lies, and the evidence for it."""

import math
from dataclasses import dataclass
from datetime import date

import pandas as pd

from valley_analysis.valleys.claims import Chosen, choose, promised_against_achieved
from valley_analysis.valleys.dates import Dated, months_between
from valley_analysis.valleys.ladder import AFTER_DECREE, STEPS, Ladder
from valley_analysis.valleys.progress_spec import ProgressSpec

MONEY = ("federal_money", "regional_money", "private_money", "rnd_spending")
_YEAR = 12.0


@dataclass(frozen=True)
class Bounds:
    """Between which values, 0 to 100, an indicator lies; `evidence` is 0 where nobody knows."""

    low: float
    high: float
    evidence: float

    @classmethod
    def unknown(cls) -> "Bounds":
        """Nothing is known: the worst and the best."""
        return cls(0.0, 100.0, 0.0)


@dataclass(frozen=True)
class Material:
    """What the indicators of all valleys are computed from."""

    ladder: Ladder
    claims: pd.DataFrame
    promises: pd.DataFrame
    spec: ProgressSpec

    @property
    def as_of(self) -> date:
        """The day."""
        return self.ladder.as_of


def material(ladder: Ladder, claims: pd.DataFrame, spec: ProgressSpec) -> Material:
    """Gather what the indicators are computed from."""
    promises = promised_against_achieved(claims, ladder.as_of, spec.rule)
    return Material(ladder, claims, promises, spec)


def parts_of(valley: str, known: Material) -> dict[str, Bounds]:
    """Return the bounds of every indicator of one valley, by name."""
    return {
        "steps": _steps(valley, known),
        "pace": _pace(valley, known),
        "stock": _stock(valley, known),
        "per_month": _per_month(valley, known),
        "entries": _entries(valley, known),
        "money_fact": _money_fact(valley, known),
        "money_share": _money_share(valley, known),
        "kept": _kept(valley, known),
        "on_course": _on_course(valley, known),
    }


def _steps(valley: str, known: Material) -> Bounds:
    """Share of the ladder that is behind the valley."""
    states = known.ladder.steps.loc[valley, "state"]
    certain = int(states.isin(["dated", "implied"]).sum())
    return Bounds(100.0 * certain / len(STEPS), 100.0, certain / len(STEPS))


def _pace(valley: str, known: Material) -> Bounds:
    """Mean share of the valley's life for which the steps after the decree are behind it."""
    steps = known.ladder.steps.loc[valley].loc[list(AFTER_DECREE)]
    youngest, oldest = known.ladder.ages().loc[valley]
    low = high = evidence = 0.0
    for one in steps.itertuples():
        if one.state == "dated":
            low += _lived(one.months_high, oldest)
            high += _lived(one.months_low, youngest)
            evidence += 1
        else:
            high += 1.0  # implied or unseen: at best since the decree
    count = len(steps)
    return Bounds(100 * low / count, 100 * high / count, evidence / count)


def _lived(months: float, age: float) -> float:
    return min(max((age - max(months, 0.0)) / age, 0.0), 1.0) if age > 0 else 0.0


def _stock(valley: str, known: Material) -> Bounds:
    """Participants, on a logarithmic scale; a part of the valley bounds from below."""
    whole = choose(known.claims, valley, "participants", rule=known.spec.rule)
    full = known.spec.full_stock
    if whole:
        low, high = _aged(whole, known)
        return Bounds(_log_share(low, full), _log_share(high, full), 1.0)
    part = _largest_part(valley, "participants", known)
    if part is None:
        return Bounds.unknown()
    return Bounds(_log_share(part, full), 100.0, known.spec.half)


def _per_month(valley: str, known: Material) -> Bounds:
    """Participants for each month since the decree, at the date of the figure."""
    whole = choose(known.claims, valley, "participants", rule=known.spec.rule)
    months = _months_since_decree(valley, whole, known) if whole else 0.0
    if whole is None or months <= 0:
        return Bounds.unknown()
    full = known.spec.full_per_month
    return Bounds(_share(whole.low / months, full), _share(whole.high / months, full), 1.0)


def _entries(valley: str, known: Material) -> Bounds:
    """Participants gained a month between the first and the last figure of the whole valley."""
    told = known.claims
    told = told[
        told["valley"].eq(valley)
        & told["metric"].eq("participants")
        & told["nature"].eq("actual")
        & told["part"].eq("")
    ].sort_values("last")
    last = choose(known.claims, valley, "participants", rule=known.spec.rule)
    if last is None:
        return Bounds.unknown()
    first = told.iloc[0]
    months = months_between(first["last"].date(), last.row["last"].date())
    if months < _YEAR / 2:
        return Bounds.unknown()
    full = known.spec.full_per_month
    gains = [(end - first["value"]) / months for end in (last.low, last.high)]
    return Bounds(_share(gains[0], full), _share(gains[1], full), 1.0)


def _money_fact(valley: str, known: Material) -> Bounds:
    """Money reported as received or spent, on a logarithmic scale: a lower bound by nature."""
    sums = []
    whole = False
    for metric in MONEY:
        found = choose(known.claims, valley, metric, rule=known.spec.rule)
        part = _largest_part(valley, metric, known)
        whole = whole or found is not None
        sums.append(found.low if found else part or 0.0)
    total = sum(sums)
    if total <= 0:
        return Bounds.unknown()
    evidence = 1.0 if whole else known.spec.half
    return Bounds(_log_share(total, known.spec.full_money), 100.0, evidence)


def _money_share(valley: str, known: Material) -> Bounds:
    """Money received over money planned, where one source of money has both."""
    planned = known.promises
    rows = planned[
        planned["valley"].eq(valley) & planned["metric"].isin(MONEY) & planned["share"].notna()
    ]
    if rows.empty:
        return Bounds.unknown()
    low = (rows["achieved_low"] / rows["value"]).clip(upper=1).mean()
    high = (rows["achieved_high"] / rows["value"]).clip(upper=1).mean()
    return Bounds(100 * low, 100 * high, 1.0)


def _kept(valley: str, known: Material) -> Bounds:
    """Achieved over promised for what was due, each promise capped at one."""
    return _promises(valley, known, due=True)


def _on_course(valley: str, known: Material) -> Bounds:
    """The same for what is not due yet, against the share of the time that has passed."""
    return _promises(valley, known, due=False)


def _promises(valley: str, known: Material, due: bool) -> Bounds:
    rows = known.promises[known.promises["valley"].eq(valley) & known.promises["due"].ne("")]
    lows, highs, evidence = [], [], []
    for row in rows[~rows["metric"].isin(MONEY)].to_dict("records"):
        elapsed = _elapsed(row, known.as_of)
        if (elapsed >= 1) != due:
            continue
        reported = not math.isnan(row["achieved"])
        told = reported and row["verdict"] != "untold"  # of the due date, not only before it
        expected = row["value"] * elapsed
        lows.append(min(row["achieved_low"] / expected, 1.0) if reported and expected else 0.0)
        highs.append(min(row["achieved_high"] / expected, 1.0) if told and expected else 1.0)
        evidence.append(float(told))
    if not lows:
        return Bounds.unknown()
    count = len(lows)
    return Bounds(100 * sum(lows) / count, 100 * sum(highs) / count, sum(evidence) / count)


def _elapsed(row: dict, as_of: date) -> float:
    """Share of the time from a promise to its due date that has passed."""
    start, end = row["last"].date(), Dated.parse(row["due"]).last
    span = months_between(start, end)
    return min(months_between(start, as_of) / span, 1.0) if span > 0 else 1.0


def _largest_part(valley: str, metric: str, known: Material) -> float | None:
    """The latest actual figure of the part of a valley for which it is largest."""
    told = known.claims
    parts = told.loc[
        told["valley"].eq(valley) & told["metric"].eq(metric) & told["part"].ne(""), "part"
    ].unique()
    found = [choose(told, valley, metric, part=part, rule=known.spec.rule) for part in parts]
    return max((one.low for one in found if one), default=None)


def _aged(chosen: Chosen, known: Material) -> tuple[float, float]:
    """Bounds of a figure today: recent claims, and the drift since the date of the figure."""
    years = max(months_between(chosen.row["last"].date(), known.as_of), 0.0) / _YEAR
    factor = (1 + known.spec.drift) ** years
    return chosen.low / factor, chosen.high * factor


def _months_since_decree(valley: str, chosen: Chosen, known: Material) -> float:
    decree = known.ladder.steps.loc[(valley, "decree"), "shown"].date()
    return months_between(decree, chosen.row["last"].date())


def _share(value: float, full: float) -> float:
    return 100 * min(max(value / full, 0.0), 1.0)


def _log_share(value: float, full: float) -> float:
    return 100 * min(max(math.log(max(value, 1.0)) / math.log(full), 0.0), 1.0)

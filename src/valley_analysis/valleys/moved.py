"""What moved between two dates, who is stuck, and what nobody has said."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from valley_analysis.valleys.claims import Chosen, choose, claims_frame, contradict
from valley_analysis.valleys.ladder import Ladder, ladder
from valley_analysis.valleys.register import Register

ASKED = ("participants", "revenue", "federal_money", "regional_money", "jobs")
"""Figures that a ministry would need of every valley."""


@dataclass(frozen=True)
class Moved:
    """The difference between what was known on two dates.

    Attributes
    ----------
    before, now
        Ladders on both.
    steps
        One row a step newly seen: valley, step, first, last, shown, source, confidence.
    events
        One row an event beside the ladder dated in between: valley, date, title_en, title_ru,
        actor, source.
    figures
        One row a figure whose choice changed: valley, metric, before, now, the bound and the source
        of each, and contradiction: whether both describe days within half a year of each other and
        cannot both hold, so that two sources differ rather than the thing.
    stuck
        `Ladder.furthest` with next_step (the lowest one that is neither dated nor implied).
    unknown
        Valleys x `ASKED`: the actual figure for the whole valley, missing where nobody gave one.
    dated
        The same with the date that each figure describes; empty where there is none.
    bounds
        The same with "exact", "about", "more_than" or "less_than"; empty where there is none.
    """

    before: Ladder
    now: Ladder
    steps: pd.DataFrame
    events: pd.DataFrame
    figures: pd.DataFrame
    stuck: pd.DataFrame
    unknown: pd.DataFrame
    dated: pd.DataFrame
    bounds: pd.DataFrame


def moved(register: Register, before: date, now: date) -> Moved:
    """Return what moved between two dates.

    Parameters
    ----------
    register
        What `load_register` returns.
    before, now
        The previous edition's date and this one's.
    """
    then, today = ladder(register, before), ladder(register, now)
    return Moved(
        then,
        today,
        _new_steps(then, today),
        _events(register, before, now),
        _figures(register, before, now),
        stuck(today),
        *told_figures(register, now),
    )


def _new_steps(then: Ladder, today: Ladder) -> pd.DataFrame:
    seen = then.steps.index[then.steps["state"] == "dated"]
    new = today.steps[(today.steps["state"] == "dated") & ~today.steps.index.isin(seen)]
    return new.reset_index()[["valley", "step", "first", "last", "shown", "source", "confidence"]]


def _events(register: Register, before: date, now: date) -> pd.DataFrame:
    rows = [
        (valley.id, str(one.date), one.title.en, one.title.ru, one.actor, one.source or "")
        for valley in register.valleys.entries
        for one in valley.milestones
        if one.title and before < one.date.first <= now
    ]
    columns = ["valley", "date", "title_en", "title_ru", "actor", "source"]
    return pd.DataFrame(rows, columns=columns).sort_values(["valley", "date"], ignore_index=True)


def _figures(register: Register, before: date, now: date) -> pd.DataFrame:
    old, new = claims_frame(register.valleys, before), claims_frame(register.valleys, now)
    actual = new[new["nature"].eq("actual") & new["part"].eq("")]
    rows = []
    for valley, metric in actual[["valley", "metric"]].drop_duplicates().itertuples(index=False):
        was, is_now = choose(old, valley, metric), choose(new, valley, metric)
        assert is_now is not None
        if was is None or was.value != is_now.value:
            rows.append({"valley": valley, "metric": metric, **_change(was, is_now)})
    columns = ["valley", "metric", *_CHANGE]
    return pd.DataFrame(rows, columns=columns).astype({"contradiction": bool})


_CHANGE = (
    "before",
    "now",
    "before_bound",
    "now_bound",
    "before_source",
    "source",
    "contradiction",
)


def _change(was: Chosen | None, is_now: Chosen) -> dict[str, object]:
    later = is_now.row
    if was is None:
        told = (float("nan"), is_now.value, "exact", later["bound"], "", later["source"], False)
    else:
        earlier = was.row
        at_odds = contradict(earlier.to_dict(), later.to_dict())
        bounds, sources = ((earlier[key], later[key]) for key in ("bound", "source"))
        told = (was.value, is_now.value, *bounds, *sources, at_odds)
    return dict(zip(_CHANGE, told, strict=True))


def stuck(today: Ladder) -> pd.DataFrame:
    """Return the furthest step of each valley, how long ago it moved, and the step that is next."""
    states = today.states()
    waiting = ~states.isin(["dated", "implied"])
    following = [
        next((step for step in states.columns if waiting.loc[valley, step]), "")
        for valley in states.index
    ]
    return today.furthest().assign(next_step=following)


def known_figures(register: Register, as_of: date) -> pd.DataFrame:
    """Return valleys x figures: whether somebody reported an actual one for the whole valley."""
    return told_figures(register, as_of)[0].notna()


def told_figures(
    register: Register, as_of: date
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return valleys x figures: the actual one of the whole valley, its date, and its bound."""
    claims = claims_frame(register.valleys, as_of)
    found = {
        valley: {metric: choose(claims, valley, metric) for metric in ASKED}
        for valley in register.valleys.ids
    }
    values, dates, bounds = (
        pd.DataFrame({v: {m: told(one) for m, one in row.items()} for v, row in found.items()})
        for told in (_value, _date, _bound)
    )
    return tuple(frame.T.rename_axis("valley") for frame in (values, dates, bounds))


def _value(one: Chosen | None) -> float:
    return one.value if one else float("nan")


def _bound(one: Chosen | None) -> str:
    return str(one.row["bound"]) if one else ""


def _date(one: Chosen | None) -> str:
    return str(one.row["as_of"]) if one else ""

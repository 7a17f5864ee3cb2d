"""Rules of performance groups as tables: scores on the left, groups on the right."""

import numpy as np
import pandas as pd
import pytest

from valley_analysis.errors import SpecError
from valley_analysis.scoring.groups import (
    AIRR,
    EIS,
    HSE,
    JENKS,
    QUARTILES,
    GroupRule,
    group_units,
)

TABLE = """
rule       A    B    C    D    E     groups
eis        90   50   50   40   20    1 2 2 3 4    # mean 50: borders 62.5, 50, 35; 50 lies on one
airr       70   55   50   45   30    1 2 3 3 4    # mean 50: 70, 55, 45, 30 lie on borders
hse        80   64   63   48   10    1 1 2 2 4    # leader 80: 64, 48, 32
hse        80   80   -    31   32    1 1 - 4 3    # no score, no group
quartiles  1    2    3    4    5     4 3 2 1 1    # quantiles of type 7: 4, 3, 2
quartiles  7    7    7    7    7     1 1 1 1 1    # all tie, all together
jenks      1    2    11   20    30   4 4 3 2 1
jenks      5    5    5    9     9    2 2 2 1 1    # two values make two groups
"""
RULES = {rule.name: rule for rule in (AIRR, EIS, HSE, JENKS, QUARTILES)}
ROWS = [line.split("#")[0].split() for line in TABLE.strip().splitlines()[1:]]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: " ".join(row))
def test_groups_by_hand(row):
    name, cells, groups = row[0], row[1:6], row[6:]
    scores = pd.Series([np.nan if c == "-" else float(c) for c in cells], list("ABCDE"))
    found = group_units(scores, RULES[name]).groups
    assert [str(group) for group in found.fillna(0)] == [g.replace("-", "0") for g in groups]


def test_borders_are_reported_from_the_top_down():
    found = group_units(pd.Series({"a": 80.0, "b": 20.0, "c": 50.0}), EIS)
    assert found.borders["label"].tolist() == ["leader", "strong", "moderate", "emerging"]
    assert found.borders["least"].tolist()[:3] == [62.5, 50.0, 35.0]
    assert found.borders["most"].tolist()[1:] == [62.5, 50.0, 35.0]
    assert found.borders["units"].tolist() == [1, 1, 0, 1]
    assert found.members(1) == ("a",)
    assert "eis" in found._repr_html_()


def test_natural_breaks_need_no_more_groups_than_units():
    found = group_units(pd.Series({"a": 1.0, "b": 9.0}), JENKS)
    assert found.groups.to_dict() == {"a": 2, "b": 1}


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_no_scores_no_groups(rule):
    assert group_units(pd.Series({"a": np.nan, "b": np.nan}), rule).groups.isna().all()


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"kind": "median", "cuts": (1.0,)}, "kind 'median'"),
        ({"kind": "mean", "cuts": (0.5, 1.0)}, "falling"),
        ({"kind": "mean"}, "count 1"),
        ({"kind": "jenks"}, "count 0"),
        ({"kind": "jenks", "count": 3, "cuts": (2.0, 1.0)}, "natural breaks take none"),
        ({"kind": "quantiles", "cuts": (1.5,)}, "between 0 and 1"),
        ({"kind": "mean", "cuts": (1.0,), "labels": ("one",)}, "one a group"),
        ({"kind": "mean", "cuts": (1.0,), "count": 4}, "one cut fewer"),
    ],
)
def test_a_rule_that_contradicts_itself_is_refused(settings, problem):
    with pytest.raises(SpecError, match=problem):
        GroupRule("bad", **settings)

"""What a register refuses, and that it says everything at once, with lines."""

import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from valley_analysis.errors import RegisterError, UnknownValleyError
from valley_analysis.valleys.register import Register

Make = Callable[..., Register]


def test_all_problems_of_a_file_are_reported_at_once_with_their_lines(
    make: Make, write: SimpleNamespace
) -> None:
    good = write.entry("one")
    bad = write.entry(
        "two",
        region="RU-XXX",
        milestones=write.step("approval", "2021-06-01"),
        claims=write.claim("dragons", 3, "2021") + "\n" + write.claim("participants", 3, "2019-05"),
    )
    with pytest.raises(RegisterError) as caught:
        make(good, bad, good)
    text = (good + bad + good).split("\n")
    told = "\n".join(caught.value.problems)
    for words in ("unknown region 'RU-XXX'", "unknown metric 'dragons'", "stands twice"):
        assert words in told
    for problem in caught.value.problems:
        line = int(problem.split(":")[0].removeprefix("line "))
        assert 1 <= line <= len(text)
    region_line = next(k for k, line in enumerate(text, 1) if "RU-XXX" in line)
    assert any(
        p.startswith(f"line {region_line}:") and "RU-XXX" in p for p in caught.value.problems
    )


@pytest.mark.parametrize(
    ("milestones", "claims", "words"),
    [
        (
            "step: application, date: 2020-02-01, actor: initiator, source: https://e.org",
            "",
            "decree of 2020-01-01 lies before application",
        ),
        ("step: fund, date: 2020-03, actor: federal", "", "no source"),
        ("date: 2020-03, actor: federal, confidence: unverified", "", "neither a step"),
        (
            "step: fund, date: 2020-03, actor: federal, source: https://e.org\n"
            "step: fund, date: 2020-03, actor: federal, source: https://e.org",
            "",
            "the same as line",
        ),
        (
            "",
            "metric: jobs, value: 3, as_of: 2019-12-31, nature: actual, source: https://e.org",
            "older than the decree",
        ),
        (
            "",
            "metric: jobs, value: 3, as_of: 2021, nature: actual, due: 2022, source: https://e.org",
            "no due date",
        ),
        ("", "metric: jobs, value: 3, as_of: soon, nature: plan, source: https://e.org", "no date"),
        (
            "step: fund, date: 2020-03, actor: federal, source: ftp://e.org",
            "",
            "begins with http",
        ),
    ],
)
def test_bad_entries_fail_with_line_and_reason(
    make: Make, write: SimpleNamespace, milestones: str, claims: str, words: str
) -> None:
    with pytest.raises(RegisterError, match=words) as caught:
        make(write.entry("one", milestones=milestones, claims=claims))
    assert all(problem.startswith("line ") for problem in caught.value.problems)


def test_a_reason_lets_an_odd_date_stand(make: Make, write: SimpleNamespace) -> None:
    why = "{en: planned so, ru: так задумано}"
    found = make(
        write.entry(
            "one",
            milestones=write.step("application", "2020-02-01", out_of_order=why),
            claims=write.claim("participants", 3, "2019-12", before_creation=why),
        )
    )
    assert len(found) == 1


def test_dates_that_may_be_in_order_are_no_problem(make: Make, write: SimpleNamespace) -> None:
    text = write.entry("one", decree="2020-06-15", milestones=write.step("approval", "2020"))
    assert len(make(text)) == 1


def test_an_unknown_valley_names_its_neighbours(make: Make, write: SimpleNamespace) -> None:
    with pytest.raises(UnknownValleyError, match="did you mean composite"):
        make(write.entry("composite"))["composit"]


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        ("metric: participants, value: .nan, as_of: 2021, nature: actual", "finite number"),
        ("metric: participants, value: .inf, as_of: 2021, nature: actual", "finite number"),
        ("metric: participants, value: 1e13, as_of: 2021, nature: actual", "less than or equal"),
        ("metric: participants, value: -3, as_of: 2021, nature: actual", "expected 0 to 1e+09"),
        ("metric: participants, value: 2e9, as_of: 2021, nature: actual", "expected 0 to 1e+09"),
        ("metric: readiness, value: 130, as_of: 2021, nature: actual", "expected 0 to 100"),
        ("metric: revenue_growth, value: -101, as_of: 2021, nature: actual", "expected -100 to"),
        ("metric: jobs, value: 3, as_of: 2025-02-30, nature: actual", "2025-02-30"),
        ("metric: jobs, value: 3, as_of: 1066, nature: actual", "expected 1990 to 2100"),
        ("metric: jobs, value: 3, as_of: 9999, nature: actual", "expected 1990 to 2100"),
    ],
)
def test_a_figure_that_cannot_be_is_refused_with_its_line(
    make: Make, write: SimpleNamespace, claim: str, words: str
) -> None:
    with pytest.raises(RegisterError, match=re.escape(words)) as caught:
        make(write.entry("one", claims=f'{claim}, source: "https://e.org/c"'))
    (problem,) = caught.value.problems
    assert problem.startswith("line ")


@pytest.mark.parametrize("address", ["javascript:alert(1)", "https://e.org/<script>", "e.org"])
def test_a_fact_leads_to_an_address_of_the_web(
    make: Make, write: SimpleNamespace, address: str
) -> None:
    with pytest.raises(RegisterError, match="begins with http:// or https://"):
        make(write.entry("one", milestones=write.step("fund", "2021", source=f'"{address}"')))

"""A value that no register holds, no day, no number that means anything: refused before a run."""

import subprocess

import pytest

from valley_analysis.errors import UnknownParameterError
from valley_analysis.reports import listing
from valley_analysis.reports import run as module
from valley_analysis.reports.parameters import read_parameters
from valley_analysis.reports.run import prepare, run_notebook, suite

NOTEBOOKS = suite()
DECLARED = [
    pytest.param(path, parameter, id=f"{path.stem[:2]}-{parameter.name}")
    for path in NOTEBOOKS
    for parameter in read_parameters(path).parameters.values()
    if parameter.type != "bool"
]


@pytest.mark.parametrize(("path", "parameter"), DECLARED)
def test_no_parameter_of_the_suite_takes_just_anything(path, parameter):
    wrong = {"int": -(10**12), "float": float("nan"), "str": "no such value"}[parameter.type]
    with pytest.raises(UnknownParameterError, match=parameter.name):
        prepare(path, {parameter.name: wrong})


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem[:2])
def test_the_defaults_are_allowed(path):
    prepare(path)


@pytest.mark.parametrize(
    ("name", "given", "told"),
    [
        ("13", {"as_of": "2026-13-45"}, "as_of is '2026-13-45'; expected a day such as"),
        ("13", {"as_of": "25.11.2026"}, "expected a day"),
        ("13", {"as_of": "2026-11-25T00:00:00"}, "expected a day"),
        ("13", {"as_of": "20261125"}, "expected a day"),
        ("13", {"as_of": "2026-W48-3"}, "expected a day"),
        ("13", {"as_of": "２０２６-11-25"}, "expected a day"),
        ("13", {"as_of": ""}, "expected a day"),
        ("13", {"as_of": "2015-01-01"}, "the first valley was decreed by 2019"),
        ("13", {"since": "2027-01-01"}, "expected a day before as_of"),
        ("13", {"since": "2026-02-30"}, "since is '2026-02-30'; expected a day"),
        ("03", {"vintage_before": "2023-13"}, "expected a month such as 2023-12"),
        ("08", {"outcome": "patentz"}, r"no 'patentz'; nearest: patents \(`valley list outcomes`"),
        ("08", {"others": "rd_staf"}, "others: no 'rd_staf'; nearest: rd_staff"),
        ("03", {"others": "RU-TULA"}, "others: no 'RU-TULA'; nearest: RU-TUL"),
        ("03", {"chosen": "RU-TUL RU-KLU"}, "expected one key"),
        ("02", {"chosen": "UA-43"}, "chosen: UA-43 is not of scope 'recognised'"),
        ("08", {"wave": 2015}, "wave: no '2015'"),
        ("08", {"wave": 2014, "exposure": "imports_far_grp_short"}, "the wave of 2014 has"),
        ("12", {"valley": "tula"}, "valley: no 'tula'; there are"),
        ("12", {"valley": "aero", "as_of": "2020-01-01"}, "not decreed by 2020-01-01"),
        ("12", {"rule": "best"}, "expected one of latest, lowest_recent"),
        ("04", {"weights": "stage"}, "is not written as"),
        ("04", {"weights": "stages 1"}, "unknown pillar"),
        ("04", {"period": 1990}, "period is 1990; specification"),
        ("06", {"public_money": "2021;5"}, "is no year and amount"),
        ("06", {"years": 10**9}, "years is 1000000000; expected 1 to 50"),
        ("06", {"profiles": "software_startup x"}, "profiles: no 'x'"),
        ("02", {"seed": -1}, "seed is -1; expected 0 to 4,294,967,295"),
        ("02", {"chosen": "RU-TUL\nRU-KLU"}, "expected text on one line"),
        ("02", {"chosen": "RU-TUL " * 400}, "expected no more than 2,000"),
    ],
)
def test_a_wrong_value_is_told_with_what_there_is(name, given, told):
    with pytest.raises(UnknownParameterError, match=told):
        prepare(name, given)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("02", {"chosen": "UA-43", "scope": "rosstat"}),
        ("08", {"wave": 2014, "outcome": "patents", "others": ""}),
        ("06", {"public_money": "2021:100 2022:35.5"}),
        ("13", {"as_of": "2024-02-29", "since": "2023-02-28"}),
    ],
)
def test_a_right_value_passes(name, given):
    assert prepare(name, given).given == given


def test_nothing_is_started_for_a_day_that_is_none(tmp_path, monkeypatch):
    def start(*_, **__):
        raise AssertionError("something was started")

    monkeypatch.setattr(module, "_execute", start)
    monkeypatch.setattr(subprocess, "Popen", start)
    with pytest.raises(UnknownParameterError, match="as_of"):
        run_notebook("13", {"as_of": "2026-13-45"}, tmp_path / "out.ipynb")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", listing.LISTS)
def test_every_list_has_keys_of_its_own(name):
    rows = listing.LISTS[name]()
    keys = [key for key, _ in rows]
    assert keys
    assert len(set(keys)) == len(keys)
    assert all(text for _, text in rows)

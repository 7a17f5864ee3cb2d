"""Parameters: read from the source, checked all at once, before anything runs."""

from pathlib import Path

import pytest

from valley_analysis.errors import ReportError, UnknownParameterError
from valley_analysis.reports.parameters import Parameter, read_parameters
from valley_analysis.reports.run import prepare


def test_names_defaults_types_and_comments_are_read(write):
    code = (
        "# the year\nperiod = 2021\nshare = -0.5  # of one\n"
        'name: str = "a"  # a # b\nflag = True  # yes or no'
    )
    read = read_parameters(write("01_small", parameters=code))
    assert read.parameters == {
        "period": Parameter("period", 2021, "int", "the year"),
        "share": Parameter("share", -0.5, "float", "of one"),
        "name": Parameter("name", "a", "str", "a # b"),
        "flag": Parameter("flag", True, "bool", "yes or no"),
    }
    assert read.describe().startswith("period (int, default 2021), share (float, default -0.5)")


@pytest.mark.parametrize(
    ("kind", "given", "value"),
    [
        ("int", "2021", 2021),
        ("int", 2021, 2021),
        ("float", "1e3", 1000.0),
        ("float", 2, 2.0),
        ("bool", "no", False),
        ("bool", True, True),
        ("str", "12", "12"),
    ],
)
def test_values_come_out_typed(kind, given, value):
    read = Parameter("a", {"int": 0, "float": 0.0, "bool": True, "str": ""}[kind], kind).read(given)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        *(("int", given) for given in ("20.5", True, 20.0, "")),
        *(("float", given) for given in ("x", None)),
        *(("bool", given) for given in ("maybe", 1)),
        ("str", 5),
    ],
)
def test_values_of_another_type_are_refused(kind, given):
    with pytest.raises(ValueError):
        Parameter("a", 0, kind).read(given)


def test_everything_wrong_is_said_at_once_with_what_there_is(write):
    path = write("01_small")
    with pytest.raises(UnknownParameterError) as error:
        prepare(path, {"perod": "2021", "period": "soon", "lang": "de", "scope": "all"})
    problems = error.value.problems
    assert len(problems) == 4
    assert problems[0] == "no parameter 'perod'; nearest: period"
    assert problems[1] == "period is 'soon'; expected a value of type int"
    assert "'de'; expected one of en, ru" in problems[3]
    assert "'all'; expected recognised" in problems[2]
    assert "it takes period (int, default 2021)" in str(error.value)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"period": "1999"}, "period is 1999; specification 'regional_innovation' has editions"),
        ({"spec": "none_such"}, "no specification 'none_such'"),
        ({"spec": "none_such.yml"}, "no specification 'none_such.yml'"),
    ],
)
def test_values_that_are_not_allowed_are_refused(write, given, told):
    with pytest.raises(UnknownParameterError, match=told):
        prepare(write("01_small"), given)


def test_a_specification_by_path_is_made_absolute(write, tmp_path, monkeypatch, root):
    own = root / "src/valley_analysis/indicators/specs/regional_innovation.yml"
    (tmp_path / "mine.yml").write_bytes(own.read_bytes())
    path = write("01_small")
    monkeypatch.chdir(tmp_path)
    prepared = prepare(path, {"spec": "mine.yml"})
    assert Path(str(prepared.given["spec"])).is_absolute()


@pytest.mark.parametrize("code", ["a = [1]", "a = f()", "print(1)", "a = b = 1", "a ="])
def test_a_cell_that_is_no_list_of_scalars_is_refused(write, code):
    with pytest.raises(ReportError, match=r"01_small\.ipynb: its parameters cannot be read"):
        read_parameters(write("01_small", parameters=code))


def test_a_text_is_parsed_by_name(write):
    read = read_parameters(write("01_small"))
    assert read.parse("period", "2020") == 2020
    with pytest.raises(UnknownParameterError):
        read.parse("perod", "2020")

"""Specification files: the shipped one fits the catalogue, a bad one names every fault."""

import re
from dataclasses import replace

import pytest

from valley_analysis import regions
from valley_analysis.errors import RegisterError, SpecError, UnknownSpecError
from valley_analysis.indicators import list_specs, load_catalogue, load_spec, write_spec
from valley_analysis.indicators.spec_files import FOLDER, _SpecFile
from valley_analysis.scoring import IndexSpec, Member, Uncertainty, vary
from valley_analysis.scoring.standard import standard_assumptions


@pytest.mark.parametrize("name", list_specs())
def test_each_shipped_specification_loads(name):
    spec = load_spec(name)
    assert spec.name == name
    assert len(spec.members) >= 30
    assert len(spec.dimensions) == 6


def test_the_projects_own_uses_every_scored_indicator():
    scored = {name for name, item in load_catalogue().items() if item.direction}
    assert set(load_spec("regional_innovation").indicators) == scored


@pytest.mark.parametrize("name", ["regional", "", "a" * 5000, "a" * 5000 + ".yml", "a\0b", None, 5])
def test_unknown_specifications_are_refused(name):
    with pytest.raises(UnknownSpecError, match="regional_innovation"):
        load_spec(name)


def test_a_specification_that_contradicts_the_catalogue(tmp_path):
    text = (FOLDER / "regional_innovation.yml").read_text("utf-8")
    text = text.replace("    - life_expectancy\n", "    - unemployment_rate\n    - patents\n")
    text = text.replace("    - assets_wear\n", "    - cloud_organisations\n")
    path = tmp_path / "mine.yml"
    path.write_text(text, "utf-8")
    with pytest.raises(SpecError) as caught:
        load_spec(str(path))
    assert len(caught.value.problems) == 3


def test_a_specification_with_a_wrong_key(tmp_path):
    text = (FOLDER / "regional_innovation.yml").read_text("utf-8")
    path = tmp_path / "mine.yml"
    path.write_text(text.replace("max_lag: 1", "max_lags: 1"), "utf-8")
    with pytest.raises(RegisterError, match="max_lag"):
        load_spec(str(path))


METHOD = """
aggregation: [arithmetic, geometric]
floor: 1.0
normalisation: percentile
"""
TREE = """
structure:
  - {name: whole}
  - {name: money, parent: whole, weight: 2}
  - {name: grp_per_employed, parent: money}
  - {name: grp_per_person, parent: money}
  - {name: internet_users, parent: whole}
"""


def small(tmp_path, rest: str) -> str:
    """A file of three indicators with the settings of the project's own, and others."""
    text = (FOLDER / "regional_innovation.yml").read_text("utf-8")
    head, tail = text.split("dimensions:")[0], text[text.index("winsorise:") :]
    members = "\n  economic_base: [grp_per_employed, grp_per_person]\n"
    members += "  openness_digital: [internet_users]\n"
    path = tmp_path / "small.yml"
    path.write_text(f"{head}dimensions:{members}{tail}{rest}", "utf-8")
    return str(path)


def test_a_file_sets_the_method_of_every_step(tmp_path):
    spec = load_spec(small(tmp_path, METHOD))
    assert spec.aggregation == ("arithmetic", "geometric")
    assert (spec.floor, spec.normalisation, spec.treatment) == (1.0, "percentile", "quantiles")


def test_a_file_gives_a_structure_of_any_depth(tmp_path):
    spec = load_spec(small(tmp_path, TREE))
    assert spec.dimensions == ("money", "internet_users")
    assert spec.structure.leaf_weights()["grp_per_person"] == pytest.approx(1 / 3)


def test_a_file_with_an_unknown_method(tmp_path):
    with pytest.raises(SpecError, match="normalisation 'best'"):
        load_spec(small(tmp_path, METHOD.replace("percentile", "best")))


LEAST = """
name: mine
dimensions:
  people: [researchers_per_10k_employed, graduates_per_1000_employed]
  results: [patents_per_100k]
"""


def written(tmp_path, text: str) -> str:
    path = tmp_path / "mine.yml"
    path.write_text(text, "utf-8")
    return str(path)


def test_name_and_dimensions_are_enough(tmp_path):
    spec = load_spec(written(tmp_path, LEAST))
    assert spec.dimensions == ("people", "results")
    members = tuple(Member(m.indicator, m.dimension, m.direction) for m in spec.members)
    assert spec == IndexSpec("mine", members)  # every other key is the default


def test_the_project_s_own_differs_from_the_defaults_in_nothing_but_its_members():
    own = load_spec("regional_innovation")
    assert own == IndexSpec(own.name, own.members, provisional=(2022,), subindices=own.subindices)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("name: mine", "about: mine"), "name: Field required"),
        (("dimensions:", "dimension:"), "dimensions: Field required"),
        (("patents_per_100k", "patents_per_100"), "nearest: patents_per_100k"),
        (("results:", "research:"), "is of dimension technology, not research"),
        (("results:", "rank:"), "dimension 'rank' is a column of the results"),
        (("results:", "patents_per_100k:"), "has the name of an indicator"),
        (("name: mine", "name: mine\nmax_lag: soon"), "max_lag: Input should be a valid integer"),
        (("name: mine", "name: mine\neditions: [2022, 2010]"), "editions (2022, 2010)"),
        (("name: mine", "name: mine\nfloor: .nan"), "floor nan"),
    ],
)
def test_errors_name_the_key_in_one_message(tmp_path, change, told):
    with pytest.raises((RegisterError, SpecError)) as caught:
        load_spec(written(tmp_path, LEAST.replace(*change)))
    text = str(caught.value)
    assert told in text
    assert "Next step" in text
    assert "'people'" not in text  # not the whole file
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "just words"])
def test_a_file_without_keys_is_refused(tmp_path, text):
    with pytest.raises(RegisterError, match="valley new-spec"):
        load_spec(written(tmp_path, text))


def test_a_new_specification_loads_with_all_keys_at_their_defaults(tmp_path):
    path = write_spec("mine", tmp_path)
    spec = load_spec(str(path))
    assert spec == IndexSpec("mine", spec.members)
    text = path.read_text("utf-8")
    hidden = re.sub(r"^# ([a-z_]+:)", r"\1", text, flags=re.MULTILINE)  # every sign taken off
    opened = hidden.replace("weighting: shared", "weighting: given")
    opened = "\n".join(line for line in opened.splitlines() if ": equal," not in line)
    path.write_text(opened, "utf-8")
    whole = load_spec(str(path))
    assert whole.given_weights["knowledge"] == 2
    assert [name for name, _ in whole.subindices] == [f"{one}_only" for one in spec.dimensions]
    assert replace(whole, weighting="shared", given=(), subindices=()) == spec
    keys = set(_SpecFile.model_fields) - {"structure"}
    assert keys <= set(re.findall(r"^([a-z_]+):", opened, re.MULTILINE))


def test_a_new_specification_overwrites_nothing(tmp_path):
    write_spec("mine.yml", tmp_path)
    with pytest.raises(SpecError, match="there already"):
        write_spec("mine", tmp_path)
    with pytest.raises(SpecError, match="letters"):
        write_spec("../mine", tmp_path)


@pytest.mark.slow
def test_a_new_specification_scores_and_varies(tmp_path, indicators):
    spec = load_spec(str(write_spec("mine", tmp_path)))
    units = regions.scope()
    plan = Uncertainty(standard_assumptions(spec), 50, 1)
    found = vary(indicators, spec, 2021, units, plan, pairs=False)
    assert found.ranges["rank"].notna().sum() >= 80
    assert not found.impossible

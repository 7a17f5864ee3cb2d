"""Specification files: the shipped one fits the catalogue, a bad one names every fault."""

import pytest

from valley_analysis.errors import RegisterError, SpecError, UnknownSpecError
from valley_analysis.indicators import list_specs, load_catalogue, load_spec
from valley_analysis.indicators.spec_files import FOLDER


@pytest.mark.parametrize("name", list_specs())
def test_each_shipped_specification_loads(name):
    spec = load_spec(name)
    assert spec.name == name
    assert len(spec.members) >= 30
    assert len(spec.dimensions) == 6


def test_the_projects_own_uses_every_scored_indicator():
    scored = {name for name, item in load_catalogue().items() if item.direction}
    assert set(load_spec("regional_innovation").indicators) == scored


def test_unknown_specifications_are_refused():
    with pytest.raises(UnknownSpecError, match="regional_innovation"):
        load_spec("regional")


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

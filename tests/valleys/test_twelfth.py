"""Adding a valley is one YAML entry: everything else follows, and a bad entry is refused."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from valley_analysis import valleys
from valley_analysis.errors import RegisterError
from valley_analysis.valleys.register import REGISTER, Register, load_register

TODAY = date(2026, 11, 25)
TWELFTH = """
- id: twelfth
  kind: istc
  name: {en: "Twelfth Valley", ru: "Двенадцатая долина"}
  short: {en: "Twelfth", ru: "Двенадцатая"}
  law: 216-FZ
  summary: {en: "Invented for a test.", ru: "Придумана для проверки."}
  specialisation: {en: "marine", ru: "море", source: "https://example.org/s"}
  sectors: [marine]
  sites:
    - {name: {en: "Arkhangelsk", ru: "Архангельск"}, region: RU-ARK-X, since: 2026-01-15,
       lat: 64.5, lon: 40.5, source: "https://example.org/p"}
  milestones:
    - {step: decree, actor: federal, date: 2026-01-15, source: "https://example.org/d"}
    - {step: first_participant, actor: participants, date: 2026-09, source: "https://example.org/f"}
  claims:
    - {metric: participants, value: 3, as_of: 2026-09-30, nature: actual, source: "https://example.org/c"}
  partners: []
"""


@pytest.fixture
def grown(tmp_path: Path) -> Iterator[Register]:
    path = tmp_path / "register.yml"
    path.write_text(REGISTER.read_text("utf-8").rstrip() + "\n" + TWELFTH, "utf-8")
    yield load_register(path)
    load_register.cache_clear()


def test_a_twelfth_valley_takes_its_place_everywhere(grown: Register) -> None:
    before = load_register()
    assert len(grown.valleys) == len(before.valleys) + 1
    ladder = valleys.ladder(grown, TODAY)
    assert ladder.states().loc["twelfth", "fund"] == "implied"
    progress = valleys.progress(grown, TODAY, replications=50)
    assert progress.low.loc["twelfth", "stock"] > 0
    same = valleys.progress(before, TODAY, replications=50)
    assert progress.low.drop(index="twelfth").equals(same.low)
    assert "twelfth" in valleys.dominance(ladder).relations
    assert "RU-ARK-X" in valleys.hosts(grown, TODAY)
    assert valleys.decree_years(grown)["RU-ARK-X"] == 2026
    moved = valleys.moved(grown, date(2025, 12, 31), TODAY)
    assert "twelfth" in set(moved.steps["valley"])
    assert valleys.cooperation(grown).loc["twelfth", "gap"] == "none named"


def test_a_bad_twelfth_entry_says_file_line_and_reason(tmp_path: Path) -> None:
    path = tmp_path / "mine.yml"
    text = REGISTER.read_text("utf-8").rstrip() + "\n" + TWELFTH.replace("RU-ARK-X", "RU-ARX")
    path.write_text(text, "utf-8")
    with pytest.raises(RegisterError) as caught:
        load_register(path)
    (problem,) = caught.value.problems
    line = next(k for k, row in enumerate(text.splitlines(), 1) if "RU-ARX" in row)
    assert str(caught.value).startswith("mine.yml: 1 problem")
    assert problem == f"line {line}: twelfth: unknown region 'RU-ARX'"

"""A small register of invented valleys, whose ladder can be worked out by hand."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from valley_analysis.valleys.register import Register, load_register

VALLEY = """
- id: {id}
  kind: istc
  name: {{en: {id}, ru: {id}}}
  short: {{en: {id}, ru: {id}}}
  law: 216-FZ
  summary: {{en: invented, ru: вымышлена}}
  specialisation: {{en: things, ru: вещи, source: "https://example.org/s"}}
  sites:
    - {{name: {{en: home, ru: дом}}, region: {region}, since: {decree}, source: "https://example.org/p"}}
{sites}  milestones:
    - {{step: decree, actor: federal, date: {decree}, source: "https://example.org/d"}}
{milestones}  claims:
{claims}"""


def entry(
    id: str,
    decree: str = "2020-01-01",
    region: str = "RU-TUL",
    milestones: str = "",
    claims: str = "",
    sites: str = "",
) -> str:
    """One entry as YAML; lists are lines of YAML mappings."""

    def lines(text: str) -> str:
        return "".join(f"    - {{{line.strip()}}}\n" for line in text.strip().splitlines())

    claimed = lines(claims) if claims.strip() else "    []\n"
    return VALLEY.format(
        id=id,
        decree=decree,
        region=region,
        sites=lines(sites) if sites.strip() else "",
        milestones=lines(milestones) if milestones.strip() else "",
        claims=claimed,
    )


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Register]:
    """Write entries to a file and load them as a register."""

    def load(*entries: str) -> Register:
        path = tmp_path / f"register{len(list(tmp_path.iterdir()))}.yml"
        path.write_text("".join(entries), "utf-8")
        return load_register(path)

    return load


def step(name: str, date: str, **more: str) -> str:
    """A milestone as one line of YAML."""
    given = {"actor": "manager", "source": f'"https://example.org/{name}"', **more}
    return f"step: {name}, date: {date}, " + ", ".join(f"{k}: {v}" for k, v in given.items())


def claim(metric: str, value: float, as_of: str, nature: str = "actual", **more: str) -> str:
    """A claim as one line of YAML."""
    given = {"source": f'"https://example.org/{metric}/{as_of}"', **more}
    head = f"metric: {metric}, value: {value}, as_of: {as_of}, nature: {nature}, "
    return head + ", ".join(f"{k}: {v}" for k, v in given.items())


@pytest.fixture
def write() -> SimpleNamespace:
    """What writes entries, milestones and claims as YAML."""
    return SimpleNamespace(entry=entry, step=step, claim=claim)

"""A register whose every text is hostile: pages print it, and nothing of it runs or links."""

import ast
import json
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from nbconvert.filters.markdown import markdown2html

from valley_analysis import valleys
from valley_analysis.registers import read_yaml

pytestmark = pytest.mark.slow

HOSTILE = " <script>1</script><img src=x onerror=1> [a](javascript:1) $x$ | __y__"
_TEXTS = ("en", "ru", "short_en", "short_ru", "name", "note", "text")


def poisoned(node: Any, key: str = "") -> Any:
    """Add the hostile text to every text that a reader is shown."""
    if isinstance(node, dict):
        return {name: poisoned(value, str(name)) for name, value in node.items()}
    if isinstance(node, list):
        return [poisoned(value, key) for value in node]
    return node + HOSTILE if isinstance(node, str) and key in _TEXTS else node


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from valley_analysis.valleys import register as module

    content = read_yaml(module.REGISTER)
    path = tmp_path_factory.mktemp("hostile") / "register.yml"
    path.write_text(yaml.safe_dump(poisoned(content), allow_unicode=True), "utf-8")
    return valleys.load_register(path)


class Page(HTMLParser):
    """Text of a page; whatever could run in it fails."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in {"script", "img", "svg", "iframe", "object", "embed", "style"}, tag
        for name, value in attrs:
            assert not name.startswith("on"), (tag, name)
            if name in {"href", "src"}:
                assert str(value).startswith(("http://", "https://")), value

    def handle_data(self, data: str) -> None:
        self.text += data


def shown(notebook: Path, lang: str, patched: dict[str, Any]) -> Iterator[Any]:
    """Execute the cells of a notebook here; what they show."""
    displayed: list[Any] = []
    names: dict[str, Any] = {}
    for cell in json.loads(notebook.read_text("utf-8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        tree = ast.parse("".join(cell["source"]))
        last = tree.body[-1] if tree.body else None
        value = tree.body.pop() if isinstance(last, ast.Expr) else None
        exec(compile(tree, notebook.name, "exec"), names)
        names |= {"lang": lang, "display": lambda *all_: displayed.extend(all_)} | patched
        if isinstance(value, ast.Expr):
            displayed.append(
                eval(compile(ast.Expression(value.value), notebook.name, "eval"), names)
            )
    return iter(displayed)


@pytest.mark.parametrize(
    ("stem", "lang"),
    [("04_valley_progress", "ru"), ("12_valley_dossier", "en"), ("13_brief", "en")],
)
def test_no_name_of_the_register_runs_or_links(
    root: Path, register: Any, stem: str, lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(valleys, "load_register", lambda *_: register)
    pages = []
    for one in shown(root / "notebooks" / f"{stem}.ipynb", lang, {"replications": 50}):
        if hasattr(one, "savefig"):
            signs = [text for text in one.findobj(_is_text) if "$" in text.get_text()]
            assert not any(text.get_parse_math() for text in signs)
        elif hasattr(one, "_repr_markdown_"):
            pages.append(Page(markdown2html(one._repr_markdown_())).text)
        elif hasattr(one, "_repr_html_"):
            pages.append(Page(one._repr_html_()).text)
    assert any(HOSTILE.strip() in " ".join(page.split()) for page in pages), "nothing was shown"


def _is_text(part: Any) -> bool:
    return hasattr(part, "get_parse_math")

"""Text that somebody typed is printed as it was typed, wherever it goes."""

import html
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbconvert.filters.markdown import markdown2html

from valley_analysis.escape import (
    cell_csv,
    is_web_address,
    link,
    sentences_markdown,
    text_html,
    text_markdown,
)

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "[a](javascript:alert(1))",
    "![a](https://example.org/x.png)",
    "<javascript:alert(1)>",
    "2014. the year",
    "- item",
    "+ item",
    "# heading",
    "> quoted",
    "---",
    "a | b\n--|--\n1 | 2",
    "~~~\ncode\n~~~",
    "    indented code",
    "*a* _b_ ~~c~~ ***",
    "$x$ and $$y$$",
    "R&D &lt;b&gt; &copy;",
    "a\rb\n\n# c",
    "[1]: https://example.org\n[1]",
    "snake_case_name and __init__",
]


class Seen(HTMLParser):
    """The text of a page and its elements."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text, self.elements = "", set[str]()
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":  # a bare address of the web leads where it says
            ((name, address),) = attrs
            assert name == "href"
            assert is_web_address(str(address))
        else:
            self.elements.add(tag)
            assert not attrs, attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def plain(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("escape", [text_markdown, sentences_markdown])
def test_markdown_prints_a_name_as_it_was_typed(escape, text):
    seen = Seen(markdown2html(escape(f"{text}")))
    assert seen.elements <= {"p", "ul", "li"}
    if escape is text_markdown or not text.startswith("- "):
        assert plain(seen.text) == plain(text)


# Not surrogates, and no controls but line ends: YAML lets none of them into a register.
TYPED = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]) | st.just("\n"))


@given(TYPED | st.text("*_`~#[]()<>!|$\\&;.-+=1 \nab"))
def test_any_text_survives_markdown(text):
    seen = Seen(markdown2html(text_markdown(text)))
    assert seen.elements <= {"p"}
    assert plain(seen.text) == plain(text)


@given(st.text("*_`~#[]()<>!|$\\&;.-+=1 \nab"))
def test_sentences_hold_nothing_but_bold_code_and_items(text):
    seen = Seen(markdown2html(sentences_markdown(text)))
    assert seen.elements <= {"p", "strong", "code", "ul", "li"}
    words = re.sub(r"[*`\s-]", "", text)
    assert re.sub(r"[*`\s-]", "", seen.text) == words


def test_sentences_keep_their_own_signs():
    text = "**On 1 May, {x}**: it `runs`.\n\n- one **A_b*c**\n- two"
    page = markdown2html(sentences_markdown(text))
    assert "<strong>On 1 May, {x}</strong>: it <code>runs</code>." in page
    assert "<strong>A_b*c</strong>" in page
    assert page.count("<li>") == 2


@given(TYPED)
def test_html_gives_the_text_back(text):
    assert html.unescape(text_html(text)) == text
    assert not set('<>"') & set(text_html(text))


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        " javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,<script>",
        "vbscript:x",
        "//example.org",
        "https:example.org",
        "https://user:word@example.org",
        "https://exa mple.org",
        "https://example.org\\@evil.example",
        "file:///etc/hosts",
        "https://",
        "",
    ],
)
def test_only_addresses_of_the_web_become_links(address):
    assert not is_web_address(address)
    assert link(address, "<a>") == "&lt;a&gt;"


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org",
        "HTTP://example.org:8080/a?b=1&c=(2)#d",
        "https://пример.рф/документ/1",
    ],
)
def test_a_link_leads_to_its_address(address):
    page = link(address, "x")
    assert html.unescape(re.findall('href="([^"]*)"', page)[0]) == address


@pytest.mark.parametrize(
    "text", ["=1+1", "+7 495", "-5", "@sum", "\t=1", "\r=1", "\n=1", " =1", "＝1", "\ufeff=1"]
)
def test_a_spreadsheet_computes_no_text(text):
    assert cell_csv(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Tula", "1", "–", "−5", "a=b", "https://example.org"])
def test_other_text_stays(text):
    assert cell_csv(text) == text

"""Pages: nothing loaded from elsewhere, code folded, figures described, tables aligned."""

import base64
import re
import shutil
import subprocess
from html.parser import HTMLParser

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from valley_analysis.errors import ReportError
from valley_analysis.reports.html import Page, first_words, render_notebook
from valley_analysis.reports.resources import external_resources

PNG = base64.b64encode(b"not looked at").decode()
TABLE = (
    '<table border="1" class="dataframe"><thead><tr><th></th><th>name</th><th>n</th></tr></thead>'
    "<tbody><tr><th>0</th><td>Tula</td><td>1.5</td></tr>"
    "<tr><th>1</th><td>Perm</td><td>NaN</td></tr></tbody></table>"
)


def shown(**data):
    kinds = {"png": "image/png", "html": "text/html", "svg": "image/svg+xml", "plain": "text/plain"}
    data = {kinds.get(name, name): value for name, value in data.items()}
    return new_output("display_data", data=data)


@pytest.fixture
def executed(tmp_path):
    """An executed notebook, written down."""
    cells = [
        new_markdown_cell("# Who leads?\n\nIt *ranks*; see [the audit](01_audit.ipynb#a) & more."),
        new_code_cell("import pandas\n"),
        new_code_cell("x = 1"),
        new_markdown_cell("## How far apart?\n\ntext"),
        new_code_cell("draw()", outputs=[shown(png=PNG), shown(png=PNG)]),
        new_markdown_cell('## What of "quotes" & <signs>?'),
        new_code_cell("t", outputs=[shown(html=TABLE, plain="x"), shown(svg="<svg></svg>")]),
        new_code_cell("print()", outputs=[new_output("stream", name="stdout", text="a < b")]),
    ]
    values = {"lang": "en", "period": 2022, "spec": "regional_innovation", "scope": "recognised"}
    notebook = new_notebook(cells=cells)
    notebook.metadata["valley"] = {"parameters": values}
    path = tmp_path / "02_index.ipynb"
    nbformat.write(notebook, path)
    return path


@pytest.fixture
def page(executed):
    place = Page("en", {"en": "../en/02_index.html", "ru": "../ru/02_index.html"}, "../index.html")
    return render_notebook(executed, executed.with_suffix(".html"), place).read_text("utf-8")


def test_a_cell_for_tests_alone_is_on_no_page(executed):
    notebook = nbformat.read(executed, as_version=4)
    output = new_output("stream", name="stdout", text="top 10 of 83")
    test = new_code_cell("print(top)", outputs=[output], metadata={"tags": ["check-only"]})
    notebook.cells.insert(5, test)
    nbformat.write(notebook, executed)
    page = render_notebook(executed, executed.with_suffix(".html"), Page("en", {}))
    text = page.read_text("utf-8")
    assert "top 10 of 83" not in text
    assert "print(top)" not in re.sub(r"<[^>]+>", "", text)


class Elements(HTMLParser):
    """Every element with its attributes; whether all that opens is closed."""

    VOID = frozenset(["meta", "link", "img", "br", "hr", "input"])

    def __init__(self, text):
        super().__init__()
        self.all, self.open = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.all.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.all.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def of(self, tag):
        return [attrs for name, attrs in self.all if name == tag]


def test_the_page_is_whole_and_loads_nothing(page):
    elements = Elements(page)
    assert elements.open == []
    assert elements.of("script") == []
    for tag, name in (("script", "src"), ("link", "href"), ("img", "src")):
        for attrs in elements.of(tag):
            assert not re.match(r"(?:https?:)?//", attrs.get(name) or "")
    assert external_resources(page) == []
    assert len(page) < 30_000


def test_language_switch_contents_and_parameters(page):
    elements = Elements(page)
    assert elements.of("html") == [{"lang": "en"}]
    links = [attrs.get("href") for attrs in elements.of("a")]
    assert "../index.html" in links
    assert "../ru/02_index.html" in links
    assert "../en/02_index.html" not in links
    assert "edition 2022 · provisional · scope: 83 regions, without Crimea" in page
    ids = [attrs["id"] for _, attrs in elements.all if attrs.get("id")]
    assert len(ids) == len(set(ids))
    contents = page[page.index('<nav class="contents"') : page.index("</ol>")]
    targets = re.findall(r'href="#([^"]+)"', contents)
    assert len(targets) == 2
    assert set(targets) <= set(ids)
    assert '<a href="01_audit.html#a">' in page


def test_figures_and_tables_are_described_by_the_question_above(page):
    elements = Elements(page)
    assert [attrs["alt"] for attrs in elements.of("img")] == [
        "How far apart?",
        "How far apart? (2)",
        'What of "quotes" & <signs>? (2)',
    ]
    wide = [attrs for attrs in elements.of("div") if attrs.get("class") == "wide"]
    assert wide[0]["aria-label"] == 'What of "quotes" & <signs>?'
    assert wide[0]["tabindex"] == "0"


def test_code_is_folded_and_silent_cells_share_a_fold(page):
    assert page.count("<details") == 4
    assert "<details open" not in page
    assert "a &lt; b" in page


def test_text_columns_are_aligned_and_a_mere_counter_left_out(page):
    table = re.sub(r"\s+", " ", page[page.index("<table") : page.index("</table>")])
    assert '<th class="t s">name</th><th>n</th>' in table
    assert '<td class="t s">Tula</td><td>1.5</td>' in table
    assert "<th>0</th>" not in table


def test_a_page_that_would_load_something_is_refused(tmp_path):
    cell = new_code_cell(
        "", outputs=[shown(html='<script src="https://cdn.example/x.js"></script>')]
    )
    nbformat.write(new_notebook(cells=[new_markdown_cell("# A"), cell]), tmp_path / "a.ipynb")
    with pytest.raises(ReportError, match=r"1 thing\(s\) over the network: https://cdn.example"):
        render_notebook(tmp_path / "a.ipynb", tmp_path / "a.html", Page("en", {}))
    assert not (tmp_path / "a.html").exists()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('<link rel="stylesheet" href="http://a.org/x.css">', ["http://a.org/x.css"]),
        ('<img srcset="//a.org/x.png 2x">', ["//a.org/x.png"]),
        ("<style>a{b:url(//a.org/y)}</style>", ["//a.org/y"]),
        ("<style>@import 'https://a.org/x'</style>", ["https://a.org/x"]),
        ('<p style="background:url(https://a.org/y)">', ["https://a.org/y"]),
        ('<iframe src="https://a.org"></iframe>', ["https://a.org"]),
        ('<a href="https://a.org">x</a><img src="data:image/png;base64,//8=">', []),
        ("<p>url(https://a.org)</p>", []),
    ],
)
def test_what_a_browser_would_load(text, found):
    assert external_resources(text) == found


def test_title_and_purpose_come_without_links(executed):
    title, purpose = first_words(nbformat.read(executed, as_version=4))
    assert title == "Who leads?"
    assert purpose.strip() == "<p>It <em>ranks</em>; see the audit &amp; more.</p>"


@pytest.mark.slow
def test_a_browser_draws_the_page_without_a_network(executed, page, tmp_path):
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        pytest.skip("no chromium on this machine")
    picture = tmp_path / "page.png"
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    options += ["--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={tmp_path / 'profile'}"]
    options += ["--window-size=800,900", f"--screenshot={picture}"]
    done = subprocess.run(
        [browser, *options, executed.with_suffix(".html").as_uri()],
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-500:]
    import matplotlib.image

    pixels = matplotlib.image.imread(picture)
    assert pixels.shape[:2] == (900, 800)
    assert pixels[..., :3].std() > 0.02, "the picture is blank"

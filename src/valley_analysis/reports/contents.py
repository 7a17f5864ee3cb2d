"""The page that a report opens with: its notebooks, the first ten, the data, the sources."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from valley_analysis.charts.valley_coverage import coverage_note
from valley_analysis.indicators import load_catalogue
from valley_analysis.indicators.catalogue import DIMENSIONS
from valley_analysis.regions import name
from valley_analysis.reports.html import Page, environment, first_words, write_page
from valley_analysis.reports.parameter_words import parameter_line
from valley_analysis.reports.results import Results, ranged_table
from valley_analysis.reports.words import size, words
from valley_analysis.text import check_lang, number

TOP = 10


def contents_name(lang: str, langs: Sequence[str]) -> str:
    """Return the file of the contents in one language; the first language has index.html.

    Examples
    --------
    >>> contents_name("en", ["en", "ru"]), contents_name("ru", ["en", "ru"])
    ('index.html', 'index.ru.html')
    """
    return "index.html" if lang == langs[0] else f"index.{lang}.html"


def write_contents(
    folder: Path,
    lang: str,
    langs: Sequence[str],
    *,
    run: str,
    values: Mapping[str, Any],
    notebooks: Sequence[str],
    results: Results,
    files: Sequence[Path],
) -> Path:
    """Write the list of pages and data of a run, in one language.

    Parameters
    ----------
    folder
        The run's.
    lang, langs
        Of this page, and all that there are.
    run
        The run's id.
    values
        The parameters of the run.
    notebooks
        Stems; their executed notebooks lie in ``<lang>/``.
    results
        What the table of the first ten shows.
    files
        The exported files.

    Raises
    ------
    ReportError
        If the page would load something over the network.
    """
    said, line = words(lang), parameter_line(dict(values), lang)
    template = environment().get_template("contents.html.j2")
    body = template.render(
        words=said,
        line=line,
        run=run,
        notebooks=[_card(folder / lang / f"{stem}.ipynb", lang) for stem in notebooks],
        dimensions=[DIMENSIONS.get(one, {}).get(lang, one) for one in results.spec.dimensions],
        top=_top(results, lang),
        top_note=said["top_note"].format(
            n=number(results.uncertainty.plan.replications, 0, check_lang(lang))
        ),
        notes=_notes(results, lang),
        files=[_file(path, folder, lang) for path in files],
        sources=[
            {
                "title": f"{row[f'publisher_{lang}']}: {row[f'title_{lang}']}",
                "address": row["address"],
                "vintage": row["vintage"],
                "tables": row["tables"],
            }
            for row in results.sources.to_dict("records")
        ],
    )
    siblings = {other: contents_name(other, langs) for other in langs}
    return write_page(folder / contents_name(lang, langs), body, Page(lang, siblings), line=line)


def _card(executed: Path, lang: str) -> dict[str, Any]:
    import nbformat

    title, purpose = first_words(nbformat.read(executed, as_version=4))
    return {
        "href": f"{lang}/{executed.stem}.html",
        "source": f"{lang}/{executed.name}",
        "title": title or executed.stem,
        "purpose": Markup(purpose),
    }


def _top(results: Results, lang: str) -> list[dict[str, Any]]:
    checked = check_lang(lang)
    rows = ranged_table(results).head(TOP).to_dict("records")
    return [
        {
            "rank": row["rank"],
            "range": _range(row["rank_low"], row["rank_high"]),
            "name": name(row["region"], checked, short=True),
            "score": number(row["score"], 1, checked),
            "dimensions": [number(row[one], 1, checked) for one in results.spec.dimensions],
        }
        for row in rows
    ]


def _range(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}–{high}"


def _notes(results: Results, lang: str) -> list[str]:
    """Say what a reader must know: carried, dropped, unranked; how many valleys are known."""
    checked, said, edition = check_lang(lang), words(lang), results.edition
    found = []
    carried = int((edition.lags["lag"] > 0).sum())
    if edition.provisional and carried:
        found.append(
            said["carried"].format(count=carried, period=edition.period, before=edition.period - 1)
        )
    if len(edition.dropped):
        catalogue = load_catalogue()
        names = ", ".join(catalogue[one].name[lang] for one in edition.dropped.index)
        found.append(said["dropped"].format(names=names))
    if edition.unranked:
        names = ", ".join(name(one, checked) for one in edition.unranked)
        found.append(said["unranked"].format(names=names))
    valleys = coverage_note(lang=checked).replace("**", "")
    return [*found, f"{said['valleys_known']} {valleys}"]


def _file(path: Path, folder: Path, lang: str) -> dict[str, str]:
    return {
        "href": path.relative_to(folder).as_posix(),
        "name": path.name,
        "about": words(lang)["files"].get(path.name, ""),
        "size": size(path.stat().st_size, lang),
    }

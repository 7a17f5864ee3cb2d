"""Russian text in place of the English, cell by cell, before a notebook is executed."""

from pathlib import Path
from typing import TYPE_CHECKING

from valley_analysis.errors import RegisterError
from valley_analysis.registers import read_yaml
from valley_analysis.reports.contract import check_translation

if TYPE_CHECKING:
    from nbformat import NotebookNode


def translation_path(notebook: Path, lang: str) -> Path:
    """Return where the text of a notebook in another language stands."""
    return notebook.parent / lang / f"{notebook.stem}.yml"


def check_translated(notebook: Path, lang: str) -> None:
    """Raise unless every Markdown cell of a notebook has a text in `lang` that is up to date.

    Raises
    ------
    RegisterError
        With every missing, stale and left-over text.
    """
    if lang == "en":
        return
    path = translation_path(notebook, lang)
    problems = check_translation(notebook, path)
    if problems:
        raise RegisterError(
            f"{lang}/{path.name}", problems, "translate these cells and renew their hashes"
        )


def translate(notebook: "NotebookNode", path: Path, lang: str) -> "NotebookNode":
    """Put the texts of `lang` into a notebook's Markdown cells.

    Parameters
    ----------
    notebook
        What was read from `path`; it is changed.
    path
        Where the notebook stands, its translation in the folder beside it.
    lang
        "en" leaves it as it is.

    Raises
    ------
    RegisterError
        With every missing, stale and left-over text.
    """
    if lang == "en":
        return notebook
    check_translated(path, lang)
    texts = read_yaml(translation_path(path, lang))
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = texts[cell.id]["text"].rstrip("\n")
    return notebook

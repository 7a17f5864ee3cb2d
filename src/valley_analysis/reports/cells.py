"""Which cells of a notebook are for its readers, and which for its tests alone."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbformat import NotebookNode

CHECK_ONLY = "check-only"


def for_readers(notebook: "NotebookNode") -> "NotebookNode":
    """Take the cells that only a test reads out of a notebook.

    Such a cell prints what nbval compares with the output that git keeps. A reader would see
    the same figures twice, the second time as machine output. The notebook contract sees to it
    that no other cell needs a name that one of them sets.

    Parameters
    ----------
    notebook
        It is changed.

    Returns
    -------
    The same notebook, without its code cells tagged "check-only".

    Examples
    --------
    >>> from nbformat.v4 import new_code_cell, new_notebook
    >>> test = new_code_cell("print(1)", metadata={"tags": ["check-only"]})
    >>> [cell.source for cell in for_readers(new_notebook(cells=[new_code_cell("1"), test])).cells]
    ['1']
    """
    notebook.cells = [
        cell for cell in notebook.cells if CHECK_ONLY not in cell.metadata.get("tags", ())
    ]
    return notebook

"""What of a notebook is for its readers: no cell for tests alone, no word of stderr."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbformat import NotebookNode

CHECK_ONLY = "check-only"
_STDERR = "stderr"
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
# "path/module.py:12: RuntimeWarning: overflow", as Python prints a warning.
_WARNING = re.compile(r"^.*?:\d+: (\w*Warning): (.*)$", re.MULTILINE)


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


@dataclass(frozen=True)
class Words:
    """What one cell wrote to stderr.

    Attributes
    ----------
    cell
        Its place in the notebook, from 0.
    text
        Without colours; of a bar that redraws its line, only what stood there last.
    """

    cell: int
    text: str

    @property
    def warnings(self) -> list[str]:
        """Python's warnings among them: category and message, without the path of the file.

        Examples
        --------
        >>> Words(0, "/lib/a.py:3: RuntimeWarning: overflow\\n  np.expm1(x)").warnings
        ['RuntimeWarning: overflow']
        """
        return [f"{kind}: {said}" for kind, said in _WARNING.findall(self.text)]


def take_stderr(notebook: "NotebookNode") -> list[Words]:
    """Take what cells wrote to stderr out of an executed notebook, and return it.

    Parameters
    ----------
    notebook
        It is changed: no output named stderr is left.

    Examples
    --------
    >>> from nbformat.v4 import new_code_cell, new_notebook, new_output
    >>> bar = new_output("stream", name="stderr", text="50%\\r100%\\n")
    >>> take_stderr(new_notebook(cells=[new_code_cell("draw()", outputs=[bar])]))
    [Words(cell=0, text='100%')]
    """
    found = []
    for place, cell in enumerate(notebook.cells):
        outputs = cell.get("outputs", [])
        said = "".join(one.text for one in outputs if one.get("name") == _STDERR)
        if not said:
            continue
        cell.outputs = [one for one in outputs if one.get("name") != _STDERR]
        lines = (line.rstrip("\r").rpartition("\r")[2] for line in said.split("\n"))
        text = "\n".join(_COLOUR.sub("", line).rstrip() for line in lines).strip()
        if text:
            found.append(Words(place, text))
    return found

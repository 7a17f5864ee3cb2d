"""Sentences of the suite as a notebook shows them."""

from dataclasses import dataclass

from valley_analysis.escape import sentences_markdown


@dataclass(frozen=True)
class Markdown:
    """Sentences that a cell shows: bold, code and lists of the suite, names as plain text.

    Use it in place of IPython's class of this name, which passes on whatever a register holds.

    Examples
    --------
    >>> Markdown("2014. **Hosts**: <none>")._repr_markdown_()
    '2014\\\\. **Hosts**: &lt;none&gt;'
    """

    text: str

    def __str__(self) -> str:
        return self.text

    def _repr_markdown_(self) -> str:
        return sentences_markdown(self.text)

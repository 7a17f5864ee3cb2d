"""Error types: each says what was found, where, what was expected, and the next step."""

from collections.abc import Iterable


class ValleyError(Exception):
    """Base of every error that this package raises on purpose."""


class ProjectNotFoundError(ValleyError):
    """No folder above the working one holds the project, and VALLEY_ROOT is not set."""


class ProblemsError(ValleyError):
    """All problems of one input at once.

    Parameters
    ----------
    where
        The file, table or register that was read.
    problems
        One line a problem.
    next_step
        What the reader of the message can do about it.

    Examples
    --------
    >>> print(ProblemsError("a.yml", ["row 2: no source"], "add the source"))
    a.yml: 1 problem
      - row 2: no source
    Next step: add the source
    """

    def __init__(self, where: str, problems: Iterable[str], next_step: str) -> None:
        self.where = where
        self.problems = tuple(problems)
        self.next_step = next_step
        count = len(self.problems)
        lines = [f"{where}: {count} problem{'' if count == 1 else 's'}"]
        lines += [f"  - {problem}" for problem in self.problems]
        lines += [f"Next step: {next_step}"]
        super().__init__("\n".join(lines))


class LayoutError(ProblemsError):
    """A workbook is not laid out as its register entry says."""


class RawError(LayoutError):
    """A table of data/raw, or its sidecar, is damaged, or is not what its checksum says."""


class RegisterError(ProblemsError):
    """A register (a data file beside the code) breaks its own rules."""


class FrameError(ProblemsError):
    """A frame does not keep its contract."""


class QualityError(ProblemsError):
    """A check on the built panel failed."""


class UnknownRegionError(ProblemsError):
    """A label that matches no region; the message carries the nearest names."""


class DoubleCountError(ValleyError):
    """A sum would count an autonomous okrug twice."""


class UnknownSeriesError(ValleyError):
    """A series that the register does not hold."""


class UnknownIndicatorError(ValleyError):
    """An indicator that the catalogue does not hold."""


class UnknownSpecError(ValleyError):
    """An index specification that does not exist."""


class SpecError(ProblemsError):
    """An index specification that contradicts itself or the catalogue."""


class PeriodError(ValleyError):
    """A period for which there is no data."""


class UnknownParameterError(ProblemsError):
    """A notebook parameter that the notebook does not declare, or of a wrong type."""


class UnknownNotebookError(ValleyError):
    """A notebook that does not exist."""


class ChecksumError(ValleyError):
    """Bytes whose checksum is not the recorded one."""


class MissingInputError(ValleyError):
    """A file that an earlier step should have written is not there."""


class UnknownSourceError(ProblemsError):
    """A source that the register does not hold; the message carries the nearest names."""


class OriginalsError(ProblemsError, MissingInputError):
    """Publishers' files that should have been fetched are absent or ambiguous."""


class FetchError(ProblemsError):
    """One or more originals could not be fetched."""


class ReportError(ValleyError):
    """A report run failed; the last good report stands."""


class WriteError(ValleyError):
    """A file or folder could not be written; what stood there before stands."""


class ChangedNotebooksError(ProblemsError):
    """Notebooks that are not as they were committed, or that disagree on a common parameter."""


class CorrectionError(ProblemsError):
    """A correction whose published cell no longer reads as the correction expects."""


class DesignError(ProblemsError):
    """A panel or a choice of variables from which the effect cannot be estimated.

    Raised before anything is fitted; each problem names column, unit and period.
    """


class MissingExtraError(ValleyError):
    """A library of an optional extra is needed and is not installed."""


class UnknownValleyError(ProblemsError):
    """A valley that the register does not hold; the message carries the nearest names."""

"""Running one notebook with papermill, in a kernel that knows nothing of where it is run from."""

import importlib
import os
import shutil
import time
import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from valley_analysis import paths
from valley_analysis.charts.record import FOLDER
from valley_analysis.errors import ReportError, UnknownNotebookError, ValleyError
from valley_analysis.files import is_file, writing
from valley_analysis.reports.cells import Words, for_readers, take_stderr
from valley_analysis.reports.parameters import Declared, Value, read_parameters
from valley_analysis.reports.place import workplace
from valley_analysis.reports.translate import check_translated, translate

if TYPE_CHECKING:
    from nbformat import NotebookNode

Progress = Callable[[str], None]
CELL_TIMEOUT = 600
START_TIMEOUT = 120
SUITE = "[0-9][0-9]_*.ipynb"
# What must not reach a kernel: figures go missing without an error (MPLBACKEND), imports
# come from elsewhere, a debugger prints warnings, or a run fails for what others ignore.
_NOT_PASSED = (
    "MPLBACKEND",
    "PYTHONSTARTUP",
    "PYTHONWARNINGS",
    "PYTHONDEVMODE",
    "IPYTHONDIR",
    "JPY_SESSION_NAME",
)
_ERROR_TAG = "papermill-error-cell-tag"


@dataclass(frozen=True)
class Prepared:
    """A notebook that may be run: where it stands, and every value that it will see.

    Attributes
    ----------
    given
        The values to inject.
    values
        Those and the defaults of the rest.
    lang
        Language of its text.
    """

    path: Path
    given: dict[str, Value]
    values: dict[str, Value]
    lang: str

    @property
    def name(self) -> str:
        """File stem of the notebook."""
        return self.path.stem


def suite() -> list[Path]:
    """Return the notebooks of the suite, in their order."""
    return sorted(paths.notebooks().glob(SUITE))


def find_notebook(name: str | Path) -> Path:
    """Return a notebook of the suite by its stem, or any by the path of its file.

    Raises
    ------
    UnknownNotebookError
        With the notebooks that there are.
    """
    text = str(name)
    if Path(text).suffix == ".ipynb" and is_file(Path(text)):
        return Path(text).resolve()
    known = {path.stem: path for path in suite()}
    stem = Path(text).stem if text.endswith(".ipynb") else text
    starts = [path for known_stem, path in known.items() if known_stem.startswith(f"{stem}_")]
    if stem in known:
        return known[stem]
    if len(starts) == 1:
        return starts[0]
    raise UnknownNotebookError(
        f"no notebook {text!r}; the suite has {', '.join(known) or 'none'}. "
        "Next step: name one of these, or the path of an .ipynb file."
    )


def prepare(
    name: str | Path, parameters: Mapping[str, object] | None = None, lang: str = ""
) -> Prepared:
    """Check everything about a run that can be checked without a kernel.

    Parameters
    ----------
    name, parameters
        As in `run_notebook`.
    lang
        Language of its text, for a notebook without a parameter of that name.

    Raises
    ------
    UnknownNotebookError
        If there is no such notebook.
    UnknownParameterError
        With everything that is wrong with the parameters.
    RegisterError
        With every missing or stale translation, if another language is asked for.
    """
    path = find_notebook(name)
    declared: Declared = read_parameters(path)
    given = declared.check(parameters or {})
    spec = given.get("spec")
    if isinstance(spec, str) and spec.endswith((".yml", ".yaml")):
        given["spec"] = str(Path(spec).resolve())
    values = {**declared.defaults, **given}
    spoken = str(values.get("lang", lang or "en"))
    check_translated(path, spoken)
    return Prepared(path, given, values, spoken)


def run_notebook(
    name: str | Path,
    parameters: Mapping[str, object] | None = None,
    out: Path | None = None,
    *,
    progress: Progress = lambda text: None,
    cell_timeout: int = CELL_TIMEOUT,
) -> Path:
    """Execute a notebook of the suite with papermill.

    Parameters
    ----------
    name
        Its stem (``02_regional_index``), its number, or a path.
    parameters
        Values for names that its parameters cell declares; texts are parsed.
    out
        The executed notebook; ``reports/single/<stem>-<lang>.ipynb`` by default. A file
        there is replaced only by a complete one.
    progress
        Called with a line of text as it goes.
    cell_timeout
        Seconds that one cell may take.

    Returns
    -------
    The executed notebook.

    Raises
    ------
    UnknownNotebookError, UnknownParameterError, RegisterError
        Before a kernel is started; see `prepare`.
    ReportError
        If a cell fails, warns or takes too long, or the kernel dies: with the cell, its question,
        the error, and where the partly executed notebook was left.
    """
    prepared = prepare(name, parameters)
    if out is None:
        out = paths.reports() / "single" / f"{prepared.name}-{prepared.lang}.ipynb"
    return execute(prepared, out, progress=progress, cell_timeout=cell_timeout)


def execute(
    prepared: Prepared,
    out: Path,
    *,
    progress: Progress = lambda text: None,
    cell_timeout: int = CELL_TIMEOUT,
) -> Path:
    """Execute a prepared notebook; see `run_notebook`.

    Raises
    ------
    ReportError
        If a cell fails, warns or takes too long, or the kernel dies.
    WriteError
        If the executed notebook cannot be written.
    """
    import nbformat

    label = f"{prepared.name} [{prepared.lang}]"
    started = time.monotonic()
    stands = f"{out} is as it was" if out.exists() else f"there is no {out}, as before"
    with writing(out, stands):
        out.parent.mkdir(parents=True, exist_ok=True)
    notebook = for_readers(nbformat.read(prepared.path, as_version=4))
    translate(notebook, prepared.path, prepared.lang)
    partial = out.with_name(f".{os.getpid()}.{out.name}")
    progress(f"{label}: started")
    try:
        with workplace() as place, writing(out, stands):
            told = _execute(notebook, prepared, partial, place, cell_timeout)
            partial.replace(out)
    except ValleyError:
        raise
    except (KeyboardInterrupt, SystemExit) as error:
        error.add_note(f"{stands[0].upper()}{stands[1:]}.")
        raise
    except Exception as error:
        raise _failure(error, prepared, notebook, partial, out) from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
    for words in told:
        progress(f"{label}: {words}")
    progress(f"{label}: done in {time.monotonic() - started:.1f} s")
    return out


def _execute(
    notebook: "NotebookNode", prepared: Prepared, partial: Path, place: Path, cell_timeout: int
) -> list[str]:
    """Execute a notebook into a file; return what its cells wrote to stderr, for the log."""
    import nbformat

    engine = load_engine()
    with ThreadPoolExecutor(1, thread_name_prefix="papermill") as pool:
        job = pool.submit(
            engine.execute_notebook,
            notebook,
            str(partial),
            parameters=prepared.given,
            engine_name=engine.ENGINE,
            kernel_name="python3",
            language="python",
            progress_bar=False,
            start_timeout=START_TIMEOUT,
            execution_timeout=cell_timeout,
            place=place,
            kernel_env={
                **kernel_env(place),
                **_recorded(partial.parent / "figures" / prepared.name),
            },
        )
        try:
            executed = job.result()
        except BaseException:
            stop(job, lambda: engine.stop_kernels(place))
            raise
    _check_finished(executed)
    said = take_stderr(executed)
    for words in said:
        if words.warnings:
            raise _WarnedError(words)
    told = [f"stderr in cell {executed.cells[one.cell].id}: {one.text}" for one in said]
    if beside := engine.kernel_words(place):
        told.append(f"stderr of the kernel: {beside}")
    _settle(executed, prepared)
    nbformat.write(executed, partial)
    return told


def load_engine() -> ModuleType:
    """Import papermill and what it needs, a second or so; not from several threads at once.

    What its libraries warn of while they are imported is none of the caller's business.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module("valley_analysis.reports.engine")


def kernel_env(place: Path) -> dict[str, str]:
    """Return the environment of a kernel: ours, less what would change what it shows."""
    passed = {name: value for name, value in os.environ.items() if name not in _NOT_PASSED}
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        passed.setdefault(name, "1")
    return {
        **passed,
        "VALLEY_ROOT": str(paths.root()),
        "IPYTHONDIR": str(place / "ipython"),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "PYTHONHASHSEED": "0",
    }


def _recorded(folder: Path) -> dict[str, str]:
    """Where the kernel records its figures, if ours is to have them recorded."""
    if FOLDER not in os.environ:
        return {}
    shutil.rmtree(folder, ignore_errors=True)
    return {FOLDER: str(folder.resolve())}


def stop(job: "Future[Any]", kill: Callable[[], None]) -> None:
    """Kill kernels until a job has ended; one that was just starting is caught as well."""
    while not job.done():
        kill()
        wait([job], timeout=0.2)


class _UnfinishedError(Exception):
    """A cell left the notebook without failing: papermill takes `exit()` for success."""

    def __init__(self, output: Any) -> None:
        super().__init__(output.ename)
        self.ename, self.evalue = output.ename, output.evalue


class _WarnedError(Exception):
    """A Python warning in a cell: figures that one is warned of are not published."""

    def __init__(self, words: Words) -> None:
        super().__init__("; ".join(dict.fromkeys(words.warnings)))
        self.reached = [words.cell]


def _check_finished(notebook: "NotebookNode") -> None:
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if output.output_type == "error":
                raise _UnfinishedError(output)


def _settle(notebook: "NotebookNode", prepared: Prepared) -> None:
    """Leave out of the executed notebook what differs between runs that say the same."""
    notebook.metadata.pop("papermill", None)
    notebook.metadata["valley"] = {"notebook": prepared.name, "parameters": prepared.values}
    for cell in notebook.cells:
        for key in ("papermill", "execution", "exception"):
            cell.metadata.pop(key, None)
        if "injected-parameters" in cell.metadata.get("tags", ()):
            cell.id = "injected-parameters"


def _failure(
    error: Exception, prepared: Prepared, notebook: "NotebookNode", partial: Path, out: Path
) -> ReportError:
    """Keep the partly executed notebook and say where it stopped, and why."""
    import nbformat

    left = out.with_suffix(".failed.ipynb")
    where, found, kept = "before its first cell", notebook, ""
    if partial.is_file():
        found = nbformat.read(partial, as_version=4)
        where = _place_of(found, error)
        with suppress(OSError):
            partial.replace(left)
            kept = f"\n  partly executed: {left}"
    return ReportError(
        f"{prepared.path.name} [{prepared.lang}] failed {where}\n"
        f"  error: {_reason(error)}{kept}\n"
        "Next step: open that notebook, or run the cell in JupyterLab (`make lab`)."
    )


def _place_of(notebook: "NotebookNode", error: Exception) -> str:
    cells = [one for one in notebook.cells if _ERROR_TAG not in one.metadata.get("tags", ())]
    failed = [i for i, cell in enumerate(cells) if _has_error(cell)]
    failed = failed or list(getattr(error, "reached", ()))[-1:]
    if not failed:
        return "while its kernel was starting"
    question = _question(cells[: failed[0]])
    asked = f", under {question!r}" if question else ""
    return f"in cell {cells[failed[0]].get('id', failed[0] + 1)}{asked}"


def _has_error(cell: Any) -> bool:
    return any(output.output_type == "error" for output in cell.get("outputs", ()))


def _question(cells: list[Any]) -> str:
    """Return the nearest heading above, a question if one of its cell's headings is."""
    for cell in reversed(cells):
        if cell.cell_type == "markdown":
            lines = [line for line in cell.source.splitlines() if line.startswith("#")]
            texts = [line.lstrip("#").strip() for line in lines]
            if texts:
                return next((text for text in texts if text.endswith("?")), texts[-1])
    return ""


def _reason(error: Exception) -> str:
    name = getattr(error, "ename", "")
    if name:
        value = str(getattr(error, "evalue", "")).strip()
        return f"{name}: {value}" if value else str(name)
    kind = type(error).__name__
    if kind == "DeadKernelError":
        return f"the kernel died{getattr(error, 'last_words', '')}"
    if isinstance(error, _WarnedError):
        return f"Python warned of {error}"
    if kind == "CellTimeoutError":
        return f"the cell took longer than {getattr(error, 'seconds', 'allowed')} seconds"
    return f"{kind}: {error}"

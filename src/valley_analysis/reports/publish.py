"""The whole report: data, notebooks in both languages, results, pages; swapped in at once."""

import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from valley_analysis import paths
from valley_analysis.errors import ReportError
from valley_analysis.files import write_aside, writing
from valley_analysis.reports import shelf
from valley_analysis.reports.build import build_data
from valley_analysis.reports.changed import check_unchanged
from valley_analysis.reports.contents import contents_name, write_contents
from valley_analysis.reports.exports import export_results
from valley_analysis.reports.html import Page, render_notebook
from valley_analysis.reports.manifest import write_manifest
from valley_analysis.reports.part import base_of, copy_of, fitted
from valley_analysis.reports.plan import Plan, plan
from valley_analysis.reports.register_exports import export_registers
from valley_analysis.reports.results import Results, compute_results
from valley_analysis.reports.run import CELL_TIMEOUT, execute, load_engine, stop
from valley_analysis.text import LANGS

Progress = Callable[[str], None]
KEEP = 5
WORKERS = 2


def publish(
    parameters: Mapping[str, object] | None = None,
    langs: Sequence[str] = LANGS,
    notebooks: Sequence[str | Path] | None = None,
    *,
    keep: int = KEEP,
    workers: int = WORKERS,
    cell_timeout: int = CELL_TIMEOUT,
    allow_changed: bool = False,
    progress: Progress = lambda text: None,
) -> Path:
    """Make the report and let ``reports/latest`` point to it.

    Some notebooks alone renew their pages in a copy of the last whole report. Where they do not
    fit it (other figures, other values of a parameter that other notebooks take as well) they
    are published apart, and `latest` stays whole.

    Parameters
    ----------
    parameters, langs, notebooks
        See `plan`.
    keep
        How many good runs to keep, this one included.
    workers
        Notebooks that run at a time.
    cell_timeout
        Seconds that one cell may take.
    allow_changed
        Also with notebooks that differ from the last commit or from each other.
    progress
        Called with a line of text as it goes.

    Returns
    -------
    The folder of the run.

    Raises
    ------
    UnknownParameterError, UnknownNotebookError, RegisterError
        Before anything runs; see `plan`.
    ChangedNotebooksError
        Before anything runs; see `check_unchanged`.
    WriteError
        If something cannot be written.
    QualityError
        If a check on the panel fails.
    ReportError
        If a notebook fails, or another process is publishing. In each case `latest` still
        points to the last good run, and ``runs/<id>.failed`` holds what there is, with a log.
    """
    planned = plan(parameters, langs, notebooks)
    for change in check_unchanged(planned, allow=allow_changed):
        progress(f"notebooks: {change}")
    reports = paths.reports()
    with shelf.only_one(reports):
        started = datetime.now(UTC)
        stands = shelf.standing(reports)
        with writing(reports, stands):
            run, folder = shelf.new_folder(reports, f"{started:%Y%m%dT%H%M%SZ}-{planned.mark}")
        tell = _logged(folder / "run.log", progress)
        try:
            with writing(folder, stands):
                made = _fill(folder, run, planned, started, workers, cell_timeout, tell)
                final = shelf.publish_folder(reports, run, folder, lead=made.leads)
        except BaseException as error:
            _fail(error, reports, run, folder)
            _prune(reports, keep, progress)
            raise
        _prune(reports, keep, progress)
    return final


def _prune(reports: Path, keep: int, progress: Progress) -> None:
    with suppress(OSError):
        for name in shelf.prune(reports, keep):
            progress(f"removed the old run {name}")


def _fail(error: BaseException, reports: Path, run: str, folder: Path) -> None:
    """Keep what there is, with the reason; the error itself goes on to the caller.

    Paths in its message are those of the folder that is kept.
    """
    note = shelf.standing(reports)
    if folder.is_dir():
        failed = folder
        with suppress(OSError):
            failed = shelf.keep_failed(reports, run, folder)
        error.args = tuple(
            told.replace(str(folder), str(failed)) if isinstance(told, str) else told
            for told in error.args
        )
        note += f"; what there is of this run lies in {failed}"
        with suppress(OSError), (failed / "run.log").open("a", encoding="utf-8") as log:
            log.write("".join(traceback.format_exception(error)))
    error.add_note(f"{note[0].upper()}{note[1:]}.")


def _logged(path: Path, progress: Progress) -> Progress:
    """Pass lines on, and write each into the run's log with the seconds since its start."""
    began = time.monotonic()

    def tell(text: str) -> None:
        with writing(path), path.open("a", encoding="utf-8") as log:
            log.write(f"{time.monotonic() - began:7.1f} s  {text}\n")
        progress(text)

    return tell


def _fill(
    folder: Path,
    run: str,
    planned: Plan,
    started: datetime,
    workers: int,
    cell_timeout: int,
    tell: Progress,
) -> "_Made":
    """Put everything into the folder of a run; the manifest comes last."""
    began = time.monotonic()
    built = build_data(progress=tell)
    made, planned = _kind(planned, built.inputs, tell)
    if made.base is not None:
        copy_of(made.base, folder)
    for lang in planned.langs:
        (folder / lang).mkdir(exist_ok=True)
    load_engine()
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="notebook") as pool:
        jobs = _start(pool, folder, planned, cell_timeout, tell)
        try:
            found = None if made.base is not None else _export(folder, planned, tell)
            _finish(jobs)
        except BaseException:
            _stop(jobs)
            raise
    _write_pages(folder, planned)
    if found is not None:
        _write_contents(folder, run, planned, *found)
    tell("pages: written")
    write_manifest(
        folder,
        run=run,
        started=started.isoformat(timespec="seconds"),
        seconds=time.monotonic() - began,
        parameters=planned.values,
        langs=planned.langs,
        notebooks=list(planned.notebooks),
        inputs=built.inputs,
        made=made.kind,
        base=made.manifest,
    )
    return made


@dataclass(frozen=True)
class _Made:
    """What a run is: whole, a part apart, or a part renewed in a copy of `base`."""

    kind: str
    base: Path | None = None
    manifest: Mapping[str, Any] | None = None
    leads: bool = True


def _kind(planned: Plan, inputs: Mapping[str, str], tell: Progress) -> tuple[_Made, Plan]:
    """Say what a run becomes, and what its notebooks are given then."""
    if not planned.is_part:
        return _Made("whole"), planned
    found = base_of(paths.reports())
    if found is None:
        return _Made("part"), planned
    base, manifest = found
    fits = fitted(planned, manifest, inputs)
    if isinstance(fits, str):
        tell(f"apart: {fits}; the whole report of {base.name} stays the latest")
        return _Made("part", leads=False), planned
    tell(f"renewing {len(planned.notebooks)} of the notebooks in a copy of {base.name}")
    return _Made("renewed", base, manifest), fits


def _export(folder: Path, planned: Plan, tell: Progress) -> tuple[Results, list[Path]]:
    edition = (planned.values[name] for name in ("period", "scope", "spec"))
    replications, seed = planned.draws
    results = compute_results(*edition, replications=replications, seed=seed)
    as_of = date.fromisoformat(planned.values["as_of"])
    files = export_results(results, folder / "data")
    files += export_registers(folder / "data", as_of)
    own = Path(planned.values["spec"])
    if own.suffix in (".yml", ".yaml"):  # a file of the caller's, which may change or go
        files.append(write_aside(folder / "data" / "specification.yml", own.read_text("utf-8")))
    tell("data: results written")
    return results, files


def _start(
    pool: ThreadPoolExecutor, folder: Path, planned: Plan, cell_timeout: int, tell: Progress
) -> list[Future[Path]]:
    """Hand every notebook to the pool; a thread only waits for the kernel that it starts."""
    return [
        pool.submit(
            execute,
            job,
            folder / job.lang / f"{job.name}.ipynb",
            progress=tell,
            cell_timeout=cell_timeout,
        )
        for job in planned.jobs
    ]


def _finish(jobs: list[Future[Path]]) -> None:
    """Wait for all notebooks; after a failure only for those that have begun."""
    failures = []
    for done in as_completed(jobs):
        if not done.cancelled() and (error := done.exception()):
            failures.append(error)
            for job in jobs:
                job.cancel()
    if len(failures) == 1:
        raise failures[0]
    if failures:
        raise ReportError("\n".join(str(error) for error in failures))


def _stop(jobs: list[Future[Path]]) -> None:
    """Let no notebook begin and none go on: what they would say is not wanted any more."""
    for job in jobs:
        job.cancel()
    for job in jobs:
        stop(job, load_engine().stop_kernels)


def _write_pages(folder: Path, planned: Plan) -> None:
    for job in planned.jobs:
        langs = [lang for lang in LANGS if (folder / lang / f"{job.name}.ipynb").is_file()]
        siblings = {str(lang): f"../{lang}/{job.name}.html" for lang in langs}
        page = Page(job.lang, siblings, f"../{_home(folder, job.lang, planned)}")
        executed = folder / job.lang / f"{job.name}.ipynb"
        render_notebook(executed, executed.with_suffix(".html"), page)


def _home(folder: Path, lang: str, planned: Plan) -> str:
    """The list of pages in a language: in a copy it is there, in a new run it will be."""
    own = f"index.{lang}.html"
    if (folder / "index.html").is_file():
        return own if (folder / own).is_file() else "index.html"
    return contents_name(lang, planned.langs)


def _write_contents(
    folder: Path, run: str, planned: Plan, results: Results, files: list[Path]
) -> None:
    for lang in planned.langs:
        write_contents(
            folder,
            lang,
            planned.langs,
            run=run,
            values=planned.values,
            notebooks=[path.stem for path in planned.notebooks],
            results=results,
            files=files,
        )

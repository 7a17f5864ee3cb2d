"""The whole report: data, notebooks in both languages, results, pages; swapped in at once."""

import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from datetime import UTC, date, datetime
from pathlib import Path

from valley_analysis import paths
from valley_analysis.errors import ReportError
from valley_analysis.reports import shelf
from valley_analysis.reports.build import build_data
from valley_analysis.reports.contents import contents_name, write_contents
from valley_analysis.reports.exports import export_results
from valley_analysis.reports.html import Page, render_notebook
from valley_analysis.reports.manifest import write_manifest
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
    progress: Progress = lambda text: None,
) -> Path:
    """Make the report and let ``reports/latest`` point to it.

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
    progress
        Called with a line of text as it goes.

    Returns
    -------
    The folder of the run.

    Raises
    ------
    UnknownParameterError, UnknownNotebookError, RegisterError
        Before anything runs; see `plan`.
    QualityError
        If a check on the panel fails.
    ReportError
        If a notebook fails, or another process is publishing. In each case `latest` still
        points to the last good run, and ``runs/<id>.failed`` holds what there is, with a log.
    """
    planned = plan(parameters, langs, notebooks)
    reports = paths.reports()
    with shelf.only_one(reports):
        started = datetime.now(UTC)
        run, folder = shelf.new_folder(reports, f"{started:%Y%m%dT%H%M%SZ}-{planned.mark}")
        tell = _logged(folder / "run.log", progress)
        try:
            _fill(folder, run, planned, started, workers, cell_timeout, tell)
            final = shelf.publish_folder(reports, run, folder)
        except BaseException as error:
            _fail(error, reports, run, folder)
            raise
        for name in shelf.prune(reports, keep):
            progress(f"removed the old run {name}")
    return final


def _fail(error: BaseException, reports: Path, run: str, folder: Path) -> None:
    """Keep what there is, with the reason; the error itself goes on to the caller."""
    if not folder.is_dir():
        return
    with (folder / "run.log").open("a", encoding="utf-8") as log:
        log.write("".join(traceback.format_exception(error)))
    failed = shelf.keep_failed(reports, run, folder)
    error.add_note(f"The last good report stands; what there is lies in {failed}")


def _logged(path: Path, progress: Progress) -> Progress:
    """Pass lines on, and write each into the run's log with the seconds since its start."""
    began = time.monotonic()

    def tell(text: str) -> None:
        with path.open("a", encoding="utf-8") as log:
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
) -> None:
    """Put everything into the folder of a run; the manifest comes last."""
    began = time.monotonic()
    built = build_data(progress=tell)
    for lang in planned.langs:
        (folder / lang).mkdir()
    load_engine()
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="notebook") as pool:
        jobs = _start(pool, folder, planned, cell_timeout, tell)
        try:
            edition = (planned.values[name] for name in ("period", "scope", "spec"))
            results = compute_results(*edition)
            as_of = date.fromisoformat(planned.values["as_of"])
            files = export_results(results, folder / "data")
            files += export_registers(folder / "data", as_of)
            tell("data: results written")
            _finish(jobs)
        except BaseException:
            _stop(jobs)
            raise
    _write_pages(folder, run, planned, results, files)
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
    )


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


def _write_pages(
    folder: Path, run: str, planned: Plan, results: Results, files: list[Path]
) -> None:
    langs = planned.langs
    for job in planned.jobs:
        siblings = {lang: f"../{lang}/{job.name}.html" for lang in langs}
        page = Page(job.lang, siblings, f"../{contents_name(job.lang, langs)}")
        executed = folder / job.lang / f"{job.name}.ipynb"
        render_notebook(executed, executed.with_suffix(".html"), page)
    for lang in langs:
        write_contents(
            folder,
            lang,
            langs,
            run=run,
            values=planned.values,
            notebooks=[path.stem for path in planned.notebooks],
            results=results,
            files=files,
        )

"""The `valley` command: parse, call, print. Everything else is in the package."""

import io
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from valley_analysis.errors import ValleyError

if TYPE_CHECKING:
    import pandas as pd

    from valley_analysis.panel.quality import Check
    from valley_analysis.sources.fetch import Step

app = typer.Typer(
    name="valley",
    help="Innovation in Russia's regions: build the data, run the notebooks, publish the report.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
_debug = False
_INTERRUPTED = (130, 143)  # Ctrl-C, and a request to end (SIGTERM)

Parameters = Annotated[
    list[str] | None,
    typer.Option("-p", "--parameter", metavar="NAME=VALUE", help="a notebook's parameter"),
]


def main() -> None:
    """Run the command: 0 if it did what was asked, 1 with a message if not, 2 for wrong usage.

    130 or 143 if it was interrupted, with a line that says what stands.
    """
    _print_anything()
    try:
        app(prog_name="valley")
    except (ValleyError, OSError) as error:
        if _debug:
            raise
        if isinstance(error, BrokenPipeError):
            _drop_output()
        else:
            typer.echo(f"valley: {_told(error)}", err=True)
        sys.exit(1)
    except SystemExit as left:
        if left.code in _INTERRUPTED:
            notes = " ".join(_notes(left)) or "What stood before stands."
            typer.echo(f"valley: interrupted. {notes}", err=True)
        raise


def _told(error: ValleyError | OSError) -> str:
    """An error of ours in its own words; one of the system with the file that it is about."""
    if isinstance(error, ValleyError):
        return "\n".join([str(error), *_notes(error)])
    where = f"{error.filename}: " if error.filename is not None else ""
    lines = [f"{where}{error.strerror or error}. Next step: mend that, then run it again."]
    return "\n".join([*lines, *_notes(error)])


def _notes(error: BaseException | None) -> list[str]:
    """The notes of an error, or of what it came from."""
    while error is not None:
        if found := getattr(error, "__notes__", None):
            return list(found)
        error = error.__cause__ or error.__context__
    return []


def _print_anything() -> None:
    """Print a sign that the terminal's encoding lacks as "?", rather than fail."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _drop_output() -> None:
    """Nobody reads on (`valley list | head`): let nothing more be said about it."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="show the traceback of an error")] = False,
) -> None:
    global _debug
    _debug = debug


@app.command()
def build(
    force: Annotated[bool, typer.Option("--force", help="also if nothing has changed")] = False,
) -> None:
    """Build the panel and the indicators from data/raw, if anything has changed."""
    from valley_analysis.reports.build import build_data

    with _telling() as tell:
        build_data(force=force, progress=tell)


@app.command()
def check(
    details: Annotated[int, typer.Option(help="rows of each check's table to print")] = 0,
) -> None:
    """Check the built panel, and official counts of valleys against the register."""
    from valley_analysis import panel, valleys
    from valley_analysis.panel.quality import require

    checks = panel.check_panel(panel.load_panel("all"))
    _print_checks(checks, details)
    _print_areas(details)
    require(checks)
    valleys.require_coverage()


@app.command()
def run(
    notebook: Annotated[str, typer.Argument(help="stem, number or path")],
    parameter: Parameters = None,
    out: Annotated[
        Path | None, typer.Option(help="the executed notebook; its page is put beside it")
    ] = None,
    timeout: Annotated[int, typer.Option(min=1, help="seconds that one cell may take")] = 600,
) -> None:
    """Execute one notebook with papermill and render it."""
    from valley_analysis import paths
    from valley_analysis.reports.build import build_data
    from valley_analysis.reports.html import Page, render_notebook
    from valley_analysis.reports.run import execute, prepare

    prepared = prepare(notebook, _pairs(parameter))
    target = out or paths.reports() / "single" / f"{prepared.name}-{prepared.lang}.ipynb"
    if target.suffix != ".ipynb":
        raise typer.BadParameter("name a file that ends in .ipynb", param_hint="--out")
    with _telling() as tell:
        build_data(progress=tell)
        executed = execute(prepared, target, progress=tell, cell_timeout=timeout)
        page = render_notebook(executed, executed.with_suffix(".html"), Page(prepared.lang, {}))
    typer.echo(f"{_near(executed)}\n{_near(page)}")


@app.command()
def report(
    parameter: Parameters = None,
    lang: Annotated[list[str] | None, typer.Option(help="the first has index.html")] = None,
    notebook: Annotated[
        list[str] | None, typer.Option("--notebook", help="only this one; may be repeated")
    ] = None,
    keep: Annotated[int, typer.Option(min=1, help="good runs to keep")] = 5,
    timeout: Annotated[int, typer.Option(min=1, help="seconds that one cell may take")] = 600,
    allow_changed: Annotated[
        bool, typer.Option("--allow-changed", help="also with notebooks that are not committed")
    ] = False,
    record: Annotated[bool, typer.Option("--record", help="save what figures draw too")] = False,
) -> None:
    """Run the notebooks in English and Russian and publish the report in reports/latest.

    With --notebook: renew its pages in a copy of the last whole report.
    """
    from valley_analysis import paths
    from valley_analysis.charts.record import FOLDER
    from valley_analysis.reports.publish import publish
    from valley_analysis.text import LANGS

    if record:
        os.environ[FOLDER] = "each notebook's own"
    with _telling() as tell:
        made = publish(
            _pairs(parameter),
            lang or LANGS,
            notebook,
            keep=keep,
            cell_timeout=timeout,
            allow_changed=allow_changed,
            progress=tell,
        )
    latest = paths.reports() / "latest"
    shown = latest if latest.resolve() == made.resolve() else made
    typer.echo(f"report: {_near(shown / 'index.html')}\ndata:   {_near(shown / 'data')}")


@app.command()
def compare(
    old: Annotated[Path, typer.Argument(help="folder of a published run")],
    new: Annotated[Path, typer.Argument(help="of another")] = Path("reports/latest"),
    details: Annotated[int, typer.Option(min=0, help="differences of a file to print")] = 10,
) -> None:
    """Print what differs between two published runs; 1 if anything does."""
    from valley_analysis.reports.compare import compare_runs, listed

    found = compare_runs(old, new)
    typer.echo(listed(found, details))
    raise typer.Exit(int(bool(len(found))))


@app.command()
def fetch(
    sources: Annotated[list[str] | None, typer.Argument(help="ids; by default all")] = None,
    mirror: Annotated[
        str | None, typer.Option(help="a folder or an address with copies of the originals")
    ] = None,
    ca_bundle: Annotated[
        Path | None, typer.Option(help="PEM file of authorities to trust besides the system's")
    ] = None,
    cache: Annotated[Path | None, typer.Option(help="where to; data/processed/originals")] = None,
    refresh: Annotated[bool, typer.Option(help="ask the publisher again")] = False,
    accept_revisions: Annotated[
        bool, typer.Option(help="record files that the publisher has changed")
    ] = False,
) -> None:
    """Download the publishers' originals into the cache and verify them."""
    from valley_analysis import paths
    from valley_analysis.sources.fetch import fetch_all

    fetched = fetch_all(
        sources or None,
        cache=cache or paths.cache(),
        mirror=mirror,
        ca_bundle=ca_bundle,
        refresh=refresh,
        accept_revisions=accept_revisions,
        lock_file=paths.root() / "data" / "sources.lock.yml",
        progress=_print_step,
    )
    typer.echo(f"{len(fetched)} files, {sum(one.cached for one in fetched)} of them held before")


@app.command()
def extract(
    originals: Annotated[
        Path | None, typer.Option("--from", help="folder of the originals; else the cache")
    ] = None,
    release: Annotated[str | None, typer.Option(help="only this release")] = None,
) -> None:
    """Write the figures as published from the originals to data/raw."""
    from valley_analysis import paths
    from valley_analysis.sources.extract import extract as extract_tables

    folder, raw = originals or paths.cache(), paths.raw()
    if not folder.is_dir():
        raise typer.BadParameter(f"{folder} is not a folder; run `valley fetch`, or name one")
    extract_tables(folder, raw, release, progress=typer.echo)
    if release is None:
        _extract_others(folder, raw)


@app.command()
def accept(
    files: Annotated[list[Path], typer.Argument(help="tables of data/raw that were edited")],
    reason: Annotated[str, typer.Option(help="why the edit is right; kept in the sidecar")],
) -> None:
    """Take a reviewed edit of data/raw over: its sidecar gets the new checksum and the reason."""
    from datetime import UTC, datetime

    from valley_analysis.sources.accept import accept as accept_edit

    for file in files:
        found = accept_edit(file, reason, datetime.now(UTC).date())
        typer.echo(f"{_near(file)}: figures_sha256 {found[:12]}…")


@app.command("new-spec")
def new_spec(
    name: Annotated[str, typer.Argument(help="of the specification; the file is NAME.yml")],
) -> None:
    """Write a commented specification of an index of one's own, here."""
    from valley_analysis.indicators.new_spec import write_spec

    typer.echo(_near(write_spec(name, Path.cwd())))


@app.command()
def trace(
    region: Annotated[str, typer.Argument(help="code, for example RU-TUL")],
    indicator: Annotated[str, typer.Argument(help="id in the catalogue (valley list)")],
    period: Annotated[int, typer.Argument(help="the year that the value describes")],
) -> None:
    """Print where a value comes from: formula, series, published cells, vintages, flags."""
    from valley_analysis import indicators, regions
    from valley_analysis.reports.build import build_data
    from valley_analysis.reports.trace import trace as trace_value

    regions.check_codes([region], where="valley trace")
    indicators.find_indicator(indicator)
    with _telling() as tell:
        build_data(progress=tell)
    found = trace_value(region, indicator, period)
    typer.echo(str(found))
    if not found.agrees:
        raise typer.Exit(1)


@app.command("list")
def list_(
    what: Annotated[
        str,
        typer.Argument(
            help="notebooks, specs, indicators, series, sources; outcomes, exposures, waves, "
            "valleys, regions, scopes, regimes, profiles, rules; or all"
        ),
    ] = "all",
) -> None:
    """List what there is to name: on the command line, in a parameter."""
    from valley_analysis.reports.listing import LISTS

    chosen = list(LISTS) if what == "all" else [what]
    if not set(chosen) <= LISTS.keys():
        raise typer.BadParameter(f"{what!r} is none of {', '.join(LISTS)}, all")
    for name in chosen:
        rows = LISTS[name]()
        typer.echo(f"{name} ({len(rows)})")
        width = max((len(key) for key, _ in rows), default=0)
        for key, text in rows:
            typer.echo(f"  {key.ljust(width)}  {text}")


@app.command()
def revisions(
    series: Annotated[str | None, typer.Option(help="only this series")] = None,
    out: Annotated[Path | None, typer.Option(help="write them to a CSV instead")] = None,
) -> None:
    """Print the cells whose value differs between vintages."""
    from valley_analysis import panel
    from valley_analysis.panel.series import find_series

    table = panel.compare_vintages(panel.load_panel("all"))
    if series is not None:
        table = table[table["series"] == find_series(series).id]
    if out is not None:
        from valley_analysis.reports.exports import write_csv

        typer.echo(f"{_near(write_csv(table, out))}: {len(table)} revisions")
    else:
        _print_table(table.drop(columns=["flag_old", "flag_new"]), f"{len(table)} revisions")


def _pairs(texts: list[str] | None) -> dict[str, str]:
    """Return NAME=VALUE texts as a mapping."""
    pairs = {}
    for text in texts or ():
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise typer.BadParameter(f"{text!r} is not NAME=VALUE", param_hint="-p")
        if name.strip() in pairs:
            raise typer.BadParameter(f"{name.strip()!r} is given twice", param_hint="-p")
        pairs[name.strip()] = value
    return pairs


def _near(path: Path) -> str:
    """Print a path as seen from the working folder, if it is below it."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


@contextmanager
def _telling() -> Iterator[Callable[[str], None]]:
    """Print lines of progress, with a moving sign under them if someone is looking.

    A request to end (SIGTERM) becomes an exit, so that what was begun is tidied up.
    """
    from rich.console import Console

    def leave(number: int, _: Any) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, leave)
    console = Console(stderr=True, highlight=False, markup=False)
    try:
        if not console.is_terminal:
            yield lambda text: typer.echo(text, err=True)
            return
        with console.status("working"):
            yield console.print
    finally:
        signal.signal(signal.SIGTERM, before)


def _print_step(step: "Step") -> None:
    if step.state == "received":
        return
    note = f": {step.note}" if step.note else f", {step.received:,} bytes"
    typer.echo(f"{step.source}/{step.file}: {step.state}{note}", err=step.state == "failed")


def _print_areas(details: int) -> None:
    """Print how far drawn areas are from official ones, and why where it is more than 3 %."""
    from valley_analysis import regions

    areas = regions.area_check()
    wide = areas[areas["deviation"].abs() > 3].sort_values("deviation", key=abs, ascending=False)
    typer.echo(
        f"informational  drawn areas: {len(wide)} of {len(areas)} regions deviate by more than "
        f"3 % from the official area (--details {len(wide)} lists them with the reason)"
    )
    for row in wide.head(details).itertuples():
        typer.echo(f"  {row.region} {row.deviation:+.1f} %: {row.reason}")


def _print_checks(checks: "tuple[Check, ...]", details: int) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("state", "check", "found", box=None, pad_edge=False)
    for one in checks:
        style = {"failed": "bold red", "passed": "green"}.get(one.state, "")
        table.add_row(f"[{style}]{one.state}[/]" if style else one.state, one.name, one.found)
    Console(highlight=False).print(table)
    for one in checks if details else ():
        _print_table(one.table.head(details), f"\n{one.name}")


def _print_table(table: "pd.DataFrame", title: str) -> None:
    typer.echo(title)
    if len(table):
        typer.echo(table.to_string(index=False, na_rep="–", float_format=lambda one: f"{one:,.4g}"))


def _extract_others(folder: Path, raw: Path) -> None:
    """Extract the sources that are not Rosstat's workbooks, where their originals are."""
    from valley_analysis.errors import MissingInputError
    from valley_analysis.sources.icsid import extract_icsid
    from valley_analysis.sources.monthly import extract_monthly
    from valley_analysis.sources.ofac import extract_ofac
    from valley_analysis.sources.ratings import extract_ratings

    others = {
        "monthly": extract_monthly,
        "ofac": extract_ofac,
        "icsid": extract_icsid,
        "ratings": extract_ratings,
    }
    for name, extract_one in others.items():
        try:
            typer.echo(f"{name}: {len(extract_one(folder, raw))} tables")
        except MissingInputError as error:
            typer.echo(f"{name}: left as it is; {error}", err=True)

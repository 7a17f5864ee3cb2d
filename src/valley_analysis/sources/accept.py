"""Taking over an edit of data/raw that someone has reviewed: a new checksum, with the reason."""

from datetime import date
from pathlib import Path

from valley_analysis.errors import RawError
from valley_analysis.files import write_aside
from valley_analysis.sources.published import parse_table
from valley_analysis.sources.sidecars import ACCEPTED, SUM, dump_sidecar, name_of, read_pair


def accept(path: Path, reason: str, on: date) -> str:
    """Take a reviewed edit of a table or its sidecar over: write the new checksum and the reason.

    Parameters
    ----------
    path
        The table or its sidecar.
    reason
        Why the edit is right, and who says so.
    on
        The day.

    Returns
    -------
    The new checksum; the sidecar is left alone if it holds it already.

    Raises
    ------
    MissingInputError
        If one of the two is absent.
    RawError
        If there is no reason, or with everything but the checksum that is wrong with the two.
    """
    table = path.with_suffix(".csv")
    if not reason.strip():
        raise RawError(name_of(table), ["no reason is given"], "say why the edit is right")
    pair = read_pair(table, checked=False)
    if "columns" in pair.about and "rows" in pair.about:
        parse_table(table, pair)
    found = pair.checksum
    if pair.about.get(SUM) != found:
        edits = [*pair.about.get(ACCEPTED, []), {"on": on.isoformat(), "reason": reason.strip()}]
        about = {**pair.about, SUM: found, ACCEPTED: edits}
        write_aside(table.with_suffix(".yml"), dump_sidecar(about))
    return found

"""The record of what was fetched, and the comparison that notices a publisher's revision."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from valley_analysis.errors import ChecksumError
from valley_analysis.registers import check_register, read_yaml
from valley_analysis.sources.fetch_types import Fetched

_HEADER = (
    "# Written by `valley fetch`: what was fetched, when, from where, and the checksum of it.\n"
    "# Not edited by hand; a changed checksum is a revision by the publisher.\n"
)


@dataclass(frozen=True)
class Locked:
    """One file as it was fetched: when (UTC), from where, what its bytes were, what proves them.

    `proof` is "sha256" or "members" (registered checksums), "length" (as announced), or "none":
    nothing but this record then says that the file is whole.
    """

    fetched: str
    address: str
    sha256: str
    size: int
    etag: str = ""
    last_modified: str = ""
    proof: str = "none"


Lock = dict[str, dict[str, Locked]]


def read_lock(path: Path) -> Lock:
    """Return the record: source id -> file name -> what was fetched; empty if there is none.

    Raises
    ------
    RegisterError
        If the file is not such a record; every wrong key is named.
    """
    if not path.exists():
        return {}
    return check_register(read_yaml(path) or {}, Lock, path.name)


def compare(lock: Mapping[str, Mapping[str, Locked]], fetched: Iterable[Fetched]) -> list[Fetched]:
    """Return the files that the record does not hold yet.

    Raises
    ------
    ChecksumError
        With every file whose bytes differ from the recorded ones: an upstream revision.
    """
    fresh: list[Fetched] = []
    changed: list[str] = []
    for item in fetched:
        known = lock.get(item.source, {}).get(item.file)
        if known is None:
            fresh.append(item)
        elif known.sha256 != item.sha256:
            changed.append(_difference(known, item))
    if changed:
        raise ChecksumError(
            f"the publisher has revised {len(changed)} file{'' if len(changed) == 1 else 's'}\n"
            + "\n".join(f"  - {line}" for line in changed)
            + "\nNext step: register the new bytes as a new vintage (a release with its own date "
            "in the registers), so that both vintages are kept; the record is left as it was."
        )
    return fresh


def _difference(known: Locked, item: Fetched) -> str:
    return (
        f"{item.source}/{item.file}: sha256 {known.sha256[:12]}… ({known.size} bytes, "
        f"{known.fetched}) has become {item.sha256[:12]}… ({item.size} bytes, {item.fetched})"
    )


def write_lock(path: Path, fetched: Iterable[Fetched]) -> Lock:
    """Record what was fetched, keeping the entries of other files; return the whole record.

    A file whose bytes are already recorded keeps its entry, so that fetching the same thing
    twice changes nothing. Call `compare` first: this function records what it is given.
    """
    import yaml

    lock = read_lock(path)
    for item in fetched:
        files = lock.setdefault(item.source, {})
        known = files.get(item.file)
        if known is None or known.sha256 != item.sha256:
            files[item.file] = _locked(item)
    plain = {
        name: {file: asdict(files[file]) for file in sorted(files)}
        for name, files in sorted(lock.items())
    }
    text = _HEADER + yaml.safe_dump(plain, allow_unicode=True, sort_keys=False, width=200)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(text, "utf-8")
    draft.replace(path)
    return lock


def _locked(item: Fetched) -> Locked:
    return Locked(
        fetched=item.fetched,
        address=item.address,
        sha256=item.sha256,
        size=item.size,
        etag=item.etag,
        last_modified=item.last_modified,
        proof=item.proof,
    )

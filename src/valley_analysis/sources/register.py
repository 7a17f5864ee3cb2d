"""The register of sources: which originals there are, where they lie, what their bytes are."""

from datetime import date
from difflib import get_close_matches
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, Field, model_validator

from valley_analysis.bilingual import Entry
from valley_analysis.errors import RegisterError, UnknownSourceError
from valley_analysis.registers import check_register, read_yaml

REGISTER = Path(__file__).with_name("register.yml")

_Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_Name = Annotated[str, Field(pattern=r"^[^/\\:\x00-\x1f]+$", max_length=200)]


def _check_address(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("an address begins with http:// or https:// and names a host")
    if parts.username or parts.password:
        raise ValueError("an address in the register carries no user name or password")
    return address


Address = Annotated[str, AfterValidator(_check_address)]


class Words(Entry):
    """The same words in both languages."""

    en: str
    ru: str


class Origin(Entry):
    """A public repository, at one commit, that holds a copy of the original."""

    repository: str
    commit: str
    path: str = ""


class Member(Entry):
    """A file inside an archive, by its name without folders."""

    name: _Name
    sha256: _Sha256 | None = None


class Original(Entry):
    """One file as the publisher offers it.

    Attributes
    ----------
    name
        Name of the file in the cache and in a mirror.
    address
        Where it is downloaded; None if no address is known.
    address_verified
        Whether this address was seen to serve the file.
    archive
        What has to be unpacked after the download.
    members
        Files that the archive must hold (more are allowed).
    sha256
        Checksum of the file itself, where it is known.
    max_bytes
        A longer answer is refused.
    """

    name: _Name
    address: Address | None = None
    address_verified: bool = False
    archive: Literal["none", "zip", "rar"] = "none"
    members: tuple[Member, ...] = ()
    sha256: _Sha256 | None = None
    max_bytes: Annotated[int, Field(gt=0)] = 100_000_000

    @model_validator(mode="after")
    def _check(self) -> "Original":
        if self.members and self.archive == "none":
            raise ValueError("only an archive has members")
        names = [member.name.casefold() for member in self.members]
        if len(names) != len(set(names)):
            raise ValueError("a member stands twice")
        if self.address and unquote(PurePosixPath(urlsplit(self.address).path).name) == "":
            raise ValueError("a download address ends with a file name")
        return self


class Source(Entry):
    """A publisher's product: what it is, on which terms, and its files.

    Attributes
    ----------
    id
        Name of the source everywhere in the project, and of its folder in the cache.
    release
        The edition in the publisher's numbering; all sources of one release share it.
    by_default
        Whether `fetch_all` takes it when no id is given.
    redirect_hosts
        Hosts, other than the address's own, to which the publisher may redirect.
    certificate
        "russian" if the publisher's certificate is signed by the Russian Trusted Root CA.
    obtained_from
        Where the copy whose checksums stand here was taken from.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    release: str
    publisher: Words
    title: Words
    page: Address
    terms: str
    access: str = ""
    release_date: date | None = None
    by_default: bool = True
    redirect_hosts: tuple[str, ...] = ()
    certificate: Literal["common", "russian"] = "common"
    obtained_from: Origin | None = None
    files: Annotated[tuple[Original, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _check(self) -> "Source":
        names = [file.name.casefold() for file in self.files]
        if len(names) != len(set(names)):
            raise ValueError("a file stands twice")
        return self


@cache
def load_register(path: Path = REGISTER) -> tuple[Source, ...]:
    """Return every source of the register, in its order.

    Raises
    ------
    RegisterError
        With every problem of every entry: its line, its id and the key.

    Examples
    --------
    >>> [source.id for source in load_register()][0]
    'rosstat-yearbook-2023'
    """
    content = read_yaml(path)
    if not isinstance(content, list):
        raise RegisterError(path.name, ["the top level is not a list"], "write one entry a source")
    sources: list[Source] = []
    problems: list[str] = []
    lines = _lines(path)
    for line, entry in zip(lines, content, strict=True):
        where = f"line {line}, {_label(entry)}"
        try:
            sources.append(check_register(entry, Source, where))
        except RegisterError as error:
            problems.extend(f"{where}: {problem}" for problem in error.problems)
    seen: set[str] = set()
    for line, entry in zip(lines, content, strict=True):
        if _label(entry) in seen:
            problems.append(f"line {line}, {_label(entry)}: this id stands twice")
        seen.add(_label(entry))
    if problems:
        raise RegisterError(path.name, problems, "correct these keys")
    return tuple(sources)


def _label(entry: Any) -> str:
    return str(entry.get("id", "no id")) if isinstance(entry, dict) else "not a mapping"


def _lines(path: Path) -> list[int]:
    """Line on which each entry begins."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    node = yaml.compose(path.read_text("utf-8"), Loader=loader)
    return [entry.start_mark.line + 1 for entry in node.value] if node is not None else []


def source(source_id: str, *, register: Path = REGISTER) -> Source:
    """Return one source.

    Raises
    ------
    UnknownSourceError
        If the register does not hold it; the nearest ids are named.

    Examples
    --------
    >>> source("rosstat-yearbook-2023").certificate
    'russian'
    """
    return select([source_id], register=register)[0]


def select(ids: list[str] | None = None, *, register: Path = REGISTER) -> tuple[Source, ...]:
    """Return the sources named, or those fetched by default, each once.

    Raises
    ------
    UnknownSourceError
        With every unknown id and the ids nearest to it.
    """
    known = {entry.id: entry for entry in load_register(register)}
    if ids is None:
        return tuple(entry for entry in known.values() if entry.by_default)
    problems = [
        f"no source {unknown!r}{_nearest(unknown, list(known))}"
        for unknown in dict.fromkeys(ids)
        if unknown not in known
    ]
    if problems:
        raise UnknownSourceError(register.name, problems, f"name one of {', '.join(known)}")
    return tuple(known[name] for name in dict.fromkeys(ids))


def _nearest(unknown: str, known: list[str]) -> str:
    close = get_close_matches(unknown.lower(), known, n=3, cutoff=0.5)
    return f"; nearest: {', '.join(close)}" if close else ""

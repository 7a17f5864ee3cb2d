"""What a report is going to do, checked in full before any of it is done."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from valley_analysis.errors import UnknownNotebookError, UnknownParameterError
from valley_analysis.reports.allowed import not_allowed
from valley_analysis.reports.parameters import (
    Parameter,
    Value,
    read_parameters,
    read_values,
)
from valley_analysis.reports.results import REPLICATIONS, SEED
from valley_analysis.reports.run import Prepared, find_notebook, prepare, suite
from valley_analysis.text import LANGS, check_lang

# What the results are for where no notebook says it.
FALLBACK: dict[str, Value] = {
    "period": 2022,
    "scope": "recognised",
    "spec": "regional_innovation",
    "as_of": "2026-11-25",
}


@dataclass(frozen=True)
class Plan:
    """What a run is going to do; everything about it is checked already.

    Attributes
    ----------
    values
        The parameters of the report as a whole: period, scope, spec, as_of, and what was given.
    jobs
        Every notebook in every language.
    given
        The values that were asked for, out of all.
    shared
        Parameters that notebooks of the suite take which are not planned.
    """

    values: dict[str, Any]
    langs: tuple[str, ...]
    notebooks: tuple[Path, ...]
    jobs: tuple[Prepared, ...]
    given: dict[str, Any]
    shared: frozenset[str] = frozenset()

    @property
    def is_part(self) -> bool:
        """Whether notebooks of the suite are left out."""
        return not set(suite()) <= set(self.notebooks)

    @property
    def draws(self) -> tuple[int, int]:
        """Replications and seed of the ranges that are exported: those of the page of ranks."""
        for job in self.jobs:
            if {"period", "spec", "replications", "seed"} <= job.values.keys():
                return int(job.values["replications"]), int(job.values["seed"])
        return int(self.values.get("replications", REPLICATIONS)), SEED

    @property
    def mark(self) -> str:
        """Six letters that stand for the parameters."""
        told = json.dumps([self.values, self.langs], sort_keys=True, default=str)
        return hashlib.sha256(told.encode("utf-8")).hexdigest()[:6]


def plan(
    parameters: Mapping[str, object] | None = None,
    langs: Sequence[str] = LANGS,
    notebooks: Sequence[str | Path] | None = None,
) -> Plan:
    """Check the parameters against every notebook, and every translation, before anything runs.

    Parameters
    ----------
    parameters
        Given to each notebook that declares them.
    langs
        Languages of the pages; the first is that of index.html.
    notebooks
        Stems, numbers or paths; the whole suite by default.

    Raises
    ------
    UnknownParameterError
        With everything wrong with the parameters in any of the notebooks.
    UnknownNotebookError
        If one is not there, or the suite is empty.
    RegisterError
        With the missing and stale translations of a notebook.
    """
    chosen = suite() if notebooks is None else [find_notebook(name) for name in notebooks]
    if notebooks is None and not chosen:
        raise UnknownNotebookError(
            "there is no notebook in notebooks/. Next step: restore them from git."
        )
    spoken = tuple(dict.fromkeys(check_lang(lang) for lang in langs)) or LANGS
    declared = [read_parameters(path) for path in chosen]
    known = {name: one for read in reversed(declared) for name, one in read.parameters.items()}
    values = _values(known, dict(parameters or {}))
    given = {name: values[name] for name in parameters or {}}
    jobs = [
        prepare(path, _meant({**given, "lang": lang}, read.parameters), lang)
        for path, read in zip(chosen, declared, strict=True)
        for lang in spoken
    ]
    others = [read_parameters(path).parameters for path in suite() if path not in chosen]
    shared = frozenset(name for read in others for name in read)
    return Plan(values, spoken, tuple(chosen), tuple(jobs), given, shared)


def with_values(planned: Plan, known: Mapping[str, object]) -> Plan:
    """Return the plan with values that a whole report was made with, where none was asked for."""
    declared = {
        name for path in planned.notebooks for name in read_parameters(path).parameters
    } | FALLBACK.keys()
    kept = {name: value for name, value in known.items() if name in declared}
    return plan({**kept, **planned.given}, planned.langs, planned.notebooks)


def _meant(given: Mapping[str, Any], declared: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name in declared}


def _values(known: Mapping[str, Any], given: dict[str, object]) -> dict[str, Any]:
    """Every value of the run as a whole: given, else a notebook's default, else ours."""
    own = {name: Parameter(name, value, type(value).__name__) for name, value in FALLBACK.items()}
    declared = {**own, **known}
    declared.pop("lang", None)
    if "lang" in given:
        problems = ["lang is not one of them; the report is made in every language asked for"]
        raise UnknownParameterError("the report", problems, "choose languages with --lang")
    values, problems = read_values(declared, given)
    named = {**{name: declared[name].default for name in own}, **values}
    problems += not_allowed(named, {name: declared[name] for name in named})
    if problems:
        takes = ", ".join(f"{one.name} (default {one.default!r})" for one in declared.values())
        raise UnknownParameterError("the report", problems, f"its notebooks take {takes}")
    return named

"""What there is to name: in a parameter, and on the command line.

The lists come from the registers, so a value that a register gains may be named at once, and a
value that is in none is refused before anything runs.
"""

from collections.abc import Callable
from typing import get_args

Rows = list[tuple[str, str]]


def notebooks() -> Rows:
    """Return the notebooks of the suite and the parameters that each takes."""
    from valley_analysis.reports.parameters import read_parameters
    from valley_analysis.reports.run import suite

    return [(path.stem, read_parameters(path).describe()) for path in suite()]


def specs() -> Rows:
    """Return the ready specifications of an index."""
    from valley_analysis.indicators import list_specs, load_spec

    found = [load_spec(name) for name in list_specs()]
    return [
        (one.name, f"editions {one.editions[0]}-{one.editions[1]}, {len(one.members)} indicators")
        for one in found
    ]


def indicators() -> Rows:
    """Return the indicators of the catalogue with unit and formula."""
    from valley_analysis.indicators import load_catalogue

    return [
        (one.id, f"{one.name.en} ({one.name.ru}), {one.unit.en} = {one.formula}")
        for one in load_catalogue().values()
    ]


def series() -> Rows:
    """Return the series of the panel with their tables."""
    from valley_analysis.panel import load_series

    return [
        (one.id, f"{one.name.en} ({one.name.ru}), {one.unit.en}; {', '.join(one.tables)}")
        for one in load_series().values()
    ]


def sources() -> Rows:
    """Return the publishers' originals."""
    from valley_analysis.sources.register import load_register

    return [(one.id, one.title.en) for one in load_register()]


def outcomes() -> Rows:
    """Return the outcomes that a study may explain."""
    from valley_analysis.panel import load_series
    from valley_analysis.sanctions.outcomes import load_outcomes

    known = load_series()
    return [
        (name, f"{known[name].name.en} ({known[name].name.ru})" if name in known else one.family)
        for name, one in load_outcomes().items()
    ]


def exposures() -> Rows:
    """Return the standing definitions of exposure, each with the waves that have it."""
    from valley_analysis.sanctions import exposure_specs
    from valley_analysis.sanctions.exposure_spec import load_exposures

    having = {year: exposure_specs(int(year)) for year, _ in waves()}
    return [
        (
            name,
            f"{', '.join(one.numerator)} over {one.denominator}; waves "
            + ", ".join(year for year, found in having.items() if name in found),
        )
        for name, one in load_exposures().exposures.items()
    ]


def waves() -> Rows:
    """Return the waves of sanctions."""
    from valley_analysis.sanctions.waves import waves as known

    return [(str(year), f"{wave.label.en} ({wave.label.ru})") for year, wave in known().items()]


def valleys() -> Rows:
    """Return the innovation valleys of the register."""
    from valley_analysis.valleys import load_register

    return [(one.id, f"{one.name.en} ({one.name.ru})") for one in load_register().valleys.entries]


def regions() -> Rows:
    """Return the units that are compared, of the widest scope."""
    from valley_analysis.regions import name
    from valley_analysis.regions.registry import units

    return [(code, f"{name(code, 'en')} ({name(code, 'ru')})") for code in units("rosstat")]


def scopes() -> Rows:
    """Return the named sets of regions."""
    from valley_analysis.regions.registry import SCOPES, units

    about = {"recognised": "codes RU-...", "rosstat": "with Crimea UA-43 and Sevastopol UA-40"}
    return [(one, f"{len(units(one))} units, {about[one]}") for one in SCOPES]


def regimes() -> Rows:
    """Return the tax regimes."""
    from valley_analysis.valleys.incentives import load_incentives

    return [
        (key, f"{one.name.en} ({one.name.ru})")
        for key, one in load_incentives().content.regimes.items()
    ]


def profiles() -> Rows:
    """Return the illustrative participants whose taxes are computed."""
    from valley_analysis.valleys.fiscal import load_profiles

    return [(key, f"{one.name.en} ({one.name.ru})") for key, one in load_profiles().items()]


def rules() -> Rows:
    """Return the words that choose among figures, regions and valleys of one region."""
    from valley_analysis.valleys.attribution import Attribution
    from valley_analysis.valleys.claims import Rule
    from valley_analysis.valleys.rating import Several

    about = {
        "attribution, which region a valley counts for": get_args(Attribution),
        "rule, which of several recent figures is shown": get_args(Rule),
        "several, a region with two valleys": get_args(Several),
    }
    return [(word, text) for text, words in about.items() for word in words]


LISTS: dict[str, Callable[[], Rows]] = {
    "notebooks": notebooks,
    "specs": specs,
    "indicators": indicators,
    "series": series,
    "sources": sources,
    "outcomes": outcomes,
    "exposures": exposures,
    "waves": waves,
    "valleys": valleys,
    "regions": regions,
    "scopes": scopes,
    "regimes": regimes,
    "profiles": profiles,
    "rules": rules,
}
"""Name of a list, as `valley list` takes it -> its rows: a key, and what it stands for."""

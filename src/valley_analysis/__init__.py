"""Open, reproducible analysis of Russia's regional innovation, valleys and sanctions.

Nothing heavy is imported here: each folder of the package is imported where it is used,
for example ``from valley_analysis import scoring``.
"""

from importlib import import_module
from types import ModuleType

__version__ = "0.1.0"

_FOLDERS = ("charts", "indicators", "panel", "regions", "reports", "scoring", "sources", "text")


def __getattr__(name: str) -> ModuleType:
    if name in _FOLDERS:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *_FOLDERS]

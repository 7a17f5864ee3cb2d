"""Libraries of the extra ``impact``: imported when first used, with an error that says how."""

from importlib import import_module
from types import ModuleType

from valley_analysis.errors import MissingExtraError


def library(name: str) -> ModuleType:
    """Return a module of the extra.

    Raises
    ------
    MissingExtraError
        If it is not installed.

    Examples
    --------
    >>> library("math").__name__
    'math'
    """
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] != name.split(".")[0]:
            raise
        raise MissingExtraError(
            f"{name} is not installed. Next step: pip install 'valley_analysis[impact]', "
            "or make setup, which installs every extra."
        ) from error

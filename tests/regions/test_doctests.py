import doctest
import importlib

import pytest

MODULES = ("boundaries", "matching", "membership", "register", "registry", "scopes", "tiles")


@pytest.mark.parametrize("module", MODULES)
def test_examples_run(module: str) -> None:
    found = doctest.testmod(importlib.import_module(f"valley_analysis.regions.{module}"))
    assert (found.failed, found.attempted > 0) == (0, True)

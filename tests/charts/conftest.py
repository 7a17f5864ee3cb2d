"""Results to draw, once a session, and the rule that no test leaves a trace in pyplot."""

from collections.abc import Iterator
from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from valley_analysis.frames import Scope
from valley_analysis.indicators import load_spec
from valley_analysis.regions import scope
from valley_analysis.scoring import IndexResult, score_editions

PERIODS = (2010, 2015, 2016, 2017, 2018, 2019, 2020, 2021, 2022)


@pytest.fixture(autouse=True)
def no_trace() -> Iterator[None]:
    """Charts neither register figures with pyplot nor change the session's settings."""
    before = dict(mpl.rcParams)
    yield
    assert not plt.get_fignums()
    assert dict(mpl.rcParams) == before


@pytest.fixture(scope="session")
def editions(indicators: pd.DataFrame) -> dict[int, IndexResult]:
    return score_editions(indicators, load_spec("regional_innovation"), PERIODS, scope())


@pytest.fixture(scope="session")
def rosstat(indicators: pd.DataFrame) -> IndexResult:
    spec = load_spec("regional_innovation")
    return score_editions(indicators, spec, [2021], scope("rosstat"))[2021]


@pytest.fixture(scope="session")
def result(editions: dict[int, IndexResult]) -> IndexResult:
    return editions[2021]


@pytest.fixture(scope="session")
def gapped(result: IndexResult) -> IndexResult:
    """The result without scores for two units."""
    scores = result.scores.copy()
    scores.loc[["RU-TY", "RU-CHU"], "score"] = np.nan
    scores.loc[["RU-TY", "RU-CHU"], "rank"] = pd.NA
    return replace(result, scores=scores)


@pytest.fixture(scope="session")
def units() -> Scope:
    return scope()


@pytest.fixture(scope="session")
def chosen(result: IndexResult) -> list[str]:
    leaders = result.scores.sort_values("rank").index[:7].tolist()
    return [*leaders, "RU-TUL", "RU-PRI", "RU-CHU", "RU-TYU-X"]

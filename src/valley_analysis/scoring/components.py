"""Principal components of a group of indicators or dimensions."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from valley_analysis.scoring.steps import checked_frame, rescaled


@dataclass(frozen=True)
class Components:
    """Principal components of a correlation matrix.

    Attributes
    ----------
    variances
        Components (1, 2, ...) down: eigenvalue, share of the variance, cumulative share.
    loadings
        Columns of the frame down, components across: correlation of each with each component.
        Signs are chosen so that the loadings of a component sum to a positive number.
    kaiser
        How many eigenvalues exceed 1.
    constant
        Columns left out because they do not vary.
    complete
        Units that have every value; the correlations use all pairs that exist.
    """

    variances: pd.DataFrame
    loadings: pd.DataFrame
    kaiser: int
    constant: tuple[str, ...]
    complete: int

    @property
    def first_share(self) -> float:
        """Share of the variance that one component explains."""
        return float(self.variances["share"].iloc[0]) if len(self.variances) else float("nan")

    def _repr_html_(self) -> str:
        return str(self.variances.round(3).to_html() + self.loadings.round(2).to_html())


def principal_components(values: pd.DataFrame) -> Components:
    """Decompose the correlations of columns.

    With missing values correlations are pairwise, so that no unit is lost; an eigenvalue may
    then fall slightly below zero, and its loadings are zero.

    Parameters
    ----------
    values
        Units down, indicators or dimensions across, direction applied.

    Raises
    ------
    FrameError
        With every repeated unit or column, column that is not numeric and infinite value.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 4. Kaiser, H.F. (1960),
    The application of electronic computers to factor analysis, Educational and Psychological
    Measurement 20(1), 141-151.

    Examples
    --------
    >>> found = principal_components(pd.DataFrame({"a": [1.0, 2, 3, 4], "b": [2.0, 4, 6, 8]}))
    >>> found.variances["eigenvalue"].round(9).tolist(), found.kaiser
    ([2.0, 0.0], 1)
    """
    values = checked_frame(values, "principal components")
    scaled = pd.DataFrame(rescaled(values.to_numpy())[0], values.index, values.columns)
    with np.errstate(invalid="ignore", divide="ignore"):  # of columns that do not vary
        table = scaled.corr()
    constant = [name for name in table if not np.isfinite(table.loc[name, name])]
    kept = table.drop(index=constant, columns=constant)
    eigenvalues, vectors = np.linalg.eigh(kept.fillna(0.0).to_numpy())
    eigenvalues, vectors = eigenvalues[::-1], vectors[:, ::-1]
    loadings = vectors * np.sqrt(np.clip(eigenvalues, 0.0, None))
    loadings = loadings * np.where(loadings.sum(axis=0) < 0, -1.0, 1.0)
    numbers = pd.RangeIndex(1, len(eigenvalues) + 1, name="component")
    share = eigenvalues / max(len(eigenvalues), 1)
    return Components(
        pd.DataFrame(
            {"eigenvalue": eigenvalues, "share": share, "cumulative": share.cumsum()}, numbers
        ),
        pd.DataFrame(loadings, kept.index, numbers),
        int((eigenvalues > 1 + 1e-9).sum()),
        tuple(map(str, constant)),
        int(values.notna().all(axis=1).sum()),
    )

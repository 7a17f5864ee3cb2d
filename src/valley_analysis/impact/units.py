"""Numbers in any unit: sizes as powers of two, and what is no more than rounding.

Multiplying by a power of two changes no digit of a double, and least squares follows the units of
its columns; so a library with absolute tolerances is given columns of size one, and what it
returns is scaled back.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

ROUNDING = 2.0**-42
"""Of the largest value: about a thousand times the precision of a double."""
EXACT = 1e-9
"""Of what effects leave of an outcome: residuals below it are no error to estimate from."""
EXACTLY = "the model fits the outcome to the last digits, so there is no error and no p-value"


def size(values: np.ndarray) -> float:
    """Return the power of two just above the largest absolute value; 1 if all are zero.

    Examples
    --------
    >>> size(np.array([3.0, -5.0])), size(np.zeros(2))
    (8.0, 1.0)
    """
    largest = float(np.abs(values).max(initial=0.0))
    return float(2.0 ** np.frexp(largest)[1]) if np.isfinite(largest) and largest > 0 else 1.0


def is_rounding(left: np.ndarray | float, whole: np.ndarray | float) -> bool:
    """Return whether what is left of some values is no more than rounding.

    Parameters
    ----------
    left
        What a projection left, or an error in the same unit.
    whole
        The values.

    Examples
    --------
    >>> is_rounding(np.array([0.1 + 0.2 - 0.3]), np.array([0.3])), is_rounding(1e-12, 1e-11)
    (True, False)
    """
    largest, reach = (float(np.abs(np.asarray(v)).max(initial=0.0)) for v in (left, whole))
    return largest <= ROUNDING * reach


def slack_of(values: np.ndarray) -> float:
    """Return how much of some values is rounding, in their unit.

    Examples
    --------
    >>> slack_of(np.array([2.0**42, 1.0]))
    1.0
    """
    return ROUNDING * float(np.abs(values).max(initial=0.0))


def centred(values: np.ndarray, groups: Sequence[np.ndarray]) -> np.ndarray:
    """Return a column less the means of one grouping of rows after the other.

    Effects of these groups absorb what is taken out, so nothing that is estimated beside them
    changes but the digits that are lost on it.

    Parameters
    ----------
    values
        n.
    groups
        Codes of rows, n each.

    Examples
    --------
    >>> centred(np.array([1e9, 1e9 + 1, 0.0, 3.0]), [np.array([0, 0, 1, 1])]).tolist()
    [-0.5, 0.5, -1.5, 1.5]
    """
    left = np.asarray(values, dtype=float)
    for codes in groups:
        counted = np.maximum(np.bincount(codes), 1)
        left = left - (np.bincount(codes, left) / counted)[codes]
    return np.zeros_like(left) if is_rounding(left, values) else left


def resized(
    numbers: pd.DataFrame, columns: Sequence[str], groups: Sequence[str] = ()
) -> tuple[pd.DataFrame, pd.Series]:
    """Return columns of size one, centred within groups, and what they were divided by.

    Parameters
    ----------
    numbers
        A frame of numbers.
    columns
        Which of them.
    groups
        Columns of codes.

    Examples
    --------
    >>> found, sizes = resized(pd.DataFrame({"y": [3.0, -5.0]}), ["y"])
    >>> found["y"].tolist(), float(sizes["y"])
    ([0.375, -0.625], 8.0)
    """
    by = [numbers[name].to_numpy() for name in groups]
    left = {name: centred(numbers[name].to_numpy(float), by) for name in columns}
    sizes = pd.Series({name: size(values) for name, values in left.items()}, dtype=float)
    return numbers.assign(**{name: left[name] / sizes[name] for name in columns}), sizes

"""Treatment and normalisation of one indicator under one method, kept as a function.

The steps themselves are `treat` and `normalise`. Here what they find in the values that are
pooled is kept, so that it can be applied to values outside the pool as well: other periods,
imputed values, bounds of suppressed ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from valley_analysis.errors import FrameError
from valley_analysis.scoring.goalposts import Goalposts, goalposts
from valley_analysis.scoring.spec import IndexSpec
from valley_analysis.scoring.steps import Array
from valley_analysis.scoring.treat import skewness_kurtosis, treat

SKEWED = 1.0  # above this the European Innovation Scoreboard takes the square root
MIDDLE, SPREAD = 50.0, 10.0  # of z-scores

Key = tuple[str, str, int | None]  # indicator, method, period (None: pooled)


@dataclass(frozen=True, eq=False)
class Scaling:
    """How values of one indicator under one method become points.

    Attributes
    ----------
    posts
        Values beyond which others are cut: under min-max they become 0 and 100.
    form
        "as it is", "log", "box_cox" or "root".
    normalisation, direction
        Of the specification.
    power
        Of the Box-Cox form.
    known
        The pooled values in that form, rising.
    """

    posts: Goalposts
    form: str
    normalisation: str
    direction: int
    power: float
    known: Array

    def apply(self, values: Array) -> Array:
        """Return points, more being better; a missing value stays missing.

        Examples
        --------
        >>> scaling = fit(np.array([0.0, 1.0, 4.0]), Goalposts(0.0, 4.0, 3, 0), "minmax", -1)
        >>> scaling.apply(np.array([1.0, 9.0, np.nan])).tolist()
        [75.0, 0.0, nan]
        """
        return _NORMALISED[self.normalisation](self, self.formed(values))

    def formed(self, values: Array) -> Array:
        """Return values cut at the posts and transformed."""
        return _formed(values, self.posts, self.form, self.power)

    @property
    def ends(self) -> tuple[float, float]:
        """Posts in that form."""
        low, high = self.formed(np.array([self.posts.low, self.posts.high]))
        return float(low), float(high)

    @property
    def points(self) -> float:
        """Points that one unit of the indicator is worth, on average between the posts."""
        if self.normalisation in ("minmax", "eis"):
            return 100.0 / (self.posts.high - self.posts.low)
        low, high = self.apply(np.array([self.posts.low, self.posts.high]))
        return abs(float(high) - float(low)) / (self.posts.high - self.posts.low)

    @property
    def level(self) -> float:
        """Mean of the pooled values."""
        return float(self.known.mean())


def fit(
    values: Array,
    posts: Goalposts,
    normalisation: str,
    direction: int,
    form: str = "as it is",
    power: float = float("nan"),
) -> Scaling:
    """Take from pooled values what a normalisation needs.

    Parameters
    ----------
    values
        In the indicator's unit, missing values allowed.
    posts
        Values beyond which others are cut.
    normalisation, direction
        As in `IndexSpec`.
    form, power
        What the treatment made of the values.

    Examples
    --------
    >>> fit(np.array([1.0, 3.0]), Goalposts(1.0, 3.0, 2, 0), "ratio", 1).level
    2.0
    """
    known = np.sort(values[~np.isnan(values)])
    cut = np.clip(known, posts.low, posts.high)
    if normalisation == "eis" and form == "as it is" and cut[0] >= 0:
        skewed = skewness_kurtosis(cut[:, None])[0][0] > SKEWED
        form = "root" if skewed else form
    return Scaling(posts, form, normalisation, direction, power, _formed(known, posts, form, power))


def fit_all(
    columns: pd.DataFrame, keys: Mapping[int, tuple[str, str]], spec: IndexSpec
) -> dict[Key, Scaling]:
    """Fit every indicator and method, pooled or in each period.

    Parameters
    ----------
    columns
        (period, unit) down; a numbered column for each indicator and method, missing where
        another method holds.
    keys
        Number -> indicator, method.
    spec
        Names treatment and normalisation.

    Returns
    -------
    Nothing for a block whose values do not differ, so that nothing can be scaled.

    Raises
    ------
    FrameError
        If "ratio" meets a mean that is not above 0, with every indicator concerned.
    """
    forms = _forms(columns, spec)
    directions = {member.indicator: member.direction for member in spec.members}
    found: dict[Key, Scaling] = {}
    for period, part in _parts(columns, spec.pooled):
        for number, (name, method) in keys.items():
            values = part[number].to_numpy(dtype=float)
            posts, form, power = _posts(values, spec, forms.get((period, number)))
            if posts is not None:
                found[name, method, period] = fit(
                    values, posts, spec.normalisation, directions[name], form, power
                )
    _check_levels(found, spec)
    return found


Treatment = tuple[str, float, float, float]  # what was done, power, lowest and highest value left


def _parts(columns: pd.DataFrame, pooled: bool) -> list[tuple[int | None, pd.DataFrame]]:
    if pooled:
        return [(None, columns)]
    return [(int(str(period)), part) for period, part in columns.groupby(level="period")]


def _forms(columns: pd.DataFrame, spec: IndexSpec) -> dict[tuple[int | None, int], Treatment]:
    """What the rule of outliers did to each column; nothing for cuts, which are posts."""
    if spec.treatment in ("quantiles", "none") or columns.empty:
        return {}
    skewness, kurtosis, points = spec.outliers
    treated = treat(columns, spec.treatment, skewness, kurtosis, points, pooled=spec.pooled)
    found = {}
    for period, part in _parts(treated.frame, spec.pooled):
        for number in columns:
            row = treated.report.loc[number if period is None else (period, number)]
            ends = float(part[number].min()), float(part[number].max())
            found[period, int(number)] = (str(row["treatment"]), float(row["parameter"]), *ends)
    return found


def _posts(
    values: Array, spec: IndexSpec, treated: Treatment | None
) -> tuple[Goalposts | None, str, float]:
    whole = pd.Series(values)
    if spec.treatment == "quantiles":
        return goalposts(whole, spec.winsorise), "as it is", float("nan")
    posts = goalposts(whole, (0.0, 1.0))
    if posts is None or treated is None:
        return posts, "as it is", float("nan")
    done, power, low, high = treated
    if done in ("log", "box_cox"):
        return posts, done, power
    # Winsorising gives the extremes the next value: that is a cut at what is left.
    clipped = int(((values < low) | (values > high)).sum())
    return Goalposts(low, high, posts.n, clipped), "as it is", float("nan")


def _check_levels(found: Mapping[Key, Scaling], spec: IndexSpec) -> None:
    if spec.normalisation != "ratio":
        return
    problems = [
        f"{name}{'' if period is None else f' in {period}'}: the mean of the units is "
        f"{scaling.level:g}; expected above 0"
        for (name, _, period), scaling in found.items()
        if not scaling.level > 0
    ]
    if problems:
        raise FrameError("normalise", problems, "leave these indicators out of the specification")


def _formed(values: Array, posts: Goalposts, form: str, power: float) -> Array:
    cut: Array = np.clip(values, posts.low, posts.high)
    if form == "root":
        root: Array = np.sqrt(cut)
        return root
    if form not in ("log", "box_cox"):
        return cut
    share = (cut - posts.low) / (posts.high - posts.low) + 0.01
    if form == "log":
        logs: Array = np.log(posts.high - posts.low) + np.log(share)
        return logs
    from scipy.special import boxcox

    powers: Array = boxcox(share, power)
    return powers


def _minmax(scaling: Scaling, formed: Array) -> Array:
    low, high = scaling.ends
    points: Array = 100.0 * ((formed - low) / (high - low))  # exactly 100 at the upper post
    return points if scaling.direction > 0 else 100.0 - points


def _zscore(scaling: Scaling, formed: Array) -> Array:
    away = (formed - scaling.level) / float(scaling.known.std(ddof=1))
    points: Array = MIDDLE + SPREAD * scaling.direction * away
    return points


def _places(scaling: Scaling, formed: Array) -> Array:
    """How many pooled values are worse."""
    if scaling.direction > 0:
        worse = np.searchsorted(scaling.known, formed, "left")
    else:
        worse = len(scaling.known) - np.searchsorted(scaling.known, formed, "right")
    return np.where(np.isnan(formed), np.nan, worse.astype(float))


def _rank(scaling: Scaling, formed: Array) -> Array:
    return 100.0 * (_places(scaling, formed) + 1) / len(scaling.known)


def _percentile(scaling: Scaling, formed: Array) -> Array:
    return 100.0 * _places(scaling, formed) / (len(scaling.known) - 1)


def _ratio(scaling: Scaling, formed: Array) -> Array:
    ratio: Array = 100.0 * formed / scaling.level
    return ratio if scaling.direction > 0 else 200.0 - ratio


_NORMALISED = {
    "minmax": _minmax,
    "eis": _minmax,
    "zscore": _zscore,
    "rank": _rank,
    "percentile": _percentile,
    "ratio": _ratio,
}

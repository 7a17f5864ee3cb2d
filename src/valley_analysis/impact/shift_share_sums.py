"""Incomplete shares: being exposed at all must not pass for being exposed to large shocks.

Borusyak, Hull and Jaravel (2022), Quasi-experimental shift-share research designs, Review of
Economic Studies 89(1), 181-213, sections 3.2 (sum of shares) and 4.1 (times period).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

_CLOSE = 1e-9


@dataclass(frozen=True, eq=False)
class ShareSums:
    """What controls for sums of shares.

    Attributes
    ----------
    effects
        n x p: effects of periods, which controls may hold already.
    sums
        n x q: sums of shares, of each period apart in a panel; none if they do not differ.
    notes
        What was done, and why.
    """

    effects: np.ndarray
    sums: np.ndarray
    notes: tuple[str, ...] = ()

    def beside(self, design: np.ndarray) -> np.ndarray:
        """Return controls with the sums, and with the effects that they do not hold yet."""
        for column in self.effects.T:
            rest = column - design @ np.linalg.lstsq(design, column, rcond=None)[0]
            if np.linalg.norm(rest) > _CLOSE * max(float(np.linalg.norm(column)), 1.0):
                design = np.column_stack([design, column])
        return np.column_stack([design, self.sums])


def share_sums(
    shares: pd.DataFrame, share_sum: bool | str, periods: "pd.Series[str] | None" = None
) -> ShareSums:
    """Return what controls for sums of shares.

    Parameters
    ----------
    shares
        Units x sectors.
    share_sum
        Whether to control; or the name of the periods.
    periods
        Period of each unit, for a panel.

    Examples
    --------
    >>> shares = pd.DataFrame({"oil": [0.5, 0.2], "cars": [0.5, 0.2]}, index=["a", "b"])
    >>> share_sums(shares, True).sums.ravel().tolist()
    [1.0, 0.4]
    """
    total = shares.astype(float).sum(axis=1).to_numpy()
    nothing = np.empty((len(total), 0))
    if np.ptp(total) <= _CLOSE:
        return ShareSums(nothing, nothing)
    told = f"Shares sum to {total.min():.2f} to {total.max():.2f}: their sum is"
    if periods is not None:
        effects = pd.get_dummies(periods.reindex(shares.index)).to_numpy(float)
        sums = total[:, None] * effects
        return ShareSums(effects, sums, (f"{told} controlled for times {share_sum}.",))
    if not share_sum:
        return ShareSums(nothing, nothing, (f"{told} not controlled for, as asked.",))
    return ShareSums(nothing, total[:, None], (f"{told} controlled for.",))

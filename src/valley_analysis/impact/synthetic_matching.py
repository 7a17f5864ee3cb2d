"""What donors are matched on: outcomes before the treatment, or predictors with weights."""

from dataclasses import dataclass

import numpy as np

from valley_analysis.impact.synthetic_panel import Floats, Places
from valley_analysis.impact.synthetic_search import searched_weights
from valley_analysis.impact.synthetic_weights import nearest_in_hull


@dataclass(frozen=True, eq=False)
class Matching:
    """What donors are matched on, for any unit of the panel.

    Attributes
    ----------
    outcomes
        Units x pre-treatment periods.
    predictors
        Units x predictors on comparable scales; None matches on `outcomes`.
    searched
        Whether predictor weights are searched; uniform otherwise.
    seed
        Of the search.
    """

    outcomes: Floats
    predictors: Floats | None = None
    searched: bool = False
    seed: int = 0

    def weights(self, target: Places, donors: Places) -> tuple[Floats, Floats]:
        """Return weights of the donors, and of the predictors, for the mean of some units."""
        outcomes = self._difference(self.outcomes, target, donors)
        # Pre-treatment outcomes as predictors: uniform weights are the outer optimum itself.
        if self.predictors is None:
            return nearest_in_hull(outcomes), np.full(len(outcomes), 1 / len(outcomes))
        predictors = self._difference(self.predictors, target, donors)
        if self.searched:
            return searched_weights(predictors, outcomes, self.seed)
        return nearest_in_hull(predictors), np.full(len(predictors), 1 / len(predictors))

    @staticmethod
    def _difference(values: Floats, target: Places, donors: Places) -> Floats:
        return (values[donors] - values[target].mean(axis=0)).T

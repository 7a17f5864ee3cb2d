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
    given
        Predictor weights, summing to one; None for uniform or searched ones.
    searched
        Whether predictor weights are searched.
    fitted
        Units x the periods whose gaps the search makes small; None for all of `outcomes`.
    training
        Units x the same predictors as measured in a training window: the search sees these, donors
        are matched on `predictors`. None searches on `predictors` themselves.
    seed
        Of the search.
    """

    outcomes: Floats
    predictors: Floats | None = None
    given: Floats | None = None
    searched: bool = False
    fitted: Floats | None = None
    training: Floats | None = None
    seed: int = 0

    def weights(self, target: Places, donors: Places) -> tuple[Floats, Floats]:
        """Return weights of the donors, and of the predictors, for the mean of some units."""
        outcomes = self._difference(self.outcomes, target, donors)
        # Pre-treatment outcomes as predictors: uniform weights are the outer optimum itself.
        if self.predictors is None:
            return nearest_in_hull(outcomes), np.full(len(outcomes), 1 / len(outcomes))
        predictors = self._difference(self.predictors, target, donors)
        if not self.searched:
            even = np.full(len(predictors), 1 / len(predictors))
            shares = even if self.given is None else self.given
            return nearest_in_hull(np.sqrt(shares)[:, None] * predictors), shares
        if self.fitted is not None:
            outcomes = self._difference(self.fitted, target, donors)
        if self.training is None:
            return searched_weights(predictors, outcomes, self.seed)
        trained = self._difference(self.training, target, donors)
        _, shares = searched_weights(trained, outcomes, self.seed, by_outcomes=False)
        return nearest_in_hull(np.sqrt(shares)[:, None] * predictors), shares

    @staticmethod
    def _difference(values: Floats, target: Places, donors: Places) -> Floats:
        return (values[donors] - values[target].mean(axis=0)).T

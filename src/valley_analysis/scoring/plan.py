"""The plan of an uncertainty analysis."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

from valley_analysis.errors import SpecError
from valley_analysis.scoring.assumptions import Alternatives, Vintages
from valley_analysis.scoring.batch import Assumption
from valley_analysis.scoring.spec import IndexSpec


@dataclass(frozen=True)
class Uncertainty:
    """A plan of replications: what is varied, how often, from which seed.

    Attributes
    ----------
    assumptions
        Everything varied at once, each under its own name.
    replications
        Number of perturbed reruns.
    seed
        The same seed gives the same replications, wherever they are computed.
    keep
        Up to how many replications each one's scores and ranks are kept; above that, counts
        and histograms only.

    Raises
    ------
    SpecError
        With everything that contradicts itself.

    Examples
    --------
    >>> from valley_analysis.scoring.assumptions import DropIndicator, WeightNoise
    >>> plan = Uncertainty((WeightNoise(), DropIndicator()), replications=1_000)
    >>> plan.names
    ('weights', 'indicator dropped')
    """

    assumptions: tuple[Assumption, ...]
    replications: int = 10_000
    seed: int = 0
    keep: int = 100_000

    def __post_init__(self) -> None:
        problems = list(self._problems())
        if problems:
            raise SpecError("uncertainty", problems, "correct these assumptions")

    def _problems(self) -> Iterator[str]:
        if not self.assumptions:
            yield "no assumptions; expected at least one"
        for name, count in Counter(self.names).items():
            if count > 1:
                yield f"{name} stands {count} times; give each assumption its own name"
        if sum(isinstance(item, Vintages) for item in self.assumptions) > 1:
            yield "more than one set of vintages; expected one"
        if self.replications < 1:
            yield f"replications {self.replications}; expected at least 1"
        if self.seed < 0:
            yield f"seed {self.seed}; expected 0 or more"
        for item in self.assumptions:
            yield from item.problems()
        varied = [item for item in self.assumptions if isinstance(item, Alternatives)]
        settings = Counter(s for item in varied for s in {s for o in item.options for s in o})
        for setting, count in settings.items():
            if count > 1:
                yield f"setting {setting!r} is varied by {count} assumptions; expected one"

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the assumptions, in order."""
        return tuple(item.name for item in self.assumptions)

    def check(self, spec: IndexSpec) -> None:
        """Refuse settings that a specification does not have.

        Raises
        ------
        SpecError
            With every such setting.
        """
        varied = [item for item in self.assumptions if isinstance(item, Alternatives)]
        problems = [problem for item in varied for problem in item.misfits(spec)]
        for item in self.assumptions:
            sizes = getattr(item, "sd", None)
            strangers = set(sizes) - set(spec.indicators) if isinstance(sizes, Mapping) else set()
            problems += [f"{item.name}: {name!r} is no indicator" for name in sorted(strangers)]
        if problems:
            known = ", ".join(item.name for item in fields(spec))
            raise SpecError("uncertainty", problems, f"settings are {known}")

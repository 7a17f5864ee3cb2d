"""The network of valleys as a whole: how its law changed, and counts that somebody gave."""

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from valley_analysis.bilingual import Bilingual, Entry
from valley_analysis.registers import check_register, read_located
from valley_analysis.valleys.dates import Dated
from valley_analysis.valleys.entries import Bound, Fact, Kind, Milestone, Nature

NETWORK = Path(__file__).with_name("network.yml")


class Total(Fact):
    """A count over all territories of one regime, as somebody gave it.

    Attributes
    ----------
    id
        What is counted, for the computer.
    name, unit
        What is counted, for the reader.
    value, bound
        In the unit; whether it is exact, about, more than or less than that.
    as_of
        The date that the count describes.
    nature
        "actual", "plan" (budgeted or decided), "promise" (said).
    due
        By when a plan or promise is to hold.
    kind
        Which regime it counts.
    counts
        "decreed" if it counts centres founded by decree: such a count is compared with the
        register (`coverage`). Counts of centres "at work" or planned are not.
    gap
        Why the register knows more or fewer than were counted, where it does and a reason is seen.
    """

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    name: Bilingual
    unit: Bilingual
    value: Annotated[float, Field(ge=0, le=1e9)]
    bound: Bound = "exact"
    as_of: Dated
    nature: Nature
    due: Dated | None = None
    kind: Kind = "istc"
    counts: Literal["decreed"] | None = None
    gap: Bilingual | None = None


class Network(Entry):
    """What is known of the network beyond its single valleys.

    Attributes
    ----------
    milestones
        Of the law and of policy for the whole network.
    totals
        Counts given by the press or a ministry. Counts that follow from the register are computed
        from it and do not stand here.
    """

    milestones: tuple[Milestone, ...]
    totals: tuple[Total, ...]


@cache
def load_network(path: Path = NETWORK) -> Network:
    """Return the milestones of the law and the counts over all valleys.

    Parameters
    ----------
    path
        Another file of the same form.

    Raises
    ------
    RegisterError
        With every problem of the file at once, each with its line.

    Examples
    --------
    >>> load_network().milestones[0].act
    '216-FZ'
    """
    located = read_located(path)
    return check_register(located.content, Network, path.name, located)

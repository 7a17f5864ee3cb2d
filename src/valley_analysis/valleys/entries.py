"""What the register of valleys holds: facts, each with its date, its source and how sure it is."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from valley_analysis.bilingual import Bilingual, Entry
from valley_analysis.typed import Address, Number
from valley_analysis.valleys.dates import Dated

Kind = Literal["istc", "skolkovo", "sez_technology", "state_company"]
Confidence = Literal["primary", "press", "inferred", "unverified"]
Step = Literal[
    "application",
    "approval",
    "decree",
    "fund",
    "land",
    "first_participant",
    "first_building",
    "revenue",
]
Stage = Literal["proposal", "application", "draft_decree", "named"]
Actor = Literal["initiator", "federal", "region", "manager", "participants"]
Nature = Literal["actual", "plan", "promise"]
Bound = Literal["exact", "about", "more_than", "less_than"]
PartnerKind = Literal["university", "institute", "state_corporation", "company", "authority"]
Role = Literal[
    "initiator", "manager", "resident", "investor", "agreement", "intention", "statement"
]

CONFIDENCE: tuple[Confidence, ...] = ("primary", "press", "inferred", "unverified")


class Fact(Entry):
    """Base of every fact: one source address, or "unverified".

    Attributes
    ----------
    source
        Address of the page that says it; none only if unverified.
    confidence
        "primary" (the act or its publisher), "press", "inferred" (a part of it is read between
        the lines), "unverified".
    note
        What a reader should know about it.
    """

    source: Address | None = None
    confidence: Confidence = "press"
    note: Bilingual | None = None

    @model_validator(mode="after")
    def _sourced(self) -> "Fact":
        if self.source is None and self.confidence != "unverified":
            raise ValueError("no source; name one address, or say confidence: unverified")
        return self


class Named(Fact):
    """Somebody or something in words: an initiator, a manager, a field of work."""

    en: str
    ru: str

    def __getitem__(self, lang: str) -> str:
        return str(getattr(self, lang))


class Site(Fact):
    """A place of a valley, and the region it counts for.

    Attributes
    ----------
    role
        "main" (the territory of the decree) or "branch" (work elsewhere under its mandate).
    since, until
        From when and to when.
    lat, lon
        Degrees; of the city or the site, see `exact`.
    exact
        Whether the point is the site itself.
    weight
        Its share in the valley under the attribution rule "weighted".
    """

    name: Bilingual
    region: str
    role: Literal["main", "branch"] = "main"
    since: Dated
    until: Dated | None = None
    lat: Annotated[float, Field(ge=41, le=82)] | None = None
    lon: Annotated[float, Field(ge=19, le=191)] | None = None
    exact: bool = False
    weight: Annotated[float, Field(gt=0, le=1)] = 1.0


class Status(Named):
    """What was said of the valley as a whole on a date."""

    date: Dated


class Milestone(Fact):
    """A dated step.

    Attributes
    ----------
    step
        A step of the ladder; none for an event beside it, which then has a title.
    actor
        Whose act it was: federal steps, regional effort and participants' acts are told apart.
    date
        When; as exact as its source.
    dated_by
        "act" (the day of the act itself), "report" (the day of the news), "announced"
        (a day given in advance).
    act
        Number of the decree or order.
    draft
        Whether it is the draft of the decree: the region then waits for a valley.
    out_of_order
        Why it stands before an earlier step of the ladder, where it does.
    """

    step: Step | None = None
    title: Bilingual | None = None
    actor: Actor
    date: Dated
    dated_by: Literal["act", "report", "announced"] = "act"
    act: str = ""
    draft: bool = False
    out_of_order: Bilingual | None = None

    @model_validator(mode="after")
    def _named(self) -> "Milestone":
        if self.step is None and self.title is None:
            raise ValueError("neither a step of the ladder nor a title")
        return self


class Claim(Fact):
    """A figure that somebody gave on a date.

    Attributes
    ----------
    metric
        A key of metrics.yml.
    value, bound
        In the metric's unit; whether it is exact, about, more than or less than that.
    as_of
        The date that the figure describes.
    nature
        "actual", "plan" (budgeted or decided), "promise" (said).
    due
        By when a plan or promise is to hold.
    part
        Key of the part of the valley that it covers; empty for the whole.
    scope
        What it covers, where that is not plain.
    by
        Who said it.
    before_creation
        Why it is older than the decree, where it is.
    """

    metric: str
    value: Number
    bound: Bound = "exact"
    as_of: Dated
    nature: Nature
    due: Dated | None = None
    part: str = ""
    scope: Bilingual | None = None
    by: Bilingual | None = None
    before_creation: Bilingual | None = None

    @model_validator(mode="after")
    def _dues(self) -> "Claim":
        if self.due is not None and self.nature == "actual":
            raise ValueError("an actual figure has no due date")
        return self


class Partner(Fact):
    """An organisation named with a valley, and in which role."""

    name: Bilingual
    kind: PartnerKind
    role: Role
    since: Dated | None = None


class Valley(Entry):
    """One valley, or one territory of another regime (its `kind` says which).

    Attributes
    ----------
    id
        Short name everywhere in the project.
    short
        Name where room is scarce.
    sectors
        Keys of sectors.yml: what the valley is for, comparable with a region's strengths.
    """

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    kind: Kind
    name: Bilingual
    short: Bilingual
    law: str
    summary: Bilingual
    initiator: Named | None = None
    fund: Named | None = None
    manager: Named | None = None
    specialisation: Named
    sectors: tuple[str, ...] = ()
    sites: Annotated[tuple[Site, ...], Field(min_length=1)]
    status: tuple[Status, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    claims: tuple[Claim, ...] = ()
    partners: tuple[Partner, ...] = ()


class BidFact(Status):
    """What was said of a bid on a date.

    Attributes
    ----------
    stage
        "proposal" (planned, ordered or announced), "application" (filed), "draft_decree"
        (published) or "named" (listed by somebody among centres founded, without a decree seen).
    """

    stage: Stage = "proposal"


class Candidate(Entry):
    """A bid for a further valley: no decree was seen."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    name: Bilingual
    region: str
    facts: Annotated[tuple[BidFact, ...], Field(min_length=1)]


class Metric(Entry):
    """A quantity that claims give.

    Attributes
    ----------
    kind
        "stock" (at a date), "flow" (in a year) or "total" (since the start).
    pillar
        Which pillar of progress it speaks to, if any.
    low, high
        What a figure may be at least and at most, in the unit.
    """

    id: str
    name: Bilingual
    unit: Bilingual
    kind: Literal["stock", "flow", "total"]
    pillar: Literal["participants", "money", "delivery", ""] = ""
    low: Number = 0.0
    high: Number = 1e9


class Sector(Entry):
    """A field of work, and the indicators that tell how strong a region is in it."""

    id: str
    name: Bilingual
    indicators: tuple[str, ...] = ()

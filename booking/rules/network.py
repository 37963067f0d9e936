"""What a network file says, as plain values.

A plan is complete and consistent: ``outside/network_file.py`` only returns one when it found
no problem. Slugs and unit codes are the identity of things; tuples keep the file's order.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from booking.errors import Refusal, Refused
from booking.rules.policies import Terms

# One text per language: {"fr": …, "en": …}. Both are always there.
Words = dict[str, str]

KINDS = (
    "open_space",
    "meeting_room",
    "event_hall",
    "studio",
    "showroom",
    "machine",
    "office",
    "phone_booth",
)
OFFERS = ("whole", "pool")
LAYOUTS = (
    "standing",
    "seated",
    "theatre",
    "classroom",
    "boardroom",
    "u",
    "cabaret",
    "workshop",
    "on_set",
    "with_crew",
)

FEATURES = (
    "screen",
    "projector",
    "video_conferencing",
    "sound",
    "microphones",
    "cameras",
    "streaming",
    "whiteboard",
    "wifi",
    "hearing_loop",
    "kitchen",
    "isolated_network",
    "lighting",
    "storage",
)
"""What one can search for; a piece of equipment says which of these it `is`."""
NOTHING_SAID = Terms()
ACTIVITIES = (
    "work",
    "meeting",
    "training",
    "workshop",
    "conference",
    "reception",
    "exhibition",
    "demonstration",
    "filming",
    "making",
)
"""What a reservation is for, where a policy cares."""


@dataclass(frozen=True)
class Problem:
    """One fault of a network file. ``line`` counts from 1; 0 means the file as a whole.

    ``path`` leads to the value: ``venues.la-coque.spaces.agora.capacity``.
    """

    line: int
    path: str
    reason: str

    def __str__(self) -> str:
        where = [f"line {self.line}"] if self.line else []
        return ": ".join([", ".join([*where, *([self.path] if self.path else [])]), self.reason])


class BadNetworkFile(Refused):
    """The network file cannot be used. ``problems`` holds all reasons, first line first."""

    code = "bad-network-file"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = sorted(problems, key=lambda problem: problem.line)
        super().__init__([Refusal(self.code, vars(problem).copy()) for problem in self.problems])

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


@dataclass(frozen=True)
class UnitPlan:
    """The smallest thing that can be taken; its code is unique in its venue."""

    code: str
    name: Words


@dataclass(frozen=True, kw_only=True)
class OperatorPlan:
    """The legal entity that runs venues."""

    slug: str
    name: str
    legal_form: str
    public_body: bool


@dataclass(frozen=True, kw_only=True)
class OrganisationPlan:
    """A company or association, and the venues where it is at home."""

    slug: str
    name: str
    venues: tuple[str, ...] = ()
    demo_fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class DayPart:
    """A period that people ask for by name: morning, half-day. Minutes of wall time."""

    slug: str
    name: Words
    opens: int
    closes: int


@dataclass(frozen=True)
class TrainingPlan:
    """What one has to have learnt before using some machine."""

    slug: str
    name: Words


@dataclass(frozen=True, kw_only=True)
class ExtraPlan:
    """What can be taken beside a space. ``units`` are its stock; none: it never runs out."""

    slug: str
    name: Words
    description: Words
    units: tuple[str, ...] = ()
    on_request: bool = False
    price: int | None = None
    vat_rate: Decimal | None = None
    spaces: tuple[str, ...] = ()
    demo_fields: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SpacePlan:
    """What people reserve. Prices are cents excl. VAT; ``vat_rate`` is in percent.

    ``units`` are codes of the venue; ``plan`` says where each stands in the room: code ->
    (column, row) from 0. ``hours`` are its own, if any; ``training`` is a slug of the venue's.
    ``equipment``: words, with a word of FEATURES under "is" where it can be searched for.
    ``demo_fields`` uses the file's keys (``price``, ``takes``).
    """

    slug: str
    name: Words
    description: Words
    kind: str
    offer: str
    units: tuple[str, ...]
    policy: Terms
    hours: tuple[tuple[int, int, int], ...] = ()
    plan: dict[str, tuple[int, int]] = field(default_factory=dict)
    step_free: bool | None = None
    capacity: int | None = None
    capacity_per_unit: int | None = None
    area_m2: int | None = None
    layouts: dict[str, int] = field(default_factory=dict)
    equipment: tuple[Words, ...] = ()
    price_hour: int | None = None
    price_half_day: int | None = None
    price_day: int | None = None
    vat_rate: Decimal | None = None
    training: str | None = None
    demo_fields: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def invented(self) -> bool:
        """Neither its name nor its kind is real: it exists in the demo only."""
        return {"name", "kind"} <= set(self.demo_fields)


@dataclass(frozen=True, kw_only=True)
class VenuePlan:
    """A place. ``hours``: (weekday 0 = Monday, opens, closes), wall minutes since midnight.

    Hours are sorted and do not overlap; none at all means that they are unknown. ``policy`` holds
    for all its spaces. ``holidays`` is a code of rules/holidays, ``school_zone`` A, B or C.
    """

    slug: str
    operator: str
    name: Words
    summary: Words
    description: Words
    address: str
    postcode: str
    city: str
    timezone: str
    lat: float | None = None
    lon: float | None = None
    ceiling: int | None = None
    step_free: bool | None = None
    phone: str | None = None
    email: str | None = None
    access: Words | None = None
    hours: tuple[tuple[int, int, int], ...] = ()
    holidays: str | None = None
    school_zone: str | None = None
    day_parts: tuple[DayPart, ...] = ()
    policy: Terms = NOTHING_SAID
    trainings: tuple[TrainingPlan, ...] = ()
    extras: tuple[ExtraPlan, ...] = ()
    units: tuple[UnitPlan, ...] = ()
    spaces: tuple[SpacePlan, ...] = ()
    demo_fields: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def invented(self) -> bool:
        """Its very name is not real: it exists in the demo only."""
        return "name" in self.demo_fields


@dataclass(frozen=True, kw_only=True)
class NetworkPlan:
    """Everything one installation serves. Demo: it holds invented values, marked as such."""

    name: Words
    demo: bool
    operators: tuple[OperatorPlan, ...]
    venues: tuple[VenuePlan, ...]
    organisations: tuple[OrganisationPlan, ...] = ()


def no_words() -> Words:
    """An unknown text: empty in both languages."""
    return {"fr": "", "en": ""}

"""The network that is measured: as many alike venues as wished, 15 spaces over 15 units each.

Fifteen rows are what the peers' pages of fifteen rooms draw, and four such venues fill a page of
answers, so that a network ten times as large shows neither longer pages nor shorter ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from booking.db import db
from booking.models.hours import OpeningHours
from booking.models.policies import Policy
from booking.models.venues import Network, Operator, Space, SpaceUnit, Unit, Venue

ZONE = "Europe/Paris"
OPENS, CLOSES = 8 * 60, 19 * 60
"""Minutes since midnight, Monday to Friday."""
WEEKDAYS = range(5)
CEILING = 330
"""People a venue may hold: nine of ten that all of its spaces hold together, as with real ones."""


@dataclass(frozen=True)
class Plan:
    """One space of every venue. Minutes; `units` are codes, `lengths` what people reserve."""

    slug: str
    kind: str
    units: Sequence[str]
    lengths: Sequence[int]
    offer: str = "whole"
    approval: str = "never"
    before: int = 0
    after: int = 0
    capacity: int = 8

    @property
    def asks(self) -> bool:
        """Whether a manager decides."""
        return self.approval == "always"


DESKS = tuple(f"desk-{number}" for number in range(1, 7))
TALKS, EVENTS, FILMS = (60, 60, 90, 120), (120, 180, 240), (120, 180, 240)


def room(slug: str, *units: str, capacity: int = 8) -> Plan:
    """A meeting room, reserved at once, or two joined."""
    return Plan(slug, "meeting_room", units, TALKS, after=15, capacity=capacity)


def hall(slug: str, *parts: str) -> Plan:
    """A part of the great hall, or several joined."""
    buffers = {"before": 60, "after": 60}
    return Plan(
        slug, "event_hall", parts, EVENTS, approval="always", capacity=100 * len(parts), **buffers
    )


SPACES = (
    Plan("coworking", "open_space", DESKS, (60, 90, 120, 180), offer="pool", capacity=6),
    hall("hall", "a", "b", "c"),
    hall("hall-ab", "a", "b"),
    hall("hall-bc", "b", "c"),
    hall("hall-a", "a"),
    hall("hall-b", "b"),
    hall("hall-c", "c"),
    room("room-1", "room-1"),
    room("room-2", "room-2"),
    room("rooms-1-2", "room-1", "room-2", capacity=18),
    room("room-3", "room-3"),
    room("room-4", "room-4"),
    room("rooms-3-4", "room-3", "room-4", capacity=18),
    Plan("studio", "studio", ("studio",), FILMS, approval="always", after=30),
    Plan("laser", "machine", ("laser",), (60, 90, 120), approval="always"),
)
UNITS = (*DESKS, "a", "b", "c", "room-1", "room-2", "room-3", "room-4", "studio", "laser")
WORDS = {
    "fr": "Grande salle claire au premier étage, avec vue sur le port",
    "en": "A large bright room on the first floor with a view of the harbour",
}
EQUIPMENT = [
    {"fr": "écran 65 pouces", "en": "65-inch screen"},
    {"fr": "visioconférence", "en": "videoconference"},
    {"fr": "tableau blanc", "en": "whiteboard"},
    {"fr": "sonorisation", "en": "sound system"},
]


@dataclass(frozen=True)
class Place:
    """A venue, the ids of its spaces by slug and of its units by code."""

    slug: str
    spaces: dict[str, int]
    units: dict[str, int]


def add(
    venues: int,
    spaces: Sequence[Plan] = SPACES,
    units: Sequence[str] = UNITS,
    weekdays: Sequence[int] = WEEKDAYS,
) -> list[Place]:
    """So many venues of these spaces, open on these days, in the empty database. Flushes."""
    operator = Operator(slug="operator", name="Chambre de commerce", public_body=True)
    network = Network(id=1, name={"fr": "Réseau", "en": "Network"}, version=uuid4().hex)
    db.session.add_all([network, operator])
    db.session.flush()
    found = []
    for number in range(1, venues + 1):
        venue = add_venue(operator, number, weekdays)
        known = add_units(venue, units)
        ids = {plan.slug: add_space(venue, plan, known, n) for n, plan in enumerate(spaces)}
        found.append(Place(venue.slug, ids, known))
    return found


def add_venue(operator: Operator, number: int, weekdays: Sequence[int]) -> Venue:
    """One venue, somewhere in Provence."""
    venue = Venue(
        operator_id=operator.id,
        slug=f"venue-{number}",
        name={"fr": f"Lieu {number}", "en": f"Venue {number}"},
        **{"summary": WORDS, "description": WORDS, "access": WORDS},
        **{"address": f"{number} quai du Port", "postcode": "13002", "city": "Marseille"},
        **{"lat": 43.2 + number % 7 / 20, "lon": 5.1 + number / 50},
        **{"phone": "04 91 00 00 00", "email": "lieu@demo.example", "ceiling": CEILING},
        timezone=ZONE,
        position=number,
    )
    db.session.add(venue)
    db.session.flush()
    hours = {"venue_id": venue.id, "opens": OPENS, "closes": CLOSES}
    db.session.add_all(OpeningHours(weekday=weekday, **hours) for weekday in weekdays)
    return venue


def add_units(venue: Venue, codes: Sequence[str]) -> dict[str, int]:
    """Its units; their ids."""
    units = [
        Unit(venue_id=venue.id, code=code, name={"fr": code.capitalize()}, position=position)
        for position, code in enumerate(codes)
    ]
    db.session.add_all(units)
    db.session.flush()
    return {unit.code: unit.id for unit in units}


def add_space(venue: Venue, plan: Plan, units: dict[str, int], position: int) -> int:
    """One space with its units and its policy; its id."""
    title = plan.slug.replace("-", " ").capitalize()
    space = Space(
        venue_id=venue.id,
        slug=plan.slug,
        name={"fr": f"Salle {title}", "en": title},
        description=WORDS,
        kind=plan.kind,
        offer=plan.offer,
        capacity=plan.capacity,
        capacity_per_unit=1 if plan.offer == "pool" else None,
        equipment=EQUIPMENT,
        **{"price_hour": 2500, "price_half_day": 8000, "price_day": 14000},
        position=position,
    )
    db.session.add(space)
    db.session.flush()
    rules = {"shortest": 30, "longest": 720, "grid": 30, "horizon": 365, "cancel_notice": 1440}
    buffers = {"buffer_before": plan.before, "buffer_after": plan.after}
    db.session.add(Policy(space_id=space.id, approval=plan.approval, **rules, **buffers))
    db.session.add_all(SpaceUnit(space_id=space.id, unit_id=units[code]) for code in plan.units)
    return space.id

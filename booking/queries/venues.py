"""The network's places, as data: operators, venues, spaces, units, hours and policies.

A whole network is small (some hundred rows) and read on every page, so it is read at once and
kept as plain values (`Atlas`), ordered as its operator ordered it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from zoneinfo import ZoneInfo

from sqlalchemy import select

from booking.db import Words, db
from booking.errors import NotFound
from booking.models.hours import OpeningHours
from booking.models.policies import Policy
from booking.models.venues import Network, Operator, Space, SpaceUnit, Unit, Venue
from booking.rules import distance
from booking.rules.hours import Span
from booking.rules.policies import Rules


@dataclass
class SpaceFacts:
    """One space with all that rules need of it. `units` are ids, lowest number first."""

    space: Space
    venue: "VenueFacts"
    units: list[int]
    rules: Rules

    @property
    def id(self) -> int:
        return self.space.id

    @property
    def slug(self) -> str:
        return self.space.slug

    @property
    def name(self) -> Words:
        return self.space.name

    @property
    def zone(self) -> ZoneInfo:
        return self.venue.zone

    @property
    def pool(self) -> bool:
        return self.space.offer == "pool"

    @property
    def on_request(self) -> bool:
        return self.rules.approval == "always"


@dataclass
class VenueFacts:
    """One venue with its spaces, hours and units by id."""

    venue: Venue
    hours: list[Span] = field(default_factory=list)
    spaces: list[SpaceFacts] = field(default_factory=list)
    units: dict[int, Unit] = field(default_factory=dict)

    @property
    def id(self) -> int:
        return self.venue.id

    @property
    def slug(self) -> str:
        return self.venue.slug

    @property
    def name(self) -> Words:
        return self.venue.name

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.venue.timezone)

    def space(self, slug: str) -> SpaceFacts:
        """Raises NotFound."""
        for facts in self.spaces:
            if facts.slug == slug:
                return facts
        raise NotFound(what="space")

    def kilometres_to(self, other: "VenueFacts") -> float | None:
        """None where a place on the map is unknown."""
        if other.id == self.id:
            return 0.0
        here, there = self.venue, other.venue
        return distance.kilometres((here.lat, here.lon), (there.lat, there.lon))


@dataclass
class Atlas:
    """All venues in the operator's order."""

    venues: list[VenueFacts]

    def venue(self, slug: str) -> VenueFacts:
        """Raises NotFound."""
        for facts in self.venues:
            if facts.slug == slug:
                return facts
        raise NotFound(what="venue")

    def space(self, venue_slug: str, space_slug: str) -> SpaceFacts:
        """Raises NotFound."""
        return self.venue(venue_slug).space(space_slug)

    def spaces(self) -> list[SpaceFacts]:
        return [space for venue in self.venues for space in venue.spaces]

    def by_id(self, space_id: int) -> SpaceFacts:
        """Raises NotFound."""
        for facts in self.spaces():
            if facts.id == space_id:
                return facts
        raise NotFound(what="space")

    def sharing(self, space: SpaceFacts) -> list[SpaceFacts]:
        """The spaces that share a unit with this one, itself included."""
        units = set(space.units)
        return [other for other in space.venue.spaces if units & set(other.units)]


def network() -> Network | None:
    """The one row that names this installation; None before any data is loaded."""
    return db.session.get(Network, 1)


atlases: dict[str, tuple[str, Atlas]] = {}
"""For each database this process speaks to, by its address: the network's version, its atlas."""


def atlas() -> Atlas:
    """Everything about places, as it is at this moment; not to be changed.

    Places change rarely and every page needs many of them: an atlas is kept for as long as the
    network's version stays the same, so that a page asks one row and not six tables.
    """
    found = network()
    if found is None or not found.version:
        return read_atlas()
    address = str(db.engine.url)
    kept = atlases.get(address)
    if kept is None or kept[0] != found.version:
        # Threads may do this at once; each has its own answer and the last one stays.
        kept = atlases[address] = (found.version, read_atlas())
    return kept[1]


def read_atlas() -> Atlas:
    """All of it, in five queries however large the network is. Its rows belong to no session."""
    rows = db.session.scalars(select(Venue).order_by(Venue.position, Venue.id)).all()
    venues = {row.id: VenueFacts(row) for row in rows}
    add_hours(venues)
    for unit in db.session.scalars(select(Unit).order_by(Unit.position, Unit.id)):
        venues[unit.venue_id].units[unit.id] = unit
    add_spaces(venues)
    for venue in venues.values():
        detach(venue)
    return Atlas(list(venues.values()))


def detach(venue: VenueFacts) -> None:
    """Cuts the rows loose, so that they outlive the request and no rollback empties them."""
    for row in (venue.venue, *venue.units.values(), *(one.space for one in venue.spaces)):
        db.session.expunge(row)


def add_hours(venues: dict[int, VenueFacts]) -> None:
    """Fills in when each venue is open."""
    query = select(OpeningHours).order_by(OpeningHours.weekday, OpeningHours.opens)
    for row in db.session.scalars(query):
        venues[row.venue_id].hours.append(Span(row.weekday, row.opens, row.closes))


def add_spaces(venues: dict[int, VenueFacts]) -> None:
    """Fills in the spaces with their units and rules."""
    units: dict[int, list[int]] = {}
    pairs = (
        select(SpaceUnit.space_id, SpaceUnit.unit_id)
        .join(Unit, Unit.id == SpaceUnit.unit_id)
        .order_by(Unit.position, Unit.id)
    )
    for space_id, unit_id in db.session.execute(pairs):
        units.setdefault(space_id, []).append(unit_id)
    query = (
        select(Space, Policy)
        .join(Policy, Policy.space_id == Space.id)
        .order_by(Space.position, Space.id)
    )
    for space, policy in db.session.execute(query):
        venue = venues[space.venue_id]
        facts = SpaceFacts(space, venue, units.get(space.id, []), rules_of(space, policy))
        venue.spaces.append(facts)


def rules_of(space: Space, policy: Policy) -> Rules:
    """The policy as the values rules/policies.py decides on."""
    return Rules(
        approval=policy.approval,
        buffer_before=policy.buffer_before,
        buffer_after=policy.buffer_after,
        notice=policy.notice,
        horizon=policy.horizon,
        shortest=policy.shortest,
        longest=policy.longest,
        grid=policy.grid,
        cancel_notice=policy.cancel_notice,
        capacity=space.capacity,
    )


def operators() -> Sequence[Operator]:
    """Who runs the venues, by name."""
    return db.session.scalars(select(Operator).order_by(Operator.name)).all()

"""The network's places, as data: operators, venues, spaces, units, hours and policies.

A whole network is small (some hundred rows) and read on every page, so it is read at once and
kept as plain values (`Atlas`), ordered as its operator ordered it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from functools import cached_property
from typing import NamedTuple
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, select

from booking.db import Words, db, read
from booking.errors import NotFound
from booking.models.extras import Extra, ExtraUnit
from booking.models.hours import OpeningHours, SpecialHours
from booking.models.organisations import Organisation, Resident
from booking.models.policies import Policy
from booking.models.venues import Network, Operator, Space, SpaceUnit, Training, Unit, Venue
from booking.queries.keeping import forget
from booking.rules import distance
from booking.rules.hours import Hours, Span
from booking.rules.policies import Quota, Rules, Terms, strictest


@dataclass(eq=False)
class SpaceFacts:
    """One space with all that rules need of it. `units` are ids, lowest number first.

    Known by itself and never changed, so that what follows from it can be kept.
    `plan`: where units stand in the room, (column, row) from 0; empty where nobody drew it.
    """

    space: Space
    venue: "VenueFacts"
    units: list[int]
    rules: Rules
    hours: Hours
    plan: dict[int, tuple[int, int]] = field(default_factory=dict)

    @cached_property
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

    @cached_property
    def pool(self) -> bool:
        return self.space.offer == "pool"

    @cached_property
    def extras(self) -> dict[str, "ExtraFacts"]:
        """The venue's extras that go with this space, by slug, in the operator's order."""
        return {one.slug: one for one in self.venue.extras if one.goes_with(self)}

    @cached_property
    def features(self) -> frozenset[str]:
        """What one can search it for (rules/network.FEATURES)."""
        return frozenset(one["is"] for one in self.space.equipment if "is" in one)

    @property
    def step_free(self) -> bool | None:
        """Whether one gets there without a step; as the venue where the space says nothing."""
        own = self.space.step_free
        return self.venue.venue.step_free if own is None else own

    @property
    def on_request(self) -> bool:
        return self.rules.approval == "always"


@dataclass(frozen=True)
class ExtraFacts:
    """Something to take beside a space. `units`: the ids of its stock; none: it never runs out."""

    extra: Extra
    units: tuple[int, ...]

    @property
    def id(self) -> int:
        return self.extra.id

    @property
    def slug(self) -> str:
        return self.extra.slug

    def goes_with(self, space: SpaceFacts) -> bool:
        """Whether it can be taken beside this space."""
        return not self.extra.spaces or space.slug in self.extra.spaces


@dataclass(eq=False)
class VenueFacts:
    """One venue with its spaces, hours, extras, trainings and units by id.

    `organisations` are all of the network's, by slug: whoever comes may act for one.
    """

    venue: Venue
    hours: Hours = field(default_factory=Hours)
    spaces: list[SpaceFacts] = field(default_factory=list)
    units: dict[int, Unit] = field(default_factory=dict)
    extras: list[ExtraFacts] = field(default_factory=list)
    trainings: dict[int, Training] = field(default_factory=dict)
    organisations: dict[str, "OrganisationFacts"] = field(default_factory=dict)

    @cached_property
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


@dataclass(frozen=True)
class OrganisationFacts:
    """A company or association, and the ids of the venues where it is at home."""

    id: int
    slug: str
    name: str
    venue_ids: frozenset[int]


@dataclass(eq=False)
class Atlas:
    """All venues in the operator's order, and the organisations by slug."""

    venues: list[VenueFacts]
    organisations: dict[str, OrganisationFacts] = field(default_factory=dict)

    def organisation(self, organisation_id: int) -> OrganisationFacts:
        """Raises NotFound."""
        for facts in self.organisations.values():
            if facts.id == organisation_id:
                return facts
        raise NotFound(what="organisation")

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


class NetworkFacts(NamedTuple):
    """What names this installation; `version` changes whenever a place does."""

    name: Words
    demo: bool
    version: str


# Asked with every page: put together once, and without making an object of the row.
NETWORK = select(Network.name, Network.demo, Network.version).where(Network.id == 1)


def network() -> NetworkFacts | None:
    """The one row of this installation; None before any data is loaded."""
    found = read(NETWORK)
    return NetworkFacts(*found[0]) if found else None


atlases: WeakKeyDictionary[Engine, tuple[str, Atlas]] = WeakKeyDictionary()
"""For each database this process speaks to: the network's version, its atlas."""


def atlas(known: NetworkFacts | None = None) -> Atlas:
    """Everything about places, as it is at this moment; not to be changed.

    Places change rarely and every page needs many of them: an atlas is kept for as long as the
    network's version stays the same, so that a page asks one row and not six tables. `known` is
    that row, for who has just asked.
    """
    found = known or network()
    if found is None or not found.version:
        return read_atlas()
    kept = atlases.get(db.engine)
    if kept is None or kept[0] != found.version:
        # Threads may do this at once; each has its own answer and the last one stays.
        kept = atlases[db.engine] = (found.version, read_atlas())
    return kept[1]


def read_atlas() -> Atlas:
    """All of it, in eleven queries however large the network is. Its rows belong to no session."""
    forget()
    rows = db.session.scalars(select(Venue).order_by(Venue.position, Venue.id)).all()
    venues = {row.id: VenueFacts(row) for row in rows}
    for unit in db.session.scalars(select(Unit).order_by(Unit.position, Unit.id)):
        venues[unit.venue_id].units[unit.id] = unit
    for training in db.session.scalars(select(Training).order_by(Training.id)):
        venues[training.venue_id].trainings[training.id] = training
    organisations = read_organisations()
    add_spaces(venues, {slug: one.name for slug, one in organisations.items()})
    add_extras(venues)
    for venue in venues.values():
        venue.organisations = organisations
        detach(venue)
    return Atlas(list(venues.values()), organisations)


def read_organisations() -> dict[str, OrganisationFacts]:
    """All organisations by slug, with where they are at home."""
    query = (
        select(Organisation.id, Organisation.slug, Organisation.name, Resident.venue_id)
        .outerjoin(Resident, Resident.organisation_id == Organisation.id)
        .order_by(Organisation.name, Organisation.id)
    )
    rows = db.session.execute(query).all()
    homes: dict[int, set[int]] = {}
    for row_id, _, _, venue_id in rows:
        homes.setdefault(row_id, set()).update(() if venue_id is None else (venue_id,))
    return {
        slug: OrganisationFacts(row_id, slug, name, frozenset(homes[row_id]))
        for row_id, slug, name, _ in rows
    }


def detach(venue: VenueFacts) -> None:
    """Cuts the rows loose, so that they outlive the request and no rollback empties them."""
    for row in (
        venue.venue,
        *venue.units.values(),
        *venue.trainings.values(),
        *(one.space for one in venue.spaces),
        *(one.extra for one in venue.extras),
    ):
        db.session.expunge(row)


Place = tuple[int, int | None]
"""Whose something is: of a venue and, perhaps, of one of its spaces, by id."""
Weekly = dict[Place, list[Span]]
Special = dict[Place, dict[date, tuple[list[tuple[int, int]], str]]]
"""Of each place and date: its spans, and why."""


def read_hours() -> tuple[Weekly, Special]:
    """All weekly hours and all hours of single dates, by place."""
    weekly: Weekly = {}
    query = select(OpeningHours).order_by(OpeningHours.weekday, OpeningHours.opens)
    for row in db.session.scalars(query):
        span = Span(row.weekday, row.opens, row.closes)
        weekly.setdefault((row.venue_id, row.space_id), []).append(span)
    special: Special = {}
    for dated in db.session.scalars(select(SpecialHours)):
        spans = [(opens, closes) for opens, closes in dated.spans]
        own = special.setdefault((dated.venue_id, dated.space_id), {})
        own[dated.on] = spans, dated.why
    return weekly, special


def hours_of(venue: Venue, space_id: int | None, weekly: Weekly, special: Special) -> Hours:
    """When a venue or a space is open. A space without hours of its own has the venue's; dates
    of its own come before the venue's."""
    here, own = (venue.id, None), (venue.id, space_id)
    dates = special.get(here, {}) | special.get(own, {})
    return Hours(
        weekly.get(own) or weekly.get(here, []),
        {on: spans for on, (spans, _) in dates.items()},
        venue.holidays,
        {on: why for on, (_, why) in dates.items() if why},
    )


def add_spaces(venues: dict[int, VenueFacts], names: dict[str, str]) -> None:
    """Fills in the hours, and the spaces with their units, hours and rules. `names` are those of
    organisations, by slug."""
    units: dict[int, dict[int, tuple[int, int] | None]] = {}
    pairs = (
        select(SpaceUnit).join(Unit, Unit.id == SpaceUnit.unit_id).order_by(Unit.position, Unit.id)
    )
    for pair in db.session.scalars(pairs):
        at = None if pair.column is None or pair.row is None else (pair.column, pair.row)
        units.setdefault(pair.space_id, {})[pair.unit_id] = at
    weekly, special = read_hours()
    for venue in venues.values():
        venue.hours = hours_of(venue.venue, None, weekly, special)
    said = {(p.venue_id, p.space_id): terms_of(p) for p in db.session.scalars(select(Policy))}
    for space in db.session.scalars(select(Space).order_by(Space.position, Space.id)):
        venue = venues[space.venue_id]
        taken = units.get(space.id, {})
        rules = strictest(
            said.get((space.venue_id, None), Terms()), said.get((None, space.id), Terms())
        )
        hours, own = venue.hours, (space.venue_id, space.id)
        if own in weekly or own in special:
            hours = hours_of(venue.venue, space.id, weekly, special)
        facts = SpaceFacts(
            space,
            venue,
            list(taken),
            with_facts(rules, space, venue, names),
            hours,
            {unit: at for unit, at in taken.items() if at is not None},
        )
        venue.spaces.append(facts)


def with_facts(rules: Rules, space: Space, venue: VenueFacts, names: dict[str, str]) -> Rules:
    """The rules with what is a fact of the space: how many it holds, what one must have learnt."""
    training = venue.trainings.get(space.training_id or 0)
    return replace(
        rules,
        capacity=space.capacity,
        layouts=space.layouts,
        training_id=space.training_id,
        training=training.name if training else {},
        names={slug: names[slug] for group in rules.who for slug in group if slug in names},
        labour_day=bool(venue.venue.holidays),
    )


def terms_of(policy: Policy) -> Terms:
    """What a venue or a space says, as plain values."""
    said = {one.name: getattr(policy, one.name) for one in fields(Terms)}
    for name in ("who", "activities"):
        said[name] = None if said[name] is None else tuple(said[name])
    if said["quotas"] is not None:
        said["quotas"] = tuple(Quota(**quota) for quota in said["quotas"])
    return Terms(**said)


def add_extras(venues: dict[int, VenueFacts]) -> None:
    """Fills in what can be taken beside spaces, with its stock."""
    stock: dict[int, list[int]] = {}
    pairs = select(ExtraUnit).join(Unit, Unit.id == ExtraUnit.unit_id).order_by(Unit.position)
    for pair in db.session.scalars(pairs):
        stock.setdefault(pair.extra_id, []).append(pair.unit_id)
    for extra in db.session.scalars(select(Extra).order_by(Extra.position, Extra.id)):
        facts = ExtraFacts(extra, tuple(stock.get(extra.id, ())))
        venues[extra.venue_id].extras.append(facts)


def operators() -> Sequence[Operator]:
    """Who runs the venues, by name."""
    return db.session.scalars(select(Operator).order_by(Operator.name)).all()

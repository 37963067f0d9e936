"""Who waits for what, who is before whom, and which spaces would serve."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import inf

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload, selectinload

from booking.db import db
from booking.errors import NotFound
from booking.models.members import Member
from booking.models.occupancy import Occupancy
from booking.models.reservations import Reservation
from booking.models.waitlist import Waiting
from booking.queries.availability import LOOK_BACK, fits
from booking.queries.delegations import acts_for
from booking.queries.extras import units_for
from booking.queries.venues import Atlas, SpaceFacts
from booking.rules import codes
from booking.rules.extras import Counts
from booking.rules.periods import Period
from booking.rules.states import HELD, KEEPING
from booking.rules.waitlist import OFFERED, OPEN, WAITING, Turn, ahead

LAST, LATEST = 2**63, datetime.max.replace(tzinfo=UTC)
"""The number and the time of an entry that comes after all others."""


def such(space: SpaceFacts, people: int) -> list[SpaceFacts]:
    """The spaces of its kind in its venue that hold so many people, the smallest first."""
    kind = space.space.kind
    found = [one for one in space.venue.spaces if one.space.kind == kind and fits(one, people)]
    return sorted(found, key=lambda one: one.rules.capacity or inf)


def serving(entry: Waiting, places: Atlas) -> list[SpaceFacts]:
    """The spaces one of which the member waits for, the smallest first; none where there is no
    waitlist any more."""
    spaces = [one for one in places.spaces() if one.venue.id == entry.venue_id]
    if entry.space_id is not None:
        found = [one for one in spaces if one.id == entry.space_id]
    else:
        kind = [one for one in spaces if one.space.kind == entry.kind]
        found = such(kind[0], entry.people) if kind else []
    return [one for one in found if one.rules.waitlist_hold]


def period_of(entry: Waiting) -> Period:
    """The time it is about."""
    return Period(entry.starts_at, entry.ends_at)


def units_of(spaces: Iterable[SpaceFacts], extras: Counts) -> frozenset[int]:
    """Every unit that such a reservation of one of them may take."""
    return frozenset(unit for space in spaces for unit in units_for(space, extras))


def turn_of(entry: Waiting, places: Atlas) -> Turn:
    """Its place in line."""
    units = units_of(serving(entry, places), entry.extras)
    return Turn(entry.id, entry.created_at, period_of(entry), units)


def in_line(member: Member, now: datetime) -> Sequence[Waiting]:
    """Who waits at the venues where the member waits for something too, in order."""
    mine = select(Waiting.venue_id).where(Waiting.member_id == member.id, Waiting.state.in_(OPEN))
    query = (
        select(Waiting)
        .where(Waiting.venue_id.in_(mine), Waiting.state == WAITING, Waiting.starts_at > now)
        .order_by(Waiting.created_at, Waiting.id)
    )
    return db.session.scalars(query).all()


def near(venue_ids: Collection[int], around: Period, now: datetime) -> Sequence[Waiting]:
    """Those of them who wait for a time that overlaps this one."""
    query = (
        select(Waiting)
        .where(Waiting.venue_id.in_(venue_ids), Waiting.state == WAITING)
        .where(Waiting.ends_at > around.start, Waiting.starts_at < around.end)
        .where(Waiting.starts_at > now)
        .order_by(Waiting.created_at, Waiting.id)
        .execution_options(populate_existing=True)
    )
    return db.session.scalars(query).all()


def turns(venue_id: int, period: Period, places: Atlas, now: datetime) -> list[Turn]:
    """The line at this venue for any time that overlaps this one."""
    return [turn_of(one, places) for one in near({venue_id}, period, now)]


def before(
    spaces: Sequence[SpaceFacts], period: Period, extras: Counts, others: Sequence[Turn]
) -> int:
    """How many of the others would be asked before somebody who joins now."""
    return ahead(Turn(LAST, LATEST, period, units_of(spaces, extras)), others)


@dataclass(frozen=True)
class Line:
    """Somebody's place in line: how many are `ahead` of them, `spaces` that would serve."""

    entry: Waiting
    spaces: list[SpaceFacts]
    ahead: int

    @property
    def period(self) -> Period:
        """The time it is about."""
        return period_of(self.entry)


def own(member: Member, places: Atlas, now: datetime) -> list[Line]:
    """What the member waits for or is offered, soonest first."""
    query = (
        select(Waiting)
        .options(joinedload(Waiting.reservation))
        .where(Waiting.member_id == member.id, Waiting.state.in_(OPEN), Waiting.starts_at > now)
        .order_by(Waiting.starts_at, Waiting.id)
    )
    mine = [one for one in db.session.scalars(query) if not over(one, now)]
    line = [turn_of(one, places) for one in in_line(member, now)]
    return [line_of(one, line, places) for one in mine]


def line_of(entry: Waiting, others: Sequence[Turn], places: Atlas) -> Line:
    """The entry among all who wait at its venue. What is offered is one space."""
    spaces, held = serving(entry, places), entry.reservation
    if held is not None:
        spaces = [one for one in places.spaces() if one.id == held.space_id]
    return Line(entry, spaces, ahead(turn_of(entry, places), others))


def position(entry: Waiting, places: Atlas, now: datetime) -> int:
    """1 for who is asked next."""
    others = turns(entry.venue_id, period_of(entry), places, now)
    return 1 + ahead(turn_of(entry, places), others)


def over(entry: Waiting, now: datetime) -> bool:
    """Whether it was offered and the time for an answer has run out, told or not."""
    until = entry.offered_until
    return entry.state == OFFERED and until is not None and until <= now


def with_offer() -> Select[Waiting]:
    """Entries with their member and with what is held for them."""
    return select(Waiting).options(
        joinedload(Waiting.member).selectinload(Member.roles), joinedload(Waiting.reservation)
    )


def of(by: Member, entry_id: int, now: datetime) -> Waiting:
    """The entry as it is now, of a member they act for. Raises NotFound for anybody else's."""
    entry = found(with_offer().where(Waiting.id == entry_id))
    if not acts_for(by, entry.member_id, now):
        raise NotFound(what="waiting")
    return entry


def offered_by(token: str) -> Waiting:
    """The entry that a mailed link is about, answered or not, as it is now. Raises NotFound."""
    return found(with_offer().where(Waiting.token_hash == codes.digest(token)))


def found(query: Select[Waiting]) -> Waiting:
    """The one entry it finds. Raises NotFound, also where the member is blocked."""
    entry = db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if entry is None or entry.member.blocked_at is not None:
        raise NotFound(what="waiting")
    return entry


def offer_of(reservation: Reservation) -> Waiting | None:
    """Whose offer this held reservation is."""
    query = select(Waiting).where(
        Waiting.reservation_id == reservation.id, Waiting.state == OFFERED
    )
    return db.session.scalars(query).one_or_none()


def locked(entry_id: int) -> Waiting | None:
    """The entry as it is now, for who would change it; nobody else does meanwhile."""
    query = (
        select(Waiting)
        .options(selectinload(Waiting.member).selectinload(Member.roles))
        .where(Waiting.id == entry_id)
        .with_for_update(of=Waiting)
        .execution_options(populate_existing=True)
    )
    return db.session.scalars(query).one_or_none()


def same(member: Member, venue_id: int, space_id: int | None, kind: str, period: Period) -> Waiting:
    """What the member waits for already: this place, at this time. Raises NotFound."""
    which = Waiting.space_id.is_(None) if space_id is None else Waiting.space_id == space_id
    query = (
        select(Waiting)
        .where(Waiting.member_id == member.id, Waiting.state.in_(OPEN), which)
        .where(Waiting.venue_id == venue_id, Waiting.kind == kind)
        .where(Waiting.starts_at == period.start, Waiting.ends_at == period.end)
        .with_for_update(of=Waiting)
        .limit(1)
    )
    entry = db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if entry is None:
        raise NotFound(what="waiting")
    return entry


def count(member: Member, now: datetime) -> int:
    """For how many places to come the member waits."""
    query = (
        select(func.count())
        .select_from(Waiting)
        .where(Waiting.member_id == member.id, Waiting.state.in_(OPEN), Waiting.starts_at > now)
    )
    return db.session.scalar(query) or 0


def counts(venue_ids: Collection[int], now: datetime) -> dict[int, int]:
    """How many wait at each of these venues, by id; where nobody does is left out."""
    query = (
        select(Waiting.venue_id, func.count())
        .where(Waiting.venue_id.in_(venue_ids), Waiting.state == WAITING, Waiting.starts_at > now)
        .group_by(Waiting.venue_id)
    )
    return {venue_id: number for venue_id, number in db.session.execute(query)}


def everywhere(limit: int = 500) -> Sequence[int]:
    """Ids of all who wait, whoever came first first."""
    query = select(Waiting.id).where(Waiting.state == WAITING)
    return db.session.scalars(query.order_by(Waiting.created_at, Waiting.id).limit(limit)).all()


def freed(reservation_ids: Collection[int]) -> Sequence[Waiting]:
    """The entries for which these reservations were held."""
    query = (
        select(Waiting)
        .options(joinedload(Waiting.reservation))
        .where(Waiting.reservation_id.in_(reservation_ids), Waiting.state == OFFERED)
        .order_by(Waiting.id)
        .with_for_update(of=Waiting)
        .execution_options(populate_existing=True)
    )
    return db.session.scalars(query).all()


def offers_over(units: Collection[int], around: Period) -> Sequence[Reservation]:
    """What is held of these units at any instant of that time, locked, by id."""
    takes = select(Occupancy.reservation_id).where(
        Occupancy.unit_id.in_(units),
        Occupancy.starts_at < around.end,
        Occupancy.starts_at > around.start - LOOK_BACK,
        Occupancy.ends_at > around.start,
    )
    query = (
        select(Reservation)
        .where(Reservation.id.in_(takes), Reservation.state == HELD)
        .order_by(Reservation.id)
        .with_for_update(key_share=True, of=Reservation)
        .execution_options(populate_existing=True)
    )
    return db.session.scalars(query).all()


def has_one(entry: Waiting, space_ids: Collection[int]) -> bool:
    """Whether the member has one of these spaces for some of that time by now."""
    query = (
        select(Reservation.id)
        .where(Reservation.member_id == entry.member_id, Reservation.space_id.in_(space_ids))
        .where(Reservation.state.in_(KEEPING - {HELD}), Reservation.replaces_id.is_(None))
        .where(Reservation.starts_at < entry.ends_at, Reservation.ends_at > entry.starts_at)
        .limit(1)
    )
    return db.session.scalar(query) is not None

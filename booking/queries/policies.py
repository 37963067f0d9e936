"""What rules about persons need to know: whom they act for, what they learnt, what they used."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from itertools import accumulate, pairwise

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from booking.db import db, read
from booking.models.members import Member
from booking.models.occupancy import Occupancy
from booking.models.organisations import Membership, Organisation, Trained
from booking.models.reservations import Reservation
from booking.queries.availability import People, asked, near, people_at
from booking.queries.venues import SpaceFacts, VenueFacts
from booking.rules import policies, states
from booking.rules.hours import instant, today
from booking.rules.periods import Period, union
from booking.rules.policies import RESIDENTS, Quota

COUNTED = states.KEEPING | {states.DONE, states.NO_SHOW}
"""What uses up a quota: everything that was not given back."""


def memberships(member: Member, now: datetime) -> Sequence[Membership]:
    """The organisations a member acts for today, by name."""
    query = (
        select(Membership)
        .join(Membership.organisation)
        .options(joinedload(Membership.organisation))
        .where(Membership.member_id == member.id)
        .where((Membership.ends_at.is_(None)) | (Membership.ends_at > now))
        .order_by(Organisation.name, Organisation.id)
    )
    return db.session.scalars(query).all()


def organisation_ids(member: Member, now: datetime) -> frozenset[int]:
    """The ids of the organisations a member acts for today."""
    query = (
        select(Membership.organisation_id)
        .where(Membership.member_id == member.id)
        .where((Membership.ends_at.is_(None)) | (Membership.ends_at > now))
    )
    return frozenset(db.session.scalars(query))


def groups(venue: VenueFacts, homes: dict[str, frozenset[int]]) -> frozenset[str]:
    """The slugs of `homes` (organisation -> ids of the venues where it is at home), and
    "residents" where one of them is at home in this venue."""
    at_home = any(venue.id in ids for ids in homes.values())
    return frozenset(homes) | ({RESIDENTS} if at_home else set())


def people_of(organisation_ids: Sequence[int], now: datetime) -> Sequence[Membership]:
    """Who acts for these organisations today, by name."""
    query = (
        select(Membership)
        .join(Membership.member)
        .options(joinedload(Membership.member), joinedload(Membership.organisation))
        .where(Membership.organisation_id.in_(organisation_ids))
        .where((Membership.ends_at.is_(None)) | (Membership.ends_at > now))
        .order_by(Member.name, Membership.id)
    )
    return db.session.scalars(query).all()


def trained_at(training_ids: Sequence[int], now: datetime) -> Sequence[Trained]:
    """Who has learnt one of these, by name; what has ended is left out."""
    query = (
        select(Trained)
        .join(Trained.member)
        .options(joinedload(Trained.member))
        .where(Trained.training_id.in_(training_ids))
        .where((Trained.ends_at.is_(None)) | (Trained.ends_at > now))
        .order_by(Member.name, Trained.id)
    )
    return db.session.scalars(query).all()


def trained(member: Member, training_id: int) -> dict[int, datetime | None]:
    """{the training: until when it holds}, if the member has it at all; None is for good."""
    query = select(Trained.training_id, Trained.ends_at)
    query = query.where(Trained.member_id == member.id, Trained.training_id == training_id)
    return {row[0]: row[1] for row in db.session.execute(query)}


def trainings(member: Member) -> dict[int, datetime | None]:
    """{training id: until when it holds} of all that the member has learnt; None is for good."""
    query = select(Trained.training_id, Trained.ends_at).where(Trained.member_id == member.id)
    return {row[0]: row[1] for row in db.session.execute(query)}


def used(
    space: SpaceFacts,
    start: datetime,
    *,
    member_id: int,
    organisation_id: int | None,
    but: int | None,
) -> dict[Quota, int]:
    """What each quota of the space has counted in the day, week or month of `start`.

    A reservation counts where it starts. `but` is the id of one that does not count: the one
    that is being moved.
    """
    found = {}
    for quota in space.rules.quotas:
        if quota.by == policies.ORGANISATION and organisation_id is None:
            continue
        span = stretch(quota.per, today(start, space.zone), space)
        mine = [*of(quota, member_id, organisation_id), *where(quota, space)]
        found[quota] = used_within(quota, mine, span, () if but is None else (but,))
    return found


def used_within(
    quota: Quota, mine: Sequence[ColumnElement[bool]], span: Period, but: Collection[int]
) -> int:
    """What `mine` (see `of` and `where`) have used of a quota in one stretch of time."""
    conditions = [*mine, *within(span), *([Reservation.id.not_in(but)] if but else [])]
    return count(conditions) if quota.of == policies.RESERVATIONS else minutes(conditions)


def stretch(per: str, on: date, space: SpaceFacts) -> Period:
    """The day, the week from Monday, or the month of that date, in the venue's zone."""
    if per == policies.DAY:
        first, after = on, on + timedelta(days=1)
    elif per == policies.WEEK:
        first = on - timedelta(days=on.weekday())
        after = first + timedelta(days=7)
    else:
        first = on.replace(day=1)
        after = (first + timedelta(days=32)).replace(day=1)
    return Period(instant(first, 0, space.zone), instant(after, 0, space.zone))


def of(quota: Quota, member_id: int, organisation_id: int | None) -> list[ColumnElement[bool]]:
    """Whose reservations a quota counts."""
    if quota.by == policies.ORGANISATION:
        return [Reservation.organisation_id == organisation_id]
    return [Reservation.member_id == member_id]


def where(quota: Quota, space: SpaceFacts) -> list[ColumnElement[bool]]:
    """In which spaces a quota counts."""
    if quota.scope == policies.SPACE:
        return [Reservation.space_id == space.id]
    return [Reservation.space_id.in_([one.id for one in space.venue.spaces])]


def within(span: Period) -> list[ColumnElement[bool]]:
    """Those that start in the span and were not given back."""
    return [
        Reservation.starts_at >= span.start,
        Reservation.starts_at < span.end,
        Reservation.state.in_(COUNTED),
        Reservation.replaces_id.is_(None),  # What it would replace counts already.
    ]


def count(conditions: Sequence[ColumnElement[bool]]) -> int:
    """How many reservations."""
    return db.session.scalar(select(func.count(Reservation.id)).where(*conditions)) or 0


def minutes(conditions: Sequence[ColumnElement[bool]]) -> int:
    """How long they last together; neither database has the same word for that."""
    rows = db.session.execute(select(Reservation.starts_at, Reservation.ends_at).where(*conditions))
    total = sum((end - start for start, end in rows), timedelta())
    return -(-total // timedelta(minutes=1))


# Put together once, and not for every reservation.
HERE = near(Occupancy.reservation_id)
PRESENT = (
    select(
        Reservation.id,
        Reservation.starts_at,
        Reservation.ends_at,
        Reservation.people,
        Reservation.state,
        Reservation.space_id,
    )
    .join_from(HERE, Reservation, Reservation.id == HERE.c.reservation_id)
    .distinct()
)
Guests = Sequence[tuple[Period, int]]
"""When how many people are expected."""


def guests(
    venues: Collection[VenueFacts], period: Period, now: datetime, but: Collection[int] = ()
) -> dict[int, list[tuple[Period, int]]]:
    """Who is expected at any instant of the period, by the id of the venue: one statement.

    Counts what keeps its place: competing requests do not. `but` are left out.
    """
    at = {space.id: venue.id for venue in venues for space in venue.spaces}
    units = [unit for venue in venues for unit in venue.units]
    found: dict[int, list[tuple[Period, int]]] = {venue.id: [] for venue in venues}
    for row_id, start, end, people, state, space_id in read(PRESENT, asked(units, period, now)):
        inside = start < period.end and end > period.start  # And not with its buffers alone.
        if inside and state in states.KEEPING and row_id not in but:
            found[at[space_id]].append((Period(start, end), people))
    return found


def at_most(venue: VenueFacts, there: People) -> int:
    """How many people are expected in the venue, were all of them there together."""
    return sum(there.get(unit, 0) for unit in venue.units)


def crowds(expected: Guests, period: Period) -> list[tuple[Period, int]]:
    """The period in parts in which the same people are there, earliest first, and how many."""
    steps = {period.start: 0, period.end: 0}
    for when, people in expected:
        start, end = max(when.start, period.start), min(when.end, period.end)
        if start < end:
            steps[start] = steps.get(start, 0) + people
            steps[end] = steps.get(end, 0) - people
    edges = sorted(steps)
    counts = accumulate(steps[edge] for edge in edges)
    return [
        (Period(start, end), count)
        for (start, end), count in zip(pairwise(edges), counts, strict=False)
    ]


def present(
    venue: VenueFacts,
    period: Period,
    now: datetime,
    but: Collection[int] = (),
    beside: Guests = (),
) -> int:
    """The most people that are expected at one instant of the period, in the whole venue, and
    those `beside` them."""
    expected = guests([venue], period, now, but)[venue.id]
    return max(count for _, count in crowds([*expected, *beside], period))


def too_full(
    venues: Collection[VenueFacts],
    people: int,
    period: Period,
    now: datetime,
    there: People | None = None,
) -> dict[int, list[Period]]:
    """When so many more would be more than a venue may hold, by its id; venues with room for them
    throughout do not appear. `there`: who is expected in the period, where that is known.

    Nothing is asked where no venue has a ceiling; and who comes when only of those that could not
    hold all of the period at once.
    """
    bounded = {venue: venue.venue.ceiling for venue in venues if venue.venue.ceiling is not None}
    if bounded and there is None:
        there = people_at({unit for venue in bounded for unit in venue.units}, period, now)
    room = {venue: ceiling - people for venue, ceiling in bounded.items()}
    short = [venue for venue in bounded if at_most(venue, there or {}) > room[venue]]
    expected = guests(short, period, now) if short else {}
    found = {}
    for venue in short:
        full = [when for when, count in crowds(expected[venue.id], period) if count > room[venue]]
        if full:
            found[venue.id] = union(full)
    return found

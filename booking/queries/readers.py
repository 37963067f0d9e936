"""One reader of many spaces: what rules about persons need to know of them, asked once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import select

from booking.db import db
from booking.errors import Refusal
from booking.models.members import Member
from booking.models.reservations import Reservation
from booking.queries import policies as find
from booking.queries.venues import Atlas, SpaceFacts
from booking.rules.hours import today
from booking.rules.periods import Period
from booking.rules.policies import MEMBER, RESERVATIONS, SPACE, Asker, Quota, Wish, of_person

AROUND = timedelta(days=100)
"""A quota counts a month at most; what is offered begins not much more than one away."""


@dataclass(frozen=True)
class Reader:
    """Who looks, for no organisation yet: a form asks for that.

    `groups`: venue id -> the groups that know them there. `trained`: training id -> until when,
    None for good. `own`: their reservations that count in quotas, each where and when.
    """

    member_id: int
    groups: Mapping[int, frozenset[str]] = field(default_factory=dict)
    trained: Mapping[int, datetime | None] = field(default_factory=dict)
    own: Sequence[tuple[int, Period]] = ()

    def asker(self, space: SpaceFacts, start: datetime) -> Asker:
        """Who asks for the space at that time."""
        quotas = [quota for quota in space.rules.quotas if quota.by == MEMBER]
        used = {quota: self.used(quota, space, start) for quota in quotas}
        return Asker(groups=self.known_at(space), trained=self.trained, used=used)

    def known_at(self, space: SpaceFacts) -> frozenset[str]:
        """The groups that know them there."""
        return self.groups.get(space.venue.id, frozenset())

    def used(self, quota: Quota, space: SpaceFacts, start: datetime) -> int:
        """What they have used of a quota in its day, week or month."""
        span = find.stretch(quota.per, today(start, space.zone), space)
        counting = [space] if quota.scope == SPACE else space.venue.spaces
        ids = {one.id for one in counting}
        mine = [p for at, p in self.own if at in ids and span.start <= p.start < span.end]
        if quota.of == RESERVATIONS:
            return len(mine)
        return -(-sum((p.length for p in mine), timedelta()) // timedelta(minutes=1))

    def broken(self, space: SpaceFacts, wish: Wish) -> list[Refusal]:
        """The rules about persons that stand against a wish of theirs; nothing is asked."""
        if not personal(space):
            return []
        return of_person(space.rules, wish, self.asker(space, wish.period.start))

    def trained_until(self, space: SpaceFacts) -> datetime | None:
        """When what they learnt for the space ends; None for never, and where nothing is needed."""
        needed = space.rules.training_id
        return None if needed is None else self.trained.get(needed)


def personal(space: SpaceFacts) -> bool:
    """Whether it depends on the person if they may have the space."""
    rules = space.rules
    return bool(rules.who or rules.quotas) or rules.training_id is not None


def known(member: Member, places: Atlas, now: datetime) -> Reader:
    """The member, without what they have used: at most two statements."""
    ids = find.organisation_ids(member, now) if places.organisations else frozenset()
    homes = {o.slug: o.venue_ids for o in places.organisations.values() if o.id in ids}
    groups = {venue.id: find.groups(venue, homes) for venue in places.venues}
    trained = any(space.rules.training_id is not None for space in places.spaces())
    return Reader(member.id, groups, find.trainings(member) if trained else {})


def with_own(reader: Reader, spaces: Sequence[SpaceFacts], period: Period) -> Reader:
    """The same with what they have used around the period; one statement where one of the spaces
    has a quota for each member, else none."""
    if not any(quota.by == MEMBER for space in spaces for quota in space.rules.quotas):
        return reader
    query = select(Reservation.space_id, Reservation.starts_at, Reservation.ends_at)
    query = query.where(Reservation.member_id == reader.member_id)
    rows = db.session.execute(query.where(*find.within(period.widened(AROUND, AROUND))))
    return replace(reader, own=[(at, Period(start, end)) for at, start, end in rows])

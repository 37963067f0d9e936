"""Judging several wishes together, each after those before it."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from booking.actions import policies as act
from booking.actions.policies import Case, Verdict
from booking.errors import Refusal
from booking.queries import policies as find
from booking.rules.hours import today
from booking.rules.periods import Period
from booking.rules.policies import ORGANISATION, VENUE, Asker, Quota, counted

Key = tuple[Quota, int, int | None, datetime, int | None]
"""A quota, where it counts (the id of a space or a venue), for which organisation if for one, from
when on, and for which member if for one."""


class Judge:
    """Judges many wishes at one moment, each after those before it. What rules have to know of the
    member each is for is looked up once.

    `but`: the ids of reservations that do not count, since they are what is changed.
    """

    def __init__(self, now: datetime, but: Collection[int] = ()) -> None:
        self.now, self.but = now, but
        self.askers: dict[tuple[int, int, int | None], Asker] = {}
        self.before: dict[Key, int] = {}
        self.own: dict[Key, int] = {}
        self.guests: dict[int, list[tuple[Period, int]]] = {}

    def verdict(self, case: Case) -> Verdict:
        """As `policies.judged`. Raises Refused."""
        return act.verdict_of(case, self.crowd(case), self.now, self.asker(case))

    def broken_by(self, case: Case) -> set[str]:
        """As `policies.broken_by`. Raises NotFound for an organisation they do not act for."""
        return act.broken_by(case, self.now, self.asker(case))

    def add(self, case: Case, keeps: bool = True) -> None:
        """The wish counts for those after it. `keeps`: its place, meanwhile; whoever competes for
        one is expected nowhere yet."""
        if keeps:
            expected = self.guests.setdefault(case.space.venue.id, [])
            expected.append((case.wish.period, case.wish.people))
        for key in self.keys(case):
            self.own[key] = self.own.get(key, 0) + counted(key[0], case.wish.period)

    def asker(self, case: Case) -> Asker:
        """Who asks, and what they will have used by then."""
        known = (case.by.id, case.space.id, case.acts_for.id if case.acts_for else None)
        if known not in self.askers:
            self.askers[known] = act.asker_of(case, self.now, used={})
        used = {key[0]: self.counted(key, case) + self.own.get(key, 0) for key in self.keys(case)}
        return replace(self.askers[known], used=used)

    def keys(self, case: Case) -> list[Key]:
        """What this wish counts for."""
        space, start = case.space, case.wish.period.start
        acts_for = case.acts_for.id if case.acts_for else None
        return [
            (
                quota,
                space.venue.id if quota.scope == VENUE else space.id,
                acts_for if quota.by == ORGANISATION else None,
                find.stretch(quota.per, today(start, space.zone), space).start,
                case.by.id if quota.by != ORGANISATION else None,
            )
            for quota in space.rules.quotas
            if quota.by != ORGANISATION or acts_for is not None
        ]

    def counted(self, key: Key, case: Case) -> int:
        """What is used without these wishes."""
        if key not in self.before:
            quota, space = key[0], case.space
            mine = [*find.of(quota, case.by.id, key[2])]
            mine += find.where(quota, space)
            on = today(case.wish.period.start, space.zone)
            span = find.stretch(quota.per, on, space)
            self.before[key] = find.used_within(quota, mine, span, self.but)
        return self.before[key]

    def crowd(self, case: Case) -> Refusal | None:
        """That the venue would be too full, these wishes included."""
        beside = self.guests.get(case.space.venue.id, ())
        return act.over_ceiling(case, self.now, self.but, beside)

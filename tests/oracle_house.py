"""The product on its database beside the oracle: what is done is done in both."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from booking.actions import approvals, reservations
from booking.actions import hours as act
from booking.actions.hours import Closing
from booking.actions.reservations import Details
from booking.db import db
from booking.errors import InTheWay, Refused, SlotTaken, WrongState
from booking.models.hours import Closure, OpeningHours, SpecialHours
from booking.models.occupancy import Occupancy
from booking.queries.venues import read_atlas
from booking.rules.periods import Period
from tests import make
from tests.oracle import DAY, Oracle, Taken

PLAIN = ["notice", "horizon", "shortest", "longest", "grid", "nights"]
"""Rules that have the same name in the oracle's world."""


def moment(minute):
    """The instant of a minute since 1970."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)


def period(wish):
    return Period(moment(wish.start), moment(wish.end))


def minutes(found):
    """Start and end of a period, in minutes since 1970."""
    return tuple((one - moment(0)) // timedelta(minutes=1) for one in (found.start, found.end))


class House:
    """The product on its database beside the oracle; both are told the same."""

    def __init__(self, scene):
        self.oracle, self.now, self.seen = Oracle(scene.venues), scene.now, Counter()
        self.member, self.admin = make.member(), make.admin()
        self.made, self.edges = [], []
        for venue in scene.venues:
            self.build(venue)
        self.places = read_atlas()
        self.spaces = {space.slug: space for space in self.places.spaces()}
        self.units = {u.id: u.code for v in self.places.venues for u in v.units.values()}

    def build(self, venue):
        holidays = "FR" if venue.french else None
        row = make.venue(venue.name, hours=(), timezone=venue.zone, holidays=holidays)
        ids = {None: None}
        for space in venue.spaces:
            ids[space.name] = make.space(
                row,
                space.name,
                units=space.units,
                offer="pool" if space.pool else "whole",
                capacity=space.capacity,
                capacity_per_unit=space.per_unit,
                approval="always" if space.asks else None,
                ask_outside_hours=space.asks_outside,
                buffer_before=space.before,
                buffer_after=space.after,
                **{name: getattr(space, name) for name in PLAIN},
            ).id
        weeks = [(None, venue.weekly), *((one.name, one.weekly) for one in venue.spaces)]
        for name, week in weeks:
            place = {"venue_id": row.id, "space_id": ids[name]}
            for day, spans in enumerate(week):
                for opens, closes in spans:
                    db.session.add(OpeningHours(weekday=day, opens=opens, closes=closes, **place))
            for (whose, on), spans in venue.special.items():
                if whose == name:
                    said = {"spans": [list(one) for one in spans], "created_at": make.NOW}
                    db.session.add(SpecialHours(on=on, member_id=self.admin.id, **place, **said))
        if venue.stock:
            make.extra(row, "projector", stock=len(venue.stock))
        db.session.flush()

    def does(self, one):
        """An act, in the product and in the oracle; both must come to the same."""
        self.now += one.wait
        verbs = {
            "reserve": self.reserve,
            "cancel": self.cancel,
            "approve": self.approve,
            "until": self.until,
        }
        told, expected = verbs.get(one.verb, self.close)(one)
        self.seen[one.verb, expected if isinstance(expected, str) else type(expected)] += 1
        assert told == expected, (one, moment(self.now))

    def until(self, one):
        """Time passes, until something that was taken begins or ends."""
        if self.edges:
            self.now = max(self.now, self.edges[one.which % len(self.edges)])
        return None, None

    def answer(self, action):
        """What it gave, or the code of its no, which leaves nothing behind."""
        try:
            with db.session.begin_nested():
                return action()
        except Refused as no:
            return {one.code for one in no.refusals}
        except (SlotTaken, InTheWay, WrongState) as no:
            return no.code

    def reserve(self, one):
        wish, now = one.wish, self.now
        extras = {"projector": wish.projectors} if wish.projectors else {}
        ids = {code: unit for unit, code in self.units.items()}
        details = Details(people=wish.people, unit_id=ids.get(wish.unit), extras=extras)
        space = self.spaces[wish.space]
        units = self.oracle.units(wish, now)
        if "extra-not-here" not in self.oracle.beyond(wish):
            self.same_look(space, wish, details, units)
        made = self.answer(
            lambda: reservations.reserve(
                space, period(wish), details, by=self.member, now=moment(now)
            )
        )
        broken = self.oracle.broken(wish, now) | self.oracle.beyond(wish)
        if broken or not units:
            return made, broken or "slot-taken"
        assert not isinstance(made, (str, set)), (made, wish)
        self.made.append((made, self.remember(wish, units)))
        return self.units_of(made), self.made[-1][1].units

    def same_look(self, space, wish, details, units):
        """The look without a lock says the same as the oracle's."""
        looked = self.answer(
            lambda: reservations.check_free(space, period(wish), details, moment(self.now))
        )
        assert looked == (None if units else "slot-taken"), wish

    def remember(self, wish, units):
        """What the oracle takes from now on; a request runs out where the wish starts."""
        _, space = self.oracle.where[wish.space]
        asks = space.asks or self.oracle.outside(wish)
        until = wish.start if asks else None
        row = Taken(units, wish.start, wish.end, space.before, space.after, until)
        self.oracle.taken.append(row)
        self.edges += [row.start, row.end, row.end + row.after]
        return row

    def units_of(self, made):
        query = select(Occupancy.unit_id).where(Occupancy.reservation_id == made.id)
        return {self.units[unit] for unit in db.session.scalars(query)}

    def close(self, one):
        """A space, or all that its venue has, for as long as wished and a day more."""
        wish, now = one.wish, self.now
        space = self.spaces[wish.space]
        venue, known = self.oracle.where[wish.space]
        whole = one.verb == "close-all"
        units = {unit for each in venue.spaces for unit in each.units} | set(venue.stock)
        row = Taken(frozenset(units if whole else known.units), wish.start, wish.end + DAY)
        covers = (space.venue, None if whole else space)
        if one.verb == "close-after" and self.edges:
            start = self.edges[one.which % len(self.edges)]
            row = replace(row, start=start, end=start + wish.end - wish.start)
        closing = Closing(covers, Period(moment(row.start), moment(row.end)), "Travaux")
        closed = self.answer(
            lambda: act.close(closing, self.places, by=self.admin, now=moment(now))
        )
        if row.end <= now:
            return closed, {"past"}
        if any(self.stands_in(other, row) for _, other in self.made):
            return closed, "in-the-way"
        self.oracle.taken.append(row)
        self.edges += [row.start, row.end]
        return isinstance(closed, Closure), True

    def stands_in(self, other, row):
        """Whether a reservation is there in the time of a closure, and not over."""
        there = other.start < row.end and other.end > max(row.start, self.now)
        return self.keeps(other) and there and bool(other.units & row.units)

    def cancel(self, one):
        """What is not over is given back; a request, which is not answered yet, is declined."""
        made, row = self.picked(one)
        if made is None:
            return "nothing", "nothing"
        now, by = moment(self.now), self.admin
        if row.until is None:
            told = self.answer(lambda: reservations.cancel(made, self.places, by=by, now=now))
        else:
            decline = approvals.decline
            told = self.answer(lambda: decline(made, self.places, by=by, now=now, why="Non"))
        if row.end <= self.now or not self.keeps(row):
            return told, "wrong-state"
        self.oracle.taken.remove(row)
        return told, None

    def approve(self, one):
        """A request no longer runs out."""
        made, row = self.picked(one)
        if made is None:
            return "nothing", "nothing"
        now, by = moment(self.now), self.admin
        told = self.answer(lambda: approvals.approve(made, self.places, by=by, now=now))
        if row.until is None or not self.keeps(row):
            return told, "wrong-state"
        row.until = None
        return told, []

    def picked(self, one):
        return self.made[one.which % len(self.made)] if self.made else (None, None)

    def keeps(self, row):
        """Whether it was neither given back nor has run out."""
        return row in self.oracle.taken and self.oracle.counts(row, self.now)

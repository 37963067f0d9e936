"""Ways out of a no: other times and other places, each free and within its own rules now."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from booking.queries.availability import (
    A_DAY,
    Busy,
    blocks_for,
    busy,
    clear_of,
    fits,
    has_room,
    how_far,
    nearest_in,
    opening_of,
    place_of,
)
from booking.queries.venues import Atlas, SpaceFacts
from booking.rules.availability import nearest
from booking.rules.hours import open_around, today
from booking.rules.periods import Period
from booking.rules.policies import Wish, brought_within, reach, refusals

FORTNIGHT = 14  # days
TRIED = 8  # spaces


@dataclass(frozen=True)
class Offer:
    """A space that can be had at a period; `kilometres` from the place asked for, if known."""

    space: SpaceFacts
    period: Period
    kilometres: float | None = None


def alternatives(
    places: Atlas, space: SpaceFacts, wish: Wish, now: datetime, limit: int = 3
) -> list[Offer]:
    """Ways out, best first; empty where no space of the network holds so many people, or none
    that does is free for a fortnight.

    Nearest times in the same space, both directions; then an equal or larger space of the kind
    at the wanted time: in the same venue, then in others, nearest venue first; then such a
    space at the nearest time; then whatever `sometime` finds.
    """
    peers = [o for o in large_enough(places, space, wish) if o.space.kind == space.space.kind]
    everywhere = {venue.id: wish.period for venue in places.venues}
    blocks = blocks_for((space, *peers), everywhere, now)
    same = [Offer(space, period) for period in nearest_in(space, wish, blocks, now)]
    then = [offer for other in peers if (offer := offer_then(space, other, wish, blocks, now))]
    then.sort(key=lambda offer: (how_far(offer.kilometres), offer.space.rules.capacity or 0))
    chosen = [*same[:2], *then[: limit - min(2, len(same))]]
    if not chosen:
        near = [later(space, other, wish, blocks, now) for other in nearest_first(space, peers)]
        chosen = [offer for offers in near for offer in offers][:limit]
    return chosen or sometime(places, space, wish, now, limit)


def large_enough(places: Atlas, space: SpaceFacts, wish: Wish) -> list[SpaceFacts]:
    """The network's other spaces that hold so many people."""
    return [o for o in places.spaces() if o.id != space.id and fits(o, wish.people)]


def offer_then(
    space: SpaceFacts, other: SpaceFacts, wish: Wish, blocks: Busy, now: datetime
) -> Offer | None:
    """Another space at the wanted time, if its rules and its units allow it."""
    opening = open_around(other.hours, wish.period, other.zone)
    theirs = Wish(wish.period, wish.people, other.zone)
    if refusals(other.rules, theirs, opening, now):
        return None
    if not has_room(other, wish.period, wish.people, blocks):
        return None
    return Offer(other, wish.period, space.venue.kilometres_to(other.venue))


def nearest_first(space: SpaceFacts, others: Iterable[SpaceFacts]) -> list[SpaceFacts]:
    """The others: of the same kind first, then by the distance of their venue."""

    def order(other: SpaceFacts) -> tuple[bool, float, int]:
        away = how_far(space.venue.kilometres_to(other.venue))
        return (other.space.kind != space.space.kind, away, other.rules.capacity or 0)

    return sorted(others, key=order)


def later(
    space: SpaceFacts, other: SpaceFacts, wish: Wish, blocks: Busy, now: datetime
) -> list[Offer]:
    """The nearest other time in another space."""
    theirs = Wish(wish.period, wish.people, other.zone)
    away = space.venue.kilometres_to(other.venue)
    return [Offer(other, period, away) for period in nearest_in(other, theirs, blocks, now, 1)]


def sometime(
    places: Atlas, space: SpaceFacts, wish: Wish, now: datetime, limit: int
) -> list[Offer]:
    """The first times from what notice and horizon allow, within a fortnight: in the same space,
    then in any large enough, of the same kind first."""
    others = nearest_first(space, large_enough(places, space, wish))
    tried = [one for one in (space, *others) if fits(one, wish.people)][:TRIED]
    anchors = {one.id: brought_within(one.rules, wish.period, now) for one in tried}
    if not tried:
        return []
    first = min(anchor.start for anchor in anchors.values()) - 2 * A_DAY
    last = max(anchor.end for anchor in anchors.values()) + (FORTNIGHT + 2) * A_DAY
    blocks = busy({unit for one in tried for unit in one.units}, Period(first, last), now)
    found: list[Offer] = []
    for one in tried:
        most = min(2, limit - len(found)) if one is space else min(1, limit - len(found))
        away = space.venue.kilometres_to(one.venue)
        periods = fortnight(one, anchors[one.id], wish.people, blocks, now) if most else []
        found += [Offer(one, period, away) for period in periods[:most]]
    return found


def fortnight(
    space: SpaceFacts, anchor: Period, people: int, blocks: Busy, now: datetime
) -> Sequence[Period]:
    """The two free periods nearest to `anchor`, from the day before it for a fortnight."""
    earliest, latest = reach(space.rules, now)
    if latest <= earliest:
        return []
    first = today(anchor.start, space.zone)
    dates = [first + timedelta(days=n) for n in range(-1, FORTNIGHT + 1)]
    opening = opening_of(space, dates, Period(earliest, latest))
    return nearest(place_of(space, people), clear_of(space, blocks), opening, anchor)

"""Ways out of a no: other times and other places, each free and within its own rules now."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice

from booking.queries.availability import (
    A_DAY,
    NOTHING,
    Busy,
    blocks_for,
    busy,
    clear_of,
    extras_left,
    fits,
    has_extras,
    has_room,
    how_far,
    merged,
    nearest_in,
    opening_of,
    place_for,
)
from booking.queries.extras import beside, units_for
from booking.queries.venues import Atlas, SpaceFacts
from booking.rules.availability import nearest
from booking.rules.extras import Counts
from booking.rules.hours import open_around, today
from booking.rules.periods import Period
from booking.rules.policies import Wish, brought_within, reach, refusals

FORTNIGHT = 14  # days
TRIED = 8  # spaces, and times in each


@dataclass(frozen=True)
class Offer:
    """A space that can be had at a period; `kilometres` from the place asked for, if known.

    `without`: the extras, by slug, that were wanted and cannot be had there then.
    """

    space: SpaceFacts
    period: Period
    kilometres: float | None = None
    without: tuple[str, ...] = ()

    def starts_before(self, moment: datetime) -> bool:
        """Whether it begins earlier."""
        return self.period.start < moment


def anything(offer: Offer) -> bool:
    """Nothing is known that speaks against an offer."""
    return True


@dataclass(frozen=True)
class Look:
    """The moment at which one looks, what is taken beside what everybody sees, and what the one
    who asks may have."""

    now: datetime
    besides: Busy = field(default_factory=dict)
    allowed: Callable[[Offer], bool] = anything

    def first(self, offers: Iterable[Offer], most: int) -> list[Offer]:
        """The first so many that may be had; no more are looked at than that takes."""
        return list(islice((offer for offer in offers if self.allowed(offer)), max(most, 0)))

    def both_ways(self, offers: Iterable[Offer], start: datetime) -> list[Offer]:
        """The first that may be had, and the first on the other side of `start`; where that side
        has none, the second on the same."""
        found: list[Offer] = []
        for offer in offers:
            across = bool(found) and found[0].starts_before(start) != offer.starts_before(start)
            if (len(found) < 2 or across) and self.allowed(offer):
                found.append(offer)
                if across:
                    return [found[0], offer]
        return found

    def at(
        self, spaces: Sequence[SpaceFacts], asked: dict[int, Period], extras: Counts = NOTHING
    ) -> Busy:
        """What takes the units of these spaces: see `blocks_for`."""
        return merged(blocks_for(spaces, asked, self.now, extras), self.besides)

    def within(self, units: set[int], period: Period) -> Busy:
        """What takes these units in the period."""
        return merged(busy(units, period, self.now), self.besides)


def alternatives(
    places: Atlas, space: SpaceFacts, wish: Wish, look: Look, limit: int = 3
) -> list[Offer]:
    """Ways out, best first; empty where no space of the network holds so many people, or none
    that does is free for a fortnight.

    Where only extras are missing, first the same without them. Then what has them all; if
    nothing has, the same ways without those that are missing there.
    """
    if not wish.extras:
        return with_all(places, space, wish, look, limit)
    first = look.first([offer], 1) if (offer := spared(space, wish, look)) else []
    found = [*first, *with_all(places, space, wish, look, limit)]
    if found:
        return found
    bare = with_all(places, space, replace(wish, extras={}), look, limit)
    return [replace(one, without=missing_at(one, wish, look)) for one in bare]


def spared(space: SpaceFacts, wish: Wish, look: Look) -> Offer | None:
    """The very place and time that were wanted, without the extras that are missing."""
    missing = missing_at(Offer(space, wish.period), wish, look)
    if not missing:
        return None
    rest = {slug: count for slug, count in wish.extras.items() if slug not in missing}
    blocks = look.at((space,), {space.venue.id: wish.period}, rest)
    offer = offer_then(space, space, replace(wish, extras=rest), blocks, look.now)
    return offer and replace(offer, without=missing)


def missing_at(offer: Offer, wish: Wish, look: Look) -> tuple[str, ...]:
    """The wanted extras that cannot be had with this space at that time, or not so many."""
    asked = {offer.space.venue.id: offer.period}
    blocks = look.at((offer.space,), asked, wish.extras)
    left = extras_left(offer.space, offer.period, blocks)
    known = beside(offer.space)
    return tuple(
        slug
        for slug, count in wish.extras.items()
        if slug not in known or (slug in left and left[slug].left < count)
    )


def with_all(places: Atlas, space: SpaceFacts, wish: Wish, look: Look, limit: int) -> list[Offer]:
    """Where everything that is wished for can be had.

    Nearest times in the same space, one before and one after where both can be had; then an
    equal or larger space of the kind at the wanted time: in the same venue, then in others,
    nearest venue first, those with all the same equipment before others; then such a space at
    the nearest time; then whatever `sometime` finds.
    """
    peers = [o for o in large_enough(places, space, wish) if o.space.kind == space.space.kind]
    everywhere, now = {venue.id: wish.period for venue in places.venues}, look.now
    blocks = look.at((space, *peers), everywhere, wish.extras)
    near = nearest_in(space, wish, blocks, now, TRIED)
    same = look.both_ways((Offer(space, period) for period in near), wish.period.start)
    then = [offer for other in peers if (offer := offer_then(space, other, wish, blocks, now))]
    then.sort(key=lambda offer: likeness(space, offer))
    chosen = [*same, *look.first(then, limit - len(same))]
    if not chosen:
        others = nearest_first(space, peers)
        soon = (offer for other in others for offer in later(space, other, wish, blocks, now))
        chosen = look.first(soon, limit)
    return chosen or sometime(places, space, wish, look, limit)


def likeness(space: SpaceFacts, offer: Offer) -> tuple[float, int, int]:
    """For sorting: near before far, then what lacks least of the equipment, then small."""
    other = offer.space
    lacks = len(space.features - other.features)
    return how_far(offer.kilometres), lacks, other.rules.capacity or 0


def large_enough(places: Atlas, space: SpaceFacts, wish: Wish) -> list[SpaceFacts]:
    """The network's other spaces that hold so many people, in the set-up wanted if any, and have
    such extras."""
    others = [o for o in places.spaces() if o.id != space.id and fits(o, wish.people)]
    return [o for o in others if holds_layout(o, wish) and has_extras(o, wish.extras)]


def holds_layout(space: SpaceFacts, wish: Wish) -> bool:
    """Whether the space can be set up as wished for so many people."""
    return wish.layout is None or space.rules.layouts.get(wish.layout, 0) >= wish.people


def offer_then(
    space: SpaceFacts, other: SpaceFacts, wish: Wish, blocks: Busy, now: datetime
) -> Offer | None:
    """Another space at the wanted time, if its rules and its units allow it."""
    opening = open_around(other.hours, wish.period, other.zone)
    theirs = replace(wish, zone=other.zone)
    if refusals(other.rules, theirs, opening, now) or not has_room(other, theirs, blocks):
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
    theirs = replace(wish, zone=other.zone)
    away = space.venue.kilometres_to(other.venue)
    return [Offer(other, period, away) for period in nearest_in(other, theirs, blocks, now, 1)]


def sometime(places: Atlas, space: SpaceFacts, wish: Wish, look: Look, limit: int) -> list[Offer]:
    """The first times from what notice and horizon allow, within a fortnight: in the same space,
    then in any large enough, of the same kind first."""
    others = nearest_first(space, large_enough(places, space, wish))
    fit = [s for s in (space, *others) if fits(s, wish.people) and has_extras(s, wish.extras)]
    tried = fit[:TRIED]
    anchors = {one.id: brought_within(one.rules, wish.period, look.now) for one in tried}
    if not tried:
        return []
    first = min(anchor.start for anchor in anchors.values()) - 2 * A_DAY
    last = max(anchor.end for anchor in anchors.values()) + (FORTNIGHT + 2) * A_DAY
    units = {unit for one in tried for unit in units_for(one, wish.extras)}
    blocks = look.within(units, Period(first, last))
    found: list[Offer] = []
    for one in tried:
        most = min(2, limit - len(found)) if one is space else min(1, limit - len(found))
        away = space.venue.kilometres_to(one.venue)
        theirs = replace(wish, period=anchors[one.id], zone=one.zone)
        periods = fortnight(one, theirs, blocks, look.now) if most else []
        found += look.first((Offer(one, period, away) for period in periods), most)
    return found


def fortnight(space: SpaceFacts, wish: Wish, blocks: Busy, now: datetime) -> Sequence[Period]:
    """The free periods nearest to the wish's, from the day before it for a fortnight."""
    earliest, latest = reach(space.rules, now)
    if latest <= earliest:
        return []
    first = today(wish.period.start, space.zone)
    dates = [first + timedelta(days=n) for n in range(-1, FORTNIGHT + 1)]
    opening = opening_of(space, dates, Period(earliest, latest))
    return nearest(place_for(space, wish), clear_of(space, blocks), opening, wish.period, TRIED)

"""Ways out of a no: other times and other places, each free and within its own rules now."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain, islice

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
    place_for,
)
from booking.queries.extras import beside, units_for
from booking.queries.venues import Atlas, SpaceFacts
from booking.rules.availability import Blocks, nearest
from booking.rules.extras import Counts
from booking.rules.hours import open_around, shifted
from booking.rules.periods import Period
from booking.rules.policies import Wish, brought_within, reach, refusals, within_opening

FAR = 35  # days in the space itself: a month whose quota is used up comes to its end.
FORTNIGHT = 14  # days in others
MACHINE = "machine"
TRIED = 8  # spaces, and times in each


@dataclass(frozen=True)
class Offer:
    """A space that can be had at a period; `kilometres` from the place asked for, if known.

    `without`: the extras, by slug, that were wanted and cannot be had there then. `layout`: the
    set-up it has instead of the one that was wanted, "" as it stands; None where that can be had.
    """

    space: SpaceFacts
    period: Period
    kilometres: float | None = None
    without: tuple[str, ...] = ()
    layout: str | None = None

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

    def both_ways(
        self, before: Iterable[Offer], after: Iterable[Offer], start: datetime
    ) -> list[Offer]:
        """The first of each that may be had, nearest to `start` first; where one has none, the
        second of the other. No more are looked at than that takes."""
        sides = [filter(self.allowed, before), filter(self.allowed, after)]
        found = [offer for side in sides if (offer := next(side, None))]
        if len(found) == 1:
            only = found[0]
            rest = (o for side in sides for o in side if not o.period.overlaps(only.period))
            found += islice(rest, 1)
        return sorted(found, key=lambda o: (abs(o.period.start - start), o.period.start))

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
    nothing has, the same ways without those that are missing there; and if there is none either,
    in another set-up.
    """
    found = as_set_up(places, space, wish, look, limit)
    if found or wish.layout is None:
        return found
    plain = replace(wish, layout=None)

    def in_another(offer: Offer) -> Offer:
        return replace(offer, layout=layout_for(offer.space, wish.people))

    there = replace(look, allowed=lambda offer: look.allowed(in_another(offer)))
    blocks = look.at((space,), {space.venue.id: wish.period}, wish.extras)
    here = offer_then(space, space, plain, blocks, look.now)
    first = there.first([here], 1) if here else []
    rest = as_set_up(places, space, plain, there, limit - len(first))
    return [in_another(offer) for offer in (*first, *rest)]


def layout_for(space: SpaceFacts, people: int) -> str:
    """The smallest set-up that holds so many, or "" for as it stands."""
    fitting = [(most, code) for code, most in space.rules.layouts.items() if most >= people]
    return min(fitting)[1] if fitting else ""


def as_set_up(places: Atlas, space: SpaceFacts, wish: Wish, look: Look, limit: int) -> list[Offer]:
    """The ways in the set-up that is wanted, with the extras or without those that are missing."""
    if not wish.extras:
        return with_all(places, space, wish, look, limit)
    first = look.first([offer], 1) if (offer := spared(space, wish, look)) else []
    found = [*first, *with_all(places, space, wish, look, limit)]
    if found:
        return found

    def bare(offer: Offer) -> Offer:
        return replace(offer, without=missing_at(offer, wish, look))

    there = replace(look, allowed=lambda offer: look.allowed(bare(offer)))
    return [bare(one) for one in with_all(places, space, replace(wish, extras={}), there, limit)]


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
    equal or better space of the kind at the wanted time: in the same venue, then in others,
    nearest venue first; those without some of the equipment or the step-free access after them;
    then such a space at the nearest time; if nothing of that can be had, whatever `sometime` finds.
    """
    peers = [o for o in large_enough(places, space, wish) if o.space.kind == space.space.kind]
    everywhere, now = {venue.id: wish.period for venue in places.venues}, look.now
    blocks = look.at((space, *peers), everywhere, wish.extras)
    same = same_space(space, wish, blocks, look)
    then = [offer for other in peers if (offer := offer_then(space, other, wish, blocks, now))]
    then.sort(key=lambda offer: likeness(space, offer))
    chosen = [*same, *look.first(then, limit - len(same))]
    if len(chosen) < limit:
        others = nearest_first(space, [o for o in peers if o not in [c.space for c in chosen]])
        soon = (offer for other in others for offer in later(space, other, wish, blocks, now))
        chosen += look.first(soon, limit - len(chosen))
    return chosen or sometime(places, space, wish, look, limit)


def same_space(space: SpaceFacts, wish: Wish, blocks: Busy, look: Look) -> list[Offer]:
    """The nearest times in the space itself, before the wish and after it. Where the days around
    have none on a side, the dates beyond are looked at, one time each."""
    start = wish.period.start
    near = [Offer(space, period) for period in nearest_in(space, wish, blocks, look.now, TRIED)]
    before = [offer for offer in near if offer.starts_before(start)]
    after = [offer for offer in near if not offer.starts_before(start)]
    return look.both_ways(
        chain(before, beyond(space, wish, look, -1)),
        chain(after, beyond(space, wish, look, 1)),
        start,
    )


def beyond(space: SpaceFacts, wish: Wish, look: Look, step: int) -> Iterator[Offer]:
    """The free time of each date that is nearest to the wish, before it (`step` -1) or after it
    (1), as far as FAR days from where notice and horizon allow it. Nothing is asked before the
    first is wanted."""
    if not fits(space, wish.people) or not has_extras(space, wish.extras):
        return
    earliest, latest = reach(space.rules, look.now)
    near = replace(wish, period=brought_within(space.rules, wish.period, look.now))
    edge = near.period.moved(step * FAR * A_DAY)
    whole = Period(min(near.period.start, edge.start), max(near.period.end, edge.end))
    seen = whole.widened(A_DAY, A_DAY)
    if not seen.start < latest or not earliest < min(seen.end, latest):
        return
    blocks = look.within(set(units_for(space, wish.extras)), seen.widened(A_DAY, A_DAY))
    for period in on_dates(space, near, range(0, step * (FAR + 1), step), blocks, look.now):
        offer = Offer(space, period)
        if offer.starts_before(wish.period.start) == (step < 0):
            yield offer


def on_dates(
    space: SpaceFacts, wish: Wish, days: Iterable[int], blocks: Busy, now: datetime
) -> Iterator[Period]:
    """The free period nearest to the wish so many days before or after it, for each of the days
    that has one; no longer than it is open there."""
    earliest, latest = reach(space.rules, now)
    if latest <= earliest:
        return
    place = place_for(space, wish)
    taken = Blocks(place, clear_of(space, blocks))
    for number in days:
        then = shifted(wish.period, number, space.zone)
        opening = open_around(space.hours, then, space.zone)
        then = within_opening(space.rules, then, opening)
        left = [cut for p in opening if (cut := p.cut(Period(earliest, latest)))]
        yield from nearest(place, taken, left, then, 1)


def likeness(space: SpaceFacts, offer: Offer) -> tuple[bool, float, int, int]:
    """For sorting: what lacks nothing before all others, near before far, then what lacks least,
    then small."""
    other = offer.space
    lacks = len(space.features - other.features)
    lacks += space.step_free is True and other.step_free is not True
    return bool(lacks), how_far(offer.kilometres), lacks, other.rules.capacity or 0


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
    """The first times from what notice and horizon allow, within a fortnight, in any other space
    that is large enough, of the same kind first; a machine is replaced by machines alone."""
    large = large_enough(places, space, wish)
    if space.space.kind == MACHINE:
        large = [one for one in large if one.space.kind == MACHINE]
    others = nearest_first(space, large)[:TRIED]
    if not others:
        return []
    anchors = {one.id: brought_within(one.rules, wish.period, look.now) for one in others}
    first = min(anchor.start for anchor in anchors.values()) - (FORTNIGHT + 2) * A_DAY
    last = max(anchor.end for anchor in anchors.values()) + (FORTNIGHT + 2) * A_DAY
    units = {unit for one in others for unit in units_for(one, wish.extras)}
    blocks = look.within(units, Period(first, last))
    days = sorted(range(-FORTNIGHT, FORTNIGHT + 1), key=lambda n: (abs(n), -n))
    found: list[Offer] = []
    for one in others:
        away = space.venue.kilometres_to(one.venue)
        theirs = replace(wish, period=anchors[one.id], zone=one.zone)
        periods = on_dates(one, theirs, days, blocks, look.now)
        most = min(1, limit - len(found))
        found += look.first((Offer(one, period, away) for period in periods), most)
    return found

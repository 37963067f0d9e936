"""What is said to be free is free in every single minute, and what is offered is the nearest.

Random venues in seven zones around days on which clocks change; people reserve, cancel and close
there. Each answer is compared with that of an oracle that shares no code with the product.
"""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from booking.actions import occupancy
from booking.db import db
from booking.queries import any_time as sometime
from booking.queries import availability as find
from booking.queries import search as searching
from booking.queries.any_time import AnyTime
from booking.queries.search import Question
from booking.queries.ways_out import Look, alternatives
from booking.queries.why import why_not
from booking.rules import availability, hours
from booking.rules.periods import Period
from booking.rules.policies import Wish
from tests.oracle import DAY, date_of, reached
from tests.oracle_house import House, minutes, moment, period
from tests.scenes import scene

pytestmark = pytest.mark.usefixtures("app")
SCENES = {"sqlite": 50, "postgresql": 20}
TOLD = [
    *(("reserve", told) for told in (set, frozenset, "slot-taken")),
    *((verb, told) for verb in ("close", "close-all") for told in (bool, "in-the-way")),
    *(("cancel", type(None)), ("approve", list), ("approve", "wrong-state")),
]
"""What the oracle must have said to people: the type of its answer, or the code of its no."""


def play(seed, seen):
    """One scene: all that is done and all that is asked is answered as the oracle answers."""
    played = scene(seed)
    trial = db.session.begin_nested()
    try:
        answers(House(played), played, seen)
    finally:
        trial.rollback()
        db.session.expunge_all()


def answers(house, played, seen):
    for one in played.acts:
        house.does(one)
    for wish in [*played.wishes, *beside(house, played.wishes)]:
        seen["free" if search(house, wish) else "not free"] += 1
        seen["nearest"] += bool(near(house, wish))
        seen["ways out"] += bool(ways_out(house, wish))
        seen["any time"] += any_time(house, wish)
        same_why(house, wish)
    seen.update(house.seen)


def beside(house, wishes):
    """The same wishes where something that was taken ends or begins."""
    edges = house.edges
    starts = [edges[wish.start // 15 % len(edges)] for wish in wishes if edges]
    return [
        replace(wish, start=start, end=start + wish.end - wish.start)
        for wish, start in zip(wishes, starts, strict=False)
    ]


def search(house, wish):
    """The search, which asks for no extras and for no unit, in all spaces at once."""
    asked = {venue.id: period(wish) for venue in house.places.venues}
    question = Question(people=wish.people)
    spaces = house.places.spaces()
    everything = range(len(spaces))
    found = searching.results(spaces, asked, question, moment(house.now), everything).answers
    free = {}
    for one in found:
        bare = replace(wish, space=one.space.slug, projectors=0, unit=None)
        free[bare.space] = house.oracle.free(bare, house.now)
        assert {why.code for why in one.reasons} == (
            set() if one.free else house.oracle.broken(bare, house.now)
        ), (bare, moment(house.now))
        assert one.free == free[bare.space], bare
        expected = [] if one.free else house.oracle.nearest(bare, house.now, 2)
        assert [minutes(other) for other in one.alternatives] == expected, bare
    assert sorted(free) == sorted(house.spaces)
    return free[wish.space]


def any_time(house, wish):
    """The earliest times in the hours around the wish, on three days, in all spaces at once."""
    on = date_of(house.spaces[wish.space].zone.key, wish.start)
    dates = tuple(on + timedelta(days=n) for n in range(3))
    opens = wish.start // 30 % 24 * 30
    wanted = AnyTime(timedelta(minutes=wish.end - wish.start), dates, opens, opens + 600)
    question = Question(people=wish.people)
    spaces = [space for space in house.places.spaces() if find.fits(space, wish.people)]
    now = moment(house.now)
    found = sometime.results_any_time(spaces, wanted, question, now, range(len(spaces))).answers
    for one in found:
        bare = replace(wish, space=one.space.slug, projectors=0, unit=None)
        windows = [(on, opens, opens + 600) for on in dates]
        expected = house.oracle.earliest(bare, windows, house.now, sometime.CHOICES)
        times = [minutes(one.period), *map(minutes, one.alternatives)] if one.free else []
        assert times == expected, (bare, windows)
    return any(one.free for one in found)


def product_wish(house, wish):
    extras = {"projector": wish.projectors} if wish.projectors else {}
    return Wish(period(wish), wish.people, house.spaces[wish.space].zone, extras=extras)


def near(house, wish):
    """The nearest times in the space, with what is wanted beside it."""
    space, now = house.spaces[wish.space], moment(house.now)
    wanted = product_wish(house, wish)
    blocks = find.blocks_for([space], {space.venue.id: wanted.period}, now, wanted.extras)
    found = [minutes(one) for one in find.nearest_in(space, wanted, blocks, now, 3)]
    assert found == house.oracle.nearest(replace(wish, unit=None), house.now, 3), wish
    return found


def ways_out(house, wish):
    """Every way out is one; what the space itself has comes first; where there is none, none is."""
    wanted, now = product_wish(house, wish), moment(house.now)
    found = alternatives(house.places, house.spaces[wish.space], wanted, Look(now))
    for one in found:
        start, end = minutes(one.period)
        projectors = 0 if one.without else wish.projectors
        offered = replace(wish, space=one.space.slug, start=start, end=end, unit=None)
        assert house.oracle.free(replace(offered, projectors=projectors), house.now), (wish, one)
    bare = replace(wish, projectors=0, unit=None)
    if not wish.projectors:
        own = [minutes(one.period) for one in found if one.space.slug == wish.space][:2]
        expected = house.oracle.nearest(bare, house.now, 2)
        both = len({start < wish.start for start, _ in expected}) == 2
        assert own == expected if both else set(expected[:1]) <= set(own), wish
    if not found:
        nothing_is_free(house, bare)
    return found


def nothing_is_free(house, bare):
    """No space is free on these days, nor the one wished for at that time for a fortnight,
    within its hours."""
    for name in house.spaces:
        assert not house.oracle.nearest(replace(bare, space=name), house.now, 1), (bare, name)
    length = house.oracle.fitted(bare)
    for start in range(bare.start, bare.start + 14 * DAY, DAY):
        later = replace(bare, start=start, end=start + length)
        free = house.oracle.free(later, house.now) and not house.oracle.outside(later)
        assert not free, later


def same_why(house, wish):
    """What is asked of a cell of a board is about one person, and what they would need."""
    one = replace(wish, people=1, projectors=0, unit=None)
    why = why_not(house.spaces[wish.space], period(wish), moment(house.now))
    assert {no.code for no in why.broken} == house.oracle.broken(one, house.now), one
    assert why.possible == house.oracle.free(one, house.now), one


def played(seeds):
    """Returns what was seen how often."""
    seen = Counter()
    for seed in seeds:
        play(seed, seen)
    return seen


def test_every_answer_is_that_of_the_oracle(database):
    seen = played(range(SCENES[database]))

    # What is always refused, or always free, would prove nothing.
    asked = seen["free"] + seen["not free"]
    assert seen["free"] > asked / 8
    assert seen["not free"] > asked / 8
    assert seen["nearest"] > asked / 4
    assert seen["ways out"] > asked / 4
    assert seen["any time"] > asked / 4
    for told in TOLD:
        assert seen[told], told


@pytest.mark.parametrize(
    ("zone", "shown", "expected"),
    [
        ("Europe/Paris", "2027-03-28T02:30", "2027-03-28T01:30"),
        ("Europe/Paris", "2027-10-31T02:30", "2027-10-31T00:30"),
        ("Australia/Lord_Howe", "2027-10-03T02:15", "2027-10-02T15:45"),
        ("Australia/Lord_Howe", "2027-04-04T01:45", "2027-04-03T14:45"),
        ("Asia/Beirut", "2027-03-28T00:00", "2027-03-27T22:00"),
        ("Asia/Kathmandu", "2028-02-29T00:00", "2028-02-28T18:15"),
    ],
)
def test_the_oracle_knows_what_clocks_show(zone, shown, expected):
    """Reckoned by hand: what clocks jump over is later, what they show twice is the first."""
    wall, utc = (datetime.fromisoformat(one).replace(tzinfo=UTC) for one in (shown, expected))

    assert moment(reached(zone, round(wall.timestamp() / 60))) == utc


def as_at_noon(on, minute, zone):
    """Wrong on days on which clocks change: as if they had stood all day as they stand at noon."""
    noon = datetime.combine(on, time(12), tzinfo=zone)
    return noon.astimezone(UTC) + timedelta(minutes=minute - 720)


def touching_too(one, other):
    """Wrong by one minute: as if neighbours were in each other's way."""
    return one.start <= other.end and other.start <= one.end


def expired_too(units, period, now, right=find.asked):
    """Wrong for requests that ran out: as if it were still long before."""
    return right(units, period, now - timedelta(days=30))


WRONG = {
    "buffers": (find, "widened", lambda busy, before, after: busy),
    "order of buffers": (find, "widened", lambda busy, a, b: availability.widened(busy, b, a)),
    "changes of clocks": (hours, "instant", as_at_noon),
    "grid after changes": (availability, "same_clocks", lambda one, other, zone: True),
    "edges": (Period, "overlaps", touching_too),
    "what is taken": (availability.Blocks, "leave", lambda self, period: True),
    "requests run out": (find, "asked", expired_too),
    "closures under buffers": (occupancy, "closings_of", lambda units, period: []),
}
SHOWN = {"requests run out": 30, "closures under buffers": 90}
"""Where it takes long: a scene soon after which it shows."""


@pytest.mark.one_database
@pytest.mark.parametrize("wrong", WRONG)
def test_control_the_oracle_finds_what_is_wrong(database, monkeypatch, wrong):
    monkeypatch.setattr(*WRONG[wrong])
    # What is right is remembered, and what is wrong must not be.
    monkeypatch.setattr(availability, "by_distance", availability.by_distance.__wrapped__)
    first = SHOWN.get(wrong, 0)

    with pytest.raises(AssertionError):
        played(range(first, first + 20))

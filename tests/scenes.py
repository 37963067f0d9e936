"""Random scenes for the oracle: two venues, what people do there, and what they then wish for.

The same seed is the same scene. Dice, since what hypothesis draws is far from even: of the wishes
it made one in fifteen was free, and a fault of expired requests stayed unseen.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from tests.oracle import DAY, Space, Spans, Venue, Wish, on_date

FOR_ALL = [date(2028, 2, 29), date(2027, 12, 31), date(2027, 1, 3), date(2027, 4, 30)]
"""A leap day, the ends of a year, of a week 53 and of a month."""
ZONES = {
    "Europe/Paris": [date(2027, 3, 28), date(2027, 10, 31)],
    "America/St_Johns": [date(2027, 3, 14), date(2027, 11, 7)],
    "America/New_York": [date(2027, 3, 14), date(2027, 11, 7)],
    "Australia/Lord_Howe": [date(2027, 4, 4), date(2027, 10, 3)],
    "Pacific/Chatham": [date(2027, 4, 4), date(2027, 9, 26)],
    "Asia/Beirut": [date(2027, 3, 28), date(2027, 10, 30)],
    "Asia/Kathmandu": FOR_ALL,
}
"""The days on which clocks change: by half an hour, at midnight, or never."""
DAYS: list[Spans] = [
    [(0, DAY)],
    [(480, 720), (720, 1200)],
    [(480, 750), (840, 1080), (1140, DAY)],
    [(0, 150), (480, 1230)],
    [(0, 135), (195, DAY)],
    [(120, 180)],
    [(0, 120), (1080, DAY)],
    [],
]
GRIDS = [60, 15, 30, 45, 60, 120, 240]
BUFFERS = [(0, 0), (15, 0), (0, 30), (45, 90), (30, 30), (1440, 0)]
OTHERS = ["close", "close-all", "close-after", "cancel", "cancel", "approve", "until"]
VERBS = ["reserve"] * 9 + OTHERS
"""How often people do what."""


@dataclass(frozen=True)
class Act:
    """Somebody does something; `which` of what was made, `wait` minutes after the act before."""

    verb: str
    wish: Wish
    which: int
    wait: int


@dataclass(frozen=True)
class Scene:
    venues: tuple[Venue, Venue]
    now: float
    acts: list[Act]
    wishes: list[Wish]


def spans(dice: Random) -> Spans:
    """The hours of a day."""
    if dice.random() < 0.6:
        return dice.choice(DAYS)
    quarters = sorted(dice.sample(range(97), 4))
    return [(quarters[n] * 15, quarters[n + 1] * 15) for n in (0, 2)]


def week(dice: Random) -> tuple[Spans, ...]:
    """Every day the same, or none like another."""
    if dice.random() < 0.6:
        return (dice.choice(DAYS[:3]),) * 7
    return tuple(spans(dice) for _ in range(7))


def space(dice: Random, name: str, units: tuple[str, ...], **more: object) -> Space:
    """With rules that a network file could have: lengths are multiples of the grid."""
    grid, nights = dice.choice(GRIDS), dice.random() < 0.4
    shortest = dice.choice([grid, grid, 2 * grid, *([DAY, 2 * DAY] if nights else [])])
    before, after = dice.choice(BUFFERS)
    return Space(
        name,
        units,
        weekly=week(dice) if dice.random() < 0.4 else (),
        before=before,
        after=after,
        notice=dice.choice([0, 0, 0, 90, 1500]),
        horizon=dice.choice([180, 180, 180, 6]),
        shortest=shortest,
        longest=shortest + grid * dice.choice([3, 8, 40, 96]),
        grid=grid,
        nights=nights,
        asks=dice.random() < 0.4,
        asks_outside=dice.random() < 0.2,
        **more,  # type: ignore[arg-type]
    )


def wish(dice: Random, venues: tuple[Venue, Venue], day: date, walls: list[int]) -> Wish:
    """Mostly on the grid and of a length allowed, mostly at the venue in which things happen."""
    venue = venues[dice.random() < 0.1]
    space = dice.choice(venue.spaces)
    wall, length = dice.choice(walls), space.shortest + space.grid * dice.randint(0, 2)
    if dice.random() < 0.85:
        wall -= wall % space.grid
    else:
        length += dice.choice([-space.grid, 5, 50 * space.grid])
    start = on_date(venue.zone, day + timedelta(days=wall // DAY), wall % DAY)
    return Wish(
        space.name,
        start,
        start + max(length, 1),
        people=dice.choice([1, 1, 2, 3, 4]),
        projectors=dice.choice([0, 0, 0, 0, 1, 2, 3]),
        unit=dice.choice([None, *space.units]) if space.pool else None,
    )


def places(dice: Random, zone: str, day: date) -> tuple[Venue, Venue]:
    """A hall and its half, three desks and two projectors; elsewhere an annex."""
    per_unit = dice.choice([1, 2])
    spaces = (
        space(dice, "hall", ("a", "b"), capacity=3),
        space(dice, "half", ("a",)),
        space(dice, "desks", ("d1", "d2", "d3"), pool=True, per_unit=per_unit),
    )
    dates = [day + timedelta(days=dice.randint(-2, 3)) for _ in range(dice.randint(0, 2))]
    special = {(dice.choice([None, "hall", "desks"]), on): spans(dice) for on in dates}
    stock = ("projector-1", "projector-2")
    here = Venue("here", zone, week(dice), spaces, special, dice.random() < 0.5, stock)
    annex = space(dice, "annex", ("x",))
    return here, Venue("there", dice.choice(sorted(ZONES)), week(dice), (annex,))


def scene(seed: int) -> Scene:
    """Everything happens around one day, in three hours that everybody wants."""
    dice = Random(seed)
    zone = dice.choice(sorted(ZONES))
    day = dice.choice([*ZONES[zone], *ZONES[zone], *FOR_ALL])
    venues = places(dice, zone, day)
    walls = [dice.choice([dice.randint(4, 10) * 120, dice.randint(0, 36) * 45]) for _ in range(3)]
    early = dice.choice([30, 600, 1800, 3000, 4800.5])
    acts = [
        Act(
            dice.choice(VERBS),
            wish(dice, venues, day, walls),
            dice.randint(0, 5),
            dice.choice([0, 0, 0, 45, 240]),
        )
        for _ in range(dice.randint(5, 9))
    ]
    wishes = [wish(dice, venues, day, walls) for _ in range(2)]
    return Scene(venues, on_date(zone, day, 0) - early, acts, wishes)

"""Databases to measure on: rows as the actions would have left them, written in bulk."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from itertools import count, islice
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import insert, select

from booking import clock
from booking.db import db, transaction
from booking.models.members import Member
from booking.models.occupancy import Occupancy
from booking.models.reservations import History, Reservation
from booking.rules import codes, states
from booking.rules.codes import ALPHABET
from booking.rules.hours import instant, today
from tests.bench import agenda, places
from tests.bench.agenda import Wish
from tests.bench.places import Place
from tests.races import world as races
from tests.races.world import Racer

PARIS = ZoneInfo(places.ZONE)
CHUNK = 5_000  # reservations
TITLES = ("Point d’équipe", "Entretien", "Atelier numérique", "Comité", "Rendez-vous client", "")
TABLES = (Reservation, History, Occupancy)
SETTLE = {"postgresql": ("VACUUM ANALYZE", "CHECKPOINT"), "sqlite": ("ANALYZE",)}

Rows = dict[type, list[dict[str, Any]]]


def network(app: Flask, venues: int, reservations: int, members: int) -> list[Racer]:
    """Fills the migrated, empty database; gives the members' browsers."""
    now, tokens = clock.now(), [codes.token() for _ in range(members)]
    with app.app_context():
        with transaction():
            found = places.add(venues)
            races.add_members(tokens)
        each = reservations // venues
        day = today(now, PARIS)
        wishes = ((at, wish) for at in found for wish in agenda.two_years(at.slug, day, each))
        write(wishes, now)
        db.session.remove()
    return [races.racer(app, token) for token in tokens]


def calendars(app: Flask, of_room: int, of_venue: int) -> None:
    """Fills the migrated, empty database with one venue of rooms, reserved without end.

    The calendar of its first room gets so many entries, that of the venue so many altogether.
    """
    now = clock.now()
    rooms = [places.room(f"room-{number}", f"room-{number}") for number in range(1, 16)]
    with app.app_context():
        with transaction():
            (found,) = places.add(1, rooms, [room.slug for room in rooms], range(7))
            races.add_members([codes.token()])
        day = today(now, PARIS)
        counts = [of_room, *agenda.shares(of_venue - of_room, len(rooms) - 1)]
        wishes = (
            (found, wish)
            for room, many in zip(rooms, counts, strict=True)
            for wish in agenda.without_end(room, day, many)
        )
        write(wishes, now)
        db.session.remove()


def write(wishes: Iterable[tuple[Place, Wish]], now: datetime) -> None:
    """All of them under the eyes of the guard, then what a database knows of its own tables."""
    with transaction():
        scribe = Scribe(list(db.session.scalars(select(Member.id))), now)
    rest = iter(wishes)
    with db.engine.execution_options(writes=True).begin() as connection:
        while chunk := list(islice(rest, CHUNK)):
            for table, rows in scribe.rows(chunk).items():
                if rows:
                    connection.execute(insert(table), rows)
        # PostgreSQL counts only the rows it has numbered itself.
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(
                "SELECT setval('reservation_id_seq', (SELECT max(id) FROM reservation))"
            )
    settle()


def settle() -> None:
    """Leaves nothing for the database to tidy while somebody measures."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in SETTLE[connection.dialect.name]:
            connection.exec_driver_sql(statement)


@cache
def at(on: date, minute: int) -> datetime:
    return instant(on, minute, PARIS)


@dataclass
class Scribe:
    """Turns wishes into rows; numbers, names and chance go on from one chunk to the next."""

    members: list[int]
    now: datetime
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    chance: Random = field(default_factory=lambda: Random(1599))

    def rows(self, wishes: list[tuple[Place, Wish]]) -> Rows:
        found: Rows = {table: [] for table in TABLES}
        for place, wish in wishes:
            self.add(found, place, wish)
        return found

    def add(self, found: Rows, place: Place, wish: Wish) -> None:
        """One reservation, what happened to it, and what it takes."""
        number, chance = next(self.numbers), self.chance
        starts, ends = at(wish.on, wish.opens), at(wish.on, wish.closes)
        made = min(starts, self.now) - timedelta(minutes=chance.randrange(60, 40_000))
        story = self.story(wish, starts)
        member = chance.choice(self.members)
        expires = starts if story[-1] == "request" else None
        state, lines = states.NEW, []
        for verb in story:
            before, state = state, states.move(state, verb)
            by = self.members[0] if verb in ("approve", "decline") else member
            lines.append({"verb": verb, "before": before, "after": state, "member_id": by})
        found[History] += [{"reservation_id": number, "at": made, "why": "", **x} for x in lines]
        found[Reservation].append(
            {
                "id": number,
                "code": code(number),
                "uid": str(UUID(int=chance.getrandbits(128), version=4)),
                "space_id": place.spaces[wish.plan.slug],
                "member_id": member,
                "state": state,
                "starts_at": starts,
                "ends_at": ends,
                "people": chance.randint(1, 6),
                "title": chance.choice(TITLES),
                "sequence": len(story) - 1,
                "created_at": made,
                "updated_at": made,
                "expires_at": expires,
            }
        )
        before, after = timedelta(minutes=wish.plan.before), timedelta(minutes=wish.plan.after)
        period = {"starts_at": starts - before, "ends_at": ends + after, "expires_at": expires}
        people = found[Reservation][-1]["people"]
        found[Occupancy] += [
            {
                **{"unit_id": place.units[unit], "reservation_id": number, **period},
                "people": 0 if n else people,
            }
            for n, unit in enumerate(wish.units)
        ]

    def story(self, wish: Wish, starts: datetime) -> list[str]:
        """What was done to it: a tenth of the requests to come still wait."""
        first = "request" if wish.plan.asks else "reserve"
        if not wish.keeps:
            return [first, "decline" if wish.plan.asks else "cancel"]
        if not wish.plan.asks:
            return [first]
        waits = starts > self.now and self.chance.random() < 0.1
        return [first] if waits else [first, "approve"]


def code(number: int) -> str:
    """A code of its own for each number, in no order that shows."""
    left, drawn = number * 7_777_777_777 % len(ALPHABET) ** 7, ""
    for _ in range(7):
        left, letter = divmod(left, len(ALPHABET))
        drawn += ALPHABET[letter]
    return f"{drawn[:3]}-{drawn[3:]}"

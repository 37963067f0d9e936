"""The same answer sent several times at once is one answer, and several workers ask once.

The controls look first and write afterwards: there are several answers, or several mails.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import OperationalError

from booking import clock, db, jobs
from booking.actions import feedback, occupancy
from booking.actions.feedback import Said
from booking.db import transaction
from booking.errors import NotFound, WrongState
from booking.models.feedback import Answer, Link
from booking.models.outbox import OutboxMessage
from booking.models.reservations import Reservation
from booking.queries import feedback as find
from booking.queries.presence import by_id
from booking.queries.venues import atlas
from tests.races import world
from tests.races.unguarded import PAUSE, seen_a_while_ago
from tests.races.world import DESKS, World

AT_ONCE, ON = 6, date(2027, 3, 8)


@pytest.fixture(scope="module")
def place(database: str, migrated_database: Callable[[str], str]) -> Iterator[World]:
    with world.made(migrated_database(database), members=len(DESKS)) as place:
        yield place


@pytest.fixture(autouse=True)
def nothing_said(place: World) -> None:
    forget(place)


def forget(place: World) -> None:
    """Nothing is reserved, asked or answered."""
    world.empty(place)
    with place.app.app_context(), transaction():
        for table in (Answer, Link):
            db.db.session.execute(delete(table))


def at_once(place: World, work: Callable[[], object]) -> list[object]:
    """What each of several gets who do it at the same instant."""
    start = Barrier(AT_ONCE)

    def one() -> object:
        with place.app.app_context():
            start.wait()
            try:
                return work()
            except OperationalError:
                return "no answer"
            finally:
                db.db.session.remove()

    with ThreadPoolExecutor(AT_ONCE) as several:
        return [answer.result() for answer in [several.submit(one) for _ in range(AT_ONCE)]]


def a_link(place: World) -> str:
    """The token of one that asks about the room."""
    token = "a-token"
    with place.app.app_context(), transaction():
        row = {"id": feedback.drawn(), "token_hash": find.codes.digest(token), "last_on": ON}
        db.append(Link, [row | {"space_id": atlas().space("quai", "room").id}])
    return token


def answering(token: str) -> Callable[[], str]:
    def work() -> str:
        try:
            with transaction():
                feedback.answer(token, Said(5, 5), on=ON)
        except (WrongState, NotFound):
            return "served"
        return "taken"

    return work


def careless(token: str, on: date) -> int:
    """Looks whether the link has served, and says so only a moment later."""
    space_id = find.link(token, on).space_id
    time.sleep(PAUSE)
    db.db.session.execute(update(Link).values(used=True))
    return space_id or 0


def count(place: World, table: type[db.Base]) -> int:
    with place.app.app_context():
        return len(db.db.session.scalars(select(table)).all())


@pytest.fixture
def unguarded(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No lock, and SQLite opens no transaction: see tests/races/unguarded."""
    db.event.remove(db.Engine, "begin", db.begin)
    monkeypatch.setattr(occupancy, "look_again", seen_a_while_ago)
    yield
    db.event.listen(db.Engine, "begin", db.begin)


def test_of_many_answers_by_one_link_at_once_one_is_taken(place: World) -> None:
    for _ in range(5):
        token = a_link(place)

        told = at_once(place, answering(token))

        assert sorted(map(str, told)) == ["served"] * (AT_ONCE - 1) + ["taken"]
        assert count(place, Answer) == 1
        forget(place)


@pytest.mark.usefixtures("unguarded")
def test_control_who_looks_first_takes_several_answers(
    place: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feedback, "use", careless)
    token = a_link(place)

    at_once(place, answering(token))

    assert count(place, Answer) > 1


def all_over(place: World) -> list[int]:
    """Everybody's desk is over just now."""
    world.add_awaited(place)
    with place.app.app_context(), transaction():
        now = clock.now()
        db.db.session.execute(update(Reservation).values(ends_at=now, check_in_by=None))
        return list(db.db.session.scalars(select(Reservation.id)))


def mails(place: World) -> int:
    with place.app.app_context():
        query = select(OutboxMessage.id).where(OutboxMessage.kind == "feedback-asked")
        return len(db.db.session.scalars(query).all())


def test_several_workers_ask_each_member_once(place: World) -> None:
    for _ in range(3):
        forget(place)
        all_over(place)

        at_once(place, jobs.finish_over)

        assert mails(place) == count(place, Link) == len(DESKS)


@pytest.mark.usefixtures("unguarded")
def test_control_workers_that_look_without_a_lock_ask_twice(place: World) -> None:
    """Or run into each other."""
    number = all_over(place)[0]

    def work() -> bool:
        with transaction():
            return jobs.presence.finish(by_id(number), now=clock.now())

    told = at_once(place, work)

    assert mails(place) > 1 or "no answer" in told

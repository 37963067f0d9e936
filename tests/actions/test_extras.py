"""Extras: taken with the reservation, for its time, through the same gate."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, select

from booking.actions import approvals, occupancy
from booking.actions import reservations as act
from booking.db import db
from booking.errors import Refused, SlotTaken
from booking.models.extras import ReservationExtra
from booking.models.occupancy import Occupancy
from booking.models.outbox import OutboxMessage
from booking.queries.extras import counts_of
from booking.queries.venues import atlas
from tests import cast, make
from tests.look import codes, taken
from tests.make import NOW, moment, period

pytestmark = pytest.mark.usefixtures("app")
TWO = {"projector": 2}


@pytest.fixture
def here(app):
    """A venue with three projectors, a technician who is asked for, and meals without end."""
    venue = make.venue("quay")
    make.extra(venue, "projector", stock=3)
    make.extra(venue, "technician", stock=1, on_request=True)
    make.extra(venue, "catering")
    return venue


def pieces(slug="projector"):
    """The stock, as ids of units."""
    (venue,) = (one for one in atlas().venues if one.slug == "quay")
    return next(one.units for one in venue.extras if one.slug == slug)


def stock_taken(reservation):
    return [row for row in taken(reservation) if row[0] in pieces()]


def test_an_extra_is_taken_for_the_time_of_the_reservation_and_its_buffers(here):
    room = make.space(here, buffer_before=15, buffer_after=30)

    made = make.reservation(room, "mon 9-11", extras=TWO)

    around = moment("mon 8:45"), moment("mon 11:30"), None
    assert stock_taken(made) == [(unit, *around) for unit in pieces()[:2]]
    assert counts_of(made.id) == TWO


def test_extras_are_shared_by_all_spaces_of_the_venue(here):
    make.reservation(make.space(here), "mon 9-11", extras=TWO)

    with pytest.raises(SlotTaken) as no:
        make.reservation(make.space(here), "mon 10-12", extras=TWO)

    missing = {"extra": "projector", "name": make.words("Projector"), "left": 1}
    assert no.value.facts == {"extras": [missing]}


def test_what_is_missing_is_told_together(here):
    room = make.space(here)
    make.reservation(room, "mon 9-11", extras={"projector": 3, "technician": 1})

    with pytest.raises(SlotTaken) as no:
        make.reservation(room, "mon 9-11", extras={"projector": 1, "technician": 1})

    assert no.value.facts["place"]
    assert [one["extra"] for one in no.value.facts["extras"]] == ["projector", "technician"]


def test_at_another_time_the_same_pieces_are_there_again(here):
    make.reservation(make.space(here), "mon 9-11", extras={"projector": 3})

    assert make.reservation(make.space(here), "mon 11-12", extras={"projector": 3}).id


def test_what_never_runs_out_takes_no_unit_and_is_remembered(here):
    room = make.space(here)

    made = make.reservation(room, extras={"catering": 80})

    assert [row[0] for row in taken(made)] == room.units
    assert counts_of(made.id) == {"catering": 80}


def test_whoever_wants_what_is_on_request_asks(here):
    made = make.reservation(make.space(here), extras={"technician": 1})

    assert (made.state, made.asks) == ("requested", ["extra"])
    assert {row[3] for row in taken(made)} == {made.starts_at}


def test_a_space_on_request_says_so_first(here):
    made = make.reservation(make.space(here, approval="always"), extras={"technician": 1})

    assert made.asks == ["always", "extra"]


@pytest.mark.parametrize(
    ("extras", "code"),
    [({"projector": 4}, "extra-beyond-stock"), ({"piano": 1}, "extra-not-here")],
)
def test_what_the_venue_does_not_have_is_refused(here, extras, code):
    with pytest.raises(Refused) as no:
        make.reservation(make.space(here), extras=extras)

    assert codes(no) == [code]


def test_an_extra_for_one_space_does_not_go_with_another(here):
    make.extra(here, "organ", spaces=["chapel"])
    chapel, room = make.space(here, "chapel"), make.space(here)

    assert make.reservation(chapel, extras={"organ": 1}).id
    with pytest.raises(Refused) as no:
        make.reservation(room, extras={"organ": 1})
    assert codes(no) == ["extra-not-here"]


def test_a_refused_extra_takes_nothing(here):
    make.reservation(make.space(here), extras={"projector": 3})

    with pytest.raises(SlotTaken), db.session.begin_nested():
        make.reservation(make.space(here), extras={"projector": 1})

    assert len(db.session.scalars(select(ReservationExtra)).all()) == 1
    assert len(db.session.scalars(select(Occupancy)).all()) == 4


def test_a_unit_that_is_in_two_stocks_is_taken_once(here):
    """A file may say that the one remote serves two purposes."""
    shared = make.extra(here, "screen")
    make.added(make.ExtraUnit(extra_id=shared.id, unit_id=pieces()[0]))

    with pytest.raises(SlotTaken) as no:
        make.reservation(make.space(here), extras={"projector": 3, "screen": 1})

    assert [one["extra"] for one in no.value.facts["extras"]] == ["screen"]


def cancelled(made):
    act.cancel(made, atlas(), by=made.member, now=NOW)


def declined(made):
    approvals.decline(made, atlas(), by=cast.admin(), now=NOW, why="Complet")


def expired(made):
    occupancy.expire(made, moment("mon 9"))


@pytest.mark.parametrize("end", [cancelled, declined, expired])
def test_what_ends_gives_its_extras_back_and_still_says_what_they_were(here, end):
    made = make.reservation(make.space(here, approval="always"), extras=TWO)

    end(made)

    assert taken(made) == []
    assert counts_of(made.id) == TWO


def test_what_is_approved_keeps_its_extras_for_good(here):
    made = make.reservation(make.space(here), extras={"projector": 1, "technician": 1})

    approvals.approve(made, atlas(), by=cast.admin(), now=NOW)

    assert [row[3] for row in taken(made)] == [None, None, None]


@contextmanager
def units_locked() -> Iterator[list[set[int]]]:
    """The ids that each lock of units named, in order."""
    found: list[set[int]] = []

    def note(_connection, _cursor, statement, values, _context, _many):
        if "FROM unit " in statement.replace("\n", " ") and "ORDER BY unit.id" in statement:
            found.append({int(number) for number in re.findall(r"\d+", str(values))})

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def test_approving_locks_extras_and_space_together_before_all_else(here):
    stage = make.space(here, approval="always", competing=True)
    made = make.reservation(stage, extras=TWO)

    with units_locked() as locked:
        approvals.approve(made, atlas(), by=cast.admin(), now=NOW)

    assert locked[0] == {*stage.units, *pieces()}


def test_an_expired_request_does_not_keep_the_last_piece(here):
    old = make.reservation(make.space(here, approval="always"), "mon 9-11", extras={"projector": 3})

    new = make.reservation(
        make.space(here), "mon 10-12", now=moment("mon 9:30"), extras={"projector": 3}
    )

    assert (old.state, len(stock_taken(new))) == ("expired", 3)


def test_a_move_takes_the_extras_along(here):
    room, member = make.space(here), cast.member()
    made = make.reservation(room, "mon 9-11", by=member, extras=TWO)
    before = stock_taken(made)

    make.moved(made, atlas(), period("mon 10-12"), by=member, now=NOW)

    later = moment("mon 10"), moment("mon 12"), None
    assert stock_taken(made) == [(unit, *later) for unit, *_ in before]
    assert counts_of(made.id) == TWO


def test_a_move_keeps_the_very_pieces_where_they_are_free(here):
    other, room, member = make.space(here), make.space(here), cast.member()
    first = make.reservation(other, "mon 9-11", extras={"projector": 1})
    made = make.reservation(room, "mon 9-11", by=member, extras={"projector": 1})
    cancelled(first)

    make.moved(made, atlas(), period("mon 10-12"), by=member, now=NOW)

    assert [row[0] for row in stock_taken(made)] == [pieces()[1]]


def test_a_move_to_where_an_extra_is_missing_changes_nothing(here):
    room, member = make.space(here), cast.member()
    make.reservation(make.space(here), "mon 14-16", extras=TWO)
    made = make.reservation(room, "mon 9-11", by=member, extras=TWO)
    before = taken(made)

    with pytest.raises(SlotTaken) as no, db.session.begin_nested():
        make.moved(made, atlas(), period("mon 15-17"), by=member, now=NOW)

    assert no.value.facts["extras"][0]["left"] == 1
    assert taken(made) == before


def test_when_only_the_database_says_no_to_an_extra_it_is_taken(here, monkeypatch):
    make.reservation(make.space(here), extras={"projector": 3})
    monkeypatch.setattr(occupancy, "left_by_others", lambda units, around, now: {})

    with pytest.raises(SlotTaken), db.session.begin_nested():
        make.reservation(make.space(here), extras={"projector": 1})


def test_mails_say_what_was_taken_beside_the_space(here):
    make.reservation(make.space(here), extras={"projector": 2, "catering": 8})

    facts = db.session.scalars(select(OutboxMessage.facts)).one()
    assert facts["extras"] == [
        {"name": make.words("Projector"), "count": 2},
        {"name": make.words("Catering"), "count": 8},
    ]

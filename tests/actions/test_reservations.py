"""Reserving: one test per branch, on both databases."""

import pytest
from sqlalchemy import select

from booking.actions import reservations as act
from booking.actions.reservations import Details
from booking.db import Unlucky, again, db
from booking.errors import NotAllowed, NotFound, Refused, SentTwice, SlotTaken
from booking.models.occupancy import Occupancy
from booking.models.outbox import OutboxMessage
from booking.queries.reservations import units_of
from booking.queries.venues import atlas
from tests import cast, make
from tests.look import codes, story, taken, told
from tests.make import NOW, moment, period

pytestmark = pytest.mark.usefixtures("app")


def test_a_free_room_is_reserved_at_once():
    room, member = make.space(), cast.member()

    made = act.reserve(room, period("mon 9-11"), Details(), by=member, now=NOW)

    assert made.state == "confirmed"
    assert taken(made) == [(room.units[0], moment("mon 9"), moment("mon 11"), None)]


@pytest.mark.parametrize("who", [cast.unconfirmed, cast.blocked])
def test_who_is_not_confirmed_may_not_reserve(who):
    with pytest.raises(NotAllowed):
        make.reservation(make.space(), by=who())


def test_a_reservation_keeps_what_was_said_of_it():
    details = {"people": 4, "title": " Comité\nproduit ", "note": "Café\x00,\r\nthé"}

    made = make.reservation(make.space(), **details)

    assert (made.people, made.title, made.note) == (4, "Comité produit", "Café,\nthé")


def test_a_reservation_begins_its_history():
    member = cast.member()

    made = make.reservation(make.space(), by=member)

    assert story(made) == [("reserve", "new", "confirmed", member.id, "")]


def test_the_member_is_told_of_the_reservation():
    member = cast.member()

    make.reservation(make.space(), by=member)

    assert told() == [("reservation-confirmed", member.email)]


def sent(desks, member, name="a form"):
    return act.reserve(desks, period("mon 9-11"), Details(), by=member, now=NOW, sent_as=name)


def test_one_form_reserves_once():
    desks, member = make.pool(make.venue(), size=3), cast.member()
    sent(desks, member)

    with pytest.raises(SentTwice):
        sent(desks, member)


def test_another_form_reserves_once_more():
    desks, member = make.pool(make.venue(), size=3), cast.member()

    rows = [sent(desks, member), sent(desks, member, "another form"), sent(desks, member, None)]

    assert len({taken(row)[0][0] for row in rows}) == 3


def test_what_was_given_back_is_reserved_anew_by_the_same_form():
    desks, member = make.pool(make.venue(), size=3), cast.member()
    first = sent(desks, member)
    act.cancel(first, atlas(), by=member, now=NOW)

    second = sent(desks, member)

    assert (first.state, second.state) == ("cancelled", "confirmed")


def test_what_was_moved_is_no_answer_to_its_form_any_more():
    desks, member = make.pool(make.venue(), size=3), cast.member()
    first = sent(desks, member)
    make.moved(first, atlas(), period("tue 9-11"), by=member, now=NOW)

    second = sent(desks, member)

    assert (second.starts_at, first.sent_as) == (moment("mon 9"), None)


def test_a_message_holds_what_its_text_needs():
    room = make.space()

    made = make.reservation(room, title="Comité", people=3)

    facts = db.session.scalars(select(OutboxMessage)).one().facts
    assert facts["code"] == made.code
    assert facts["starts_at"] == moment("mon 9").isoformat()
    assert (facts["zone"], facts["status"], facts["people"]) == ("Europe/Paris", "CONFIRMED", 3)
    assert facts["space"] == room.name


def test_where_a_manager_decides_a_request_is_made():
    room, member = make.space(approval="always"), cast.member()

    made = make.reservation(room, by=member)

    assert made.state == "requested"
    assert story(made) == [("request", "new", "requested", member.id, "")]


def test_a_request_keeps_its_units_until_it_would_start():
    made = make.reservation(make.space(approval="always"))

    assert made.expires_at == moment("mon 9")
    assert taken(made)[0][3] == moment("mon 9")


def test_a_request_is_told_to_the_member_and_the_managers_of_the_venue():
    here = make.venue()
    one, other = cast.manager(here), cast.manager(here)
    cast.other_manager()
    member = cast.member()

    make.reservation(make.space(here, approval="always"), by=member)

    assert told() == [
        ("reservation-requested", member.email),
        ("request-received", one.email),
        ("request-received", other.email),
    ]


def test_all_broken_rules_are_told_at_once():
    room = make.space(capacity=4, shortest=60)

    with pytest.raises(Refused) as no:
        make.reservation(room, "mon 7-7:20", people=5)

    assert codes(no) == ["closed", "off-grid", "too-short", "too-many"]


def test_a_refused_wish_takes_nothing():
    with pytest.raises(Refused):
        make.reservation(make.space(), "mon 7-9")

    assert db.session.scalars(select(Occupancy)).all() == []


def test_more_people_than_all_desks_seat_are_refused():
    desks = make.pool(size=2, capacity_per_unit=2)

    with pytest.raises(Refused) as no:
        make.reservation(desks, people=5)

    assert codes(no) == ["too-many-units"]


def test_a_taken_room_is_refused():
    room = make.space()
    make.reservation(room, "mon 9-11")

    with pytest.raises(SlotTaken):
        make.reservation(room, "mon 10-12")


def test_neighbours_may_touch():
    room = make.space()
    make.reservation(room, "mon 9-11")

    assert make.reservation(room, "mon 11-12").state == "confirmed"
    assert make.reservation(room, "mon 8-9").state == "confirmed"


def test_the_buffers_are_taken_with_the_room():
    made = make.reservation(make.space(buffer_before=30, buffer_after=15))

    assert taken(made)[0][1:3] == (moment("mon 8:30"), moment("mon 11:15"))


@pytest.mark.parametrize(
    ("neighbour", "fits"),
    [("mon 11:30-12", False), ("mon 11:45-12", True), ("mon 8-8:30", False), ("mon 8-8:15", True)],
)
def test_between_neighbours_both_buffers_must_fit(neighbour, fits):
    room = make.space(buffer_before=30, buffer_after=15, shortest=15)
    make.reservation(room, "mon 9-11")

    if fits:
        assert make.reservation(room, neighbour).state == "confirmed"
    else:
        with pytest.raises(SlotTaken):
            make.reservation(room, neighbour)


def test_any_unit_means_the_lowest_number():
    desks = make.pool(size=3)

    firsts = [taken(make.reservation(desks))[0][0] for _ in range(3)]

    assert firsts == desks.units


def test_a_full_pool_is_refused():
    desks = make.pool(size=1)
    make.reservation(desks)

    with pytest.raises(SlotTaken):
        make.reservation(desks)


def test_a_chosen_unit_is_the_one_taken():
    desks = make.pool(size=3)

    made = make.reservation(desks, unit_id=desks.units[2])

    assert [unit.id for unit in units_of(made)] == [desks.units[2]]


def test_a_chosen_unit_that_is_taken_is_refused_though_others_are_free():
    desks = make.pool(size=3)
    make.reservation(desks, unit_id=desks.units[1])

    with pytest.raises(SlotTaken):
        make.reservation(desks, unit_id=desks.units[1])


def test_people_take_as_many_units_as_they_need():
    desks = make.pool(size=3, capacity_per_unit=2)

    made = make.reservation(desks, people=3)

    assert [row[0] for row in taken(made)] == desks.units[:2]


def test_people_take_the_chosen_unit_and_others_beside():
    desks = make.pool(size=3, capacity_per_unit=1)

    made = make.reservation(desks, people=2, unit_id=desks.units[2])

    assert [row[0] for row in taken(made)] == [desks.units[0], desks.units[2]]


def test_a_unit_of_another_space_is_not_found():
    other = make.pool()

    with pytest.raises(NotFound):
        make.reservation(make.pool(), unit_id=other.units[0])


def test_one_cannot_choose_a_part_of_a_whole():
    room = make.space()

    with pytest.raises(NotFound):
        make.reservation(room, unit_id=room.units[0])


def hall(**policy):
    """The hall and its two halves."""
    at = make.venue()
    return (
        make.space(at, units=["a", "b"], **policy),
        make.space(at, units=["a"]),
        make.space(at, units=["b"]),
    )


def test_a_whole_takes_its_parts():
    whole, left, right = hall()
    make.reservation(whole)

    for half in (left, right):
        with pytest.raises(SlotTaken):
            make.reservation(half)


def test_a_part_takes_the_whole_but_not_the_other_part():
    whole, left, right = hall()
    make.reservation(left)

    with pytest.raises(SlotTaken):
        make.reservation(whole)
    assert make.reservation(right).state == "confirmed"


def test_a_space_without_units_cannot_be_had():
    room = make.space()
    room.units.clear()

    with pytest.raises(SlotTaken):
        make.reservation(room)


def test_a_request_in_the_way_refuses_as_long_as_it_waits():
    whole, half, _ = hall(approval="always")
    make.reservation(whole)

    with pytest.raises(SlotTaken):
        make.reservation(half)


def test_an_expired_request_in_the_way_gives_way():
    whole, half, _ = hall(approval="always")
    old = make.reservation(whole, "mon 9-11")

    made = make.reservation(half, "mon 10-11", now=moment("mon 9:30"))

    assert (old.state, made.state) == ("expired", "confirmed")
    assert taken(old) == []
    assert story(old)[-1] == ("expire", "requested", "expired", None, "")


def test_the_member_of_an_expired_request_is_told():
    whole, half, _ = hall(approval="always")
    member = cast.member()
    make.reservation(whole, by=member)

    make.reservation(half, "mon 10-11", now=moment("mon 9:30"))

    assert ("reservation-expired", member.email) in told()


def test_an_expired_request_elsewhere_is_left_to_the_worker():
    whole, half, _ = hall(approval="always")
    old = make.reservation(whole, "mon 9-10")

    make.reservation(half, "mon 10-11", now=moment("mon 9:30"))

    assert old.state == "requested"


@pytest.mark.parametrize("people", [1, 2])
def test_a_chosen_desk_that_is_taken_is_not_replaced_by_another(people):
    desks = make.space(units=["a", "b", "c"], offer="pool", capacity_per_unit=1)
    make.reservation(desks, unit_id=desks.units[1])

    with pytest.raises(SlotTaken) as no:
        make.reservation(desks, unit_id=desks.units[1], people=people)

    assert no.value.facts == {"unit_id": desks.units[1]}


def test_a_code_that_is_anothers_is_bad_luck(monkeypatch):
    """Told by either database in its own words; `again` then runs the whole of it once more."""
    made = make.reservation(make.space())
    monkeypatch.setattr("booking.rules.codes.reservation_code", lambda: made.code)

    with pytest.raises(Unlucky), db.session.begin_nested():
        make.reservation(make.space())


def test_work_is_done_again_where_it_was_unlucky():
    luck = iter([Unlucky, Unlucky, None])

    def work():
        if bad := next(luck):
            raise bad
        return "done"

    assert again(work) == "done"

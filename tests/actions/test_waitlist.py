"""The waitlist: joining, what is passed on to whom, answering, and what ends it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select

from booking.actions import approvals, hours, occupancy, presence, reservations, retention, waitlist
from booking.actions.hours import Closing
from booking.actions.reservations import UNDO, Details
from booking.actions.waitlist import Ask
from booking.db import db
from booking.errors import NotAllowed, NotFound, Refused, SlotTaken, WrongState
from booking.models.members import Member
from booking.models.occupancy import Occupancy
from booking.models.outbox import OutboxMessage
from booking.models.policies import Policy
from booking.models.reservations import History, Reservation
from booking.models.waitlist import Waiting
from booking.queries import waitlist as find
from booking.queries.reservations import with_place
from booking.queries.venues import read_atlas
from booking.rules import codes
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.usefixtures("app")
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def room():
    return make.space(capacity=8)


def ask(space, at="mon 9-11", *, anywhere=False, **details):
    return Ask(space, make.period(at), Details(**details), anywhere)


def waits(space, at="mon 9-11", *, by=None, now=NOW, **more):
    return waitlist.join(ask(space, at, **more), by=by or make.member(), now=now)


def cancel(row, now=NOW):
    """And what comes at the end of the transaction."""
    reservations.cancel(row, read_atlas(), by=row.member, now=now)
    waitlist.pass_on(now)


def held(entry):
    db.session.refresh(entry)
    query = with_place().where(Reservation.id == entry.reservation_id)
    return db.session.scalars(query).one_or_none()


def who(entry):
    return db.session.get(Member, entry.member_id)


def mails(kind):
    query = select(OutboxMessage).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id)
    return db.session.scalars(query).all()


def refused(call):
    with pytest.raises(Refused) as no:
        call()
    return [one.code for one in no.value.refusals]


def states(*entries):
    for entry in entries:
        db.session.refresh(entry)
    return [entry.state for entry in entries]


# --- Joining ---


def test_somebody_waits_for_a_place_that_is_taken(room):
    make.reservation(room)

    entry = waits(room, people=4, title="  Comité  ", note="Bonjour")

    assert (entry.state, entry.space_id, entry.kind) == ("waiting", room.id, "meeting_room")
    assert (entry.people, entry.title, entry.note) == (4, "Comité", "Bonjour")
    assert (entry.starts_at, entry.ends_at) == (
        make.period("mon 9-11").start,
        make.period("mon 9-11").end,
    )


def test_who_joins_twice_is_once_in_line_with_what_they_say_now(room):
    make.reservation(room)
    member = make.member()

    first = waits(room, by=member, people=2)
    again = waits(room, by=member, people=3, now=NOW + HOUR)

    assert (first.id, first.created_at, again.people) == (again.id, NOW, 3)
    assert db.session.scalar(select(func.count(Waiting.id))) == 1


def test_another_time_and_any_such_space_are_other_places_in_line(room):
    make.reservation(room)
    make.reservation(room, "mon 11-12")
    member = make.member()

    lines = [
        waits(room, by=member),
        waits(room, "mon 11-12", by=member),
        waits(room, by=member, anywhere=True),
    ]

    assert len({one.id for one in lines}) == 3
    assert [one.space_id for one in lines] == [room.id, room.id, None]


def test_nobody_waits_for_what_is_free(room):
    assert refused(lambda: waits(room)) == ["free-now"]


def test_nobody_waits_for_any_room_while_one_is_free(room):
    make.reservation(room)
    make.space(room.venue.venue, capacity=8)

    assert refused(lambda: waits(read_atlas().by_id(room.id), anywhere=True)) == ["free-now"]


@pytest.mark.parametrize(
    ("at", "people", "code"),
    [("sun 9-11", 1, "past"), ("mon 6-7", 1, "closed"), ("mon 9-11", 9, "too-many")],
)
def test_what_the_rules_would_refuse_is_told_at_once(room, at, people, code):
    make.reservation(room)

    assert code in refused(lambda: waits(room, at, people=people))


def test_a_full_quota_is_told():
    quota = [{"most": 1, "of": "reservations", "per": "day", "by": "member", "scope": "space"}]
    room, member = make.space(quotas=quota), make.member()
    make.reservation(room)
    make.reservation(room, "mon 12-13", by=member)

    assert refused(lambda: waits(room, by=member)) == ["quota-used"]


def test_nobody_waits_for_a_closure_to_end(room):
    manager = make.manager(room.venue.venue)
    places = read_atlas()
    space = places.by_id(room.id)
    closing = Closing((space.venue, space), make.period("mon 8-12"), "Travaux")
    hours.close(closing, places, by=manager, now=NOW)

    assert refused(lambda: waits(space)) == ["closed-then"]


def test_a_venue_may_have_no_waitlist():
    room = make.space(waitlist_hold=0)
    make.reservation(room)

    assert refused(lambda: waits(room)) == ["no-waitlist"]


def test_one_waits_for_twenty_places_at_most(room):
    make.reservation(room, "mon 8-20")
    member = make.member()
    times = [f"mon {8 + n // 2}:{n % 2 * 30:02}-{9 + n // 2}" for n in range(20)]
    for at in times:
        waits(room, at, by=member)

    assert refused(lambda: waits(room, "mon 18-20", by=member)) == ["waitlist-full"]
    assert waits(room, times[0], by=member).state == "waiting"


def test_who_may_not_reserve_may_not_wait(room):
    make.reservation(room)
    member = make.member()
    member.confirmed_at = None

    with pytest.raises(NotAllowed):
        waits(room, by=member)


# --- Passing on ---


def test_what_is_cancelled_is_kept_for_the_first_in_line(room):
    row = make.reservation(room)
    first, second = waits(room, title="Atelier"), waits(room, now=NOW + SECOND)

    cancel(row)

    offered = held(first)
    assert states(first, second) == ["offered", "waiting"]
    assert (offered.state, offered.member_id, offered.title) == (
        "held",
        first.member_id,
        "Atelier",
    )
    assert offered.expires_at == first.offered_until == NOW + UNDO + HOUR
    with pytest.raises(SlotTaken):
        make.reservation(room)


def test_the_offer_is_told_by_mail_with_one_link_and_an_end(room):
    row = make.reservation(room)
    entry = waits(room)

    cancel(row)

    (mail,) = mails("waitlist-offered")
    assert (mail.to, mail.next_try_at) == (who(entry).email, NOW + UNDO)
    assert mail.facts["until"] == entry.offered_until.isoformat()
    assert codes.digest(mail.facts["token"]) == entry.token_hash
    assert find.offered_by(mail.facts["token"]).id == entry.id


def test_the_history_of_what_was_offered_begins_with_the_waitlist(room):
    row = make.reservation(room)
    entry = waits(room)
    cancel(row)
    waitlist.accept(entry, by=who(entry), now=NOW)

    lines = db.session.scalars(
        select(History).where(History.reservation_id == entry.reservation_id).order_by(History.id)
    ).all()

    assert [(line.verb, line.member_id) for line in lines] == [
        ("hold", None),
        ("reserve", entry.member_id),
    ]


def test_the_policy_says_how_long_an_offer_holds():
    room = make.space(waitlist_hold=20)
    row = make.reservation(room)
    entry = waits(room)

    cancel(row)

    assert entry.offered_until == NOW + UNDO + timedelta(minutes=20)


def test_an_offer_ends_where_its_time_begins(room):
    row = make.reservation(room)
    entry = waits(room)
    late = make.moment("mon 8:30")

    cancel(row, late)

    assert entry.offered_until == make.moment("mon 9")


def test_another_time_passes_nothing_on(room):
    row = make.reservation(room)
    make.reservation(room, "mon 11-12")
    entry = waits(room, "mon 11-12")

    cancel(row)

    assert states(entry) == ["waiting"]


def test_half_of_the_time_is_not_enough_and_all_of_it_is(room):
    first, second = make.reservation(room, "mon 9-10"), make.reservation(room, "mon 10-11")
    entry = waits(room)

    cancel(first)
    assert states(entry) == ["waiting"]
    cancel(second)
    assert states(entry) == ["offered"]


def test_whoever_fits_in_what_is_free_is_asked_though_others_came_first(room):
    first = make.reservation(room, "mon 9-10")
    make.reservation(room, "mon 10-11")
    long, short = waits(room), waits(room, "mon 9-10", now=NOW + SECOND)

    cancel(first)

    assert states(long, short) == ["waiting", "offered"]


def test_any_such_room_that_is_freed_will_do(room):
    here = room.venue.venue
    small, other = make.space(here, capacity=4), make.space(here, capacity=8)
    hall = make.space(here, kind="event_hall")
    room = read_atlas().by_id(room.id)
    rows = [make.reservation(one) for one in (room, small, other, hall)]
    few, many = waits(room, anywhere=True), waits(room, anywhere=True, people=6, now=NOW + SECOND)

    cancel(rows[3])
    assert states(few, many) == ["waiting", "waiting"]
    cancel(rows[1])
    assert (states(few), held(few).space_id) == (["offered"], small.id)
    cancel(rows[2])
    assert (states(many), held(many).space_id) == (["offered"], other.id)


def test_of_several_freed_at_once_the_smallest_that_will_do_is_offered(room):
    small = make.space(room.venue.venue, capacity=4)
    room = read_atlas().by_id(room.id)
    rows = [make.reservation(one) for one in (room, small)]
    entry = waits(room, anywhere=True)

    for row in rows:
        reservations.cancel(row, read_atlas(), by=row.member, now=NOW)
    waitlist.pass_on(NOW)

    assert held(entry).space_id == small.id
    assert len(mails("waitlist-offered")) == 1


def test_a_freed_half_serves_the_hall_once_the_other_half_is_free():
    here = make.venue()
    hall = make.space(here, units=("a", "b"))
    halves = [make.space(here, units=(code,)) for code in ("a", "b")]
    hall = read_atlas().by_id(hall.id)
    rows = [make.reservation(half) for half in halves]
    entry = waits(hall)

    cancel(rows[0])
    assert states(entry) == ["waiting"]
    cancel(rows[1])
    assert states(entry) == ["offered"]


def test_a_desk_that_is_freed_goes_to_one_and_two_desks_to_two():
    desks = make.pool(size=2)
    rows = [make.reservation(desks) for _ in range(2)]
    lines = [waits(desks, now=NOW + n * SECOND) for n in range(3)]

    cancel(rows[0])
    assert states(*lines) == ["offered", "waiting", "waiting"]
    cancel(rows[1])
    assert states(*lines) == ["offered", "offered", "waiting"]


def test_an_extra_that_is_freed_is_passed_on_too():
    here = make.venue()
    one, other = make.space(here), make.space(here)
    make.extra(here, "beamer", stock=1)
    one, other = (read_atlas().by_id(space.id) for space in (one, other))
    row = make.reservation(other, extras={"beamer": 1})
    entry = waits(one, extras={"beamer": 1})

    cancel(row)

    assert states(entry) == ["offered"]
    units = select(func.count(Occupancy.id)).where(Occupancy.reservation_id == entry.reservation_id)
    assert db.session.scalar(units) == 2


def test_what_moves_away_or_is_left_early_is_passed_on(room):
    row = make.reservation(room, "mon 9-11")
    first = waits(room, "mon 9-11")
    make.moved(row, read_atlas(), make.period("tue 9-11"), by=row.member, now=NOW)
    waitlist.pass_on(NOW)
    assert states(first) == ["offered"]

    late = waits(room, "tue 10-11")
    presence.leave(row, read_atlas(), by=row.member, now=make.moment("tue 9:20"))
    waitlist.pass_on(make.moment("tue 9:20"))
    assert states(late) == ["offered"]


def test_what_a_reopened_closure_frees_is_passed_on(room):
    make.reservation(room)
    entry = waits(room)
    manager, places = make.manager(room.venue.venue), read_atlas()
    space = places.by_id(room.id)
    row = db.session.scalars(select(Reservation)).one()
    closing = Closing((space.venue, space), make.period("mon 8-12"), "Travaux", [row.code])
    closure = hours.close(closing, places, by=manager, now=NOW)
    waitlist.pass_on(NOW)
    assert states(entry) == ["waiting"]

    hours.reopen(closure, places, by=manager, now=NOW)
    waitlist.pass_on(NOW)

    assert states(entry) == ["offered"]


def test_whom_the_rules_refuse_by_now_is_left_out_and_stays_in_line():
    quota = [{"most": 1, "of": "reservations", "per": "day", "by": "member", "scope": "venue"}]
    room = make.space(quotas=quota)
    row, busy = make.reservation(room), make.member()
    first, second = waits(room, by=busy), waits(room, now=NOW + SECOND)
    make.reservation(room, "mon 14-15", by=busy)

    cancel(row)

    assert states(first, second) == ["waiting", "offered"]


def test_who_is_blocked_is_not_asked(room):
    row = make.reservation(room)
    first, second = waits(room), waits(room, now=NOW + SECOND)
    who(first).blocked_at = NOW

    cancel(row)

    assert states(first, second) == ["ended", "offered"]


def test_who_has_such_a_place_by_now_is_not_asked(room):
    other = make.space(room.venue.venue, capacity=8)
    room = read_atlas().by_id(room.id)
    rows, member = [make.reservation(one) for one in (room, other)], make.member()
    entry = waits(room, by=member, anywhere=True)
    reservations.cancel(rows[1], read_atlas(), by=rows[1].member, now=NOW)
    make.reservation(other, by=member)

    cancel(rows[0])

    assert states(entry) == ["ended"]


def test_nobody_is_offered_a_place_twice_by_two_that_free_it(room):
    other = make.space(room.venue.venue, capacity=8)
    room = read_atlas().by_id(room.id)
    rows = [make.reservation(one) for one in (room, other)]
    entry = waits(room, anywhere=True)

    for row in rows:
        cancel(row)

    assert len(mails("waitlist-offered")) == 1
    assert db.session.query(Reservation).filter_by(member_id=entry.member_id).count() == 1


def test_each_who_is_not_served_costs_one_look(room):
    row = make.reservation(room)
    lines = [waits(room, now=NOW + n * SECOND) for n in range(6)]
    reservations.cancel(row, read_atlas(), by=row.member, now=NOW)
    db.session.flush()
    sent = []

    def write_down(_connection, _cursor, statement, *_):
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", write_down)
    try:
        waitlist.pass_on(NOW)
    finally:
        event.remove(db.engine, "before_cursor_execute", write_down)

    assert states(*lines) == ["offered", *["waiting"] * 5]
    after = sent[max(n for n, one in enumerate(sent) if one.startswith("INSERT INTO outbox")) + 1 :]
    assert len(after) == 5


# --- Answering ---


@pytest.fixture
def offered(room):
    """The first of two has an offer."""
    row = make.reservation(room)
    first, second = waits(room, people=3), waits(room, now=NOW + SECOND)
    cancel(row)
    return first, second


def test_who_accepts_has_the_place(offered):
    entry, _ = offered

    made = waitlist.accept(entry, by=who(entry), now=NOW + HOUR)

    assert (made.state, made.expires_at, made.people) == ("confirmed", None, 3)
    assert states(entry) == ["taken"]
    rows = db.session.scalars(select(Occupancy).where(Occupancy.reservation_id == made.id)).all()
    assert [row.expires_at for row in rows] == [None]
    assert [mail.facts["code"] for mail in mails("reservation-confirmed")][-1] == made.code


def test_accepting_once_more_changes_nothing(offered):
    entry, _ = offered
    first = waitlist.accept(entry, by=who(entry), now=NOW)
    before = len(mails("reservation-confirmed")), first.sequence

    again = waitlist.accept(entry, by=who(entry), now=NOW + 2 * HOUR)

    assert again.id == first.id
    assert (len(mails("reservation-confirmed")), again.sequence) == before


def test_nobody_accepts_what_is_anothers(offered):
    entry, other = offered

    with pytest.raises(NotFound):
        waitlist.accept(entry, by=who(other), now=NOW)
    with pytest.raises(NotFound):
        waitlist.leave(entry, by=who(other), now=NOW)
    with pytest.raises(NotFound):
        waitlist.accept(other, by=who(other), now=NOW)


def test_who_may_not_reserve_any_more_accepts_nothing(offered):
    entry, _ = offered
    who(entry).blocked_at = NOW

    with pytest.raises(NotAllowed):
        waitlist.accept(entry, by=who(entry), now=NOW)


def test_too_late_is_too_late_before_the_worker_comes_too(offered):
    entry, _ = offered

    with pytest.raises(WrongState):
        waitlist.accept(entry, by=who(entry), now=entry.offered_until)


def test_where_a_manager_decides_the_accepted_place_is_kept_as_a_request():
    room = make.space(approval="always")
    manager = make.manager(room.venue.venue)
    row = make.reservation(room)
    entry = waits(room)
    cancel(row)

    made = waitlist.accept(entry, by=who(entry), now=NOW)

    assert (made.state, made.expires_at) == ("requested", made.starts_at)
    rows = db.session.scalars(select(Occupancy).where(Occupancy.reservation_id == made.id)).all()
    assert [one.expires_at for one in rows] == [made.starts_at]
    assert manager.email in [mail.to for mail in mails("request-received")]


def test_where_requests_compete_the_accepted_place_competes_again():
    room = make.space(approval="always", competing=True)
    manager = make.manager(room.venue.venue)
    row = make.reservation(room)
    approvals.approve(row, read_atlas(), by=manager, now=NOW)
    entry = waits(room)
    cancel(row)

    made = waitlist.accept(entry, by=who(entry), now=NOW)

    assert made.state == "requested"
    assert occupancy.had_by(made) == {}


def test_what_is_passed_on_goes_to_the_next(offered):
    first, second = offered

    waitlist.leave(first, by=who(first), now=NOW)
    waitlist.pass_on(NOW)

    assert states(first, second) == ["passed", "offered"]
    assert mails("reservation-withdrawn") == []


def test_what_is_not_answered_goes_to_the_next_and_is_told(offered):
    first, second = offered
    late = first.offered_until

    occupancy.expire(held(first), late)
    waitlist.pass_on(late)

    assert states(first, second) == ["passed", "offered"]
    assert second.offered_until == late + UNDO + HOUR
    assert [mail.to for mail in mails("waitlist-passed")] == [who(first).email]


def test_nobody_comes_before_the_line_where_an_offer_has_run_out(room, offered, monkeypatch):
    """As `transaction` does it: the newcomer who finds it ends it, and it is passed on first."""
    first, second = offered
    late = first.offered_until
    monkeypatch.setattr("booking.db.conclusions", [lambda: waitlist.pass_on(late)])

    with pytest.raises(SlotTaken):
        make.reservation(room, now=late)

    assert states(first, second) == ["passed", "offered"]


def test_an_offer_that_has_run_out_blocks_nobody_where_nobody_waits(room, offered):
    first, second = offered
    waitlist.leave(second, by=who(second), now=NOW)

    assert make.reservation(room, now=first.offered_until).state == "confirmed"


def test_leaving_is_at_once_and_for_good(room):
    row = make.reservation(room)
    entry = waits(room)

    waitlist.leave(entry, by=who(entry), now=NOW)
    waitlist.leave(entry, by=who(entry), now=NOW + HOUR)
    cancel(row)

    assert (states(entry), entry.changed_at) == (["left"], NOW)
    assert mails("waitlist-offered") == []


def test_who_withdraws_what_is_held_has_passed_it_on(offered):
    first, second = offered

    cancel(held(first))

    assert states(first, second) == ["passed", "offered"]


# --- Taken back, closed, past ---


def test_who_takes_back_a_cancellation_has_it_again_and_nobody_was_told(room):
    row = make.reservation(room)
    entry = waits(room)
    cancel(row)
    offered = held(entry)

    reservations.restore(row, read_atlas(), by=row.member, now=NOW + SECOND)
    waitlist.pass_on(NOW + SECOND)

    assert (row.state, offered.state, states(entry)) == ("confirmed", "withdrawn", ["waiting"])
    assert (entry.reservation_id, entry.token_hash, entry.created_at) == (None, None, NOW)
    assert mails("waitlist-offered") == []


def test_what_was_accepted_meanwhile_is_not_taken_back(room):
    row = make.reservation(room)
    entry = waits(room)
    cancel(row)
    waitlist.accept(entry, by=who(entry), now=NOW + SECOND)

    with pytest.raises(SlotTaken):
        reservations.restore(row, read_atlas(), by=row.member, now=NOW + SECOND)


def test_an_offer_of_before_stays_when_another_cancellation_is_taken_back():
    desks = make.pool(size=2)
    rows = [make.reservation(desks) for _ in range(2)]
    entry = waits(desks)
    cancel(rows[0])
    reservations.cancel(rows[1], read_atlas(), by=rows[1].member, now=NOW + SECOND)

    reservations.restore(rows[1], read_atlas(), by=rows[1].member, now=NOW + 2 * SECOND)

    assert (rows[1].state, states(entry)) == ("confirmed", ["offered"])


def test_a_closure_takes_the_offer_back_and_leaves_the_place_in_line(room, offered):
    first, _ = offered
    manager, places = make.manager(room.venue.venue), read_atlas()
    space, row = places.by_id(room.id), held(first)
    closing = Closing((space.venue, space), make.period("mon 8-12"), "Travaux", [row.code])

    hours.close(closing, places, by=manager, now=NOW)
    waitlist.pass_on(NOW)

    assert (row.state, states(first)) == ("declined", ["waiting"])
    assert [mail.facts["why"] for mail in mails("waitlist-passed")] == ["Travaux"]


def test_an_offer_is_no_request_that_a_manager_could_decline(room, offered):
    first, _ = offered
    manager, row = make.manager(room.venue.venue), held(first)

    with pytest.raises(WrongState):
        approvals.decline(row, read_atlas(), by=manager, now=NOW, why="Non")

    assert (row.state, states(first)) == ("held", ["offered"])


def tend_all(now):
    return [waitlist.tend(number, now) for number in find.everywhere()]


def test_the_worker_ends_what_is_past_or_had(room):
    make.reservation(room)
    make.reservation(room, "tue 9-11")
    past, had = waits(room), waits(room, "tue 9-11")
    assert tend_all(NOW) == [False, False]

    assert tend_all(make.moment("mon 9")) == [True, False]
    row = db.session.scalars(select(Reservation).order_by(Reservation.id.desc())).first()
    row.member_id = had.member_id
    db.session.flush()
    assert tend_all(make.moment("mon 9")) == [True]
    assert states(past, had) == ["ended", "ended"]


def test_the_worker_offers_what_is_free_for_another_reason(room):
    row = make.reservation(room)
    entry = waits(room)
    reservations.cancel(row, read_atlas(), by=row.member, now=NOW)
    occupancy.freed()

    assert tend_all(NOW) == [True]
    assert states(entry) == ["offered"]


def test_a_waitlist_that_is_there_no_more_ends(room):
    make.reservation(room)
    entry = waits(room)
    db.session.query(Policy).filter_by(space_id=room.id).update({"waitlist_hold": 0})
    make.changed()

    assert tend_all(NOW) == [True]
    assert states(entry) == ["ended"]


def test_an_entry_goes_with_its_member_and_its_space(room):
    make.reservation(room)
    entry, other = waits(room), waits(room)
    db.session.delete(who(entry))
    db.session.flush()

    assert db.session.scalars(select(Waiting.id)).all() == [other.id]


def test_what_has_ended_is_forgotten_after_a_month(room):
    make.reservation(room)
    entry, other = waits(room), waits(room)
    waitlist.leave(entry, by=who(entry), now=NOW)

    retention.forget(NOW + timedelta(days=30))
    assert db.session.scalar(select(func.count(Waiting.id))) == 2
    retention.forget(NOW + timedelta(days=31))

    assert db.session.scalars(select(Waiting.id)).all() == [other.id]


# --- The line ---


def test_the_position_counts_who_waits_for_the_same_before(room):
    other = make.space(room.venue.venue, capacity=8)
    room, other = (read_atlas().by_id(one.id) for one in (room, other))
    for space in (room, other):
        make.reservation(space, "mon 9-12")
    lines = [
        waits(room),
        waits(other, now=NOW + SECOND),
        waits(room, anywhere=True, now=NOW + 2 * SECOND),
        waits(room, "mon 11-12", now=NOW + 3 * SECOND),
        waits(room, "mon 10-12", now=NOW + 4 * SECOND),
    ]

    places = read_atlas()
    assert [find.position(one, places, NOW) for one in lines] == [1, 1, 3, 1, 4]
    (mine,) = find.own(who(lines[4]), places, NOW)
    assert (mine.ahead, [one.id for one in mine.spaces]) == (3, [room.id])
    anywhere = replace(ask(room), anywhere=True)
    others = find.turns(room.venue.id, anywhere.period, places, NOW)
    assert find.before(anywhere.spaces(), anywhere.period, {}, others) == 4


def test_who_is_asked_is_before_nobody(offered):
    first, second = offered
    places = read_atlas()

    assert find.position(second, places, NOW) == 1
    assert [(one.entry.id, one.ahead) for one in find.own(who(first), places, NOW)] == [
        (first.id, 0)
    ]
    assert find.own(who(first), places, first.offered_until) == []


def test_the_desk_counts_who_waits_at_each_venue(room, offered):
    assert find.counts([room.venue.id, 987654], NOW) == {room.venue.id: 1}

"""Reserving for somebody else: whose rules count, who may, who is told, and what history says."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.actions import baskets, changes, presence, reservations, series, waitlist
from booking.actions import series_cancels as cancels
from booking.actions import series_changes as shifts
from booking.actions.baskets import Line
from booking.actions.changes import Wanted
from booking.actions.reservations import Details
from booking.actions.waitlist import Ask
from booking.db import db
from booking.errors import NotAllowed, NotFound, Refused, SlotTaken
from booking.models.outbox import OutboxMessage
from booking.models.reservations import History, Reservation
from booking.queries import reservations as find
from booking.queries import series as find_series
from booking.queries import waitlist as line
from booking.queries.venues import atlas
from booking.rules.periods import Period
from booking.rules.series import Repeat, walls_of
from tests import cast, make
from tests.make import NOW, moment, period

pytestmark = pytest.mark.usefixtures("app")
QUOTA = [{"scope": "space", "of": "reservations", "per": "day", "most": 1, "by": "member"}]


@pytest.fixture
def here(app):
    return make.venue()


@pytest.fixture
def room(here):
    return make.space(here, waitlist_hold=60)


@pytest.fixture
def member(app):
    return cast.member()


@pytest.fixture
def delegate(member):
    return cast.delegate(member)


def codes(no):
    return [one.code for one in no.value.refusals]


def first_of(made):
    query = select(History).where(History.reservation_id == made.id).order_by(History.id)
    return db.session.scalars(query).first()


def mails(kind=None):
    query = select(OutboxMessage).order_by(OutboxMessage.id)
    rows = db.session.scalars(query).all()
    return [(row.kind, row.to, row.facts.get("by")) for row in rows if kind in (None, row.kind)]


def ended(member, delegate):
    make.delegation(member, delegate, until=NOW)


def other_way_round(member, delegate):
    make.delegation(delegate, member)


def blocked(member, delegate):
    make.delegation(member, delegate)
    delegate.blocked_at = NOW


def unconfirmed(member, delegate):
    make.delegation(member, delegate)
    delegate.confirmed_at = None


def of_who_is_shut_out(member, delegate):
    make.delegation(member, delegate)
    member.blocked_at = NOW


def none(member, delegate):
    """Nobody has said anything."""


NO_RIGHT = [none, ended, other_way_round, blocked, unconfirmed, of_who_is_shut_out]


# Reserving.


def test_a_delegate_reserves_for_the_member_and_history_says_who(room, member, delegate):
    made = make.reservation(room, by=delegate, whose=member)

    assert (made.state, made.member_id) == ("confirmed", member.id)
    assert (first_of(made).verb, first_of(made).member_id) == ("reserve", delegate.id)


@pytest.mark.parametrize("given", NO_RIGHT)
def test_without_the_right_nobody_reserves_for_another(room, member, given):
    by = cast.other_member()
    given(member, by)
    db.session.flush()

    with pytest.raises(NotAllowed):
        make.reservation(room, by=by, whose=member)

    assert db.session.scalar(select(Reservation.id)) is None


def test_the_member_has_the_mail_which_names_the_delegate(room, member, delegate):
    make.reservation(room, by=delegate, whose=member)

    assert mails() == [("reservation-confirmed", member.email, "Delphine")]


def test_what_one_reserves_for_oneself_names_nobody(room, member):
    make.reservation(room, by=member)
    make.reservation(room, "tue 9-11", by=member, whose=member)

    assert mails() == [("reservation-confirmed", member.email, None)] * 2


def test_the_quota_of_the_member_is_used_and_not_that_of_the_delegate(here, member, delegate):
    room = make.space(here, quotas=QUOTA)
    make.reservation(room, "mon 9-10", by=delegate)
    make.reservation(room, "mon 10-11", by=delegate, whose=member)

    with pytest.raises(Refused) as no, db.session.begin_nested():
        make.reservation(room, "mon 11-12", by=delegate, whose=member)

    assert codes(no) == ["quota-used"]


def test_the_training_of_the_member_is_wanted(here, member, delegate):
    laser = make.training(here)
    machine = make.space(here, kind="machine", training_id=laser.id)
    make.trained(delegate, laser)

    with pytest.raises(Refused) as no:
        make.reservation(machine, by=delegate, whose=member)
    make.trained(member, laser)

    assert codes(no) == ["training-missing"]
    assert make.reservation(machine, by=delegate, whose=member).state == "confirmed"


def test_the_organisation_is_one_of_the_member(here, room, member, delegate):
    firm = make.organisation("quai", here)
    make.membership(member, firm)

    made = make.reservation(atlas().by_id(room.id), by=delegate, whose=member, organisation="quai")

    assert made.organisation_id == firm.id
    with pytest.raises(NotFound):
        make.reservation(atlas().by_id(room.id), "tue 9-11", by=delegate, organisation="quai")


def test_where_a_manager_is_asked_a_delegate_asks(here, member, delegate):
    manager, hall = cast.manager(here), make.space(here, approval="always")

    asked = make.reservation(hall, by=delegate, whose=member)

    assert asked.state == "requested"
    assert mails() == [
        ("reservation-requested", member.email, "Delphine"),
        ("request-received", manager.email, "Delphine"),
    ]


def test_the_roles_of_the_member_are_not_lent(here):
    """The member could make the exception, and their delegate asks for it."""
    room, manager = make.space(here, shortest=120), cast.manager(here)
    delegate = cast.delegate(manager)

    made = make.reservation(room, "mon 9-10", by=delegate, whose=manager, exception="Jury")

    assert (made.state, made.asks) == ("requested", ["exception"])


# Managers.


def test_a_manager_reserves_for_any_member_and_decides_at_once(here, member):
    manager, hall = cast.manager(here), make.space(here, approval="always")

    made = make.reservation(hall, by=manager, whose=member)

    assert (made.state, made.member_id, made.asks) == ("confirmed", member.id, [])
    assert first_of(made).member_id == manager.id
    assert mails() == [("reservation-confirmed", member.email, "Régis")]


@pytest.mark.parametrize("who", [cast.other_manager, cast.stranger])
def test_nobody_decides_for_members_elsewhere(room, member, who):
    with pytest.raises(NotAllowed):
        make.reservation(room, by=who(), whose=member)


def test_a_manager_who_is_shut_out_reserves_for_nobody(here, room, member):
    manager = cast.manager(here)
    manager.blocked_at = NOW

    with pytest.raises(NotAllowed):
        make.reservation(room, by=manager, whose=member)


@pytest.mark.parametrize("whose", [cast.unconfirmed, cast.blocked])
def test_nor_does_a_manager_for_who_may_not_reserve(here, room, whose):
    with pytest.raises(NotAllowed):
        make.reservation(room, by=cast.manager(here), whose=whose())


def test_a_manager_makes_the_exception_with_a_reason(here, member):
    room, manager = make.space(here, shortest=120), cast.manager(here)
    with pytest.raises(Refused) as no:
        make.reservation(room, "mon 9-10", by=manager, whose=member)

    made = make.reservation(room, "mon 9-10", by=manager, whose=member, exception="Jury")

    assert (codes(no), made.state, made.broken) == (["too-short"], "confirmed", ["too-short"])


def test_beyond_the_ceiling_a_manager_says_why_and_nobody_is_asked(here, member):
    here.ceiling = 5
    room, manager = make.space(here, capacity=20), cast.manager(here)
    with pytest.raises(Refused) as no, db.session.begin_nested():
        make.reservation(room, by=manager, whose=member, people=6)

    made = make.reservation(room, by=manager, whose=member, people=6, exception="Jury")

    assert (codes(no), made.state) == (["over-ceiling"], "confirmed")
    assert first_of(made).why == "Jury"


# What a delegate does with what is there.


def test_a_delegate_sees_what_is_the_members_and_nobody_elses(room, member, delegate):
    theirs, others = make.reservation(room, by=member), make.reservation(room, "tue 9-11")

    assert find.by_code(theirs.code, by=delegate, now=NOW) is theirs
    with pytest.raises(NotFound):
        find.by_code(others.code, by=delegate, now=NOW)


@pytest.mark.parametrize("given", NO_RIGHT)
def test_without_the_right_there_is_no_such_reservation(room, member, given):
    theirs, by = make.reservation(room, by=member), cast.other_member()
    given(member, by)
    db.session.flush()

    with pytest.raises(NotFound):
        find.by_code(theirs.code, by=by, now=NOW)
    with pytest.raises(NotFound):
        reservations.cancel(theirs, atlas(), by=by, now=NOW)
    assert theirs.state == "confirmed"


def test_a_delegate_cancels_and_takes_it_back(room, member, delegate):
    made = make.reservation(room, by=member)

    reservations.cancel(made, atlas(), by=delegate, now=NOW)
    cancelled = mails("reservation-cancelled")
    reservations.restore(made, atlas(), by=delegate, now=NOW + timedelta(seconds=5))

    assert cancelled == [("reservation-cancelled", member.email, "Delphine")]
    assert (made.state, mails("reservation-cancelled")) == ("confirmed", [])


def test_a_delegate_withdraws_a_request(here, member, delegate):
    asked = make.reservation(make.space(here, approval="always"), by=member)

    reservations.cancel(asked, atlas(), by=delegate, now=NOW)

    assert asked.state == "withdrawn"


def test_the_deadline_of_the_member_is_that_of_the_delegate(here, delegate, member):
    made = make.reservation(make.space(here, cancel_notice=3000), by=member)

    with pytest.raises(Refused) as no:
        reservations.cancel(made, atlas(), by=delegate, now=NOW)

    assert codes(no) == ["cancel-too-late"]


def test_a_delegate_moves_it_and_the_member_reads_so(room, member, delegate):
    made = make.reservation(room, by=member)

    make.moved(made, atlas(), period("mon 14-16"), by=delegate, now=NOW)

    assert (made.starts_at, made.member_id) == (moment("mon 14"), member.id)
    assert mails("reservation-moved") == [("reservation-moved", member.email, "Delphine")]


def test_a_change_changes_nothing_of_whose_it_is(room, member, delegate):
    made = make.reservation(room, by=member)
    wanted = Wanted(room, period("mon 14-16"), Details(whose=delegate))

    changes.change(made, atlas(), wanted, by=delegate, now=NOW)

    assert made.member_id == member.id


def test_where_a_manager_is_asked_again_the_delegate_only_asks(here, member, delegate):
    hall, manager = make.space(here, approval="always"), cast.manager(here)
    made = make.reservation(hall, by=manager, whose=member)

    asked = changes.change(
        made, atlas(), Wanted(hall, period("tue 9-11"), Details()), by=delegate, now=NOW
    )

    assert (asked.state, asked.member_id, made.starts_at) == (
        "requested",
        member.id,
        moment("mon 9"),
    )


def test_a_delegate_extends_what_runs_and_checks_in_and_out(room, member, delegate):
    made, during = make.reservation(room, by=member), moment("mon 10")

    make.moved(made, atlas(), period("mon 9-12"), by=delegate, now=during)
    presence.check_in(made, by=delegate, now=during)
    presence.check_out(made, atlas(), by=delegate, now=during + timedelta(minutes=5))

    assert (made.state, made.ends_at) == ("done", moment("mon 10:06"))


def test_an_absence_is_excused_by_managers_alone(room, member, delegate):
    made = make.reservation(room, by=member)
    made.state = "no_show"
    db.session.flush()

    with pytest.raises(NotAllowed):
        presence.excuse(made, by=delegate, now=NOW, why="Grève")


# A day, a series, a place in line.


def test_a_day_for_several_members_tells_each_of_theirs(here, member, delegate):
    rooms = [make.space(here) for _ in range(4)]
    whose = [None, member, member, None]
    lines = [
        Line(at, period("mon 9-11"), Details(whose=one))
        for at, one in zip(rooms, whose, strict=True)
    ]

    made = baskets.reserve_all(lines, by=delegate, now=NOW)

    assert [row.member_id for row in made] == [
        one.id for one in (delegate, member, member, delegate)
    ]
    assert made[0].basket == made[3].basket != made[1].basket == made[2].basket
    query = select(OutboxMessage).order_by(OutboxMessage.id)
    told = {row.to: row.facts["reservations"] for row in db.session.scalars(query)}
    assert [one["code"] for one in told[member.email]] == [made[1].code, made[2].code]
    assert [one.get("by") for one in told[member.email]] == ["Delphine", "Delphine"]
    assert [one.get("by") for one in told[delegate.email]] == [None, None]


def test_the_lines_of_a_day_use_the_quota_of_whom_they_are_for(here, member, delegate):
    room = make.space(here, quotas=QUOTA)
    lines = [
        Line(room, period("mon 9-10"), Details()),
        Line(room, period("mon 10-11"), Details(whose=member)),
        Line(room, period("mon 11-12"), Details(whose=member)),
    ]

    answers = baskets.look(lines, by=delegate, now=NOW).answers

    assert [type(no) for no in answers] == [type(None), type(None), Refused]


@pytest.mark.parametrize("given", NO_RIGHT)
def test_without_the_right_no_day_is_reserved(room, member, given):
    by = cast.other_member()
    given(member, by)
    db.session.flush()
    wish = Line(room, period("mon 9-11"), Details(whose=member))

    with pytest.raises(NotAllowed):
        baskets.reserve_all([wish], by=by, now=NOW)


def test_a_series_is_the_members(room, member, delegate):
    made = make.series(room, by=delegate, whose=member)

    rows = make.dates(made)
    assert {made.member_id, *(row.member_id for row in rows)} == {member.id}
    assert {first_of(row).member_id for row in rows} == {delegate.id}
    assert mails() == [("series-reserved", member.email, "Delphine")]


@pytest.mark.parametrize("given", NO_RIGHT)
def test_without_the_right_no_series_is_made(room, member, given):
    by = cast.other_member()
    given(member, by)
    db.session.flush()

    with pytest.raises(NotAllowed):
        make.series(room, by=by, whose=member)


def test_a_manager_makes_no_series_that_leads_to_a_venue_of_others(here, room, member):
    far = make.space(make.venue())
    plan = series.Plan(
        room,
        Repeat("weekly", count=2),
        make.SUNDAY,
        walls_of(period("mon 9-11"), room.zone)[1],
        [
            series.Line(moment("mon 9").date(), at, period(when), Details(whose=member))
            for at, when in ((room, "mon 9-11"), (far, "tue 9-11"))
        ],
        token="token",
    )

    with pytest.raises(NotAllowed):
        series.make(plan, by=cast.manager(here), now=NOW)


def test_a_delegate_changes_a_series_and_gives_it_back(room, member, delegate):
    made = make.series(room, by=member)
    rows = find_series.dates(made, by=delegate, now=NOW)
    steps = shifts.steps_for(made, rows, shifts.Shift(days=1), atlas())

    shifts.change(made, steps, atlas(), by=delegate, now=NOW)
    rows = find_series.dates(made, by=delegate, now=NOW)
    cancels.cancel(made, rows, atlas(), by=delegate, now=NOW)

    assert {row.state for row in rows} == {"cancelled"}
    assert mails("series-changed") == [("series-changed", member.email, "Delphine")]
    assert mails("series-cancelled") == [("series-cancelled", member.email, "Delphine")]


def test_requests_of_a_series_are_withdrawn_by_a_delegate(here, member, delegate):
    made = make.series(make.space(here, approval="always"), by=member)
    rows = find_series.dates(made, by=delegate, now=NOW)

    cancels.cancel(made, rows, atlas(), by=delegate, now=NOW)

    assert {row.state for row in rows} == {"withdrawn"}


def test_a_delegate_waits_for_the_member_and_takes_what_is_offered(room, member, delegate):
    taken = make.reservation(room)
    entry = waitlist.join(
        Ask(room, period("mon 9-11"), Details(2, whose=member)), by=delegate, now=NOW
    )
    reservations.cancel(taken, atlas(), by=taken.member, now=NOW)
    waitlist.pass_on(NOW)
    entry = line.of(delegate, entry.id, NOW)

    made = waitlist.accept(entry, by=delegate, now=NOW)

    assert (made.state, made.member_id) == ("confirmed", member.id)
    assert [to for kind, to, _ in mails("waitlist-offered")] == [member.email]
    assert mails("reservation-confirmed")[-1] == (
        "reservation-confirmed",
        member.email,
        "Delphine",
    )


@pytest.mark.parametrize("given", NO_RIGHT)
def test_without_the_right_a_place_in_line_is_nobody_elses(room, member, given):
    make.reservation(room)
    entry = waitlist.join(Ask(room, period("mon 9-11"), Details(2)), by=member, now=NOW)
    by = cast.other_member()
    given(member, by)
    db.session.flush()

    with pytest.raises(NotFound):
        waitlist.leave(entry, by=by, now=NOW)
    with pytest.raises(NotFound):
        line.of(by, entry.id, NOW)
    asked = Ask(room, period("mon 9-10"), Details(2, whose=member))
    with pytest.raises(NotAllowed):
        waitlist.join(asked, by=by, now=NOW)


def test_the_calendar_of_the_delegate_has_nothing_of_it(room, member, delegate):
    make.reservation(room, by=delegate, whose=member)
    window = Period(NOW, NOW + timedelta(days=30))

    assert list(find.for_member_feed(delegate.id, window)) == []
    assert len(find.for_member_feed(member.id, window)) == 1


def test_a_place_that_is_taken_is_taken_for_a_delegate_too(room, member, delegate):
    make.reservation(room)

    with pytest.raises(SlotTaken):
        make.reservation(room, by=delegate, whose=member)

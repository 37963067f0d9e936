"""Checking in and out, places that are released, absences that count and that are excused."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from booking.actions import approvals, changes, presence, reservations
from booking.actions.changes import Wanted
from booking.db import db
from booking.errors import NotAllowed, NotFound, Refused, WrongState
from booking.models.occupancy import Occupancy
from booking.models.outbox import OutboxMessage
from booking.models.policies import Policy
from booking.models.reservations import History
from booking.queries import presence as find
from booking.queries.venues import atlas
from tests import cast, make
from tests.make import NOW, moment

pytestmark = pytest.mark.usefixtures("app")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def room():
    """One must check in within a quarter of an hour, and is asked for after two absences."""
    return make.space(check_in=15, ask_after_absences=2, buffer_after=30)


def check_in(made, at, by=None):
    presence.check_in(made, by=by or made.member, now=moment(at))


def miss(made, at):
    return presence.miss(made, atlas(), now=moment(at))


def verbs(made):
    query = select(History.verb).where(History.reservation_id == made.id).order_by(History.id)
    return db.session.scalars(query).all()


def rows(made):
    query = select(Occupancy.starts_at, Occupancy.ends_at)
    return [tuple(row) for row in db.session.execute(query.filter_by(reservation_id=made.id))]


def kinds():
    return [row.kind for row in db.session.query(OutboxMessage).order_by(OutboxMessage.id)]


def codes(no):
    return [refusal.code for refusal in no.value.refusals]


# --- Checking in ---


@pytest.mark.parametrize("at", ["mon 8:45", "mon 9", "mon 9:20", "mon 10:59"])
def test_one_checks_in_from_a_quarter_before_until_the_end(room, at):
    made = make.reservation(room)

    check_in(made, at)

    assert (made.state, verbs(made)) == ("checked_in", ["reserve", "check_in"])


@pytest.mark.parametrize(
    ("at", "code", "facts"),
    [
        ("mon 8:44", "check-in-too-early", {"start": "mon 9", "opens": "mon 8:45"}),
        ("mon 11", "check-in-over", {"end": "mon 11"}),
    ],
)
def test_before_and_after_nobody_checks_in(room, at, code, facts):
    made = make.reservation(room)

    with pytest.raises(Refused) as no:
        check_in(made, at)

    (refusal,) = no.value.refusals
    assert (refusal.code, refusal.facts) == (code, {k: moment(v) for k, v in facts.items()})
    assert made.state == "confirmed"


def test_to_check_in_twice_changes_nothing(room):
    made = make.reservation(room)
    for at in ("mon 8:50", "mon 9:10"):
        check_in(made, at)

    assert verbs(made) == ["reserve", "check_in"]


def test_where_nobody_has_to_one_may():
    made = make.reservation(make.space())

    check_in(made, "mon 9")

    assert (made.state, made.check_in_by) == ("checked_in", None)


def test_a_request_is_not_checked_in():
    made = make.reservation(make.space(approval="always"), now=moment("mon 8"))

    with pytest.raises(WrongState):
        check_in(made, "mon 8:50")


def test_the_venue_s_manager_checks_others_in_and_a_stranger_nobody(room):
    made = make.reservation(room)
    with pytest.raises(NotFound):
        check_in(made, "mon 9", by=cast.stranger())
    with pytest.raises(NotFound):
        check_in(made, "mon 9", by=cast.other_manager())

    check_in(made, "mon 9", by=cast.manager(room.venue.venue))

    assert made.state == "checked_in"


@pytest.mark.parametrize("typed", [str, str.lower, lambda code: code.replace("-", " ")])
def test_at_the_door_the_code_is_enough(room, typed):
    made = make.reservation(room)

    found = presence.check_in_by_code(room, typed(made.code), now=moment("mon 8:45"))

    line = db.session.scalars(select(History).filter_by(verb="check_in")).one()
    assert (found.id, line.member_id, line.changed) == (made.id, None, presence.KIOSK)


@pytest.mark.parametrize("at", ["mon 8:44", "mon 11", "tue 9"])
def test_at_the_door_only_what_is_on_there_is_known(room, at):
    made = make.reservation(room)

    with pytest.raises(NotFound):
        presence.check_in_by_code(room, made.code, now=moment(at))


def test_at_another_door_the_code_is_nobody_s(room):
    made, other = make.reservation(room), make.space(room.venue.venue)

    for code in (made.code, "AAA-AAAA", "", "…"):
        with pytest.raises(NotFound):
            presence.check_in_by_code(other, code, now=moment("mon 9"))


def test_what_somebody_is_in_stays_where_it_is(room):
    made = make.reservation(room)
    check_in(made, "mon 8:50")
    wanted = Wanted(room, make.period("tue 9-11"), changes.details_of(made, atlas()))

    with pytest.raises(Refused) as no:
        changes.change(made, atlas(), wanted, by=made.member, now=moment("mon 8:51"))

    assert codes(no) == ["running"]


# --- Leaving ---


def test_who_checks_out_is_done_and_frees_the_rest_but_for_the_time_to_tidy(room):
    made = make.reservation(room)
    check_in(made, "mon 9")

    presence.check_out(made, atlas(), by=made.member, now=moment("mon 10") - MINUTE)

    assert (made.state, made.ends_at) == ("done", moment("mon 10"))
    assert rows(made) == [(moment("mon 9"), moment("mon 10:30"))]
    assert verbs(made)[-2:] == ["leave", "finish"]


def test_who_leaves_before_the_start_frees_all_of_it(room):
    made = make.reservation(room)
    check_in(made, "mon 8:45")

    presence.check_out(made, atlas(), by=made.member, now=moment("mon 8:50"))

    assert (made.state, rows(made)) == ("done", [])


def test_who_leaves_without_having_checked_in_was_there(room):
    made = make.reservation(room)

    presence.check_out(made, atlas(), by=made.member, now=moment("mon 9:05"))

    assert not miss(made, "mon 9:20")
    assert (made.state, find.missed(moment("mon 9:20"))) == ("confirmed", [])


def test_a_stranger_checks_nobody_out(room):
    made = make.reservation(room)
    check_in(made, "mon 8:50")

    for at in ("mon 8:55", "mon 10"):
        with pytest.raises(NotFound):
            presence.check_out(made, atlas(), by=cast.stranger(), now=moment(at))


# --- Nobody comes ---


def test_a_place_nobody_came_to_is_released_told_and_counted(room):
    made = make.reservation(room)

    assert find.missed(moment("mon 9:15") - MINUTE) == []
    assert find.missed(moment("mon 9:15")) == [made.id]
    assert miss(made, "mon 9:15")

    assert (made.state, rows(made), kinds()[-1]) == ("no_show", [], "reservation-released")
    assert find.absences(made.member, room.venue, moment("mon 9:15")) == 1
    assert make.reservation(room, "mon 9:30-11", now=moment("mon 9:20")).state == "confirmed"


def test_an_absence_is_counted_once(room):
    made = make.reservation(room)

    assert [miss(made, at) for at in ("mon 9:15", "mon 9:16", "mon 12")] == [True, False, False]
    assert verbs(made) == ["reserve", "miss"]
    assert find.missed(moment("mon 12")) == []


@pytest.mark.parametrize("at", ["mon 9:14", "mon 8"])
def test_nothing_is_released_before_its_time(room, at):
    assert not miss(make.reservation(room), at)


def test_who_has_checked_in_is_not_missing(room):
    made = make.reservation(room)
    check_in(made, "mon 9:14")

    assert find.missed(moment("mon 9:15")) == []
    assert not miss(made, "mon 9:15")


def test_until_it_is_released_one_is_late_and_afterwards_too_late(room):
    late, gone = (make.reservation(room, at) for at in ("mon 9-11", "mon 14-15"))
    check_in(late, "mon 9:30")
    miss(gone, "mon 14:15")

    with pytest.raises(Refused) as no:
        check_in(gone, "mon 14:20")

    assert late.state == "checked_in"
    assert codes(no) == ["released"]
    assert no.value.refusals[0].facts == {"by": moment("mon 14:15")}


def test_where_nobody_has_to_check_in_nobody_is_missing():
    made = make.reservation(make.space())

    assert find.missed(moment("tue 9")) == []
    assert not miss(made, "tue 9")


def test_a_promise_is_kept_when_the_rule_comes_later():
    make.reservation(make.space())
    db.session.execute(update(Policy).values(check_in=15))
    make.changed()

    assert find.missed(moment("mon 12")) == []


def test_a_short_stay_is_missed_at_its_end():
    made = make.reservation(make.space(check_in=60), "mon 9-9:30")

    assert made.check_in_by == moment("mon 9:30")


def test_what_is_changed_while_it_runs_is_not_missed(room):
    made = make.reservation(room)
    wanted = Wanted(room, make.period("mon 9-12"), changes.details_of(made, atlas()))

    changes.change(made, atlas(), wanted, by=made.member, now=moment("mon 9:15"))

    assert made.check_in_by is None
    assert not miss(made, "mon 9:20")


def test_what_is_moved_has_the_delay_of_its_new_time(room):
    made = make.reservation(room)

    make.moved(made, atlas(), make.period("tue 9-11"), by=made.member, now=NOW)

    assert made.check_in_by == moment("tue 9:15")
    assert not miss(made, "mon 9:20")


def test_what_is_taken_back_after_the_delay_is_not_missed(room):
    made, manager = make.reservation(room), cast.manager(room.venue.venue)
    last, after = moment("mon 9:15") - timedelta(seconds=3), moment("mon 9:15")
    reservations.cancel(made, atlas(), by=manager, now=last)

    reservations.restore(made, atlas(), by=manager, now=after)

    assert (made.state, made.check_in_by) == ("confirmed", None)


def test_a_change_that_waits_ends_with_what_it_would_change():
    here = make.venue()
    room = make.space(here, approval="always", check_in=15)
    made, manager = make.reservation(room), cast.manager(here)
    approvals.approve(made, atlas(), by=manager, now=NOW)
    wanted = Wanted(room, make.period("tue 9-11"), changes.details_of(made, atlas()))
    asked = changes.change(made, atlas(), wanted, by=made.member, now=NOW)

    assert miss(made, "mon 9:15")

    assert (asked.state, rows(asked)) == ("withdrawn", [])


# --- Over ---


@pytest.mark.parametrize("there", [True, False])
def test_what_is_over_is_done_and_keeps_its_rows(there):
    made = make.reservation(make.space(buffer_after=30))
    if there:
        check_in(made, "mon 9")
    had = rows(made)

    assert find.over(moment("mon 11") - MINUTE) == []
    assert find.over(moment("mon 11")) == [made.id]
    assert presence.finish(made, now=moment("mon 11"))
    assert not presence.finish(made, now=moment("mon 11"))

    assert (made.state, rows(made), find.over(moment("tue 9"))) == ("done", had, [])


def test_what_is_not_over_or_was_missed_is_not_done(room):
    made = make.reservation(room)

    assert not presence.finish(made, now=moment("mon 10"))
    assert not presence.finish(made, now=moment("mon 12"))
    assert find.over(moment("mon 12")) == []


# --- What absences do ---


def absent(room, member, times, week=make.SUNDAY):
    for hour in range(9, 9 + times):
        period = make.period(f"mon {hour}-{hour}:30", week=week)
        made = make.reservation(room, period, by=member, now=period.start - timedelta(days=1))
        assert presence.miss(made, atlas(), now=made.check_in_by)


@pytest.mark.parametrize(("times", "state"), [(1, "confirmed"), (2, "requested")])
def test_after_two_absences_a_manager_is_asked(times, state):
    room, member = make.space(check_in=15, ask_after_absences=2), cast.member()
    absent(room, member, times)

    made = make.reservation(room, "tue 9-11", by=member, now=moment("mon 19"))

    assert (made.state, made.asks) == (state, ["absences"] if state == "requested" else [])


def test_absences_of_others_and_elsewhere_do_not_count():
    room, member = make.space(ask_after_absences=1), cast.member()
    absent(make.space(room.venue.venue, check_in=15), cast.other_member(), 1)
    absent(make.space(check_in=15), member, 1)

    assert make.reservation(room, "tue 9-11", by=member, now=moment("mon 19")).asks == []


def test_absences_count_in_the_whole_venue_for_ninety_days():
    here, member = make.venue(), cast.member()
    room = make.space(here, ask_after_absences=1)
    absent(make.space(here, check_in=15), member, 1)
    facts, day = atlas().by_id(room.id).venue, moment("mon 9") + timedelta(days=90)

    assert find.absences(member, facts, day - MINUTE) == 1
    assert find.absences(member, facts, day) == 0


def test_a_manager_excuses_an_absence_with_a_reason(room):
    made, manager = make.reservation(room), cast.manager(room.venue.venue)
    miss(made, "mon 9:15")
    with pytest.raises(Refused) as no:
        presence.excuse(made, by=manager, now=moment("mon 10"), why="  ")
    with pytest.raises(NotAllowed):
        presence.excuse(made, by=made.member, now=moment("mon 10"), why="J’y étais")
    with pytest.raises(NotFound):
        presence.excuse(made, by=cast.stranger(), now=moment("mon 10"), why="Moi")

    presence.excuse(made, by=manager, now=moment("mon 10"), why="Panne du lecteur")

    line = db.session.scalars(select(History).filter_by(verb="excuse")).one()
    assert codes(no) == ["excuse-unsaid"]
    assert (made.state, line.why, rows(made)) == ("done", "Panne du lecteur", [])
    assert find.absences(made.member, room.venue, moment("mon 10")) == 0


def test_only_an_absence_is_excused(room):
    made, manager = make.reservation(room), cast.manager(room.venue.venue)

    with pytest.raises(WrongState):
        presence.excuse(made, by=manager, now=moment("mon 10"), why="Rien")

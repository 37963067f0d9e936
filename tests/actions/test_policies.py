"""Rules that need to know the person, the week and the venue: who, how often, how many."""

from datetime import timedelta

import pytest

from booking.actions import reservations as act
from booking.actions.reservations import Details
from booking.db import db
from booking.errors import NotFound, Refused
from booking.models.policies import Policy
from booking.models.reservations import History, Reservation
from booking.queries.venues import atlas
from booking.rules.periods import Period
from booking.rules.policies import Quota
from tests import cast, make
from tests.make import NOW, moment, period

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def here(app):
    return make.venue()


@pytest.fixture
def member(app):
    return cast.member()


def quota(most, of="reservations", per="week", by="member"):
    return [{"most": most, "of": of, "per": per, "by": by, "scope": "space"}]


def refused(space, at="mon 9-11", **details):
    with pytest.raises(Refused) as no:
        make.reservation(space, at, **details)
    return [one.code for one in no.value.refusals]


def venue_says(here, **terms):
    make.added(Policy(venue_id=here.id, **terms))
    make.changed()


# --- Who ---


def test_a_space_of_an_organisation_is_for_its_members(here, member):
    firm = make.organisation("quai")
    room = make.space(here, who=["quai"])
    make.membership(member, firm)

    assert make.reservation(room, by=member).state == "confirmed"
    assert refused(room, "tue 9-11", by=cast.other_member()) == ["not-for-you"]


def test_a_membership_that_has_ended_opens_nothing(here, member):
    room = make.space(here, who=["quai"])
    make.membership(member, make.organisation("quai"), until=NOW)

    assert refused(room, by=member) == ["not-for-you"]


def test_residents_are_the_people_of_organisations_at_home_there(here, member):
    there = make.venue()
    make.membership(member, make.organisation("quai", here))
    own, other = make.space(here, who=["residents"]), make.space(there, who=["residents"])

    assert make.reservation(own, by=member).state == "confirmed"
    assert refused(other, by=member) == ["not-for-you"]


def test_strangers_ask_where_residents_need_not(here, member):
    make.membership(member, make.organisation("quai", here))
    room = make.space(here, ask_strangers=True)

    assert make.reservation(room, by=member).state == "confirmed"
    asked = make.reservation(room, "tue 9-11", by=cast.other_member())
    assert (asked.state, asked.asks) == ("requested", ["stranger"])


def test_nobody_acts_for_an_organisation_of_others(here, member):
    firm = make.organisation("quai")
    room = make.space(here)

    with pytest.raises(NotFound):
        make.reservation(room, by=member, organisation="quai")
    with pytest.raises(NotFound):
        make.reservation(room, by=member, organisation="no-such-firm")
    make.membership(member, firm)
    assert make.reservation(room, by=member, organisation="quai").organisation_id == firm.id


def test_a_machine_wants_a_training_that_holds(here, member):
    laser = make.training(here)
    machine = make.space(here, kind="machine", training_id=laser.id)

    assert refused(machine, by=member) == ["training-missing"]
    make.trained(member, laser, until=moment("mon 12"))
    assert make.reservation(machine, by=member).state == "confirmed"
    assert refused(machine, "tue 9-11", by=member) == ["training-ends"]


def test_names_of_those_present_are_kept(here, member):
    machine = make.space(here, kind="machine", named_people=2)

    assert refused(machine, by=member, named=("Ada",)) == ["names-missing"]
    made = make.reservation(machine, by=member, named=("Ada", " Régis ", ""))
    assert made.named == ["Ada", "Régis"]


# --- How often ---


@pytest.mark.parametrize(
    ("per", "inside", "outside"),
    [
        ("day", "mon 14-16", "tue 9-11"),
        ("week", "sat 9-11", "mon 9-11"),
        ("month", "sat 9-11", "mon 9-11"),
    ],
)
def test_a_quota_counts_its_day_week_or_month(here, member, per, inside, outside):
    room = make.space(here, quotas=quota(1, per=per), horizon=400)
    make.reservation(room, by=member)
    later = {"day": 0, "week": 7, "month": 28}[per]

    assert refused(room, inside, by=member) == ["quota-used"]
    free = period(outside).moved(timedelta(days=later))
    assert make.reservation(room, free, by=member).state == "confirmed"


def test_hours_are_counted_as_hours(here, member):
    room = make.space(here, quotas=quota(240, of="minutes"))
    make.reservation(room, "mon 9-12", by=member)

    assert refused(room, "tue 9-11", by=member) == ["quota-used"]
    assert make.reservation(room, "tue 9-10", by=member).state == "confirmed"


def test_what_was_given_back_does_not_count(here, member):
    room = make.space(here, quotas=quota(1))
    first = make.reservation(room, by=member)
    act.cancel(first, atlas(), by=member, now=NOW)

    assert make.reservation(room, "tue 9-11", by=member).state == "confirmed"


def test_the_venue_s_quota_counts_all_of_its_spaces(here, member):
    room, other = make.space(here), make.space(here)
    venue_says(here, quotas=quota(1))
    make.reservation(atlas().by_id(room.id), by=member)

    assert refused(atlas().by_id(other.id), "tue 9-11", by=member) == ["quota-used"]


def test_an_organisation_s_quota_is_shared_by_its_people(here, member):
    firm, colleague = make.organisation("quai"), cast.other_member()
    make.membership(member, firm), make.membership(colleague, firm)
    room = make.space(here, quotas=quota(1, by="organisation"))
    make.reservation(room, by=member, organisation="quai")

    assert refused(room, "tue 9-11", by=colleague, organisation="quai") == ["quota-used"]
    assert make.reservation(room, "tue 9-11", by=colleague).state == "confirmed"


def test_moving_does_not_count_itself(here, member):
    room = make.space(here, quotas=quota(1))
    made = make.reservation(room, by=member)

    make.moved(made, atlas(), period("tue 9-11"), by=member, now=NOW)

    assert made.starts_at == moment("tue 9")


def test_a_quota_tells_its_numbers(here, member):
    room = make.space(here, quotas=quota(1))
    make.reservation(room, by=member)

    with pytest.raises(Refused) as no:
        make.reservation(room, "tue 9-11", by=member)

    (broken,) = no.value.refusals
    assert broken.facts == vars(Quota(1, "reservations", "week", "member")) | {"used": 1}


# --- How many in the whole venue ---


@pytest.fixture
def full(here):
    """A venue that may hold ten people, and two of its rooms."""
    here.ceiling = 10
    db.session.flush()
    return make.space(here), make.space(here)


def test_beyond_the_ceiling_a_manager_is_asked(full):
    one, other = full
    make.reservation(one, people=6)

    assert make.reservation(other, people=4).state == "confirmed"
    asked = make.reservation(other, "mon 11-12", people=11)
    assert (asked.state, asked.asks) == ("requested", ["ceiling"])


@pytest.mark.parametrize(
    ("at", "state"),
    [("mon 10-12", "requested"), ("mon 11-12", "confirmed"), ("mon 8-9", "confirmed")],
)
def test_the_ceiling_counts_instants_and_not_days(full, at, state):
    one, other = full
    make.reservation(one, "mon 9-11", people=6)

    assert make.reservation(other, at, people=5).state == state


def test_two_that_do_not_meet_are_not_added(full, here):
    one, other = full
    third = make.space(here)
    make.reservation(one, "mon 9-10", people=6)
    make.reservation(other, "mon 10-11", people=6)

    assert make.reservation(third, "mon 9-11", people=4).state == "confirmed"


def test_to_move_to_where_the_venue_is_full_is_asked_for(full, member):
    one, other = full
    make.reservation(one, "mon 9-11", people=6)
    made = make.reservation(other, "tue 9-11", people=5, by=member)

    make.moved(made, atlas(), period("mon 9-11"), by=member, now=NOW)

    asked = db.session.query(Reservation).filter_by(replaces_id=made.id).one()
    assert (asked.state, asked.asks) == ("requested", ["ceiling"])
    assert Period(made.starts_at, made.ends_at) == period("tue 9-11")


def test_a_manager_who_moves_one_there_says_why(full, here, member):
    one, other = full
    make.reservation(one, "mon 9-11", people=6)
    made = make.reservation(other, "tue 9-11", people=5, by=member)

    with pytest.raises(Refused) as no:
        make.moved(made, atlas(), period("mon 9-11"), by=cast.manager(here), now=NOW)

    assert [one.code for one in no.value.refusals] == ["over-ceiling"]


def test_competing_requests_do_not_fill_the_venue(full, here):
    stage = make.space(here, approval="always", competing=True)
    for _ in range(2):
        make.reservation(stage, people=8)

    assert make.reservation(make.space(here), people=8).state == "confirmed"


# --- Exceptions ---


def test_a_manager_makes_an_exception_with_a_reason_that_is_kept(here):
    room = make.space(here, shortest=60, notice=3 * 1440)
    manager = cast.manager(here)

    made = make.reservation(room, "mon 9-9:30", by=manager, exception="Visite du préfet")

    assert (made.state, made.broken) == ("confirmed", ["too-short", "too-late"])
    line = db.session.query(History).filter_by(reservation_id=made.id).one()
    assert line.why == "Visite du préfet"


def test_an_exception_of_one_rule_is_none_of_the_ceiling(here):
    here.ceiling = 10
    room = make.space(here, shortest=60)

    made = make.reservation(
        room, "mon 9-9:30", by=cast.manager(here), people=11, exception="Visite du préfet"
    )

    assert (made.state, made.asks, made.broken) == ("requested", ["ceiling"], ["too-short"])


def test_anybody_else_asks_for_it(here, member):
    room = make.space(here, shortest=60)

    made = make.reservation(room, "mon 9-9:30", by=member, exception="Visite du préfet")

    assert (made.state, made.asks, made.broken) == ("requested", ["exception"], ["too-short"])


def test_another_venue_s_manager_is_anybody_else(here):
    room = make.space(here, shortest=60)

    made = make.reservation(room, "mon 9-9:30", by=cast.other_manager(), exception="Vite")

    assert made.state == "requested"


@pytest.mark.parametrize("at", ["sat 9-11", "mon 9:07-11"])
def test_some_rules_have_no_exception(here, at):
    room = make.space(here, capacity=4)
    past = {"people": 9} if at.startswith("sat") else {}

    found = refused(room, at, by=cast.manager(here), exception="S’il vous plaît", **past)

    assert found in (["too-many"], ["off-grid"])


def test_without_a_reason_there_is_none(here):
    assert refused(make.space(here, shortest=60), "mon 9-9:30", by=cast.manager(here)) == [
        "too-short"
    ]


def test_a_word_too_many_is_no_exception(here, member):
    made = make.reservation(make.space(here), by=member, exception="On ne sait jamais")

    assert (made.state, made.asks, made.broken) == ("confirmed", [], [])


def test_all_broken_rules_are_told_at_once(here, member):
    laser = make.training(here)
    machine = make.space(
        here, training_id=laser.id, named_people=2, shortest=60, capacity=2, who=["quai"]
    )

    assert refused(machine, "mon 21-21:30", by=member, people=3) == [
        "closed",
        "too-short",
        "too-many",
        "names-missing",
        "not-for-you",
        "training-missing",
    ]


def test_details_are_kept(here, member):
    room = make.space(here, layouts={"u": 8}, activities=["meeting"])

    made = act.reserve(
        room,
        period("mon 9-11"),
        Details(people=4, layout="u", activity="meeting"),
        by=member,
        now=NOW,
    )

    assert (made.layout, made.activity) == ("u", "meeting")

"""Managers say who has learnt what, and who acts for which organisation of their venue."""

from datetime import timedelta

import pytest

from booking.actions import organisations, trainings
from booking.errors import NotAllowed, NotFound
from booking.queries import policies as find
from booking.queries.venues import atlas
from tests import cast, make
from tests.make import NOW

pytestmark = pytest.mark.usefixtures("app")
LATER = NOW + timedelta(days=30)


@pytest.fixture
def here(app):
    return make.venue()


@pytest.fixture
def laser(here):
    return make.training(here)


@pytest.fixture
def member(app):
    return cast.member()


@pytest.fixture
def firm(here):
    slug = make.organisation("quai", here).slug
    return atlas().organisations[slug]


def test_a_manager_notes_a_training(here, laser, member):
    trainings.train(member.email, laser, by=cast.manager(here), now=NOW, ends_at=LATER)

    assert find.trained(member, laser.id) == {laser.id: LATER}


@pytest.mark.parametrize("who", [cast.member, cast.other_manager, cast.stranger])
def test_nobody_else_does(laser, member, who):
    with pytest.raises(NotAllowed):
        trainings.train(member.email, laser, by=who(), now=NOW)


def test_noted_again_it_holds_anew(here, laser, member):
    manager = cast.manager(here)
    first = trainings.train(member.email, laser, by=manager, now=NOW, ends_at=LATER)

    again = trainings.train(member.email, laser, by=manager, now=NOW)

    assert (again.id, again.ends_at) == (first.id, None)


def test_a_training_of_nobody_is_told(here, laser):
    with pytest.raises(NotFound):
        trainings.train("nobody@example.org", laser, by=cast.manager(here), now=NOW)


def test_a_training_ends_once(here, laser, member):
    manager = cast.manager(here)
    row = make.trained(member, laser)

    trainings.end(row.id, by=manager, now=NOW)

    assert find.trained_at([laser.id], NOW) == []
    with pytest.raises(NotFound):
        trainings.end(row.id, by=manager, now=NOW)


@pytest.mark.parametrize("who", [cast.other_manager, cast.stranger])
def test_to_those_without_a_role_there_it_is_no_training(laser, member, who):
    row = make.trained(member, laser)

    with pytest.raises(NotFound) as no:
        trainings.end(row.id, by=who(), now=NOW)

    assert no.value.facts == {"what": "trained"}
    assert row.ends_at is None


def test_a_manager_who_is_shut_out_ends_no_training(here, laser, member):
    manager = cast.manager(here)
    manager.blocked_at = NOW
    row = make.trained(member, laser)

    with pytest.raises(NotAllowed):
        trainings.end(row.id, by=manager, now=NOW)


def test_a_manager_notes_who_acts_for_an_organisation_at_home_there(here, firm, member):
    organisations.join(member.email, firm, by=cast.manager(here), now=NOW)

    (found,) = find.memberships(member, NOW)
    assert found.organisation.slug == "quai"


@pytest.mark.parametrize("who", [cast.member, cast.other_manager])
def test_others_do_not(firm, member, who):
    with pytest.raises(NotAllowed):
        organisations.join(member.email, firm, by=who(), now=NOW)


def test_one_that_is_at_home_nowhere_is_the_administrator_s(member):
    make.organisation("ailleurs")
    firm = atlas().organisations["ailleurs"]

    organisations.join(member.email, firm, by=cast.admin(), now=NOW)

    assert len(find.memberships(member, NOW)) == 1


def test_a_member_may_leave_by_themselves(firm, member, here):
    row = organisations.join(member.email, firm, by=cast.manager(here), now=NOW)

    organisations.leave(row.id, atlas(), by=member, now=NOW)

    assert find.memberships(member, NOW) == []


@pytest.mark.parametrize("who", [cast.other_manager, cast.stranger])
def test_to_those_without_a_role_there_it_is_no_membership(firm, member, here, who):
    row = organisations.join(member.email, firm, by=cast.manager(here), now=NOW)

    with pytest.raises(NotFound) as no:
        organisations.leave(row.id, atlas(), by=who(), now=NOW)

    assert no.value.facts == {"what": "membership"}
    assert row.ends_at is None


def test_a_manager_who_is_shut_out_ends_no_membership(firm, member, here):
    manager = cast.manager(here)
    row = organisations.join(member.email, firm, by=manager, now=NOW)
    manager.blocked_at = NOW

    with pytest.raises(NotAllowed):
        organisations.leave(row.id, atlas(), by=manager, now=NOW)


def test_what_has_ended_cannot_end_again(firm, member, here):
    manager = cast.manager(here)
    row = organisations.join(member.email, firm, by=manager, now=NOW, ends_at=NOW)

    with pytest.raises(NotFound):
        organisations.leave(row.id, atlas(), by=manager, now=NOW)

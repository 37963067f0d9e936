"""Giving roles and taking them back."""

from datetime import timedelta

import pytest

from booking.actions import roles as act
from booking.errors import NotAllowed, NotFound, Refused
from booking.queries.members import grants_of, managers_of
from booking.rules.roles import may
from tests import cast, make
from tests.make import NOW

pytestmark = pytest.mark.usefixtures("app")
LATER = NOW + timedelta(minutes=1)


def test_an_administrator_makes_a_manager():
    here, member = make.venue(), cast.member()

    act.grant(member.email, "manager", here, by=cast.admin(), now=NOW)

    assert may(grants_of(make.reread(member)), "approve", here.id, NOW)


@pytest.mark.parametrize("who", [cast.member, cast.other_manager])
def test_nobody_else_gives_or_takes_roles(who):
    here = make.venue()
    role = cast.manager(here).roles[0]

    with pytest.raises(NotAllowed):
        act.grant(cast.member().email, "manager", here, by=who(), now=NOW)
    with pytest.raises(NotAllowed):
        act.revoke(role.id, by=who(), now=NOW)


def test_a_manager_does_not_give_roles_at_their_own_venue():
    here = make.venue()

    with pytest.raises(NotAllowed):
        act.grant(cast.member().email, "manager", here, by=cast.manager(here), now=NOW)


def test_a_blocked_administrator_gives_no_roles():
    admin = cast.admin()
    admin.blocked_at = NOW

    with pytest.raises(NotAllowed):
        act.grant(cast.member().email, "manager", make.venue(), by=admin, now=NOW)


def test_a_role_is_for_members_only():
    with pytest.raises(NotFound):
        act.grant("nobody@example.net", "manager", make.venue(), by=cast.admin(), now=NOW)


def test_who_has_no_account_is_given_no_role():
    """They would be mailed what they cannot open."""
    with pytest.raises(NotFound):
        act.grant(make.visitor().email, "manager", make.venue(), by=cast.admin(), now=NOW)


def test_a_manager_manages_a_venue():
    with pytest.raises(Refused) as no:
        act.grant(cast.member().email, "manager", None, by=cast.admin(), now=NOW)

    assert no.value.refusals[0].code == "role-needs-venue"


def test_a_role_remembers_who_gave_it_and_when():
    admin = cast.admin()

    role = act.grant(cast.member().email, "administrator", None, by=admin, now=NOW)

    assert (role.granted_by_id, role.granted_at, role.ends_at) == (admin.id, NOW, None)


@pytest.mark.parametrize("name", ["manager", "administrator"])
def test_a_role_given_twice_is_one_role(name):
    admin, member = cast.admin(), cast.member()
    here = make.venue() if name == "manager" else None

    one = act.grant(member.email, name, here, by=admin, now=NOW)
    other = act.grant(member.email, name, here, by=admin, now=LATER)

    assert one.id == other.id


def test_a_revoked_role_ends_at_once():
    here = make.venue()
    manager = cast.manager(here)

    act.revoke(manager.roles[0].id, by=cast.admin(), now=NOW)

    assert not may(grants_of(manager), "approve", here.id, NOW)
    assert managers_of(here.id, NOW) == []


def test_an_ended_role_keeps_its_end():
    role = cast.manager(make.venue()).roles[0]
    admin = cast.admin()
    act.revoke(role.id, by=admin, now=NOW)

    with pytest.raises(NotFound):
        act.revoke(role.id, by=admin, now=LATER)

    assert role.ends_at == NOW


def test_a_role_can_be_given_again():
    here, admin = make.venue(), cast.admin()
    manager = cast.manager(here)
    act.revoke(manager.roles[0].id, by=admin, now=NOW)

    act.grant(manager.email, "manager", here, by=admin, now=LATER)

    assert may(grants_of(manager), "approve", here.id, LATER)


def test_a_role_that_does_not_exist_is_not_found():
    with pytest.raises(NotFound):
        act.revoke(987_654, by=cast.admin(), now=NOW)


def test_an_administrator_does_not_take_their_own_role():
    admin = cast.admin()

    with pytest.raises(Refused) as no:
        act.revoke(admin.roles[0].id, by=admin, now=NOW)

    assert no.value.refusals[0].code == "role-own-administrator"


def test_an_administrators_role_holds_everywhere_or_not_at_all():
    with pytest.raises(Refused) as no:
        act.grant(cast.member().email, "administrator", make.venue(), by=cast.admin(), now=NOW)

    assert [refusal.code for refusal in no.value.refusals] == ["role-is-everywhere"]

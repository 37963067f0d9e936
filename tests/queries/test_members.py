"""Members as others look for them."""

from datetime import timedelta

import pytest

from booking.queries import members as find
from tests import accounts, cast, make
from tests.make import NOW, PASSWORD

pytestmark = pytest.mark.usefixtures("app")


def test_a_member_is_found_however_the_address_is_typed():
    member = cast.member()

    assert find.by_email(f" {member.email.upper()}\n") is member


def test_nobody_is_found_by_an_unknown_address():
    assert find.by_email("nobody@example.net") is None


def test_the_managers_of_a_venue_are_those_with_a_live_role_there():
    here, there = make.venue(), make.venue()
    one, both = cast.manager(here), cast.manager(here, there)
    ended, blocked = cast.manager(here), cast.manager(here)
    ended.roles[0].ends_at, blocked.blocked_at = NOW, NOW
    cast.admin()

    assert find.managers_of(here.id, NOW) == [one, both]


def test_sign_ins_are_told_latest_first_without_those_that_are_over():
    member = make.member(password=PASSWORD)
    for days in (0, 20, 40):
        accounts.sign_in(member.email, PASSWORD, f"day {days}", now=NOW + timedelta(days=days))

    found = find.sign_ins(member, NOW + timedelta(days=45))

    assert [row.device for row in found] == ["day 40", "day 20"]


def test_everybody_is_told_by_name():
    for name in ("Zoé", "Ada", "Nine"):
        make.member(name)

    assert [member.name for member in find.everybody()] == ["Ada", "Nine", "Zoé"]

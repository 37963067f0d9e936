"""Calendar addresses: given out once, and dead when taken back."""

import pytest
from sqlalchemy import select

from booking.actions import calendars as act
from booking.db import db
from booking.errors import NotAllowed, NotFound, Refused
from booking.models.calendars import Feed
from booking.queries import calendars as find
from booking.rules import codes
from tests import cast, make
from tests.make import NOW

pytestmark = pytest.mark.usefixtures("app")


def test_a_token_opens_the_members_calendar():
    member = cast.member()

    token = act.issue("mine", by=member, now=NOW)

    assert find.feed(token).member is member


@pytest.mark.parametrize("who", [cast.member, cast.stranger])
def test_who_decides_nothing_has_no_calendar_of_requests(who):
    with pytest.raises(NotAllowed):
        act.issue("requests", by=who(), now=NOW)


def test_a_manager_whose_role_has_ended_has_no_calendar_of_requests():
    manager = cast.manager(make.venue())
    manager.roles[0].ends_at = NOW

    with pytest.raises(NotAllowed):
        act.issue("requests", by=manager, now=NOW)


@pytest.mark.parametrize("who", [cast.other_manager, cast.admin])
def test_who_decides_has_a_calendar_of_requests(who):
    token = act.issue("requests", by=who(), now=NOW)

    assert find.feed(token).kind == "requests"


def test_only_the_digest_of_a_token_is_kept():
    token = act.issue("mine", by=cast.member(), now=NOW)

    assert db.session.scalars(select(Feed)).one().token_hash == codes.digest(token)


def test_ten_addresses_are_enough():
    member = cast.member()
    for _ in range(10):
        act.issue("mine", by=member, now=NOW)

    with pytest.raises(Refused) as no:
        act.issue("mine", by=member, now=NOW)

    assert (no.value.refusals[0].code, no.value.refusals[0].facts) == (
        "too-many-feeds",
        {"most": 10},
    )


def test_a_revoked_address_makes_room_for_another():
    member = cast.member()
    for _ in range(10):
        act.issue("mine", by=member, now=NOW)

    act.revoke(find.feeds(member)[0].id, by=member, now=NOW)

    assert act.issue("mine", by=member, now=NOW)


def test_a_revoked_token_opens_nothing():
    member = cast.member()
    token = act.issue("mine", by=member, now=NOW)

    act.revoke(find.feeds(member)[0].id, by=member, now=NOW)

    with pytest.raises(NotFound):
        find.feed(token)


def test_nobody_revokes_the_address_of_another():
    member = cast.member()
    act.issue("mine", by=member, now=NOW)

    with pytest.raises(NotFound):
        act.revoke(find.feeds(member)[0].id, by=cast.admin(), now=NOW)


def test_an_address_is_revoked_once():
    member = cast.member()
    act.issue("mine", by=member, now=NOW)
    number = find.feeds(member)[0].id
    act.revoke(number, by=member, now=NOW)

    with pytest.raises(NotFound):
        act.revoke(number, by=member, now=NOW)


def test_the_token_of_a_blocked_member_opens_nothing():
    member = cast.member()
    token = act.issue("mine", by=member, now=NOW)
    member.blocked_at = NOW

    with pytest.raises(NotFound):
        find.feed(token)


def test_an_unknown_token_opens_nothing():
    with pytest.raises(NotFound):
        find.feed("unknown")

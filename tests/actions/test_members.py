"""Accounts: nothing is told to strangers, tokens act once, passwords end sign-ins."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.actions import members as act
from booking.db import db
from booking.errors import NotFound, Refused
from booking.models.members import MailToken, Member
from booking.models.outbox import OutboxMessage
from booking.queries import members as find
from booking.rules import codes
from tests import accounts, cast, make
from tests.make import NOW, PASSWORD

pytestmark = pytest.mark.usefixtures("app")
EMAIL, OTHER_PASSWORD = "nine@example.net", "Frioul-1882-rascasse?"
SECOND = timedelta(seconds=1)


def register(email=EMAIL, name="Nine", password=PASSWORD, now=NOW):
    accounts.register(email, name, password, language="en", now=now)


def mails():
    return [m.kind for m in db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))]


def link():
    """The token in the latest mail."""
    query = select(OutboxMessage).order_by(OutboxMessage.id.desc())
    return db.session.scalars(query).first().facts["token"]


def code(no):
    (refusal,) = no.value.refusals
    return refusal.code


def confirmed(email=EMAIL):
    """A member who has registered and confirmed; returns them and their sign-in's token."""
    register(email)
    return find.by_email(email), accounts.confirm(link(), PASSWORD, "Firefox", now=NOW)


# Registering


def test_a_new_address_is_asked_to_confirm():
    register(" Nine@Example.NET ", " Nine\n Bonnet ")

    made = find.by_email(EMAIL)
    assert (made.email, made.name, made.language) == (EMAIL, "Nine Bonnet", "en")
    assert (made.confirmed_at, mails()) == (None, ["confirm-address"])


def test_a_known_address_is_told_that_it_has_an_account():
    member = make.member(password=PASSWORD)

    register(member.email, "Somebody", OTHER_PASSWORD)

    assert (mails(), member.name) == (["address-known"], "Mireille")
    assert accounts.sign_in(member.email, PASSWORD, "", now=NOW)


def test_a_blocked_address_is_told_nothing():
    register(cast.blocked().email)

    assert mails() == []


def test_an_unconfirmed_address_gets_a_new_link_and_the_old_one_ends():
    register()
    old = link()
    register(name="Nine B.", password=OTHER_PASSWORD)

    assert mails() == ["confirm-address"] * 2
    with pytest.raises(NotFound):
        accounts.confirm(old, PASSWORD, "", now=NOW)
    assert accounts.confirm(link(), OTHER_PASSWORD, "", now=NOW)
    assert find.by_email(EMAIL).name == "Nine B."


def test_an_address_that_another_request_has_just_registered_is_no_error():
    make.member()
    twin = Member(email="twin@example.net", name="One", language="fr", created_at=NOW)
    assert act.added(twin) is twin

    again = Member(email="twin@example.net", name="Other", language="fr", created_at=NOW)

    assert act.added(again) is None


@pytest.mark.parametrize(
    ("name", "password", "reason"),
    [
        ("Nine", "short", "password-weak"),
        ("Garlaban", PASSWORD, "password-about-you"),
        (" \n", PASSWORD, "name-missing"),
    ],
)
def test_what_is_missing_or_weak_is_refused(name, password, reason):
    with pytest.raises(Refused) as no:
        register(name=name, password=password)

    assert (code(no), find.by_email(EMAIL)) == (reason, None)


def test_neither_the_password_nor_the_link_is_kept_in_clear():
    register()

    assert PASSWORD not in find.by_email(EMAIL).password_hash
    assert db.session.scalars(select(MailToken)).one().token_hash == codes.digest(link())


# Confirming


def test_confirming_signs_in():
    member, token = confirmed()

    assert member.confirmed_at == NOW
    assert find.sign_in(token, NOW).member is member


def test_a_link_confirms_once():
    confirmed()

    with pytest.raises(NotFound):
        accounts.confirm(link(), PASSWORD, "", now=NOW)


def test_two_requests_cannot_both_use_a_link():
    register()
    row = find.mail_token(link(), "confirm", NOW)
    act.use(row, NOW)

    with pytest.raises(NotFound):
        act.use(row, NOW)


def test_confirming_needs_the_password_and_a_wrong_one_does_not_use_up_the_link():
    register()

    with pytest.raises(Refused) as no:
        accounts.confirm(link(), OTHER_PASSWORD, "", now=NOW)

    assert code(no) == "password-wrong"
    assert accounts.confirm(link(), PASSWORD, "", now=NOW)


@pytest.mark.parametrize(("late", "works"), [(-SECOND, True), (0 * SECOND, False)])
def test_a_link_ends_after_two_days(late, works):
    register()
    now = NOW + timedelta(days=2) + late

    if works:
        assert accounts.confirm(link(), PASSWORD, "", now=now)
    else:
        with pytest.raises(NotFound):
            accounts.confirm(link(), PASSWORD, "", now=now)


def test_a_link_to_confirm_does_not_reset():
    register()

    with pytest.raises(NotFound):
        accounts.reset(link(), OTHER_PASSWORD, now=NOW)


def test_who_is_blocked_meanwhile_does_not_confirm():
    register()
    find.by_email(EMAIL).blocked_at = NOW

    with pytest.raises(NotFound):
        accounts.confirm(link(), PASSWORD, "", now=NOW)


# What members say of themselves


def test_a_member_describes_themselves():
    member = cast.member()

    act.describe(member, " Mireille \n B. ", " Coopérative ", "", "en")

    kept = (member.name, member.organisation, member.phone, member.language)
    assert kept == ("Mireille B.", "Coopérative", None, "en")


def test_a_member_has_a_name():
    with pytest.raises(Refused) as no:
        act.describe(cast.member(), "\u202e ", "", "", "fr")

    assert code(no) == "name-missing"


# The first run


def test_an_account_can_be_made_that_is_confirmed_at_once():
    made = accounts.create("Ada@Example.net", "Ada", PASSWORD, now=NOW)

    assert (made.email, made.confirmed_at, mails()) == ("ada@example.net", NOW, [])
    assert accounts.sign_in("ada@example.net", PASSWORD, "", now=NOW)


def test_making_an_account_again_changes_its_name_and_password():
    first = accounts.create("ada@example.net", "Ada", PASSWORD, now=NOW)

    second = accounts.create("ada@example.net", "Ada L.", OTHER_PASSWORD, now=NOW + SECOND)

    assert (second.id, second.name, second.confirmed_at) == (first.id, "Ada L.", NOW)


def test_an_account_with_a_weak_password_is_not_made():
    with pytest.raises(Refused):
        accounts.create("ada@example.net", "Ada", "weak", now=NOW)

"""Signing in and out; passwords, and what a new one ends."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.actions import members as act
from booking.db import db
from booking.errors import NotFound, Refused
from booking.models.members import SignIn
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


def sign_ins():
    return db.session.scalars(select(SignIn).order_by(SignIn.id)).all()


def code(no):
    (refusal,) = no.value.refusals
    return refusal.code


def confirmed(email=EMAIL):
    """A member who has registered and confirmed; returns them and their sign-in's token."""
    register(email)
    return find.by_email(email), accounts.confirm(link(), PASSWORD, "Firefox", now=NOW)


# Signing in and out


def test_signing_in_gives_a_token_of_which_only_the_digest_is_kept():
    member = make.member(password=PASSWORD)

    token = accounts.sign_in(member.email.upper(), PASSWORD, "Firefox\n on Linux", now=NOW)

    (row,) = sign_ins()
    assert (row.token_hash, row.device) == (codes.digest(token), "Firefox on Linux")
    assert row.expires_at == NOW + timedelta(days=30)


def refused(email, password=PASSWORD):
    with pytest.raises(Refused) as no:
        accounts.sign_in(email, password, "", now=NOW)
    return code(no), no.value.refusals[0].facts


def test_every_failed_sign_in_is_answered_alike():
    member = make.member(password=PASSWORD)
    blocked, unconfirmed = make.member(password=PASSWORD), make.member(password=PASSWORD)
    blocked.blocked_at, unconfirmed.confirmed_at = NOW, None

    answers = [
        refused(member.email, OTHER_PASSWORD),
        refused("nobody@example.net"),
        refused(blocked.email),
        refused(unconfirmed.email),
        refused(make.member().email),
    ]

    assert answers == [("sign-in-wrong", {})] * 5


def test_signing_out_kills_the_token():
    _, token = confirmed()

    act.sign_out(token)

    assert find.sign_in(token, NOW) is None


def test_signing_out_leaves_other_browsers_signed_in():
    member, token = confirmed()
    other = accounts.sign_in(member.email, PASSWORD, "", now=NOW)

    act.sign_out(token)

    assert find.sign_in(other, NOW)


def test_a_sign_in_ends_after_thirty_days():
    _, token = confirmed()

    assert find.sign_in(token, NOW + timedelta(days=30) - SECOND)
    assert find.sign_in(token, NOW + timedelta(days=30)) is None


def test_who_is_blocked_is_signed_out():
    member, token = confirmed()
    member.blocked_at = NOW

    assert find.sign_in(token, NOW) is None


def test_a_member_ends_one_of_their_sign_ins():
    member, token = confirmed()

    act.end_sign_in(sign_ins()[0].id, by=member)

    assert find.sign_in(token, NOW) is None


def test_nobody_ends_the_sign_in_of_another():
    confirmed()

    with pytest.raises(NotFound):
        act.end_sign_in(sign_ins()[0].id, by=cast.stranger())


def test_a_sign_in_that_does_not_exist_is_not_found():
    with pytest.raises(NotFound):
        act.end_sign_in(1, by=cast.stranger())


# Passwords


def test_a_new_password_ends_every_other_sign_in():
    member, token = confirmed()
    other = accounts.sign_in(member.email, PASSWORD, "", now=NOW)

    accounts.change_password(member, PASSWORD, OTHER_PASSWORD, keep=token, now=NOW)

    assert find.sign_in(token, NOW)
    assert find.sign_in(other, NOW) is None
    assert refused(EMAIL, PASSWORD)
    assert accounts.sign_in(EMAIL, OTHER_PASSWORD, "", now=NOW)


def test_changing_the_password_needs_the_old_one():
    member, _ = confirmed()

    with pytest.raises(Refused) as no:
        accounts.change_password(member, OTHER_PASSWORD, OTHER_PASSWORD, keep=None, now=NOW)

    assert code(no) == "password-wrong"


def test_a_weak_new_password_is_refused():
    member, token = confirmed()

    with pytest.raises(Refused) as no:
        accounts.change_password(member, PASSWORD, "Nine", keep=token, now=NOW)

    assert code(no) == "password-weak"


def test_a_change_of_password_is_told_by_mail():
    member, token = confirmed()

    accounts.change_password(member, PASSWORD, OTHER_PASSWORD, keep=token, now=NOW)

    assert mails()[-1] == "password-changed"


def test_a_forgotten_password_is_reset_by_a_mailed_link():
    _, token = confirmed()
    act.ask_reset(EMAIL, now=NOW)

    accounts.reset(link(), OTHER_PASSWORD, now=NOW)

    assert accounts.sign_in(EMAIL, OTHER_PASSWORD, "", now=NOW)
    assert find.sign_in(token, NOW) is None
    assert mails()[-2:] == ["reset-password", "password-changed"]


def test_a_reset_link_acts_once():
    confirmed()
    act.ask_reset(EMAIL, now=NOW)
    token = link()
    accounts.reset(token, OTHER_PASSWORD, now=NOW)

    with pytest.raises(NotFound):
        accounts.reset(token, PASSWORD, now=NOW)


def test_a_reset_link_ends_after_an_hour():
    confirmed()
    act.ask_reset(EMAIL, now=NOW)

    with pytest.raises(NotFound):
        accounts.reset(link(), OTHER_PASSWORD, now=NOW + timedelta(hours=1))


def test_a_weak_password_does_not_use_up_the_reset_link():
    confirmed()
    act.ask_reset(EMAIL, now=NOW)
    token = link()

    with pytest.raises(Refused):
        accounts.reset(token, "weak", now=NOW)

    accounts.reset(token, OTHER_PASSWORD, now=NOW)


def test_who_resets_has_shown_that_the_address_is_theirs():
    register()
    act.ask_reset(EMAIL, now=NOW)

    accounts.reset(link(), OTHER_PASSWORD, now=NOW)

    assert find.by_email(EMAIL).confirmed_at == NOW


def test_nobody_learns_whether_an_address_is_known():
    blocked = cast.blocked()

    assert act.ask_reset("nobody@example.net", now=NOW) is None
    assert act.ask_reset(blocked.email, now=NOW) is None
    assert mails() == []


def test_a_proof_ends_with_the_password_it_was_given_for():
    member, _ = confirmed()
    proof = act.proven(member, PASSWORD, "sign-in-wrong")
    accounts.change_password(member, PASSWORD, OTHER_PASSWORD, keep=None, now=NOW)

    with pytest.raises(Refused) as no:
        act.sign_in(proof, "", now=NOW)

    assert code(no) == "sign-in-wrong"


def test_nobody_confirms_one_address_with_the_password_of_another():
    register()
    token = link()
    other = make.member(password=PASSWORD)

    with pytest.raises(NotFound):
        act.confirm(token, act.proven(other, PASSWORD, "password-wrong"), "", now=NOW)


def test_a_new_password_ends_links_that_would_set_another():
    member, _ = confirmed()
    act.ask_reset(EMAIL, now=NOW)
    token = link()

    accounts.change_password(member, PASSWORD, OTHER_PASSWORD, keep=None, now=NOW)

    with pytest.raises(NotFound):
        accounts.reset(token, PASSWORD, now=NOW)


def test_making_an_account_anew_ends_its_sign_ins():
    _, token = confirmed()

    accounts.create(EMAIL, "Nine", OTHER_PASSWORD, now=NOW)

    assert find.sign_in(token, NOW) is None

"""Members let others reserve for them; nobody learns from it whether an address is known."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.actions import delegations as act
from booking.actions import retention
from booking.actions.delegations import MOST
from booking.db import db
from booking.errors import NotAllowed, NotFound, Refused
from booking.models.delegations import Delegation
from booking.models.outbox import OutboxMessage
from booking.queries import delegations as find
from tests import cast, make
from tests.make import NOW

pytestmark = pytest.mark.usefixtures("app")
LATER = NOW + timedelta(days=30)


@pytest.fixture
def member(app):
    return cast.member()


@pytest.fixture
def other(app):
    return cast.other_member()


def mails():
    return db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()


def codes(no):
    return [one.code for one in no.value.refusals]


def test_whoever_is_named_acts_for_the_member(member, other):
    act.name(f" {other.email.upper()} ", by=member, now=NOW)

    assert find.acts_for(other, member.id, NOW)
    assert [one.member for one in find.principals(other, NOW)] == [member]


@pytest.mark.parametrize("who", [cast.unconfirmed, cast.blocked])
def test_who_may_do_nothing_names_nobody(other, who):
    with pytest.raises(NotAllowed):
        act.name(other.email, by=who(), now=NOW)


def test_the_member_does_not_act_for_whom_they_have_named(member, other):
    act.name(other.email, by=member, now=NOW)

    assert not find.acts_for(member, other.id, NOW)


def test_the_delegate_is_told_by_mail_until_when(member, other):
    act.name(other.email, by=member, now=NOW, ends_at=LATER)

    (mail,) = mails()
    assert (mail.kind, mail.to) == ("delegation-made", other.email)
    assert mail.facts == {"member": "Mireille", "until": LATER.isoformat()}


def test_named_again_the_end_is_the_new_one_and_nobody_is_told_twice(member, other):
    act.name(other.email, by=member, now=NOW, ends_at=LATER)
    act.name(other.email, by=member, now=NOW)

    (row,) = find.named_by(member, NOW)
    assert (row.ends_at, len(mails())) == (None, 1)


def nobodys():
    return "nobody@example.org"


def of_unconfirmed():
    return cast.unconfirmed().email


def of_blocked():
    return cast.blocked().email


@pytest.mark.parametrize("address", [nobodys, of_unconfirmed, of_blocked])
def test_an_address_nobody_answers_to_looks_like_any_other(member, address):
    email = address()
    act.name(email, by=member, now=NOW)

    (row,) = find.named_by(member, NOW)
    assert (row.email, row.created_at, row.ends_at) == (email, NOW, None)
    assert mails() == []


def test_who_registers_later_acts_for_nobody_unless_named_again(member):
    act.name("nine@example.org", by=member, now=NOW)
    nine = make.member("Nine")
    nine.email = "nine@example.org"
    db.session.flush()
    before = find.acts_for(nine, member.id, NOW)

    act.name("nine@example.org", by=member, now=NOW)

    assert (before, find.acts_for(nine, member.id, NOW)) == (False, True)
    assert [mail.to for mail in mails()] == ["nine@example.org"]


def test_nobody_names_themselves_nor_for_a_time_that_is_past(member):
    with pytest.raises(Refused) as no:
        act.name(member.email, by=member, now=NOW, ends_at=NOW)

    assert codes(no) == ["delegate-self", "delegate-over"]


def test_there_are_so_many_delegates_and_no_more(member, other):
    for number in range(MOST):
        act.name(f"nobody-{number}@example.org", by=member, now=NOW)
    act.name("nobody-0@example.org", by=member, now=NOW, ends_at=LATER)

    with pytest.raises(Refused) as no:
        act.name(other.email, by=member, now=NOW)

    assert codes(no) == ["delegates-full"]
    assert no.value.refusals[0].facts == {"most": MOST}


@pytest.mark.parametrize("side", ["member", "delegate"])
def test_either_ends_it_and_the_other_is_told(member, other, side):
    row = make.delegation(member, other)
    by, told = (member, other) if side == "member" else (other, member)

    act.end(row.id, by=by, now=NOW)

    (mail,) = mails()
    assert (mail.kind, mail.to) == ("delegation-ended", told.email)
    assert mail.facts == {"by": by.name, "given_up": side == "delegate"}
    assert not find.acts_for(other, member.id, NOW)


def test_that_of_nobody_ends_without_a_mail(member):
    act.name("nobody@example.org", by=member, now=NOW)

    act.end(find.named_by(member, NOW)[0].id, by=member, now=NOW)

    assert (list(find.named_by(member, NOW)), mails()) == ([], [])


@pytest.mark.parametrize("who", [cast.stranger, cast.admin])
def test_anybody_else_finds_nothing_to_end(member, other, who):
    row = make.delegation(member, other)

    with pytest.raises(NotFound):
        act.end(row.id, by=who(), now=NOW)

    assert row.ends_at is None


def test_it_ends_once(member, other):
    row = make.delegation(member, other)
    act.end(row.id, by=member, now=NOW)

    with pytest.raises(NotFound):
        act.end(row.id, by=other, now=NOW)


def test_it_holds_until_its_end_and_not_at_that_instant(member, other):
    make.delegation(member, other, until=LATER)
    short_before = LATER - timedelta(seconds=1)

    assert [find.acts_for(other, member.id, at) for at in (short_before, LATER)] == [True, False]


@pytest.mark.parametrize("column", ["blocked_at", "confirmed_at"])
@pytest.mark.parametrize("whose", ["member", "delegate"])
def test_who_is_shut_out_or_unconfirmed_neither_acts_nor_is_acted_for(member, other, whose, column):
    make.delegation(member, other)
    one = member if whose == "member" else other
    setattr(one, column, NOW if column == "blocked_at" else None)
    db.session.flush()

    assert not find.acts_for(other, member.id, NOW)
    assert list(find.principals(other, NOW)) == []


def test_what_has_ended_is_forgotten_after_thirty_days(member, other):
    make.delegation(member, other, until=NOW - timedelta(days=29))
    make.delegation(member, cast.stranger(), until=NOW - timedelta(days=31))
    make.delegation(other, member)

    retention.forget(NOW)

    kept = db.session.scalars(select(Delegation.delegate_id).order_by(Delegation.id)).all()
    assert kept == [other.id, member.id]

"""What is old is forgotten, and nothing else."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.actions import outbox
from booking.actions.retention import KEPT, forget
from booking.db import db
from booking.models.outbox import OutboxMessage
from booking.queries.members import sign_ins
from tests import accounts, cast, make
from tests.make import NOW, PASSWORD

pytestmark = pytest.mark.usefixtures("app")
SECOND = timedelta(seconds=1)


def messages():
    return db.session.scalars(select(OutboxMessage)).all()


@pytest.mark.parametrize(("later", "left"), [(KEPT, 1), (KEPT + SECOND, 0)])
def test_a_mail_is_forgotten_thirty_days_after_it_was_sent(later, left):
    sent = make.posted("password-changed", cast.member(), NOW)
    outbox.mark_sent(sent.id, NOW)

    forget(NOW + later)

    assert len(messages()) == left


def test_a_mail_that_waits_is_never_forgotten():
    make.posted("password-changed", cast.member(), NOW)

    forget(NOW + timedelta(days=400))

    assert len(messages()) == 1


def test_a_sign_in_is_forgotten_after_its_end():
    member = make.member(password=PASSWORD)
    accounts.sign_in(member.email, PASSWORD, "", now=NOW)

    kept, gone = forget(NOW + timedelta(days=59)), forget(NOW + timedelta(days=61))

    assert (kept, gone, sign_ins(member, NOW)) == (0, 1, [])

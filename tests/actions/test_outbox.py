"""The outbox: at least once, by one worker at a time, and no secret stays behind."""

from datetime import timedelta

import pytest

from booking.actions import outbox as act
from booking.db import db
from booking.queries import outbox as find
from tests import cast, make
from tests.make import NOW

pytestmark = pytest.mark.usefixtures("app")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def message(app):
    return make.posted("confirm-address", cast.member(), NOW, token="secret", code="R7K-3QFH")


def test_a_message_is_due_at_once(message):
    assert find.due(NOW) == [message.id]


def test_a_message_knows_its_reader(message):
    assert (message.name, message.language, message.tries) == ("Mireille", "fr", 0)


def test_messages_are_sent_in_the_order_they_were_posted():
    posted = [make.posted("reservation-confirmed", cast.member(), NOW).id for _ in range(3)]

    assert find.due(NOW) == posted


def test_every_message_has_its_own_message_id(message):
    other = make.posted("confirm-address", cast.member(), NOW)

    assert message.message_id != other.message_id


def test_a_claimed_message_is_not_claimed_again_within_the_lease(message):
    assert act.claim(message.id, NOW) is message

    assert act.claim(message.id, NOW + act.LEASE - MINUTE) is None
    assert find.due(NOW + MINUTE) == []


def test_after_the_lease_another_worker_takes_over(message):
    act.claim(message.id, NOW)

    again = act.claim(message.id, NOW + act.LEASE)

    assert (again.message_id, again.tries) == (message.message_id, 2)


def test_a_sent_message_is_never_sent_again(message):
    act.claim(message.id, NOW)
    act.mark_sent(message.id, NOW)

    later = NOW + timedelta(days=9)
    assert (find.due(later), act.claim(message.id, later)) == ([], None)


def test_a_sent_message_has_forgotten_its_secret(message):
    act.mark_sent(message.id, NOW)

    db.session.expire(message)
    assert message.facts == {"code": "R7K-3QFH"}


@pytest.mark.parametrize(("tries", "minutes"), [(1, 1), (2, 2), (3, 4), (9, 256), (10, 360)])
def test_a_failed_message_waits_longer_every_time(message, tries, minutes):
    message.tries = tries

    act.mark_failed(message.id, "refused", NOW)

    assert message.next_try_at == NOW + minutes * MINUTE
    assert (message.problem, message.given_up_at) == ("refused", None)


def test_after_twelve_tries_a_message_is_given_up(message):
    message.tries = 12

    act.mark_failed(message.id, "refused", NOW)

    assert message.given_up_at == NOW
    assert find.due(NOW + timedelta(days=9)) == []


def test_a_message_that_is_given_up_has_forgotten_its_secret(message):
    message.tries = 12

    act.mark_failed(message.id, "refused", NOW)

    assert "token" not in message.facts


def test_a_failed_message_keeps_its_secret_for_the_next_try(message):
    act.claim(message.id, NOW)

    act.mark_failed(message.id, "refused", NOW)

    assert message.facts["token"] == "secret"


def test_a_problem_of_any_length_is_kept_in_short(message):
    act.claim(message.id, NOW)

    act.mark_failed(message.id, "x" * 9999, NOW)

    assert len(message.problem) == 500


def test_a_worker_says_that_it_is_alive(app):
    act.beat("worker", NOW)
    act.beat("worker", NOW + MINUTE)

    assert find.last_beat("worker") == NOW + MINUTE


def test_a_worker_that_never_was_has_no_beat(app):
    assert find.last_beat("worker") is None

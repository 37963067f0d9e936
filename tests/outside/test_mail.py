"""Mails as they leave: hostile names stay names, programs find the calendar."""

import smtplib
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from booking.outside import mail
from booking.outside.mail import Letter
from tests.support.servers import free_port
from tests.support.smtp import calendar_of, postbox, text_of

ICAL = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"
HOSTILE = [
    "Eve\r\nBcc: all@example.org",
    "Eve\nSubject: free money",
    "Eve\x00\x0bBcc: all@example.org",
    "Eve\u2028Bcc: all@example.org",
    'Eve" <all@example.org>, "x',
    "Eve \u202egro.elpmaxe@lla",
    "{{ 7*7 }} <script>",
    "É" * 120,
]


def letter(**changes) -> Letter:
    values = {
        "sender": ("CCILab", "reservations@example.org"),
        "to": ("Une membre", "member@example.org"),
        "subject": "Réservation confirmée",
        "text": "Bonjour,\n\nà mardi.\n",
        "message_id": "<one@example.org>",
        "date": datetime(2027, 3, 2, 9, tzinfo=UTC),
    } | changes
    return Letter(**values)


def read(made: EmailMessage) -> EmailMessage:
    """The mail as another program reads its bytes."""
    again = message_from_bytes(made.as_bytes(), policy=policy.default)
    assert isinstance(again, EmailMessage)
    return again


def test_a_mail_says_who_what_and_when() -> None:
    found = read(mail.composed(letter()))

    assert str(found["From"]) == "CCILab <reservations@example.org>"
    assert str(found["To"]) == "Une membre <member@example.org>"
    assert str(found["Subject"]) == "Réservation confirmée"
    assert found["Date"].datetime == datetime(2027, 3, 2, 9, tzinfo=UTC)
    assert str(found["Message-ID"]) == "<one@example.org>"


def test_a_mail_says_that_no_person_wrote_it() -> None:
    assert read(mail.composed(letter()))["Auto-Submitted"] == "auto-generated"


def test_accents_arrive_in_the_text() -> None:
    assert text_of(read(mail.composed(letter()))) == "Bonjour,\n\nà mardi.\n"


def test_a_domain_with_accents_is_written_the_way_every_server_knows() -> None:
    found = read(mail.composed(letter(to=("Eve", "eve@exämple.org"))))

    assert found["To"].addresses[0].domain == "xn--exmple-cua.org"


def test_a_mail_without_calendar_has_one_part() -> None:
    assert not read(mail.composed(letter())).is_multipart()


def test_the_calendar_is_an_alternative_that_names_its_method() -> None:
    found = read(mail.composed(letter(calendar=("REQUEST", ICAL))))

    part = calendar_of(found)
    assert found.get_content_type() == "multipart/alternative"
    assert part is not None
    assert part["Content-Type"].params["method"] == "REQUEST"
    assert part.get_payload(decode=True) == ICAL


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_the_name_of_one_recipient(name: str) -> None:
    found = read(mail.composed(letter(to=(name, "eve@example.org"))))

    assert [one.addr_spec for one in found["To"].addresses] == ["eve@example.org"]
    assert found["Bcc"] is None
    assert found.get_all("Subject") == ["Réservation confirmée"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_the_name_of_the_sender(name: str) -> None:
    found = read(mail.composed(letter(sender=(name, "reservations@example.org"))))

    assert [one.addr_spec for one in found["From"].addresses] == ["reservations@example.org"]


@pytest.mark.parametrize("subject", HOSTILE)
def test_a_hostile_subject_stays_one_subject(subject: str) -> None:
    found = read(mail.composed(letter(subject=subject)))

    assert len(found.get_all("Subject")) == 1
    assert found["Bcc"] is None


@pytest.mark.parametrize("address", ["eve", "eve@", "@example.org", "a b@example.org", ""])
def test_an_address_that_is_none_is_said_to_be_none(address: str) -> None:
    with pytest.raises(ValueError, match="not an e-mail address"):
        mail.composed(letter(to=("Eve", address)))


def test_a_second_recipient_cannot_hide_in_an_address() -> None:
    with pytest.raises(ValueError, match="not an e-mail address"):
        mail.composed(letter(to=("Eve", "eve@example.org>\r\nRCPT TO:<all@example.org")))


def test_smtp_hands_the_mail_over() -> None:
    with postbox() as box:
        mail.send([mail.composed(letter())], box.url)

    assert box.recipients == [["member@example.org"]]
    assert str(box.mails[0]["Message-ID"]) == "<one@example.org>"


def test_one_session_carries_several_mails() -> None:
    with postbox() as box:
        mail.send([mail.composed(letter()), mail.composed(letter())], box.url)

    assert len(box.mails) == 2


def test_a_line_with_a_single_dot_does_not_end_the_mail() -> None:
    with postbox() as box:
        mail.send([mail.composed(letter(text="Un\n.\nDeux\n"))], box.url)

    assert text_of(box.mails[0]) == "Un\n.\nDeux\n"


def test_a_server_that_does_not_answer_is_an_os_error() -> None:
    with pytest.raises(OSError, match="refused"):
        mail.send([mail.composed(letter())], f"smtp://127.0.0.1:{free_port()}?tls=no")


def test_a_recipient_turned_away_is_an_os_error() -> None:
    with postbox() as box:
        box.refused.add("member@example.org")
        with pytest.raises(OSError, match="no such person"):
            mail.send([mail.composed(letter())], box.url)


def test_a_server_without_tls_gets_no_mail_unless_told_so() -> None:
    with postbox() as box:
        with pytest.raises(smtplib.SMTPException):
            mail.send([mail.composed(letter())], box.url.removesuffix("?tls=no"))

        assert box.mails == []


def test_a_server_without_sign_in_never_hears_the_password() -> None:
    with postbox() as box:
        url = box.url.replace("127.0.0.1", "user:secret@127.0.0.1")
        with pytest.raises(smtplib.SMTPException):
            mail.send([mail.composed(letter())], url)


@pytest.mark.parametrize("url", ["http://127.0.0.1", "127.0.0.1:25", ""])
def test_an_address_of_another_kind_sends_nothing(url: str) -> None:
    with pytest.raises(ValueError, match="mail cannot be sent"):
        mail.send([mail.composed(letter())], url)


def test_the_demonstration_keeps_mails_in_a_folder(tmp_path: Path) -> None:
    mail.send([mail.composed(letter())], f"file:{tmp_path / 'new'}")

    kept = [path.name for path in (tmp_path / "new").iterdir()]
    assert kept == ["20270302090000-one.eml"]


def test_the_same_mail_sent_twice_is_kept_once(tmp_path: Path) -> None:
    for _ in range(2):
        mail.send([mail.composed(letter())], f"file:{tmp_path}")

    assert len(list(tmp_path.iterdir())) == 1

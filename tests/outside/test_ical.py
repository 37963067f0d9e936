"""What feeds and mails say, and what they must never say."""

from datetime import timedelta

import icalendar
import pytest
import vobject

from booking.outside import ical
from tests.support.calendars import UID, calendar, event, lines, utc, values

ATTENDEE = ("Ada Martin", "ada@example.com")


def test_the_feed_says_what_it_is():
    body = ical.feed(calendar(event(), event(uid="2@example.org", updated_at=utc(2027, 2, 9))))

    head = lines(body)[: lines(body).index("BEGIN:VTIMEZONE")]
    assert head == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Third places//Reservations//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "NAME:Mes réservations",
        "X-WR-CALNAME:Mes réservations",
        "DESCRIPTION:Tout ce que vous avez réservé",
        "X-WR-CALDESC:Tout ce que vous avez réservé",
        "X-WR-TIMEZONE:Europe/Paris",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        "LAST-MODIFIED:20270209T000000Z",
        "URL:https://example.org/reservations",
    ]


def test_an_event_says_all_that_its_reader_may_know():
    full = event(
        description="Code R7K-3QFH\nHuit personnes",
        location="Salle Ada, CCILab, 9 La Canebière, 13001 Marseille",
        geo=(43.2957, 5.3744),
        url="https://example.org/reservations/R7K-3QFH",
        category="Salle de réunion",
    )

    body = ical.feed(calendar(full))

    assert lines(body)[lines(body).index("BEGIN:VEVENT") :] == [
        "BEGIN:VEVENT",
        f"UID:{UID}",
        "DTSTAMP:20270203T170559Z",
        "LAST-MODIFIED:20270203T170559Z",
        "DTSTART;TZID=Europe/Paris:20270302T100000",
        "DTEND;TZID=Europe/Paris:20270302T120000",
        "SUMMARY:Réunion d’équipe",
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        "X-MICROSOFT-CDO-BUSYSTATUS:BUSY",
        "SEQUENCE:2",
        "CREATED:20270201T083015Z",
        "DESCRIPTION:Code R7K-3QFH\\nHuit personnes",
        "URL:https://example.org/reservations/R7K-3QFH",
        "LOCATION:Salle Ada\\, CCILab\\, 9 La Canebière\\, 13001 Marseille",
        "GEO:43.295700;5.374400",
        'X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-ADDRESS="CCILab, 9 La Canebière, 13001 '
        'Marseille";X-TITLE="Salle Ada":geo:43.295700,5.374400',
        "CATEGORIES:Salle de réunion",
        'ORGANIZER;CN="CCILab – Palais de la Bourse":mailto:ccilab@example.org',
        "END:VEVENT",
        "END:VCALENDAR",
    ]


@pytest.mark.parametrize(
    ("status", "busy", "transparency", "outlook"),
    [
        ("TENTATIVE", True, "OPAQUE", "TENTATIVE"),
        ("TENTATIVE", False, "TRANSPARENT", "FREE"),
        ("CONFIRMED", True, "OPAQUE", "BUSY"),
        ("CONFIRMED", False, "TRANSPARENT", "FREE"),
        ("CANCELLED", True, "TRANSPARENT", "FREE"),
    ],
)
def test_a_state_takes_time_or_not(status, busy, transparency, outlook):
    body = ical.feed(calendar(event(status=status, busy=busy)))

    assert values(body, "STATUS") == [status]
    assert values(body, "TRANSP") == [transparency]
    assert values(body, "X-MICROSOFT-CDO-BUSYSTATUS") == [outlook]


def test_a_feed_never_tells_who_comes():
    body = ical.feed(calendar(event(attendee=ATTENDEE)))

    assert b"ATTENDEE" not in body
    assert b"ada@" not in body


def test_a_feed_without_organizers_has_no_method():
    body = ical.feed(calendar(event(), event(uid="2@example.org", organizer=None)))

    assert b"METHOD" not in body


def test_a_feed_has_no_address_of_its_own_and_no_alarm():
    body = ical.feed(calendar(event()))

    assert not values(body, "SOURCE")
    assert b"VALARM" not in body


def test_every_line_ends_as_the_standard_says():
    body = ical.feed(calendar(event(summary="🙂" * 400, description="é\n" * 400)))

    assert body.endswith(b"END:VCALENDAR\r\n")
    assert body.count(b"\n") == body.count(b"\r") == body.count(b"\r\n")
    assert max(map(len, body.split(b"\r\n"))) <= 75


@pytest.mark.parametrize(
    "title", ["x\r\nEND:VEVENT\r\nBEGIN:VEVENT", "x\0\x0b\u2028SUMMARY:PIRATE"]
)
def test_hostile_text_adds_no_line_anywhere(title):
    plain = event(
        description="x",
        location="x",
        geo=(1.0, 2.0),
        category="x",
        url="https://example.org/x",
        organizer=("x", "x@example.org"),
    )
    hostile = plain._replace(
        uid=title,
        summary=title,
        description=title,
        location=title,
        category=title,
        url=title,
        organizer=(title, title),
    )

    body = ical.feed(calendar(hostile, name=title, description=title, url=title, product=title))

    assert len(lines(body)) == len(lines(ical.feed(calendar(plain))))
    assert len(vobject.readOne(body.decode()).contents["vevent"]) == 1


def test_the_same_values_give_the_same_bytes():
    first, second = (ical.feed(calendar(event(), event(uid="2@example.org"))) for _ in range(2))

    assert first == second
    assert ical.etag(first) == ical.etag(second)


def test_another_value_gives_another_etag():
    first, second = ical.feed(calendar(event())), ical.feed(calendar(event(sequence=3)))

    assert ical.etag(first) != ical.etag(second)
    assert ical.etag(first).isalnum()


def test_an_empty_calendar_is_a_calendar():
    body = ical.feed(calendar())

    assert not icalendar.Calendar.from_ical(body).errors
    assert values(body, "X-WR-CALNAME") == ["Mes réservations"]
    assert values(body, "TZID") == ["UTC"]


@pytest.mark.parametrize(
    ("refresh", "written"),
    [
        (timedelta(hours=1), "PT1H"),
        (timedelta(hours=12), "PT12H"),
        (timedelta(minutes=90), "PT90M"),
    ],
)
def test_the_interval_is_said_to_both_kinds_of_client(refresh, written):
    body = ical.feed(calendar(refresh=refresh))

    assert f"REFRESH-INTERVAL;VALUE=DURATION:{written}" in lines(body)
    assert f"X-PUBLISHED-TTL:{written}" in lines(body)


def test_an_invitation_asks_one_person_who_has_accepted():
    body = ical.invitation(event(attendee=ATTENDEE))

    assert values(body, "METHOD") == ["REQUEST"]
    assert [line for line in lines(body) if line.startswith(("ORGANIZER", "ATTENDEE"))] == [
        'ORGANIZER;CN="CCILab – Palais de la Bourse":mailto:ccilab@example.org',
        "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FALSE"
        ';CN="Ada Martin":mailto:ada@example.com',
    ]
    assert values(body, "UID") == [UID]
    assert values(body, "TZID") == ["Europe/Paris"]


def test_an_invitation_is_no_subscription():
    body = ical.invitation(event(attendee=ATTENDEE))

    assert not values(body, "X-WR-CALNAME")
    assert not values(body, "REFRESH-INTERVAL")


def test_a_request_that_waits_is_tentative():
    body = ical.invitation(event(attendee=ATTENDEE, status="TENTATIVE"))

    assert values(body, "METHOD") == ["REQUEST"]
    assert values(body, "STATUS") == ["TENTATIVE"]


@pytest.mark.parametrize("status", ["TENTATIVE", "CONFIRMED", "CANCELLED"])
def test_a_cancellation_frees_the_time(status):
    body = ical.cancellation(event(attendee=ATTENDEE, status=status, sequence=3))

    assert values(body, "METHOD") == ["CANCEL"]
    assert values(body, "STATUS") == ["CANCELLED"]
    assert values(body, "TRANSP") == ["TRANSPARENT"]
    assert values(body, "UID") == [UID]
    assert values(body, "SEQUENCE") == ["3"]


@pytest.mark.parametrize("write", [ical.invitation, ical.cancellation])
@pytest.mark.parametrize("missing", ["organizer", "attendee"])
def test_a_mail_needs_both_sides(write, missing):
    one_sided = event(attendee=ATTENDEE)._replace(**{missing: None})

    with pytest.raises(ValueError, match="organizer and an attendee"):
        write(one_sided)


@pytest.mark.parametrize("write", [ical.invitation, ical.cancellation])
def test_readers_find_the_person_behind_a_hostile_name(write):
    body = write(event(attendee=('Ada "^, ;:\r\nATTENDEE:mailto:eve@example.net', ATTENDEE[1])))

    read = icalendar.Calendar.from_ical(body).walk("VEVENT")[0]
    assert read["ATTENDEE"] == "mailto:ada@example.com"
    assert read["ATTENDEE"].params["CN"] == 'Ada "^, ;: ATTENDEE:mailto:eve@example.net'
    assert vobject.readOne(body.decode()).vevent.attendee.value == "mailto:ada@example.com"

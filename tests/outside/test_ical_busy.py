"""Public calendars: taken time, merged, and nothing on who takes it."""

import pytest

from booking.outside import ical
from tests.support.calendars import UID, calendar, event, lines, utc, values

SECRET = b"only for these tests"


def slot(start, end, place="ada", **changes):
    made = ical.Slot(
        place=place,
        starts_at=start,
        ends_at=end,
        zone="Europe/Paris",
        summary="Occupé",
    )
    return made._replace(**changes)


def nine_to(hour):
    return utc(2027, 3, 2, 9), utc(2027, 3, 2, hour)


def times(body):
    """The taken times, as they are written; Paris is an hour ahead."""
    ends = values(body, "DTEND")
    starts = values(body, "DTSTART")[-len(ends) :]  # Those of the zone come first.
    return [f"{start[9:13]}-{end[9:13]}" for start, end in zip(starts, ends, strict=True)]


@pytest.mark.parametrize(
    ("second", "taken"),
    [
        ((utc(2027, 3, 2, 11), utc(2027, 3, 2, 12)), ["1000-1300"]),
        ((utc(2027, 3, 2, 10), utc(2027, 3, 2, 12)), ["1000-1300"]),
        ((utc(2027, 3, 2, 9), utc(2027, 3, 2, 10)), ["1000-1200"]),
        ((utc(2027, 3, 2, 9, 30), utc(2027, 3, 2, 10)), ["1000-1200"]),
        ((utc(2027, 3, 2, 11, 15), utc(2027, 3, 2, 12)), ["1000-1200", "1215-1300"]),
    ],
)
def test_taken_times_that_touch_are_one(second, taken):
    first, second = slot(*nine_to(11)), slot(*second)

    body = ical.busy_feed(calendar(), [first, second], SECRET)

    assert times(body) == taken
    assert ical.busy_feed(calendar(), [second, first], SECRET) == body


def test_times_of_two_places_stay_two():
    slots = [slot(*nine_to(11)), slot(*nine_to(11), place="bob")]

    body = ical.busy_feed(calendar(), slots, SECRET)

    assert times(body) == ["1000-1200", "1000-1200"]
    assert len(set(values(body, "UID"))) == 2


@pytest.mark.parametrize(
    ("slots", "secret"),
    [
        ([slot(*nine_to(11), place="bob")], SECRET),
        ([slot(*nine_to(12))], SECRET),
        ([slot(utc(2027, 3, 2, 8), utc(2027, 3, 2, 11))], SECRET),
        ([slot(*nine_to(11))], b"another"),
    ],
)
def test_another_place_time_or_secret_is_another_name(slots, secret):
    first = ical.busy_feed(calendar(), [slot(*nine_to(11))], SECRET)

    assert values(ical.busy_feed(calendar(), slots, secret), "UID") != values(first, "UID")


def test_a_name_stays_whatever_else_is_taken():
    alone = ical.busy_feed(calendar(), [slot(*nine_to(11))], SECRET)
    later = slot(utc(2031, 3, 2, 9), utc(2031, 3, 2, 10))

    both = ical.busy_feed(calendar(), [slot(*nine_to(11)), later], SECRET)

    assert values(both, "UID")[:1] == values(alone, "UID")


def test_a_secret_may_have_any_length():
    body = ical.busy_feed(calendar(), [slot(*nine_to(11))], b"long" * 100)

    assert len(values(body, "UID")) == 1


def test_a_busy_feed_says_that_time_is_taken_and_no_more():
    private = calendar(event(summary="Entretien annuel"))

    body = ical.busy_feed(private, [slot(*nine_to(11))], SECRET)

    assert lines(body)[lines(body).index("BEGIN:VEVENT") :] == [
        "BEGIN:VEVENT",
        "UID:2728793eb1b022485d0168798926cb12@busy",
        "DTSTAMP:20200101T000000Z",
        "DTSTART;TZID=Europe/Paris:20270302T100000",
        "DTEND;TZID=Europe/Paris:20270302T120000",
        "SUMMARY:Occupé",
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        "X-MICROSOFT-CDO-BUSYSTATUS:BUSY",
        "SEQUENCE:0",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    assert b"Entretien" not in body
    assert b"LAST-MODIFIED" not in body
    assert UID.encode() not in body

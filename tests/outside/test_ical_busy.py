"""Public calendars: taken time, merged, and nothing on who takes it."""

import pytest

from booking.outside import ical
from tests.support.calendars import UID, calendar, event, lines, utc, values


def slot(start, end, place="ada", **changes):
    made = ical.Slot(
        place=place,
        starts_at=start,
        ends_at=end,
        zone="Europe/Paris",
        summary="Occupé",
        updated_at=utc(2027, 2, 3),
    )
    return made._replace(**changes)


def named(one):
    return f"{one.place}-{one.starts_at:%d%H%M}-{one.ends_at:%d%H%M}@example.org"


def nine_to(hour):
    return utc(2027, 3, 2, 9), utc(2027, 3, 2, hour)


@pytest.mark.parametrize(
    ("second", "uids"),
    [
        ((utc(2027, 3, 2, 11), utc(2027, 3, 2, 12)), ["ada-020900-021200@example.org"]),
        ((utc(2027, 3, 2, 10), utc(2027, 3, 2, 12)), ["ada-020900-021200@example.org"]),
        ((utc(2027, 3, 2, 9), utc(2027, 3, 2, 10)), ["ada-020900-021100@example.org"]),
        ((utc(2027, 3, 2, 9, 30), utc(2027, 3, 2, 10)), ["ada-020900-021100@example.org"]),
        (
            (utc(2027, 3, 2, 11, 15), utc(2027, 3, 2, 12)),
            ["ada-020900-021100@example.org", "ada-021115-021200@example.org"],
        ),
    ],
)
def test_taken_times_that_touch_are_one(second, uids):
    first, second = slot(*nine_to(11)), slot(*second)

    body = ical.busy_feed(calendar(), [first, second], named)

    assert values(body, "UID") == uids
    assert ical.busy_feed(calendar(), [second, first], named) == body


def test_times_of_two_places_stay_two():
    slots = [slot(*nine_to(11)), slot(*nine_to(11), place="bob")]

    body = ical.busy_feed(calendar(), slots, named)

    assert values(body, "UID") == ["ada-020900-021100@example.org", "bob-020900-021100@example.org"]


def test_a_merged_time_is_as_new_as_its_newest_part():
    new = slot(utc(2027, 3, 2, 11), utc(2027, 3, 2, 12), updated_at=utc(2027, 2, 20))

    body = ical.busy_feed(calendar(), [slot(*nine_to(11)), new], named)

    assert values(body, "DTSTAMP") == ["20270220T000000Z"]


def test_a_busy_feed_says_that_time_is_taken_and_no_more():
    private = calendar(event(summary="Entretien annuel"))

    body = ical.busy_feed(private, [slot(*nine_to(11))], named)

    assert lines(body)[lines(body).index("BEGIN:VEVENT") :] == [
        "BEGIN:VEVENT",
        "UID:ada-020900-021100@example.org",
        "DTSTAMP:20270203T000000Z",
        "LAST-MODIFIED:20270203T000000Z",
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
    assert UID.encode() not in body

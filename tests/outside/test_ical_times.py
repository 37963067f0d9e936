"""When events begin and end, as icalendar and vobject read it, neither of which wrote it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events
import vobject

from booking.outside import ical
from tests.support.calendars import UID, calendar, event, lines, utc, values

HOUR = timedelta(hours=1)
ZONES = [
    "Europe/Paris",
    "America/New_York",
    "Asia/Tokyo",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
]
# Winter, summer, and the nights in 2027 in which one of the zones changes its clocks.
DAYS = [
    (1, 15),
    (7, 15),
    (2, 7),
    (3, 14),
    (3, 28),
    (4, 4),
    (10, 3),
    (10, 31),
    (11, 7),
]


def by_icalendar(body):
    events = icalendar.Calendar.from_ical(body).walk("VEVENT")
    return {one["UID"]: (one.decoded("DTSTART"), one.decoded("DTEND")) for one in events}


def by_vobject(body):
    events = vobject.readOne(body.decode()).contents["vevent"]
    return {one.uid.value: (one.dtstart.value, one.dtend.value) for one in events}


def by_recurring_ical_events(body):
    read = icalendar.Calendar.from_ical(body)
    del read["X-WR-TIMEZONE"]  # With it, this reader loses the hour that comes twice.
    events = recurring_ical_events.of(read).between((2026, 12, 1), (2028, 2, 1))
    return {one["UID"]: (one.decoded("DTSTART"), one.decoded("DTEND")) for one in events}


READERS = [by_icalendar, by_vobject, by_recurring_ical_events]


def half_hours(zone):
    """Events around the hours in which one of the zones changes its clocks on these days."""
    midnights = [utc(2027, month, day) for month, day in DAYS]
    hours = [*range(-20, -14), *range(-2, 18)]  # Australia, then all others.
    starts = [midnight + number * HOUR / 2 for midnight in midnights for number in hours]
    return [
        event(uid=f"{number}@example.org", starts_at=at, ends_at=at + HOUR / 2, zone=zone)
        for number, at in enumerate(starts)
    ]


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("zone", ZONES)
def test_every_reader_finds_the_same_instants(read, zone):
    events = half_hours(zone)

    found = read(ical.feed(calendar(*events, zone=zone)))

    assert {
        uid: (start.astimezone(UTC), end.astimezone(UTC)) for uid, (start, end) in found.items()
    } == {one.uid: (one.starts_at, one.ends_at) for one in events}


@pytest.mark.parametrize("zone", ["Europe/Paris", "America/New_York", "Asia/Tokyo"])
def test_people_read_the_wall_time_of_the_venue(zone):
    summer = event(starts_at=utc(2027, 7, 1, 9), ends_at=utc(2027, 7, 1, 10), zone=zone)

    body = ical.feed(calendar(summer))

    wall = summer.starts_at.astimezone(ZoneInfo(zone))
    assert f"DTSTART;TZID={zone}:{wall:%Y%m%dT%H%M%S}" in lines(body)


def test_an_hour_that_comes_twice_is_written_in_utc():
    night = event(starts_at=utc(2027, 10, 31, 0, 30), ends_at=utc(2027, 10, 31, 3))

    body = ical.feed(calendar(night))

    assert "DTSTART:20271031T003000Z" in lines(body)
    assert "DTEND;TZID=Europe/Paris:20271031T040000" in lines(body)


def test_a_zone_without_a_yearly_rule_is_written_in_utc():
    body = ical.feed(calendar(event(zone="Africa/Casablanca"), zone="Africa/Casablanca"))

    assert "DTSTART:20270302T090000Z" in lines(body)
    assert b"VTIMEZONE" not in body
    assert values(body, "X-WR-TIMEZONE") == ["Africa/Casablanca"]


def test_each_zone_that_a_time_names_is_described_once():
    night = event(starts_at=utc(2027, 11, 7, 5, 30), ends_at=utc(2027, 11, 7, 6, 30))
    events = [
        event(),
        event(uid="2@example.org"),
        event(uid="3@example.org", zone="Asia/Tokyo"),
        night._replace(uid="4@example.org", zone="America/New_York"),
        event(uid="5@example.org", zone="Africa/Casablanca"),
    ]

    body = ical.feed(calendar(*events))

    assert values(body, "TZID") == ["Asia/Tokyo", "Europe/Paris"]


@pytest.mark.parametrize("field", ["starts_at", "ends_at", "created_at", "updated_at"])
@pytest.mark.parametrize("zone", ["Europe/Paris", "Africa/Casablanca"])
def test_a_time_without_zone_is_refused(field, zone):
    naive = datetime(2027, 3, 2, 10)  # noqa: DTZ001

    with pytest.raises((ValueError, TypeError)):
        ical.feed(calendar(event(zone=zone)._replace(**{field: naive})))


def test_an_event_has_to_last():
    with pytest.raises(ValueError, match=UID):
        ical.feed(calendar(event(ends_at=utc(2027, 3, 2, 9))))


def test_instants_of_other_zones_are_the_same_instants():
    paris = ZoneInfo("Europe/Paris")
    there = event(
        starts_at=datetime(2027, 3, 2, 10, tzinfo=paris),
        ends_at=datetime(2027, 3, 2, 12, tzinfo=paris),
        updated_at=datetime(2027, 2, 3, 18, 5, 59, tzinfo=paris),
    )

    assert ical.feed(calendar(there)) == ical.feed(calendar(event()))

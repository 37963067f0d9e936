"""The VTIMEZONE of each zone, read by dateutil, against zoneinfo."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import pytest
from dateutil.tz import tzical

from booking.outside.timezones import NO_ZONE, described

HOUR = timedelta(hours=1)

PARIS = """\
BEGIN:VTIMEZONE
TZID:Europe/Paris
BEGIN:DAYLIGHT
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
END:STANDARD
END:VTIMEZONE"""


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def read_back(lines):
    """The zone as a program sees it that knows nothing but the VTIMEZONE."""
    return tzical(StringIO("\r\n".join(lines))).get()


def every(step, start, end):
    return [start + step * number for number in range((end - start) // step)]


def differences(zone, instants):
    """The instants whose wall time dateutil turns back into another instant."""
    rule = read_back(zone.lines)
    walls = [(at, at + zone.offset(at)) for at in instants if zone.offset(at) is not None]
    return [at for at, wall in walls if wall.replace(tzinfo=rule).astimezone(UTC) != at]


def test_the_text_of_paris_never_changes():
    for year in (1997, 2026, 2027, 2040):
        assert "\n".join(described("Europe/Paris", year, year + 1).lines) == PARIS


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("America/New_York", ["BYMONTH=3;BYDAY=2SU", "BYMONTH=11;BYDAY=1SU"]),
        ("Australia/Lord_Howe", ["BYMONTH=10;BYDAY=1SU", "BYMONTH=4;BYDAY=1SU"]),
        ("Europe/Dublin", ["BYMONTH=3;BYDAY=-1SU", "BYMONTH=10;BYDAY=-1SU"]),
        ("Asia/Tokyo", []),
    ],
)
def test_a_zone_has_its_two_yearly_rules_or_none(name, rules):
    lines = described(name, 2026, 2028).lines

    assert [line for line in lines if line.startswith("RRULE")] == [
        f"RRULE:FREQ=YEARLY;{rule}" for rule in rules
    ]


def test_half_an_hour_is_written_as_such():
    lines = described("Australia/Lord_Howe", 2026, 2028).lines

    assert [line for line in lines if line.startswith("TZOFFSET")] == [
        "TZOFFSETFROM:+1030",
        "TZOFFSETTO:+1100",
        "TZOFFSETFROM:+1100",
        "TZOFFSETTO:+1030",
    ]


@pytest.mark.parametrize(
    "name", ["Europe/Paris", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe"]
)
def test_a_reader_of_the_rule_agrees_with_zoneinfo_for_ten_years(name):
    zone = described(name, 2026, 2028)
    instants = every(6 * HOUR, utc(2026, 1, 1, 4), utc(2037, 1, 1))

    assert all(zone.offset(at) == at.astimezone(ZoneInfo(name)).utcoffset() for at in instants)
    assert not differences(zone, instants)


def test_a_reader_of_the_rule_agrees_with_zoneinfo_in_every_zone_of_the_world():
    instants = every(60 * HOUR, utc(2027, 1, 1), utc(2029, 1, 1))
    zones = [described(name, 2027, 2028) for name in sorted(available_timezones())]
    shapes = {zone.lines[2:]: zone for zone in zones if zone}

    assert len(shapes) > 50
    assert not any(differences(zone, instants) for zone in shapes.values())


@pytest.mark.parametrize(
    ("name", "forward", "back"),
    [
        ("Europe/Paris", utc(2027, 3, 28, 1), utc(2027, 10, 31, 1)),
        ("America/New_York", utc(2027, 3, 14, 7), utc(2027, 11, 7, 6)),
    ],
)
def test_only_the_two_hours_that_look_alike_have_no_wall_time(name, forward, back):
    zone = described(name, 2027, 2027)
    minutes = every(HOUR / 60, forward - 3 * HOUR, forward + 3 * HOUR)
    minutes += every(HOUR / 60, back - 3 * HOUR, back + 3 * HOUR)

    silent = [at for at in minutes if zone.offset(at) is None]

    assert silent == every(HOUR / 60, back - HOUR, back + HOUR)
    assert not differences(zone, minutes)


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Africa/Casablanca", 2026),  # It changes with Ramadan.
        ("America/New_York", 2002),  # Its rule changed in 2007.
        ("Europe/Istanbul", 2012),  # It stopped in 2016.
        ("UTC", 2026),
        ("Etc/UTC", 2026),
    ],
)
def test_a_zone_without_one_yearly_rule_is_not_described(name, first):
    assert described(name, first, first + 1) is None


def test_a_rule_counts_from_the_year_after_it_began():
    assert described("America/New_York", 2008, 2009)
    assert described("Europe/Istanbul", 2018, 2019)


def test_a_rule_has_to_hold_as_long_as_the_events():
    assert described("America/New_York", 1988, 1989)
    assert not described("America/New_York", 1988, 2007)


def test_an_unknown_zone_is_refused():
    with pytest.raises(ZoneInfoNotFoundError):
        described("Europe/Atlantis", 2026, 2028)


def test_the_zone_of_an_empty_calendar_is_utc():
    noon = datetime(2027, 7, 1, 12, tzinfo=read_back(NO_ZONE))

    assert noon.utcoffset() == timedelta(0)

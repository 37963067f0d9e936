"""Opening hours are wall time of the venue; clocks change, and days are not all alike."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from booking.errors import Refusal
from booking.rules.hours import (
    Hours,
    Span,
    day,
    exists,
    instant,
    next_open_date,
    open_around,
    open_periods,
    reached,
    today,
    told_why,
)
from booking.rules.periods import Period

PARIS, LORD_HOWE = ZoneInfo("Europe/Paris"), ZoneInfo("Australia/Lord_Howe")
SPRING, AUTUMN, MONDAY = date(2027, 3, 28), date(2027, 10, 31), date(2027, 3, 8)
HOUR = timedelta(hours=1)


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("on", "minute", "expected"),
    [
        pytest.param(MONDAY, 9 * 60, utc(2027, 3, 8, 8), id="winter"),
        pytest.param(date(2027, 7, 5), 9 * 60, utc(2027, 7, 5, 7), id="summer"),
        pytest.param(MONDAY, 1440, utc(2027, 3, 8, 23), id="24:00 is the next midnight"),
        pytest.param(SPRING, 90, utc(2027, 3, 28, 0, 30), id="before the gap"),
        pytest.param(SPRING, 150, utc(2027, 3, 28, 1, 30), id="in the gap: moved on to 3:30"),
        pytest.param(SPRING, 180, utc(2027, 3, 28, 1), id="after the gap"),
        pytest.param(AUTUMN, 150, utc(2027, 10, 31, 0, 30), id="repeated: the first"),
        pytest.param(AUTUMN, 180, utc(2027, 10, 31, 2), id="after the repeated hour"),
    ],
)
def test_the_instant_of_a_wall_time_in_paris(on, minute, expected):
    assert instant(on, minute, PARIS) == expected


def test_instants_are_given_in_utc():
    assert instant(MONDAY, 540, PARIS).tzinfo is UTC


def test_the_calendar_ends():
    with pytest.raises(OverflowError):
        instant(date(9999, 12, 31), 1440, PARIS)


@pytest.mark.parametrize(
    ("on", "minute", "there"),
    [
        (SPRING, 119, True),
        (SPRING, 120, False),
        (SPRING, 179, False),
        (SPRING, 180, True),
        (AUTUMN, 150, True),
        (MONDAY, 0, True),
        (MONDAY, 1440, True),
    ],
)
def test_some_wall_times_are_skipped(on, minute, there):
    assert exists(on, minute, PARIS) is there


@pytest.mark.parametrize(
    ("on", "hours"), [(SPRING, 23), (MONDAY, 24), (AUTUMN, 25), (date(2027, 10, 30), 24)]
)
def test_a_day_has_as_many_hours_as_its_clocks_show(on, hours):
    assert day(on, PARIS).length == hours * HOUR


@pytest.mark.parametrize(("on", "hours"), [(date(2027, 10, 3), 23.5), (date(2027, 4, 4), 24.5)])
def test_where_clocks_change_by_half_an_hour(on, hours):
    assert day(on, LORD_HOWE).length == hours * HOUR


def test_where_midnight_does_not_exist_the_day_begins_an_hour_later():
    cairo = ZoneInfo("Africa/Cairo")

    assert day(date(2027, 4, 30), cairo) == Period(utc(2027, 4, 29, 22), utc(2027, 4, 30, 21))


@pytest.mark.parametrize(
    ("now", "expected"),
    [(utc(2027, 3, 7, 22, 59), date(2027, 3, 7)), (utc(2027, 3, 7, 23), MONDAY)],
)
def test_today_is_the_date_on_the_venues_wall(now, expected):
    assert today(now, PARIS) == expected


def test_a_venue_is_open_on_its_weekdays_only():
    spans = Hours([Span(0, 540, 720), Span(1, 600, 660), Span(0, 840, 1080)])

    found = open_periods(spans, MONDAY, PARIS)

    assert found == (
        Period(utc(2027, 3, 8, 8), utc(2027, 3, 8, 11)),
        Period(utc(2027, 3, 8, 13), utc(2027, 3, 8, 17)),
    )


@pytest.mark.parametrize(("on", "hours"), [(SPRING, 23), (AUTUMN, 25)])
def test_a_venue_that_never_closes_is_open_all_day_when_clocks_change(on, hours):
    (found,) = open_periods(Hours([Span(6, 0, 1440)]), on, PARIS)

    assert found.length == hours * HOUR


def test_hours_that_lie_in_the_gap_move_on_by_it():
    (found,) = open_periods(Hours([Span(6, 120, 150)]), SPRING, PARIS)

    assert found == Period(utc(2027, 3, 28, 1), utc(2027, 3, 28, 1, 30))


def test_hours_that_the_gap_swallows_are_none():
    assert open_periods(Hours([Span(6, 150, 180)]), SPRING, PARIS) == ()


def test_spans_that_meet_at_midnight_are_one_night():
    spans = Hours([Span(0, 1200, 1440), Span(1, 0, 120)])
    night = Period(instant(MONDAY, 1380, PARIS), instant(MONDAY + timedelta(days=1), 60, PARIS))

    (found,) = open_around(spans, night, PARIS)

    assert found.length == 6 * HOUR


def test_open_time_is_that_of_every_date_touched():
    week = Period(utc(2027, 3, 8, 8), utc(2027, 3, 12, 8))

    assert len(open_around(Hours([Span(n, 540, 600) for n in range(7)]), week, PARIS)) == 5


def test_an_endless_wish_costs_little():
    ages = Period(utc(2027, 1, 1), utc(2900, 1, 1))

    assert len(open_around(Hours([Span(n, 540, 600) for n in range(7)]), ages, PARIS)) == 401


@pytest.mark.parametrize(
    ("moment", "found"),
    [
        ("2027-03-05T10:00", "2027-03-05"),  # Friday, open
        ("2027-03-05T17:00", "2027-03-08"),  # Friday, closing at this minute
        ("2027-03-06T10:00", "2027-03-08"),  # Saturday
    ],
)
def test_the_next_open_date_has_open_time_ahead(moment, found):
    week = Hours([Span(day, 9 * 60, 17 * 60) for day in range(5)])
    now = datetime.fromisoformat(moment).replace(tzinfo=PARIS)

    assert next_open_date(week, now, PARIS) == date.fromisoformat(found)


def test_a_venue_without_hours_shows_today():
    now = datetime(2027, 3, 6, 10, tzinfo=PARIS)

    assert next_open_date(Hours(), now, PARIS) == date(2027, 3, 6)


def test_a_period_that_ends_at_midnight_does_not_touch_the_next_day():
    spans = Hours([Span(n, 540, 600) for n in range(7)])
    evening = Period(instant(MONDAY, 23 * 60, PARIS), instant(MONDAY, 1440, PARIS))

    assert open_around(spans, evening, PARIS) == open_periods(spans, MONDAY, PARIS)


WEEK = [Span(n, 540, 1080) for n in range(5)]


@pytest.mark.parametrize(
    ("on", "special", "expected"),
    [
        pytest.param(date(2027, 5, 5), {}, [(540, 1080)], id="a Wednesday"),
        pytest.param(date(2027, 5, 6), {}, [], id="Ascension"),
        pytest.param(date(2027, 5, 6), {6: [(600, 720)]}, [(600, 720)], id="reopened"),
        pytest.param(date(2027, 5, 5), {5: []}, [], id="closed on that date"),
        pytest.param(date(2027, 5, 5), {5: [(0, 1440)]}, [(0, 1440)], id="open all day"),
        pytest.param(date(2027, 5, 9), {9: [(600, 720)]}, [(600, 720)], id="a Sunday opened"),
    ],
)
def test_a_date_comes_before_a_holiday_and_a_holiday_before_the_week(on, special, expected):
    dates = {on.replace(day=number): spans for number, spans in special.items()}

    assert list(Hours(WEEK, dates, "FR").spans_on(on)) == expected


def test_without_a_country_no_holiday_closes():
    assert Hours(WEEK).spans_on(date(2027, 5, 6)) == [(540, 1080)]


# Why hours are not the usual ones

ASCENSION = date(2027, 5, 6)


@pytest.mark.parametrize(
    ("hours", "reason"),
    [
        (Hours(holidays="FR"), {"fr": "Ascension", "en": "Ascension Day"}),
        (Hours(), None),
        (Hours(holidays="FR", special={ASCENSION: [(480, 720)]}), None),
        (
            Hours(special={ASCENSION: []}, why={ASCENSION: "Inventaire"}),
            {"fr": "Inventaire", "en": "Inventaire"},
        ),
    ],
)
def test_a_date_says_why_its_hours_are_its_own(hours, reason):
    assert hours.reason(ASCENSION) == reason


def test_a_refusal_of_closed_hours_is_told_why_and_others_stay_as_they_are():
    closed, late = Refusal("closed", {"opening": []}, "manager"), Refusal("past")
    period = Period(instant(ASCENSION, 540, PARIS), instant(ASCENSION, 600, PARIS))

    found = told_why([late, closed], Hours(holidays="FR"), period, PARIS)

    assert found[0] is late
    assert found[1].facts["why"]["fr"] == "Ascension"
    assert found[1].exception_by == "manager"


# Over several days


def told(start: str, end: str, hours: Hours) -> dict[str, object]:
    """What is said of a period that is refused because it is closed: "05 9" is 5 May, 9 o'clock."""
    edges = [
        instant(date(2027, 5, int(day)), int(hour) * 60, PARIS)
        for day, hour in (start.split(), end.split())
    ]
    (found,) = told_why([Refusal("closed")], hours, Period(*edges), PARIS)
    return found.facts


WORKDAYS = Hours(weekly=[Span(day, 540, 1080) for day in range(5)], holidays="FR")


def test_the_days_that_are_closed_are_told_with_why():
    facts = told("05 9", "10 12", WORKDAYS)

    shut = facts["shut"]
    assert [on.day for on, _ in shut] == [6, 8, 9]
    assert [why and why["fr"] for _, why in shut] == ["Ascension", "Fête de la Victoire", None]
    assert (facts["open"], facts["overnight"]) == ([], True)


def test_a_night_that_is_closed_tells_when_both_days_are_open():
    facts = told("03 22", "04 2", WORKDAYS)

    opening = [(on.day, list(open_periods(WORKDAYS, on, PARIS))) for on, _ in facts["open"]]
    assert [(on.day, times) for on, times in facts["open"]] == opening
    assert [on for on, _ in opening] == [3, 4]
    assert (facts["shut"], facts["overnight"]) == ([], False)


def test_open_at_both_ends_it_is_the_night_between_that_is_closed():
    facts = told("03 10", "04 12", WORKDAYS)

    assert (facts["shut"], facts["open"], facts["overnight"]) == ([], [], True)


@pytest.mark.parametrize(
    ("minute", "hour"),
    [(119, (0, 59)), (120, (1, 0)), (150, (1, 0)), (180, (1, 0)), (1440, (22, 0))],
)
def test_a_time_that_clocks_skip_is_reached_when_they_skip_it(minute, hour):
    """On 28 March 2027 they go from 2 to 3 at one o'clock in UTC."""
    found = reached(date(2027, 3, 28), minute, PARIS)

    assert (found.hour, found.minute) == hour

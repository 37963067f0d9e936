"""Repeat rules: which dates, and when on each of them."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from booking.rules import holidays, series
from booking.rules.periods import Period
from booking.rules.series import Repeat, Walls, dates_of, following, period_on, shifted, walls_of

PARIS, LISBON = ZoneInfo("Europe/Paris"), ZoneInfo("Europe/Lisbon")


def days(text: str) -> list[date]:
    """ "2027-03-30 31 04-01": what is left out is as before."""
    found: list[date] = []
    parts = ["", "", ""]
    for word in text.split():
        given = word.split("-")
        parts = [*parts[: 3 - len(given)], *given]
        found.append(date.fromisoformat("-".join(parts)))
    return found


RULES = [
    ("every day", Repeat("daily", count=3), "2027-02-27", "2027-02-27 28 03-01"),
    ("over leap day", Repeat("daily", count=3), "2028-02-28", "2028-02-28 29 03-01"),
    ("every third day", Repeat("daily", 3, count=3), "2027-03-30", "2027-03-30 04-02 05"),
    (
        "until, that day included",
        Repeat("daily", until=date(2027, 3, 3)),
        "2027-03-01",
        "2027-03-01 02 03",
    ),
    ("weekly", Repeat("weekly", count=2), "2027-03-09", "2027-03-09 16"),
    (
        "weekly on several days, those before the first left out",
        Repeat("weekly", weekdays=(0, 3), count=4),
        "2027-03-09",
        "2027-03-11 15 18 22",
    ),
    (
        "every second week, over the 53rd",
        Repeat("weekly", 2, weekdays=(3, 4), count=4),
        "2026-12-31",
        "2026-12-31 2027-01-01 14 15",
    ),
    ("monthly by date", Repeat("monthly", count=3), "2027-11-15", "2027-11-15 12-15 2028-01-15"),
    (
        "monthly by date at the end of long months",
        Repeat("monthly", count=4),
        "2027-01-31",
        "2027-01-31 03-31 05-31 07-31",
    ),
    ("every leap day", Repeat("monthly", 12, until=date(2031, 1, 1)), "2028-02-29", "2028-02-29"),
    (
        "the second Tuesday",
        Repeat("monthly", by="weekday", count=3),
        "2027-03-09",
        "2027-03-09 04-13 05-11",
    ),
    (
        "the fifth Monday",
        Repeat("monthly", by="weekday", count=3),
        "2027-03-29",
        "2027-03-29 05-31 08-30",
    ),
    (
        "the last Friday",
        Repeat("monthly", by="last", count=3),
        "2027-03-26",
        "2027-03-26 04-30 05-28",
    ),
    (
        "own dates, in order and once",
        Repeat("dates", dates=tuple(days("2027-05-02 04-01 05-02"))),
        "2027-04-01",
        "2027-04-01 05-02",
    ),
]


@pytest.mark.parametrize(
    ("repeat", "first", "expected"), [r[1:] for r in RULES], ids=[r[0] for r in RULES]
)
def test_a_rule_becomes_dates(repeat: Repeat, first: str, expected: str) -> None:
    found = dates_of(repeat, date.fromisoformat(first))

    assert list(found.dates) == days(expected)


def test_a_month_without_the_date_is_said() -> None:
    found = dates_of(Repeat("monthly", count=3), date(2027, 1, 30))

    assert found.passed == [(date(2027, 2, 1), "missing")]


def test_public_holidays_are_passed_over_and_do_not_count() -> None:
    def holiday(on: date) -> bool:
        return bool(holidays.public("FR", on))

    repeat = Repeat("weekly", count=3, skip_holidays=True)

    found = dates_of(repeat, date(2026, 12, 18), holiday)

    assert list(found.dates) == days("2026-12-18 2027-01-08 15")
    assert found.passed == [(on, "holiday") for on in days("2026-12-25 2027-01-01")]


def test_public_holidays_stay_where_they_are_not_to_be_passed_over() -> None:
    found = dates_of(Repeat("weekly", count=2), date(2026, 12, 18), lambda on: True)

    assert len(found.dates) == 2


@pytest.mark.parametrize(
    ("repeat", "count", "whole"),
    [
        (Repeat("daily", count=366), 366, True),
        (Repeat("daily", count=367), 366, False),
        (Repeat("daily", until=date(2029, 1, 1)), 366, False),
        (Repeat("daily"), 366, False),
        (Repeat("monthly", 12, count=4), 4, True),
        (Repeat("monthly", 12, count=5), 4, False),
    ],
)
def test_there_are_at_most_366_within_three_years(repeat: Repeat, count: int, whole: bool) -> None:
    found = dates_of(repeat, date(2027, 3, 1))

    assert (len(found.dates), found.whole) == (count, whole)


@pytest.mark.parametrize(
    ("on", "expected"), [("2027-03-30", True), ("2027-03-24", False), ("2027-03-25", True)]
)
def test_the_last_such_weekday_of_its_month(on: str, expected: bool) -> None:
    assert series.is_last(date.fromisoformat(on)) is expected


def wall(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%m-%d %H:%M}"


CHANGES = [
    # (zone, date, opens, closes, days) -> start and end on the wall, hours it lasts
    (PARIS, "2027-03-27", 540, 600, 0, "03-27 09:00", "03-27 10:00", 1),
    (PARIS, "2027-03-28", 540, 600, 0, "03-28 09:00", "03-28 10:00", 1),
    (PARIS, "2027-03-28", 60, 240, 0, "03-28 01:00", "03-28 04:00", 2),
    (PARIS, "2027-03-28", 150, 240, 0, "03-28 03:30", "03-28 04:00", 0.5),
    (PARIS, "2027-10-31", 540, 600, 0, "10-31 09:00", "10-31 10:00", 1),
    (PARIS, "2027-10-31", 150, 240, 0, "10-31 02:30", "10-31 04:00", 2.5),
    (PARIS, "2027-10-30", 1320, 480, 1, "10-30 22:00", "10-31 08:00", 11),
    (PARIS, "2027-12-31", 1320, 1440, 0, "12-31 22:00", "01-01 00:00", 2),
    (LISBON, "2027-03-28", 90, 180, 0, "03-28 02:30", "03-28 03:00", 0.5),
    (LISBON, "2027-03-28", 540, 600, 0, "03-28 09:00", "03-28 10:00", 1),
]


@pytest.mark.parametrize(
    ("zone", "on", "opens", "closes", "later", "start", "end", "hours"), CHANGES
)
def test_each_date_keeps_the_wall_time_of_the_venue(
    zone: ZoneInfo, on: str, opens: int, closes: int, later: int, start: str, end: str, hours: float
) -> None:
    period = period_on(date.fromisoformat(on), Walls(opens, closes, later), zone)

    assert period is not None
    assert (wall(period.start, zone), wall(period.end, zone)) == (start, end)
    assert period.length == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("repeat", "last", "expected"),
    [
        (Repeat("daily", 3, count=2), "2027-01-31", "2027-02-03"),
        (Repeat("weekly", 2, weekdays=(6, 1), count=9), "2027-02-16", "2027-02-23"),
        (Repeat("monthly", count=2), "2027-01-31", "2027-03-31"),
        (Repeat("monthly", by="last", count=2), "2027-01-31", "2027-02-28"),
        (Repeat("dates", dates=(date(2027, 1, 31),)), "2027-01-31", None),
    ],
)
def test_a_rule_goes_on_after_its_last_date(
    repeat: Repeat, last: str, expected: str | None
) -> None:
    found = following(repeat, date(2027, 1, 31), date.fromisoformat(last))

    assert (found and found.isoformat()) == expected


def test_clocks_may_leave_nothing_of_a_time() -> None:
    assert period_on(date(2027, 3, 28), Walls(150, 180), PARIS) is None


def test_the_calendar_ends() -> None:
    assert period_on(date.max, Walls(600, 1440), PARIS) is None


@pytest.mark.parametrize(
    ("on", "opens", "closes", "expected"),
    [
        ("2027-03-28", 150, 240, True),
        ("2027-03-28", 60, 150, True),
        ("2027-03-28", 60, 240, False),
        ("2027-10-31", 150, 240, False),
    ],
)
def test_what_is_moved_on_by_the_clocks_is_known(
    on: str, opens: int, closes: int, expected: bool
) -> None:
    assert shifted(date.fromisoformat(on), Walls(opens, closes), PARIS) is expected


@pytest.mark.parametrize("walls", [Walls(540, 600), Walls(1320, 1440), Walls(1320, 480, 1)])
def test_a_period_and_its_wall_times_are_one(walls: Walls) -> None:
    on = date(2027, 6, 1)
    period = period_on(on, walls, PARIS)
    assert period is not None

    assert walls_of(period, PARIS) == (on, walls)


def test_midnight_to_midnight_is_one_day() -> None:
    start = datetime.combine(date(2027, 6, 1), time(0), tzinfo=PARIS).astimezone(UTC)

    assert walls_of(Period(start, start + timedelta(days=1)), PARIS)[1] == Walls(0, 1440)


@pytest.mark.parametrize(
    "repeat",
    [
        Repeat("daily", 2, until=date(2027, 4, 1)),
        Repeat("weekly", weekdays=(1, 3), count=4, skip_holidays=True),
        Repeat("dates", dates=(date(2027, 4, 1),)),
    ],
)
def test_a_rule_is_kept_as_json(repeat: Repeat) -> None:
    assert series.from_json(series.as_json(repeat)) == repeat


def hour(first: int, last: int) -> Period:
    start = datetime(2027, 6, 1, tzinfo=UTC)
    return Period(start + timedelta(hours=first), start + timedelta(hours=last))


@pytest.mark.parametrize(
    ("around", "expected"),
    [
        (hour(0, 1), {}),
        (hour(2, 4), {}),
        (hour(1, 3), {7: [hour(1, 2)]}),
        (hour(0, 9), {7: [hour(4, 6), hour(1, 2)]}),
        (hour(5, 7), {7: [hour(4, 6)]}),
    ],
)
def test_what_is_taken_is_found_again(around: Period, expected: dict) -> None:
    taken = series.Taken({7: [hour(4, 6), hour(1, 2)], 8: [hour(0, 9)]})

    assert taken.within([7], around) == expected


def test_what_is_added_is_taken() -> None:
    taken = series.Taken()
    taken.add([7], hour(1, 2))

    assert taken.within([7, 8], hour(0, 9)) == {7: [hour(1, 2)]}

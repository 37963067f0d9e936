"""Eleven public holidays a year, no departmental one, and school holidays that close nothing."""

from datetime import date

import pytest

from booking.rules import holidays

YEARS = {
    2026: "01-01 04-06 05-01 05-08 05-14 05-25 07-14 08-15 11-01 11-11 12-25",
    2027: "01-01 03-29 05-01 05-06 05-08 05-17 07-14 08-15 11-01 11-11 12-25",
}


@pytest.mark.parametrize("year", YEARS)
def test_the_eleven_of_a_year(year):
    found = [f"{on:%m-%d}" for on in sorted(holidays.year_of("FR", year))]

    assert found == YEARS[year].split()


def test_two_holidays_on_one_date_are_one_date():
    """Ascension fell on 1 May in 2008."""
    assert len(holidays.year_of("FR", 2008)) == 10


def test_moselle_has_two_more():
    assert len(holidays.year_of("FR-57", 2027)) == 13


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_holiday_has_a_name_in_both_languages(language):
    name = holidays.public("FR", date(2027, 7, 14))

    assert name
    assert {"fr": "Fête nationale", "en": "National Day"}[language] == name[language]


@pytest.mark.parametrize("code", [None, ""])
def test_a_place_that_names_no_country_has_no_holidays(code):
    assert holidays.public(code, date(2027, 5, 1)) is None


@pytest.mark.parametrize("code", holidays.CODES)
def test_every_code_is_known(code):
    assert len(holidays.year_of(code, 2027)) >= 11


@pytest.mark.parametrize("year", [2000, 2999])
def test_years_nobody_has_written_down_have_none_or_all(year):
    assert len(holidays.year_of("FR", year)) in (0, 11)


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("2027-02-19", False),
        ("2027-02-20", True),
        ("2027-03-07", True),
        ("2027-03-08", False),
        ("2027-04-17", True),
        ("2027-07-03", True),
        ("2027-10-23", True),
    ],
)
def test_zone_b(on, expected):
    assert holidays.school("B", date.fromisoformat(on)) is expected


def test_the_zones_differ():
    assert len({holidays.school_year(zone, 2027) for zone in holidays.ZONES}) == 3


def test_labour_day_is_the_only_one():
    dates = [on for on in holidays.year_of("FR", 2027) if holidays.is_labour_day(on)]

    assert dates == [date(2027, 5, 1)]


def test_the_holidays_to_come_are_those_of_the_next_twelve_months():
    found = holidays.coming("FR", date(2026, 12, 25))

    assert len(found) == 12
    assert found[0][0] == date(2026, 12, 25)
    assert found[-1][0] == date(2027, 12, 25)
    assert holidays.coming(None, date(2026, 12, 25)) == []

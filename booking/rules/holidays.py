"""Public holidays, on which a venue is closed, and school holidays, which close nothing.

Dates and names come from the `holidays` package: eleven a year in France (Code du travail
L3133-1), thirteen in Moselle and Alsace. School zones are those of the académies.
"""

from datetime import date, timedelta
from functools import lru_cache

import holidays

CODES = ("FR", "FR-57", "FR-6AE", "FR-971", "FR-972", "FR-973", "FR-974", "FR-976")
ZONES = ("A", "B", "C")
LABOUR_DAY = (5, 1)
"""The only one on which work stops by law (L3133-4): opening then is confirmed twice."""

Words = dict[str, str]


def public(code: str | None, on: date) -> Words | None:
    """The name of the public holiday in both languages; None on any other date."""
    return year_of(code, on.year).get(on) if code else None


@lru_cache(maxsize=64)
def year_of(code: str, year: int) -> dict[date, Words]:
    """All public holidays of a year: two names on one date are joined."""
    country, _, part = code.partition("-")
    named = [
        holidays.country_holidays(country, subdiv=part or None, years=year, language=language)
        for language in ("fr", "en_US")
    ]
    french, english = named
    return {
        on: {"fr": name.replace("'", "’"), "en": english.get(on, name).replace("'", "’")}
        for on, name in french.items()
    }


def coming(code: str | None, first: date, days: int = 366) -> list[tuple[date, Words]]:
    """The public holidays from `first` on for so many days, soonest first."""
    if not code:
        return []
    last = first + timedelta(days=days)
    found = year_of(code, first.year) | year_of(code, last.year)
    return [(on, found[on]) for on in sorted(found) if first <= on < last]


def school(zone: str | None, on: date) -> bool:
    """Whether schools of the zone (A, B, C) have holidays on that date, as far as is known."""
    return bool(zone) and on in school_year(str(zone), on.year)


@lru_cache(maxsize=16)
def school_year(zone: str, year: int) -> frozenset[date]:
    """Every date of the year on which schools of the zone have holidays."""
    found = holidays.country_holidays(
        "FR", subdiv=f"Zone {zone}", years=year, categories=(holidays.SCHOOL,)
    )
    return frozenset(found)


def is_labour_day(on: date) -> bool:
    """1 May."""
    return (on.month, on.day) == LABOUR_DAY

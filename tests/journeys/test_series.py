"""A series: conflicts solved in the preview, and all that follow moved at once."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from playwright.sync_api import Locator, expect

from booking.rules.holidays import public
from tests.journeys.house import House
from tests.journeys.person import Person
from tests.support.browser import violations

ROOM = "ccilab/salle-euthymenes"


@pytest.fixture
def on(days: Iterator[date]) -> str:
    """The test's own day, whose next three weeks have no public holiday on it."""
    free = (day for day in days if not any(public("FR", one) for one in weeks(str(day), 4)))
    return str(next(free))


def lines(person: Person) -> Locator:
    return person.main().locator(".dates > li")


def weeks(on: str, count: int) -> list[date]:
    return [date.fromisoformat(on) + timedelta(days=7 * number) for number in range(count)]


def asks_for_a_series(person: Person, on: str) -> None:
    """Four weeks at half past five, from the form of one reservation."""
    person.goes(f"/reservations/new?space={ROOM}&on={on}&from=17:00&to=18:00&people=4")
    person.types({"What for (optional)": "Cercle"})
    person.presses("Repeat it…")
    expect(person.field("What for (optional)")).to_have_value("Cercle")
    person.types({"Or so many times": "4"})
    person.presses("Show the dates")


@pytest.mark.parametrize(
    ("language", "size", "javascript"), [("en", "desktop", True), ("fr", "phone", False)]
)
def test_two_conflicts_are_solved_before_anything_is_reserved(
    house: House,
    comes: Callable[..., Person],
    on: str,
    language: str,
    size: str,
    javascript: bool,
) -> None:
    person = comes(language, size, javascript=javascript)
    house.sign_in(person, house.member(language=language))
    for taken in weeks(on, 4)[1:3]:
        house.reserved(ROOM, taken.isoformat(), "17-18")

    asks_for_a_series(person, on)

    expect(lines(person)).to_have_count(4)
    expect(person.main().locator(".dates .pill.full")).to_have_count(2)
    assert person.button("Reserve all %(num)d dates").count() == 0
    if javascript:
        assert violations(person.page) == []
    lines(person).nth(1).locator("select").select_option(index=2)
    lines(person).nth(2).locator("select").select_option("drop")
    person.presses("Apply the choices")
    expect(person.main().locator(".dates .pill.full")).to_have_count(0)
    person.main().locator("button[value=make]").click()

    person.sees("It is yours: one mail tells of all dates.")
    expect(lines(person)).to_have_count(3)
    person.sees("moved by itself")
    if javascript:
        assert violations(person.page) == []


def test_this_and_all_that_follow_are_moved(member: Person, house: House, on: str) -> None:
    asks_for_a_series(member, on)
    member.main().locator("button[value=make]").click()
    member.sees("It is yours: one mail tells of all dates.")

    lines(member).nth(2).get_by_role("link").nth(1).click()
    expect(member.main().get_by_role("heading", level=1)).to_have_text(
        "Change this date and those that follow"
    )
    member.selects({"From": "15:00", "Until": "16:00"})
    member.presses("Show what would change")
    expect(lines(member)).to_have_count(2)
    assert violations(member.page) == []
    member.presses("Change them")

    member.sees("2 dates are changed: one mail tells of all.")
    expect(member.main().locator(".dates .day").filter(has_text="17:00")).to_have_count(2)
    expect(member.main().locator(".dates .day").filter(has_text="15:00")).to_have_count(2)


def test_a_holiday_is_released_and_taken_back_in_time(
    member: Person, house: House, on: str
) -> None:
    asks_for_a_series(member, on)
    member.main().locator("button[value=make]").click()
    first, *_, last = weeks(on, 4)[1:3]

    member.types({"From": first.isoformat(), "Up to and including": last.isoformat()})
    member.presses("Show these dates")
    expect(member.main().locator(".plainlist li")).to_have_count(2)
    assert violations(member.page) == []
    member.presses("Yes, give them back")
    expect(member.main().locator(".dates .gone")).to_have_count(2)
    member.presses("Take it back")

    expect(member.main().locator(".dates .gone")).to_have_count(0)

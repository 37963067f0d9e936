"""The waitlist from a no to the place itself, as people at browsers live it."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from booking import clock
from booking.actions import waitlist
from booking.actions.reservations import Details
from booking.actions.waitlist import Ask
from booking.db import transaction
from booking.queries.members import by_email
from booking.queries.venues import atlas
from booking.rules.periods import Period
from tests import make
from tests.journeys.house import House
from tests.journeys.person import Person, by_three
from tests.journeys.test_reserving import form
from tests.support.browser import violations

ROOM = "ccilab/salle-pytheas"


def waits(house: House, email: str, on: str) -> None:
    """This member is in line for the room from 10 to 12 that day."""
    with house.app.app_context(), transaction():
        space, by = atlas().space(*ROOM.split("/")), by_email(email)
        assert by
        start, end = (
            make.instant(make.date.fromisoformat(on), hour * 60, space.zone) for hour in (10, 12)
        )
        asked = Ask(space, Period(start, end), Details(2))
        waitlist.join(asked, by=by, now=clock.now())


def cancels(person: Person, code: str) -> None:
    """Gives the reservation back by its page."""
    person.goes(f"/reservations/{code}")
    person.follows("Cancel the reservation…")
    person.presses("Yes, cancel it")


@by_three
def test_an_offer_is_accepted_from_the_mail(
    house: House,
    comes: Callable[..., Person],
    on: str,
    language: str,
    size: str,
    javascript: bool,
) -> None:
    owner = house.member()
    code = house.reserved(ROOM, on, "10-12", by=owner, people=2)
    person = comes(language, size, javascript=javascript)
    house.sign_in(person, house.member(language=language))
    person.goes(form(ROOM, on, "10-12", people=3))
    expect(person.main().get_by_role("alert")).to_contain_text(person.said("Nobody is before you."))
    person.types({"What for (optional)": "Jury"})
    person.presses("Join the waitlist")
    person.sees("You are first in line. A mail tells you as soon as it is free.")

    gives_back = comes()
    house.sign_in(gives_back, owner)
    cancels(gives_back, code)
    house.ten_seconds_later()

    letter = person.mail(person.said("Free again, for you: %(space)s, %(when)s").split("%")[0])
    expect(letter).to_contain_text("/waitlist/offers/")
    person.page.context.clear_cookies()  # The link alone will do.
    if language == "en":
        person.page.context.set_extra_http_headers({"Accept-Language": "en"})
    letter.get_by_role("link", name="/waitlist/offers/").click()
    person.sees("It is your turn")
    if javascript:
        assert violations(person.page) == []
    person.presses("Take it")
    person.sees("You have accepted")

    house.sign_in(person, person.email)
    person.follows("See the reservation")
    person.sees("Confirmed")
    expect(person.main()).to_contain_text("Jury")
    history = person.main().locator(".history")
    expect(history).to_contain_text(re.compile(person.said("offered from the waitlist"), re.I))


def test_who_comes_now_finds_it_taken_and_leaving_is_one_click(
    house: House, comes: Callable[..., Person], on: str
) -> None:
    owner, first = house.member(), house.member()
    code = house.reserved(ROOM, on, "10-12", by=owner, people=2)
    waits(house, first, on)
    newcomer = comes()
    house.sign_in(newcomer, house.member())
    newcomer.goes(form(ROOM, on, "10-12", people=3))
    newcomer.presses("Join the waitlist")
    newcomer.sees("1 before you")
    gives_back = comes()
    house.sign_in(gives_back, owner)
    cancels(gives_back, code)

    newcomer.goes(form(ROOM, on, "10-12", people=3))
    newcomer.presses("Reserve")
    newcomer.sees("This place is taken for part of that time.")
    newcomer.goes("/reservations")
    newcomer.sees("first in line")
    newcomer.main().get_by_role("button", name="Leave the waitlist").click()

    newcomer.sees("You do not wait for this place any more.")
    expect(newcomer.main().get_by_role("button", name="Leave the waitlist")).to_have_count(0)


def test_what_is_passed_on_is_offered_to_the_next(
    house: House, comes: Callable[..., Person], on: str
) -> None:
    owner, first = house.member(), house.member()
    second = comes()
    house.sign_in(second, house.member())
    code = house.reserved(ROOM, on, "10-12", by=owner, people=2)
    waits(house, first, on)
    waits(house, second.email, on)
    gives_back = comes()
    house.sign_in(gives_back, owner)
    cancels(gives_back, code)

    passes = comes()
    house.sign_in(passes, first)
    passes.goes("/reservations")
    passes.sees("your turn")
    assert violations(passes.page) == []
    passes.main().get_by_role("button", name="Pass it on").click()
    passes.sees("You do not wait for this place any more.")

    second.goes("/reservations")
    second.main().get_by_role("button", name="Take it").click()
    second.sees("Accepted: the place is yours and a mail confirms it.")


def test_why_is_this_grey_leads_to_the_waitlist(house: House, member: Person, on: str) -> None:
    house.reserved(ROOM, on, "10-12", people=2)
    member.goes(f"/venues/{ROOM}/why?on={on}&from=10:00&to=12:00")
    assert violations(member.page) == []

    member.follows("Join the waitlist…")

    expect(member.button("Join the waitlist")).to_be_visible()

"""Guests from the invitation to the new time, as people at browsers live it."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.journeys.house import House
from tests.journeys.person import Person, by_three
from tests.journeys.test_changes import opens_change
from tests.support.browser import violations

ROOM = "ccilab/salle-pytheas"


def invites(host: Person, code: str, guest: str) -> None:
    """Types a list, of which one line is wrong at first."""
    host.goes(f"/reservations/{code}")
    host.follows("Invite guests…")
    host.types({"Several at once": f"Anne <anne>\nBob <{guest}>"})
    host.presses("Invite")
    host.sees("Please check your answers")
    host.types({"Several at once": f"Bob <{guest}>"})
    host.presses("Invite")
    expect(host.main().locator(".invited")).to_contain_text(guest)


def opens_pass(guest: Person) -> None:
    """By the link in the invitation, without an account."""
    letter = guest.mail(guest.said("Invitation: %(space)s, %(when)s").split("%")[0])
    letter.get_by_role("link", name="/passes/").click()


@by_three
def test_a_guest_answers_by_the_pass_and_hears_of_the_new_time(
    house: House,
    comes: Callable[..., Person],
    on: str,
    language: str,
    size: str,
    javascript: bool,
) -> None:
    email, guest = house.member(language=language), house.email()
    code = house.reserved(ROOM, on, "10-12", by=email, people=3, title="Jury")
    host = comes(language, size, javascript=javascript)
    house.sign_in(host, email)
    invites(host, code, guest)
    if javascript:
        assert violations(host.page) == []

    bob = comes(language, size, javascript=javascript)
    bob.email = guest
    opens_pass(bob)
    expect(bob.main().locator(".pass")).to_contain_text("Jury")
    if javascript:
        assert violations(bob.page) == []
    bob.presses("I will come")
    bob.sees("You come")
    host.goes(f"/reservations/{code}")
    expect(host.main().locator("[aria-labelledby=guests]")).to_contain_text(host.said("comes"))

    opens_change(host, code)
    host.selects({"From": "14:00", "Until": "16:00"})
    host.presses("Change it")
    host.sees("Changed: a mail carries the new calendar entry.")

    pass_page = bob.page.url
    letter = bob.mail(bob.said("New time or place: %(space)s, %(when)s").split("%")[0])
    expect(letter).to_contain_text("14:00" if language == "en" else "14 h")
    bob.goes(pass_page)
    bob.sees("Please answer below")
    expect(bob.main().locator(".pass")).to_contain_text("16:00" if language == "en" else "16 h")


def test_a_cancelled_reservation_voids_the_pass(
    house: House, comes: Callable[..., Person], on: str
) -> None:
    email, guest = house.member(), house.email()
    code = house.reserved(ROOM, on, "10-12", by=email, people=3)
    host, bob = comes(), comes()
    house.sign_in(host, email)
    host.goes(f"/reservations/{code}/guests")
    host.types({"E-mail": guest})
    host.presses("Invite")
    bob.email = guest
    opens_pass(bob)
    bob.sees("Will you come?")
    pass_page = bob.page.url

    host.goes(f"/reservations/{code}/cancel")
    host.presses("Yes, cancel it")
    host.sees("Nobody has been told yet.")
    house.ten_seconds_later()

    bob.goes(pass_page)
    bob.sees("This does not take place")
    assert violations(bob.page) == []
    expect(bob.mail("Does not take place:")).to_contain_text("your pass is void")

"""Without an account: from the form to the mail, the manager's yes, and an account in the end."""

from collections.abc import Callable

from playwright.sync_api import expect

from booking import demo
from tests import make
from tests.journeys.house import House
from tests.journeys.person import Person, by_three
from tests.journeys.test_reserving import form
from tests.support.browser import violations

HALL = "la-coque/agora"


def asks(person: Person, house: House, on: str, hours: str = "14-16") -> None:
    """Somebody fills in the form and sends it."""
    person.email = house.email()
    person.goes(form(HALL, on, hours, people=40))
    person.types(
        {
            "What for (optional)": "Assemblée",
            "Your name": "Une visiteuse",
            "Your e-mail": person.email,
        }
    )
    person.presses("Send the request")


def confirms(person: Person) -> None:
    """By the link in the mail."""
    letter = person.mail(person.said("Confirm your request: %(space)s, %(when)s").split("%")[0])
    letter.get_by_role("link", name="/requests/").click()
    person.sees("Nothing is kept for you yet.")
    person.presses("Confirm and send it")


@by_three
def test_a_visitor_asks_is_answered_and_becomes_a_member(
    house: House,
    comes: Callable[..., Person],
    on: str,
    language: str,
    size: str,
    javascript: bool,
) -> None:
    person = comes(language, size, javascript=javascript)
    asks(person, house, on)
    person.sees("Nothing is kept for you until you confirm: somebody else may be quicker.")
    confirms(person)
    person.sees("Your request is with the venue; the place is kept for you meanwhile.")
    code = person.code()
    if javascript:
        assert violations(person.page) == []

    manager = comes("en")
    house.sign_in(manager, demo.MANAGER)
    manager.goes(f"/desk/{code}?lang=en")
    manager.sees("visitor without an account")
    manager.presses("Approve")

    letter = person.mail(person.said("Accepted: %(space)s, %(when)s").split("%")[0], code)
    letter.get_by_role("link", name="/requests/").click()
    person.sees("The place is yours.")

    person.follows("Create an account")
    person.types({"Name": "Une visiteuse", "E-mail": person.email, "Password": make.PASSWORD})
    person.presses("Create the account")
    letter = person.mail(person.said("Confirm your address"))
    letter.get_by_role("link", name="/account/confirm/").click()
    person.types({"Your password": make.PASSWORD})
    person.presses("Confirm and sign in")
    person.chooses_menu("My reservations")
    person.sees("Assemblée")
    expect(person.main()).to_contain_text(code)


def test_a_visitor_withdraws_by_the_link(
    house: House, comes: Callable[..., Person], on: str
) -> None:
    person = comes()
    asks(person, house, on)
    confirms(person)

    person.follows("Withdraw the request…")
    assert violations(person.page) == []
    person.presses("Yes, withdraw it")

    person.sees("Withdrawn")
    expect(person.main().get_by_role("link", name="Withdraw the request…")).to_have_count(0)


def test_who_was_too_slow_takes_a_way_out_with_one_click(
    house: House, comes: Callable[..., Person], on: str
) -> None:
    person = comes()
    asks(person, house, on)
    person.sees("Look into your mailbox")
    house.reserved(HALL, on, "14-16", people=40)

    confirms(person)
    person.sees("This place is taken for part of that time.")
    assert violations(person.page) == []
    person.main().locator(".alt").get_by_role("button", name="Request").first.click()

    person.sees("Your request is with the venue; the place is kept for you meanwhile.")
    expect(person.main()).to_contain_text("Assemblée")


def test_who_has_an_account_signs_in_and_goes_on(
    house: House, comes: Callable[..., Person], on: str
) -> None:
    person, email = comes(), house.member()
    person.goes(form(HALL, on, "14-16", people=40))
    person.follows("Sign in: your wish is kept")
    person.types({"E-mail": email, "Password": make.PASSWORD})

    person.presses("Sign in")

    expect(person.field("People")).to_have_value("40")
    expect(person.field("From")).to_have_value("14:00")
    expect(person.field("Your name")).to_have_count(0)

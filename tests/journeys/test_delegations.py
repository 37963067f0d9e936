"""Reserving for somebody else, as people at browsers live it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from booking import demo
from tests.journeys.house import House
from tests.journeys.person import Person
from tests.journeys.test_reserving import form
from tests.support.browser import violations

ROOM = "ccilab/salle-pytheas"


@pytest.mark.parametrize(
    ("language", "size", "javascript"),
    [("en", "desktop", True), ("fr", "phone", False)],
    ids=["english", "french-phone-without-javascript"],
)
def test_a_delegate_reserves_and_the_member_sees_who(
    house: House,
    comes: Callable[..., Person],
    on: str,
    language: str,
    size: str,
    javascript: bool,
) -> None:
    member, delegate = (comes(language, size, javascript=javascript) for _ in range(2))
    house.sign_in(member, house.member("Mireille", language))
    house.sign_in(delegate, house.member("Delphine", language))
    names(member, delegate, javascript)

    delegate.goes(form(ROOM, on, "10-12", people=3))
    delegate.selects({"For whom": "Mireille"})
    delegate.presses("Reserve")
    code = delegate.code()
    member.goes(f"/reservations/{code}")
    member.sees("Reserved by")
    expect(member.main().locator(".history")).to_contain_text("Delphine")
    letter = member.mail(re.compile("Salle Pythéas|Pythéas room"), code)  # type: ignore[arg-type]
    expect(letter).to_contain_text("Delphine")

    delegate.goes("/reservations")
    expect(delegate.main()).not_to_contain_text(code)
    delegate.follows("Mireille")
    expect(delegate.main()).to_contain_text(code)
    member.goes("/account/delegates")
    member.presses("End it", delegate.email)
    delegate.goes(f"/reservations/{code}")
    delegate.sees("Nothing here")


def names(member: Person, delegate: Person, javascript: bool) -> None:
    """From the account's page; the delegate reads of it."""
    member.goes("/account")
    member.follows("My delegates")
    member.types({"Their e-mail": delegate.email})
    member.presses("Let them reserve for me")
    member.sees("Noted. If there is an account with this address, a mail tells its owner.")
    expect(member.main()).to_contain_text(delegate.email)
    if javascript:
        assert violations(member.page) == []
    expect(delegate.mail("Mireille")).to_contain_text("/account/delegates")


def test_a_manager_reserves_for_a_member_from_the_desk(
    house: House, comes: Callable[..., Person], manager: Person, on: str
) -> None:
    member = comes("fr")
    house.sign_in(member, house.member("Mireille", "fr"))

    manager.goes("/desk")
    manager.opens("Reserve for a member…")
    assert violations(manager.page) == []
    manager.selects({"Space": "la-coque/plateau-tv"})
    manager.presses("Go to the form")
    expect(manager.field("Member’s e-mail")).to_be_visible()
    expect(manager.main().get_by_role("alert")).to_have_count(0)
    manager.types({"Day": on, "Member’s e-mail": "nobody@example.org"})
    manager.selects({"From": "10:00", "Until": "12:00", "What it is for": "filming"})
    manager.presses("Reserve")
    manager.sees("No member with a confirmed account has this address.")
    assert violations(manager.page) == []
    manager.types({"Member’s e-mail": member.email})
    manager.presses("Reserve")
    expect(manager.main().locator(".history")).to_contain_text("Mireille")
    manager.sees("Confirmed")
    code = manager.code()

    member.goes(f"/reservations/{code}")
    member.sees("Reserved by")
    expect(member.main()).to_contain_text("Responsable de La Coque")
    member.follows("Cancel the reservation…")
    member.presses("Yes, cancel it")
    member.sees("Cancelled")
    assert demo.MANAGER not in member.main().inner_text()

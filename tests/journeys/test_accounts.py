"""Accounts as their owners use them: registering, forgetting, being signed in here and there."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests import make
from tests.journeys.house import House
from tests.journeys.person import Person

NEW_PASSWORD = "Ratonneau-1785-hopital?"


def test_a_bad_password_keeps_name_and_address(house: House, comes: Callable[..., Person]) -> None:
    person = comes()
    email = house.email()
    person.goes("/account/register")
    person.types({"Name": "Mireille", "E-mail": email, "Password": "abc"})

    person.presses("Create the account")

    person.sees("The password is too weak.")
    expect(person.main().get_by_role("alert")).to_be_focused()
    expect(person.field("Name")).to_have_value("Mireille")
    expect(person.field("E-mail")).to_have_value(email)
    expect(person.field("Password")).to_have_value("")


def test_signing_in_leads_back_to_what_one_had_chosen(
    house: House, comes: Callable[..., Person], on: str
) -> None:
    person, email = comes(), house.member()
    person.goes(f"/venues/ccilab?on={on}")
    row = person.main().get_by_role("row", name="Euthymènes room")
    row.get_by_role("link", name="free, 10:00 – 11:00").click()
    person.sees("Sign in to go on: what you chose is kept.")

    person.types({"E-mail": email, "Password": make.PASSWORD})
    person.presses("Sign in")

    expect(person.field("Day")).to_have_value(on)
    expect(person.field("From")).to_have_value("10:00")


def test_signing_out_kills_a_copied_cookie(house: House, comes: Callable[..., Person]) -> None:
    person, thief = comes(), comes()
    person.goes("/")
    person.signs_in(house.member())
    expect(person.page.get_by_role("link", name="My account")).to_be_visible()
    (cookie,) = person.page.context.cookies()
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"
    thief.page.context.add_cookies([cookie])  # type: ignore[list-item]
    thief.goes("/account")
    expect(thief.main()).to_contain_text(person.email)

    person.chooses_menu("My account")
    person.presses("Sign out")
    person.sees("You are signed out.")

    thief.goes("/account")
    expect(thief.main().get_by_role("heading", level=1)).to_have_text("Sign in")


def test_another_sign_in_can_be_ended_from_the_account(
    house: House, comes: Callable[..., Person]
) -> None:
    person, lost = comes(), comes("en", "phone")
    email = house.member()
    house.sign_in(lost, email)
    person.goes("/")
    person.signs_in(email)
    person.chooses_menu("My account")
    lost.goes("/account")
    expect(lost.main()).to_contain_text(email)

    person.presses("Sign out there", "A browser")
    person.sees("Signed out there.")

    expect(person.main()).to_contain_text("this device")
    lost.goes("/account")
    expect(lost.main().get_by_role("heading", level=1)).to_have_text("Sign in")


def test_a_forgotten_password_is_replaced_by_a_mailed_link(
    house: House, comes: Callable[..., Person]
) -> None:
    person, elsewhere = comes(), comes()
    email = house.member()
    house.sign_in(elsewhere, email)
    person.goes("/account/sign-in")
    person.follows("Password forgotten?")
    person.types({"E-mail": email})
    person.presses("Send the link")
    person.email = email

    link = person.mail("Set a new password").get_by_role("link", name="/account/reset/")
    address = str(link.get_attribute("href"))
    link.click()
    person.types({"New password": NEW_PASSWORD})
    person.presses("Set the password")
    person.sees("Your new password is set. Please sign in with it.")
    person.types({"E-mail": email, "Password": NEW_PASSWORD})
    person.presses("Sign in")

    expect(person.page.get_by_role("link", name="My account")).to_be_visible()
    elsewhere.goes("/account")
    expect(elsewhere.main().get_by_role("heading", level=1)).to_have_text("Sign in")
    used = person.page.goto(address)
    assert used
    assert used.status == 404


def test_a_member_speaks_their_language_everywhere(member: Person) -> None:
    member.goes("/account")
    member.selects({"Language of pages and mails": "fr"})
    member.presses("Save")

    expect(member.page.locator("html")).to_have_attribute("lang", "fr")
    member.goes("/")
    expect(member.page.locator("html")).to_have_attribute("lang", "fr")
    expect(member.main().get_by_role("button", name="Trouver", exact=True)).to_be_visible()

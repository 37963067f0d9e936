"""Reserving as people do it: in few clicks, by keyboard, too late, against the rules, at a desk."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.house import House
from tests.journeys.person import Person

COUNT_CLICKS = """addEventListener("click", () => {
  sessionStorage.clicks = 1 + Number(sessionStorage.clicks ?? 0);
}, true);"""
# The outline stands around the field itself, or around its cell in the finder. Within a date
# there are several stops, and the browser itself shows which.
FOCUS_SHOWS = """() => {
  const here = document.activeElement;
  const outlined = [here, here.parentElement].some(element => {
    const style = getComputedStyle(element);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  });
  return here.type === "date" || (here.matches(":focus-visible") && outlined);
}"""


def form(space: str, on: str, hours: str, people: int = 4) -> str:
    """The address of the filled-in form; `hours` as "10-12"."""
    opens, closes = (f"{int(hour):02d}:00" for hour in hours.split("-"))
    return f"/reservations/new?space={space}&on={on}&from={opens}&to={closes}&people={people}"


def clicks(page: Page) -> int:
    """How often something was clicked, by pointer or by key, since the counting began."""
    return int(page.evaluate("sessionStorage.clicks ?? 0"))


def test_from_a_free_cell_it_is_three_clicks_at_most(member: Person, on: str) -> None:
    member.page.context.add_init_script(COUNT_CLICKS)
    member.goes(f"/venues/ccilab?on={on}")

    row = member.main().get_by_role("row", name="Pythéas room")
    row.get_by_role("link", name="free, 10:00 – 11:00").click()
    member.presses("Reserve")

    member.sees("It is yours")
    assert clicks(member.page) <= 3


def test_from_the_first_page_it_is_three_clicks(member: Person, on: str) -> None:
    member.page.context.add_init_script(COUNT_CLICKS)
    member.goes("/")

    member.types({"Day": on})
    member.selects({"What": "phone_booth"})
    member.presses("Find")
    member.main().get_by_role("link", name=re.compile("^Reserve ")).first.click()
    member.presses("Reserve")

    member.sees("It is yours")
    assert clicks(member.page) == 3


def tab_to(page: Page, target: Locator) -> None:
    """Goes on with Tab until there; at every stop one sees where one is."""
    expect(target).to_be_visible()
    for _ in range(120):
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUS_SHOWS), page.evaluate("document.activeElement.outerHTML")
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError("Tab never comes there")


def types_date(field: Locator, on: str) -> None:
    """Types a day, in the order in which this browser shows its parts."""
    year, month, day = on.split("-")
    keys = field.page.keyboard
    keys.type(month + day + year)
    if field.input_value() != on:
        keys.press("Shift+Tab")
        keys.press("Tab")
        keys.type(day + month + year)
    assert field.input_value() == on


def test_the_main_job_by_keyboard_alone(
    house: House, comes: Callable[..., Person], on: str
) -> None:
    person = comes("fr")
    house.sign_in(person, house.member(language="fr"))
    page, keys = person.page, person.page.keyboard
    person.goes("/")

    keys.press("Tab")
    expect(page.get_by_role("link", name=person.said("Skip to the content"))).to_be_focused()
    keys.press("Enter")
    expect(person.main()).to_be_focused()
    tab_to(page, person.field("What"))
    keys.type("Salle de réunion")
    tab_to(page, person.field("Day"))
    types_date(person.field("Day"), on)
    tab_to(page, person.field("From"))
    # From its beginning: digits look for the next that fits, and at nine it says ten already.
    keys.press("Home")
    keys.type("10")
    tab_to(page, person.field("To"))
    keys.press("Home")
    keys.type("12")
    tab_to(page, person.button("Find"))
    keys.press("Enter")
    tab_to(page, person.link("Reserve", "Salle Pythéas"))
    keys.press("Enter")
    tab_to(page, person.field("What for (optional)"))
    keys.type("Au clavier")
    tab_to(page, person.button("Reserve"))
    keys.press("Space")

    person.sees("It is yours: the place is reserved and a mail confirms it.")
    expect(person.main()).to_contain_text(", 10 h – 12 h")


def test_a_manager_decides_by_keyboard_alone(house: House, manager: Person, on: str) -> None:
    code = house.reserved("la-coque/plateau-tv", on, "10-12")
    page, keys = manager.page, manager.page.keyboard
    manager.goes(f"/desk/{code}")

    tab_to(page, manager.main().locator("summary"))
    keys.press("Enter")
    tab_to(page, manager.field("Reason, for the member"))
    keys.type("Le plateau est en travaux.")
    tab_to(page, manager.button("Decline the request"))
    keys.press("Enter")

    manager.sees("Declined: the member gets your reason by mail.")


def test_who_comes_second_gets_something_else_with_one_click(
    house: House, comes: Callable[..., Person], on: str
) -> None:
    first, second = comes(), comes()
    for person in (first, second):
        house.sign_in(person, house.member())
        person.goes(form("ccilab/salle-pytheas", on, "10-12"))
        person.types({"What for (optional)": "Bilan", "A word for the venue (optional)": "Merci"})
    first.presses("Reserve")
    first.sees("It is yours")

    with second.page.expect_response(re.compile("/reservations/new")) as answer:
        second.presses("Reserve")

    assert answer.value.status == 409
    second.sees("This place is taken for part of that time.")
    expect(second.main().get_by_role("alert")).to_be_focused()
    expect(second.field("What for (optional)")).to_have_value("Bilan")
    expect(second.field("A word for the venue (optional)")).to_have_value("Merci")
    second.main().get_by_role("alert").get_by_role("button", name="Reserve").first.click()
    second.sees("It is yours")
    expect(second.main().get_by_role("heading", level=1)).to_have_text("Bilan")
    expect(second.main()).to_contain_text("Merci")


def test_a_taken_place_is_told_before_anything_is_typed(
    house: House, member: Person, on: str
) -> None:
    house.reserved("ccilab/salle-pytheas", on, "10-12")

    member.goes(form("ccilab/salle-pytheas", on, "11-12"))

    member.sees("This place is taken for part of that time.")
    member.main().get_by_role("alert").get_by_role("link").first.click()
    member.presses("Reserve")
    member.sees("It is yours")


def test_all_broken_rules_are_told_and_what_was_typed_stays(member: Person, on: str) -> None:
    member.goes(form("ccilab/salle-pytheas", on, "10-12"))
    member.types({"People": "60", "What for (optional)": "Grand comité"})
    sunday = date.fromisoformat(on)
    sunday = date.fromordinal(sunday.toordinal() + 6 - sunday.weekday())
    member.types({"Day": sunday.isoformat()})

    member.presses("Reserve")

    alert = member.main().get_by_role("alert")
    expect(alert).to_contain_text("The venue is closed that day.")
    expect(alert).to_contain_text("The space holds at most 10 people, and you are 60.")
    for label, typed in {
        "Day": sunday.isoformat(),
        "From": "10:00",
        "Until": "12:00",
        "People": "60",
        "What for (optional)": "Grand comité",
    }.items():
        expect(member.field(label)).to_have_value(typed)


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_any_desk_or_a_desk_of_ones_own_choice(
    house: House, comes: Callable[..., Person], on: str, size: str
) -> None:
    person = comes("en", size)
    house.sign_in(person, house.member())
    person.goes(form("ccilab/coworking", on, "10-12", people=1))
    person.presses("Reserve")
    expect(person.main().locator("dl")).to_contain_text("Desk 1")

    person.goes(form("ccilab/coworking", on, "10-12", people=1))
    person.main().get_by_role("radio", name="Desk 7", exact=True).check()
    person.presses("Reserve")
    expect(person.main().locator("dl")).to_contain_text("Desk 7")


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_a_booth_of_ones_own_choice_where_nobody_drew_the_room(
    house: House, comes: Callable[..., Person], on: str, size: str
) -> None:
    person = comes("en", size)
    house.sign_in(person, house.member())
    house.reserved("ccilab/cabines", on, "10-12")
    person.goes(form("ccilab/cabines", on, "10-12", people=1))

    offered = person.main().get_by_label("Which one").locator("option").all_inner_texts()
    person.selects({"Which one": "Booth 3"})
    person.presses("Reserve")

    expect(person.main().locator("dl")).to_contain_text("Booth 3")
    free = {text.replace("\u00a0", " ") for text in offered}
    assert "Booth 2" in free
    assert "Booth 1" not in free

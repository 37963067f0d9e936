"""Rules as people meet them: shared units, exceptions, rivals, neighbours, a dangerous machine."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from booking import demo
from tests.journeys.house import House
from tests.journeys.person import Person
from tests.journeys.test_reserving import form
from tests.support.browser import violations

Visit = Callable[..., Person]
HALL = "ccilab/grand-hall"
NAMES = {
    HALL: "Great exhibition hall",
    f"{HALL}-nord": "Great hall, north half",
    f"{HALL}-sud": "Great hall, south half",
}
RECEPTION = "chateau-des-baumes/salle-de-reception"
LASER = "carrefour-innovation/decoupeuse-laser"
REASON = "Accueil d’une délégation avant l’ouverture"


def someone(house: House, comes: Visit, email: str = "", language: str = "en") -> Person:
    """Signed in, at a desktop; a new member unless somebody is named."""
    person = comes(language)
    house.sign_in(person, email or house.member(language=language))
    return person


def row(person: Person, name: str) -> Locator:
    """A line of the day's table."""
    return person.main().get_by_role("row", name=name)


@pytest.mark.parametrize(
    ("taken", "shut", "free"),
    [
        (HALL, [f"{HALL}-nord", f"{HALL}-sud"], []),
        (f"{HALL}-nord", [HALL], [f"{HALL}-sud"]),
    ],
)
def test_the_whole_hall_and_its_halves_exclude_each_other(
    house: House, comes: Visit, on: str, taken: str, shut: list[str], free: list[str]
) -> None:
    house.approved(house.reserved(taken, on, "10-12", people=80, title="Salon secret"))
    visitor = comes("en")

    for space in shut:
        visitor.goes(f"/venues/ccilab?on={on}")
        row(visitor, NAMES[space]).get_by_role("link", name=re.compile("^taken")).first.click()
        visitor.sees("Why it cannot be reserved then")
        expect(visitor.main()).to_contain_text("Taken by another reservation until")
        expect(visitor.main()).not_to_contain_text("secret")
        expect(visitor.link("Choose").or_(visitor.main().locator(".alt a")).first).to_be_visible()
    visitor.goes(f"/venues/ccilab?on={on}")
    for space in free:
        expect(row(visitor, NAMES[space])).not_to_contain_text("taken")


@pytest.mark.parametrize(
    ("language", "size", "javascript"), [("fr", "phone", False), ("en", "desktop", True)]
)
def test_two_rules_are_broken_at_once_and_one_click_takes_something_else(
    house: House, comes: Visit, on: str, language: str, size: str, javascript: bool
) -> None:
    person = comes(language, size, javascript=javascript)
    house.sign_in(person, house.member(language=language))
    person.goes(form("ccilab/cabines", on, "6-9", people=3))
    person.types({"What for (optional)": "Entretiens"})

    person.presses("Reserve")

    alert = person.main().get_by_role("alert")
    broken = alert.locator("> ul").first.get_by_role("listitem")
    assert broken.count() >= 2
    alert.locator(".alt").get_by_role("button").first.click()
    person.sees("Confirmed")
    expect(person.main().get_by_role("heading", level=1)).to_have_text("Entretiens")


def test_an_exception_is_asked_for_and_granted(
    house: House, member: Person, manager: Person, on: str
) -> None:
    member.goes(form("la-coque/salle-b2b", on, "7-8"))
    expect(member.main().get_by_role("alert")).to_contain_text("can make an exception")
    member.opens("Ask the venue for an exception…")
    member.types({"Why an exception": REASON})
    member.presses("Ask for the exception")
    member.sees("Your request is with the venue")
    code = member.code()

    manager.goes(f"/desk/{code}")
    manager.sees("Why you are asked")
    expect(manager.main()).to_contain_text(REASON)
    expect(manager.main().locator("dl")).to_contain_text(manager.said("opening hours"))
    assert violations(manager.page) == []
    manager.presses("Approve")

    member.goes(f"/reservations/{code}")
    member.sees("Confirmed")
    expect(member.main().locator(".history")).to_contain_text(REASON)


def test_a_manager_makes_an_exception_and_the_history_says_why(manager: Person, on: str) -> None:
    manager.goes(form("la-coque/salle-b2b", on, "7-8"))
    manager.opens("Make an exception, with a reason…")
    manager.types({"Why an exception": REASON})
    manager.presses("Make the exception and reserve")

    manager.sees("It is yours: the place is reserved and a mail confirms it.")
    expect(manager.main().locator(".history")).to_contain_text(REASON)
    expect(manager.main().locator("dl")).to_contain_text(manager.said("opening hours"))


def test_of_two_who_ask_for_the_hall_one_has_it_and_the_other_reads_what_is_free(
    house: House, comes: Visit, on: str
) -> None:
    first, second = someone(house, comes), someone(house, comes)
    codes = []
    for person in (first, second):
        person.goes(form(HALL, on, "10-12", people=120))
        person.presses("Send the request")
        person.sees(
            "Your request is with the venue. Others may ask for the same time: you will have the"
            " answer by mail."
        )
        codes.append(person.code())
    decides = someone(house, comes, demo.ADMINISTRATOR, "fr")

    decides.goes(f"/desk/{codes[0]}")
    decides.sees(
        "This request competes with others: whoever you approve gets the place, the others are"
        " declined and told what else is free."
    )
    decides.presses("Approve")
    decides.sees("One competing request was declined; the member knows what else is free.")

    second.goes(f"/reservations/{codes[1]}")
    second.sees("Declined")
    letter = second.mail("Declined", codes[1])
    expect(letter).to_contain_text("the venue has granted another request")
    expect(letter).to_contain_text("What is free now and close to what you asked for")
    letter.get_by_role("link", name="/reservations/new").first.click()
    second.presses("Send the request")
    second.sees("Your request is with the venue")
    first.goes(f"/reservations/{codes[0]}")
    first.sees("Confirmed")


def test_two_organisations_share_a_room_and_keep_their_titles_to_themselves(
    house: House, comes: Visit, on: str
) -> None:
    theirs = {"office-de-tourisme-istres": "Veillée", "onexperience": "Comité de pilotage"}
    hours = iter(("9-11", "15-17"))
    for slug, title in theirs.items():
        host = house.member()
        house.acts_for(host, slug)
        details = {"title": title, "organisation": slug, "people": 30}
        house.approved(house.reserved(RECEPTION, on, next(hours), by=host, **details))

    for slug, title in theirs.items():
        colleague = house.member(language="fr")
        house.acts_for(colleague, slug)
        person = someone(house, comes, colleague, "fr")
        person.goes(f"/venues/chateau-des-baumes?on={on}")
        shown = row(person, "Salle de réception du rez-de-chaussée")
        expect(shown).to_contain_text(title)
        expect(shown.get_by_text("Occupé", exact=True)).to_have_count(1)
        (other,) = set(theirs.values()) - {title}
        expect(person.main()).not_to_contain_text(other)


def test_the_laser_wants_a_training_and_two_names(
    house: House, comes: Visit, member: Person, on: str
) -> None:
    teaches = someone(house, comes, demo.ADMINISTRATOR, "fr")
    names = "Mireille\nGaspard"
    member.goes(form(LASER, on, "10-12", people=2))
    member.types({"Who will be there, one name a line": names})
    member.presses("Send the request")
    expect(member.main().get_by_role("alert")).to_contain_text("“Laser cutting”")

    teaches.goes("/desk")
    teaches.follows("Trainings and organisations", "– Carrefour de l’innovation")
    teaches.types({"Member’s e-mail": member.email})
    teaches.selects({"Training": "Découpe laser"})
    teaches.presses("Note the training")
    teaches.sees("Noted: this member may use the machines that need it.")

    member.goes(form(LASER, on, "10-12", people=2))
    member.presses("Send the request")
    member.sees("name 2 people who will be there")
    member.types({"Who will be there, one name a line": names})
    member.presses("Send the request")
    member.sees("Your request is with the venue")
    expect(member.main().locator("dl")).to_contain_text("Mireille, Gaspard")

"""A projector beside the room: the last ones are gone, and one goes on without."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.journeys.house import House
from tests.journeys.person import Person
from tests.journeys.test_reserving import form
from tests.support.browser import violations

PROJECTOR = {"fr": "Projecteur mobile", "en": "Mobile projector"}


@pytest.fixture(scope="module", autouse=True)
def stock(house: House) -> None:
    """Two more projectors at CCILab, for all its rooms, and a cook who is asked for."""
    house.extra("ccilab", "mobile-projector", PROJECTOR, stock=2, price=2500)
    house.extra("ccilab", "cook", {"fr": "Cuisinier", "en": "Cook"}, stock=1, on_request=True)


@pytest.mark.parametrize(
    ("language", "size", "javascript"), [("en", "phone", False), ("fr", "desktop", True)]
)
def test_too_few_are_left_and_one_goes_on_without(
    house: House,
    comes: Callable[..., Person],
    on: str,
    language: str,
    size: str,
    javascript: bool,
) -> None:
    house.reserved("ccilab/coworking", on, "10-12", extras={"mobile-projector": 1})
    person = comes(language, size, javascript=javascript)
    house.sign_in(person, house.member(language=language))
    person.goes(form("ccilab/salle-pytheas", on, "10-12"))
    person.opens(PROJECTOR[language])
    person.types({PROJECTOR[language]: "2"})
    if javascript:
        assert violations(person.page) == []

    person.presses("Reserve")

    alert = person.main().get_by_role("alert")
    expect(alert).to_contain_text(PROJECTOR[language])
    expect(person.field(PROJECTOR[language])).to_have_value("2")
    without = alert.get_by_role("listitem").filter(has_text=PROJECTOR[language]).last
    without.get_by_role("button").click()
    person.sees("It is yours: the place is reserved and a mail confirms it.")
    expect(person.main().locator("dl")).not_to_contain_text(PROJECTOR[language])


def test_what_is_on_request_is_weighed_with_the_room_and_told_by_mail(
    house: House, comes: Callable[..., Person], on: str
) -> None:
    person = comes()
    house.sign_in(person, house.member())
    person.goes(form("ccilab/salle-pytheas", on, "10-12"))
    person.opens("Mobile projector")
    person.types({"Mobile projector": "1", "Cook": "1"})

    person.presses("Reserve")

    person.sees("Your request is with the venue")
    expect(person.main().locator("dl")).to_contain_text("1 × Mobile projector, 1 × Cook")
    letter = person.mail("Request sent", person.code())
    expect(letter).to_contain_text("Extras: 1 × Mobile projector, 1 × Cook")

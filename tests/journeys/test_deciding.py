"""The manager's desk: what one decides, what one may not see, and what the member then reads."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.house import House
from tests.journeys.person import Person

WHY = "Le plateau est en travaux ce jour-là ; le mardi suivant est libre."


def test_a_reason_is_read_by_mail_and_on_the_page(
    house: House, member: Person, manager: Person, on: str
) -> None:
    code = house.reserved("la-coque/plateau-tv", on, "10-12", by=member.email)
    manager.goes("/desk")
    request = manager.main().locator(".request").filter(has_text=code)
    request.locator("summary").click()
    request.get_by_label("Motif").fill(WHY)
    request.get_by_role("button", name="Refuser la demande").click()
    manager.sees("Declined: the member gets your reason by mail.")

    letter = member.mail("Declined", code)
    expect(letter).to_contain_text(WHY)
    expect(letter.locator("details")).to_contain_text("STATUS:CANCELLED")
    letter.get_by_role("link", name=f"/reservations/{code}").click()

    member.sees("Declined")
    expect(member.main()).to_contain_text(WHY)


def test_without_a_reason_nothing_is_declined(house: House, manager: Person, on: str) -> None:
    code = house.reserved("la-coque/plateau-tv", on, "10-12")
    manager.goes(f"/desk/{code}")
    manager.main().locator("summary").click()

    manager.presses("Decline the request")

    manager.sees("Please give a reason: the member will read it.")
    expect(manager.button("Approve")).to_be_visible()


def test_the_desk_shows_the_day_around_a_request(house: House, manager: Person, on: str) -> None:
    house.reserved("la-coque/salle-b2b", on, "9-10", title="Entretien de Gaspard")
    code = house.reserved("la-coque/plateau-tv", on, "10-12", title="Tournage")

    manager.goes(f"/desk/{code}")

    expect(manager.main().get_by_role("row", name="Plateau TV")).to_contain_text("▸ Tournage")
    expect(manager.main().get_by_role("row", name="Salle B2B")).to_contain_text("Gaspard")


@pytest.mark.parametrize("path", ["/desk/{}", "/reservations/{}"])
def test_a_request_at_another_venue_does_not_exist_for_a_manager(
    house: House, manager: Person, on: str, path: str
) -> None:
    code = house.reserved("ccilab/innovation-room", on, "10-12", title="Affaire du voisin")

    answer = manager.page.goto(path.format(code))

    assert answer
    assert answer.status == 404
    expect(manager.page.get_by_text("voisin")).to_have_count(0)
    manager.goes("/desk")
    expect(manager.main()).not_to_contain_text(code)


def test_who_decides_second_is_told_that_it_is_done(house: House, manager: Person, on: str) -> None:
    code = house.reserved("la-coque/plateau-tv", on, "10-12")
    manager.goes(f"/desk/{code}")
    colleague = manager.page.context.new_page()
    colleague.goto(f"/desk/{code}")
    colleague.get_by_role("button", name="Approuver").click()
    expect(colleague.get_by_role("status")).to_contain_text("Demande approuvée")

    with manager.page.expect_response(re.compile(f"{code}/approve")) as answer:
        manager.presses("Approve")

    assert answer.value.status == 409
    manager.sees("This has changed meanwhile")


def test_the_manager_is_told_of_a_request_by_mail_and_may_subscribe(
    house: House, manager: Person, on: str
) -> None:
    code = house.reserved("la-coque/plateau-tv", on, "10-12", title="Émission pilote")
    letter = manager.mail("À traiter", code)
    letter.get_by_role("link", name=f"/desk/{code}").click()
    expect(manager.main()).to_contain_text("Émission pilote")

    manager.goes("/account/calendars")
    manager.presses("For the requests I decide")

    address = manager.field("Address of the calendar").input_value()
    assert code in manager.page.context.request.get(address).text()

"""The page behind the QR code, the screen beside the door, and the manager's lists."""

import re
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from segno import make_qr

from booking.actions import presence
from booking.db import db
from booking.models.policies import Policy
from booking.models.reservations import Reservation
from booking.models.venues import Space
from booking.queries.reservations import with_place
from booking.queries.venues import atlas
from tests import make
from tests.support.site import Site

HERE, KIOSK = "/venues/baleine/salle/here", "/kiosk/baleine/salle"
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def must_check_in(site: Site) -> None:
    """The owner's reservation in the room, on Monday from 9 to 11, waits until a quarter past."""
    row_of(site.world.code).check_in_by = make.moment("mon 9:15")
    space = db.session.query(Space).filter_by(slug="salle").one()
    db.session.query(Policy).filter_by(space_id=space.id).update({"check_in": 15})
    make.changed()
    db.session.commit()


def row_of(code: str) -> Reservation:
    db.session.rollback()
    return db.session.scalars(with_place().where(Reservation.code == code)).one()


def at(text: str) -> time_machine.travel:
    return time_machine.travel(make.moment(text), tick=False)


def read(text: str) -> str:
    """What a person reads of a page: no tags, one space for any."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))


def released(site: Site) -> None:
    assert presence.miss(row_of(site.world.code), atlas(), now=make.moment("mon 9:15"))
    db.session.commit()


# --- The page behind the code ---


def test_who_comes_with_a_reservation_checks_in_with_one_button(site: Site) -> None:
    browser = site.browser("owner")
    with at("mon 8:50"):
        page = browser.get(HERE + "?lang=en").text
        answer = browser.post(
            f"/reservations/{site.world.code}/check-in", data={"next": HERE + "?lang=en"}
        )
        after = browser.get(answer.location).text

    assert "Check in by Mon 8 Mar, 9:15" in read(page)
    assert "I am here" in page
    assert row_of(site.world.code).state == "checked_in"
    assert "You are checked in." in after
    assert "Check out" in after


def test_who_comes_too_early_reads_from_when(site: Site) -> None:
    browser = site.browser("owner")
    with at("mon 8:30"):
        page = browser.get(HERE + "?lang=en").text
        browser.post(f"/reservations/{site.world.code}/check-in?lang=en")
        after = browser.get(f"/reservations/{site.world.code}?lang=en").text

    assert "I am here" not in page
    assert "From Mon 8 Mar, 8:45 on" in read(page)
    assert "check in from 8:45 on" in read(after)
    assert row_of(site.world.code).state == "confirmed"


def test_who_comes_too_late_reads_that_it_was_released(site: Site) -> None:
    released(site)
    with at("mon 9:20"):
        page = site.browser("owner").get(HERE + "?lang=en").text

    assert "Nobody had checked in by Mon 8 Mar, 9:15" in read(page)
    assert "its manager can excuse it" in page


def test_a_visitor_is_led_to_sign_in_and_back(site: Site) -> None:
    with at("mon 9:05"):
        page = site.browser().get(HERE + "?lang=en").text
        link = unescape(re.findall(r'href="([^"]*sign-in[^"]*)"', page)[-1])
        form = site.browser().get(link).text

    assert "Sign in to check in" in page
    assert 'name="next" value="/venues/baleine/salle/here?lang=en"' in form
    assert "Comité secret" not in page
    assert site.world.code not in page


def test_without_a_reservation_one_reads_what_is_free_and_takes_it(site: Site) -> None:
    with at("mon 9:05"):
        page = site.browser("other").get(HERE + "?lang=en").text

    assert "You have no reservation here today." in page
    assert "Taken now until 11:00" in read(page)
    assert re.search(
        r"/reservations/new\?space=baleine/salle&amp;on=2027-03-08&amp;from=11:00", page
    )


def test_a_reservation_of_the_whole_is_found_at_the_door_of_its_half(site: Site) -> None:
    half = make.space(atlas().venue("baleine").venue, "moitie", units=("nord",))
    both = atlas().space("baleine", "halle")
    made = make.reservation(both, "mon 9-10", by=site.member("other"))
    made.state = "confirmed"
    db.session.commit()

    with at("mon 9"):
        page = site.browser("other").get(f"/venues/baleine/{half.slug}/here").text

    assert made.code in page


@pytest.mark.parametrize("target", ["https://example.org/", "//example.org/", "javascript:x"])
def test_checking_in_leads_to_no_other_host(site: Site, target: str) -> None:
    with at("mon 9"):
        answer = site.browser("owner").post(
            f"/reservations/{site.world.code}/check-in", data={"next": target}
        )

    assert answer.location == f"/reservations/{site.world.code}"


def test_the_code_is_a_drawing_of_the_page_s_address(site: Site) -> None:
    answer = site.browser().get("/venues/baleine/salle/qr.svg?lang=en")
    size = make_qr(f"http://localhost{HERE}", error="q", boost_error=False).symbol_size()[0]

    assert answer.mimetype == "image/svg+xml"
    assert f'viewBox="0 0 {size} {size}"' in answer.text
    assert not re.search(r"<script|style=|\son", answer.text)


@pytest.mark.parametrize("path", ["here", "qr.svg"])
def test_there_is_no_page_for_a_place_that_is_not(site: Site, path: str) -> None:
    assert site.browser().get(f"/venues/baleine/nulle-part/{path}").status_code == 404


# --- The page of the reservation ---


def test_on_its_page_one_checks_in_and_out(site: Site) -> None:
    browser, path = site.browser("owner"), f"/reservations/{site.world.code}"
    with at("mon 9"):
        before = browser.get(path + "?lang=en").text
        browser.post(path + "/check-in")
    with at("mon 9:30"):
        page = browser.get(path + "?lang=en").text
        browser.post(path + "/leave")

    assert "I am here" in before
    assert "Check out" in page
    assert row_of(site.world.code).state == "done"


def test_days_before_the_page_says_until_when_one_must_come(site: Site) -> None:
    page = site.browser("owner").get(f"/reservations/{site.world.code}?lang=en").text

    assert "Check in by Mon 8 Mar, 9:15" in read(page)
    assert "I am here" not in page


def test_the_manager_excuses_an_absence(site: Site) -> None:
    released(site)
    browser, path = site.browser("manager"), f"/reservations/{site.world.code}"
    with at("mon 12"):
        assert "Excuse the absence…" in browser.get(path + "?lang=en").text
        assert "Excuse the absence…" not in site.browser("owner").get(path + "?lang=en").text
        browser.post(path + "/excuse?lang=en", data={"why": " "})
        assert "Please say why" in browser.get(path + "?lang=en").text
        browser.post(path + "/excuse", data={"why": "Panne"})
        page = browser.get(path + "?lang=en").text

    assert row_of(site.world.code).state == "done"
    assert "Absence excused" in page
    assert "Panne" in page


# --- The screen beside the door ---


@pytest.mark.parametrize(
    ("time", "said"),
    [
        ("mon 7", "Closed now Opens: 8:00"),
        ("mon 8", "Free now until 9:00"),
        ("mon 9", "Taken now until 11:00"),
        ("mon 11", "Free now until 20:00"),
        ("mon 21", "Closed now Opens: Tue 9 Mar, 8:00"),
    ],
)
def test_the_screen_says_free_or_taken_and_until_when(site: Site, time: str, said: str) -> None:
    with at(time):
        page = site.browser().get(KIOSK + "?lang=en").text

    assert said in read(page)


def test_the_screen_tells_what_comes_next_and_never_who(site: Site) -> None:
    with at("mon 8"):
        for actor in ("visitor", "owner", "manager"):
            page = site.browser(actor).get(KIOSK + "?lang=en").text

            assert "9:00 – 11:00 · taken" in read(page)
            for secret in ("Comité secret", "Mireille", site.world.code):
                assert secret not in page


def test_of_desks_the_screen_says_how_many_are_free(site: Site) -> None:
    make.reservation(atlas().space("baleine", "bureaux"), "mon 9-11", people=1)
    db.session.commit()
    with at("mon 9"):
        page = site.browser().get("/kiosk/baleine/bureaux?lang=en").text

    assert "2 of 3 places free" in read(page)


def test_the_screen_refreshes_itself_until_one_stops_it(site: Site) -> None:
    moving, still = (site.browser().get(KIOSK + end) for end in ("", "?still"))

    assert moving.headers["Refresh"] == "60"
    assert "Refresh" not in still.headers
    assert "?still" in moving.text


def typed(site: Site, code: str, path: str = KIOSK) -> tuple[int, str]:
    """What somebody at the screen is answered who types this code."""
    browser = site.browser()
    answer = browser.post(f"{path}/check-in?lang=en", data={"code": code})
    page = browser.get(answer.location).text if answer.status_code == 302 else answer.text
    return answer.status_code, read(page)


def test_at_the_screen_the_code_checks_in(site: Site) -> None:
    with at("mon 8:50"):
        status, page = typed(site, f" {site.world.code.lower()} ")
        story = site.browser("owner").get(f"/reservations/{site.world.code}?lang=en").text

    assert (status, row_of(site.world.code).state) == (302, "checked_in")
    assert "Welcome! You are checked in until 11:00." in page
    assert "the screen at the door" in story


@pytest.mark.parametrize(
    ("time", "code", "path"),
    [
        ("mon 8:44", None, KIOSK),
        ("mon 11", None, KIOSK),
        ("mon 9", None, "/kiosk/baleine/bureaux"),
        ("mon 9", "AAA-AAAA", KIOSK),
        ("mon 9", "'; DROP TABLE reservation", KIOSK),
    ],
)
def test_at_the_screen_all_else_is_answered_alike(
    site: Site, time: str, code: str | None, path: str
) -> None:
    with at(time):
        status, page = typed(site, code or site.world.code, path)

    assert status == 422
    assert "No reservation with this code is on here now" in page
    assert row_of(site.world.code).state == "confirmed"


@pytest.mark.parametrize("code", ["", " " * 5, "A" * 41])
def test_no_code_is_no_code(site: Site, code: str) -> None:
    assert typed(site, code)[0] == 422


def test_at_the_screen_one_reads_that_it_was_released(site: Site) -> None:
    released(site)
    with at("mon 9:20"):
        status, page = typed(site, site.world.code)

    assert status == 422
    assert "Nobody had checked in by Mon 8 Mar, 9:15: the place was released." in page


def test_a_form_that_is_left_alone_goes_back_to_the_screen(site: Site) -> None:
    answer = site.browser().get(KIOSK + "/check-in")

    assert answer.headers["Refresh"] == f"120; url={KIOSK}"


# --- For the manager ---


def sections(page: str) -> dict[str, str]:
    """The lists of the page, by their id."""
    parts = re.findall(r'<section class="card" aria-labelledby="(\w+)">(.*?)</section>', page, re.S)
    return {name: read(text) for name, text in parts}


def test_the_manager_sees_who_is_expected_here_and_missing(site: Site) -> None:
    room, other = atlas().space("baleine", "bureaux"), site.member("other")
    there = make.reservation(room, "mon 8-12", by=other)
    presence.check_in(there, by=other, now=make.moment("mon 8"))
    soon = make.reservation(room, "mon 14-15", by=other)
    tomorrow = make.reservation(room, "tue 9-10", by=other)
    db.session.commit()
    browser, path = site.browser("manager"), "/desk/presence/baleine?lang=en"

    with at("mon 9:10"):
        lists = sections(browser.get(path).text)
    released(site)
    with at("mon 9:20"):
        later = sections(browser.get(path).text)

    assert "will be released at 9:15" in lists["missing"]
    assert site.world.code in lists["missing"]
    assert (there.code in lists["present"], soon.code in lists["expected"]) == (True, True)
    assert tomorrow.code not in "".join(lists.values())
    assert "released at 9:15" in later["missing"]


def test_the_manager_checks_somebody_in_from_the_list(site: Site) -> None:
    browser, path = site.browser("manager"), "/desk/presence/baleine"
    with at("mon 9:05"):
        assert f"/reservations/{site.world.code}/check-in" in browser.get(path).text
        answer = browser.post(f"/reservations/{site.world.code}/check-in", data={"next": path})

    assert answer.location == path
    assert row_of(site.world.code).state == "checked_in"


def test_sheets_to_print_speak_both_languages(site: Site) -> None:
    page = site.browser("manager").get("/desk/codes/baleine").text

    assert page.count('class="card sheet"') == 3
    assert page.count("Check in here") == page.count("Signalez ici votre arrivée") == 3
    assert page.count("within 15&nbsp;min") + page.count("within 15\xa0min") == 1
    assert f"http://localhost{HERE}" in page
    assert "data:" not in page


def test_the_space_says_what_is_asked_of_those_who_come(site: Site) -> None:
    db.session.query(Policy).update({"ask_after_absences": 3})
    make.changed()
    db.session.commit()

    page = read(site.browser().get("/venues/baleine/salle?lang=en").text)

    assert "Check in by the QR code at the space within 15 min of the start" in page
    assert "a manager decides after 3 absences in 90 days" in page

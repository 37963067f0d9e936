"""The waitlist as a person sees it: joined from a no, seen, left, and an offer answered."""

import re
from datetime import timedelta

import pytest
import time_machine

from booking.db import db
from booking.models.reservations import History, Reservation
from booking.models.venues import Space
from booking.models.waitlist import Waiting
from booking.queries.venues import atlas
from tests import make
from tests.support.site import Site, in_line

TAKEN = {
    "space": "baleine/salle",
    "on": "2027-03-08",
    "from": "09:00",
    "to": "11:00",
    "people": "2",
    "title": "Lecture à voix haute",
    "note": "Nous sommes discrets.",
}
JOIN = 'formaction="/waitlist"'


def entries() -> list[Waiting]:
    db.session.rollback()
    return db.session.query(Waiting).order_by(Waiting.id).all()


def text_of(page: str) -> str:
    """What is read of it, with one space for any."""
    main = page.partition("<main")[2]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main)).replace("\xa0", " ")


def other_room(site: Site, *, taken: bool) -> Space:
    """Another room of the same venue, free or not at that time."""
    made = make.space(atlas().venue(site.world.venue).venue, "annexe", capacity=4)
    if taken:
        make.reservation(made)
    db.session.commit()
    return made.space


def offered(site: Site) -> str:
    """The address of the page that the mail links to."""
    in_line(site)
    return f"/waitlist/offers/{site.world.offer}"


# Joining


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_place_that_is_taken_has_a_waitlist_and_says_how_many_wait(
    site: Site, method: str
) -> None:
    site.browser("other").post("/waitlist", data=TAKEN)

    answer = site.browser("stranger").open(
        "/reservations/new",
        method=method,
        **({"query_string": TAKEN} if method == "GET" else {"data": TAKEN}),
    )

    assert JOIN in answer.text
    assert "1 personne est avant vous." in text_of(answer.text)
    assert 'name="anywhere"' not in answer.text  # There is no other such room.


def test_what_is_free_or_refused_has_none(site: Site) -> None:
    browser = site.browser("other")
    for change in ({"on": "2027-03-11"}, {"from": "06:00", "to": "07:00"}, {"people": "40"}):
        assert JOIN not in browser.get("/reservations/new", query_string=TAKEN | change).text


def test_what_is_closed_has_none(site: Site) -> None:
    sunday = TAKEN | {"on": "2028-05-07", "from": "12:00", "to": "14:00"}
    with time_machine.travel(make.NOW + timedelta(days=400), tick=False):
        page = site.browser("other").post("/reservations/new", data=sunday).text

    assert JOIN not in page


def test_who_joins_reads_where_they_stand_and_nothing_typed_is_lost(site: Site) -> None:
    first, second = site.browser("other"), site.browser("stranger")

    answer = first.post("/waitlist", data=TAKEN)
    second.post("/waitlist", data=TAKEN | {"title": ""})

    assert (answer.status_code, answer.location) == (302, "/reservations#waitlist")
    assert "Vous êtes en tête de la liste." in text_of(first.get("/reservations").text)
    page = second.get("/reservations").text
    assert "Vous êtes sur la liste : 1 personne est avant vous." in text_of(page)
    assert "1 personne avant vous" in text_of(page)
    entry, _ = entries()
    assert (entry.title, entry.note, entry.people) == (TAKEN["title"], TAKEN["note"], 2)


def test_sending_it_twice_is_one_place_in_line(site: Site) -> None:
    browser = site.browser("other")

    answers = [browser.post("/waitlist", data=TAKEN).status_code for _ in range(2)]

    assert (answers, len(entries())) == ([302, 302], 1)


def test_one_may_wait_for_any_such_room(site: Site) -> None:
    other_room(site, taken=True)
    browser = site.browser("other")
    assert 'name="anywhere"' in browser.get("/reservations/new", query_string=TAKEN).text

    browser.post("/waitlist", data=TAKEN | {"anywhere": "1"})

    (entry,) = entries()
    assert (entry.space_id, entry.kind) == (None, "meeting_room")
    page = text_of(browser.get("/reservations").text)
    assert "Salle de réunion (le premier espace libre)" in page


def test_where_another_room_is_free_one_is_sent_there(site: Site) -> None:
    other_room(site, taken=False)
    browser = site.browser("other")

    answer = browser.post("/waitlist", data=TAKEN | {"anywhere": "1"})

    assert (answer.status_code, entries()) == (302, [])
    assert answer.location.startswith("/reservations/new?space=baleine/annexe&")
    page = text_of(browser.get(answer.location).text)
    assert "« Annexe » est libre à ce moment-là désormais" in page


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"on": ""}, 422),
        ({"on": "2026-02-30"}, 422),
        ({"people": "many"}, 422),
        ({"from": "06:00", "to": "07:00"}, 422),
        ({"on": "2026-03-08"}, 422),
        ({"space": "baleine/nulle-part"}, 404),
        ({"space": ""}, 404),
        ({"organisation": "nobody"}, 422),
    ],
)
def test_bad_input_is_told_at_the_form_and_nobody_waits(
    site: Site, change: dict[str, str], status: int
) -> None:
    answer = site.browser("other").post("/waitlist", data=TAKEN | change)

    assert (answer.status_code, entries()) == (status, [])
    assert status == 404 or "Lecture à voix haute" in answer.text


def test_why_is_this_grey_leads_to_the_waitlist(site: Site) -> None:
    site.browser("other").post("/waitlist", data=TAKEN)
    path = "/venues/baleine/salle/why?on=2027-03-08&from=09:00&to=11:00"

    page = site.browser().get(path).text

    assert "1 personne est avant vous." in text_of(page)
    link = re.search(r'href="([^"]+)#waitlist"', page)
    assert link
    assert JOIN in site.browser("stranger").get(link[1].replace("&amp;", "&")).text


def test_why_says_nothing_of_it_where_it_is_closed(site: Site) -> None:
    path = "/venues/baleine/salle/why?on=2027-03-08&from=06:00&to=07:00"

    assert "#waitlist" not in site.browser().get(path).text


def test_the_desk_counts_who_waits(site: Site) -> None:
    assert "liste d’attente" not in site.browser("manager").get("/desk").text
    site.browser("other").post("/waitlist", data=TAKEN)

    assert "1 personne est sur liste d’attente." in text_of(
        site.browser("manager").get("/desk").text
    )
    assert "liste d’attente" not in site.browser("stranger").get("/desk").text


def test_the_page_of_a_space_says_how_long_one_has(site: Site) -> None:
    page = text_of(site.browser().get("/venues/baleine/salle").text)

    assert "Liste d’attente : la première personne a 1 h pour répondre." in page


# Cancelling, leaving


def test_cancelling_by_the_page_offers_it_in_the_same_breath(site: Site) -> None:
    site.browser("other").post("/waitlist", data=TAKEN)

    site.browser("owner").post(f"/reservations/{site.world.code}/cancel")

    (entry,) = entries()
    assert entry.state == "offered"
    page = text_of(site.browser("other").get("/reservations").text)
    assert "gardée jusqu’au dim. 7 mars, 13 h" in page
    assert site.browser("stranger").post("/reservations/new", data=TAKEN).status_code == 409


def test_taking_the_cancellation_back_takes_the_offer_back(site: Site) -> None:
    site.browser("other").post("/waitlist", data=TAKEN)
    owner = site.browser("owner")
    owner.post(f"/reservations/{site.world.code}/cancel")

    owner.post(f"/reservations/{site.world.code}/restore")

    (entry,) = entries()
    assert (entry.state, entry.reservation_id) == ("waiting", None)
    row = db.session.query(Reservation).filter_by(code=site.world.code).one()
    assert row.state == "confirmed"


def test_leaving_is_one_click(site: Site) -> None:
    browser = site.browser("other")
    browser.post("/waitlist", data=TAKEN)
    page = browser.get("/reservations").text
    action = re.search(r'action="(/waitlist/\d+/leave)"', page)
    assert action

    assert browser.post(action[1]).status_code == 302
    assert browser.post(action[1]).status_code == 302  # A second click does no harm.

    assert [one.state for one in entries()] == ["left"]
    assert "/leave" not in browser.get("/reservations").text


# Answering


def test_looking_at_an_offer_changes_nothing(site: Site) -> None:
    path = offered(site)
    before = site.content()

    answer = site.browser().get(path)

    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert "jusqu’au dim. 7 mars, 13 h" in text_of(answer.text)
    assert site.content() == before


def test_the_link_alone_accepts_and_then_says_so(site: Site) -> None:
    path, visitor = offered(site), site.browser()

    answer = visitor.post(f"{path}/accept")

    assert (answer.status_code, answer.location) == (302, path)
    page = text_of(visitor.get(path).text)
    assert "Vous avez accepté" in page
    (entry,) = entries()
    row = db.session.get(Reservation, entry.reservation_id)
    assert row
    assert (row.state, entry.state, row.code in page) == ("confirmed", "taken", True)
    lines = db.session.query(History).filter_by(reservation_id=row.id).order_by(History.id)
    assert [line.verb for line in lines] == ["hold", "reserve"]


def test_who_is_signed_in_is_led_to_the_reservation_whose_history_names_the_waitlist(
    site: Site,
) -> None:
    path, owner = offered(site), site.browser("owner")

    answer = owner.post(f"{path}/accept")

    assert answer.location.startswith("/reservations/")
    assert "Proposée depuis la liste d’attente" in text_of(owner.get(answer.location).text)


def test_an_offer_is_accepted_once(site: Site) -> None:
    path = offered(site)
    before = db.session.query(History).filter_by(verb="reserve").count()

    answers = [site.browser().post(f"{path}/accept") for _ in range(3)]

    assert {(one.status_code, one.location) for one in answers} == {(302, path)}
    assert db.session.query(History).filter_by(verb="reserve").count() == before + 1


def test_passing_it_on_is_one_click_too(site: Site) -> None:
    path, visitor = offered(site), site.browser()

    visitor.post(f"{path}/pass")

    assert [one.state for one in entries()] == ["passed"]
    assert "Cette proposition a pris fin" in text_of(visitor.get(path).text)
    visitor.post(f"{path}/accept")
    assert [one.state for one in entries()] == ["passed"]


@pytest.mark.parametrize("end", ["accept", "pass"])
def test_too_late_is_told_and_changes_nothing(site: Site, end: str) -> None:
    path = offered(site)
    with time_machine.travel(make.NOW + timedelta(hours=2), tick=False):
        before = site.content()

        visitor = site.browser()
        there = visitor.post(f"{path}/{end}").location

        assert "Cette proposition a pris fin" in text_of(visitor.get(there).text)
        assert site.content() == before


def test_an_unknown_link_is_not_found(site: Site) -> None:
    offered(site)
    for path in ("/waitlist/offers/x", "/waitlist/offers/" + "x" * 3000):
        assert site.browser().get(path).status_code == 404
        assert site.browser().post(f"{path}/accept").status_code == 404


def test_signed_in_one_accepts_from_ones_reservations(site: Site) -> None:
    offered(site)
    owner = site.browser("owner")
    page = owner.get("/reservations").text
    assert f"/waitlist/{site.world.waiting_id}/accept" in page

    answer = owner.post(f"/waitlist/{site.world.waiting_id}/accept")

    assert answer.status_code == 302
    assert "C’est noté : la place est à vous" in text_of(owner.get(answer.location).text)


def test_the_page_of_what_is_held_lets_one_answer(site: Site) -> None:
    offered(site)
    (entry,) = entries()
    row = db.session.get(Reservation, entry.reservation_id)
    assert row

    page = site.browser("owner").get(f"/reservations/{row.code}").text

    assert f"/waitlist/{entry.id}/accept" in page
    assert "/cancel" not in page
    assert "/accept" not in site.browser("manager").get(f"/reservations/{row.code}").text


def test_a_signed_in_answer_that_comes_too_late_is_told(site: Site) -> None:
    offered(site)
    owner = site.browser("owner")
    with time_machine.travel(make.NOW + timedelta(hours=2), tick=False):
        answers = [
            owner.post(f"/waitlist/{site.world.waiting_id}/{end}") for end in ("accept", "leave")
        ]
        assert [one.location for one in answers] == ["/reservations"] * 2
        assert "Cette proposition a pris fin" in text_of(owner.get("/reservations").text)
    assert [one.state for one in entries()] == ["offered"]  # The worker says so in its time.

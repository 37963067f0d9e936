"""The three questions behind the mailed link, the average for all, and what managers read."""

import re
from datetime import date
from html import unescape

import pytest
import time_machine

from booking.actions import feedback
from booking.actions.feedback import Said
from booking.db import db
from booking.models.feedback import Answer
from booking.queries.venues import atlas
from booking.rules import codes
from tests import make
from tests.support.site import Site, asked_how_it_was

SPACE, DESK = "/venues/baleine/salle?lang=en", "/desk/feedback/baleine?lang=en"
MARCH, FEBRUARY = date(2027, 3, 7), date(2027, 2, 3)
FULL = {"place": "5", "welcome": "3", "comment": "Une patère"}


def read(text: str) -> str:
    """What a person reads of a page: no tags, one space for any."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))


def said(*marks: int, on: date = MARCH, words: str = "", space: str = "salle") -> None:
    """So many answers about the room; all say the same words."""
    number = atlas().space("baleine", space).id
    for mark in marks:
        feedback.remember(number, Said(mark, mark, words), on)
    db.session.commit()


@pytest.fixture
def link(site: Site) -> str:
    """The address in the owner's mail."""
    asked_how_it_was(site)
    return f"/feedback/{site.world.feedback}"


def answers() -> list[Answer]:
    db.session.rollback()
    return db.session.query(Answer).all()


# --- Answering ---


def test_the_page_asks_three_questions_and_names_nobody(site: Site, link: str) -> None:
    page = site.browser().get(link + "?lang=en").text

    assert page.count("<fieldset") == page.count("<legend>") == 2
    assert len(re.findall(r'type="radio"', page)) == 10
    assert "<textarea" in page
    assert "Mireille" not in page
    assert site.world.code not in page


def test_looking_uses_nothing_up(site: Site, link: str) -> None:
    before = site.content()

    for _ in range(3):
        assert site.browser().get(link).status_code == 200
    site.browser().head(link)

    assert site.content() == before


def test_who_answers_is_thanked_and_the_link_has_served(site: Site, link: str) -> None:
    browser = site.browser()
    answer = browser.post(link, data=FULL)
    page = browser.get(answer.location + "?lang=en").text

    assert (answer.status_code, answer.location) == (302, link)
    assert "Thank you" in page
    assert "<form" not in page.split("<main")[1]
    assert [(row.place, row.welcome, row.comment) for row in answers()] == [(5, 3, "Une patère")]


def test_a_second_answer_is_told_kindly_and_changes_nothing(site: Site, link: str) -> None:
    site.browser().post(link, data=FULL)

    page = site.browser().post(link + "?lang=en", data={"place": "1", "welcome": "1"})

    assert page.status_code == 200
    assert "it takes one answer" in page.text
    assert [row.place for row in answers()] == [5]


@pytest.mark.parametrize(
    "form",
    [
        {"place": "5"},
        {"welcome": "5"},
        {"place": "0", "welcome": "5"},
        {"place": "6", "welcome": "5"},
        {"place": "très bien", "welcome": "5"},
        {"place": "5", "welcome": "5", "comment": "x" * 1001},
    ],
)
def test_what_is_missing_or_no_mark_is_asked_for_again(
    site: Site, link: str, form: dict[str, str]
) -> None:
    answer = site.browser().post(
        link + "?lang=en", data=form | {"comment": form.get("comment", "Mot")}
    )

    assert answer.status_code == 422
    assert "Please check your answers" in answer.text
    assert form.get("comment", "Mot") in answer.text
    assert answers() == []


def test_the_words_alone_may_be_left_out(site: Site, link: str) -> None:
    site.browser().post(link, data={"place": "4", "welcome": "4"})

    assert [row.comment for row in answers()] == [""]


def test_a_link_that_has_ended_and_an_unknown_one_look_alike(site: Site, link: str) -> None:
    with time_machine.travel(make.moment("sun 12", week=date(2027, 4, 11)), tick=False):
        ended = site.browser().get(link + "?lang=en")
        sent = site.browser().post(link + "?lang=en", data=FULL)
    unknown = site.browser().get(f"/feedback/{codes.token()}?lang=en")

    assert {one.status_code for one in (ended, sent, unknown)} == {404}
    for one in (ended, sent, unknown):
        assert "This link has ended" in one.text
    assert answers() == []


def test_the_page_of_a_link_is_kept_and_found_by_nobody(site: Site, link: str) -> None:
    for answer in (site.browser().get(link), site.browser().get(link + "/stop")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Robots-Tag"] == "noindex"


# --- Not wanted ---


def test_the_other_link_ends_the_mails_by_a_button_only(site: Site, link: str) -> None:
    stop = f"/feedback/{site.world.quiet}/stop"
    page = site.browser().get(stop + "?lang=en").text
    assert "End these mails" in page
    assert site.member("owner").feedback

    answer = site.browser().post(stop)

    db.session.rollback()
    assert not site.member("owner").feedback
    assert "You get no such mails any more" in site.browser().get(answer.location + "?lang=en").text


def test_members_end_the_mails_and_have_them_again(site: Site) -> None:
    browser = site.browser("owner")
    for wanted, offered in (("off", "Have these mails again"), ("on", "End these mails")):
        browser.post(f"/account/feedback/{wanted}")
        db.session.rollback()

        assert site.member("owner").feedback is (wanted == "on")
        assert offered in browser.get("/account?lang=en").text


# --- The average, for all ---


@pytest.mark.parametrize(("count", "shown"), [(4, False), (5, True)])
def test_from_five_answers_on_everybody_reads_the_average(
    site: Site, count: int, shown: bool
) -> None:
    said(*[5, 4, 5, 4, 5][:count], words="Trop de bruit")

    page = site.browser().get(SPACE).text

    assert ("What people say" in page) is shown
    assert ("4.6 of 5 · 5 answers" in read(page)) is shown
    assert "Trop de bruit" not in page


def test_french_readers_see_a_comma(site: Site) -> None:
    said(5, 4, 5, 4, 5)

    assert "4,6 sur 5 · 5 réponses" in read(site.browser().get("/venues/baleine/salle").text)


def test_the_answers_about_one_space_are_not_those_of_another(site: Site) -> None:
    said(5, 5, 5, 5, 5, space="halle")

    assert "What people say" not in site.browser().get(SPACE).text


# --- At the desk ---


def test_managers_read_averages_how_often_and_words(site: Site) -> None:
    said(5, 5, 4, words="Une patère")

    page = site.browser("manager").get(DESK).text

    assert "4.7 of 5 · 3 answers" in read(page)
    assert re.search(r"5 – very good\s*2\s*2\s*4 – good\s*1\s*1\s*3 – fair\s*0\s*0", read(page))
    assert "March 2027" in page
    assert page.count("Une patère") == 3


def test_of_fewer_than_three_managers_read_the_count_alone(site: Site) -> None:
    said(1, 2, words="Une patère")

    page = site.browser("manager").get(DESK).text

    assert "2 answers so far" in page
    assert "Une patère" not in page
    assert "very poor" not in page


def test_words_wait_until_their_months_have_three_answers(site: Site) -> None:
    said(5, 5, 5, on=FEBRUARY, words="Février")
    said(1, words="Toute seule")

    page = site.browser("manager").get(DESK).text

    assert "Février" in page
    assert "Toute seule" not in page
    assert "More words are there" in page


def test_words_of_several_months_are_shown_together(site: Site) -> None:
    said(5, on=FEBRUARY, words="Février")
    said(4, 4, words="Mars")

    page = site.browser("manager").get(DESK).text

    assert "February 2027 – March 2027" in read(page)
    assert "Février" in page


def test_words_are_hostile_text(site: Site) -> None:
    said(5, 5, 5, words="<script>alert(1)</script>")

    page = site.browser("manager").get(DESK).text

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_the_short_address_leads_to_a_venue_of_their_own(site: Site) -> None:
    answer = site.browser("stranger").get("/desk/feedback")

    assert answer.location == "/desk/feedback/autre"


def test_the_desk_links_to_it(site: Site) -> None:
    assert "/desk/feedback/baleine" in site.browser("manager").get("/desk").text

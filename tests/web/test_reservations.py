"""Reserving by the form: yes and no as a person sees them."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from sqlalchemy import update

from booking.actions import reservations as act
from booking.db import db
from booking.models.outbox import OutboxMessage
from booking.models.policies import Policy
from booking.models.reservations import Reservation
from booking.models.venues import Venue
from booking.queries.venues import atlas
from booking.rules import codes
from booking.rules.periods import Period
from tests import make
from tests.support.site import Site

FORM = {
    "space": "baleine/salle",
    "on": "2027-03-11",
    "from": "10:00",
    "to": "11:00",
    "people": "2",
    "title": "Réunion de lecture",
    "note": "Nous sommes discrets.",
}
TAKEN = FORM | {"on": "2027-03-08", "from": "10:00", "to": "11:00"}


def row_of(code: str) -> Reservation:
    return db.session.query(Reservation).filter_by(code=code).one()


def choices(page: str) -> list[dict[str, list[str]]]:
    """What the links to the form say: the ways out of a no."""
    links = re.findall(r'href="(/reservations/new\?[^"]+)"', page)
    return [parse_qs(urlsplit(unescape(link)).query) for link in links]


def test_a_reservation_that_is_made_leads_to_its_page(site: Site) -> None:
    browser = site.browser("owner")

    answer = browser.post("/reservations/new", data=FORM)

    code = answer.headers["Location"].rpartition("/")[2]
    row = row_of(code)
    assert answer.status_code == 302
    assert (row.state, row.people, row.title) == ("confirmed", 2, FORM["title"])
    assert Period(row.starts_at, row.ends_at) == make.period("thu 10-11")
    assert 'class="flash"' in browser.get(f"/reservations/{code}").text


@pytest.mark.parametrize("space", ["baleine/salle", "baleine/bureaux"])
def test_a_form_that_is_sent_twice_reserves_once_and_leads_to_it_again(
    site: Site, space: str
) -> None:
    browser = site.browser("owner")
    form = FORM | {"space": space, "people": "1", "once": "a-form-of-its-own"}

    first, second = (browser.post("/reservations/new", data=form) for _ in range(2))

    assert (first.status_code, second.status_code) == (302, 302)
    assert first.location == second.location
    assert db.session.query(Reservation).filter_by(title=FORM["title"]).count() == 1
    assert "C’est réservé" in browser.get(second.location).text


def test_the_same_form_with_other_words_is_another(site: Site) -> None:
    browser = site.browser("owner")
    form = FORM | {"space": "baleine/bureaux", "people": "1", "once": "a-form-of-its-own"}

    places = {
        browser.post("/reservations/new", data=form | {"title": title}).location
        for title in ("Un poste", "Un autre")
    }

    assert len(places) == 2


def test_a_form_of_another_member_is_another(site: Site) -> None:
    form = FORM | {"space": "baleine/bureaux", "people": "1", "once": "a-form-of-its-own"}

    places = {
        site.browser(who).post("/reservations/new", data=form).location
        for who in ("owner", "other")
    }

    assert len(places) == 2


def test_every_form_has_a_name_of_its_own_and_keeps_it_after_a_no(site: Site) -> None:
    browser = site.browser("other")
    named = re.compile(r'name="once" value="([^"]+)"')
    shown = [
        named.findall(browser.get("/reservations/new", query_string=FORM).text)[0] for _ in "ab"
    ]

    refused = browser.post("/reservations/new", data=TAKEN | {"once": shown[0]}).text

    assert shown[0] != shown[1]
    assert set(named.findall(refused)) == {shown[0]}


def test_a_code_that_is_anothers_is_drawn_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing is left of the first try: no second reservation, no second mail."""
    drawn = iter([site.world.code, "ZZZ-9999"])
    monkeypatch.setattr(codes, "reservation_code", lambda: next(drawn))
    before = db.session.query(OutboxMessage).count()

    answer = site.browser("other").post("/reservations/new", data=FORM)

    assert (answer.status_code, answer.location) == (302, "/reservations/ZZZ-9999")
    assert row_of("ZZZ-9999").state == "confirmed"
    assert db.session.query(OutboxMessage).count() == before + 1


def test_a_request_says_that_it_waits(site: Site) -> None:
    browser = site.browser("owner")

    answer = browser.post("/reservations/new", data=FORM | {"space": "baleine/halle"})

    page = browser.get(answer.headers["Location"]).text
    assert "En attente" in page
    assert row_of(answer.headers["Location"][-8:]).state == "requested"


def test_the_end_of_the_day_is_written_as_midnight(site: Site) -> None:
    page = site.browser("owner").get("/reservations/new", query_string=FORM | {"to": "00:00"}).text

    assert "2027-03-11" in page


def test_a_taken_place_is_a_conflict_with_ways_out(site: Site) -> None:
    answer = site.browser("other").post("/reservations/new", data=TAKEN)

    assert answer.status_code == 409
    assert {"space": ["baleine/salle"], "on": ["2027-03-08"], "from": ["11:00"]}.items() <= (
        choices(answer.text)[0].items()
    )


def test_each_way_out_can_be_had_with_one_more_click(site: Site) -> None:
    browser = site.browser("other")
    ways = choices(browser.post("/reservations/new", data=TAKEN).text)

    assert ways
    for way in ways:
        form = TAKEN | {name: values[0] for name, values in way.items()}
        assert browser.post("/reservations/new", data=form).status_code == 302


def test_a_taken_place_keeps_what_was_typed(site: Site) -> None:
    page = site.browser("other").post("/reservations/new", data=TAKEN).text

    assert FORM["title"] in page
    assert FORM["note"] in page


def test_a_taken_place_does_not_say_by_whom_or_what_for(site: Site) -> None:
    page = site.browser("other").post("/reservations/new", data=TAKEN).text

    assert "Comité secret" not in page
    assert "Mireille" not in page
    assert site.world.code not in page


def test_all_reasons_are_told_at_once(site: Site) -> None:
    wrong = {"on": "2027-03-06", "from": "06:10", "to": "06:20", "people": "9"}

    answer = site.browser("owner").post("/reservations/new?lang=en", data=FORM | wrong)

    assert answer.status_code == 422
    for reason in ("already passed", "closed", "steps of", "shortest", "at most 8 people"):
        assert reason in unescape(answer.text), reason


def policy_of(slug: str, **values: object) -> None:
    """What the space says of itself."""
    space = atlas().space(*slug.split("/"))
    db.session.execute(update(Policy).where(Policy.space_id == space.id).values(**values))
    make.changed()
    db.session.commit()


def test_a_taken_place_is_one_of_the_reasons(site: Site) -> None:
    answer = site.browser("other").post("/reservations/new?lang=en", data=TAKEN | {"people": "9"})

    page = unescape(answer.text)
    assert answer.status_code == 422
    assert "at most 8 people" in page
    assert "This place is taken for part of that time." in page


def test_a_buffer_is_told_as_one(site: Site) -> None:
    """The other reservation ends when this one would begin."""
    policy_of("baleine/salle", buffer_before=30)
    beside = TAKEN | {"from": "11:00", "to": "12:00"}

    page = unescape(site.browser("other").post("/reservations/new?lang=en", data=beside).text)
    page = re.sub(r"\s+", " ", page)

    assert "Another reservation is too near. 30 min before are kept free to set up." in page
    assert "This place is taken" not in page


def test_of_a_taken_place_no_exception_is_made(site: Site) -> None:
    early = TAKEN | {"on": "2027-03-08", "from": "06:00"}

    page = site.browser("other").post("/reservations/new?lang=en", data=early).text

    assert "Ask the venue for an exception" not in page


def ways_by_form(page: str) -> list[dict[str, str]]:
    """What the buttons of the ways out send."""
    forms = re.findall(r"<form[^>]*>.*?</form>", page, re.DOTALL)
    hidden = r'<input type="hidden" name="([^"]+)" value="([^"]*)"'
    sent = [dict(re.findall(hidden, form)) for form in forms]
    return [
        {name: unescape(value) for name, value in one.items()}
        for one in sent
        if "on" in one and "space" in one
    ]


def test_what_it_is_for_is_not_said_where_nobody_asks(site: Site) -> None:
    """A use that one space asks for does not spoil the way out to another."""
    policy_of("baleine/salle", activities=["meeting", "training"])
    form = TAKEN | {"activity": "meeting"}

    page = site.browser("other").post("/reservations/new", data=form).text

    there = next(one for one in ways_by_form(page) if one["space"] == "autre/salon")
    answer = site.browser("other").post("/reservations/new", data=there | {"activity": "meeting"})
    assert answer.status_code == 302


def test_a_way_out_that_asks_for_more_leads_to_its_form(site: Site) -> None:
    """With what was typed; one click cannot reserve it."""
    policy_of("autre/salon", activities=["meeting"])

    page = site.browser("other").post("/reservations/new", data=TAKEN).text

    assert "autre/salon" not in [one["space"] for one in ways_by_form(page)]
    way = next(one for one in choices(page) if one["space"] == ["autre/salon"])
    assert way["title"] == [FORM["title"]]
    assert way["note"] == [FORM["note"]]


def test_the_reason_says_who_can_make_an_exception(site: Site) -> None:
    early = FORM | {"from": "06:00", "to": "07:00"}

    page = unescape(site.browser("owner").post("/reservations/new?lang=en", data=early).text)

    assert "can make an exception" in page


def test_a_link_fills_the_form_in(site: Site) -> None:
    page = site.browser("owner").get("/reservations/new", query_string=FORM).text

    assert 'value="baleine/salle"' in page
    assert 'value="2027-03-11"' in page
    assert re.search(r'<option value="10:00" selected>', page)
    assert re.search(r'<option value="11:00" selected>', page)


def test_a_link_to_a_taken_place_says_so_before_anything_is_typed(site: Site) -> None:
    answer = site.browser("other").get("/reservations/new", query_string=TAKEN)

    assert answer.status_code == 200
    assert choices(answer.text)


def test_a_time_the_clocks_skip_is_told_to_be_none(site: Site) -> None:
    skipped = FORM | {"on": "2027-03-28", "from": "02:30", "to": "09:00"}

    answer = site.browser("owner").post("/reservations/new?lang=en", data=skipped)

    assert answer.status_code == 422
    assert "this time does not exist" in unescape(answer.text)


@pytest.mark.parametrize(("on", "hour"), [("2027-03-11", 9), ("2027-04-01", 8)])
def test_times_are_those_of_the_venue_in_winter_and_in_summer(
    site: Site, on: str, hour: int
) -> None:
    answer = site.browser("owner").post("/reservations/new", data=FORM | {"on": on})

    assert row_of(answer.headers["Location"][-8:]).starts_at.hour == hour


def test_a_desk_can_be_chosen(site: Site) -> None:
    desks = atlas().space("baleine", "bureaux").units
    form = FORM | {"space": "baleine/bureaux", "people": "1", "unit": str(desks[1])}
    browser = site.browser("owner")

    answer = browser.post("/reservations/new", data=form)

    assert "b2" in browser.get(answer.headers["Location"]).text


def test_a_chosen_desk_that_is_taken_is_a_conflict(site: Site) -> None:
    desks = atlas().space("baleine", "bureaux").units
    form = FORM | {"space": "baleine/bureaux", "people": "1", "unit": str(desks[1])}
    site.browser("owner").post("/reservations/new", data=form)

    assert site.browser("other").post("/reservations/new", data=form).status_code == 409


def test_a_desk_of_another_space_cannot_be_chosen(site: Site) -> None:
    room = atlas().space("baleine", "salle").units[0]
    form = FORM | {"space": "baleine/bureaux", "people": "1", "unit": str(room)}

    assert site.browser("owner").post("/reservations/new", data=form).status_code == 422


FOREIGN = {"member_id": "1", "member": "1", "state": "confirmed", "code": "AAA-AAAA", "uid": "x"}
FOREIGN |= {"created_at": "2000-01-01", "expires_at": "2099-01-01", "sequence": "99", "id": "1"}


def test_what_the_form_does_not_ask_cannot_be_said(site: Site) -> None:
    form = FORM | {"space": "baleine/halle"} | FOREIGN

    answer = site.browser("other").post("/reservations/new", data=form)

    row = row_of(answer.headers["Location"][-8:])
    assert row.member_id == site.member("other").id
    assert (row.state, row.sequence, row.created_at) == ("requested", 0, make.NOW)


def test_the_list_shows_ones_own_reservations_alone(site: Site) -> None:
    own, others = (site.browser(actor).get("/reservations").text for actor in ("owner", "other"))

    assert site.world.code in own
    assert site.world.code not in others


@pytest.mark.parametrize("spelling", ["{}", " {} ", "lower", "nodash"])
def test_a_code_is_read_however_it_is_written(site: Site, spelling: str) -> None:
    code = site.world.code
    written = {"lower": code.lower(), "nodash": code.replace("-", "")}.get(
        spelling, spelling.format(code)
    )

    assert site.browser("owner").get(f"/reservations/{written}").status_code == 200


def test_a_reservation_is_cancelled_by_its_owner(site: Site) -> None:
    browser, code = site.browser("owner"), site.world.code

    answer = browser.post(f"/reservations/{code}/cancel")

    assert answer.headers["Location"] == f"/reservations/{code}"
    assert row_of(code).state == "cancelled"
    assert "Annulée" in browser.get(f"/reservations/{code}").text


def test_a_request_is_withdrawn_by_its_owner(site: Site) -> None:
    site.browser("owner").post(f"/reservations/{site.world.request}/cancel")

    assert row_of(site.world.request).state == "withdrawn"


@pytest.mark.parametrize("which", ["code", "request"])
def test_before_cancelling_one_reads_what_happens_then(site: Site, which: str) -> None:
    code = getattr(site.world, which)

    page = site.browser("owner").get(f"/reservations/{code}/cancel").text

    assert f"/reservations/{code}/cancel" in page
    assert "Rien n’est dû" in page
    assert row_of(code).state in ("confirmed", "requested")


def test_who_comes_too_late_to_cancel_reads_whom_to_ask(site: Site) -> None:
    with time_machine.travel(make.moment("mon 9:30"), tick=False):
        page = site.browser("owner").get(f"/reservations/{site.world.code}/cancel").text

    assert "<form" not in page.partition("<main")[2].partition("</main")[0]
    assert "Trop tard" in page


def test_what_is_gone_has_no_page_to_cancel_it(site: Site) -> None:
    browser, path = site.browser("owner"), f"/reservations/{site.world.code}"
    browser.post(f"{path}/cancel")

    assert browser.get(f"{path}/cancel").headers["Location"] == path


def test_what_was_cancelled_is_taken_back_within_ten_seconds(site: Site) -> None:
    browser, path = site.browser("owner"), f"/reservations/{site.world.code}"
    browser.post(f"{path}/cancel")
    assert f'action="{path}/restore"' in browser.get(path).text

    browser.post(f"{path}/restore")

    assert row_of(site.world.code).state == "confirmed"
    assert "/restore" not in browser.get(path).text


def test_after_ten_seconds_it_stays_cancelled_and_one_reads_why(site: Site) -> None:
    browser, path = site.browser("owner"), f"/reservations/{site.world.code}"
    browser.post(f"{path}/cancel")

    with time_machine.travel(make.NOW + act.UNDO, tick=False):
        assert "/restore" not in browser.get(path).text
        browser.post(f"{path}/restore")
        page = browser.get(path).text

    assert row_of(site.world.code).state == "cancelled"
    assert "10 secondes" in page


def test_cancelling_twice_is_a_conflict(site: Site) -> None:
    browser, path = site.browser("owner"), f"/reservations/{site.world.code}/cancel"
    browser.post(path)

    assert browser.post(path).status_code == 409


def test_cancelling_too_late_is_refused_with_the_time_it_was_possible(site: Site) -> None:
    browser, code = site.browser("owner"), site.world.code

    with time_machine.travel(make.moment("mon 9:30"), tick=False):
        answer = browser.post(f"/reservations/{code}/cancel")
        page = browser.get(answer.headers["Location"]).text

    assert answer.status_code == 302
    assert row_of(code).state == "confirmed"
    assert "9" in page
    assert "flash problem" in page


def test_a_manager_cancels_with_a_reason_the_member_reads(site: Site) -> None:
    path = f"/reservations/{site.world.code}"

    site.browser("manager").post(f"{path}/cancel", data={"why": "Dégât des eaux"})

    assert "Dégât des eaux" in site.browser("owner").get(path).text


@pytest.mark.parametrize(
    ("name", "value"), [("on", "2027-02-31"), ("on", "9999-01-01"), ("people", "10000")]
)
def test_a_link_with_a_value_that_cannot_be_says_so_at_its_field(
    site: Site, name: str, value: str
) -> None:
    fields = {key: text for key, text in FORM.items() if key != "csrf_token"}

    answer = site.browser("owner").get("/reservations/new", query_string=fields | {name: value})

    assert answer.status_code == 200
    assert re.search(rf'<(input|select)[^>]*name="{name}"[^>]*aria-invalid', answer.text) or (
        re.search(rf'aria-invalid[^>]*name="{name}"', answer.text)
    )


def test_a_used_up_quota_is_answered_with_the_next_days(site: Site) -> None:
    """One a day, and the owner has one that Monday: the nearest free hours of it help nobody."""
    quota = {"most": 1, "of": "reservations", "per": "day", "by": "member"}
    policy_of("baleine/salle", quotas=[quota])
    monday = FORM | {"on": "2027-03-08", "from": "14:00", "to": "15:00"}

    answer = site.browser("owner").post("/reservations/new", data=monday)

    own = [one["on"] for one in choices(answer.text) if one["space"] == ["baleine/salle"]]
    assert answer.status_code == 422
    assert own == [["2027-03-07"], ["2027-03-09"]]


def at_the_whale(**values: object) -> Venue:
    """The site's first venue; `values` are columns."""
    row = db.session.query(Venue).filter_by(slug="baleine").one()
    for name, value in values.items():
        setattr(row, name, value)
    return row


def buttons(page: str) -> list[tuple[str, str]]:
    """The ways out of a no: what the button says, and of which place."""
    return [
        (re.sub(r"<[^>]+>", "", unescape(found[2])).strip(), unescape(found[1]))
        for found in re.finditer(
            r'<form[^>]*>(?:(?!</form>).)*name="space" value="([^"]+)"(?:(?!</form>).)*'
            r"<button[^>]*>(.*?)</button>",
            page,
            re.DOTALL,
        )
    ]


@pytest.mark.parametrize(
    ("rules", "ceiling", "said"),
    [({}, None, "Reserve"), ({"ask_above": 1}, None, "Request"), ({}, 3, "Request")],
)
def test_a_way_out_says_whether_somebody_is_asked(
    site: Site, rules: dict[str, int], ceiling: int | None, said: str
) -> None:
    """Two people are there already, and a wish for two is offered the room beside."""
    beside = make.space(at_the_whale(ceiling=ceiling), "voisine", capacity=8, **rules)
    make.reservation(atlas().space("baleine", "bureaux"), "mon 10-11", people=2)
    db.session.commit()

    page = site.browser("other").post("/reservations/new?lang=en", data=TAKEN).text

    found = [text for text, place in buttons(page) if place == f"baleine/{beside.slug}"]
    assert [text.split()[0] for text in found] == [said]


def test_a_set_up_that_is_too_small_is_answered_with_one_that_is_not(site: Site) -> None:
    make.space(at_the_whale(), "grande", capacity=40, layouts={"u": 8, "theatre": 40})
    db.session.commit()
    wish = FORM | {"space": "baleine/grande", "people": "30", "layout": "u"}
    browser = site.browser("owner")

    page = browser.post("/reservations/new?lang=en", data=wish).text

    way = ways_by_form(page)[0]
    assert (way["space"], way["on"], way["layout"]) == ("baleine/grande", FORM["on"], "theatre")
    assert "set-up: theatre" in unescape(page)
    assert browser.post("/reservations/new", data=way).status_code == 302


@pytest.mark.parametrize(
    "wrong",
    [
        {"on": "2027-02-31"},
        {"to": "09:00"},
        {"people": "10000"},
        {"on": "2027-03-28", "from": "02:30", "to": "04:00"},
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_while_something_is_wrong_nothing_is_promised(
    site: Site, method: str, wrong: dict[str, str]
) -> None:
    browser = site.browser("owner")

    if method == "get":
        page = browser.get("/reservations/new", query_string=FORM | wrong | {"lang": "en"}).text
    else:
        page = browser.post("/reservations/new?lang=en", data=FORM | wrong).text

    assert "Please check your answers" in page
    assert "It is yours as soon as you send this form." not in page
    assert "You can cancel by yourself" not in page
    right = browser.get("/reservations/new", query_string=FORM | {"lang": "en"}).text
    assert "It is yours as soon as you send this form." in right


def test_a_deadline_that_has_passed_is_said_to_have(site: Site) -> None:
    """Two days before; it is Sunday noon."""
    policy_of("baleine/salle", cancel_notice=2880)

    def until(on: str) -> tuple[bool, bool]:
        asked = FORM | {"on": on, "lang": "en", "from": "15:00", "to": "16:00"}
        page = site.browser("owner").get("/reservations/new", query_string=asked).text
        return "Too late to cancel by yourself" in page, "You can cancel by yourself until" in page

    assert until("2027-03-08") == (True, False)
    assert until("2027-03-10") == (False, True)


def test_a_page_says_that_one_may_ask_outside_opening_hours(site: Site) -> None:
    def rules() -> str:
        return site.browser().get("/venues/baleine/salle?on=2027-03-10&lang=en").text

    policy_of("baleine/salle", approval="always")
    assert "One may ask for times outside opening hours too." not in rules()

    policy_of("baleine/salle", ask_outside_hours=True)
    assert "On request: a manager of the venue decides." in rules()
    assert "One may ask for times outside opening hours too." in rules()

"""A series in the browser: the rule, every date before it is made, and what becomes of it."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine

from booking.db import db
from booking.models.reservations import Reservation
from booking.models.series import Series
from booking.models.waitlist import Waiting
from booking.queries.venues import atlas
from tests import make
from tests.support.client import Client
from tests.support.site import Site

FORM = {
    "space": "baleine/salle",
    "on": "2027-03-09",
    "from": "10:00",
    "to": "11:00",
    "people": "2",
    "title": "Cercle",
}
RULE = FORM | {"freq": "weekly", "every": "1", "times": "3"}


@pytest.fixture
def owner(site: Site) -> Client:
    """The owner's browser, which speaks English."""
    site.member("owner").language = "en"
    db.session.commit()
    return site.browser("owner")


def text_of(answer) -> str:
    return unescape(answer.text).replace("\u00a0", " ")


def hidden(page: str, name: str) -> str:
    found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', page)
    return found[1] if found else ""


def chosen_in(page: str) -> list[str]:
    """What is chosen in each list."""
    found = re.findall(r'<option( selected)? value="([^"]*)"( selected)?>', page)
    return [value for before, value, after in found if before or after]


def look(browser: Client, **fields: str):
    return browser.post("/series/new", data=RULE | {"step": "look"} | fields)


def make_it(browser: Client, **fields: str):
    """Looks first, then sends what the page says."""
    page = look(browser, **fields).text
    sent = {name: hidden(page, name) for name in ("token", "seen")}
    return browser.post("/series/new", data=RULE | {"step": "make"} | sent | fields)


def verdicts(page: str) -> list[str]:
    return re.findall(r'<div class="verdict"><span class="pill[^"]*">([^<]+)</span>', page)


def options(page: str, on: str) -> dict[str, str]:
    """What can be chosen for a date: word -> text."""
    select = re.search(rf'<select name="line-{on}".*?</select>', page, re.S)
    assert select
    pairs = re.findall(r'<option value="([^"]*)"[^>]*>([^<]*)<', select[0])
    return {unescape(word): unescape(text) for word, text in pairs}


def made() -> Series | None:
    return db.session.query(Series).one_or_none()


def dates() -> list[str]:
    rows = db.session.query(Reservation).filter(Reservation.series_on.is_not(None))
    return [
        f"{row.starts_at.astimezone(make.PARIS):%m-%d %H:%M} {row.state}"
        for row in rows.order_by(Reservation.series_on)
    ]


def take(site: Site, at: str, week: int = 0) -> None:
    room = atlas().space(*RULE["space"].split("/"))
    start = make.SUNDAY + week * make.timedelta(days=7)
    make.reservation(room, make.period(at, week=start), by=site.member("other"))
    db.session.commit()


def test_without_a_space_one_is_sent_to_find_one(owner: Client) -> None:
    assert owner.get("/series/new").status_code == 302


def test_the_form_of_a_reservation_leads_to_the_rule_with_what_was_typed(owner: Client) -> None:
    assert 'formaction="/series/new"' in owner.get("/reservations/new?space=baleine/salle").text

    page = owner.post("/series/new", data=FORM)

    assert page.status_code == 200
    assert 'value="Cercle"' in page.text
    assert "How it repeats" in page.text


def test_every_date_is_shown_with_its_verdict_and_nothing_is_reserved(owner: Client) -> None:
    page = look(owner)

    assert page.status_code == 200
    assert verdicts(page.text) == ["free", "free", "free"]
    assert "Tue 16 Mar" in text_of(page)
    assert made() is None


def test_then_all_are_reserved(owner: Client) -> None:
    answer = make_it(owner)

    series = made()
    assert series is not None
    assert answer.location == f"/series/{series.code}"
    assert dates() == ["03-09 10:00 confirmed", "03-16 10:00 confirmed", "03-23 10:00 confirmed"]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"times": ""}, "Until when, or how often?"),
        ({"times": "367"}, "At most 366."),
        ({"times": "x"}, "Not a valid integer value."),
        ({"every": "0"}, "Between 1 and 52."),
        ({"times": "", "last": "2027-03-01"}, "The last day lies before the first."),
        ({"freq": "dates"}, "Which dates?"),
        ({"freq": "dates", "own": "soon"}, "“soon” is no date."),
        ({"freq": "dates", "own": "2027-02-30"}, "“2027-02-30” is no date."),
        ({"freq": "daily", "times": "", "last": "2029-01-01"}, "at most 366 dates"),
        ({"people": ""}, "How many will you be?"),
        ({"to": "09:00"}, "The end must lie after the start."),
    ],
)
def test_what_is_missing_or_wrong_is_told_and_nothing_is_lost(
    owner: Client, fields: dict[str, str], error: str
) -> None:
    page = look(owner, **fields)

    assert page.status_code == 422
    assert error in text_of(page)
    assert 'value="Cercle"' in page.text


@pytest.mark.parametrize("field", ["freq", "by", "day", "step", "line-2027-03-09", "seen"])
def test_nonsense_is_no_error_of_ours(owner: Client, field: str) -> None:
    assert look(owner, **{field: "\x00☃ x"}).status_code in (200, 422)


def test_a_taken_date_offers_other_times_and_places(site: Site, owner: Client) -> None:
    take(site, "tue 10-11", 1)

    page = look(owner).text

    assert verdicts(page) == ["free", "taken", "free"]
    found = list(options(page, "2027-03-16").values())
    assert found[:2] == ["As planned", "Leave out"]
    assert all(text.startswith("Instead: ") for text in found[2:-1])
    assert found[-1] == "Leave out, and wait for it"
    assert len(found) > 3
    assert "Reserve all" not in page


def test_with_a_taken_date_nothing_is_reserved(site: Site, owner: Client) -> None:
    take(site, "tue 10-11", 1)

    answer = make_it(owner)

    assert answer.status_code == 409
    assert made() is None


def test_a_date_is_left_out(site: Site, owner: Client) -> None:
    take(site, "tue 10-11", 1)

    make_it(owner, **{"line-2027-03-16": "drop"})

    assert dates() == ["03-09 10:00 confirmed", "03-23 10:00 confirmed"]
    assert made().left_out == [["2027-03-16", "dropped"]]


def test_a_taken_date_is_waited_for(site: Site, owner: Client) -> None:
    take(site, "tue 10-11", 1)
    waits = {"line-2027-03-16": "wait"}

    page = look(owner, **waits).text
    answer = make_it(owner, **waits)

    assert verdicts(page) == ["free", "on the waitlist", "free"]
    assert dates() == ["03-09 10:00 confirmed", "03-23 10:00 confirmed"]
    assert made().left_out == [["2027-03-16", "waits"]]
    at = make.period("tue 10-11", week=make.SUNDAY + make.timedelta(days=7))
    entry = db.session.query(Waiting).filter_by(starts_at=at.start, title="Cercle").one()
    assert (entry.state, entry.member_id) == ("waiting", site.member("owner").id)
    assert "left out, and waited for" in text_of(owner.get(answer.location))


def test_what_is_free_by_now_is_not_waited_for_and_nothing_is_reserved(owner: Client) -> None:
    answer = make_it(owner, **{"line-2027-03-16": "wait"})

    assert answer.status_code == 422
    assert "is free at that time by now: nobody has to wait." in text_of(answer)
    assert verdicts(answer.text) == ["free", "free", "free"]
    assert made() is None
    assert db.session.query(Waiting).filter_by(title="Cercle").count() == 0


def test_all_that_is_not_possible_is_left_out_with_one_click(site: Site, owner: Client) -> None:
    take(site, "tue 10-11", 1)

    page = look(owner, step="spare").text

    assert verdicts(page) == ["free", "left out", "free"]
    assert "Reserve all 2 dates" in page


def test_a_date_is_moved_to_what_is_offered(site: Site, owner: Client) -> None:
    take(site, "tue 10-11", 1)
    word = list(options(look(owner).text, "2027-03-16"))[2]

    make_it(owner, **{"line-2027-03-16": word})

    assert len(dates()) == 3
    assert [row.moved for row in db.session.query(Reservation).filter_by(series_id=made().id)] == [
        False,
        True,
        False,
    ]


def test_a_date_is_moved_to_a_time_of_ones_own(owner: Client) -> None:
    page = look(owner, step="edit:2027-03-16").text
    assert 'name="on-2027-03-16"' in page
    typed = {"on-2027-03-16": "2027-03-17", "from-2027-03-16": "15:00", "to-2027-03-16": "16:00"}
    word = "baleine/salle 2027-03-17 15:00 16:00"

    moved = look(owner, **typed).text

    assert f'<option value="{word}" selected>' in moved
    make_it(owner, **{"line-2027-03-16": word})
    assert dates()[1] == "03-17 15:00 confirmed"


@pytest.mark.parametrize("bad", ["31:00", "nine"])
def test_a_new_time_that_cannot_be_read_is_told(owner: Client, bad: str) -> None:
    typed = {"on-2027-03-16": "2027-03-17", "from-2027-03-16": bad, "to-2027-03-16": "16:00"}

    page = look(owner, **typed)

    assert "A new time could not be read." in page.text
    assert f'value="{bad}"' in page.text


def test_dates_that_nobody_has_seen_are_shown_first(owner: Client) -> None:
    page = look(owner).text
    sent = {name: hidden(page, name) for name in ("token", "seen")}

    answer = owner.post("/series/new", data=RULE | sent | {"step": "make", "times": "4"})

    assert answer.status_code == 409
    assert "The dates are others now" in answer.text
    assert made() is None


def test_the_same_form_sent_twice_makes_one_series(owner: Client) -> None:
    page = look(owner).text
    sent = RULE | {"step": "make"} | {name: hidden(page, name) for name in ("token", "seen")}

    first, second = (owner.post("/series/new", data=sent) for _ in range(2))

    assert first.location == second.location == f"/series/{made().code}"


def test_what_a_rule_passes_over_is_said(owner: Client) -> None:
    page = look(owner, freq="monthly", on="2027-03-31", times="2")

    assert "Without such a date: April 2027." in text_of(page)


def test_on_request_is_said_and_asked_for(owner: Client) -> None:
    fields = {"space": "baleine/halle", "on": "2027-03-11"}

    assert verdicts(look(owner, **fields).text) == ["free, on request"] * 3
    make_it(owner, **fields)

    assert {line.split()[-1] for line in dates()} == {"requested"}


@pytest.fixture
def series(owner: Client) -> str:
    make_it(owner)
    return f"/series/{made().code}"


def test_its_page_says_what_it_is(owner: Client, series: str) -> None:
    page = text_of(owner.get(series))

    assert "every week, on Tuesday, 3 times" in page
    assert "10:00 – 11:00" in page
    assert page.count("Confirmed") == 3


def test_it_is_continued_after_its_last_date_by_the_same_rule(owner: Client, series: str) -> None:
    page = owner.get(series).text
    onwards = unescape(re.findall(r'href="([^"]+)">Continue it…', page)[0])

    form = owner.get(onwards).text

    assert hidden(form, "on") == "2027-03-30"
    chosen = [value for value in chosen_in(form) if value]
    assert chosen[:2] == ["10:00", "11:00"]
    assert (hidden(form, "people"), hidden(form, "title")) == ("2", "Cercle")
    assert "weekly" in chosen


def test_what_is_continued_is_what_the_series_has_become(owner: Client, series: str) -> None:
    change(owner, series, "", on="2027-03-10", **{"from": "14:00", "to": "15:30"})

    page = owner.get(series).text
    onwards = unescape(re.findall(r'href="([^"]+)">Continue it…', page)[0])

    asked = parse_qs(urlsplit(onwards).query)
    assert [asked[name] for name in ("on", "from", "to")] == [["2027-03-31"], ["14:00"], ["15:30"]]


def test_my_reservations_show_its_next_date_and_lead_to_it(owner: Client, series: str) -> None:
    page = text_of(owner.get("/reservations"))

    assert "Series: 3 dates to come" in page
    assert page.count(series) == 1


def test_the_page_of_a_date_leads_to_it(owner: Client, series: str) -> None:
    code = db.session.query(Reservation).filter_by(series_id=made().id).first().code

    page = owner.get(f"/reservations/{code}").text

    assert f'href="{series}"' in page
    assert f"{series}/change?since=2027-03-09" in page


def change(browser: Client, series: str, since: str = "", **fields: str):
    page = browser.get(f"{series}/change?since={since}").text
    form = {"version": hidden(page, "version"), "since": since} | {
        name: RULE[name] for name in ("space", "people", "title", "from", "to")
    }
    form |= {"on": since or "2027-03-09", "note": ""} | fields
    shown = browser.post(f"{series}/change", data=form | {"step": "look"}).text
    form |= {"seen": hidden(shown, "seen"), "step": "save"}
    return shown, browser.post(f"{series}/change", data=form | fields)


def test_this_and_following_are_moved(owner: Client, series: str) -> None:
    shown, answer = change(
        owner, series, "2027-03-16", on="2027-03-17", **{"from": "14:00", "to": "15:00"}
    )

    assert verdicts(shown) == ["free", "free"]
    assert answer.location == series
    assert dates() == ["03-09 10:00 confirmed", "03-17 14:00 confirmed", "03-24 14:00 confirmed"]


def test_nothing_is_saved_while_one_of_them_is_taken(
    site: Site, owner: Client, series: str
) -> None:
    take(site, "wed 14-15", 2)

    shown, answer = change(
        owner, series, "2027-03-16", on="2027-03-17", **{"from": "14:00", "to": "15:00"}
    )

    assert verdicts(shown) == ["free", "taken"]
    assert answer.status_code == 409
    assert dates()[1] == "03-16 10:00 confirmed"


def test_what_is_taken_stays_as_it_is_where_that_is_chosen(
    site: Site, owner: Client, series: str
) -> None:
    take(site, "wed 14-15", 2)
    fields = {"on": "2027-03-17", "from": "14:00", "to": "15:00", "line-2027-03-23": "leave"}

    change(owner, series, "2027-03-16", **fields)

    assert dates()[1:] == ["03-17 14:00 confirmed", "03-23 10:00 confirmed"]


def test_only_what_was_changed_is_changed(owner: Client, series: str) -> None:
    row = db.session.query(Reservation).filter_by(series_id=made().id).all()[1]
    row.title = "Jury"
    db.session.commit()

    change(owner, series, people="4")

    db.session.expire_all()
    rows = db.session.query(Reservation).filter_by(series_id=made().id).all()
    assert [(row.people, row.title) for row in rows] == [(4, "Cercle"), (4, "Jury"), (4, "Cercle")]


@pytest.mark.parametrize(
    "fields", [{"people": "0"}, {"space": "nowhere"}, {"on": ""}, {"from": "x"}, {"to": "09:00"}]
)
def test_what_is_wrong_in_a_change_is_told(
    owner: Client, series: str, fields: dict[str, str]
) -> None:
    form = {"on": "2027-03-09", "from": "10:00", "to": "11:00", "people": "2"}

    answer = owner.post(f"{series}/change", data=form | {"space": "baleine/salle"} | fields)

    assert answer.status_code == 422


def test_a_holiday_is_released(owner: Client, series: str) -> None:
    span = {"first": "2027-03-15", "last": "2027-03-20"}
    page = owner.get(f"{series}/cancel?first=2027-03-15&last=2027-03-20").text
    assert "Give back 1 date?" in page

    owner.post(f"{series}/cancel", data=span)

    assert [line.split()[-1] for line in dates()] == ["confirmed", "cancelled", "confirmed"]


@pytest.mark.parametrize(
    "span", ["first=2027-03-15", "first=x&last=y", "first=2027-03-20&last=2027-03-01"]
)
def test_a_holiday_that_is_none_gives_nothing_back(owner: Client, series: str, span: str) -> None:
    assert owner.get(f"{series}/cancel?{span}").status_code == 200

    owner.post(f"{series}/cancel?{span}")

    assert {line.split()[-1] for line in dates()} == {"confirmed"}


def test_all_are_given_back_and_taken_back(site: Site, owner: Client, series: str) -> None:
    owner.post(f"{series}/cancel")
    assert {line.split()[-1] for line in dates()} == {"cancelled"}
    assert "3 dates are free again." in text_of(owner.get(series))

    owner.post(f"{series}/restore")

    assert {line.split()[-1] for line in dates()} == {"confirmed"}


def test_after_ten_seconds_nothing_is_taken_back(owner: Client, series: str) -> None:
    owner.post(f"{series}/cancel")
    with time_machine.travel(make.NOW + make.timedelta(seconds=11), tick=False):
        owner.post(f"{series}/restore")
        page = owner.get(series)

    assert "It cannot be taken back any more." in page.text


def test_a_manager_decides_on_all_with_one_click(site: Site, owner: Client) -> None:
    make_it(owner, space="baleine/halle", on="2027-03-11")
    site.member("manager").language = "en"
    db.session.commit()
    desk = site.browser("manager")

    page = text_of(desk.get("/desk"))
    assert "A series: 3 dates" in page
    desk.post(f"/desk/series/{made().code}/approve")

    assert {line.split()[-1] for line in dates()} == {"confirmed"}


def test_a_manager_says_no_to_all_with_a_reason(site: Site, owner: Client) -> None:
    make_it(owner, space="baleine/halle", on="2027-03-11")
    desk = site.browser("manager")

    desk.post(f"/desk/series/{made().code}/decline", data={"why": ""})
    assert {line.split()[-1] for line in dates()} == {"requested"}
    desk.post(f"/desk/series/{made().code}/decline", data={"why": "Travaux"})

    assert {line.split()[-1] for line in dates()} == {"declined"}

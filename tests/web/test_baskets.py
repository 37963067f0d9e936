"""A member's day: what is put in it, what the page says of it, and reserving all of it."""

import re
from html import unescape
from urllib.parse import urlsplit

import pytest
import time_machine

from booking.db import db
from booking.models.outbox import OutboxMessage
from booking.models.policies import Policy
from booking.models.reservations import Reservation
from booking.queries.extras import counts_of
from booking.queries.venues import atlas
from booking.web import wishes
from tests import make
from tests.support.client import Client
from tests.support.site import Site

FORM = {
    "space": "baleine/salle",
    "on": "2027-03-11",
    "from": "10:00",
    "to": "11:00",
    "people": "2",
    "title": "Réunion",
    "note": "Merci",
}
DESKS = FORM | {"space": "baleine/bureaux", "people": "1"}
HALL = FORM | {"space": "baleine/halle"}
TAKEN = FORM | {"on": "2027-03-08"}


@pytest.fixture
def owner(site: Site) -> Client:
    """The owner's browser, which speaks English."""
    site.member("owner").language = "en"
    db.session.commit()
    return site.browser("owner")


def add(browser: Client, *forms: dict[str, str]) -> None:
    for form in forms:
        assert browser.post("/basket", data=form).status_code == 302


def page(browser: Client) -> str:
    return unescape(browser.get("/basket").text).replace("\u00a0", " ")


def lines(browser: Client) -> list[str]:
    """The short names of the wishes, in order."""
    return re.findall(r"/basket/(\w+)/remove", browser.get("/basket").text)


def made() -> list[Reservation]:
    """What was reserved on Thursday."""
    day = Reservation.starts_at > make.moment("thu 0")
    return db.session.query(Reservation).filter(day).order_by(Reservation.id).all()


def test_the_form_has_a_second_button(owner: Client) -> None:
    query = {"space": "baleine/salle"}

    assert 'formaction="/basket"' in owner.get("/reservations/new", query_string=query).text


def test_adding_reserves_nothing(owner: Client) -> None:
    add(owner, FORM)

    assert made() == []
    assert "Nothing is reserved yet" in page(owner)


def test_the_menu_counts_what_is_in_the_day(owner: Client) -> None:
    assert "My day (" not in owner.get("/").text

    add(owner, FORM, DESKS)

    assert "My day (2)" in owner.get("/").text


def test_every_wish_has_its_verdict(owner: Client) -> None:
    add(owner, DESKS, HALL, TAKEN, FORM | {"people": "8", "from": "12:00", "to": "13:00"})
    smaller("salle", 7)

    text = page(owner)

    pills = re.findall(r'class="pill (?:free|ask|full)">([^<]+)<', text)
    assert pills == ["free", "free, on request", "not possible", "not possible"]
    assert "This place is taken for part of that time." in text
    assert "at most 7 people, and you are 8" in text
    assert "Reserve everything" not in text


def smaller(slug: str, capacity: int) -> None:
    """The space holds so many people from now on."""
    row = db.session.merge(atlas().space("baleine", slug).space)
    row.capacity = capacity
    make.changed()
    db.session.commit()


def test_a_form_with_a_mistake_comes_back_and_nothing_is_added(owner: Client) -> None:
    answer = owner.post("/basket", data=FORM | {"on": ""})

    assert answer.status_code == 422
    assert "Which day?" in answer.text
    assert lines(owner) == []


def test_an_unknown_space_is_not_found(owner: Client) -> None:
    assert owner.post("/basket", data=FORM | {"space": "baleine/soute"}).status_code == 404


def test_all_is_reserved_with_one_click(owner: Client) -> None:
    add(owner, FORM, DESKS)

    answer = owner.post("/basket/reserve")

    assert urlsplit(answer.headers["Location"]).path == "/reservations"
    room, desk = made()
    assert (room.state, room.title, room.note, desk.people) == ("confirmed", "Réunion", "Merci", 1)
    assert room.basket == desk.basket is not None
    assert "2 reservations" in owner.get("/reservations").text
    assert lines(owner) == []


def test_a_day_that_is_sent_twice_is_reserved_once(site: Site, owner: Client) -> None:
    add(owner, DESKS, DESKS | {"from": "14:00", "to": "15:00"})
    wanted = owner.get_cookie("session").value
    sent = {"once": "a-form-of-its-own"}
    owner.post("/basket/reserve", data=sent)
    owner.set_cookie("session", wanted)  # As the second of two clicks has it.

    answer = owner.post("/basket/reserve", data=sent)

    assert answer.status_code == 302
    assert len(made()) == 2
    assert lines(owner) == []


def test_extras_go_along(site: Site, owner: Client) -> None:
    make.extra(atlas().venue("baleine").venue, "projector", stock=2)
    db.session.commit()
    add(owner, FORM | {"extra-projector": "2"})

    assert "Extras: 2 × Projector" in page(owner)
    owner.post("/basket/reserve")

    assert counts_of(made()[0].id) == {"projector": 2}


def test_a_chosen_desk_is_the_one_that_is_had(owner: Client) -> None:
    desks = atlas().space("baleine", "bureaux").units
    add(owner, DESKS | {"unit": str(desks[1])})

    assert "b2" in page(owner)


def test_a_request_in_the_day_says_that_it_waits(owner: Client) -> None:
    add(owner, FORM, HALL)
    assert "One place is on request" in page(owner)

    owner.post("/basket/reserve")

    assert [one.state for one in made()] == ["confirmed", "requested"]
    assert "1 request waits for its manager" in owner.get("/reservations").text


def test_a_place_that_several_may_ask_for_is_not_said_to_be_kept(site: Site, owner: Client) -> None:
    make.space(atlas().venue("baleine").venue, "scene", approval="always", competing=True)
    db.session.commit()
    add(owner, FORM, FORM | {"space": "baleine/scene"})
    text = page(owner)
    assert "One place is on request and kept for nobody" in text
    assert "kept for you" not in text

    owner.post("/basket/reserve")

    assert [one.state for one in made()] == ["confirmed", "requested"]
    told = owner.get("/reservations").text
    assert "1 request waits for its manager. One place is kept for nobody meanwhile" in told
    assert "kept for you" not in told


def test_of_two_requests_each_is_told_as_it_is(site: Site, owner: Client) -> None:
    make.space(atlas().venue("baleine").venue, "scene", approval="always", competing=True)
    db.session.commit()
    add(owner, HALL, FORM | {"space": "baleine/scene"})
    text = page(owner)

    assert "One place is on request: it is kept for you" in text
    assert "One place is on request and kept for nobody" in text


def test_if_one_part_fails_nothing_is_reserved_and_the_page_says_which(
    site: Site, owner: Client
) -> None:
    add(owner, DESKS, FORM)
    site.browser("other").post("/reservations/new", data=FORM)

    answer = owner.post("/basket/reserve")

    text = unescape(answer.text)
    assert answer.status_code == 409
    assert "Nothing was reserved" in text
    assert re.findall(r'class="pill (free|ask|full)"', text) == ["free", "full"]
    assert [one.member_id for one in made()] == [site.member("other").id]
    assert len(lines(owner)) == 2


def ways(browser: Client) -> list[tuple[str, dict[str, str]]]:
    """The ways out of all noes: the address and the fields of each button, not the mere links."""
    found = []
    for one in re.findall(r'<li class="alt">(.*?)</li>', browser.get("/basket").text, re.S):
        action = re.search(r'action="([^"]+)"', one)
        fields = re.findall(r'name="([\w-]+)" value="([^"]*)"', one)
        if action:
            found.append((action[1], {name: unescape(text) for name, text in fields}))
    return found


def test_a_way_out_takes_the_place_of_the_part_that_failed(owner: Client) -> None:
    add(owner, DESKS, TAKEN)
    action, fields = ways(owner)[0]

    owner.post(action, data=fields)

    assert "not possible" not in page(owner)
    assert len(lines(owner)) == 2
    owner.post("/basket/reserve")
    mine = db.session.query(Reservation).filter(Reservation.basket.is_not(None)).all()
    assert {one.title for one in mine} == {"Réunion"}


def test_every_way_out_can_be_had(site: Site) -> None:
    for number in range(len(ways_of(site.browser("other")))):
        browser = site.browser("other")
        action, fields = ways_of(browser)[number]
        browser.post(action, data=fields)
        assert "not possible" not in page(browser)


def ways_of(browser: Client) -> list[tuple[str, dict[str, str]]]:
    add(browser, TAKEN)
    return ways(browser)


def test_a_way_out_is_not_where_another_part_of_the_day_is(owner: Client) -> None:
    add(owner, FORM | {"from": "11:00", "to": "12:00"}, FORM, FORM)

    assert "Another part of your day takes it already." in page(owner)
    assert ways(owner)[0][1]["from"] in ("09:00", "12:00")


def test_a_way_out_without_an_extra_leaves_it_out(site: Site, owner: Client) -> None:
    make.extra(atlas().venue("baleine").venue, "projector", stock=1)
    db.session.commit()
    one = {"extra-projector": "1"}
    add(owner, DESKS | one, FORM | one)
    action, fields = ways(owner)[0]
    assert fields["extra-projector"] == "0"

    owner.post(action, data=fields)
    owner.post("/basket/reserve")

    assert [counts_of(row.id) for row in made()] == [{"projector": 1}, {}]


QUOTA = {"most": 120, "of": "minutes", "per": "day", "by": "member"}
ASKING: dict[str, object] = {"activities": ["meeting", "filming"]}
LONG = FORM | {"to": "12:00"}
EVENING = FORM | {"from": "20:00", "to": "22:00"}


def space(slug: str, capacity: int = 8, **policy: object) -> str:
    """A space more at the venue, as the form names it."""
    make.space(atlas().venue("baleine").venue, slug, capacity=capacity, **policy)
    db.session.commit()
    return f"baleine/{slug}"


def rule(slug: str, **policy: object) -> None:
    """What the space wants from now on."""
    number = atlas().space("baleine", slug).id
    db.session.query(Policy).filter_by(space_id=number).update(policy)
    make.changed()
    db.session.commit()


def pills(text: str) -> list[str]:
    return re.findall(r'class="pill (?:free|ask|full)">([^<]+)<', text)


def kept(browser: Client) -> list[dict[str, str]]:
    """The wishes of the day."""
    with browser.session_transaction() as session:
        return list(session.get("basket", ()))


def follow(browser: Client, text: str) -> tuple[str, dict[str, str]]:
    """The page that the first link with these words leads to, and what its form would send."""
    link = re.search(rf'<a[^>]*href="([^"]+)"[^>]*>{text}<', browser.get("/basket").text)
    assert link
    shown = browser.get(unescape(link[1])).text
    form = shown[shown.index('id="reserve"') :]
    inputs = re.findall(r"<input[^>]*>", form)
    fields = [dict(re.findall(r'(name|value)="([^"]*)"', one)) for one in inputs]
    sent = {one["name"]: unescape(one.get("value", "")) for one in fields if "name" in one}
    for name, options in re.findall(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', form, re.S):
        for chosen in re.findall(r"<option[^>]*selected[^>]*>", options):
            sent[name] = re.findall(r'value="([^"]*)"', chosen)[0]
    for name, text in re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>([^<]*)</textarea>', form):
        sent[name] = unescape(text).strip()
    return unescape(shown).replace("\u00a0", " "), sent


def over_the_quota(browser: Client) -> list[tuple[str, dict[str, str]]]:
    """The ways out of a day that wants more than a quota allows."""
    room = {"space": "baleine/calanque"}
    add(browser, LONG | room, LONG | room | {"from": "14:00", "to": "16:00"})
    return ways(browser)


def test_a_quota_counts_the_lines_of_a_day_together(owner: Client) -> None:
    space("calanque", quotas=[QUOTA])
    found = [fields for _, fields in over_the_quota(owner)]

    assert pills(page(owner)) == ["free", "not possible"]
    there = [fields["on"] for fields in found if fields["space"] == "baleine/calanque"]
    assert there
    assert LONG["on"] not in there


def test_no_way_out_passes_the_quota_again(site: Site) -> None:
    space("calanque", quotas=[QUOTA])
    for number in range(len(over_the_quota(site.browser("other")))):
        browser = site.browser("other")
        action, fields = over_the_quota(browser)[number]
        browser.post(action, data=fields)
        assert 'class="pill full"' not in browser.get("/basket").text
    browser.post("/basket/reserve")

    assert [row.state for row in made()] == ["confirmed"] * 2


def test_a_venue_that_the_day_would_fill_is_asked(owner: Client) -> None:
    db.session.merge(atlas().venue("baleine").venue).ceiling = 10
    add(owner, LONG | {"people": "6"}, LONG | {"people": "6", "space": space("calanque")})
    text = page(owner)

    assert pills(text) == ["free", "free, on request"]
    assert "The venue would hold more people than it may at that time" in text
    owner.post("/basket/reserve")
    assert [row.state for row in made()] == ["confirmed", "requested"]


@pytest.mark.parametrize(("more", "layout"), [({"theatre": 40}, "theatre"), ({}, "")])
def test_a_way_out_in_another_set_up_changes_it(
    owner: Client, more: dict[str, int], layout: str
) -> None:
    room = space("calanque", 40, layouts={"u": 4} | more)
    add(owner, FORM | {"space": room, "people": "4", "layout": "u"}, DESKS)
    with owner.session_transaction() as session:
        first, *rest = session["basket"]
        session["basket"] = [first | {"people": "30"}, *rest]
    action, fields = ways(owner)[0]
    assert fields["layout"] == layout
    assert "set-up: " in page(owner)

    owner.post(action, data=fields)

    assert pills(page(owner)) == ["free", "free"]
    assert kept(owner)[0].get("layout", "") == layout


def test_a_way_out_to_a_space_that_asks_more_leads_to_its_form(owner: Client) -> None:
    studio = space("calanque", **ASKING)
    add(owner, FORM, FORM | {"note": "Avec piano"}, DESKS)
    assert [f for _, f in ways(owner) if f["space"] == studio] == []

    _, fields = follow(owner, "Choose")

    assert [fields[name] for name in ("space", "title", "note")] == [
        studio,
        "Réunion",
        "Avec piano",
    ]
    add(owner, fields | {"activity": "meeting"})
    assert pills(page(owner)) == ["free"] * 3
    assert [one["space"] for one in kept(owner)] == [FORM["space"], studio, DESKS["space"]]


def test_a_part_of_which_more_must_be_said_is_completed(owner: Client) -> None:
    add(owner, FORM, DESKS)
    rule("salle", **ASKING)
    assert "Say what it is for" in page(owner)
    same = {name: FORM[name] for name in ("space", "on", "from")}
    assert ways(owner)
    assert all(not same.items() <= fields.items() for _, fields in ways(owner))

    text, fields = follow(owner, "Complete it")

    assert "Change it in my day" in text
    add(owner, fields | {"activity": "filming"})
    assert pills(page(owner)) == ["free", "free"]
    assert [one["space"] for one in kept(owner)] == [FORM["space"], DESKS["space"]]
    assert (kept(owner)[0]["activity"], kept(owner)[0]["note"]) == ("filming", "Merci")


def test_an_exception_is_asked_for_on_the_form_of_its_part(owner: Client) -> None:
    add(owner, EVENING)

    text, fields = follow(owner, "Ask the venue for an exception…")

    assert "Ask for the exception" in text
    add(owner, fields | {"exception": "Visite du préfet"})
    assert pills(page(owner)) == ["free, on request"]
    owner.post("/basket/reserve")
    assert [row.broken for row in made()] == [["closed"]]


def test_of_what_is_taken_too_no_exception_is_offered(site: Site, owner: Client) -> None:
    rule("salle", longest=60)
    add(owner, TAKEN | {"from": "09:00"})
    text = page(owner)

    assert "The longest reservation here is 1 h." in text
    assert "This place is taken for part of that time." in text
    assert "Ask the venue for an exception" not in text


def test_a_part_that_is_reserved_from_its_form_leaves_the_day(owner: Client) -> None:
    add(owner, FORM, DESKS)
    rule("salle", **ASKING)
    _, fields = follow(owner, "Complete it")

    answer = owner.post("/reservations/new", data=fields | {"activity": "filming"})

    assert answer.status_code == 302
    assert [one["space"] for one in kept(owner)] == [DESKS["space"]]


def test_a_way_out_of_the_form_keeps_in_mind_which_part_it_is_for(owner: Client) -> None:
    add(owner, TAKEN | {"people": "8"})
    smaller("salle", 7)
    name = lines(owner)[0]

    text = owner.get("/reservations/new", query_string={"wish": name, "people": "7"}).text

    links = re.findall(r'<li class="alt">.*?href="([^"]+)"', text, re.S)
    assert links
    assert all(f"line={name}" in link for link in links)


def test_a_part_that_is_gone_is_added_again(owner: Client) -> None:
    add(owner, FORM, DESKS | {"line": "abcdef"})

    assert len(kept(owner)) == 2
    assert owner.get("/reservations/new?wish=abcdef").status_code == 302


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        ({"on": "2000-01-01"}, "already passed"),
        ({"on": "2999-01-01"}, "ahead"),
        ({"people": "5000"}, "at most 8 people, and you are 5"),
        ({"from": "10:05"}, "steps of"),
    ],
)
def test_what_nobody_can_ever_have_is_told_on_the_form(
    owner: Client, wish: dict[str, str], told: str
) -> None:
    answer = owner.post("/basket", data=FORM | wish)

    text = unescape(answer.text).replace("\u00a0", " ")
    assert answer.status_code == 422
    assert told in text
    assert 'value="Réunion"' in text
    assert "Merci</textarea>" in text
    assert kept(owner) == []


def test_beyond_the_horizon_is_added_with_a_reason(owner: Client) -> None:
    add(owner, FORM | {"on": "2027-11-11", "exception": "Congrès annuel"})

    assert pills(page(owner)) == ["free, on request"]


def test_a_way_out_of_a_night_ends_on_its_own_day(owner: Client) -> None:
    add(owner, FORM | {"from": "22:00", "to": "02:00", "until": "2027-03-12"})
    action, fields = ways(owner)[0]
    assert not fields["until"]

    owner.post(action, data=fields)

    assert pills(page(owner)) == ["free"]
    assert "until" not in kept(owner)[0]


def test_a_part_is_removed(owner: Client) -> None:
    add(owner, FORM, DESKS)

    owner.post(f"/basket/{lines(owner)[0]}/remove")

    assert "Bureaux" in page(owner)
    assert len(lines(owner)) == 1


@pytest.mark.parametrize("verb", ["remove", "replace"])
def test_a_part_that_is_gone_breaks_nothing(owner: Client, verb: str) -> None:
    add(owner, FORM)

    assert owner.post(f"/basket/abcdef/{verb}", data=FORM).status_code in (302, 404)
    assert len(lines(owner)) == 1


def test_a_day_has_room_for_eight(owner: Client) -> None:
    hours = range(8, 8 + wishes.MOST)
    add(owner, *(FORM | {"from": f"{hour:02}:00", "to": f"{hour + 1:02}:00"} for hour in hours))

    answer = owner.post("/basket", data=FORM | {"on": "2027-03-12"})

    assert answer.status_code == 422
    assert "Your day is full" in answer.text
    assert FORM["title"] in answer.text
    assert len(lines(owner)) == wishes.MOST


def test_the_cookie_stays_smaller_than_browsers_allow(owner: Client) -> None:
    for number in range(40):
        words = "".join(chr(0x1F300 + (number * 131 + n * 37) % 700) for n in range(120))
        answer = owner.post("/basket", data=FORM | {"title": words})
        cookie = answer.headers.get("Set-Cookie", "")
        assert len(cookie.partition(";")[0]) < 4000
        if answer.status_code == 422:
            break

    assert answer.status_code == 422
    assert lines(owner)


def test_nothing_in_the_day_is_nothing_to_reserve(owner: Client) -> None:
    assert owner.post("/basket/reserve").headers["Location"] == "/basket"
    assert "Nothing in your day yet" in page(owner)


def test_a_space_that_is_gone_can_be_removed(owner: Client) -> None:
    add(owner, FORM)
    with owner.session_transaction() as session:
        session["basket"] = [session["basket"][0] | {"space": "baleine/soute"}]

    assert "no longer possible as it stands" in page(owner)
    assert owner.post("/basket/reserve").status_code == 302
    assert made() == []
    owner.post(f"/basket/{lines(owner)[0]}/remove")
    assert lines(owner) == []


def test_what_has_passed_meanwhile_is_refused(site: Site, owner: Client) -> None:
    add(owner, FORM)

    with time_machine.travel(make.moment("thu 10:30"), tick=False):
        assert "already passed" in page(owner)


def test_the_day_ends_with_the_sign_in(owner: Client) -> None:
    add(owner, FORM)

    owner.post("/account/sign-out")

    with owner.session_transaction() as session:
        assert "basket" not in session


def test_looking_at_the_day_changes_nothing(site: Site, owner: Client) -> None:
    add(owner, FORM, TAKEN)
    before = site.content()

    page(owner)

    assert site.content() == before


def test_each_page_leads_to_the_others(site: Site, owner: Client) -> None:
    add(owner, FORM, DESKS)
    owner.post("/basket/reserve")
    room, desk = made()

    text = owner.get(f"/reservations/{room.code}").text
    assert "Reserved together" in text
    assert f'href="/reservations/{desk.code}"' in text


def test_a_manager_sees_of_the_others_what_is_theirs(site: Site, owner: Client) -> None:
    add(owner, FORM, FORM | {"space": "autre/salon"})
    owner.post("/basket/reserve")
    room, far = made()

    text = site.browser("manager").get(f"/reservations/{room.code}").text
    assert far.code not in text


def test_one_mail_tells_of_the_day(owner: Client) -> None:
    add(owner, FORM, DESKS)
    owner.post("/basket/reserve")

    assert [row.kind for row in db.session.query(OutboxMessage)] == ["basket-reserved"]


def test_hostile_words_are_shown_as_they_are(owner: Client) -> None:
    add(owner, FORM | {"title": "<script>alert(1)</script>"})

    assert "<script>alert" not in owner.get("/basket").text

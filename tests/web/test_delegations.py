"""The pages on which people say who reserves for whom, and on which they do."""

import re
from collections.abc import Iterator

import pytest

from booking.app import create_app
from booking.db import db
from booking.models.delegations import Delegation
from booking.models.members import Member
from booking.models.outbox import OutboxMessage
from booking.models.reservations import History, Reservation
from booking.queries.venues import SpaceFacts, atlas
from booking.web.security import limiter
from tests import make
from tests.support.site import Site

PAGE = "/account/delegates"
TIME = {"on": "2027-03-11", "from": "10:00", "to": "11:00", "people": "2"}
FORM = "/reservations/new?space=baleine/salle&on=2027-03-11&from=10:00&to=11:00&people=2"


@pytest.fixture(autouse=True)
def english(site: Site) -> None:
    """Everybody reads English."""
    db.session.query(Member).update({"language": "en"})
    db.session.commit()


def text_of(site: Site, actor: str, path: str) -> str:
    return site.browser(actor).get(path).text


def sent(site: Site, actor: str, path: str = "/reservations/new", **fields: str):
    """The answer to a form about the room."""
    data = {"space": site.world.room} | TIME | fields
    return site.browser(actor).post(path, data=data)


def newest() -> Reservation:
    db.session.rollback()
    return db.session.query(Reservation).order_by(Reservation.id.desc()).first()


def name(site: Site, email: str, **fields: str):
    data = {"email": email} | fields
    return site.browser("other").post(PAGE, data=data)


# Naming.


def test_the_answer_does_not_tell_whether_an_address_is_known(site: Site) -> None:
    emails = [site.world.emails["owner"], site.world.emails["blocked"], "nobody@example.org"]
    browser = site.browser("other")

    answers = [browser.post(PAGE, data={"email": email}) for email in emails]
    told = [re.findall(r'<p class="flash.*?</p>', browser.get(PAGE).text) for _ in answers]
    page = browser.get(PAGE).text

    assert {(one.status_code, one.location) for one in answers} == {(302, PAGE)}
    assert told[1:] == [[], []]
    rows = [row for row in re.findall(r"<li class=\"row\">.*?</li>", page, re.S)]
    found = {email: row for row in rows for email in emails if email in row}
    shapes = {shape_of(row, email) for email, row in found.items()}
    assert (len(found), len(shapes)) == (3, 1)
    assert not {"Mireille", "Balthazar"} & set(re.findall(r"\w+", page))


def shape_of(row: str, email: str) -> str:
    """A line of the list without what is every line's own."""
    return re.sub(r'/\d+/|value="[^"]*"', "", row.replace(email, "…"))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"email": ""}, "Please give their e-mail address."),
        ({"email": "nobody"}, "This does not look like an e-mail address."),
        ({"email": "a@example.org", "until": "2027-02-30"}, "Not a valid date value."),
        ({"email": "a@example.org", "until": "2027-03-06"}, "This day is over"),
        ({"email": "a@example.org", "until": "9999-12-31"}, "year"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    site: Site, fields: dict[str, str], said: str
) -> None:
    answer = name(site, **fields)

    assert answer.status_code == 422
    assert said.lower() in answer.text.lower()
    assert f'value="{fields["email"]}"' in answer.text or not fields["email"]


def test_the_last_day_counts_as_a_whole(site: Site) -> None:
    name(site, "nobody@example.org", until="2027-03-07")

    row = db.session.query(Delegation).filter_by(email="nobody@example.org").one()
    assert row.ends_at == make.moment("mon 0")


def test_the_delegate_sees_no_address_and_gives_it_up(site: Site) -> None:
    page = text_of(site, "delegate", PAGE)
    assert ("Mireille" in page, site.world.emails["owner"] in page) == (True, False)

    answer = site.browser("delegate").post(f"{PAGE}/{site.world.delegation_id}/end")

    assert answer.location == PAGE
    assert "Mireille" not in text_of(site, "delegate", PAGE)


def test_there_is_a_limit_to_naming(site: Site, limited: Site) -> None:
    browser = limited.browser("other")
    emails = [f"{number}@example.org" for number in range(21)]

    told = [browser.post(PAGE, data={"email": email}).status_code for email in emails]

    assert told == [302] * 10 + [422] * 10 + [429]


@pytest.fixture
def limited(site: Site) -> Iterator[Site]:
    """The same site with its limits on."""
    uri = site.app.config["SQLALCHEMY_DATABASE_URI"]
    app = create_app(SQLALCHEMY_DATABASE_URI=uri, RATELIMIT_ENABLED=True, WTF_CSRF_ENABLED=False)
    limiter.reset()
    yield Site(app, site.world)
    limiter.reset()
    limiter.enabled = False


# The form.


def test_who_reserves_for_nobody_sees_nothing_of_it(site: Site) -> None:
    page = text_of(site, "other", FORM)

    assert "For whom" not in page
    assert 'name="for' not in page


def test_a_delegate_chooses_for_whom(site: Site) -> None:
    page = text_of(site, "delegate", FORM)

    assert re.search(r'<select[^>]*name="for"', page)
    assert f'<option value="{site.world.delegation_id}">Mireille</option>' in page
    assert 'name="for_email"' not in page


def test_a_link_says_for_whom(site: Site) -> None:
    number = site.world.delegation_id
    page = text_of(site, "delegate", f"{FORM}&for={number}")

    assert f'<option selected value="{number}">Mireille</option>' in page
    assert "<b>Mireille</b>" in page


def test_a_delegate_reserves_and_reads_so(site: Site) -> None:
    answer = sent(site, "delegate", **{"for": str(site.world.delegation_id)})

    made = newest()
    assert answer.location == f"/reservations/{made.code}"
    assert made.member_id == site.member("owner").id
    page = text_of(site, "delegate", answer.location)
    assert re.search(r"Reserved by</dt>\s*<dd>you", page)
    assert "Reserved for Mireille" in page
    assert site.world.emails["owner"] not in page


def test_the_member_reads_who_has_made_it(site: Site) -> None:
    sent(site, "delegate", **{"for": str(site.world.delegation_id)})

    page = text_of(site, "owner", f"/reservations/{newest().code}")

    assert re.search(r"Reserved by</dt>\s*<dd>Delphine", page)
    assert "for you" in page


@pytest.mark.parametrize("number", ["0", "x", "²", "9" * 300, "member", "a@example.org"])
def test_for_whom_one_does_not_reserve_is_said_and_nothing_made(site: Site, number: str) -> None:
    before = newest().id

    answer = sent(site, "other", title="Lecture", **{"for": number})

    assert (answer.status_code, newest().id) == (422, before)
    assert 'value="Lecture"' in answer.text


def test_another_members_delegation_is_none_of_mine(site: Site) -> None:
    answer = sent(site, "other", **{"for": str(site.world.delegation_id)})

    assert answer.status_code == 422
    assert "You do not reserve for this person any more." in answer.text


def test_only_managers_name_a_member_by_address(site: Site) -> None:
    before = newest().id

    answers = [
        sent(site, actor, for_email=site.world.emails["owner"])
        for actor in ("other", "delegate", "stranger")
    ]

    assert [answer.status_code for answer in answers] == [422] * 3
    assert newest().id == before
    assert not any("Mireille" in answers[n].text for n in (0, 2))


def test_a_manager_reserves_for_a_member_by_address(site: Site) -> None:
    answer = sent(site, "manager", for_email=f" {site.world.emails['other'].upper()} ")

    made = newest()
    assert (answer.status_code, made.member_id) == (302, site.member("other").id)
    line = db.session.query(History).filter_by(reservation_id=made.id).one()
    assert line.member_id == site.member("manager").id
    (mail,) = db.session.query(OutboxMessage).filter_by(to=site.world.emails["other"])
    assert (mail.kind, mail.facts["by"]) == ("reservation-confirmed", "Régis")


@pytest.mark.parametrize("actor", ["blocked", "nobody"])
def test_an_address_that_cannot_reserve_is_said_to_the_manager(site: Site, actor: str) -> None:
    email = site.world.emails.get(actor, "nobody@example.org")

    answer = sent(site, "manager", for_email=email)

    assert answer.status_code == 422
    assert "No member with a confirmed account has this address." in answer.text
    assert f'value="{email}"' in answer.text


def test_a_manager_who_comes_for_a_member_does_not_reserve_for_themselves(site: Site) -> None:
    page = text_of(site, "manager", f"{FORM}&for=member")
    answer = sent(site, "manager", **{"for": "member"})

    assert '<input type="hidden" name="for" value="member">' in page
    assert answer.status_code == 422
    assert "For whom? Please give the member’s e-mail." in answer.text


def test_an_address_in_a_link_opens_the_form_for_that_member(site: Site) -> None:
    page = text_of(site, "manager", f"{FORM}&for={site.world.emails['owner']}")

    assert f'value="{site.world.emails["owner"]}"' in page
    assert "<b>Mireille</b>" in page


def test_the_desk_leads_to_the_form_of_its_own_spaces(site: Site) -> None:
    page = text_of(site, "manager", "/desk")

    assert '<input type="hidden" name="for" value="member">' in page
    assert re.findall(r'<option value="(\w+)/', page) == ["baleine"] * 3


def test_ways_out_keep_for_whom(site: Site) -> None:
    number = str(site.world.delegation_id)
    make.reservation(room_of(site), "thu 10-11")
    db.session.commit()

    answer = sent(site, "delegate", **{"for": number})

    assert answer.status_code == 409
    assert f'<input type="hidden" name="for" value="{number}">' in answer.text


def room_of(site: Site) -> SpaceFacts:
    return atlas().space(*site.world.room.split("/"))


# A day, a series, a place in line.


def test_my_day_says_for_whom_and_reserves_so(site: Site) -> None:
    browser, number = site.browser("delegate"), str(site.world.delegation_id)
    data = {"space": site.world.room} | TIME | {"for": number}
    browser.post("/basket", data=data)

    page = browser.get("/basket").text
    browser.post("/basket/reserve")

    assert "For Mireille" in page
    assert newest().member_id == site.member("owner").id


def test_a_day_for_whom_one_reserves_no_more_is_not_reserved(site: Site) -> None:
    browser, number = site.browser("delegate"), site.world.delegation_id
    before = newest().id
    browser.post("/basket", data={"space": site.world.room} | TIME | {"for": str(number)})
    site.browser("owner").post(f"{PAGE}/{number}/end")

    page = browser.get("/basket").text
    browser.post("/basket/reserve")

    assert "no longer possible as it stands" in page
    assert newest().id == before


def series_for_the_member(site: Site) -> str:
    """The address of a series that the delegate has made for the owner."""
    fields = {"for": str(site.world.delegation_id), "freq": "weekly", "every": "1", "times": "2"}
    seen = sent(site, "delegate", "/series/new", step="look", **fields).text
    (digest,) = re.findall(r'name="seen"[^>]*value="(\w+)"', seen)
    (token,) = re.findall(r'name="token"[^>]*value="([^"]+)"', seen)

    answer = sent(site, "delegate", "/series/new", step="make", seen=digest, token=token, **fields)

    assert answer.status_code == 302
    return str(answer.location)


def test_a_series_for_the_member(site: Site) -> None:
    address = series_for_the_member(site)

    assert newest().member_id == site.member("owner").id
    assert "Mireille" in text_of(site, "delegate", address)


def test_a_series_for_the_member_is_continued_for_them(site: Site) -> None:
    page = site.browser("delegate").get(series_for_the_member(site)).text

    (onwards,) = re.findall(r'href="([^"]+)">Continue it…', page)

    assert f"for={site.world.delegation_id}" in onwards


def test_a_place_in_line_for_the_member_stands_in_their_list(site: Site) -> None:
    number = site.world.delegation_id
    make.reservation(room_of(site), "thu 10-11")
    db.session.commit()

    browser = site.browser("delegate")
    data = {"space": site.world.room} | TIME | {"for": str(number)}
    answer = browser.post("/waitlist", data=data)

    assert answer.location == f"/reservations?for={number}#waitlist"
    page = browser.get(answer.location).text
    assert "Mireille is first in line" in page
    assert "Leave the waitlist" in page


# The lists.


def test_the_delegates_own_list_has_nothing_of_the_member(site: Site) -> None:
    page = text_of(site, "delegate", "/reservations")

    assert "Comité secret" not in page
    assert f"/reservations?for={site.world.delegation_id}" in page


def test_the_list_of_the_member_is_apart(site: Site) -> None:
    page = text_of(site, "delegate", f"/reservations?for={site.world.delegation_id}")

    assert "Reservations of Mireille" in page
    assert "Comité secret" in page


def test_who_acts_for_nobody_has_one_list(site: Site) -> None:
    assert "Whose reservations" not in text_of(site, "owner", "/reservations")


def test_a_delegate_cancels_by_the_page(site: Site) -> None:
    path = f"/reservations/{site.world.code}"
    page = text_of(site, "delegate", f"{path}/cancel")

    site.browser("delegate").post(f"{path}/cancel")

    assert "takes the entry out of their calendar" in page
    row = db.session.query(Reservation).filter_by(code=site.world.code).one()
    assert row.state == "cancelled"


def test_the_name_of_who_acts_is_text(site: Site) -> None:
    site.member("delegate").name = "<b>Delphine</b>"
    db.session.commit()
    sent(site, "delegate", **{"for": str(site.world.delegation_id)})

    page = text_of(site, "owner", f"/reservations/{newest().code}")

    assert "<b>Delphine</b>" not in page
    assert "&lt;b&gt;Delphine&lt;/b&gt;" in page

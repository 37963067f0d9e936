"""Where delegates, guests and visitors meet each other and all else."""

import re

import pytest
import time_machine

from booking import jobs
from booking.actions import (
    baskets,
    guests,
    reservations,
    series,
    series_cancels,
    visitors,
    waitlist,
)
from booking.actions.baskets import Line
from booking.actions.reservations import Details
from booking.actions.series import Plan
from booking.actions.waitlist import Ask
from booking.db import db, transaction
from booking.jobs.letters import letter_of
from booking.models.delegations import Delegation
from booking.models.members import Member
from booking.models.outbox import OutboxMessage
from booking.models.reservations import Reservation
from booking.outside.mail import Letter
from booking.queries.members import by_email
from booking.queries.reservations import by_code
from booking.queries.series import by_code as series_by_code
from booking.queries.venues import SpaceFacts, read_atlas
from booking.rules.series import Repeat, dates_of, period_on, walls_of
from tests import make
from tests.make import NOW
from tests.support.site import Site

VISITOR = "sans-compte@example.net"


@pytest.fixture
def hosted(site: Site) -> Site:
    """The site, and somebody without an account for whom the manager reserves."""
    with transaction():
        make.visitor().email = VISITOR
    return site


def visitor() -> Member:
    found = by_email(VISITOR)
    assert found
    return found


def space(slug: str = "salle") -> SpaceFacts:
    return read_atlas().space("baleine", slug)


def reserved(site: Site, at: str = "wed 9-11", people: int = 4) -> Reservation:
    """The visitor's, of the room; the manager has made it."""
    with transaction():
        manager, details = site.member("manager"), Details(people, whose=visitor())
        period = make.period(at)
        return reservations.reserve(space(), period, details, by=manager, now=NOW)


def series_for(site: Site) -> str:
    """The code of a series of two Thursdays that the manager makes for the visitor."""
    with transaction():
        first, walls = walls_of(make.period("thu 14-15"), space().zone)
        repeat = Repeat("weekly", count=2)
        lines = [
            series.Line(on, space(), period_on(on, walls, space().zone), Details(whose=visitor()))
            for on in dates_of(repeat, first).dates
        ]
        plan = Plan(space(), repeat, first, walls, lines, token="a-token")
        return series.make(plan, by=site.member("manager"), now=NOW)[0].code


def found(row: Reservation, by: Member) -> Reservation:
    return by_code(row.code, by=by, now=NOW)


def told(to: str) -> dict[str, Letter]:
    """The last letter of each kind to somebody, as the worker sends it."""
    db.session.rollback()
    rows = db.session.query(OutboxMessage).filter_by(to=to).order_by(OutboxMessage.id).all()
    letters = {}
    for message in rows:
        with transaction():
            letters[message.kind] = letter_of(message, visitors.links_for(message, now=NOW))
    return letters


def links_in(letter: Letter) -> list[str]:
    """Whatever a reader can follow, in the text and in the entries."""
    entries = "".join(body.decode().replace("\r\n ", "") for _, body in letter.entries)
    return re.findall(r"http://localhost(/\S*)", letter.text + "\n" + entries)


def kinds(to: str) -> list[str]:
    db.session.rollback()
    rows = db.session.query(OutboxMessage).filter_by(to=to).order_by(OutboxMessage.id)
    return [one.kind for one in rows]


def together(site: Site) -> None:
    with transaction():
        at = make.period("thu 9-11")
        lines = [Line(space(slug), at, Details(whose=visitor())) for slug in ("salle", "bureaux")]
        baskets.reserve_all(lines, by=site.member("manager"), now=NOW)


def dates(site: Site) -> None:
    series_for(site)


def dates_given_back(site: Site) -> None:
    code, manager = series_for(site), site.member("manager")
    with transaction():
        made = series_by_code(code)
        series_cancels.cancel(made, make.dates(made), read_atlas(), by=manager, now=NOW)


def guest_comes(site: Site) -> None:
    made, manager = reserved(site), site.member("manager")
    with transaction():
        row = found(made, manager)
        guests.invite(row, "g@example.org", by=manager, now=NOW)
        guests.arrive_by_code(space(), guests.find.of(row)[0].code, now=make.moment("wed 8:30"))


def over(site: Site) -> None:
    reserved(site)
    with time_machine.travel(make.moment("wed 11:01"), tick=False):
        jobs.finish_over()


def offered(site: Site) -> None:
    with transaction():
        had = make.reservation(space(), "fri 9-11", by=site.member("owner"))
    with transaction():
        ask = Ask(space(), make.period("fri 9-11"), Details(2, whose=visitor()))
        waitlist.join(ask, by=site.member("manager"), now=NOW)
    with transaction():
        owner = site.member("owner")
        reservations.cancel(found(had, owner), read_atlas(), by=owner, now=NOW)


def named_as_delegate(site: Site) -> None:
    browser = site.browser("owner")
    assert browser.post("/account/delegates", data={"email": VISITOR}).status_code == 302


MAILED = {
    "basket-reserved": together,
    "series-reserved": dates,
    "series-cancelled": dates_given_back,
    "guest-arrived": guest_comes,
    "feedback-asked": over,
    "waitlist-offered": offered,
}


@pytest.mark.parametrize("kind", MAILED)
def test_no_mail_leads_a_visitor_to_a_page_they_cannot_open(hosted: Site, kind: str) -> None:
    MAILED[kind](hosted)

    links = links_in(told(VISITOR)[kind])

    opened = {link: hosted.browser().get(link).status_code for link in links}
    assert set(opened.values()) <= {200}, opened


def test_a_visitor_is_asked_how_it_was_behind_the_link_for_that(hosted: Site) -> None:
    over(hosted)

    links = links_in(told(VISITOR)["feedback-asked"])

    assert [link.split("/")[1] for link in links] == ["feedback", "feedback"]


def test_each_date_of_a_series_has_its_own_link_for_a_visitor(hosted: Site) -> None:
    dates(hosted)

    links = [link for link in links_in(told(VISITOR)["series-reserved"]) if "requests" in link]

    pages = [hosted.browser().get(link).text for link in links]
    rows = db.session.query(Reservation).filter_by(member_id=visitor().id).order_by("starts_at")
    assert [row.code in page for row, page in zip(rows, pages, strict=True)] == [True, True]


def test_who_waits_through_a_manager_is_offered_what_becomes_free(hosted: Site) -> None:
    offered(hosted)

    assert "waitlist-offered" in kinds(VISITOR)


def test_a_visitor_who_takes_an_offer_is_led_to_no_account(hosted: Site) -> None:
    offered(hosted)
    (link,) = links_in(told(VISITOR)["waitlist-offered"])

    hosted.browser().post(f"{link}/accept")

    page = hosted.browser().get(link).text
    made = db.session.query(Reservation).filter_by(member_id=visitor().id).one()
    assert made.state == "requested"
    assert f"/reservations/{made.code}" not in page


def test_a_visitor_who_is_named_as_a_delegate_is_treated_like_an_unknown_address(
    hosted: Site,
) -> None:
    named_as_delegate(hosted)

    row = db.session.query(Delegation).filter_by(email=VISITOR).one()
    assert (row.delegate_id, kinds(VISITOR)) == (None, [])


def test_from_the_guests_a_delegate_goes_back_to_the_list_of_whose_they_are(site: Site) -> None:
    browser = site.with_guest().browser("delegate")

    page = browser.get(f"/reservations/{site.world.code}/guests").text

    assert f'href="/reservations?for={site.world.delegation_id}"' in page
    assert 'href="/desk"' not in page


def test_who_gives_it_back_before_it_begins_has_their_guests_told(site: Site) -> None:
    browser = site.with_guest().browser("owner")

    with time_machine.travel(make.moment("mon 8:50"), tick=False):
        browser.post(f"/reservations/{site.world.code}/check-in")
        browser.post(f"/reservations/{site.world.code}/leave")

    (letter,) = told("anne@example.org").values()
    assert "8 mars, 9 h – 11 h" in letter.subject.replace("\xa0", " ")
    assert kinds("anne@example.org") == ["guest-cancelled"]


def test_a_visitor_who_cancels_reads_that_the_managers_guests_are_told(hosted: Site) -> None:
    guest_comes(hosted)
    link = next(one for one in links_in(told(VISITOR)["reservation-confirmed"]))

    page = hosted.browser().get(f"{link}/cancel?lang=en").text

    assert "1 guest is told as well, and the pass is void." in page


def test_at_any_space_who_has_no_account_may_use_their_code(hosted: Site) -> None:
    """A manager reserves for visitors everywhere, and guests have a code too."""
    page = hosted.browser().get("/venues/baleine/salle/here").text

    assert 'href="/kiosk/baleine/salle/check-in"' in page

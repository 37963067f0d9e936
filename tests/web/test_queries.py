"""A page asks the database as often with much data as with little."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from sqlalchemy import event

from booking.actions import feedback, hours, waitlist
from booking.actions.feedback import Said
from booking.actions.hours import Closing, DayHours
from booking.actions.reservations import Details
from booking.actions.waitlist import Ask
from booking.db import db
from booking.models.members import Member
from booking.queries.venues import atlas
from booking.rules.periods import Period
from booking.rules.series import Repeat
from tests import make
from tests.support.site import Site

PAGES = [
    ("visitor", "/"),
    ("visitor", "/search?on=2027-03-09&from=10:00&to=12:00"),
    ("visitor", "/venues"),
    ("visitor", "/venues/baleine?on=2027-03-09"),
    ("visitor", "/venues/baleine/bureaux?on=2027-03-09"),
    ("visitor", "/venues/baleine/calendar.ics"),
    ("owner", "/reservations"),
    ("owner", "/reservations/new?space=baleine/salle&on=2027-03-08&from=10:00&to=11:00"),
    ("owner", "/reservations/{code}"),
    ("owner", "/reservations/{code}/guests"),
    ("visitor", "/passes/{door_pass}"),
    ("owner", "/series/{series}"),
    ("owner", "/series/{series}/cancel"),
    ("delegate", "/reservations?for={delegation_id}"),
    ("delegate", "/reservations/new?space=baleine/salle&for={delegation_id}"),
    ("delegate", "/series/{series}"),
    ("delegate", "/series/{series}/cancel"),
    ("delegate", "/account/delegates"),
    ("owner", "/account/delegates"),
    ("owner", "/basket"),
    ("owner", "/feeds/{feed}.ics"),
    ("owner", "/search?on=2027-03-09&from=10:00&to=12:00"),
    ("owner", "/venues/baleine/salle/why?on=2027-03-08&from=09:00&to=10:00"),
    ("visitor", "/venues/baleine/salle/why?on=2027-03-08&from=09:00&to=10:00"),
    ("visitor", "/venues/baleine/salle/here"),
    ("owner", "/venues/baleine/salle/here"),
    ("visitor", "/kiosk/baleine"),
    ("visitor", "/kiosk/baleine/salle"),
    ("manager", "/desk/presence/baleine"),
    ("visitor", "/venues/baleine/salle?on=2027-03-09"),
    ("manager", "/desk/feedback/baleine"),
    ("manager", "/desk/codes/baleine"),
    ("manager", "/desk"),
    ("manager", "/desk/hours/baleine"),
    ("manager", "/desk/{request}"),
    ("manager", "/reservations/{code}"),
    ("admin", "/members"),
]


# One condition for each of several days is still one question.
MORE_DAYS = re.compile(r"\(?([\w.]+ < \? AND [\w.]+ > \?)( OR [\w.]+ < \? AND [\w.]+ > \?)*\)?")


@contextmanager
def statements() -> Iterator[list[str]]:
    """Fills with every statement that is sent meanwhile."""
    sent: list[str] = []

    def write_down(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(MORE_DAYS.sub(r"\1", re.sub(r"\(\?(, \?)*\)", "(…)", statement)))

    event.listen(db.engine, "before_cursor_execute", write_down)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", write_down)


def asked(site: Site, actor: str, path: str) -> list[str]:
    browser = site.browser(actor)
    with statements() as sent:
        answer = browser.get(path.format(**vars(site.world)))
    assert answer.status_code == 200
    return sent


def much_more(site: Site) -> None:
    """Several times the places, the members and the reservations."""
    owner = site.member("owner")
    here = atlas().venue(site.world.venue).venue
    for _ in range(3):
        make.manager(here, name="Autre")
        make.delegation(owner, make.member())
        make.delegation(make.member(), site.member("delegate"))
        make.space(here, kind="event_hall", approval="always")
        make.pool(make.venue(), size=5)
    make.series(make.space(here, approval="always"), by=owner)
    close_and_set_hours(here.id, site.member("manager"))
    for space in atlas().spaces():
        for day in ("mon", "tue"):
            for hour in (12, 17):
                start = make.moment(f"{day} {hour}")
                period = Period(start, make.moment(f"{day} {hour + 1}"))
                make.reservation(space, period, by=owner)
        for number, on in enumerate([date(2027, month, 3) for month in (1, 2, 3)] * 3):
            feedback.remember(space.id, Said(1 + number % 5, 5, "Bien"), on)
    for number in range(12, 15):
        wanted = make.period(f"mon {number}-18")
        asked = Ask(atlas().space(site.world.venue, "salle"), wanted, Details())
        waitlist.join(asked, by=owner, now=make.NOW)
    for email in ("bob@example.org", "eve@example.org"):
        site.with_guest(email)
    db.session.commit()


def close_and_set_hours(venue_id: int, manager: Member) -> None:
    """Several closures, and days with hours of their own."""
    places = atlas()
    venue = next(one for one in places.venues if one.id == venue_id)
    for space in venue.spaces:
        day = Period(make.moment("wed 8"), make.moment("thu 8"))
        hours.close(Closing((venue, space), day, "Travaux"), places, by=manager, now=make.NOW)
        for on in (date(2027, 3, 12), date(2027, 3, 13)):
            late = DayHours(on, [(600, 1200)])
            hours.set_hours((venue, space), late, by=manager, now=make.NOW)


@pytest.mark.parametrize(("actor", "path"), PAGES)
def test_a_page_asks_as_often_with_much_as_with_little(site: Site, actor: str, path: str) -> None:
    site.with_series().with_guest()
    asked(site, actor, path)
    little = asked(site, actor, path)

    much_more(site)

    assert asked(site, actor, path) == little


RULE = {
    "space": "baleine/salle",
    "on": "2027-03-09",
    "from": "15:00",
    "to": "16:00",
    "people": "1",
    "freq": "weekly",
    "step": "look",
}


def test_the_dates_of_a_series_are_looked_at_together(site: Site) -> None:
    browser = site.browser("owner")

    def looked_at(times: int) -> int:
        with statements() as sent:
            answer = browser.post("/series/new", data=RULE | {"times": str(times)})
        assert answer.text.count('class="verdict"') == times
        return len(sent)

    looked_at(2)

    assert looked_at(20) == looked_at(2)


def test_what_would_change_of_a_series_is_looked_at_together(site: Site) -> None:
    browser, owner = site.browser("owner"), site.member("owner")
    space = atlas().space("baleine", "salle")

    def looked_at(at: str, times: int) -> int:
        series = make.series(space, at, Repeat("weekly", count=times), by=owner)
        db.session.commit()
        hours = {"from": "13:00", "to": "14:00", "people": "1", "step": "look"}
        form = hours | {"on": series.first_on.isoformat(), "space": "baleine/salle"}
        with statements() as sent:
            answer = browser.post(f"/series/{series.code}/change", data=form)
        assert answer.text.count('class="verdict"') == times
        return len(sent)

    looked_at("sat 9-10", 2)

    assert looked_at("sat 10-11", 20) == looked_at("sat 11-12", 2)


def test_the_dates_of_a_series_are_made_together(site: Site) -> None:
    """Eighteen more cost some rows more, not some statements each."""
    space = atlas().space("baleine", "salle")
    owner = site.member("owner")

    def statements_for(at: str, times: int) -> int:
        with statements() as sent:
            make.series(space, at, Repeat("weekly", count=times), by=owner)
        # SQLite gives the numbers of new rows one by one; PostgreSQL all at once.
        return len([one for one in sent if not one.startswith("INSERT INTO reservation")])

    statements_for("sat 9-10", 2)

    assert statements_for("sat 10-11", 20) == statements_for("sat 11-12", 2)

"""Where series, waitlist, presence and changes of one reservation meet."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from booking import jobs
from booking.actions import approvals, changes, hours, reservations, series_approvals, waitlist
from booking.actions import series_changes as bulk
from booking.actions.changes import Wanted
from booking.actions.hours import Closing
from booking.actions.reservations import Details
from booking.actions.series_changes import CANCEL, Shift
from booking.actions.waitlist import Ask
from booking.db import db, transaction
from booking.errors import BookingError
from booking.models.members import Member
from booking.models.occupancy import Occupancy
from booking.models.policies import Policy
from booking.models.reservations import Reservation
from booking.models.series import Series
from booking.models.venues import Venue
from booking.models.waitlist import Waiting
from booking.queries.reservations import by_code
from booking.queries.venues import SpaceFacts, read_atlas
from booking.rules.series import Repeat, Walls
from tests import make
from tests.make import NOW
from tests.support.site import Site

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
WEEK = timedelta(days=7)


def space(slug: str) -> SpaceFacts:
    return read_atlas().space("baleine", slug)


def waits(site: Site, actor: str, at: str, weeks: int = 1, **more: bool) -> None:
    """The actor stands in line for the room, in each of these weeks."""
    for week in range(weeks):
        period = make.period(at, week=make.SUNDAY + week * WEEK)
        with transaction():
            ask = Ask(space("salle"), period, Details(2), **more)
            waitlist.join(ask, by=site.member(actor), now=NOW)


def line() -> list[str]:
    db.session.expire_all()
    return [one.state for one in db.session.query(Waiting).order_by(Waiting.id)]


def again(row: Reservation) -> Reservation:
    db.session.expire_all()
    return db.session.get_one(Reservation, row.id)


def found(row: Reservation, by: Member) -> Reservation:
    """The same with what an action reads of it."""
    return by_code(row.code, by=by, now=NOW)


def approved(site: Site, at: str = "wed 9-11") -> Reservation:
    """The owner's, of the hall."""
    with transaction():
        made = make.reservation(space("halle"), at, by=site.member("owner"))
    manager = site.member("manager")
    with transaction():
        approvals.approve(found(made, manager), read_atlas(), by=manager, now=NOW)
    return made


def asked(site: Site, row: Reservation, at: str) -> Reservation:
    """The owner wishes for another time; the manager is asked."""
    owner = site.member("owner")
    with transaction():
        wanted = Wanted(space("halle"), make.period(at), Details(1))
        return changes.change(found(row, owner), read_atlas(), wanted, by=owner, now=NOW)


def series(site: Site, slug: str, count: int = 3) -> Series:
    with transaction():
        owner = site.member("owner")
        return make.series(space(slug), "wed 9-11", Repeat("weekly", count=count), by=owner)


def check_in_within(minutes: int) -> None:
    with transaction():
        db.session.execute(update(Policy).values(check_in=minutes))
        make.changed()


def test_a_cancelled_series_is_taken_back_from_those_who_were_offered_its_dates(
    site: Site,
) -> None:
    made, browser = series(site, "salle", 5), site.browser("owner")
    waits(site, "other", "wed 9-11", 5)
    browser.post(f"/series/{made.code}/cancel")
    assert line() == ["offered"] * 5

    with time_machine.travel(NOW + 4 * SECOND, tick=False):
        browser.post(f"/series/{made.code}/restore")

    assert line() == ["waiting"] * 5
    assert [row.state for row in make.dates(made)] == ["confirmed"] * 5


@pytest.mark.parametrize("how", ["single", "series", "change"])
def test_who_finds_an_offer_that_has_run_out_comes_after_who_waits(site: Site, how: str) -> None:
    with transaction():
        had = make.reservation(space("salle"), "wed 9-11", by=site.member("owner"))
    waits(site, "other", "wed 9-11")
    waits(site, "admin", "wed 9-11")
    late, newcomer = NOW + 3 * HOUR, site.member("stranger")
    if how == "change":
        with transaction():
            mine = make.series(space("salle"), "thu 9-11", Repeat("weekly", count=2), by=newcomer)
    with transaction():
        owner = site.member("owner")
        reservations.cancel(found(had, owner), read_atlas(), by=owner, now=NOW)
    assert line() == ["offered", "waiting"]
    ways: dict[str, Callable[[], object]] = {
        "single": lambda: make.reservation(space("salle"), "wed 9-11", by=newcomer, now=late),
        "series": lambda: make.series(
            space("salle"), "wed 9-11", Repeat("weekly", count=2), by=newcomer, now=late
        ),
        "change": lambda: bulk.change(
            mine,
            bulk.steps_for(mine, make.dates(mine), Shift(days=-1), read_atlas()),
            read_atlas(),
            by=newcomer,
            now=late,
        ),
    }

    with time_machine.travel(late, tick=False), pytest.raises(BookingError), transaction():
        ways[how]()

    start = make.period("wed 9-11").start
    theirs = db.session.query(Reservation).filter_by(member_id=newcomer.id, starts_at=start)
    assert theirs.count() == 0


def test_who_is_there_is_not_moved_to_another_day(site: Site) -> None:
    """Longer they may stay."""
    made = approved(site)
    moved = asked(site, made, "fri 14-16")
    at = make.moment("wed 8:50")
    with time_machine.travel(at, tick=False):
        site.browser("owner").post(f"/reservations/{made.code}/check-in")
        answer = site.browser("manager").post(f"/desk/{moved.code}/approve")

    assert answer.status_code == 422
    assert (again(made).state, again(made).starts_at) == ("checked_in", make.moment("wed 9"))


def test_what_was_told_at_once_cannot_be_taken_back(site: Site) -> None:
    """A date given back among changes of its series: the one mail has told of it."""
    made, owner = series(site, "salle"), site.member("owner")
    with transaction():
        steps = bulk.steps_for(made, make.dates(made), Shift(words={"title": "X"}), read_atlas())
        steps = [replace(s, action=CANCEL) if n == 1 else s for n, s in enumerate(steps)]
        bulk.change(made, steps, read_atlas(), by=owner, now=NOW)
    browser = site.browser("owner")

    assert "/restore" not in browser.get(f"/series/{made.code}").text
    browser.post(f"/series/{made.code}/restore")
    browser.post(f"/reservations/{make.dates(made)[1].code}/restore")

    assert [row.state for row in make.dates(made)] == ["confirmed", "cancelled", "confirmed"]


def test_another_wish_for_a_series_takes_the_place_of_the_one_that_waits(site: Site) -> None:
    made, owner, manager = series(site, "halle"), site.member("owner"), site.member("manager")
    with transaction():
        rows = make.dates(made)
        series_approvals.approve(made, rows, read_atlas(), by=manager, now=NOW)

    for later in (60, 30):
        with transaction():
            rows = [row for row in make.dates(made) if row.replaces_id is None]
            shift = Shift(walls=Walls(540 + later, 660 + later))
            steps = bulk.steps_for(made, rows, shift, read_atlas())
            bulk.change(made, steps, read_atlas(), by=owner, now=NOW)

    waiting = db.session.query(Reservation).filter_by(state="requested")
    mine = waiting.filter(Reservation.replaces_id.is_not(None), Reservation.member == owner)
    times = {row.starts_at.astimezone(make.PARIS).strftime("%H:%M") for row in mine}
    assert (mine.count(), times) == (3, {"09:30"})


def test_a_closure_ends_a_reservation_with_the_change_that_waits_for_it(site: Site) -> None:
    made = approved(site)
    wish = asked(site, made, "wed 10-12")
    manager = site.member("manager")

    with transaction():
        covers = (read_atlas().venue("baleine"), space("halle"))
        codes = {made.code, wish.code}
        closing = Closing(covers, make.period("wed 8-20"), "Travaux", codes)
        hours.close(closing, read_atlas(), by=manager, now=NOW)

    assert (again(made).state, again(wish).state) == ("cancelled", "withdrawn")


@pytest.mark.parametrize("granted", [0, 1])
def test_a_manager_ends_a_series_of_which_dates_still_wait(site: Site, granted: int) -> None:
    made, manager = series(site, "halle"), site.member("manager")
    for row in make.dates(made)[:granted]:
        with transaction():
            approvals.approve(found(row, manager), read_atlas(), by=manager, now=NOW)

    answer = site.browser("manager").post(f"/series/{made.code}/cancel", data={"why": "Travaux"})

    assert answer.status_code == 302
    assert {row.state for row in make.dates(made)} <= {"cancelled", "declined"}
    ids = [row.id for row in make.dates(made)]
    assert (
        db.session.scalars(select(Occupancy).where(Occupancy.reservation_id.in_(ids))).all() == []
    )


@pytest.mark.parametrize("at", ["wed 8:50", "wed 9:15"])
def test_who_leaves_asks_for_no_more(site: Site, at: str) -> None:
    check_in_within(30)
    made, browser = approved(site), site.browser("owner")
    wish = asked(site, made, "wed 9-13")

    with time_machine.travel(make.moment(at), tick=False):
        browser.post(f"/reservations/{made.code}/check-in")
        browser.post(f"/reservations/{made.code}/leave")

    assert (again(made).state, again(wish).state) == ("done", "withdrawn")
    assert again(made).ends_at <= make.moment("wed 9:16")


def test_an_absence_that_is_excused_takes_no_time_that_was_released(site: Site) -> None:
    check_in_within(15)
    made = approved(site)
    with time_machine.travel(make.moment("wed 9:20"), tick=False):
        jobs.release_missed()
        browser = site.browser("manager")
        browser.post(f"/reservations/{made.code}/excuse", data={"why": "Panne de tram"})

    assert (again(made).state, again(made).ends_at) == ("done", make.moment("wed 9:15"))


def test_what_is_only_offered_ends_no_other_place_in_line(site: Site) -> None:
    venue = db.session.get_one(Venue, site.world.venue_id)
    with transaction():
        make.space(venue, "deux", capacity=8)
    with transaction():
        owner = site.member("owner")
        had = [make.reservation(space(slug), "wed 9-11", by=owner) for slug in ("salle", "deux")]
    waits(site, "other", "wed 9-11")
    waits(site, "other", "wed 9-11", anywhere=True)
    with transaction():
        reservations.cancel(found(had[0], owner), read_atlas(), by=owner, now=NOW)

    with time_machine.travel(NOW + 2 * MINUTE, tick=False):
        jobs.tend_waitlist()

    assert line() == ["offered", "waiting"]


def test_a_token_that_nobody_made_is_no_error_of_ours(site: Site) -> None:
    form = {"space": "baleine/salle", "on": "2027-03-10", "from": "9:00", "to": "10:00"}
    form |= {"people": "1", "freq": "weekly", "every": "1", "times": "2"}
    browser = site.browser("owner")
    page = browser.post("/series/new", data=form | {"step": "look"}).text
    seen = page.partition('name="seen"')[2].partition('value="')[2].partition('"')[0]

    answer = browser.post(
        "/series/new", data=form | {"step": "make", "seen": seen, "token": "a\0b"}
    )

    made = db.session.query(Series).order_by(Series.id.desc()).first()
    assert answer.status_code == 302
    assert made
    assert "\0" not in made.token

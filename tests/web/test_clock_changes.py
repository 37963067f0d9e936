"""Odd days from the form to the calendar: 25 hours, week 53, 29 February, 31st, midnight, zones.

What the rules make of each stands in tests/rules; here the whole way is gone, by the clock of
that day.
"""

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
import time_machine
from icalendar import Calendar
from werkzeug.test import TestResponse

from booking.actions.hours import places_changed
from booking.db import db
from booking.models.hours import OpeningHours
from booking.models.members import SignIn
from booking.models.reservations import Reservation
from booking.models.venues import Venue
from booking.rules.hours import instant
from tests import make
from tests.make import PARIS
from tests.support.client import Client
from tests.support.site import Site

NIGHT = "2027-10-31"  # Three o'clock is two o'clock once more: at 1:00 UTC.
ROOM = {"space": "baleine/veille", "people": "1"}
FIRST_HALF_PAST_TWO = datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def never_closed(site: Site) -> None:
    """A room that is open day and night, for as long and as far ahead as one likes; and sign-ins
    that last."""
    here = db.session.get_one(Venue, site.world.venue_id)
    room = make.space(here, "veille", horizon=3 * 365, longest=2 * 1440, grid=30)
    open_always(here.id, room.id)
    db.session.query(SignIn).update({"expires_at": datetime(2030, 1, 1, tzinfo=UTC)})
    db.session.commit()


def open_always(venue_id: int, space_id: int) -> None:
    for weekday in range(7):
        row = {"weekday": weekday, "opens": 0, "closes": 1440}
        make.added(OpeningHours(venue_id=venue_id, space_id=space_id, **row))
    places_changed()


def on(day: str, hour: int = 12, zone: ZoneInfo = PARIS) -> time_machine.travel:
    """It is this hour there."""
    return time_machine.travel(instant(date.fromisoformat(day), hour * 60, zone), tick=False)


def read(page: str) -> str:
    """What a person reads of a page: no tags, one space for any."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", unescape(page)))


def text_of(answer: TestResponse) -> str:
    return read(answer.text)


def reserve(browser: Client, day: str, opens: str, closes: str, **form: str) -> Reservation:
    """What the form makes of these wall times."""
    wish = ROOM | {"on": day, "from": opens, "to": closes} | form
    answer = browser.post("/reservations/new?lang=en", data=wish)
    assert answer.status_code == 302, text_of(answer)
    return latest()


def latest() -> Reservation:
    db.session.rollback()
    found = db.session.query(Reservation).order_by(Reservation.id.desc()).first()
    assert found
    return found


def hours_of(row: Reservation) -> float:
    return (row.ends_at - row.starts_at) / HOUR


def repeated(browser: Client, **rule: str) -> str:
    """The preview of a series, which is then made if all of it can be had; gives the preview."""
    form = ROOM | {"from": "10:00", "to": "11:00", "freq": "weekly", "every": "1"} | rule
    page = browser.post("/series/new?lang=en", data=form | {"step": "look"}).text
    hidden = {
        name: found[1]
        for name in ("token", "seen")
        if (found := re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', page))
    }
    browser.post("/series/new", data=form | {"step": "make"} | hidden)
    return page


def walls(zone: ZoneInfo = PARIS) -> list[str]:
    """When the dates of the series begin, on the venue's wall."""
    db.session.rollback()
    rows = db.session.query(Reservation).filter(Reservation.series_on.is_not(None))
    rows = rows.order_by(Reservation.series_on)
    return [f"{row.starts_at.astimezone(zone):%Y-%m-%d %H:%M}" for row in rows]


# --- The day with 25 hours ---


def test_half_past_two_that_is_twice_means_the_first(site: Site) -> None:
    with on("2027-10-30"):
        row = reserve(site.browser("owner"), NIGHT, "02:30", "04:00")
        page = text_of(site.browser("owner").get(f"/reservations/{row.code}?lang=en"))

    assert (row.starts_at, hours_of(row)) == (FIRST_HALF_PAST_TWO, 2.5)
    assert "2:30 – 4:00" in page


def test_up_to_and_from_half_past_two_nothing_overlaps_and_nothing_is_left(site: Site) -> None:
    with on("2027-10-30"):
        browser = site.browser("owner")
        before = reserve(browser, NIGHT, "01:00", "02:30")
        after = reserve(browser, NIGHT, "02:30", "03:00")

    assert before.ends_at == after.starts_at == FIRST_HALF_PAST_TWO
    assert (hours_of(before), hours_of(after)) == (1.5, 1.5)


def test_the_whole_day_lasts_twenty_five_hours(site: Site) -> None:
    with on("2027-10-30"):
        row = reserve(site.browser("owner"), NIGHT, "00:00", "00:00")

    assert hours_of(row) == 25


def test_the_board_of_that_day_shows_it_as_taken_until_four(site: Site) -> None:
    with on("2027-10-30"):
        reserve(site.browser("other"), NIGHT, "02:30", "04:00")
        page = site.browser().get(f"/venues/baleine/veille?on={NIGHT}&lang=en").text

    links = re.findall(rf'/new\?[^"]*on={NIGHT}&amp;from=(\d\d:\d\d)', page)
    assert "02:00" in links
    assert "04:00" in links
    assert not {"02:30", "03:00", "03:30"} & set(links)


def test_calendars_have_it_at_the_same_instants(site: Site) -> None:
    with on("2027-10-30"):
        row = reserve(site.browser("owner"), NIGHT, "02:30", "04:00")
        feed = site.browser().get(f"/feeds/{site.world.feed}.ics").data
        (event,) = [
            one for one in Calendar.from_ical(feed).walk("VEVENT") if one["UID"].startswith(row.uid)
        ]

    found = [event[key].dt.astimezone(UTC) for key in ("DTSTART", "DTEND")]
    assert found == [row.starts_at, row.ends_at]


@pytest.mark.parametrize("later", [timedelta(0), HOUR])
def test_at_either_half_past_two_it_is_on_and_the_wall_says_so(
    site: Site, later: timedelta
) -> None:
    with on("2027-10-30"):
        row = reserve(site.browser("owner"), NIGHT, "02:30", "04:00")
    with time_machine.travel(FIRST_HALF_PAST_TWO + later, tick=False):
        screen = text_of(site.browser().get("/kiosk/baleine/veille?lang=en"))
        site.browser("owner").post(f"/reservations/{row.code}/check-in")

    assert "Taken now until 4:00" in screen
    assert "2:30" in screen
    assert latest().state == "checked_in"


def test_a_series_over_it_keeps_its_wall_time(site: Site) -> None:
    with on("2027-10-20"):
        night = {"on": "2027-10-24", "from": "02:30", "to": "04:00", "times": "3"}
        repeated(site.browser("owner"), **night)

    assert walls() == ["2027-10-24 02:30", "2027-10-31 02:30", "2027-11-07 02:30"]
    rows = db.session.query(Reservation).filter(Reservation.series_on.is_not(None))
    assert [hours_of(row) for row in rows.order_by(Reservation.series_on)] == [1.5, 2.5, 1.5]


def test_a_series_over_the_day_with_23_hours_says_what_clocks_leave_out(site: Site) -> None:
    with on("2027-03-20"):
        night = {"on": "2027-03-21", "from": "02:30", "to": "04:00", "times": "3"}
        page = repeated(site.browser("owner"), **night)

    told = "Sun 28 Mar 2027 3:30 – 4:00 free Clocks change: this time moves on"
    assert told in read(page)
    assert walls() == ["2027-03-21 02:30", "2027-03-28 03:30", "2027-04-04 02:30"]


# --- Week 53 ---


def test_a_series_runs_through_week_53(site: Site) -> None:
    with on("2026-12-01"):
        repeated(site.browser("owner"), on="2026-12-15", times="5")

    days = ["2026-12-15", "2026-12-22", "2026-12-29", "2027-01-05", "2027-01-12"]
    assert walls() == [f"{day} 10:00" for day in days]
    assert date(2026, 12, 29).isocalendar().week == 53


@pytest.mark.parametrize(
    ("day", "allowed"),
    [("2026-12-27", True), ("2026-12-28", False), ("2027-01-03", False), ("2027-01-04", True)],
)
def test_a_quota_of_the_week_counts_the_turn_of_the_year_as_one(
    site: Site, day: str, allowed: bool
) -> None:
    once = {"most": 1, "of": "reservations", "per": "week", "by": "member", "scope": "space"}
    here = db.session.get_one(Venue, site.world.venue_id)
    room = make.space(here, "rationnee", quotas=[once], horizon=365)
    db.session.commit()
    form = ROOM | {"space": f"baleine/{room.slug}", "from": "10:00", "to": "11:00"}
    with on("2026-12-20"):
        browser = site.browser("owner")
        reserve(browser, "2026-12-31", "10:00", "11:00", space=form["space"])
        answer = browser.post("/reservations/new?lang=en", data=form | {"on": day})

    assert answer.status_code == (302 if allowed else 422)


# --- Ends of months and of years ---


def test_a_monthly_series_meets_the_leap_day(site: Site) -> None:
    with on("2028-01-10"):
        repeated(site.browser("owner"), on="2028-01-29", freq="monthly", times="3")

    assert walls() == ["2028-01-29 10:00", "2028-02-29 10:00", "2028-03-29 10:00"]


def test_a_leap_day_does_not_come_back_within_a_series(site: Site) -> None:
    """Every twelve months from 29 February 2028: no other day is taken in its place."""
    with on("2028-01-10"):
        rule = {"on": "2028-02-29", "freq": "monthly", "every": "12", "times": "2"}
        page = repeated(site.browser("owner"), **rule)

    assert "A series has at most 366 dates within three years." in read(page)
    assert walls() == []


def test_a_series_on_the_31st_leaves_the_short_months_out_and_says_so(site: Site) -> None:
    with on("2027-12-20"):
        page = repeated(site.browser("owner"), on="2027-12-31", freq="monthly", times="4")

    assert walls() == [
        "2027-12-31 10:00",
        "2028-01-31 10:00",
        "2028-03-31 10:00",
        "2028-05-31 10:00",
    ]
    assert "Without such a date: February 2028 and April 2028." in read(page)


def test_the_night_of_the_year_is_one_reservation_on_two_days(site: Site) -> None:
    with on("2027-12-30"):
        row = reserve(site.browser("owner"), "2027-12-31", "22:00", "02:00", until="2028-01-01")
        own = text_of(site.browser("owner").get("/reservations?lang=en"))
        days = [
            site.browser().get(f"/venues/baleine?on={day}&lang=en").text
            for day in ("2027-12-31", "2028-01-01")
        ]

    assert hours_of(row) == 4
    assert "22:00 – Sat 1 Jan 2:00" in own
    for page in days:
        assert "Veille" in page
        assert "Taken" in page


# --- Another zone ---


@pytest.fixture
def far_room(site: Site) -> ZoneInfo:
    """A room in Martinique, where no clock ever changes: 10 o'clock there is 14 or 15 in Paris."""
    there = make.venue("ponant", timezone="America/Martinique")
    room = make.space(there, "case", horizon=3 * 365)
    open_always(there.id, room.id)
    db.session.commit()
    return room.zone


def test_each_venue_has_its_own_wall(site: Site, far_room: ZoneInfo) -> None:
    with on("2027-10-30"):
        browser = site.browser("owner")
        there = reserve(browser, NIGHT, "10:00", "11:00", space="ponant/case")
        here = reserve(browser, NIGHT, "10:00", "11:00")
        own = text_of(browser.get("/reservations?lang=en"))

    assert there.starts_at - here.starts_at == 5 * HOUR
    assert own.count("10:00 – 11:00") == 2


def test_where_no_clock_changes_a_series_keeps_its_instant_too(
    site: Site, far_room: ZoneInfo
) -> None:
    with on("2027-10-20"):
        rule = {"space": "ponant/case", "on": "2027-10-24", "times": "3"}
        repeated(site.browser("owner"), **rule)

    assert [wall[-5:] for wall in walls(far_room)] == ["10:00"] * 3
    rows = db.session.query(Reservation).filter(Reservation.series_on.is_not(None))
    assert {row.starts_at.hour for row in rows} == {14}


def test_today_is_each_venue_s_own(site: Site, far_room: ZoneInfo) -> None:
    """At two in the night of Monday in Paris it is still Sunday evening there."""
    with on("2027-11-01", 2):
        there = text_of(site.browser().get("/kiosk/ponant/case?lang=en"))
        here = text_of(site.browser().get("/kiosk/baleine/veille?lang=en"))

    assert "Sunday 31 October 2027" in there
    assert "Monday 1 November 2027" in here

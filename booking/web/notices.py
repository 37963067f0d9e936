"""What is not as usual at a venue: on one day, and in the weeks to come."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from flask_babel import gettext

from booking import words
from booking.queries.hours import Coming
from booking.queries.venues import VenueFacts
from booking.rules import holidays
from booking.rules.hours import today
from booking.rules.periods import Period
from booking.web.descriptions import span_text

AHEAD = timedelta(days=90)
MOST = 8


def of_day(venue: VenueFacts, on: date) -> list[str]:
    """School holidays, which close nothing; why the hours of that date are its own."""
    found = []
    if reason := words.said(venue.hours.reason(on)):
        found.append(reason)
    if holidays.school(venue.venue.school_zone, on):
        zone = venue.venue.school_zone
        found.append(gettext("School holidays (zone %(zone)s)", zone=zone))
    return found


def coming(venue: VenueFacts, closures: Sequence[Coming], now: datetime) -> list[tuple[str, str]]:
    """(when, what) of the days with hours of their own and of the closures, soonest first."""
    first = today(now, venue.zone)
    last = first + AHEAD
    dates = {on for on, _ in holidays.coming(venue.venue.holidays, first, AHEAD.days)}
    dates |= {on for on in venue.hours.special if first <= on < last}
    found = [(on, words.long_date(on), hours_text(venue, on)) for on in dates]
    names = {space.id: words.said(space.name) for space in venue.spaces}
    for row in closures:
        period = Period(row.starts_at, row.ends_at)
        what = gettext("Closed: %(why)s", why=row.why)
        if row.space_id in names:
            what = f"{names[row.space_id]} – {what}"
        found.append((today(row.starts_at, venue.zone), words.when(period, venue.zone), what))
    found.sort(key=lambda one: one[0])
    return [(when, what) for on, when, what in found if on < last][:MOST]


def hours_text(venue: VenueFacts, on: date) -> str:
    """Closed: Ascension; or the hours, with why they are not the usual ones."""
    why, spans = words.said(venue.hours.reason(on)), venue.hours.spans_on(on)
    if not spans:
        return gettext("Closed: %(why)s", why=why) if why else gettext("closed")
    hours = gettext(" and ").join(span_text(span) for span in spans)
    return f"{hours} ({why})" if why else hours

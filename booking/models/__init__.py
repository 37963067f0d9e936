"""Remember: tables and their constraints. Importing this package registers every table."""

from booking.models import (
    calendars,
    delegations,
    extras,
    feedback,
    guests,
    hours,
    members,
    occupancy,
    organisations,
    outbox,
    policies,
    reservations,
    series,
    venues,
    visitors,
    waitlist,
)

__all__ = [
    "calendars",
    "delegations",
    "extras",
    "feedback",
    "guests",
    "hours",
    "members",
    "occupancy",
    "organisations",
    "outbox",
    "policies",
    "reservations",
    "series",
    "venues",
    "visitors",
    "waitlist",
]

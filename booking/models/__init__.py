"""Remember: tables and their constraints. Importing this package registers every table."""

from booking.models import (
    calendars,
    hours,
    members,
    occupancy,
    outbox,
    policies,
    reservations,
    venues,
)

__all__ = [
    "calendars",
    "hours",
    "members",
    "occupancy",
    "outbox",
    "policies",
    "reservations",
    "venues",
]

"""Facts that messages of several kinds tell, as JSON values."""

from datetime import datetime
from typing import Any

from booking.models.venues import Space, Venue


def as_text(moment: datetime | None) -> str | None:
    """An instant in ISO 8601, if there is one."""
    return moment.isoformat() if moment else None


def place_of(space: Space, venue: Venue) -> dict[str, Any]:
    """Where it is, as JSON values."""
    return {
        "zone": venue.timezone,
        "path": f"{venue.slug}/{space.slug}",
        "space": space.name,
        "venue": venue.name,
        "address": f"{venue.address}, {venue.postcode} {venue.city}",
        "geo": [venue.lat, venue.lon] if "coordinates" not in venue.demo_fields else [None, None],
    }

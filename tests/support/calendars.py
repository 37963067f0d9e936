"""Values for calendars, and a plain look at what was written."""

from dataclasses import replace
from datetime import UTC, datetime

from booking.outside import ical

UID = "0f8fad5b-d9cb-469f-a165-70867728950e@example.org"
ORGANIZER = ("CCILab – Palais de la Bourse", "ccilab@example.org")


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def event(**changes):
    made = ical.Event(
        uid=UID,
        starts_at=utc(2027, 3, 2, 9),
        ends_at=utc(2027, 3, 2, 11),
        zone="Europe/Paris",
        summary="Réunion d’équipe",
        status="CONFIRMED",
        sequence=2,
        created_at=utc(2027, 2, 1, 8, 30, 15),
        updated_at=utc(2027, 2, 3, 17, 5, 59),
        organizer=ORGANIZER,
    )
    return made._replace(**changes)


def calendar(*events, **changes):
    made = ical.Calendar(
        name="Mes réservations",
        description="Tout ce que vous avez réservé",
        zone="Europe/Paris",
        events=events,
        url="https://example.org/reservations",
    )
    return replace(made, **changes)


def lines(body):
    return body.decode().replace("\r\n ", "").splitlines()


def values(body, name):
    """What stands behind the colon of each property of that name."""
    heads = (f"{name}:", f"{name};")
    return [line.partition(":")[2] for line in lines(body) if line.startswith(heads)]

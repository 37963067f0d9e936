"""Calendars as other programs read them: plain values in, iCalendar bytes out (RFC 5545, 7986).

Lines are written by hand: building objects first takes many times as long. Why each property
has the value it has stands in docs/decisions/004-calendars.md.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple, TypeVar

from booking.outside.ical_lines import END, folded, long_text, one_line, person, quoted, text, uri
from booking.outside.timezones import NO_ZONE, Zone, described

PRODUCT = "-//Third places//Reservations//EN"
HOUR = timedelta(hours=1)
TWO = [f"{number:02d}" for number in range(60)]
ATTENDING = "CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={};RSVP=FALSE"

# (status, busy) -> TRANSP and its like for Outlook, which does not look at STATUS.
TAKEN = {
    ("TENTATIVE", True): ("OPAQUE", "TENTATIVE"),
    ("TENTATIVE", False): ("TRANSPARENT", "FREE"),
    ("CONFIRMED", True): ("OPAQUE", "BUSY"),
    ("CONFIRMED", False): ("TRANSPARENT", "FREE"),
    ("CANCELLED", True): ("TRANSPARENT", "FREE"),
    ("CANCELLED", False): ("TRANSPARENT", "FREE"),
}
STATES = {
    (status, busy): f"STATUS:{status}{END}TRANSP:{transparency}{END}"
    f"X-MICROSOFT-CDO-BUSYSTATUS:{outlook}{END}"
    for (status, busy), (transparency, outlook) in TAKEN.items()
}
# All of a taken slot but its name, time and title. What never changes was stamped once for all.
STAMPED = f"DTSTAMP:20200101T000000Z{END}"
BUSY = f"{STATES['CONFIRMED', True]}SEQUENCE:0{END}"


class Event(NamedTuple):
    """One reservation as its reader may see it. All instants are aware; `[starts_at, ends_at)`.

    A tuple, since a frozen dataclass takes three times as long to make, and a feed has thousands.
    """

    uid: str  # "<uuid>@host": the same in every feed and mail, for ever.
    starts_at: datetime
    ends_at: datetime
    zone: str  # IANA name of the venue's zone.
    summary: str
    status: str  # TENTATIVE, CONFIRMED or CANCELLED.
    sequence: int  # Grows when the time, the place or the status changes.
    created_at: datetime
    updated_at: datetime
    busy: bool = True
    description: str = ""
    location: str = ""  # "Room, venue, street, town" on one line.
    geo: tuple[float, float] | None = None  # Latitude, longitude.
    url: str | None = None
    category: str | None = None
    organizer: tuple[str, str] | None = None  # Name and address of the venue, never of a member.
    attendee: tuple[str, str] | None = None  # Name and address; written in mails only.
    attendance: str = "ACCEPTED"  # PARTSTAT of the attendee: who reserved comes.


class Slot(NamedTuple):
    """Time that is taken, and nothing on who or what for: what is not here cannot leak.

    Slots are sorted as they stand: by place, then start, then end.
    """

    place: str  # What is taken, such as a space's slug; slots of one place are merged.
    starts_at: datetime
    ends_at: datetime
    zone: str
    summary: str  # "Occupé", "Busy"


@dataclass(frozen=True)
class Calendar:
    name: str
    description: str
    zone: str
    events: Sequence[Event] = ()
    url: str | None = None  # The page for people, never the address of the feed itself.
    product: str = PRODUCT
    refresh: timedelta = HOUR  # A whole number of minutes.


T = TypeVar("T", bound=Event | Slot)


def feed(calendar: Calendar) -> bytes:
    """The calendar with one VEVENT per event, in the order given, and never an ATTENDEE.

    METHOD:PUBLISH asks for an ORGANIZER in each event (RFC 5546 3.2.1): without, no METHOD.
    Raises ValueError for a naive time or an end before its start, KeyError for another status.
    """
    method = "PUBLISH" if all(event.organizer for event in calendar.events) else None
    changed = max((event.updated_at for event in calendar.events), default=None)
    return _document(_about(calendar, method, changed), calendar.events, _event)


def busy_feed(calendar: Calendar, slots: Iterable[Slot], secret: bytes) -> bytes:
    """A public calendar of taken time; `calendar.events` is not looked at.

    Slots of one place that touch or overlap become one, so nobody can count reservations. Each
    merged slot is named by its place and its time under the secret: no other feed tells its UID,
    and a slot that grows is a new one. None ever changes, so that none needs a SEQUENCE or has to
    say when it did, which would tell when somebody reserved.
    """
    merged = _merged(slots)
    # Its key has 64 bytes at most, a secret may have more. A copy spares each slot the start.
    namer = blake2b(key=blake2b(secret).digest(), digest_size=16)

    def lines(slot: Slot, zone: Zone | None) -> bytes:
        time, name = _time(slot.place, slot, zone), namer.copy()
        name.update(f"{slot.place}|{time}".encode())
        own = f"UID:{name.hexdigest()}@busy{END}{STAMPED}{time}{_summary(slot.summary)}{BUSY}"
        return own.encode()

    return _document(_about(calendar), merged, lines)


def invitation(event: Event) -> bytes:
    """METHOD:REQUEST for the event's attendee, who asked for it and so has accepted, or a guest.

    A request that waits is the same message with STATUS:TENTATIVE. The mail's part has to say
    `method=REQUEST` as well (RFC 6047 2.4). Raises ValueError without organizer or attendee.
    """
    return _message(event, "REQUEST")


def cancellation(event: Event) -> bytes:
    """METHOD:CANCEL, whatever the event's own status; its sequence has to have grown."""
    return _message(event._replace(status="CANCELLED"), "CANCEL")


def cancellations(events: Sequence[Event]) -> bytes:
    """The same for several, of one organizer and one attendee each."""
    ended = [event._replace(status="CANCELLED") for event in events]
    return _messages(ended, "CANCEL")


def etag(body: bytes) -> str:
    """A strong validator, without the quotes around it: the form `Response.set_etag` takes."""
    return blake2b(body, digest_size=16).hexdigest()


def _message(event: Event, method: str) -> bytes:
    return _messages([event], method)


def _messages(events: Sequence[Event], method: str) -> bytes:
    def lines(event: Event, zone: Zone | None) -> bytes:
        if not (event.organizer and event.attendee):
            raise ValueError(f"METHOD:{method} needs an organizer and an attendee")
        attends = ATTENDING.format(event.attendance)
        attendee = person(f"ATTENDEE;{attends}", *event.attendee)
        return _event(event, zone) + attendee.encode()

    return _document(_head(PRODUCT, method), events, lines)


def _document(head: str, things: Sequence[T], lines: Callable[[T, Zone | None], bytes]) -> bytes:
    """Head, one VTIMEZONE per TZID that a time names, one VEVENT per thing, in their order."""
    zones = _zones(things)
    events = [
        part
        for one in things
        for part in (b"BEGIN:VEVENT\r\n", lines(one, zones[one.zone]), b"END:VEVENT\r\n")
    ]
    named = [zone.lines for zone in zones.values() if zone and any(map(_names(zone), things))]
    if not things:
        named = [NO_ZONE]  # A VCALENDAR has at least one part, RFC 5545 3.6.
    start = "".join([head, *(line + END for zone in named for line in zone)])
    return b"".join([start.encode(), *events, b"END:VCALENDAR\r\n"])


def _zones(things: Sequence[T]) -> dict[str, Zone | None]:
    if not things:
        return {}
    first = min(thing.starts_at for thing in things).year
    last = max(thing.ends_at for thing in things).year
    return {name: described(name, first, last) for name in sorted({one.zone for one in things})}


def _names(zone: Zone) -> Callable[[Event | Slot], bool]:
    """Whether a start or an end is written as wall time of the zone."""
    return lambda thing: (
        thing.zone == zone.name
        and not (zone.offset(thing.starts_at) is None and zone.offset(thing.ends_at) is None)
    )


def _head(product: str, method: str | None) -> str:
    return (
        f"BEGIN:VCALENDAR{END}VERSION:2.0{END}{text('PRODID', product)}CALSCALE:GREGORIAN{END}"
        + (f"METHOD:{method}{END}" if method else "")
    )


def _about(calendar: Calendar, method: str | None = None, changed: datetime | None = None) -> str:
    """The head of a feed. Each fact twice where clients differ in the property they read."""
    every = _duration(calendar.refresh)
    lines = [
        _head(calendar.product, method),
        *(text(name, calendar.name) for name in ("NAME", "X-WR-CALNAME")),
        *(
            long_text(name, calendar.description)
            for name in ("DESCRIPTION", "X-WR-CALDESC")
            if calendar.description
        ),
        text("X-WR-TIMEZONE", calendar.zone),
        f"REFRESH-INTERVAL;VALUE=DURATION:{every}{END}X-PUBLISHED-TTL:{every}{END}",
    ]
    if changed:
        lines.append(f"LAST-MODIFIED:{_utc(changed)}{END}")
    if calendar.url:
        lines.append(uri("URL", calendar.url))
    return "".join(lines)


def _time(name: str, thing: Event | Slot, zone: Zone | None) -> str:
    if thing.ends_at <= thing.starts_at:
        raise ValueError(f"{name} ends at its start or before")
    start, end = _when(thing.starts_at, zone), _when(thing.ends_at, zone)
    return f"DTSTART{start}{END}DTEND{end}{END}"


@lru_cache(maxsize=1024)
def _summary(summary: str) -> str:
    """Alike in all slots of a space."""
    return text("SUMMARY", summary)


def _event(event: Event, zone: Zone | None) -> bytes:
    """DTSTAMP is the last change, not now: else no feed is ever a 304."""
    updated = _utc(event.updated_at)
    own = (
        f"{text('UID', event.uid)}DTSTAMP:{updated}{END}LAST-MODIFIED:{updated}{END}"
        f"{_time(event.uid, event, zone)}{_summary(event.summary)}"
        f"{STATES[event.status, event.busy]}SEQUENCE:{event.sequence:d}{END}"
        f"CREATED:{_utc(event.created_at)}{END}"
        f"{long_text('DESCRIPTION', event.description) if event.description else ''}"
        f"{uri('URL', event.url) if event.url else ''}"
    )
    return own.encode() + _setting(event.location, event.geo, event.category, event.organizer)


@lru_cache(maxsize=1024)
def _setting(
    location: str,
    geo: tuple[float, float] | None,
    category: str | None,
    organizer: tuple[str, str] | None,
) -> bytes:
    """Lines that the events of one space have in common."""
    lines = [text("LOCATION", location)] if location else []
    if geo:
        at = [f"{degrees:.6f}" for degrees in geo]
        title, _, address = one_line(location).partition(", ")
        named = "".join(
            f";{name}={quoted(value)}"
            for name, value in (("X-ADDRESS", address), ("X-TITLE", title))
            if value
        )
        lines.append(f"GEO:{';'.join(at)}{END}")
        lines.append(folded(f"X-APPLE-STRUCTURED-LOCATION;VALUE=URI{named}:geo:{','.join(at)}"))
    if category:
        lines.append(text("CATEGORIES", category))
    if organizer:
        lines.append(person("ORGANIZER", *organizer))
    return "".join(lines).encode()


def _merged(slots: Iterable[Slot]) -> list[Slot]:
    """By place, then start. Zone and summary are those of the first slot of each row."""
    merged: list[Slot] = []
    last: Slot | None = None
    for slot in sorted(slots):
        if last is None or slot.starts_at > last.ends_at or slot.place != last.place:
            merged.append(slot)
            last = slot
        elif slot.ends_at > last.ends_at:
            last = merged[-1] = last._replace(ends_at=slot.ends_at)
    return merged


def _when(instant: datetime, zone: Zone | None) -> str:
    """Parameter and value of a start or an end: wall time with its TZID, or UTC."""
    at = _exact(instant)
    offset = zone.offset(at) if zone else None
    if zone is None or offset is None:
        return f":{_basic(at)}Z"
    return f";TZID={zone.name}:{_basic(at + offset)}"


def _utc(instant: datetime) -> str:
    return f"{_basic(_exact(instant))}Z"


def _exact(instant: datetime) -> datetime:
    """The instant in UTC. Python would read a naive one in the server's own zone."""
    if instant.tzinfo is UTC:
        return instant
    if instant.tzinfo is None:
        raise ValueError(f"{instant} has no zone")
    return instant.astimezone(UTC)


def _basic(at: datetime) -> str:
    # A feed writes five of these per event, and strftime takes ten times as long.
    day = f"{at.year}{TWO[at.month]}{TWO[at.day]}"
    return f"{day}T{TWO[at.hour]}{TWO[at.minute]}{TWO[at.second]}"


def _duration(length: timedelta) -> str:
    hours, rest = divmod(length, HOUR)
    return f"PT{length // timedelta(minutes=1)}M" if rest else f"PT{hours}H"

"""What happened to a reservation, in words: who, when, what, and what it was before."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext, lazy_gettext, ngettext

from booking import words
from booking.actions.presence import KIOSK
from booking.errors import NotFound
from booking.models.members import Member
from booking.models.reservations import History, Reservation
from booking.queries.venues import Atlas, SpaceFacts
from booking.web.session import member

LABELS = {
    "starts_at": lazy_gettext("Start"),
    "ends_at": lazy_gettext("End"),
    "space_id": lazy_gettext("Space"),
    "unit_id": lazy_gettext("Place"),
    "people": lazy_gettext("People"),
    "organisation_id": lazy_gettext("In the name of"),
    "layout": lazy_gettext("Set-up"),
    "activity": lazy_gettext("What it is for"),
    "named": lazy_gettext("Who will be there"),
    "extras": lazy_gettext("Extras"),
    "title": lazy_gettext("What for"),
    "note": lazy_gettext("A word for the venue"),
}


def timeline(
    lines: Sequence[History],
    space: SpaceFacts,
    places: Atlas,
    extras: str = "",
    whose: Member | None = None,
) -> list[dict[str, Any]]:
    """The lines as a page shows them; `extras`: what it was made with, said with the first; and
    `whose` it is, where somebody else has made it."""
    return [entry(line, space, places, extras, whose) for line in lines]


def made_by(lines: Sequence[History], reservation: Reservation) -> str | None:
    """Who has made it, where that was not its member: their name, or "you"."""
    first = lines[0].member if lines else None
    if first is None or first.id == reservation.member_id:
        return None
    return gettext("you") if first.id == member().id else first.name


def entry(
    line: History, space: SpaceFacts, places: Atlas, extras: str, whose: Member | None
) -> dict[str, Any]:
    """One of them: at, iso, what, who, why, and what was changed."""
    said = str(words.VERBS.get(line.verb, line.verb)).capitalize()
    if whose is not None and line.before == "new" and line.member_id not in (None, whose.id):
        named = gettext("you") if whose.id == member().id else whose.name
        said += gettext(" for %(name)s", name=named)
    if extras and line.before == "new":
        said += gettext(", with %(extras)s", extras=extras)
    name = line.member.name if line.member else nobody(line)
    return {
        "at": words.instant_text(line.at, space.zone),
        "iso": line.at.isoformat(),
        "what": said,
        "who": gettext("you") if line.member_id == member().id else name,
        "why": line.why,
        "changed": changes_in_words(line.changed or {}, space, places) + guests_of(line),
    }


def nobody(line: History) -> str:
    """Who did what no member did."""
    at_kiosk = (line.changed or {}).items() >= KIOSK.items()
    return gettext("the screen at the door") if at_kiosk else gettext("the system")


def guests_of(line: History) -> list[str]:
    """How many guests were invited, if it is that; their names are not kept here."""
    count = (line.changed or {}).get("guests", 0) if line.verb == "invite" else 0
    return [ngettext("%(num)d guest", "%(num)d guests", count)] if count else []


def changes_in_words(changed: dict[str, Any], space: SpaceFacts, places: Atlas) -> list[str]:
    """Each part that was changed: People: 4 → 5. Times are those of the venue."""
    found = []
    for name, label in LABELS.items():
        if name in changed:
            was, now = (value_text(name, one, space, places) for one in changed[name])
            text = gettext("%(what)s: %(before)s → %(after)s", what=label, before=was, after=now)
            found.append(text)
    return found


def value_text(name: str, value: Any, space: SpaceFacts, places: Atlas) -> str:
    """One value of a column in words; a dash for none."""
    if not value:
        return "–"
    texts = {
        "starts_at": lambda: instant(value, space.zone),
        "ends_at": lambda: instant(value, space.zone),
        "space_id": lambda: space_name(value, places),
        "organisation_id": lambda: organisation_name(value, places),
        "unit_id": lambda: unit_name(value, space),
        "layout": lambda: str(words.LAYOUTS.get(value, value)),
        "activity": lambda: str(words.ACTIVITIES.get(value, value)),
        "named": lambda: ", ".join(value),
        "extras": lambda: pieces(value, space),
    }
    return texts[name]() if name in texts else str(value)


def instant(value: str, zone: ZoneInfo) -> str:
    """An instant as ISO 8601, by the venue's clock."""
    return words.instant_text(datetime.fromisoformat(value), zone)


def space_name(space_id: int, places: Atlas) -> str:
    """The space and its venue; what is gone has a dash."""
    try:
        space = places.by_id(space_id)
    except NotFound:
        return "–"
    return f"{words.said(space.name)} ({words.said(space.venue.name)})"


def organisation_name(organisation_id: int, places: Atlas) -> str:
    """What it is called."""
    try:
        return places.organisation(organisation_id).name
    except NotFound:
        return "–"


def unit_name(unit_id: int, space: SpaceFacts) -> str:
    """What the venue calls it."""
    unit = space.venue.units.get(unit_id)
    return words.said(unit.name) if unit else "–"


def pieces(counts: dict[str, int], space: SpaceFacts) -> str:
    """2 × Projector, 1 × Technician."""
    names = {one.slug: one.extra.name for one in space.venue.extras}
    return words.pieces([(n, names.get(slug, {"fr": slug})) for slug, n in counts.items()])

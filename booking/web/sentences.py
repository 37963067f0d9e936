"""One sentence as a search: what it says as an address, and what was understood of it in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext, lazy_gettext

from booking import words
from booking.queries.keeping import kept_with_places
from booking.queries.venues import Atlas
from booking.rules.day_parts import Part, parts_of
from booking.rules.sentence.days import plus
from booking.rules.sentences import Doubt, Known, Understood, understood
from booking.web.day_parts import for_finder
from booking.web.descriptions import weekday_name
from booking.web.links import search_url

Args = dict[str, Any]
USUAL_LENGTH = 120
"""Minutes that are looked for on one of several days, where nobody says how long."""
SAYS = {
    "day-or-month": lazy_gettext("“%(text)s” can be two dates."),
    "ends-before-it-starts": lazy_gettext("“%(text)s” ends before it starts."),
    "far": lazy_gettext("“%(text)s” is far away: say the year to be sure."),
    "from-now": lazy_gettext("“%(text)s”: please say the hour."),
    "from-to-people": lazy_gettext("“%(text)s”: the larger number is taken."),
    "half-of-day": lazy_gettext("“%(text)s” can be in the morning or in the afternoon."),
    "length-or-hour": lazy_gettext("“%(text)s” can be a length or an hour."),
    "no-such-day": lazy_gettext("“%(text)s” is no day of the calendar."),
    "no-such-space": lazy_gettext("No space is called “%(text)s”: its name is left out."),
    "one-or-all": lazy_gettext(
        "“%(text)s” can be one reservation over all these days, or a time on one of them."
    ),
    "open-ended": lazy_gettext("“%(text)s” has no end: a week is searched."),
    "number": lazy_gettext("“%(text)s” can be people, an hour or a day."),
    "other-weekday": lazy_gettext("“%(text)s”: day and date do not fit."),
    "outside-window": lazy_gettext("“%(text)s”: the hour lies outside."),
    "past": lazy_gettext("“%(text)s” is over."),
    "read-as": lazy_gettext("“%(text)s” was read as another word."),
    "several": lazy_gettext("“%(text)s”: only the first is searched."),
    "several-spaces": lazy_gettext("“%(text)s” is the name of several spaces."),
    "several-venues": lazy_gettext("“%(text)s” is the name of several venues."),
    "this-week-or-next": lazy_gettext("“%(text)s” can be this week or next week."),
    "today-or-in-a-week": lazy_gettext("“%(text)s” can be today or in a week."),
    "too-long": lazy_gettext("Only the beginning of your sentence was read."),
    "two-meanings": lazy_gettext("“%(text)s” can mean two things."),
}


@dataclass(frozen=True)
class Meant:
    """One thing understood: the words as typed, and what they were taken for."""

    text: str
    value: str


@dataclass(frozen=True)
class Open:
    """Something that could mean another thing: what is said of it, and the other readings as
    links."""

    text: str
    links: list[tuple[str, str]]


@dataclass(frozen=True)
class Panel:
    """What a page shows of a sentence. `assumed`: what it left out, as the page filled it in."""

    said: str
    meant: list[Meant]
    open: list[Open]
    left: list[str]
    assumed: list[str]


def read(text: str, places: Atlas, on: date) -> Understood:
    """What the sentence asks for, said on that date."""
    return understood(text, known_of(places), on)


@kept_with_places(4)
def known_of(places: Atlas) -> Known:
    """The names of the network's places, indexed once while they stay as they are."""
    venues, spaces, own = {}, {}, {}
    for venue in places.venues:
        venues[venue.slug] = (*venue.name.values(), venue.venue.city)
        own[venue.slug] = hours_of(parts_of(venue.venue.day_parts))
        for space in venue.spaces:
            spaces[f"{venue.slug}/{space.slug}"] = tuple(space.name.values())
    return Known(venues, spaces, hours_of(for_finder(tuple(places.venues))), own)


def hours_of(parts: Iterable[Part]) -> dict[str, tuple[int, int]]:
    """The hours of named periods, by slug."""
    return {part.slug: (part.opens, part.closes) for part in parts}


WHOLE_DAYS = {"from": "09:00", "to": "18:00"}
"""The hours of a reservation over several days, where nobody says when it begins and ends."""


def args_of(found: Understood, today: date) -> Args:
    """What was understood, as the address of a search says it. A night without its day begins on
    the one that would be assumed, `today`."""
    values: Args = {
        "kind": found.kind,
        "space": found.space,
        "on": found.on and found.on.isoformat(),
        "last": found.last and found.last.isoformat(),
        "day": list(found.weekdays),
        "from": clock(found.opens),
        "to": clock(found.closes),
        "length": found.length if found.flexible else None,
        "people": found.people,
        "venue": found.venue or found.near,
        "layout": found.layout,
        "has": list(found.features),
        "step_free": found.step_free or None,
        "instant": found.instant or None,
    }
    if found.through:
        until = found.last.isoformat() if found.last else None
        return present(WHOLE_DAYS | present(values) | {"until": until, "last": None})
    if ends_next_day(found) and not (found.flexible and found.length):
        on = found.on or today
        values |= {"on": on.isoformat(), "until": plus(on, 1).isoformat()}
    elif (found.flexible or found.last) and found.opens is None and found.closes is None:
        values |= {"from": "07:00", "to": "22:00"}
    if found.last and not found.flexible and found.length is None and found.opens is None:
        values["length"] = USUAL_LENGTH
    elif found.last and not found.flexible and found.opens is not None and found.closes:
        values["length"] = max(found.closes - found.opens, 0) or None
    return present(values)


def present(values: Args) -> Args:
    """Those that say something."""
    return {key: value for key, value in values.items() if value not in (None, "", [])}


def ends_next_day(found: Understood) -> bool:
    """Whether the hours go past midnight."""
    opens, closes = found.opens, found.closes
    return opens is not None and closes is not None and closes <= opens and not found.through


def clock(minute: int | None) -> str | None:
    """14:30, as an address says it; midnight at the end is 00:00."""
    return None if minute is None else f"{minute // 60 % 24:02}:{minute % 60:02}"


def panel(text: str, found: Understood, args: Args, assumed: list[str], places: Atlas) -> Panel:
    """What the page says of the sentence. `args` are those of the page itself."""
    meant = [Meant(part.text, said(part.what, part.value, places)) for part in found.parts]
    if ends_next_day(found):
        meant = [
            Meant(one.text, gettext("%(time)s, the day after", time=one.value))
            if part.what == "to" or (part.what == "window" and part.value[1] <= part.value[0])
            else one
            for one, part in zip(meant, found.parts, strict=True)
        ]
    doubts = [open_of(doubt, args, places) for doubt in found.doubts]
    return Panel(text, meant, doubts, list(found.left), assumed)


def open_of(doubt: Doubt, args: Args, places: Atlas) -> Open:
    """A doubt in words, with a link for each other reading that an address can say."""
    sentence = SAYS.get(doubt.code) or lazy_gettext("“%(text)s” can mean two things.")
    text = str(sentence) % {"text": doubt.text}
    links = []
    for what, value in doubt.readings[1:]:
        if changed := changes(what, value):
            url = search_url({**args, **changed})
            links.append((said(what, value, places), url))
    return Open(text, links)


def changes(what: str, value: Any) -> Args:
    """What a reading puts into the address instead; nothing where an address cannot say it."""
    if what in ("kind", "layout", "people", "space", "length"):
        return {what: value}
    if what in ("venue", "near"):
        return {"venue": value}
    if what in ("from", "to"):
        return {what: clock(value)}
    if what == "window":
        return {"from": clock(value[0]), "to": clock(value[1])}
    return other_days(what, value)


def other_days(what: str, value: Any) -> Args:
    """The same of days: one, a choice of several, or all of them in one go."""
    if what == "on":
        return {"on": value.isoformat(), "last": None, "day": None, "until": None}
    if what not in ("days", "one_of", "through"):
        return {}
    first, last = (day.isoformat() for day in value)
    if what == "through":
        return {"on": first, "until": last, "last": None, "day": None, "length": None}
    longer = {"length": USUAL_LENGTH} if what == "one_of" else {}
    return {"on": first, "last": last, "until": None, **longer}


def said(what: str, value: Any, places: Atlas) -> str:
    """A thing understood, in the reader's language."""
    if what in TABLES:
        return str(TABLES[what].get(value, value))
    if what in NAMED:
        return NAMED[what](value, places)
    return SIMPLE[what](value) if what in SIMPLE else str(value)


def from_to(days: tuple[date, date]) -> str:
    """mer. 3 mars – ven. 5 mars / Wed 3 Mar – Fri 5 Mar."""
    return f"{words.short_date(days[0])}{words.NBSP}– {words.short_date(days[1])}"


TABLES = {"kind": words.KINDS, "layout": words.LAYOUTS, "feature": words.FEATURES}
NAMED = {
    "venue": lambda slug, places: words.said(places.venue(slug).name),
    "near": lambda slug, places: gettext(
        "near %(venue)s", venue=words.said(places.venue(slug).name)
    ),
    "space": lambda path, places: words.said(places.space(*path.split("/")).name),
}
SIMPLE = {
    "on": words.long_date,
    "days": from_to,
    "through": lambda days: gettext("%(days)s, in one go", days=from_to(days)),
    "one_of": lambda days: gettext("a time on one day, %(days)s", days=from_to(days)),
    "weekday": weekday_name,
    "from": lambda minute: gettext("from %(time)s", time=words.minute_time(minute)),
    "to": lambda minute: gettext("until %(time)s", time=words.minute_time(minute)),
    "window": lambda w: f"{words.minute_time(w[0])}{words.NBSP}– {words.minute_time(w[1])}",
    "length": words.duration,
    "people": words.people,
    "any_time": lambda _: gettext("any time"),
    "step_free": lambda _: gettext("step-free access"),
    "instant": lambda _: gettext("confirmed at once"),
}

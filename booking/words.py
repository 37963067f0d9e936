"""What codes, times and amounts are called in the reader's language; all edges share it.

French is written the French way: « 14 h 30 », « 1 234,50 € », no-break spaces inside.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_decimal
from flask import g, has_app_context
from flask_babel import get_locale, lazy_gettext, ngettext

from booking.db import Words
from booking.rules.periods import Period

NBSP = "\u00a0"
SHORT, LONG, DAY = "EEE d MMM", "EEEE d MMMM y", "EEEE d MMMM"
LANGUAGES = {"fr": "Français", "en": "English"}

KINDS = {
    "open_space": lazy_gettext("Desk"),
    "meeting_room": lazy_gettext("Meeting room"),
    "event_hall": lazy_gettext("Hall"),
    "studio": lazy_gettext("Studio"),
    "showroom": lazy_gettext("Showroom"),
    "machine": lazy_gettext("Machine"),
    "office": lazy_gettext("Office"),
    "phone_booth": lazy_gettext("Phone booth"),
}
STATES = {
    "held": lazy_gettext("On hold"),
    "requested": lazy_gettext("Waiting for approval"),
    "confirmed": lazy_gettext("Confirmed"),
    "checked_in": lazy_gettext("Checked in"),
    "done": lazy_gettext("Done"),
    "declined": lazy_gettext("Declined"),
    "withdrawn": lazy_gettext("Withdrawn"),
    "expired": lazy_gettext("Expired"),
    "cancelled": lazy_gettext("Cancelled"),
    "no_show": lazy_gettext("No-show"),
    "granted": lazy_gettext("Granted"),
}
VERBS = {
    "hold": lazy_gettext("offered from the waitlist"),
    "request": lazy_gettext("requested"),
    "reserve": lazy_gettext("reserved"),
    "approve": lazy_gettext("approved"),
    "decline": lazy_gettext("declined"),
    "outbid": lazy_gettext("declined: another request was granted"),
    "withdraw": lazy_gettext("withdrawn"),
    "expire": lazy_gettext("expired without an answer"),
    "move": lazy_gettext("changed"),
    "leave": lazy_gettext("left early"),
    "cancel": lazy_gettext("cancelled"),
    "restore": lazy_gettext("taken back"),
    "grant": lazy_gettext("granted: the reservation is changed"),
    "give_way": lazy_gettext("gave way: who had cancelled took it back"),
    "check_in": lazy_gettext("checked in"),
    "miss": lazy_gettext("marked as a no-show"),
    "finish": lazy_gettext("done"),
    "excuse": lazy_gettext("absence excused"),
    "invite": lazy_gettext("guests invited"),
    "send_again": lazy_gettext("invitation sent again"),
    "uninvite": lazy_gettext("guest removed"),
    "let_in": lazy_gettext("guest arrived"),
    "let_out": lazy_gettext("arrival of a guest taken back"),
}
LAYOUTS = {
    "standing": lazy_gettext("standing"),
    "seated": lazy_gettext("seated"),
    "theatre": lazy_gettext("theatre"),
    "classroom": lazy_gettext("classroom"),
    "boardroom": lazy_gettext("boardroom"),
    "u": lazy_gettext("U-shape"),
    "cabaret": lazy_gettext("cabaret"),
    "workshop": lazy_gettext("workshop"),
    "on_set": lazy_gettext("on set"),
    "with_crew": lazy_gettext("with crew"),
}
FEATURES = {
    "screen": lazy_gettext("screen"),
    "projector": lazy_gettext("projector"),
    "video_conferencing": lazy_gettext("video conferencing"),
    "sound": lazy_gettext("sound system"),
    "microphones": lazy_gettext("microphones"),
    "cameras": lazy_gettext("cameras"),
    "streaming": lazy_gettext("streaming"),
    "whiteboard": lazy_gettext("board to write on"),
    "wifi": lazy_gettext("Wi-Fi"),
    "hearing_loop": lazy_gettext("hearing loop"),
    "kitchen": lazy_gettext("kitchen or pantry"),
    "isolated_network": lazy_gettext("isolated network"),
    "lighting": lazy_gettext("stage lighting"),
    "storage": lazy_gettext("lockers or cloakroom"),
}
ACTIVITIES = {
    "work": lazy_gettext("Work"),
    "meeting": lazy_gettext("Meeting"),
    "training": lazy_gettext("Training course"),
    "workshop": lazy_gettext("Workshop"),
    "conference": lazy_gettext("Talk or conference"),
    "reception": lazy_gettext("Reception"),
    "exhibition": lazy_gettext("Exhibition"),
    "demonstration": lazy_gettext("Demonstration"),
    "filming": lazy_gettext("Filming"),
    "making": lazy_gettext("Making things"),
}
MARK_WORDS = {
    1: lazy_gettext("1 – very poor"),
    2: lazy_gettext("2 – poor"),
    3: lazy_gettext("3 – fair"),
    4: lazy_gettext("4 – good"),
    5: lazy_gettext("5 – very good"),
}
ROLES = {
    "manager": lazy_gettext("Manager"),
    "administrator": lazy_gettext("Administrator"),
}


def tongue() -> str:
    """The reader's language, "fr" or "en"."""
    # Where Flask-Babel keeps it; asked hundreds of times for a page, get_locale() is slow.
    page = g.get("_flask_babel") if has_app_context() else None
    locale = getattr(page, "babel_locale", None) or get_locale()
    return locale.language if locale else "fr"


def french() -> bool:
    """Whether the reader reads French."""
    return tongue() == "fr"


def said(words: Words | None) -> str:
    """A text kept per language, in the reader's, else in French."""
    if not words:
        return ""
    return words.get(tongue()) or words.get("fr") or ""


def wall_time(hour: int, minute: int, language: str | None = None) -> str:
    """14 h 30 in French, 14:30 in English; in the reader's language unless told which."""
    if (language or tongue()) != "fr":
        return f"{hour}:{minute:02d}"
    return f"{hour}{NBSP}h{NBSP}{minute:02d}" if minute else f"{hour}{NBSP}h"


def clock_time(moment: datetime, zone: ZoneInfo) -> str:
    """What the venue's wall clock shows."""
    wall = moment.astimezone(zone)
    return wall_time(wall.hour, wall.minute)


def minute_time(minute: int) -> str:
    """Minutes since midnight as a wall time; 1440 is midnight at the end."""
    return wall_time(minute // 60, minute % 60)


def clock_choices(chosen: str, first: int, last: int, step: int) -> list[tuple[str, str]]:
    """Times to choose from: (14:30, as the reader writes it), from minutes since midnight.

    `chosen` is among them, also where it is not on the step or no time at all.
    """
    return clock_choices_in(tongue(), chosen, first, last, step)


@lru_cache(256)
def clock_choices_in(
    language: str, chosen: str, first: int, last: int, step: int
) -> list[tuple[str, str]]:
    values = [f"{at // 60 % 24:02}:{at % 60:02}" for at in range(first, last + 1, step)]
    if chosen and chosen not in values:
        values = sorted([*values, chosen])
    return [(value, as_clock(value, language)) for value in values]


def as_clock(text: str, language: str) -> str:
    """14:30 as a time of the language; what is no time stays as it was typed."""
    hour, _, minute = text.partition(":")
    known = hour.isdecimal() and minute.isdecimal()
    return wall_time(int(hour), int(minute), language) if known else text


def short_date(on: date) -> str:
    """mar. 24 nov., mar. 1er déc. / Tue 24 Nov."""
    return date_part(on, SHORT)


def long_date(on: date) -> str:
    """mardi 24 novembre 2026 / Tuesday 24 November 2026."""
    return date_part(on, LONG)


def day_name(on: date) -> str:
    """mardi 24 novembre / Tuesday 24 November."""
    return date_part(on, DAY)


def date_part(on: date, pattern: str) -> str:
    """One part of a date in CLDR's letters: EEE is mar. / Tue, MMM is nov. / Nov."""
    return date_in(tongue(), on, pattern)


# A page says the same few dates, times and numbers again and again: each is put into words once.
@lru_cache(1024)
def date_in(language: str, on: date, pattern: str) -> str:
    text = format_date(on, pattern, locale=language)
    return text.replace(" 1 ", " 1er ") if language == "fr" else text


def local_date(moment: datetime, zone: ZoneInfo) -> date:
    """The venue's date of an instant."""
    return moment.astimezone(zone).date()


def short_day(moment: datetime, zone: ZoneInfo) -> str:
    """The venue's date of an instant, short."""
    return short_date(local_date(moment, zone))


def times(period: Period, zone: ZoneInfo, on: date | None = None) -> str:
    """10 h – 12 h; with the date of the end where it is another day, and with that of the start
    where it is not `on`."""
    return times_in(tongue(), period.start, period.end, zone, on)


@lru_cache(1024)
def times_in(
    language: str, start: datetime, end: datetime, zone: ZoneInfo, on: date | None = None
) -> str:
    start, end = start.astimezone(zone), end.astimezone(zone)
    first = wall_time(start.hour, start.minute, language)
    text = wall_time(end.hour, end.minute, language)
    if on is not None and start.date() != on:
        first = f"{date_in(language, start.date(), SHORT)} {first}"
    if end.date() != start.date() and not midnight_after(start, end):
        text = f"{date_in(language, end.date(), SHORT)} {text}"
    return f"{first}{NBSP}– {text}"


def midnight_after(start: datetime, end: datetime) -> bool:
    """Whether the end is the midnight that closes the day of the start."""
    next_day = start.date() + timedelta(days=1)
    return end.date() == next_day and not end.hour and not end.minute


def when(period: Period, zone: ZoneInfo) -> str:
    """mar. 24 nov., 10 h – 12 h; whole days by their dates: mar. 24 nov. – jeu. 26 nov."""
    return when_in(tongue(), period.start, period.end, zone)


@lru_cache(1024)
def when_in(language: str, start: datetime, end: datetime, zone: ZoneInfo) -> str:
    begun, over = start.astimezone(zone), end.astimezone(zone)
    day = date_in(language, begun.date(), SHORT)
    if not any((begun.hour, begun.minute, over.hour, over.minute)):
        last = date_in(language, over.date() - timedelta(days=1), SHORT)
        return day if day == last else f"{day}{NBSP}– {last}"
    return f"{day}, {times_in(language, start, end, zone)}"


def instant_text(moment: datetime, zone: ZoneInfo) -> str:
    """mar. 24 nov., 14 h 30: an instant on the venue's wall clock."""
    return f"{short_day(moment, zone)}, {clock_time(moment, zone)}"


def duration(minutes: int) -> str:
    """45 min, 2 h, 1 h 30, 3 days."""
    if minutes >= 1440 and minutes % 1440 == 0:
        return ngettext("%(num)d day", "%(num)d days", minutes // 1440)
    if minutes < 60:
        return f"{minutes}{NBSP}min"
    hours, rest = divmod(minutes, 60)
    return f"{hours}{NBSP}h{NBSP}{rest:02d}" if rest else f"{hours}{NBSP}h"


def decimal(value: float | Decimal, pattern: str) -> str:
    """A number by one of CLDR's patterns."""
    return decimal_in(tongue(), value, pattern)


@lru_cache(1024)
def decimal_in(language: str, value: float | Decimal, pattern: str) -> str:
    return format_decimal(value, pattern, locale=language)


def money(cents: int) -> str:
    """28 €, 3,50 €: no decimals where there are none."""
    amount = decimal(cents / 100, "#,##0" if cents % 100 == 0 else "#,##0.00")
    return f"{amount}{NBSP}€" if french() else f"€{amount}"


def number(count: int) -> str:
    """1 120 / 1,120."""
    return decimal(count, "#,##0")


def percent(rate: Decimal) -> str:
    """20 %, 5,5 %: a rate given in percent."""
    amount = decimal(rate, "#,##0.##")
    return f"{amount}{NBSP}%" if french() else f"{amount}%"


def mark(average: float) -> str:
    """4,6: an average of marks."""
    return decimal(average, "0.0")


def month(on: date) -> str:
    """mars 2027 / March 2027."""
    return date_part(on, "LLLL y")


def distance(kilometres: float) -> str:
    """3 km, 0,8 km."""
    pattern = "#,##0.0" if kilometres < 2 else "#,##0"
    return f"{decimal(kilometres, pattern)}{NBSP}km"


def pieces(counted: Iterable[tuple[int, Words]]) -> str:
    """2 × Projector, 1 × Technician: so many of each."""
    return ", ".join(f"{count}{NBSP}×{NBSP}{said(name)}" for count, name in counted)


def people(count: int) -> str:
    return ngettext("%(num)d person", "%(num)d people", count)

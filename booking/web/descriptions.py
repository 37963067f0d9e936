"""How pages describe places and devices: opening hours, a space's rules, a browser."""

from collections.abc import Sequence
from datetime import date, timedelta

from flask_babel import gettext, ngettext

from booking import reasons
from booking.rules.hours import Span
from booking.rules.policies import ALWAYS, Rules
from booking.rules.presence import COUNTED
from booking.words import NBSP, date_part, duration, minute_time, people, said

BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def hours_in_words(spans: Sequence[Span]) -> list[tuple[str, str]]:
    """The week as (days, hours), days of the same hours together: lundi – vendredi, 8 h – 19 h."""
    of_days = [[s for s in spans if s.weekday == day] for day in range(7)]
    said_of = [
        gettext(" and ").join(span_text((s.opens, s.closes)) for s in found) for found in of_days
    ]
    found: list[tuple[str, str]] = []
    first = 0
    for day in range(7):
        if day == 6 or said_of[day + 1] != said_of[day]:
            found.append((days_text(first, day), said_of[day] or gettext("closed")))
            first = day + 1
    return found


def span_text(span: tuple[int, int]) -> str:
    """8 h 30 – 18 h 30, of (opens, closes) in minutes of wall time."""
    opens, closes = span
    return f"{minute_time(opens)}{NBSP}– {minute_time(closes)}"


def weekday_name(day: int) -> str:
    """lundi: the name of a weekday, 0 for Monday."""
    return date_part(date(2024, 1, 1) + timedelta(days=day), "EEEE")


def weekday_names() -> list[str]:
    """The seven of them, from Monday."""
    return [weekday_name(day) for day in range(7)]


def days_text(first: int, last: int) -> str:
    """lundi, lundi – vendredi: weekdays from 0 for Monday."""
    names = [weekday_name(day) for day in (first, last)]
    return names[0] if first == last else f"{names[0]}{NBSP}– {names[1]}"


def rules_in_words(rules: Rules) -> list[str]:
    """A space's rules as sentences, for its page."""
    found = [
        *who_in_words(rules),
        *approval_in_words(rules),
        *visitors_in_words(rules),
        gettext(
            "From %(shortest)s to %(longest)s, in steps of %(grid)s.",
            shortest=duration(rules.shortest),
            longest=duration(rules.longest),
            grid=duration(rules.grid),
        ),
    ]
    if rules.notice:
        found.append(gettext("At least %(notice)s ahead.", notice=duration(rules.notice)))
    found.append(gettext("At most %(days)s ahead.", days=duration(rules.horizon * 1440)))
    if rules.nights:
        found.append(gettext("It may last several days, nights included."))
    found += buffers_in_words(rules)
    found += manner_in_words(rules)
    found += arrival_in_words(rules)
    if rules.cancel_notice:
        notice = duration(rules.cancel_notice)
        found.append(gettext("You can cancel up to %(notice)s before the start.", notice=notice))
    else:
        found.append(gettext("You can cancel until the start."))
    if rules.waitlist_hold:
        hold = duration(rules.waitlist_hold)
        found.append(
            gettext("Waitlist: who is first in line has %(hold)s for an answer.", hold=hold)
        )
    return found


def who_in_words(rules: Rules) -> list[str]:
    """Who may reserve, where not everybody may, and what they must have learnt."""
    found = [
        gettext("Only for %(who)s.", who=reasons.groups(sorted(group), dict(rules.names)))
        for group in rules.who
    ]
    if rules.training_id is not None:
        training = said(dict(rules.training))
        found.append(gettext("You need the training “%(training)s”.", training=training))
    return found


def needs(rules: Rules) -> list[str]:
    """What one needs to reserve, as facts of a few words: “Laser” needed, for members of Vega."""
    found = []
    if rules.training_id is not None:
        training = said(dict(rules.training))
        found.append(gettext("training “%(training)s” needed", training=training))
    return found + only_for(rules)


def needs_in_brief(rules: Rules) -> list[str]:
    """The same where there is hardly any room."""
    trained = [gettext("training needed")] if rules.training_id is not None else []
    return trained + only_for(rules)


def only_for(rules: Rules) -> list[str]:
    """Whom the space is for, where not for everybody."""
    names = dict(rules.names)
    return [gettext("for %(who)s", who=reasons.groups(sorted(one), names)) for one in rules.who]


def approval_in_words(rules: Rules) -> list[str]:
    """Whether a manager is asked: always, never, or when."""
    cases = [
        (rules.ask_outside_hours, gettext("outside opening hours")),
        (
            rules.ask_above is not None,
            gettext("for more than %(people)s", people=people(rules.ask_above or 0)),
        ),
        (rules.ask_strangers, gettext("for people from outside the venue’s organisations")),
        (rules.ask_after_absences is not None, absences_in_words(rules)),
    ]
    when = [text for holds, text in cases if holds]
    if rules.approval == ALWAYS:
        found = [gettext("On request: a manager of the venue decides.")]
        if rules.ask_outside_hours:
            found.append(gettext("One may ask for times outside opening hours too."))
    elif when:
        found = [
            gettext("Confirmed at once; a manager decides %(when)s.", when=reasons.enumerated(when))
        ]
    else:
        return [gettext("Confirmed at once.")]
    if rules.competing:
        found.append(gettext("Requests compete: the place is kept for nobody until then."))
    return found


def visitors_in_words(rules: Rules) -> list[str]:
    """That one needs no account, where one needs none."""
    if not rules.visitors:
        return []
    return [gettext("Anybody may ask, without an account: a manager of the venue decides.")]


def absences_in_words(rules: Rules) -> str:
    """After how many a manager is asked; empty where that plays no part."""
    most = rules.ask_after_absences
    if most is None:
        return ""
    return ngettext(
        "after %(num)d absence in %(days)s days",
        "after %(num)d absences in %(days)s days",
        most,
        days=COUNTED.days,
    )


def arrival_in_words(rules: Rules) -> list[str]:
    """That one has to check in, if one has to."""
    if rules.check_in is None:
        return []
    late = duration(rules.check_in)
    return [
        gettext(
            "Check in by the QR code at the space within %(late)s of the start; otherwise the place"
            " is released, and that counts as an absence.",
            late=late,
        )
    ]


def manner_in_words(rules: Rules) -> list[str]:
    """What it may be for, who has to be named, and how much anybody may have."""
    found = []
    if rules.activities is not None:
        what = reasons.activities({"activities": rules.activities})
        found.append(gettext("For: %(activities)s.", activities=what))
    if rules.named_people:
        found.append(
            ngettext(
                "One person who will be there is named.",
                "%(num)d people who will be there are named: nobody stays alone.",
                rules.named_people,
            )
        )
    found += [
        gettext("At most %(quota)s.", quota=reasons.quota_text(vars(q))) for q in rules.quotas
    ]
    return found


def buffers_in_words(rules: Rules) -> list[str]:
    """What is kept free around a reservation, if anything."""
    before, after = duration(rules.buffer_before), duration(rules.buffer_after)
    if rules.buffer_before and rules.buffer_after:
        return [
            gettext(
                "%(before)s before and %(after)s after are kept free to set up and tidy.",
                before=before,
                after=after,
            )
        ]
    if rules.buffer_after:
        return [gettext("%(after)s after are kept free to tidy.", after=after)]
    if rules.buffer_before:
        return [gettext("%(before)s before are kept free to set up.", before=before)]
    return []


def device(agent: str) -> str:
    """The browser and the system a User-Agent names: Firefox · Windows; as it is if it has neither.

    Order matters: most browsers also call themselves Chrome or Safari.
    """
    found = [
        next((name for sign, name in signs if sign in agent), None) for signs in (BROWSERS, SYSTEMS)
    ]
    return " · ".join(name for name in found if name) or agent

"""What a refusal says: each broken rule as a sentence, with its numbers and who may except it."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext, lazy_gettext, ngettext

from booking import guest_reasons
from booking.errors import Refusal
from booking.rules.periods import Period
from booking.rules.policies import MINUTES, RESIDENTS
from booking.words import (
    ACTIVITIES,
    LAYOUTS,
    clock_time,
    day_name,
    duration,
    instant_text,
    people,
    said,
    times,
)


def refusal(broken: Refusal, zone: ZoneInfo) -> str:
    """The sentence of a broken rule, with its numbers and who may make an exception."""
    text = REFUSALS[broken.code](broken.facts, zone)
    if broken.exception_by == "manager":
        return text + " " + gettext("The venue’s manager can make an exception.")
    return text


def short(missing: dict[str, Any]) -> str:
    """The sentence of an extra of which too few are free: its name, and how many are left."""
    name = said(missing["name"])
    if not missing["left"]:
        return gettext("“%(extra)s”: none is free at that time.", extra=name)
    return ngettext(
        "“%(extra)s”: only %(num)d is free at that time.",
        "“%(extra)s”: only %(num)d are free at that time.",
        missing["left"],
        extra=name,
    )


def closed(facts: dict[str, Any], zone: ZoneInfo) -> str:
    """Why, and on 1 May that the venue would have to open the day."""
    text = closed_then(facts, zone)
    if not facts.get("labour_day"):
        return text
    return text + " " + gettext("On 1 May the venue’s manager would have to open the day first.")


def closed_then(facts: dict[str, Any], zone: ZoneInfo) -> str:
    """With the day's hours, if it is open at all, and why they are not the usual ones; of several
    days those that are closed."""
    if "shut" in facts:
        return closed_over_days(facts, zone)
    opening: Sequence[Period] = facts["opening"]
    why = said(facts.get("why"))
    if not opening:
        if why:
            return gettext("Closed: %(why)s.", why=why)
        return gettext("The venue is closed that day.")
    hours = enumerated([times(period, zone) for period in opening])
    if why:
        return gettext(
            "Closed then: that day it is open %(hours)s (%(why)s).", hours=hours, why=why
        )
    return gettext("The venue is closed then: that day it is open %(hours)s.", hours=hours)


SPELT_OUT = 3
"""So many closed days are named one by one, and so many days with their hours."""


def closed_over_days(facts: dict[str, Any], zone: ZoneInfo) -> str:
    """Which days are closed and why; when the others are open, where that is what is in the way;
    and that nobody stays overnight."""
    shut, found = facts["shut"], []
    if len(shut) > SPELT_OUT:
        first, last = (day_name(shut[at][0]) for at in (0, -1))
        text = gettext(
            "closed on %(num)d days, from %(first)s to %(last)s",
            num=len(shut),
            first=first,
            last=last,
        )
        whys = dict.fromkeys(said(why) for _, why in shut if why)
        found.append(with_why(text, ", ".join(list(whys)[:SPELT_OUT])))
    elif shut:
        days = [with_why(on_day(on), said(why)) for on, why in shut]
        found.append(gettext("closed %(days)s", days=enumerated(days)))
    elif facts["open"]:
        found.append(gettext("the venue is closed then"))
    for on, opening in facts["open"][:SPELT_OUT]:
        hours = enumerated([times(period, zone) for period in opening])
        found.append(gettext("open %(day)s: %(hours)s", day=on_day(on), hours=hours))
    if facts.get("overnight"):
        found.append(gettext("closed overnight: nobody stays from one day to the next"))
    return " ".join(f"{text[0].upper()}{text[1:]}." for text in found)


def on_day(on: date) -> str:
    """On Saturday 6 March / le samedi 6 mars."""
    return gettext("on %(day)s", day=day_name(on))


def with_why(text: str, why: str) -> str:
    """The text, and the reason in brackets, if there is one."""
    return f"{text} ({why.rstrip('.')})" if why else text


def activities(facts: dict[str, Any]) -> str:
    """What may be done, in small letters."""
    return enumerated([str(ACTIVITIES[one]).lower() for one in facts["activities"]])


def groups(slugs: Sequence[str], names: dict[str, str]) -> str:
    """Those who may: people of these organisations."""
    said_of = [
        gettext("the venue’s own organisations") if slug == RESIDENTS else names.get(slug, slug)
        for slug in slugs
    ]
    return gettext("members of %(organisations)s", organisations=enumerated(said_of))


def enumerated(parts: Sequence[str]) -> str:
    """A, B et C / A, B and C."""
    if len(parts) < 2:
        return "".join(parts)
    return gettext("%(these)s and %(last)s", these=", ".join(parts[:-1]), last=parts[-1])


PER = {
    "day": lazy_gettext("a day"),
    "week": lazy_gettext("a week"),
    "month": lazy_gettext("a month"),
}


def amount(count: int, of: str) -> str:
    """3 reservations, or 4 h: what a quota counts."""
    if of == MINUTES:
        return duration(count) if count else gettext("nothing")
    return ngettext("%(num)d reservation", "%(num)d reservations", count)


def quota_text(facts: dict[str, Any]) -> str:
    """At most 3 reservations a week for each member, in this space."""
    text = {
        ("member", "space"): lazy_gettext("%(most)s %(per)s for each member in this space"),
        ("member", "venue"): lazy_gettext("%(most)s %(per)s for each member in the whole venue"),
        ("organisation", "space"): lazy_gettext(
            "%(most)s %(per)s for each organisation in this space"
        ),
        ("organisation", "venue"): lazy_gettext(
            "%(most)s %(per)s for each organisation in the whole venue"
        ),
    }[facts["by"], facts["scope"]]
    return str(text) % {"most": amount(facts["most"], facts["of"]), "per": PER[facts["per"]]}


def quota_used(facts: dict[str, Any]) -> str:
    """The quota, and what has been used of it."""
    return gettext(
        "At most %(quota)s; %(used)s so far.",
        quota=quota_text(facts),
        used=amount(facts["used"], facts["of"]),
    )


ASKS = {
    "always": lazy_gettext("A manager of the venue decides on every request here."),
    "outside-hours": lazy_gettext("It lies outside opening hours: a manager decides."),
    "above": lazy_gettext("For so many people a manager decides."),
    "stranger": lazy_gettext(
        "For people from outside the venue’s organisations a manager decides."
    ),
    "ceiling": lazy_gettext(
        "The venue would hold more people than it may at that time: a manager decides."
    ),
    "absences": lazy_gettext("After several absences without a word a manager decides."),
    "visitor": lazy_gettext("Asked for without an account: a manager decides."),
    "extra": lazy_gettext("What is wanted beside the space is on request: a manager decides."),
    "exception": lazy_gettext("An exception is asked for: a manager decides."),
}
EXCEPTIONS = {
    "closed": lazy_gettext("opening hours"),
    "too-short": lazy_gettext("shortest length"),
    "too-long": lazy_gettext("longest length"),
    "too-late": lazy_gettext("notice"),
    "too-early": lazy_gettext("how far ahead"),
    "activity-not-allowed": lazy_gettext("what it is for"),
    "not-for-you": lazy_gettext("who may reserve"),
    "training-missing": lazy_gettext("training"),
    "training-ends": lazy_gettext("training"),
    "quota-used": lazy_gettext("quota"),
    "over-ceiling": lazy_gettext("most people in the venue"),
}
"""The rules a manager may make an exception of, each in a word or two."""


def ask(code: str) -> str:
    """Why a manager is asked first, as a sentence."""
    return str(ASKS[code])


def exceptions(codes: Sequence[str]) -> str:
    """The rules an exception is about: notice, quota."""
    return ", ".join(dict.fromkeys(str(EXCEPTIONS[code]) for code in codes))


Sentence = Callable[[dict[str, Any], ZoneInfo], str]
REFUSALS: dict[str, Sentence] = guest_reasons.REFUSALS | {
    "past": lambda f, z: gettext("This time has already passed."),
    "closed": closed,
    "off-grid": lambda f, z: gettext(
        "Start and end fall on steps of %(grid)s.", grid=duration(f["grid"])
    ),
    "too-short": lambda f, z: gettext(
        "The shortest reservation here is %(shortest)s.", shortest=duration(f["shortest"])
    ),
    "too-long": lambda f, z: gettext(
        "The longest reservation here is %(longest)s.", longest=duration(f["longest"])
    ),
    "too-late": lambda f, z: gettext(
        "This space is reserved at least %(notice)s ahead.", notice=duration(f["notice"])
    ),
    "too-early": lambda f, z: gettext(
        "This space is reserved at most %(horizon)s ahead.", horizon=duration(f["horizon"] * 1440)
    ),
    "too-many": lambda f, z: gettext(
        "The space holds at most %(capacity)s, and you are %(people)s.",
        capacity=people(f["capacity"]),
        people=f["people"],
    ),
    "no-such-layout": lambda f, z: gettext("This set-up does not exist here."),
    "too-many-for-layout": lambda f, z: gettext(
        "In the set-up “%(layout)s” the space holds at most %(most)s, and you are %(people)s.",
        layout=LAYOUTS[f["layout"]],
        most=people(f["most"]),
        people=f["people"],
    ),
    "activity-missing": lambda f, z: gettext(
        "Say what it is for: here one may do %(activities)s.", activities=activities(f)
    ),
    "activity-not-allowed": lambda f, z: gettext(
        "This is not allowed here: one may do %(activities)s.", activities=activities(f)
    ),
    "names-missing": lambda f, z: ngettext(
        "For safety, name the person who will be there.",
        "For safety, name %(num)d people who will be there: nobody stays alone.",
        f["named_people"],
    ),
    "not-for-you": lambda f, z: gettext(
        "This space is for %(who)s.", who=enumerated([groups(w, f["names"]) for w in f["who"]])
    ),
    "no-visitors": lambda f, z: gettext(
        "This space is only for people with an account: sign in, or create one."
    ),
    "training-missing": lambda f, z: gettext(
        "You need the training “%(training)s” first.", training=said(f["training"])
    ),
    "training-ends": lambda f, z: gettext(
        "Your training “%(training)s” holds until %(until)s only.",
        training=said(f["training"]),
        until=instant_text(f["until"], z),
    ),
    "quota-used": lambda f, z: quota_used(f),
    "over-ceiling": lambda f, z: gettext(
        "The venue may hold %(ceiling)s at a time, and %(present)s are expected already.",
        ceiling=people(f["ceiling"]),
        present=f["present"],
    ),
    "too-many-units": lambda f, z: ngettext(
        "There is only %(num)d to take here.", "There are only %(num)d to take here.", f["units"]
    ),
    "extra-not-here": lambda f, z: gettext(
        "“%(extra)s” cannot be had with this space.", extra=f["extra"]
    ),
    "extra-beyond-stock": lambda f, z: ngettext(
        "There is only %(num)d × %(extra)s, and you want %(wanted)s.",
        "There are only %(num)d × %(extra)s, and you want %(wanted)s.",
        f["pieces"],
        extra=said(f["extra"]),
        wanted=f["wanted"],
    ),
    "cancel-too-late": lambda f, z: gettext(
        "You could cancel by yourself until %(until)s.", until=instant_text(f["until"], z)
    ),
    "running": lambda f, z: gettext("It has begun: only its end can be another, after now."),
    "check-in-too-early": lambda f, z: gettext(
        "It begins at %(start)s: check in from %(opens)s on.",
        start=instant_text(f["start"], z),
        opens=clock_time(f["opens"], z),
    ),
    "check-in-over": lambda f, z: gettext(
        "It was over at %(end)s: nobody can check in any more.", end=instant_text(f["end"], z)
    ),
    "released": lambda f, z: gettext(
        "Nobody had checked in by %(by)s: the place was released.", by=instant_text(f["by"], z)
    ),
    "undo-too-late": lambda f, z: gettext(
        "It could be taken back for %(seconds)s seconds.", seconds=f["seconds"]
    ),
    "no-such-time": lambda f, z: gettext(
        "Clocks go forward that night: this time does not exist on that date."
    ),
    "no-dates": lambda f, z: gettext("No date is left."),
    "why-missing": lambda f, z: gettext("Please say why: everybody reads it."),
    "closure-too-long": lambda f, z: gettext(
        "A closure lasts %(most)s days at most.", most=f["most"]
    ),
    "spans-wrong": lambda f, z: gettext(
        "Hours must not overlap, and a day has %(most)s stretches at most.", most=f["most"]
    ),
    "labour-day-unconfirmed": lambda f, z: gettext(
        "1 May is a public holiday on which nobody works (Code du travail, L3133-4), but where work"
        " cannot be interrupted (L3133-6). Confirm that you open all the same."
    ),
    "excuse-unsaid": lambda f, z: gettext("Please say why: the reason stays in the history."),
    "reason-missing": lambda f, z: gettext("Please give a reason: the member will read it."),
    "sign-in-wrong": lambda f, z: gettext(
        "The address or the password is wrong, or the address is not confirmed yet."
    ),
    "password-wrong": lambda f, z: gettext("This password is not the right one."),
    "password-weak": lambda f, z: gettext(
        "The password is too weak. It needs 12 characters with lower case, upper case, digits and"
        " signs; or 14 with three of these; or seven words."
    ),
    "password-too-long": lambda f, z: gettext("The password is longer than 128 characters."),
    "password-about-you": lambda f, z: gettext("The password contains your name or your address."),
    "password-common": lambda f, z: gettext("The password is too well known."),
    "name-missing": lambda f, z: gettext("Please give your name."),
    "role-needs-venue": lambda f, z: gettext("Choose the venue this manager decides for."),
    "space-is-reserved": lambda f, z: gettext(
        "%(space)s is reserved: it cannot take other units now.", space=f["space"]
    ),
    "role-is-everywhere": lambda f, z: gettext(
        "An administrator’s role holds everywhere: choose no venue."
    ),
    "role-own-administrator": lambda f, z: gettext(
        "You cannot end your own role of administrator."
    ),
    "delegate-self": lambda f, z: gettext(
        "That is your own address: you reserve for yourself anyway."
    ),
    "delegate-over": lambda f, z: gettext("This day is over: give one to come, or none."),
    "delegates-full": lambda f, z: gettext(
        "You have %(most)s delegates already: end one first.", most=f["most"]
    ),
    "waitlist-full": lambda f, z: gettext(
        "You wait for %(most)s places already: leave one first.", most=f["most"]
    ),
    "no-waitlist": lambda f, z: gettext("There is no waitlist here."),
    "closed-then": lambda f, z: gettext("It is closed then: nothing will be free."),
    "free-now": lambda f, z: gettext(
        "“%(space)s” is free at that time by now: nobody has to wait.", space=said(f["space"])
    ),
    "too-many-feeds": lambda f, z: gettext(
        "You have %(most)s calendar addresses already: end one first.", most=f["most"]
    ),
}

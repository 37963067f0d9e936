"""What a refusal says: each broken rule as a sentence, with its numbers and who may except it."""

from collections.abc import Callable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext, lazy_gettext, ngettext

from booking.errors import Refusal
from booking.rules.periods import Period
from booking.rules.policies import MINUTES, RESIDENTS
from booking.words import ACTIVITIES, LAYOUTS, duration, instant_text, people, said, times


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
    """With the day's hours, if it is open at all."""
    opening: Sequence[Period] = facts["opening"]
    if not opening:
        return gettext("The venue is closed that day.")
    hours = enumerated([times(period, zone) for period in opening])
    return gettext("The venue is closed then: that day it is open %(hours)s.", hours=hours)


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


Sentence = Callable[[dict[str, Any], ZoneInfo], str]
REFUSALS: dict[str, Sentence] = {
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
    "too-many-feeds": lambda f, z: gettext(
        "You have %(most)s calendar addresses already: end one first.", most=f["most"]
    ),
}

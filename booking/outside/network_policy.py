"""The rules of a venue or a space in a network file, and whether its lengths fit each other."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from booking.outside import network_values as v
from booking.outside.network_fields import Fields, Reader, listed, wrong
from booking.outside.yaml_nodes import Node
from booking.rules.network import ACTIVITIES
from booking.rules.policies import (
    ALWAYS,
    DAY,
    MEMBER,
    MINUTES,
    MONTH,
    NEVER,
    ORGANISATION,
    RESERVATIONS,
    RESIDENTS,
    USUAL,
    WEEK,
    Quota,
    Terms,
    pick,
    strictest,
)
from booking.rules.waitlist import LONGEST_HOLD

A_DAY = 1440  # minutes
MOST_NAMED = 20
MOST_ABSENCES = 100
EVERYBODY = "everybody"
HOLD, COMPETE = "hold", "compete"
LENGTHS = (
    *("buffer_before", "buffer_after", "notice", "shortest", "longest", "grid"),
    *("cancel_notice", "waitlist_hold"),
)
KEYS = (
    *("approval", "requests", "who", *LENGTHS, "horizon", "nights"),
    *("quotas", "named_people", "activities", "check_in", "ask_after_absences"),
    "visitors",
)


def policy(named: dict[str, Terms], organisations: Collection[str]) -> Reader[Terms]:
    """A policy written out, the name of a shared one, or ``like`` one with changes.

    What is left out is None. ``organisations`` are the slugs that ``who`` may name.
    """
    shared = v.one_of(named, "policy")
    readers = _readers(organisations)

    def terms(node: Node) -> Terms:
        if isinstance(node.value, str):
            return named[shared(node)]
        fields = Fields(node, ("like", *KEYS))
        base = named.get(fields.may("like", shared, ""), Terms())
        given = fields.may("approval", _approval, {})
        for key, (name, read) in readers.items():
            if fields.has(key):
                given[name] = fields.may(key, read, None)
        plan = replace(base, **given)
        if not fields.problems:
            for key, reason in misfits(Terms(), plan):
                fields.check(False, reason, key)
        fields.done()
        return plan

    return terms


def _readers(organisations: Collection[str]) -> dict[str, tuple[str, Reader[Any]]]:
    """A key of the file -> the field of Terms it fills, and how it is read."""
    readers: dict[str, tuple[str, Reader[Any]]] = {key: (key, v.minutes) for key in LENGTHS}
    return readers | {
        "requests": ("competing", lambda node: _requests(node) == COMPETE),
        "who": ("who", _who(organisations)),
        "horizon": ("horizon", v.days),
        "nights": ("nights", v.flag),
        "quotas": ("quotas", listed(_quota)),
        "named_people": ("named_people", v.number(0, MOST_NAMED)),
        "activities": ("activities", _activities),
        "check_in": ("check_in", _check_in),
        "ask_after_absences": ("ask_after_absences", v.number(1, MOST_ABSENCES)),
        "visitors": ("visitors", v.flag),
    }


_requests = v.one_of((HOLD, COMPETE), "answer to requests")


def _approval(node: Node) -> dict[str, Any]:
    """``never``, ``always``, or when: the four fields of Terms, None where nothing is said."""
    said: dict[str, Any] = {"ask_outside_hours": None, "ask_above": None, "ask_strangers": None}
    if isinstance(node.value, str):
        return said | {"approval": v.one_of((NEVER, ALWAYS), "approval")(node)}
    fields = Fields(node, (ALWAYS, "outside_hours", "above", "strangers"))
    always = fields.may(ALWAYS, v.flag, False)
    said["ask_outside_hours"] = fields.may("outside_hours", v.flag, None)
    said["ask_above"] = fields.may("above", v.whole, None)
    said["ask_strangers"] = fields.may("strangers", v.flag, None)
    fields.check(bool(fields.pairs), "say when a manager is asked, or: never")
    fields.done()
    return said | {"approval": ALWAYS if always else NEVER}


def _who(organisations: Collection[str]) -> Reader[tuple[str, ...]]:
    """Who may reserve; none of them: everybody."""
    one = v.one_of((RESIDENTS, *organisations), "organisation")

    def groups(node: Node) -> tuple[str, ...]:
        if node.value == EVERYBODY:
            return ()
        found = listed(one, or_one=True)(node)
        if not found:
            raise wrong(node, f"say who may reserve, or: {EVERYBODY}")
        return tuple(dict.fromkeys(found))

    return groups


def _check_in(node: Node) -> int:
    """How long after the start; none at all is said by leaving it out."""
    length = v.minutes(node)
    if not 0 < length <= A_DAY:
        raise wrong(node, "must be more than nothing and at most one day")
    return length


def _activities(node: Node) -> tuple[str, ...]:
    found = listed(v.one_of(ACTIVITIES, "activity"))(node)
    if not found:
        raise wrong(node, "name what may be done here, or leave it out: then anything may")
    return tuple(dict.fromkeys(found))


def _quota(node: Node) -> Quota:
    """``{most: 3, per: week, by: member}``; a duration for ``most`` counts the time instead."""
    fields = Fields(node, ("most", "per", "by"))
    most, of = fields.need("most", _most, (1, RESERVATIONS))
    per = fields.need("per", v.one_of((DAY, WEEK, MONTH), "period"), DAY)
    by = fields.need("by", v.one_of((MEMBER, ORGANISATION), "counting"), MEMBER)
    fields.done()
    return Quota(most, of, per, by)


def _most(node: Node) -> tuple[int, str]:
    if v.is_number(node):
        return v.whole(node), RESERVATIONS
    length = v.minutes(node)
    if not length:
        raise wrong(node, "must be more than nothing")
    return length, MINUTES


def misfits(venue: Terms, space: Terms) -> list[tuple[str, str]]:
    """(key, reason) for all that does not fit together in what holds for a space.

    Lengths count wherever they come from, the usual ones too: the reasons name them.
    """
    rules = strictest(venue, space)
    grid, longest = rules.grid, rules.longest
    shortest = pick(max, venue.shortest, space.shortest, USUAL.shortest)
    if grid == 0 or A_DAY % grid:
        return [("grid", "grid must divide a day evenly: 15 min, 30 min, 1 h")]
    multiple = f"must be a multiple of the grid, {grid} min"
    checks = [
        (shortest % grid == 0, "shortest", f"shortest {multiple}"),
        (longest % grid == 0, "longest", f"longest {multiple}"),
        (shortest > 0, "shortest", "shortest must be more than nothing"),
        (longest >= shortest, "longest", "longest must not be below shortest"),
        (longest <= 31 * A_DAY, "longest", "longest must be at most 31 days"),
        (rules.buffer_before <= A_DAY, "buffer_before", "buffer_before must be at most one day"),
        (rules.buffer_after <= A_DAY, "buffer_after", "buffer_after must be at most one day"),
        (
            rules.waitlist_hold <= LONGEST_HOLD,
            "waitlist_hold",
            "waitlist_hold must be at most 7 days",
        ),
        (rules.activities != (), "activities", "no activity is allowed both here and there"),
    ]
    return [(key, reason) for holds, key, reason in checks if not holds]

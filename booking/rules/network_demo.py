"""What of a network may be shown in production: nothing that is invented."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from booking.rules.network import (
    ExtraPlan,
    NetworkPlan,
    OrganisationPlan,
    SpacePlan,
    VenuePlan,
    no_words,
)


def without_demo(plan: NetworkPlan) -> tuple[NetworkPlan, list[str]]:
    """The plan production may load, and what was left out, in the file's order.

    Invented venues, spaces, extras and organisations go. Of the others, what a visitor could
    take for a fact (figures, hours, prices, addresses, descriptions) becomes unknown; names,
    kinds, units and policies stay, because nothing can be reserved without them, and keep
    their mark.
    Left out: ``la-coque/agora: capacity``, or ``la-coque/agora: the whole space``.
    """
    kept, dropped = [], []
    for venue in plan.venues:
        if venue.invented:
            dropped.append(f"{venue.slug}: the whole venue")
            continue
        real, gone = _real_venue(venue)
        kept.append(real)
        dropped += gone
    slugs = {venue.slug for venue in kept}
    organisations, gone = _real_organisations(plan.organisations, slugs)
    real_plan = replace(plan, demo=False, venues=tuple(kept), organisations=organisations)
    return real_plan, dropped + gone


def _real_organisations(
    plans: Sequence[OrganisationPlan], venues: set[str]
) -> tuple[tuple[OrganisationPlan, ...], list[str]]:
    """Those that exist, at home in the venues that are kept where no mark says it is invented."""
    kept, dropped = [], []
    for plan in plans:
        if "name" in plan.demo_fields:
            dropped.append(f"organisation {plan.slug}")
            continue
        invented = "venues" in plan.demo_fields
        homes = tuple(slug for slug in plan.venues if slug in venues and not invented)
        dropped += [f"organisation {plan.slug}: venues"] if homes != plan.venues else []
        kept.append(replace(plan, venues=homes, demo_fields=()))
    return tuple(kept), dropped


def _real_venue(venue: VenuePlan) -> tuple[VenuePlan, list[str]]:
    changes, dropped, marks = _unknown(venue, _venue_unknowns(), venue.slug)
    spaces = []
    for space in venue.spaces:
        path = f"{venue.slug}/{space.slug}"
        if space.invented:
            dropped.append(f"{path}: the whole space")
            continue
        hidden, gone, left = _unknown(space, _space_unknowns(), path)
        spaces.append(replace(space, **hidden, demo_fields=left))
        dropped += gone
    extras, gone = _real_extras(venue)
    dropped += gone
    learnt = {space.training for space in spaces}
    taken = {code for space in spaces for code in space.units}
    taken |= {code for extra in extras for code in extra.units}
    real = replace(
        venue,
        **changes,
        spaces=tuple(spaces),
        extras=extras,
        trainings=tuple(one for one in venue.trainings if one.slug in learnt),
        units=tuple(unit for unit in venue.units if unit.code in taken),
        demo_fields=marks,
    )
    return real, dropped


def _real_extras(venue: VenuePlan) -> tuple[tuple[ExtraPlan, ...], list[str]]:
    kept, dropped = [], []
    for extra in venue.extras:
        path = f"{venue.slug}/{extra.slug}"
        if "name" in extra.demo_fields:
            dropped.append(f"{path}: the whole extra")
            continue
        hidden, gone, left = _unknown(extra, _extra_unknowns(), path)
        kept.append(replace(extra, **hidden, demo_fields=left))
        dropped += gone
    return tuple(kept), dropped


def _unknown(
    thing: VenuePlan | SpacePlan | ExtraPlan, unknowns: dict[str, dict[str, Any]], path: str
) -> tuple[dict[str, Any], list[str], tuple[str, ...]]:
    """What to change so that no demo value shows, what that drops, and the marks that stay."""
    changes: dict[str, Any] = {}
    dropped = []
    for mark in thing.demo_fields:
        hidden = unknowns.get(mark, {})
        if any(getattr(thing, name) != value for name, value in hidden.items()):
            dropped.append(f"{path}: {mark}")
        changes.update(hidden)
    return changes, dropped, tuple(mark for mark in thing.demo_fields if mark not in unknowns)


def _venue_unknowns() -> dict[str, dict[str, Any]]:
    """A key of the file -> the fields of a venue it fills, with their unknown values."""
    return {
        "summary": {"summary": no_words()},
        "description": {"description": no_words()},
        "address": {"address": ""},
        "postcode": {"postcode": ""},
        "city": {"city": ""},
        "coordinates": {"lat": None, "lon": None},
        "ceiling": {"ceiling": None},
        "step_free": {"step_free": None},
        "phone": {"phone": None},
        "email": {"email": None},
        "access": {"access": None},
        "hours": {"hours": ()},
        "day_parts": {"day_parts": ()},
    }


def _space_unknowns() -> dict[str, dict[str, Any]]:
    """The same for a space. An invented capacity hides the one per unit: it would betray it."""
    return {
        "description": {"description": no_words()},
        "hours": {"hours": ()},
        "plan": {"plan": {}},
        "step_free": {"step_free": None},
        "capacity": {"capacity": None, "capacity_per_unit": None},
        "capacity_per_unit": {"capacity_per_unit": None},
        "area_m2": {"area_m2": None},
        "layouts": {"layouts": {}},
        "equipment": {"equipment": ()},
        "price": {"price_hour": None, "price_half_day": None, "price_day": None, "vat_rate": None},
    }


def _extra_unknowns() -> dict[str, dict[str, Any]]:
    """The same for an extra."""
    return {
        "description": {"description": no_words()},
        "price": {"price": None, "vat_rate": None},
    }

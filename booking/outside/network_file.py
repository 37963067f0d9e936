"""Reads a network file (docs/network-file.md) into a plan, or tells everything wrong with it."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from booking.outside import network_extras as extras
from booking.outside import network_values as v
from booking.outside.network_fields import Fields, Wrong, filled, listed, mapping
from booking.outside.network_marks import MARKS, invented, marks
from booking.outside.network_places import drawing, hours, takes, units
from booking.outside.network_policy import EVERYBODY, misfits, policy
from booking.outside.yaml_nodes import Node, compose
from booking.rules.holidays import CODES, ZONES
from booking.rules.network import (
    KINDS,
    LAYOUTS,
    NOTHING_SAID,
    OFFERS,
    BadNetworkFile,
    NetworkPlan,
    OperatorPlan,
    OrganisationPlan,
    Problem,
    SpacePlan,
    VenuePlan,
    no_words,
)
from booking.rules.policies import RESIDENTS, Terms

LARGEST = 5_000_000  # bytes

NETWORK_KEYS = ("name", "demo", "organisations", "policies", "operators", "venues")
ORGANISATION_FACTS = ("name", "venues")
VENUE_FACTS = (
    *("operator", "name", "summary", "description", "address", "postcode", "city"),
    *("coordinates", "timezone", "ceiling", "step_free", "phone", "email", "access"),
    *("hours", "holidays", "school_zone", "day_parts", "policy", "trainings", "units"),
)
SPACE_FACTS = (
    *("name", "description", "kind", "offer", "takes", "plan", "capacity", "capacity_per_unit"),
    *("area_m2", "layouts", "step_free", "equipment", "hours", "price", "training", "policy"),
)
NO_HOLIDAYS = "no"


@dataclass(frozen=True)
class Known:
    """What spaces and extras of a venue may name. ``codes`` None: its units cannot be read."""

    codes: Collection[str] | None
    trainings: Collection[str]
    policies: dict[str, Terms]
    organisations: Collection[str]


def read(path: Path | str) -> NetworkPlan:
    """The plan the file describes. Raises BadNetworkFile with all problems found."""
    problems: list[Problem] = []
    plan = None
    try:
        root = compose(_text(Path(path)), problems)
        plan = _network(root) if root else None
    except Wrong as found:
        problems += found.problems
    if problems or plan is None:
        raise BadNetworkFile(problems)
    return plan


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except OSError as error:
        raise Wrong([Problem(0, "", f"cannot be read: {error.strerror}")]) from error
    if len(raw) > LARGEST:
        raise Wrong([Problem(0, "", f"the file is larger than {LARGEST // 1_000_000} MB")])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise Wrong([Problem(line, "", "the file must be written in UTF-8")]) from error


def _network(root: Node) -> NetworkPlan:
    fields = Fields(root, NETWORK_KEYS)
    venue_nodes = fields.need("venues", filled, {})
    organisation = partial(_organisation, venues=venue_nodes.keys())
    organisations = fields.each(fields.may("organisations", mapping, {}), organisation, None)
    written = policy({}, organisations.keys())
    shared = fields.may("policies", mapping, {})
    policies = fields.each(shared, lambda _, node: written(node), NOTHING_SAID)
    nobody = OperatorPlan(slug="", name="", legal_form="", public_body=False)
    operators = fields.each(fields.need("operators", filled, {}), _operator, nobody)
    known = Known(None, (), policies, organisations.keys())
    venue = partial(_venue, operators=operators.keys(), known=known)
    venues = fields.each(venue_nodes, venue, None)
    plan = NetworkPlan(
        name=fields.need("name", v.words(v.line_of_text), no_words()),
        demo=fields.may("demo", v.flag, False),
        operators=tuple(operators.values()),
        venues=tuple(plan for plan in venues.values() if plan),
        organisations=tuple(plan for plan in organisations.values() if plan),
    )
    fields.done()
    return plan


def _organisation(slug: str, node: Node, *, venues: Collection[str]) -> OrganisationPlan:
    fields = Fields(node, (*ORGANISATION_FACTS, "demo"))
    free = slug not in (RESIDENTS, EVERYBODY)
    fields.check(free, f'"{slug}" says who may reserve: choose another slug')
    at_home = fields.may("venues", listed(v.one_of(venues, "venue"), or_one=True), ())
    plan = OrganisationPlan(
        slug=slug,
        name=fields.need("name", v.line_up_to(120), ""),
        venues=tuple(dict.fromkeys(at_home)),
        demo_fields=invented(fields, ORGANISATION_FACTS),
    )
    fields.done()
    return plan


def _operator(slug: str, node: Node) -> OperatorPlan:
    fields = Fields(node, ("name", "legal_form", "public_body"))
    plan = OperatorPlan(
        slug=slug,
        name=fields.need("name", v.line_of_text, ""),
        legal_form=fields.need("legal_form", v.line_of_text, ""),
        public_body=fields.need("public_body", v.flag, False),
    )
    fields.done()
    return plan


def _venue(slug: str, node: Node, *, operators: Collection[str], known: Known) -> VenuePlan:
    fields = Fields(node, (*VENUE_FACTS, *MARKS, "extras", "spaces"))
    own_units = fields.need("units", units, None)
    codes = None if own_units is None else [unit.code for unit in own_units]
    trainings = fields.each(fields.may("trainings", mapping, {}), extras.training, None)
    day_parts = fields.each(fields.may("day_parts", mapping, {}), extras.day_part, None)
    here = Known(codes, trainings.keys(), known.policies, known.organisations)
    nodes = fields.need("spaces", filled, {})
    spaces = fields.each(nodes, partial(_space, known=here), None)
    extra = partial(extras.extra, codes=codes, spaces=nodes.keys())
    beside = fields.each(fields.may("extras", mapping, {}), extra, None)
    lat, lon = fields.may("coordinates", _coordinates, (None, None))
    demo, sources = marks(fields, VENUE_FACTS)
    plan = VenuePlan(
        slug=slug,
        operator=fields.need("operator", v.one_of(operators, "operator"), ""),
        name=fields.need("name", v.words(v.line_of_text), no_words()),
        summary=fields.need("summary", v.words(v.line_of_text), no_words()),
        description=fields.may("description", v.words(v.long_text), no_words()),
        address=fields.need("address", v.line_of_text, ""),
        postcode=fields.need("postcode", v.line_up_to(20), ""),
        city=fields.need("city", v.line_up_to(100), ""),
        timezone=fields.need("timezone", v.zone, ""),
        lat=lat,
        lon=lon,
        ceiling=fields.may("ceiling", v.whole, None),
        step_free=fields.may("step_free", v.flag, None),
        phone=fields.may("phone", v.phone, None),
        email=fields.may("email", v.email, None),
        access=fields.may("access", v.words(v.long_text), None),
        hours=fields.may("hours", hours, ()),
        holidays=fields.may("holidays", _holidays, None),
        school_zone=fields.may("school_zone", v.one_of(ZONES, "school zone"), None),
        day_parts=tuple(plan for plan in day_parts.values() if plan),
        policy=fields.may("policy", policy(known.policies, known.organisations), NOTHING_SAID),
        trainings=tuple(plan for plan in trainings.values() if plan),
        extras=tuple(plan for plan in beside.values() if plan),
        units=own_units or (),
        spaces=tuple(plan for plan in spaces.values() if plan),
        demo_fields=demo,
        sources=sources,
    )
    _check_venue(fields, plan, nodes)
    fields.done()
    return plan


def _check_venue(fields: Fields, plan: VenuePlan, spaces: dict[str, Node]) -> None:
    """What venue, spaces and extras must be to each other; what each is alone is checked before."""
    for space in plan.spaces:
        at = mapping(spaces[space.slug]).get("policy", spaces[space.slug])
        for _, reason in misfits(plan.policy, space.policy) if plan.policy != NOTHING_SAID else ():
            fields.check(False, f"together with the venue’s policy: {reason}", at)
    for extra in plan.extras:
        beside = [s for s in plan.spaces if not extra.spaces or s.slug in extra.spaces]
        for code, space in [(code, s) for s in beside for code in extra.units if code in s.units]:
            reason = f'"{space.slug}" takes "{code}" too: say which spaces it goes with (spaces)'
            fields.check(False, reason, mapping(fields.pairs["extras"])[extra.slug])


def _holidays(node: Node) -> str | None:
    written = v.one_of((*CODES, NO_HOLIDAYS), "country")(node)
    return None if written == NO_HOLIDAYS else written


def _coordinates(node: Node) -> tuple[float | None, float | None]:
    fields = Fields(node, ("lat", "lon"))
    lat = fields.need("lat", v.degrees(90), None)
    lon = fields.need("lon", v.degrees(180), None)
    fields.done()
    return lat, lon


def _space(slug: str, node: Node, *, known: Known) -> SpacePlan:
    fields = Fields(node, (*SPACE_FACTS, *MARKS))
    demo, sources = marks(fields, SPACE_FACTS)
    own_units = fields.need("takes", takes(known.codes), ())
    hour, half_day, day, vat = fields.may("price", extras.prices, extras.NO_PRICES)
    plan = SpacePlan(
        slug=slug,
        name=fields.need("name", v.words(v.line_of_text), no_words()),
        description=fields.may("description", v.words(v.long_text), no_words()),
        kind=fields.need("kind", v.one_of(KINDS, "kind"), ""),
        offer=fields.need("offer", v.one_of(OFFERS, "offer"), ""),
        units=own_units,
        plan=fields.may("plan", drawing(own_units), {}) if own_units else {},
        policy=fields.may("policy", policy(known.policies, known.organisations), NOTHING_SAID),
        hours=fields.may("hours", hours, ()),
        step_free=fields.may("step_free", v.flag, None),
        capacity=fields.may("capacity", v.whole, None),
        capacity_per_unit=fields.may("capacity_per_unit", v.whole, None),
        area_m2=fields.may("area_m2", v.whole, None),
        layouts=fields.may("layouts", _layouts, {}),
        equipment=fields.may("equipment", listed(extras.thing()), ()),
        price_hour=hour,
        price_half_day=half_day,
        price_day=day,
        vat_rate=vat,
        training=fields.may("training", v.one_of(known.trainings, "training"), None),
        demo_fields=demo,
        sources=sources,
    )
    _check_space(fields, plan)
    fields.done()
    return plan


def _check_space(fields: Fields, plan: SpacePlan) -> None:
    """What its values must be to each other; each check passes where a value is unknown."""
    most, one = plan.capacity, plan.capacity_per_unit
    fields.check(
        plan.offer != "whole" or one is None,
        "people per unit belong to a pool: say capacity only",
        "capacity_per_unit",
    )
    fields.check(plan.offer != "whole" or not plan.plan, "a plan belongs to a pool", "plan")
    fields.check(not (most and one and one > most), "is above the capacity", "capacity_per_unit")
    for layout, people in plan.layouts.items():
        fits = most is None or people <= most
        fields.check(fits, f"{layout}: {people} is above the capacity of {most}", "layouts")


def _layouts(node: Node) -> dict[str, int]:
    fields = Fields(node, LAYOUTS)
    people = {key: fields.may(key, v.whole, 1) for key in LAYOUTS if fields.has(key)}
    fields.done()
    return people

"""Reads a network file (docs/network-file.md) into a plan, or tells everything wrong with it."""

from collections.abc import Collection
from decimal import Decimal
from functools import partial
from pathlib import Path

from booking.outside import network_values as v
from booking.outside.network_fields import Fields, Wrong, filled, listed, mapping
from booking.outside.network_places import hours, takes, units
from booking.outside.yaml_nodes import Node, compose
from booking.rules.network import (
    KINDS,
    LAYOUTS,
    OFFERS,
    BadNetworkFile,
    NetworkPlan,
    OperatorPlan,
    Problem,
    SpacePlan,
    VenuePlan,
    no_words,
)
from booking.rules.policies import ALWAYS, NEVER, USUAL, Terms

LARGEST = 5_000_000  # bytes
DAY = 1440  # minutes

MARKS = ("sourced", "demo", "sources")
VENUE_FACTS = (
    *("operator", "name", "summary", "description", "address", "postcode", "city"),
    *("coordinates", "timezone", "ceiling", "step_free", "phone", "email", "access"),
    *("hours", "units"),
)
SPACE_FACTS = (
    *("name", "description", "kind", "offer", "takes", "capacity", "capacity_per_unit"),
    *("area_m2", "layouts", "equipment", "price", "policy"),
)
POLICY_MINUTES = (
    *("buffer_before", "buffer_after", "notice", "shortest", "longest", "grid"),
    "cancel_notice",
)
# Stands in for a policy that could not be read; never leaves this module.
NO_POLICY = Terms(approval=ALWAYS)


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
    fields = Fields(root, ("name", "demo", "policies", "operators", "venues"))
    shared = fields.may("policies", mapping, {})
    policies = fields.each(shared, lambda _, node: _policy(node, {}), NO_POLICY)
    nobody = OperatorPlan(slug="", name="", legal_form="", public_body=False)
    operators = fields.each(fields.need("operators", filled, {}), _operator, nobody)
    venue = partial(_venue, operators=operators.keys(), policies=policies)
    venues = fields.each(fields.need("venues", filled, {}), venue, None)
    plan = NetworkPlan(
        name=fields.need("name", v.words(v.line_of_text), no_words()),
        demo=fields.may("demo", v.flag, False),
        operators=tuple(operators.values()),
        venues=tuple(plan for plan in venues.values() if plan),
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


def _policy(node: Node, named: dict[str, Terms]) -> Terms:
    """A policy written out, the name of a shared one, or ``like`` one with changes."""
    shared = v.one_of(named, "policy")
    if isinstance(node.value, str):
        return named[shared(node)]
    fields = Fields(node, ("like", "approval", *POLICY_MINUTES, "horizon"))
    base = named.get(fields.may("like", shared, ""))
    usual = base or Terms()
    approve = v.one_of((NEVER, ALWAYS), "approval")
    plan = Terms(
        approval=fields.may("approval", approve, usual.approval),
        horizon=fields.may("horizon", v.days, usual.horizon),
        **{key: fields.may(key, v.minutes, getattr(usual, key)) for key in POLICY_MINUTES},
    )
    if not fields.problems:
        _check_lengths(fields, plan)
    fields.done()
    return plan


def _check_lengths(fields: Fields, plan: Terms) -> None:
    """The lengths must fit each other, wherever they come from: the reasons name them."""
    grid = USUAL.grid if plan.grid is None else plan.grid
    if grid == 0 or DAY % grid:
        fields.check(False, "grid must divide a day evenly: 15 min, 30 min, 1 h", "grid")
        return
    shortest = USUAL.shortest if plan.shortest is None else plan.shortest
    longest = USUAL.longest if plan.longest is None else plan.longest
    for key, length in (("shortest", shortest), ("longest", longest)):
        fields.check(length % grid == 0, f"{key} must be a multiple of the grid, {grid} min", key)
    fields.check(shortest > 0, "shortest must be more than nothing", "shortest")
    fields.check(longest >= shortest, "longest must not be below shortest", "longest")
    fields.check(longest <= 31 * DAY, "longest must be at most 31 days", "longest")
    for key in ("buffer_before", "buffer_after"):
        fields.check((getattr(plan, key) or 0) <= DAY, f"{key} must be at most one day", key)


def _venue(
    slug: str, node: Node, *, operators: Collection[str], policies: dict[str, Terms]
) -> VenuePlan:
    fields = Fields(node, (*VENUE_FACTS, *MARKS, "spaces"))
    own_units = fields.need("units", units, None)
    codes = None if own_units is None else [unit.code for unit in own_units]
    space = partial(_space, codes=codes, policies=policies)
    spaces = fields.each(fields.need("spaces", filled, {}), space, None)
    lat, lon = fields.may("coordinates", _coordinates, (None, None))
    demo, sources = _marks(fields, VENUE_FACTS)
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
        units=own_units or (),
        spaces=tuple(plan for plan in spaces.values() if plan),
        demo_fields=demo,
        sources=sources,
    )
    fields.done()
    return plan


def _coordinates(node: Node) -> tuple[float | None, float | None]:
    fields = Fields(node, ("lat", "lon"))
    lat = fields.need("lat", v.degrees(90), None)
    lon = fields.need("lon", v.degrees(180), None)
    fields.done()
    return lat, lon


def _space(
    slug: str, node: Node, *, codes: Collection[str] | None, policies: dict[str, Terms]
) -> SpacePlan:
    fields = Fields(node, (*SPACE_FACTS, *MARKS))
    demo, sources = _marks(fields, SPACE_FACTS)
    hour, half_day, day, vat = fields.may("price", _price, (None, None, None, None))
    plan = SpacePlan(
        slug=slug,
        name=fields.need("name", v.words(v.line_of_text), no_words()),
        description=fields.may("description", v.words(v.long_text), no_words()),
        kind=fields.need("kind", v.one_of(KINDS, "kind"), ""),
        offer=fields.need("offer", v.one_of(OFFERS, "offer"), ""),
        units=fields.need("takes", takes(codes), ()),
        policy=fields.need("policy", lambda node: _policy(node, policies), NO_POLICY),
        capacity=fields.may("capacity", v.whole, None),
        capacity_per_unit=fields.may("capacity_per_unit", v.whole, None),
        area_m2=fields.may("area_m2", v.whole, None),
        layouts=fields.may("layouts", _layouts, {}),
        equipment=fields.may("equipment", listed(v.words(v.line_of_text)), ()),
        price_hour=hour,
        price_half_day=half_day,
        price_day=day,
        vat_rate=vat,
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
    fields.check(not (most and one and one > most), "is above the capacity", "capacity_per_unit")
    for layout, people in plan.layouts.items():
        fits = most is None or people <= most
        fields.check(fits, f"{layout}: {people} is above the capacity of {most}", "layouts")


def _layouts(node: Node) -> dict[str, int]:
    fields = Fields(node, LAYOUTS)
    people = {key: fields.may(key, v.whole, 1) for key in LAYOUTS if fields.has(key)}
    fields.done()
    return people


def _price(node: Node) -> tuple[int | None, int | None, int | None, Decimal | None]:
    fields = Fields(node, ("hour", "half_day", "day", "vat"))
    hour = fields.may("hour", v.cents, None)
    half_day = fields.may("half_day", v.cents, None)
    day = fields.may("day", v.cents, None)
    vat = fields.need("vat", v.percent, None)
    given = any(fields.has(key) for key in ("hour", "half_day", "day"))
    fields.check(given, "say a price per hour, half_day or day")
    fields.done()
    return hour, half_day, day, vat


def _marks(fields: Fields, facts: Collection[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The invented fields and the sources. ``demo: all`` marks every field that is given."""
    given = tuple(key for key in facts if fields.has(key))
    marked = listed(v.one_of(facts, "field"))

    def invented(node: Node) -> tuple[str, ...]:
        return given if node.value == "all" else marked(node)

    sourced = fields.may("sourced", marked, ())
    demo = fields.may("demo", invented, ())
    sources = fields.may("sources", listed(v.source_named), ())
    for both in sorted(set(sourced) & set(demo)):
        fields.check(False, f'"{both}" is marked both sourced and demo', "demo")
    fields.check(
        not sourced or fields.has("sources"),
        "name the sources of these fields (sources)",
        "sourced",
    )
    return demo, sources

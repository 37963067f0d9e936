"""The demo network: the four venues, honestly marked, and what production leaves out of them."""

from pathlib import Path

import yaml

from booking.outside.network_file import read
from booking.rules.network import FEATURES, KINDS, NetworkPlan, VenuePlan
from booking.rules.network_demo import without_demo

DEMO = Path(__file__).parents[2] / "booking/data/demo-network.yaml"


def venue(plan: NetworkPlan, slug: str) -> VenuePlan:
    return next(one for one in plan.venues if one.slug == slug)


def test_the_demo_network_holds_the_four_venues():
    plan = read(DEMO)

    assert plan.demo
    assert [one.slug for one in plan.venues] == [
        "ccilab",
        "la-coque",
        "chateau-des-baumes",
        "carrefour-innovation",
    ]
    assert {space.kind for one in plan.venues for space in one.spaces} == set(KINDS)


def test_la_coque_as_a_whole_takes_every_unit():
    coque = venue(read(DEMO), "la-coque")

    beside = {code for extra in coque.extras for code in extra.units}
    assert [u.code for u in coque.units if u.code not in beside] == list(coque.spaces[0].units)


def test_every_value_of_the_demo_is_marked():
    """A fact nobody marked would pass for an operator's word."""
    tree = yaml.load(DEMO.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    things = dict(tree["venues"])
    for part in ("spaces", "extras"):
        things |= {f"{v}/{s}": x for v, y in tree["venues"].items() for s, x in y[part].items()}
    marks = {"sourced", "demo", "sources", "spaces", "extras", "timezone"}

    unmarked = {
        f"{path}: {key}"
        for path, thing in things.items()
        for key in set(thing) - marks - set(thing.get("sourced", ())) - set(thing.get("demo", ()))
        if thing.get("demo") != "all" and thing[key] != "null"
    }

    assert not unmarked


def test_the_demo_network_uses_all_a_file_can_say():
    """What is not in it nobody can try: machines, rooms drawn, what one can search for."""
    plan = read(DEMO)
    spaces = [space for one in plan.venues for space in one.spaces]

    said = {name for space in spaces for name, value in vars(space.policy).items() if value}
    assert {"competing", "nights", "quotas", "who", "ask_above", "ask_outside_hours"} <= said
    assert {"activities", "named_people", "check_in", "ask_after_absences", "visitors"} <= said
    assert all(any(space.plan for space in one.spaces) for one in plan.venues)
    assert all(one.extras and one.day_parts and one.holidays for one in plan.venues)
    assert {thing.get("is") for space in spaces for thing in space.equipment} >= set(FEATURES)
    assert all(space.training for space in spaces if space.kind == "machine")


def test_the_day_has_other_parts_in_other_venues():
    parts = {one.slug: one.day_parts[0] for one in read(DEMO).venues}

    assert len({(part.opens, part.closes) for part in parts.values()}) == 4


def test_production_gets_no_invented_extra_and_no_invented_company():
    plan, dropped = without_demo(read(DEMO))

    assert not any(one.extras or one.day_parts or one.trainings for one in plan.venues)
    assert not any(space.plan or space.hours for one in plan.venues for space in one.spaces)
    assert [one.slug for one in plan.organisations] == ["office-de-tourisme-istres", "onexperience"]
    assert {"organisation mistral-prototypes", "la-coque/technician: the whole extra"} <= set(
        dropped
    )


def test_production_gets_no_invented_figure():
    plan, dropped = without_demo(read(DEMO))

    assert not plan.demo
    for one in plan.venues:
        assert (one.hours, one.ceiling, one.lat, one.lon) == ((), None, None, None)
        assert not any(space.price_hour or space.price_day for space in one.spaces)
        assert not any(space.capacity_per_unit for space in one.spaces)
    assert {"la-coque: hours", "la-coque/plateau-tv: price"} <= set(dropped)


def test_production_keeps_what_a_source_says():
    plan, dropped = without_demo(read(DEMO))
    hall, coque = venue(plan, "ccilab").spaces[0], venue(plan, "la-coque").spaces[0]

    assert (hall.capacity, hall.area_m2, hall.layouts["seated"]) == (600, 1120, 500)
    assert (coque.capacity, coque.area_m2, len(coque.equipment)) == (None, 426, 4)
    assert "ccilab/grand-hall: capacity" not in dropped
    assert venue(plan, "chateau-des-baumes").phone == "04 90 45 96 14"
    assert venue(plan, "la-coque").address == ""


def test_production_leaves_out_spaces_that_are_invented_as_a_whole():
    plan, dropped = without_demo(read(DEMO))

    assert "la-coque/agora: the whole space" in dropped
    assert [space.slug for space in venue(plan, "la-coque").spaces] == [
        "la-coque-entiere",
        "plateau-tv",
    ]


def test_production_leaves_out_units_nobody_takes():
    ccilab = venue(without_demo(read(DEMO))[0], "ccilab")

    assert "pytheas" not in [unit.code for unit in ccilab.units]
    assert "desk-20" in [unit.code for unit in ccilab.units]


def test_what_stays_though_invented_keeps_its_mark():
    studio = venue(without_demo(read(DEMO))[0], "la-coque").spaces[1]

    assert studio.demo_fields == ("name", "offer", "takes", "policy")

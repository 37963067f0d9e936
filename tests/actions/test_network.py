"""Loading a network: what the plan says, twice the same, and nothing is ever deleted."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from booking import demo
from booking.actions import network as act
from booking.db import Base, db
from booking.errors import Refused
from booking.outside import network_file
from booking.queries.venues import atlas, network
from booking.rules.network import (
    DayPart,
    ExtraPlan,
    NetworkPlan,
    OperatorPlan,
    OrganisationPlan,
    SpacePlan,
    TrainingPlan,
    UnitPlan,
    VenuePlan,
)
from booking.rules.policies import Quota, Terms
from tests import make
from tests.make import NOW, words

pytestmark = pytest.mark.usefixtures("app")
SPACE = SpacePlan(
    slug="hall",
    name=words("Hall"),
    description=words(""),
    kind="event_hall",
    offer="whole",
    units=("a", "b"),
    policy=Terms(approval="always", buffer_before=30),
    capacity=80,
    layouts={"theatre": 80},
    equipment=(words("Micro"),),
    price_hour=12_000,
    vat_rate=Decimal("20.00"),
    demo_fields=("price",),
)
HALF = replace(SPACE, slug="half", name=words("Half"), units=("a",), capacity=40)
VENUE = VenuePlan(
    slug="quay",
    operator="port",
    name=words("Quay"),
    summary=words(""),
    description=words(""),
    address="1 quai du Port",
    postcode="13002",
    city="Marseille",
    timezone="Europe/Paris",
    hours=((0, 540, 1080), (1, 540, 1080)),
    units=(UnitPlan("a", words("A")), UnitPlan("b", words("B"))),
    spaces=(SPACE, HALF),
)
PLAN = NetworkPlan(
    name=words("Network"),
    demo=False,
    operators=(OperatorPlan(slug="port", name="Port", legal_form="", public_body=True),),
    venues=(VENUE,),
)
SAID = Terms(
    approval="never",
    ask_above=8,
    competing=True,
    who=("residents", "club"),
    quotas=(Quota(3, "reservations", "week", "member"), Quota(60, "minutes", "day", "member")),
    named_people=2,
    activities=("making",),
    check_in=15,
    ask_after_absences=3,
    visitors=True,
)
BENCHES = SpacePlan(
    slug="benches",
    name=words("Benches"),
    description=words(""),
    kind="machine",
    offer="pool",
    units=("c", "d"),
    policy=SAID,
    hours=((5, 540, 720),),
    plan={"c": (0, 0), "d": (3, 1)},
    step_free=True,
    equipment=({**words("Micro"), "is": "microphones"},),
    training="lathe",
)
RICH_VENUE = replace(
    VENUE,
    holidays="FR",
    school_zone="B",
    day_parts=(DayPart("morning", words("Morning"), 540, 780),),
    policy=Terms(horizon=90, quotas=(Quota(10, "reservations", "month", "organisation"),)),
    trainings=(TrainingPlan("lathe", words("Lathe")),),
    extras=(
        ExtraPlan(
            slug="projector",
            name=words("Projector"),
            description=words(""),
            units=("p1", "p2"),
            price=3000,
            vat_rate=Decimal("20.00"),
            spaces=("hall",),
            demo_fields=("price",),
        ),
        ExtraPlan(slug="meal", name=words("Meal"), description=words(""), on_request=True),
    ),
    units=tuple(UnitPlan(code, words(code)) for code in ("a", "b", "c", "d", "p1", "p2")),
    spaces=(SPACE, HALF, BENCHES),
)
RICH = replace(
    PLAN,
    venues=(RICH_VENUE,),
    organisations=(OrganisationPlan(slug="club", name="Club", venues=("quay",)),),
)


def load(plan):
    return act.load(plan, now=NOW)


def everything():
    """All rows of all tables but the ids of hours, which are written anew, and the version."""
    hidden = {("opening_hours", "id"), ("network", "version")}
    found = {}
    for table in Base.metadata.sorted_tables:
        columns = [c for c in table.c if (table.name, c.name) not in hidden]
        found[table.name] = sorted(map(repr, db.session.execute(select(*columns))))
    return found


def changed(**venue):
    return replace(PLAN, venues=(replace(VENUE, **venue),))


def test_a_plan_becomes_an_atlas():
    load(PLAN)

    hall = atlas().space("quay", "hall")
    assert (hall.space.capacity, hall.space.vat_rate) == (80, Decimal("20.00"))
    assert (hall.rules.approval, hall.rules.buffer_before) == ("always", 30)
    assert hall.space.equipment == [words("Micro")]
    assert [span.opens for span in hall.venue.hours.weekly] == [540, 540]


def test_spaces_over_the_same_units_share_them():
    load(PLAN)

    hall = atlas().space("quay", "hall")
    assert [space.slug for space in atlas().sharing(hall)] == ["hall", "half"]


def test_loading_twice_changes_nothing():
    load(PLAN)
    before = everything()

    left = load(PLAN)

    assert (left, everything()) == ([], before)


def test_loading_everything_a_plan_can_say_twice_changes_nothing():
    load(RICH)
    before = everything()

    left = load(RICH)

    assert (left, everything()) == ([], before)


def test_what_a_plan_says_of_rules_and_people_is_in_the_atlas():
    load(RICH)

    places = atlas()
    benches = places.space("quay", "benches")
    assert benches.rules.quotas == (
        Quota(10, "reservations", "month", "organisation", "venue"),
        *(replace(quota, scope="space") for quota in SAID.quotas or ()),
    )
    assert (benches.rules.horizon, benches.rules.training) == (90, words("Lathe"))
    assert (benches.rules.who, benches.rules.competing) == (
        (frozenset({"residents", "club"}),),
        True,
    )
    assert places.organisations["club"].venue_ids == {benches.venue.id}


def test_what_a_plan_draws_and_lends_is_in_the_atlas():
    load(RICH)

    quay = atlas().venue("quay")
    benches = quay.space("benches")
    assert [benches.plan[unit] for unit in benches.units] == [(0, 0), (3, 1)]
    assert [span.weekday for span in benches.hours.weekly] == [5]
    assert benches.space.equipment[0]["is"] == "microphones"
    assert [(one.slug, len(one.units)) for one in quay.extras] == [("projector", 2), ("meal", 0)]
    assert quay.venue.day_parts[0]["opens"] == 540


def test_what_a_plan_no_longer_says_is_unsaid():
    load(RICH)

    load(replace(RICH, venues=(replace(RICH_VENUE, policy=Terms(), extras=()),)))

    quay = atlas().venue("quay")
    assert (quay.space("hall").rules.horizon, quay.space("hall").rules.quotas) == (180, ())
    assert [one.slug for one in quay.extras] == ["projector", "meal"]


def test_a_changed_plan_changes_the_rows_in_place():
    load(PLAN)
    old = atlas().space("quay", "hall")

    load(changed(spaces=(replace(SPACE, capacity=60), HALF), hours=()))

    new = atlas().space("quay", "hall")
    assert (new.id, new.units, new.space.capacity) == (old.id, old.units, 60)
    assert new.venue.hours.weekly == []


def test_a_changed_policy_is_in_force_at_once():
    load(PLAN)

    load(changed(spaces=(replace(SPACE, policy=Terms(approval="never")),)))

    assert atlas().space("quay", "hall").rules.approval == "never"


def test_a_space_can_be_given_other_units():
    load(PLAN)

    load(changed(spaces=(replace(SPACE, units=("b",)), HALF)))

    places = atlas()
    assert places.sharing(places.space("quay", "half")) == [places.space("quay", "half")]


def test_the_plan_gives_the_order():
    load(PLAN)

    load(changed(spaces=(HALF, SPACE), units=VENUE.units[::-1]))

    quay = atlas().venue("quay")
    assert [space.slug for space in quay.spaces] == ["half", "hall"]
    assert [unit.code for unit in quay.units.values()] == ["b", "a"]


def test_what_the_plan_no_longer_names_stays_and_is_reported():
    load(PLAN)

    left = load(changed(spaces=(HALF,), units=VENUE.units[:1]))

    assert left == ["quay/b", "quay/hall"]
    assert atlas().space("quay", "hall").units


def test_a_venue_that_the_plan_no_longer_names_stays_and_is_reported():
    load(PLAN)

    assert load(replace(PLAN, venues=())) == ["quay"]
    assert atlas().venue("quay")


def test_the_network_has_the_name_of_its_plan():
    load(PLAN)
    load(replace(PLAN, name=words("New"), demo=True))

    assert (network().name, network().demo) == (words("New"), True)


def test_the_demonstration_can_be_loaded_twice():
    plan = network_file.read(demo.FILE)
    load(plan)
    before = everything()

    assert load(plan) == []
    assert everything() == before


def test_loading_does_not_touch_reservations():
    load(replace(PLAN, venues=(replace(VENUE, hours=make.DAILY),)))
    made = make.reservation(atlas().space("quay", "half"))

    load(PLAN)

    assert (made.state, everything()["occupancy"][0] != "") == ("requested", True)


def test_a_space_that_is_reserved_does_not_change_its_units():
    load(replace(PLAN, venues=(replace(VENUE, hours=make.DAILY),)))
    make.reservation(atlas().space("quay", "half"))

    with pytest.raises(Refused) as no:
        load(changed(spaces=(SPACE, replace(HALF, units=("b",)))))

    assert [broken.facts["space"] for broken in no.value.refusals] == ["quay/half"]


def test_what_was_reserved_once_does_not_keep_a_space_from_changing():
    load(replace(PLAN, venues=(replace(VENUE, hours=make.DAILY),)))
    make.reservation(atlas().space("quay", "half"))

    later = NOW + timedelta(days=30)
    act.load(changed(spaces=(SPACE, replace(HALF, units=("b",)))), now=later)

    assert len(atlas().space("quay", "half").units) == 1

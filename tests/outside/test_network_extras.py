"""What a network file says beside rooms and rules: plans, periods, trainings, extras, people."""

import re
from decimal import Decimal

import pytest

from booking.rules.network import DayPart, NetworkPlan, TrainingPlan, UnitPlan
from booking.rules.network_demo import without_demo
from tests.outside.test_network_file import plan_of, problems_of

WHOLE = """\
name: {fr: Réseau, en: Network}
organisations:
  club:
    name: Club
    venues: [house]
  firm: {name: Firm, demo: all}
operators:
  town: {name: Town, legal_form: commune, public_body: yes}
venues:
  house:
    operator: town
    name: {fr: Maison, en: House}
    summary: {fr: Centre, en: Centre}
    address: 2 place du Marché
    postcode: 13990
    city: Pont-Neuf
    timezone: Europe/Paris
    holidays: FR
    school_zone: B
    day_parts:
      morning: {name: {fr: Matin, en: Morning}, hours: "09:00-13:00"}
      evening: {name: {fr: Soirée, en: Evening}, hours: 18:00-24:00}
    trainings:
      laser: {name: {fr: Laser, en: Laser}}
      lathe: {name: {fr: Tour, en: Lathe}}
    extras:
      projector:
        name: {fr: Projecteur, en: Projector}
        description: {fr: Avec câble, en: With its cable}
        takes: [projector-1..2]
        price: 30 €
        vat: 20 %
        spaces: [desks]
      meal: {name: {fr: Repas, en: Meal}, on_request: yes, demo: all}
    units:
      desk-08..12: {fr: Poste, en: Desk}
      bench-1: {fr: Établi, en: Bench}
      laser: {fr: Laser, en: Laser}
      projector-1..2: {fr: Projecteur, en: Projector}
    spaces:
      desks:
        name: {fr: Postes, en: Desks}
        kind: open_space
        offer: pool
        takes: [desk-08..12, bench-1]
        step_free: yes
        plan: |
          8 9 . 10
          .. bench-1

          desk-11 ... 12
        equipment:
          - {fr: Wi-Fi, en: Wi-Fi, is: wifi}
          - {fr: Casiers, en: Lockers}
      laser:
        name: {fr: Laser, en: Laser}
        kind: machine
        offer: whole
        takes: [laser]
        training: laser
        hours:
          sat: 09:00-17:00
"""


def test_all_of_it_is_read(tmp_path):
    plan = plan_of(WHOLE, tmp_path)
    (house,) = plan.venues
    projector, meal = house.extras

    assert [(one.slug, one.name, one.venues) for one in plan.organisations] == [
        ("club", "Club", ("house",)),
        ("firm", "Firm", ()),
    ]
    assert (house.holidays, house.school_zone) == ("FR", "B")
    assert house.day_parts[1] == DayPart("evening", {"fr": "Soirée", "en": "Evening"}, 1080, 1440)
    assert house.trainings[0] == TrainingPlan("laser", {"fr": "Laser", "en": "Laser"})
    assert (projector.units, projector.price, projector.vat_rate, projector.spaces) == (
        ("projector-1", "projector-2"),
        3000,
        Decimal(20),
        ("desks",),
    )
    assert (meal.units, meal.on_request, meal.price) == ((), True, None)
    assert UnitPlan("projector-1", {"fr": "Projecteur\u00a01", "en": "Projector\u00a01"}) in (
        house.units
    )


def test_a_space_is_read_with_its_plan_and_its_hours(tmp_path):
    desks, laser = plan_of(WHOLE, tmp_path).venues[0].spaces

    assert desks.plan == {
        "desk-08": (0, 0),
        "desk-09": (1, 0),
        "desk-10": (3, 0),
        "bench-1": (2, 1),
        "desk-11": (0, 3),
        "desk-12": (4, 3),
    }
    assert desks.equipment[0] == {"fr": "Wi-Fi", "en": "Wi-Fi", "is": "wifi"}
    assert (desks.step_free, laser.step_free) == (True, None)
    assert (desks.hours, laser.hours) == ((), ((5, 540, 1020),))
    assert laser.training == "laser"


@pytest.mark.parametrize("written", ["no", "null"])
def test_a_venue_may_be_open_on_holidays(written, tmp_path):
    (house,) = plan_of(WHOLE.replace("holidays: FR", f"holidays: {written}"), tmp_path).venues

    assert house.holidays is None


# What is written instead of what, the line of the problem, and a piece of its reason.
BAD = {
    "home nowhere": ("venues: [house]", "venues: [hut]", 5, 'unknown venue "hut"'),
    "no name": ("{name: Firm, demo: all}", "{demo: all}", 6, '"name" is missing'),
    "a word for a slug": ("firm:", "residents:", 6, "choose another slug"),
    "another word": ("firm:", "everybody:", 6, "choose another slug"),
    "an unknown country": ("holidays: FR", "holidays: FRA", 18, "known are: FR, FR-57"),
    "an unknown zone": ("school_zone: B", "school_zone: D", 19, "known are: A, B, C"),
    "a part of a day": ("09:00-13:00", "09:00", 21, "must be a span"),
    "a part without hours": (', hours: "09:00-13:00"', "", 21, '"hours" is missing'),
    "a bad slug": ("evening:", "Evening:", 22, "small letters"),
    "a nameless training": ("laser: {name: {fr: Laser, en: Laser}}", "laser: {}", 24, "missing"),
    "no such unit": ("takes: [projector-1..2]", "takes: [projektor]", 30, "unknown unit"),
    "no stock": ("takes: [projector-1..2]", "takes: []", 30, "at least one unit"),
    "no rate": ("        vat: 20 %\n", "", 27, '"vat" is missing'),
    "a rate alone": ("        price: 30 €\n", "", 31, "say a price"),
    "no such space": ("spaces: [desks]", "spaces: [desk]", 33, 'did you mean "desks"?'),
    "a unit of its own space": ("takes: [projector-1..2]", "takes: [desk-08]", 27, '"desk-08" too'),
    "an unknown mark": ("on_request: yes, demo: all", "demo: [prize]", 34, '"price"?'),
    "an unknown feature": ("is: wifi", "is: wlan", 53, "unknown feature"),
    "a thing without English": ("{fr: Wi-Fi, en: Wi-Fi, is", "{fr: Wi-Fi, is", 53, "English"),
    "an unknown training": ("training: laser", "training: lazer", 60, 'did you mean "laser"?'),
    "a span backwards": ("09:00-17:00", "17:00-09:00", 62, "ends before it starts"),
    "an unknown desk": ("8 9 . 10", "8 9 . 13", 47, 'row 1: unknown unit "13"'),
    "an unknown code": ("desk-11 ...", "desk-1l ...", 47, 'row 4: unknown unit "desk-1l"'),
    "a desk twice": ("8 9 . 10", "8 9 . desk-09", 47, 'row 1: unit "desk-09" is drawn twice'),
    "two of one number": ("bench-1:", "bench-8:", 47, "write the whole code"),
    "a desk not drawn": ("8 9 . 10", "8 9 .", 47, 'unit "desk-10" is not drawn'),
    "too wide": ("8 9 . 10", "8 9 . 10" + " ." * 18, 47, "at most 20 columns"),
    "too long": ("8 9 . 10", "8 9 . 10" + "\n          ." * 40, 47, "40 rows"),
    "a plan of a whole": ("training: laser", "plan: laser", 60, "belongs to a pool"),
    "a list for a plan": ("plan: |\n", "plan: [8]\n        x: |\n", 47, "must be a text"),
}


@pytest.mark.parametrize(("old", "new", "line", "reason"), BAD.values(), ids=BAD)
def test_what_is_wrong_is_told_with_its_line(old, new, line, reason, tmp_path):
    assert old in WHOLE
    text = WHOLE.replace(old, new, 1)
    if old == "bench-1:":
        text = text.replace("bench-1", "bench-8")

    problems = problems_of(text, tmp_path)

    assert line in [at for at, why in problems if reason in why], problems


def real(text: str, tmp_path) -> tuple[NetworkPlan, list[str]]:
    return without_demo(plan_of(text, tmp_path))


def test_production_gets_no_invented_extra_and_no_invented_organisation(tmp_path):
    plan, dropped = real(WHOLE, tmp_path)

    assert [one.slug for one in plan.organisations] == ["club"]
    assert [one.slug for one in plan.venues[0].extras] == ["projector"]
    assert dropped == ["house/meal: the whole extra", "organisation firm"]


@pytest.mark.parametrize(
    ("mark", "lost"),
    [("price", ("price", "vat_rate")), ("description", ("description",)), ("takes", ())],
)
def test_what_an_extra_has_invented_becomes_unknown(mark, lost, tmp_path):
    text = WHOLE.replace("        spaces: [desks]\n", f"        demo: [{mark}]\n")

    before, after = plan_of(text, tmp_path).venues[0].extras[0], real(text, tmp_path)[0]

    changed = {
        name for name in vars(before) if vars(before)[name] != vars(after.venues[0].extras[0])[name]
    }
    assert changed - {"demo_fields"} == set(lost)


@pytest.mark.parametrize("mark", ["plan", "hours", "step_free", "day_parts", "equipment"])
def test_what_is_marked_is_not_taken_for_a_fact(mark, tmp_path):
    at = "    timezone: Europe/Paris\n" if mark == "day_parts" else "        offer: pool\n"
    indent = re.match(" *", at)
    text = WHOLE.replace(at, f"{at}{indent and indent.group()}demo: [{mark}]\n")
    if mark == "hours":
        text = text.replace("offer: pool\n", "offer: pool\n        hours: {sat: 9:00-12:00}\n")

    plan, dropped = real(text, tmp_path)

    (house,) = plan.venues
    assert not getattr(house if mark == "day_parts" else house.spaces[0], mark)
    assert any(one.endswith(f": {mark}") for one in dropped)


def test_a_training_nobody_needs_and_a_stock_nobody_takes_are_left_out(tmp_path):
    text = WHOLE.replace("        price: 30 €", "        demo: [name]\n        price: 30 €")

    (house,) = real(text, tmp_path)[0].venues

    assert [one.slug for one in house.trainings] == ["laser"]
    assert "projector-1" not in [unit.code for unit in house.units]


def test_an_organisation_is_at_home_only_where_there_is_a_place(tmp_path):
    text = WHOLE.replace(
        "    timezone: Europe/Paris\n", "    timezone: Europe/Paris\n    demo: all\n"
    )

    plan, dropped = real(text, tmp_path)

    assert [one.venues for one in plan.organisations] == [()]
    assert "organisation club: venues" in dropped

"""The network file: what is read, what is refused and where."""

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from booking.outside import network_extras, network_file, network_policy
from booking.outside.network_file import read
from booking.rules.network import (
    ACTIVITIES,
    FEATURES,
    KINDS,
    LAYOUTS,
    BadNetworkFile,
    NetworkPlan,
)
from booking.rules.network_demo import without_demo

DOCS = Path(__file__).parents[2] / "docs/network-file.md"

GOOD = """\
name: {fr: Réseau, en: Network}
policies:
  room: {approval: never, buffer_after: 15 min}
operators:
  town:
    name: Town
    legal_form: commune
    public_body: yes
venues:
  house:
    operator: town
    name: {fr: Maison, en: House}
    summary: {fr: Centre, en: Centre}
    address: 2 place du Marché
    postcode: 01990
    city: Pont-Neuf
    coordinates: {lat: 43.5, lon: 5.4}
    timezone: Europe/Paris
    ceiling: 60
    step_free: no
    hours:
      mon-fri: ["08:30-12:30", "12:30-24:00"]
      sun: 10:00-12:00
    units:
      hall-a: {fr: Salle A, en: Room A}
      hall-b: {fr: Salle B, en: Room B}
      desk-08..10: {fr: Poste, en: Desk}
    spaces:
      hall:
        name: {fr: Salle, en: Hall}
        kind: event_hall
        offer: whole
        takes: [hall-a, hall-b]
        capacity: 40
        area_m2: 80
        layouts: {theatre: 40, u: 20}
        equipment:
          - {fr: Wi-Fi, en: Wi-Fi}
        price: {hour: 3.50 €, day: 120, vat: 5.5 %}
        policy: {like: room, approval: always, notice: 2 days}
        sourced: [name]
        demo: [price]
        sources: [an article]
      desks:
        name: {fr: Postes, en: Desks}
        kind: open_space
        offer: pool
        takes: [desk-08..09, desk-10]
        capacity_per_unit: 1
        policy: room
"""

# What is written instead of what, the line of the problem, and a piece of its reason.
BAD = {
    "broken YAML": ("offer: whole", "offer: [whole", 33, "not valid YAML"),
    "a colon in a text": ("city: Pont-Neuf", "city: Pont: Neuf", 16, "in quotes"),
    "a tab": ("    ceiling: 60", "\tceiling: 60", 19, "never with tabs"),
    "brackets in a list": ("[hall-a, hall-b]", "[hall-[1-2]]", 33, "desk-1..20"),
    "an alias": ("city: Pont-Neuf", "city: &c Pont\n    phone: *c", 17, "aliases"),
    "a tag": ("city: Pont-Neuf", "city: !!python/name:os.system x", 16, "tags"),
    "two documents": ("venues:", "---\nvenues:", 10, "one document"),
    "a key that is a list": ("city: Pont-Neuf", "? [city]\n    : x", 16, "a key must be a text"),
    "a control character": ("Pont-Neuf", '"Pont\\x07"', 16, "control character"),
    "a raw control character": ("Pont-Neuf", "Pont\x07", 16, "control character"),
    "no character": ("Pont-Neuf", '"\\U99999999"', 16, "too large"),
    "text that reorders": ("Pont-Neuf", '"\\u202eNeuf"', 16, "control character"),
    "half a character": ("Pont-Neuf", '"\\ud83d"', 16, "half a character"),
    "a text on two lines": ("Pont-Neuf", '"Pont\\nNeuf"', 16, "on one line"),
    "a text too long": ("Pont-Neuf", "x" * 101, 16, "longer than 100"),
    "an empty text": ("Pont-Neuf", '" "', 16, "is empty"),
    "a list for a text": ("city: Pont-Neuf", "city: [Pont]", 16, "must be a text"),
    "a text for a mapping": ("{lat: 43.5, lon: 5.4}", "43.5 5.4", 17, "must be a mapping"),
    "an unknown key": ("ceiling:", "cieling:", 19, 'did you mean "ceiling"?'),
    "a missing key": ("    city: Pont-Neuf\n", "", 10, '"city" is missing'),
    "a key without value": ("city: Pont-Neuf", "city:", 16, '"city" is missing'),
    "no venues": (GOOD[GOOD.index("venues:") :], "", 1, '"venues" is missing'),
    "a key twice": ("city: Pont-Neuf", "city: A\n    city: B", 17, "the first is on line 16"),
    "a slug twice": ("      desks:", "      hall:", 44, "the first is on line 29"),
    "a bad slug": ("  house:", "  Big_House:", 10, "small letters"),
    "no spaces": (GOOD[GOOD.index("    spaces:") :], "    spaces: {}\n", 28, "at least one"),
    "no English": ("{fr: Salle, en: Hall}", "{fr: Salle}", 30, "English text"),
    "no French": ("{fr: Salle, en: Hall}", "{en: Hall}", 30, "French text"),
    "one language only": ("name: {fr: Salle, en: Hall}", "name: Hall", 30, "both languages"),
    "a third language": ("en: Hall}", "en: Hall, de: Saal}", 30, 'unknown key "de"'),
    "an unknown operator": ("operator: town", "operator: twon", 11, 'did you mean "town"?'),
    "a bad zone": ("Europe/Paris", "Europe/Pariss", 18, '"Europe/Paris"?'),
    "a latitude": ("lat: 43.5", "lat: 143.5", 17, "from -90 to 90"),
    "a longitude": ("lon: 5.4", "lon: east", 17, "must be a number"),
    "nobody allowed": ("ceiling: 60", "ceiling: 0", 19, "from 1"),
    "half a person": ("ceiling: 60", "ceiling: 60.5", 19, "whole number"),
    "neither yes nor no": ("step_free: no", "step_free: maybe", 20, "unknown answer"),
    "a bad e-mail": ("step_free: no", "email: house", 20, "e-mail address"),
    "a bad phone": ("step_free: no", "phone: call us", 20, "telephone number"),
    "an unknown day": ("      sun:", "      sunday:", 23, "unknown day"),
    "days backwards": ("mon-fri:", "fri-mon:", 22, "unknown day"),
    "a span backwards": ("10:00-12:00", "12:00-10:00", 23, "ends before it starts"),
    "no such time": ("10:00-12:00", "10:00-12:75", 23, "not a time of the day"),
    "after midnight": ("12:30-24:00", "12:30-24:01", 22, "not a time of the day"),
    "no span": ("10:00-12:00", "morning", 23, "must be a span"),
    "overlapping hours": ("12:30-24:00", "12:00-24:00", 22, "overlap on mon, tue, wed, thu, fri"),
    "a day twice over": ("      sun:", "      wed:", 23, "overlap on wed"),
    "a unit twice": ("hall-b: {fr", "desk-10: {fr", 27, 'unit "desk-10" is given twice'),
    "a range backwards": ("desk-08..10: {", "desk-10..08: {", 27, "a range goes upwards"),
    "a range too long": ("desk-08..10: {", "desk-0..9999: {", 27, "at most 500"),
    "brackets for a range": ("desk-08..10: {", "desk-[1-9]: {", 27, "write desk-1..20"),
    "no unit at all": ("takes: [hall-a, hall-b]", "takes: []", 33, "at least one unit"),
    "an unknown unit": ("[hall-a, hall-b]", "[hall-a, hal-b]", 33, 'did you mean "hall-b"?'),
    "a unit taken twice": ("[hall-a, hall-b]", "[hall-a, hall-a]", 33, "twice"),
    "an unknown kind": ("kind: event_hall", "kind: ballroom", 31, "unknown kind"),
    "an unknown offer": ("offer: whole", "offer: hole", 32, 'did you mean "whole"?'),
    "an unknown layout": ("theatre: 40", "theater: 40", 36, 'did you mean "theatre"?'),
    "a layout too large": ("theatre: 40", "theatre: 41", 36, "above the capacity of 40"),
    "a unit above all": (
        "capacity_per_unit: 1",
        "capacity: 1\n        capacity_per_unit: 2",
        50,
        "above",
    ),
    "a unit of a whole": ("area_m2: 80", "capacity_per_unit: 4", 35, "belong to a pool"),
    "a negative price": ("hour: 3.50 €", "hour: -1", 39, "cannot be negative"),
    "a third decimal": ("hour: 3.50 €", "hour: 3.505", 39, "two decimals"),
    "no rate": ("day: 120, vat: 5.5 %", "day: 120", 39, '"vat" is missing'),
    "a rate above all": ("vat: 5.5 %", "vat: 120 %", 39, "from 0 to 100"),
    "a rate alone": ("hour: 3.50 €, day: 120, ", "", 39, "say a price"),
    "an unknown policy": ("policy: room", "policy: rom", 50, 'did you mean "room"?'),
    "an unknown approval": ("approval: always", "approval: often", 40, "unknown approval"),
    "a bare number": ("notice: 2 days", "notice: 2", 40, "30 min, 2 h or 7 days"),
    "a grid of seven": ("notice: 2 days", "grid: 7 min", 40, "divide a day"),
    "off the grid": ("notice: 2 days", "shortest: 20 min", 40, "multiple of the grid"),
    "longest below shortest": ("notice: 2 days", "shortest: 13 h", 40, "not be below shortest"),
    "half a day of horizon": ("notice: 2 days", "horizon: 12 h", 40, "number of days"),
    "an unknown mark": ("demo: [price]", "demo: [prices]", 42, 'did you mean "price"?'),
    "two marks": ("demo: [price]", "demo: [name]", 42, "both sourced and demo"),
    "no source": ("        sources: [an article]\n", "", 41, "name the sources"),
}


def plan_of(text: str, tmp_path: Path) -> NetworkPlan:
    file = tmp_path / "network.yaml"
    file.write_text(text, encoding="utf-8")
    return read(file)


def problems_of(text: str | bytes, tmp_path: Path) -> list[tuple[int, str]]:
    file = tmp_path / "network.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(BadNetworkFile) as refused:
        read(file)
    return [(problem.line, problem.reason) for problem in refused.value.problems]


def test_a_small_file_is_read_whole(tmp_path):
    (house,) = plan_of(GOOD, tmp_path).venues
    hall, desks = house.spaces

    assert (house.operator, house.postcode, house.step_free) == ("town", "01990", False)
    assert house.hours[:2] == ((0, 510, 750), (0, 750, 1440))
    assert house.hours[-1] == (6, 600, 720)
    assert (hall.price_hour, hall.price_half_day, hall.price_day) == (350, None, 12000)
    assert hall.vat_rate == Decimal("5.5")
    assert (hall.policy.approval, hall.policy.buffer_after, hall.policy.notice) == (
        "always",
        15,
        2880,
    )
    assert (desks.capacity, desks.policy.longest, desks.policy.horizon) == (None, None, None)


@pytest.mark.parametrize("closed", ["sun:", "sun: []", "sat: null"])
def test_a_day_without_hours_is_closed(closed, tmp_path):
    (house,) = plan_of(GOOD.replace("sun: 10:00-12:00", closed), tmp_path).venues

    assert {day for day, _, _ in house.hours} == {0, 1, 2, 3, 4}


def test_a_range_becomes_units_with_numbers(tmp_path):
    (house,) = plan_of(GOOD, tmp_path).venues

    assert [unit.code for unit in house.units][2:] == ["desk-08", "desk-09", "desk-10"]
    assert house.units[2].name == {"fr": "Poste\u00a08", "en": "Desk\u00a08"}
    assert house.spaces[1].units == ("desk-08", "desk-09", "desk-10")


def test_json_is_read_too(tmp_path):
    tree = yaml.load(GOOD.replace("Pont-Neuf", "Pont 🌉"), Loader=yaml.BaseLoader)
    tree["venues"]["house"].update(step_free=False, ceiling=60, phone=None)

    (house,) = plan_of(json.dumps(tree, indent=1), tmp_path).venues

    assert (house.city, house.step_free, house.ceiling, house.phone) == ("Pont 🌉", False, 60, None)
    assert house.spaces[0].name == {"fr": "Salle", "en": "Hall"}


@pytest.mark.parametrize(("old", "new", "line", "reason"), BAD.values(), ids=BAD)
def test_a_bad_file_is_refused_with_its_line(old, new, line, reason, tmp_path):
    assert old in GOOD

    problems = problems_of(GOOD.replace(old, new, 1), tmp_path)

    assert line in [at for at, why in problems if reason in why], problems


def test_all_problems_are_told_at_once_first_line_first(tmp_path):
    text = GOOD.replace("ceiling: 60", "ceiling: none").replace("lat: 43.5", "lat: 99")
    text = text.replace("kind: event_hall", "kind: hall").replace("day: 120", "day: much")

    assert [line for line, _ in problems_of(text, tmp_path)] == [17, 19, 31, 39]


def test_a_problem_tells_its_line_its_path_and_its_reason(tmp_path):
    with pytest.raises(BadNetworkFile) as refused:
        plan_of(GOOD.replace("capacity: 40", "capacity: 0"), tmp_path)

    assert str(refused.value) == (
        "line 34, venues.house.spaces.hall.capacity: must be from 1 to 1000000"
    )
    assert refused.value.refusals[0].facts["line"] == 34


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"# nothing yet\n", "empty"),
        (b"- a list\n", "must be a mapping"),
        (b"name: \xe9t\xe9\n", "UTF-8"),
        (b"[" * 100_000, "nested too deep"),
        (b"\0" * 1_000_000, "control character"),
        (b"#" * 5_000_001, "larger than 5 MB"),
    ],
)
def test_what_is_no_network_file_is_refused(content, reason, tmp_path):
    ((_, told),) = problems_of(content, tmp_path)

    assert reason in told


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(BadNetworkFile, match="cannot be read"):
        read(tmp_path / "nowhere.yaml")


def test_a_billion_laughs_stay_unlaughed(tmp_path):
    lines = ["name: &a0 [ha, ha]"] + [f"k{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60)]

    problems = problems_of("\n".join(lines), tmp_path)

    assert {reason[:7] for _, reason in problems} == {"aliases"}


def test_production_leaves_out_a_venue_that_is_invented_as_a_whole(tmp_path):
    plan, dropped = without_demo(plan_of(GOOD.replace("step_free: no", "demo: all"), tmp_path))

    assert plan.venues == ()
    assert dropped == ["house: the whole venue"]


def test_a_file_without_marks_loses_nothing(tmp_path):
    plan = plan_of(GOOD.replace("        demo: [price]\n", ""), tmp_path)

    assert without_demo(plan) == (plan, [])


def test_the_example_of_the_documentation_loads(tmp_path):
    (example,) = re.findall(r"```yaml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)

    assert [space.slug for space in plan_of(example, tmp_path).venues[0].spaces] == [
        "salle",
        "petite-salle",
        "postes",
        "laser",
    ]


def test_every_key_is_documented():
    keys = {*network_file.NETWORK_KEYS, *network_file.VENUE_FACTS, *network_file.SPACE_FACTS}
    keys |= {*network_file.MARKS, *network_extras.EXTRA_FACTS, "extras", "is"}
    keys |= {*network_policy.KEYS, *KINDS, *LAYOUTS, *FEATURES, *ACTIVITIES}

    told = set(re.findall(r"`([a-z0-9_]+)`", DOCS.read_text(encoding="utf-8")))

    assert not keys - told

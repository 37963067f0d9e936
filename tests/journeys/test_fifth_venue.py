"""Another venue is text in a file, and no line of code."""

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.journeys.house import House
from tests.journeys.person import Person
from tests.support.servers import ROOT


def example() -> str:
    """The whole network file that the manual shows, as part of the demonstration."""
    manual = (ROOT / "docs" / "network-file.md").read_text("utf-8")
    (text,) = re.findall(r"```yaml\n(name: .+?)```", manual, re.DOTALL)
    name = "name: {fr: Tiers-lieux Provence, en: Provence third places}\ndemo: true"
    return re.sub("^name: .+", name, text)


def test_a_venue_of_the_manual_is_there_as_soon_as_its_file_is_loaded(
    house: House, member: Person, on: str, tmp_path: Path
) -> None:
    file = tmp_path / "network.yaml"
    file.write_text(example(), "utf-8")
    member.goes("/")
    expect(member.main().get_by_role("link", name="Common house")).to_have_count(0)

    said = house.flask("network", "load", file)

    assert "1 venues, 4 spaces." in said
    member.goes("/")
    expect(member.main().get_by_role("link", name="Common house")).to_be_visible()
    member.types({"Day": on, "People": "12"})
    member.selects({"From": "10:00", "To": "12:00", "Where": "Common house"})
    member.presses("Find")
    member.follows("Reserve", "Small room")
    member.presses("Reserve")
    member.sees("It is yours")
    member.goes(f"/venues/maison-commune?on={on}")
    large = member.main().get_by_role("row", name="Large room")
    # With the quarter of an hour that is kept free to tidy up.
    expect(large.get_by_text("yours, 10:00 – 12:00")).to_have_count(1)

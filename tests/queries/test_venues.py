"""The atlas: everything about places, in their operator's order, in a fixed number of queries."""

from uuid import uuid4

import pytest

from booking.db import db
from booking.errors import NotFound
from booking.models.venues import Network, Space
from booking.queries import venues as find
from booking.queries.reservations import by_code
from tests import make
from tests.make import words

pytestmark = pytest.mark.usefixtures("app")


def test_places_are_in_their_operators_order():
    first, second = make.venue("zebra"), make.venue("ant")
    make.space(first, "z"), make.space(first, "a"), make.space(second, "m")

    places = find.atlas()

    assert [venue.slug for venue in places.venues] == ["zebra", "ant"]
    assert [space.slug for space in places.spaces()] == ["z", "a", "m"]


def test_units_are_lowest_number_first():
    desks = make.pool(size=3)

    codes = [desks.venue.units[unit].code for unit in desks.units]

    assert codes == sorted(codes, key=lambda code: int(code.split("-")[1]))


def test_an_atlas_is_read_in_five_queries(counting):
    for _ in range(3):
        make.pool(make.venue())

    with counting() as sent:
        find.read_atlas()

    assert len(sent) == 5


def test_an_atlas_is_kept_while_the_network_stays_the_same(counting):
    make.space()
    make.added(Network(id=1, name=words("Network"), version=str(uuid4())))
    first = find.atlas()

    with counting() as sent:
        assert find.atlas() is first

    assert len(sent) <= 1


def test_another_version_of_the_network_is_read_anew():
    make.added(Network(id=1, name=words("Network"), version=str(uuid4())))
    first = find.atlas()

    make.space()

    assert (len(first.spaces()), len(find.atlas().spaces())) == (0, 1)


def test_asking_for_the_atlas_leaves_what_is_at_hand_as_it_is():
    member = make.member()
    made = make.reservation(make.space(slug="room"), by=member)
    found = by_code(made.code, by=member, now=make.NOW)

    find.read_atlas()

    assert found.space.venue.city == "Marseille"
    assert by_code(made.code, by=member, now=make.NOW).space.name == words("Room")


def test_the_rows_of_an_atlas_outlive_a_rollback():
    make.space(slug="room")
    places = find.atlas()

    db.session.rollback()

    assert places.spaces()[0].name == words("Room")


@pytest.mark.parametrize(("venue", "space"), [("none", "room"), ("quay", "none")])
def test_what_is_not_there_is_not_found(venue, space):
    make.space(make.venue("quay"), "room")

    with pytest.raises(NotFound):
        find.atlas().space(venue, space)


def test_a_space_of_another_venue_is_not_found():
    make.space(make.venue("quay"), "room")
    make.venue("hill")

    with pytest.raises(NotFound):
        find.atlas().space("hill", "room")


def test_an_unknown_id_is_not_found():
    with pytest.raises(NotFound):
        find.atlas().by_id(987_654)


def test_spaces_that_share_a_unit_know_each_other():
    here = make.venue()
    make.space(here, "hall", units=["a", "b"])
    make.space(here, "left", units=["a"])
    make.space(here, "right", units=["b"])
    places = find.atlas()

    def sharing(slug):
        return [one.slug for one in places.sharing(places.space(here.slug, slug))]

    assert (sharing("left"), sharing("hall")) == (["hall", "left"], ["hall", "left", "right"])


def test_the_rules_are_those_of_the_policy_and_the_space():
    rules = make.space(capacity=12, notice=60, approval="always").rules

    assert (rules.capacity, rules.notice, rules.approval) == (12, 60, "always")


def test_a_space_without_a_policy_cannot_be_reserved_and_is_not_shown():
    here = make.venue()
    make.added(
        Space(
            venue_id=here.id,
            slug="bare",
            name=words(""),
            description=words(""),
            kind="studio",
            offer="whole",
        )
    )

    assert find.atlas().spaces() == []


def test_without_data_there_is_no_network():
    assert find.network() is None

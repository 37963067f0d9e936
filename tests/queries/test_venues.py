"""The atlas: everything about places, in their operator's order, in a fixed number of queries."""

from datetime import date
from uuid import uuid4

import pytest

from booking.db import db
from booking.errors import NotFound
from booking.models.hours import OpeningHours, SpecialHours
from booking.models.policies import Policy
from booking.models.venues import Network, Space
from booking.queries import venues as find
from booking.queries.reservations import by_code
from booking.rules.policies import USUAL
from tests import make
from tests.make import NOW, words

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


def test_an_atlas_is_read_in_eleven_queries(counting):
    for _ in range(3):
        make.pool(make.venue())

    with counting() as sent:
        find.read_atlas()

    assert len(sent) == 11


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


def test_a_space_that_says_nothing_has_the_usual_rules():
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

    (space,) = find.atlas().spaces()
    assert space.rules == USUAL


def test_without_data_there_is_no_network():
    assert find.network() is None


def test_a_venue_s_rules_hold_in_its_spaces_and_the_stricter_one_wins():
    here = make.venue()
    room = make.space(here, notice=60, horizon=30)
    make.added(Policy(venue_id=here.id, notice=120, horizon=90, cancel_notice=15))

    rules = find.read_atlas().by_id(room.id).rules

    assert (rules.notice, rules.horizon, rules.cancel_notice) == (120, 30, 15)


def test_a_space_has_its_own_hours_or_the_venue_s():
    here = make.venue(hours=[(0, 540, 1080)])
    shop, room = make.space(here), make.space(here)
    make.added(OpeningHours(venue_id=here.id, space_id=shop.id, weekday=0, opens=600, closes=1320))

    places = find.read_atlas()

    monday = date(2027, 3, 8)
    assert list(places.by_id(shop.id).hours.spans_on(monday)) == [(600, 1320)]
    assert list(places.by_id(room.id).hours.spans_on(monday)) == [(540, 1080)]


def test_a_space_s_own_date_comes_before_the_venue_s():
    here, by = make.venue(), make.member()
    shop, room = make.space(here), make.space(here)
    monday, dated = date(2027, 3, 8), {"member_id": by.id, "created_at": NOW}
    make.added(SpecialHours(venue_id=here.id, on=monday, spans=[], **dated))
    own = {"space_id": shop.id, "spans": [[540, 600]]}
    make.added(SpecialHours(venue_id=here.id, on=monday, **own, **dated))

    places = find.read_atlas()

    assert list(places.by_id(shop.id).hours.spans_on(monday)) == [(540, 600)]
    assert list(places.by_id(room.id).hours.spans_on(monday)) == []

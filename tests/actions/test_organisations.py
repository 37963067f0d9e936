"""Whom members act for and what they have learnt: said twice, it is there once."""

import pytest
from sqlalchemy import select

from booking.actions import organisations as act
from booking.db import db
from booking.models.organisations import Membership, Organisation, Trained
from booking.models.venues import Training
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.usefixtures("app")


def test_who_acts_for_an_organisation_already_stays_as_they_are():
    club = make.added(Organisation(slug="club", name="Club"))
    member = make.member()

    first = act.joined(member, club.id, by_id=None, now=NOW)
    again = act.joined(member, club.id, by_id=member.id, now=NOW)

    assert first is again
    assert [(row.member_id, row.ends_at) for row in db.session.scalars(select(Membership))] == [
        (member.id, None)
    ]


def test_who_has_learnt_it_already_stays_as_they_are():
    lathe = make.added(Training(venue_id=make.venue().id, slug="lathe", name=make.words("Lathe")))
    member = make.member()

    first = act.taught(member, lathe.id, by_id=None, now=NOW)
    again = act.taught(member, lathe.id, by_id=member.id, now=NOW)

    assert first is again
    assert len(db.session.scalars(select(Trained)).all()) == 1

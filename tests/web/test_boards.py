"""Rows are kept from one page to the next: never longer than they are right."""

import gc
import re
from dataclasses import replace
from datetime import date, timedelta
from weakref import ref

import pytest
import time_machine
from sqlalchemy import update

from booking.db import db
from booking.models.policies import Policy
from booking.models.venues import Venue
from booking.queries.availability import taken
from booking.queries.venues import SpaceFacts, atlas
from booking.rules.board import frame_for
from booking.web import boards
from booking.web.boards import moment_for
from booking.web.cells import cells_of
from tests import make
from tests.make import NOW, PARIS
from tests.support.site import Site

MINUTES = [0, 1, 60 * 7, 60 * 20 + 59, 60 * 24, 60 * 31, 60 * 44, 60 * 24 * 3, 60 * 24 * 14]


def row(site: Site, actor: str = "visitor", on: str = "2027-03-08", more: str = "") -> str:
    """The room's row of that day as the reader gets it."""
    page = site.browser(actor).get(f"/venues/baleine?on={on}{more}").text
    found = re.search(r'<tr><th scope="row"><a href="/venues/baleine/salle[^>]*>.*?</tr>', page)
    assert found
    return found[0]


def free(text: str) -> int:
    """How many cells lead to the form."""
    return text.count("/reservations/new?")


def test_what_has_been_reserved_meanwhile_is_seen(site: Site) -> None:
    before = row(site)

    room = atlas().space(*site.world.room.split("/"))
    make.reservation(room, "mon 14-15", by=site.member("other"))
    db.session.commit()

    assert free(row(site)) == free(before) - 1


def test_each_reader_has_a_row_of_their_own(site: Site) -> None:
    rows = {
        actor: row(site, actor) for actor in ("visitor", "owner", "other", "manager", "visitor")
    }

    assert f"/reservations/{site.world.code}" in rows["owner"]
    assert f"/reservations/{site.world.code}" in rows["manager"]
    assert rows["visitor"] == rows["other"]
    assert site.world.code not in rows["visitor"]


def test_each_language_has_a_row_of_its_own(site: Site) -> None:
    french, english = row(site, more="&lang=fr"), row(site, more="&lang=en")

    assert "lang=en" in english
    assert "lang=en" not in french
    assert "free, 14:00" in english


def test_hours_of_today_pass(site: Site) -> None:
    with time_machine.travel(NOW + timedelta(hours=20), tick=False):  # Monday, 8:00 in Paris.
        early = row(site)
    with time_machine.travel(NOW + timedelta(hours=25, seconds=1), tick=False):
        late = row(site)

    assert free(late) < free(early)
    assert "past" in late or "passé" in late


def test_a_rule_that_changes_is_seen(site: Site) -> None:
    assert free(row(site))
    db.session.execute(update(Policy).values(notice=60 * 24 * 30))
    make.changed()
    db.session.commit()

    assert not free(row(site))


def room_with(site: Site, **rules: int) -> SpaceFacts:
    space = atlas().space(*site.world.room.split("/"))
    return replace(space, rules=replace(space.rules, **rules))


@pytest.mark.parametrize("notice", [0, 30, 60 * 26])
@pytest.mark.parametrize("horizon", [1, 3, 180])
def test_the_moment_that_is_kept_says_what_now_says(site: Site, notice: int, horizon: int) -> None:
    """At every distance from the day, also where notice or horizon end within it."""
    space = room_with(site, notice=notice, horizon=horizon)
    frame = frame_for(date(2027, 3, 10), [(8 * 60, 20 * 60)], PARIS)
    kept = set()

    with site.app.test_request_context(base_url="http://127.0.0.1"):
        for before in MINUTES:
            now = frame.period.end - timedelta(minutes=before)
            moment = moment_for(space, frame.period, now)
            kept.add(moment)
            assert cells_of(space, frame, (), moment) == cells_of(space, frame, (), now)

    if horizon == 180:
        assert len(kept) < len(MINUTES)


def test_seconds_make_no_other_row(site: Site) -> None:
    space, today = room_with(site), frame_for(NOW.date(), [(8 * 60, 20 * 60)], PARIS)

    moments = {moment_for(space, today.period, NOW + timedelta(seconds=n)) for n in range(1, 60)}

    assert moments == {NOW + timedelta(minutes=1)}


def card(site: Site, on: str = "2027-03-08", more: str = "") -> str:
    """The room's card on its venue's page: what it is, and its named periods on that day."""
    page = site.browser().get(f"/venues/baleine?on={on}{more}").text
    found = [part for part in page.split('<li class="card result">') if "/baleine/salle" in part]
    return found[-1].partition("</section>")[0]


def test_a_card_knows_what_has_been_reserved_meanwhile(site: Site) -> None:
    part = {"slug": "noon", "name": {"fr": "Midi", "en": "Noon"}, "opens": 720, "closes": 960}
    db.session.execute(update(Venue).values(day_parts=[part]))
    make.changed()
    db.session.commit()
    before = card(site)

    room = atlas().space(*site.world.room.split("/"))
    make.reservation(room, "mon 14-15", by=site.member("other"))
    db.session.commit()

    assert "chip" in before
    assert "chip" not in card(site)  # None is left: the periods are not shown at all.


def test_a_card_has_each_day_and_language_of_its_own(site: Site) -> None:
    monday, tuesday = card(site), card(site, "2027-03-09")
    french, english = card(site, more="&lang=fr"), card(site, more="&lang=en")

    assert "2027-03-08" in monday
    assert "2027-03-08" not in tuesday
    assert "lang=en" in english
    assert "lang=en" not in french


def test_what_is_kept_of_places_goes_with_them(site: Site) -> None:
    """An old atlas is let go of as soon as another one is read."""
    row(site)
    old = ref(atlas())
    make.changed()
    db.session.commit()

    row(site)
    gc.collect()

    assert old() is None


def test_nothing_is_kept_of_whose_a_pool_is(site: Site) -> None:
    desks = atlas().space(*site.world.desks.split("/"))
    make.reservation(desks, "mon 9-11", by=site.member("owner"), title="Comité secret")
    db.session.commit()
    rows = boards.rows_of(desks, taken(desks.units, make.period("mon 8-12"), NOW))

    assert [row.title for row in rows] == ["Comité secret"]
    assert [(row.title, row.member_id, row.code) for row in boards.bare(rows)] == [
        (None, None, None)
    ]
    assert boards.bare(rows)[0].period == rows[0].period


def test_the_note_under_a_name_says_what_is_needed(site: Site) -> None:
    here = db.session.query(Venue).filter_by(slug="baleine").one()
    make.space(here, "fer", training_id=make.training(here, "fer").id)
    make.space(here, "club", who=["residents"])
    db.session.commit()

    page = site.browser().get("/venues/baleine?on=2027-03-08&lang=en").text
    notes = re.findall(r">([^<]+)<small>([^<]*)</small></a></th>", page)

    assert ("Fer", "training needed") in notes
    assert ("Club", "for members of the venue’s own organisations") in notes
    assert "training “Fer” needed" in page
    assert all("needed" not in note for name, note in notes if name == "Salle")

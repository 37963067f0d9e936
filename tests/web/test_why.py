"""Why is this grey? Every cell that cannot be had leads to a page that says why, and what else."""

import re
from html import unescape

import pytest
from sqlalchemy import update

from booking.db import db
from booking.models.policies import Policy
from booking.models.venues import Venue
from booking.queries.venues import atlas
from booking.web.cells import within_hours
from tests import make
from tests.support.site import Site
from tests.web.test_hours import close, text_of

WHY = "/venues/baleine/{}/why?on={}&from={}&to={}&lang=en"
LINK = re.compile(r'href="(/venues/[^"]+/why\?[^"]+)"')


def why(site: Site, space: str, on: str, hours: str, actor: str = "visitor"):
    opens, closes = hours.split("-")
    return site.browser(actor).get(WHY.format(space, on, opens, closes))


def policy(**values: object) -> None:
    """What every space of the site says of itself."""
    db.session.execute(update(Policy).values(**values))
    make.changed()
    db.session.commit()


def test_closed_hours_that_may_be_asked_for_lead_to_the_request(site: Site) -> None:
    policy(ask_outside_hours=True)

    page = text_of(why(site, "salle", "2027-03-08", "06:00-08:00"))

    assert "This time can be asked for" in page
    assert "It lies outside opening hours: a manager decides." in page
    assert "This time is free" not in page


def test_the_first_of_may_is_opened_by_the_venue_before_anybody_asks(site: Site) -> None:
    policy(ask_outside_hours=True)
    db.session.execute(update(Venue).values(holidays="FR"))
    make.changed()
    db.session.commit()

    page = text_of(why(site, "salle", "2027-05-01", "10:00-12:00"))

    assert "On 1 May the venue’s manager would have to open the day first." in page
    assert "can make an exception" not in page


def test_a_cell_in_which_the_own_buffers_would_be_missing_is_not_free(site: Site) -> None:
    """The owner has it from 9 to 11 and leaves nothing to tidy; the next needs an hour before."""
    policy(buffer_before=60)

    browser = site.browser("other")
    page = browser.get("/venues/baleine?on=2027-03-08&lang=en").text
    table = page[page.index("<tbody>") : page.index("</table>")]
    row = next(r for r in table.split("<tr") if "Salle" in r)

    assert re.search(r'class=kept><a href="[^"]*from=11:00&amp;to=12:00', row)
    assert re.search(r'<td colspan=4><a href="/reservations/new[^"]*from=12:00&amp;to=13:00', row)
    assert not re.search(r'href="/reservations/new[^"]*from=11:00', row)
    near = text_of(why(site, "salle", "2027-03-08", "11:00-12:00"))
    assert "Another reservation is too near. 1 h before are kept free to set up." in near


def links(page: str) -> list[str]:
    return [unescape(link) for link in LINK.findall(page)]


def test_closed_says_the_hours_and_offers_another_time(site: Site) -> None:
    answer = why(site, "salle", "2027-03-08", "06:00-08:00")

    assert "that day it is open 8:00 – 20:00" in text_of(answer)
    assert "The venue’s manager can make an exception." in text_of(answer)
    assert "/reservations/new?space=baleine" in answer.text


def test_taken_says_until_when_and_never_by_whom(site: Site) -> None:
    page = why(site, "salle", "2027-03-08", "10:00-11:00").text

    assert "Taken by another reservation until Mon 8 Mar, 11:00." in text_of_page(page)
    assert not any(word in page for word in ("Mireille", "Comité", site.world.code))


@pytest.mark.parametrize("actor", ["owner", "manager"])
def test_who_may_know_is_led_to_the_reservation(site: Site, actor: str) -> None:
    page = why(site, "salle", "2027-03-08", "10:00-11:00", actor).text

    assert f"/reservations/{site.world.code}" in page


def test_a_closure_says_who_closed_and_why(site: Site) -> None:
    close(site, space="halle", on="2027-03-10")

    page = text_of(why(site, "halle", "2027-03-10", "10:00-11:00"))

    assert "Travaux. Closed by Régis, who can reopen it." in page


def test_a_pool_says_when_the_first_is_free_again(site: Site) -> None:
    desks = atlas().space(*site.world.desks.split("/"))
    owner = site.member("owner")
    for hours in ("mon 9-11", "mon 9-12", "mon 8-13"):
        make.reservation(desks, hours, by=owner)
    db.session.commit()

    page = text_of(why(site, "bureaux", "2027-03-08", "10:00-11:00"))

    assert "All 3 places are taken; the first is free again Mon 8 Mar, 11:00." in page


def test_all_reasons_are_told_at_once(site: Site) -> None:
    page = text_of(why(site, "salle", "2027-03-01", "06:00-06:10"))

    for reason in ("already passed", "closed then", "shortest reservation"):
        assert reason in page


def test_what_is_free_leads_to_the_form(site: Site) -> None:
    answer = why(site, "salle", "2027-03-08", "14:00-15:00")

    assert "This time is free" in answer.text
    assert "/reservations/new?space=baleine" in answer.text


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?on=2027-02-31&from=10:00&to=11:00",
        "?on=9999-01-01&from=10:00&to=11:00",
        "?on=2027-03-08&from=12:00&to=11:00",
        "?on=2027-03-28&from=02:30&to=04:00",
        "?on=2027-03-08&from=10:00&to=11:00&until=2027-03-01",
    ],
)
def test_what_is_no_time_is_told(site: Site, query: str) -> None:
    assert site.browser().get(f"/venues/baleine/salle/why{query}").status_code == 422


@pytest.mark.parametrize("space", ["salle", "halle", "bureaux"])
def test_every_grey_cell_of_a_week_leads_to_an_answer(site: Site, space: str) -> None:
    browser = site.browser()

    found = links(browser.get(f"/venues/baleine/{space}?on=2027-03-07").text)

    assert found
    for link in found:
        answer = browser.get(link)
        assert answer.status_code == 200, link
        assert "/reservations/new?space=" in answer.text


def test_no_cell_of_a_day_is_a_dead_end(site: Site) -> None:
    """But one's own, which lead to the reservation."""
    page = site.browser().get("/venues/baleine?on=2027-03-08").text
    table = page[page.index("<tbody>") : page.index("</table>")]

    cells = re.findall(r"<td[^>]*>.*?</td>", table)

    assert cells
    assert [cell for cell in cells if "href=" not in cell] == []


def test_a_quarter_of_an_hour_leads_there_too_and_is_wide_enough_to_be_hit(site: Site) -> None:
    db.session.execute(update(Policy).values(shortest=15))
    make.changed()
    room = atlas().space(*site.world.room.split("/"))
    make.reservation(room, "mon 14-14:15", by=site.member("other"))
    db.session.commit()

    page = site.browser().get("/venues/baleine?on=2027-03-08").text

    assert re.search(r'class="board h\d+ fine"', page)
    quarter = re.search(r"<td class=busy><a href=[^>]*from=14:00&amp;to=14:15[^>]*>.*?</td>", page)
    assert quarter
    assert "/venues/baleine/salle/why?" in quarter[0]


def test_a_board_of_whole_hours_is_as_narrow_as_ever(site: Site) -> None:
    page = site.browser().get("/venues/baleine?on=2027-03-10").text

    assert re.search(r'class="board h\d+"', page)


def text_of_page(page: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def test_of_a_closed_cell_only_the_part_within_the_hours_is_asked_about(site: Site) -> None:
    room = atlas().space("baleine", "salle")
    cell, night = make.period("mon 6-22", room.zone), make.period("mon 20-22", room.zone)

    on = cell.start.date()

    assert within_hours(cell, room, on) == make.period("mon 8-20", room.zone)
    assert within_hours(night, room, on) == night


def test_a_free_hour_between_two_is_not_free_where_one_stays_for_two(site: Site) -> None:
    """The last hour of a long free time leads to a form that begins an hour earlier."""
    policy(shortest=120)
    room = atlas().space(*site.world.room.split("/"))
    make.reservation(room, "mon 12-14", by=site.member("other"))
    db.session.commit()

    page = site.browser().get("/venues/baleine?on=2027-03-08&lang=en").text
    table = page[page.index("<tbody>") : page.index("</table>")]
    row = next(r for r in table.split("<tr") if "Salle" in r)

    assert re.search(r'class=late><a href="[^"]*/why\?[^"]*from=11:00&amp;to=12:00', row)
    assert re.search(r'<td colspan=4><a href="/reservations/new[^"]*from=18:00&amp;to=20:00', row)
    assert not re.search(r'href="/reservations/new[^"]*to=21:00', row)


FREE_CELL = re.compile(r'<td[^>]*class="?pool"?[^>]*><a href="(/reservations/new[^"]*)"')


def test_every_cell_of_a_pool_that_shows_places_leads_to_one(site: Site) -> None:
    """Of two desks one is taken at nine and both at eleven; one stays for two hours."""
    venue = db.session.query(Venue).filter_by(slug="baleine").one()
    desks = make.pool(venue, "postes", size=2, shortest=120, grid=60)
    for hours in ("wed 9-11", "wed 11-13", "wed 11-13"):
        make.reservation(desks, hours, by=site.member("owner"))
    db.session.commit()
    browser = site.browser("other")

    page = browser.get("/venues/baleine?on=2027-03-10&lang=en").text
    row = next(r for r in page.split("<tr") if "Postes" in r)

    ways = [unescape(one) for one in FREE_CELL.findall(row)]
    assert ways[0].endswith("from=08:00&to=10:00&lang=en")
    assert ways[1].endswith("from=09:00&to=11:00&lang=en")
    assert ways[-1].endswith("from=18:00&to=20:00&lang=en")
    for way in ways:
        assert 'class="why"' not in browser.get(way).text, way
    assert "too short to reserve" not in row


# Rules about persons, and the most people a venue may hold


def test_no_way_out_is_refused_by_a_rule_about_the_reader(site: Site) -> None:
    here = db.session.query(Venue).filter_by(slug="baleine").one()
    make.space(here, "club", who=["residents"])
    make.space(here, "fer", training_id=make.training(here, "fer").id)
    quota = {"most": 1, "of": "reservations", "per": "day", "by": "member"}
    limited = make.space(here, "tour", quotas=[quota])
    make.space(here, "ter")
    make.reservation(limited, "tue 14-15", by=site.member("stranger"))
    make.reservation(limited, "tue 9-10")
    make.changed()
    db.session.commit()
    browser = site.browser("stranger")

    def refused(space: str, on: str, hours: str, actor: str) -> list[str]:
        """The ways out whose form says no to that reader."""
        page = why(site, space, on, hours, actor).text
        found = [unescape(one) for one in re.findall(r'href="(/reservations/new[^"#]*)"', page)]
        assert found
        return [one for one in found if 'class="why"' in browser.get(one).text]

    assert refused("salle", "2027-03-08", "09:00-10:00", "visitor")
    assert refused("salle", "2027-03-08", "09:00-10:00", "stranger") == []
    assert refused("tour", "2027-03-09", "09:00-10:00", "visitor")
    assert refused("tour", "2027-03-09", "09:00-10:00", "stranger") == []


def test_what_the_reader_may_not_have_is_not_free_for_them(site: Site) -> None:
    here = db.session.query(Venue).filter_by(slug="baleine").one()
    make.space(here, "club", who=["residents"])
    db.session.commit()
    asked = ("club", "2027-03-09", "10:00-12:00")

    assert "This time is free" in text_of(why(site, *asked))
    mine = text_of(why(site, *asked, "stranger"))
    assert "This time is free" not in mine
    assert "This space is for members of the venue’s own organisations." in mine


def test_only_of_strangers_a_manager_is_asked(site: Site) -> None:
    """The owner acts for a company that is at home in the venue."""
    policy(ask_strangers=True)
    asked = ("salle", "2027-03-10", "10:00-12:00")

    assert "This time can be asked for" in text_of(why(site, *asked))
    assert "This time can be asked for" in text_of(why(site, *asked, "stranger"))
    assert "This time is free" in text_of(why(site, *asked, "owner"))


def test_beyond_the_ceiling_of_the_venue_it_can_be_asked_for(site: Site) -> None:
    here = db.session.query(Venue).filter_by(slug="baleine").one()
    here.ceiling = 6
    make.reservation(make.space(here, "bis", capacity=8), "wed 10-12", people=6)
    make.changed()
    db.session.commit()

    page = text_of(why(site, "salle", "2027-03-10", "11:00-13:00"))

    assert "This time can be asked for" in page
    assert "The venue would hold more people than it may at that time: a manager decides." in page
    assert "This time is free" in text_of(why(site, "salle", "2027-03-10", "12:00-13:00"))

"""A small site with everybody on it, made once and given to each test as new.

Two operators with a venue each; a member with a reservation and a request at the first. It is
Sunday noon in Paris, 7 March 2027 (tests/make.py), and stays so while a test runs.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import make_url

from booking.actions import (
    calendars,
    feedback,
    guests,
    hours,
    members,
    reservations,
    visitors,
    waitlist,
)
from booking.actions import outbox as messages
from booking.actions.hours import Closing, DayHours
from booking.actions.reservations import Details
from booking.app import create_app
from booking.db import db
from booking.models.calendars import MINE, REQUESTS
from booking.models.members import CONFIRM, RESET, Member, Role
from booking.models.outbox import OutboxMessage
from booking.models.policies import Policy
from booking.models.reservations import Reservation
from booking.models.series import Series
from booking.models.venues import Network
from booking.queries import guests as find_guests
from booking.queries.members import by_email
from booking.queries.reservations import by_code, with_place
from booking.queries.venues import atlas
from booking.rules import passwords
from booking.rules.series import Repeat
from booking.rules.states import CONFIRMED, DONE
from tests import cast, make
from tests.support.client import Client

ACTORS = (
    *("visitor", "owner", "delegate", "other", "manager", "stranger", "admin", "former"),
    "blocked",
)
"""`manager` decides at the venue, `stranger` at the other operator's; `former` did so once.
`delegate` reserves for the owner."""


@dataclass
class World:
    """Names and keys of what is there. `cookies` opens each actor's sign-in."""

    venue: str = "baleine"
    venue_id: int = 0
    room: str = "baleine/salle"
    hall: str = "baleine/halle"
    desks: str = "baleine/bureaux"
    code: str = ""  # The owner's reservation in the room, on Monday from 9 to 11.
    request: str = ""  # Their request for the hall, on Tuesday from 14 to 16.
    elsewhere: str = ""  # Their reservation at the other operator's, on Wednesday from 10 to 12.
    series: str = ""  # Theirs in the room, on two Thursdays from 18 to 19: see `with_series`.
    asked_series: str = ""  # And in the hall, then too, which waits for its manager.
    feed: str = ""
    requests_feed: str = ""
    confirm: str = ""
    reset: str = ""
    feed_id: int = 0
    sign_in_id: int = 0
    role_id: int = 0
    training_id: int = 0
    trained_id: int = 0  # The owner's training at the venue.
    delegation_id: int = 0
    membership_id: int = 0  # The owner's membership of a company that is at home there.
    closure_id: int = 0  # Of the room, on a Sunday of the next year.
    special_id: int = 0  # The hours of that Sunday, at the venue.
    waiting_id: int = 0  # The owner's place in line, where a test has made one: see `in_line`.
    offer: str = ""  # The token of the link to what the owner is offered.
    feedback: str = ""  # The token of the link that asks the owner how it was: `asked_how_it_was`.
    quiet: str = ""  # And of the one that ends these mails.
    guest_id: int = 0  # Of the owner's reservation, where a test has invited one: see `with_guest`.
    guest_code: str = ""
    door_pass: str = ""  # The token of the guest's link.
    wished: str = "wished"  # The token of a visitor's wish, where a test made one: see `visited`.
    visit: str = "visit"  # That of the link to what another visitor has asked for.
    emails: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Site:
    app: Flask
    world: World

    def browser(self, actor: str = "visitor") -> Client:
        """A new browser in which this actor is signed in already."""
        client = self.app.test_client()
        if token := self.world.cookies.get(actor):
            with client.session_transaction() as session:
                session["_user_id"], session["_fresh"] = token, True
        return client

    def member(self, actor: str) -> Member:
        """The actor's row; the test may change it and commit."""
        found = by_email(self.world.emails[actor])
        assert found
        return found

    def with_series(self) -> "Site":
        """The same, with a series of the owner in the room, and one that waits in the hall."""
        if db.session.query(Series).count():
            return self
        owner, twice, places = self.member("owner"), Repeat("weekly", count=2), atlas()
        room, hall = (places.space(*name.split("/")) for name in (self.world.room, self.world.hall))
        self.world.series = make.series(room, "thu 18-19", twice, by=owner).code
        self.world.asked_series = make.series(hall, "thu 18-19", twice, by=owner).code
        db.session.query(OutboxMessage).delete()
        db.session.commit()
        return self

    def with_guest(self, email: str = "anne@example.org", name: str = "Anne Roux") -> "Site":
        """The same, with a guest of the owner's reservation, which is for four then."""
        db.session.query(Reservation).filter_by(code=self.world.code).update({"people": 4})
        row = by_code(self.world.code, by=self.member("owner"), now=make.NOW)
        typed = f"{name} <{email}>"
        guests.invite(row, typed, by=row.member, now=make.NOW)
        told = db.session.query(OutboxMessage).filter_by(kind="guest-invited", to=email).one()
        guest = find_guests.by_token(told.facts["token"])
        self.world.guest_id, self.world.guest_code = guest.id, guest.code
        self.world.door_pass = told.facts["token"]
        db.session.query(OutboxMessage).delete()
        db.session.commit()
        return self

    def content(self) -> str:
        """Everything in the database, as text that can be compared."""
        db.session.rollback()
        with closing(sqlite3.connect(path_of(self.app))) as connection:
            return "\n".join(connection.iterdump())


@pytest.fixture(scope="session")
def built_site(
    migrated_database: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Site, Path]]:
    """The site, and a copy of its database as it was made."""
    app = create_app(
        SQLALCHEMY_DATABASE_URI=migrated_database("sqlite"),
        MAIL_URL=f"file:{tmp_path_factory.mktemp('mail')}",
        WTF_CSRF_ENABLED=False,
    )
    app.test_client_class = Client
    with app.app_context(), time_machine.travel(make.NOW, tick=False):
        site = Site(app, populated())
        db.session.remove()
        copy = tmp_path_factory.mktemp("site") / "copy.sqlite3"
        copied(path_of(app), copy)
    yield site, copy
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def site(built_site: tuple[Site, Path]) -> Iterator[Site]:
    """The site as new, at its own time, with an application context pushed."""
    found, copy = built_site
    copied(copy, path_of(found.app))
    with found.app.app_context(), time_machine.travel(make.NOW, tick=False):
        yield found
        db.session.remove()


def path_of(app: Flask) -> Path:
    return Path(make_url(app.config["SQLALCHEMY_DATABASE_URI"]).database or "")


def copied(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


def populated() -> World:
    """Fills the empty database and commits."""
    world = World()
    db.session.add(Network(id=1, name=make.words("Réseau")))
    here, there = make.venue(world.venue), make.venue("autre")
    room = make.space(here, "salle", capacity=8)
    hall = make.space(here, "halle", kind="event_hall", units=("nord", "sud"), approval="always")
    make.space(here, "bureaux", kind="open_space", offer="pool", units=("b1", "b2", "b3"))
    far = make.space(there, "salon", capacity=8)
    people = {
        "owner": cast.member(),
        "other": cast.other_member(),
        "manager": cast.manager(here),
        "stranger": cast.manager(there),
        "admin": cast.admin(),
        "former": cast.manager(here),
        "blocked": cast.manager(here),
    }
    owner = people["owner"]
    people["delegate"] = delegate = make.member("Delphine")
    world.delegation_id = make.delegation(owner, delegate).id
    world.code = make.reservation(room, "mon 9-11", by=owner, title="Comité secret").code
    world.request = make.reservation(hall, "tue 14-16", by=owner, title="Bal secret").code
    world.elsewhere = make.reservation(far, "wed 10-12", by=owner, title="Ailleurs").code
    world.venue_id = here.id
    training, firm = make.training(here), make.organisation("cabestan", here)
    world.training_id = training.id
    world.trained_id = make.trained(owner, training).id
    world.membership_id = make.membership(owner, firm).id
    add_hours(world, people["manager"])
    keys(world, people)
    people["blocked"].blocked_at = make.NOW
    db.session.query(Role).filter_by(member_id=people["former"].id).update({"ends_at": make.NOW})
    role = db.session.query(Role).filter_by(member_id=people["stranger"].id).one()
    world.role_id = role.id
    db.session.query(OutboxMessage).delete()
    messages.beat("worker", make.NOW)
    db.session.commit()
    return world


def add_hours(world: World, manager: Member) -> None:
    """A Sunday, later than calendars show, on which the room is closed and the venue opens late."""
    places = atlas()
    venue, room = places.venue(world.venue), places.space(*world.room.split("/"))
    day = make.period("sun 8-20", week=make.SUNDAY + timedelta(days=420))
    closing = Closing((venue, room), day, "Peinture")
    world.closure_id = hours.close(closing, places, by=manager, now=make.NOW).id
    late = DayHours(day.start.date(), [(720, 1200)], "Marché de printemps")
    world.special_id = hours.set_hours((venue, None), late, by=manager, now=make.NOW).id


def keys(world: World, people: dict[str, Member]) -> None:
    """Sign-ins of all, and everything else that a token opens, for the owner."""
    now, owner = make.NOW, people["owner"]
    password_hash = passwords.hashed(make.PASSWORD)
    for actor, member in people.items():
        member.password_hash = password_hash
        world.emails[actor] = member.email
        world.cookies[actor] = members.signed_in(member, "A browser", now)
    world.feed = calendars.issue(MINE, by=owner, now=now)
    world.feed_id = calendars.feeds(owner)[0].id
    world.requests_feed = calendars.issue(REQUESTS, by=people["manager"], now=now)
    world.sign_in_id = members.find.sign_ins(owner, now)[0].id
    world.confirm = mailed(owner, CONFIRM)
    world.reset = mailed(owner, RESET)


def in_line(site: Site) -> None:
    """The owner is offered the room on Thursday from 14 to 16, which the other has given back."""
    places, owner, other = atlas(), site.member("owner"), site.member("other")
    room = places.space(*site.world.room.split("/"))
    row = make.reservation(room, "thu 14-16", by=other)
    asked = waitlist.Ask(room, make.period("thu 14-16"), Details(2, "Lecture"))
    site.world.waiting_id = waitlist.join(asked, by=owner, now=make.NOW).id
    reservations.cancel(row, places, by=other, now=make.NOW)
    waitlist.pass_on(make.NOW)
    query = db.session.query(OutboxMessage).filter_by(kind="waitlist-offered")
    site.world.offer = query.one().facts["token"]
    db.session.commit()


def asked_how_it_was(site: Site) -> None:
    """The owner's reservation of Monday is over, and they are asked about it; the mail waits."""
    db.session.rollback()
    row = db.session.scalars(with_place().where(Reservation.code == site.world.code)).one()
    row.state = DONE
    assert feedback.ask(row, now=make.NOW)
    query = db.session.query(OutboxMessage).filter_by(kind="feedback-asked")
    facts = query.order_by(OutboxMessage.id.desc()).first().facts  # type: ignore[union-attr]
    site.world.feedback, site.world.quiet = facts["token"], facts["quiet_token"]
    row.state = CONFIRMED
    db.session.commit()


def visited(site: Site) -> None:
    """Anybody may ask for the room; two visitors have, and one has confirmed it."""
    room, now = atlas().space(*site.world.room.split("/")), make.NOW
    db.session.query(Policy).filter_by(space_id=room.id).update({"visitors": True})
    make.changed()
    room = atlas().space(*site.world.room.split("/"))
    tokens = []
    for at, email in (("fri 10-11", "one@example.net"), ("fri 14-15", "two@example.net")):
        wanted = visitors.Ask(room, make.period(at), Details(2))
        visitors.ask(wanted, visitors.Person("Visiteuse", email, "", "fr"), now=now)
        query = db.session.query(OutboxMessage).filter_by(kind="visitor-wished", to=email)
        tokens.append(query.one().facts["token"])
    site.world.wished, site.world.visit = tokens
    visitors.confirm(site.world.visit, atlas(), now=now)
    db.session.commit()


def mailed(member: Member, purpose: str) -> str:
    """The token of a link in the member's mail."""
    members.send_link(member, purpose, members.RESET_FOR, purpose, make.NOW)
    latest = db.session.query(OutboxMessage).order_by(OutboxMessage.id.desc()).first()
    assert latest
    token: str = latest.facts["token"]
    return token

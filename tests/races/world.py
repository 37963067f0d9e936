"""A venue whose places everybody wants, and members who are signed in already."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from flask import Flask, session
from flask_wtf.csrf import generate_csrf
from sqlalchemy import delete, select, update

from booking import clock
from booking.app import create_app
from booking.db import db, transaction
from booking.models.delegations import Delegation
from booking.models.extras import Extra, ExtraUnit, ReservationExtra
from booking.models.hours import Closure, OpeningHours
from booking.models.members import Member, Role, SignIn
from booking.models.occupancy import Occupancy
from booking.models.outbox import OutboxMessage
from booking.models.policies import Policy
from booking.models.reservations import History, Reservation
from booking.models.series import Series
from booking.models.venues import Network, Operator, Space, SpaceUnit, Unit, Venue
from booking.models.waitlist import Waiting
from booking.rules import codes
from booking.rules.hours import today
from booking.rules.periods import Period
from booking.rules.states import CONFIRMED, NEW, REQUESTED
from migrations import guard

PARIS = ZoneInfo("Europe/Paris")
DESKS = [f"desk-{number}" for number in range(1, 6)]
# Kind, offer and units of each space; the hall and its halves share theirs.
SPACES = {
    "room": ("meeting_room", "whole", ["room"]),
    "other-room": ("meeting_room", "whole", ["other-room"]),
    "desks": ("open_space", "pool", DESKS),
    "hall": ("event_hall", "whole", ["half-a", "half-b"]),
    "half-a": ("event_hall", "whole", ["half-a"]),
    "half-b": ("event_hall", "whole", ["half-b"]),
    "rationed": ("meeting_room", "whole", ["rationed"]),
}
PROJECTORS = ["projector-1", "projector-2"]
OPENS, CLOSES = 8, 20  # o'clock, every day
DAY = today(clock.now(), PARIS) + timedelta(days=7)


@dataclass(frozen=True)
class Racer:
    """A member's browser: its cookie, and the token that every form of this session carries."""

    cookie: str
    csrf_token: str


@dataclass(frozen=True)
class World:
    """A database with the venue and so many members; `app` is there to look into it."""

    app: Flask
    racers: list[Racer]

    @property
    def url(self) -> str:
        return str(self.app.config["SQLALCHEMY_DATABASE_URI"])


@contextmanager
def made(url: str, members: int) -> Iterator[World]:
    """Fills a migrated, empty database."""
    app = create_app(SQLALCHEMY_DATABASE_URI=url)
    tokens = [codes.token() for _ in range(members)]
    with app.app_context(), transaction():
        add_places()
        add_members(tokens)
    yield World(app, [racer(app, token) for token in tokens])
    with app.app_context():
        db.engine.dispose()


def add_places() -> None:
    """One venue, open every day, where nothing has to be asked for."""
    operator = Operator(slug="quai", name="Quai")
    network = Network(id=1, name={"fr": "Réseau"}, version=uuid4().hex)
    db.session.add_all([network, operator])
    db.session.flush()
    words = {"fr": "Le Quai"}
    venue = Venue(
        operator_id=operator.id,
        slug="quai",
        **{"name": words, "summary": words, "description": words},
        **{"address": "1 quai du Port", "postcode": "13002", "city": "Marseille"},
        timezone=PARIS.key,
    )
    db.session.add(venue)
    db.session.flush()
    for weekday in range(7):
        hours = {"opens": OPENS * 60, "closes": CLOSES * 60}
        db.session.add(OpeningHours(venue_id=venue.id, weekday=weekday, **hours))
    for slug, (kind, offer, units) in SPACES.items():
        add_space(venue, slug, kind, offer, units)
    projector = Extra(venue_id=venue.id, slug="projector", name={"fr": "Projecteur"})
    projector.description = {}
    db.session.add(projector)
    db.session.flush()
    for code in PROJECTORS:
        unit = Unit(venue_id=venue.id, code=code, name={"fr": code})
        db.session.add(unit)
        db.session.flush()
        db.session.add(ExtraUnit(extra_id=projector.id, unit_id=unit.id))


def add_space(venue: Venue, slug: str, kind: str, offer: str, units: list[str]) -> None:
    """A space with its policy, and those of its units that are not there yet."""
    words = {"fr": slug}
    space = Space(venue_id=venue.id, slug=slug, name=words, description={}, kind=kind, offer=offer)
    db.session.add(space)
    db.session.flush()
    once = [{"most": 1, "of": "reservations", "per": "day", "by": "member", "scope": "space"}]
    quotas = once if slug == "rationed" else None
    db.session.add(Policy(space_id=space.id, shortest=60, grid=60, quotas=quotas))
    known = {unit.code: unit for unit in db.session.scalars(select(Unit))}
    for code in units:
        unit = known.get(code) or Unit(venue_id=venue.id, code=code, name={"fr": code})
        db.session.add(unit)
        db.session.flush()
        db.session.add(SpaceUnit(space_id=space.id, unit_id=unit.id))


def add_members(tokens: list[str]) -> None:
    """A member with a confirmed address for each token, signed in with it."""
    now = clock.now()
    for number, token in enumerate(tokens):
        email = f"racer-{number}@demo.example"
        times = {"created_at": now, "confirmed_at": now}
        member = Member(email=email, name=email, password_hash="-", **times)
        db.session.add(member)
        db.session.flush()
        times = {"created_at": now, "expires_at": now + timedelta(days=1)}
        digest = codes.digest(token)
        db.session.add(SignIn(member_id=member.id, token_hash=digest, **times))


def racer(app: Flask, token: str) -> Racer:
    """The cookie that the sign-in page would have set, made by the application's own hands."""
    with app.test_request_context():
        session.update(_user_id=token, _fresh=True)
        csrf_token = generate_csrf()
        signer = app.session_interface.get_signing_serializer(app)
        return Racer(
            f"{app.config['SESSION_COOKIE_NAME']}={signer.dumps(dict(session))}", csrf_token
        )


def with_basket(world: World, racer: Racer, wishes: list[dict[str, str]]) -> Racer:
    """The same browser with these wishes in its member's day."""
    with world.app.test_request_context():
        signer = world.app.session_interface.get_signing_serializer(world.app)
        name, _, value = racer.cookie.partition("=")
        lines = [{"id": f"{number:06}"} | wish for number, wish in enumerate(wishes)]
        kept = signer.loads(value) | {"basket": lines}
        return Racer(f"{name}={signer.dumps(kept)}", racer.csrf_token)


def empty(world: World) -> None:
    """Nothing is reserved any more, and nothing ever was."""
    with world.app.app_context(), transaction():
        db.session.execute(delete(Delegation))
        tables = (Waiting, Occupancy, Closure, History, ReservationExtra, Reservation, Series)
        for table in (*tables, OutboxMessage):
            db.session.execute(delete(table))


def let_reserve(world: World, number: int) -> list[str]:
    """The racers after the first, so many, may reserve for the first; the numbers of that."""
    with world.app.app_context(), transaction():
        query = select(Member).order_by(Member.id).limit(number + 1)
        first, *others = db.session.scalars(query).all()
        rows = [
            Delegation(member_id=first.id, email=one.email, delegate_id=one.id) for one in others
        ]
        for row in rows:
            row.created_at = clock.now()
        db.session.add_all(rows)
        db.session.flush()
        return [str(row.id) for row in rows]


def appoint(world: World, number: int) -> None:
    """The first so many racers are managers of the venue from now on."""
    with world.app.app_context(), transaction():
        venue = db.session.scalars(select(Venue)).one()
        people = db.session.scalars(select(Member).order_by(Member.id).limit(number)).all()
        for member in people:
            role = {"name": "manager", "granted_at": clock.now()}
            db.session.add(Role(member_id=member.id, venue_id=venue.id, **role))


def add_expired_request(world: World, slug: str, period: Period) -> None:
    """A request whose time ran out a minute ago; no worker came by, so it still has its units."""
    late = clock.now() - timedelta(minutes=1)
    times = {"starts_at": period.start, "ends_at": period.end, "expires_at": late}
    stamps = {"created_at": late, "updated_at": late}
    with world.app.app_context(), transaction():
        space = db.session.scalars(select(Space).where(Space.slug == slug)).one()
        by = db.session.scalars(select(Member).order_by(Member.id).limit(1)).one()
        names = {"code": "EXP-1RED", "uid": "expired", "state": REQUESTED}
        request = Reservation(**names, space_id=space.id, member_id=by.id, **times, **stamps)
        db.session.add(request)
        db.session.flush()
        units = select(SpaceUnit.unit_id).where(SpaceUnit.space_id == space.id)
        for n, unit_id in enumerate(db.session.scalars(units).all()):
            place = {"unit_id": unit_id, "reservation_id": request.id, "people": 0 if n else 1}
            db.session.add(Occupancy(**place, **times))


def add_awaited(world: World) -> list[str]:
    """Each racer has a desk that runs since ten minutes, and the time to check in is over just now;
    the codes, in the racers' order."""
    now = clock.now()
    times = {"starts_at": now - timedelta(minutes=10), "ends_at": now + timedelta(minutes=50)}
    stamps = {"created_at": now, "updated_at": now, "check_in_by": now}
    codes_ = [codes.reservation_code() for _ in world.racers]
    with world.app.app_context(), transaction():
        space = db.session.scalars(select(Space).where(Space.slug == "desks")).one()
        people = db.session.scalars(select(Member.id).order_by(Member.id)).all()
        units = select(SpaceUnit.unit_id).where(SpaceUnit.space_id == space.id)
        desks = db.session.scalars(units).all()
        for code, member_id, unit_id in zip(codes_, people, desks, strict=True):
            names = {"code": code, "uid": code, "state": CONFIRMED, "member_id": member_id}
            row = Reservation(**names, space_id=space.id, **times, **stamps)
            db.session.add(row)
            db.session.flush()
            line = {"verb": "reserve", "before": NEW, "after": CONFIRMED, "at": now}
            db.session.add(History(reservation_id=row.id, member_id=member_id, **line))
            place = {"unit_id": unit_id, "reservation_id": row.id, "people": 1}
            db.session.add(Occupancy(**place, **times))
    return codes_


def drop_guard(world: World) -> None:
    """From now on this database takes any two rows for one unit."""
    with world.app.app_context(), transaction():
        connection = db.session.connection()
        if connection.dialect.name == "postgresql":
            statements = [f"ALTER TABLE occupancy DROP CONSTRAINT {guard.NAME}"]
        else:
            statements = [f"DROP TRIGGER {name}" for name in guard.TRIGGERS]
        for statement in statements:
            connection.exec_driver_sql(statement)


def restore_guard(world: World) -> None:
    """As the migration does it; the database must be empty."""
    with world.app.app_context(), transaction():
        guard.ensure(db.session.connection())


def set_policy(world: World, slug: str, **values: object) -> None:
    """What the space says of itself."""
    with world.app.app_context(), transaction():
        space = select(Space.id).where(Space.slug == slug).scalar_subquery()
        db.session.execute(update(Policy).where(Policy.space_id == space).values(**values))
        db.session.query(Network).update({"version": uuid4().hex})


def set_ceiling(world: World, ceiling: int | None) -> None:
    """So many people may be in the venue at a time."""
    with world.app.app_context(), transaction():
        db.session.query(Venue).update({"ceiling": ceiling})
        db.session.query(Network).update({"version": uuid4().hex})

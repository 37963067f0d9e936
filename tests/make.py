"""A small world for tests: one call per thing, good defaults, all in the open transaction.

It is Sunday noon in Paris, 7 March 2027; "mon 9-11" is the day after. Nothing here depends on
the network file or on the clock.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import TypeVar
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from booking.actions import changes, outbox, reservations, roles
from booking.actions import series as actions_series
from booking.actions.changes import Wanted
from booking.actions.reservations import Details
from booking.actions.series import Line, Plan
from booking.db import Base, db
from booking.models.delegations import Delegation
from booking.models.extras import Extra, ExtraUnit
from booking.models.hours import OpeningHours
from booking.models.members import Member
from booking.models.organisations import Membership, Organisation, Resident, Trained
from booking.models.outbox import OutboxMessage
from booking.models.policies import Policy
from booking.models.reservations import Reservation
from booking.models.series import Series
from booking.models.venues import Network, Operator, Space, SpaceUnit, Training, Unit, Venue
from booking.queries.members import by_email
from booking.queries.reservations import with_place
from booking.queries.venues import Atlas, ExtraFacts, SpaceFacts, read_atlas
from booking.rules import codes, passwords
from booking.rules.hours import instant
from booking.rules.periods import Period
from booking.rules.series import Repeat, dates_of, period_on, walls_of

PARIS = ZoneInfo("Europe/Paris")
SUNDAY = date(2027, 3, 7)
NOW = datetime(2027, 3, 7, 11, tzinfo=UTC)
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
PASSWORD = "Garlaban-1720-lagune!"
NO_PASSWORD = "-"
"""What is kept of somebody who has an account, in which no password is the right one."""
DAILY = tuple((weekday, 8 * 60, 20 * 60) for weekday in range(7))
numbers = count(1)
Row = TypeVar("Row", bound=Base)


def words(text: str) -> dict[str, str]:
    return {"fr": text, "en": text}


def moment(at: str, zone: ZoneInfo = PARIS, week: date = SUNDAY) -> datetime:
    """ "mon 9" or "tue 14:30": the wall clock there, in the seven days from `week` on."""
    weekday, clock = at.split()
    hour, _, minute = clock.partition(":")
    on = week + timedelta(days=WEEKDAYS.index(weekday))
    return instant(on, int(hour) * 60 + int(minute or 0), zone)


def period(at: str, zone: ZoneInfo = PARIS, week: date = SUNDAY) -> Period:
    """ "mon 9-11" or "tue 9:30-24"."""
    start, _, end = at.partition("-")
    return Period(moment(start, zone, week), moment(f"{start.split()[0]} {end}", zone, week))


def operator(slug: str = "") -> Operator:
    slug = slug or f"operator-{next(numbers)}"
    return added(Operator(slug=slug, name=slug.title(), public_body=True))


def venue(
    slug: str = "",
    *,
    hours: Sequence[tuple[int, int, int]] = DAILY,
    lat: float | None = None,
    lon: float | None = None,
    timezone: str = "Europe/Paris",
    **more: object,
) -> Venue:
    """A venue of an operator of its own, open from 8 to 20 every day; `more` are columns."""
    number = next(numbers)
    slug = slug or f"venue-{number}"
    row = Venue(
        operator_id=operator().id,
        slug=slug,
        name=words(slug.title()),
        summary=words(""),
        description=words(""),
        address="1 quai du Port",
        postcode="13002",
        city="Marseille",
        lat=lat,
        lon=lon,
        timezone=timezone,
        position=number,
        **more,
    )
    added(row)
    for weekday, opens, closes in hours:
        added(OpeningHours(venue_id=row.id, weekday=weekday, opens=opens, closes=closes))
    return row


def space(
    at: Venue | None = None,
    slug: str = "",
    *,
    units: Sequence[str] = (),
    offer: str = "whole",
    kind: str = "meeting_room",
    capacity: int | None = None,
    capacity_per_unit: int | None = None,
    layouts: dict[str, int] | None = None,
    training_id: int | None = None,
    **policy: object,
) -> SpaceFacts:
    """A room reserved at once. `units` are codes of its venue: two spaces may share some."""
    at = at or venue()
    number = next(numbers)
    slug = slug or f"space-{number}"
    row = Space(
        venue_id=at.id,
        slug=slug,
        name=words(slug.title()),
        description=words(""),
        kind=kind,
        offer=offer,
        capacity=capacity,
        capacity_per_unit=capacity_per_unit,
        layouts=layouts or {},
        training_id=training_id,
        position=number,
    )
    added(row)
    added(Policy(space_id=row.id, **policy))
    for code in units or (slug,):
        added(SpaceUnit(space_id=row.id, unit_id=unit(at, code).id))
    changed()
    return read_atlas().by_id(row.id)


def changed() -> None:
    """Places are not what they were: a kept atlas is read anew."""
    db.session.execute(update(Network).values(version=str(uuid4())))


def training(at: Venue, slug: str = "laser") -> Training:
    """Something one has to have learnt there."""
    changed()
    return added(Training(venue_id=at.id, slug=slug, name=words(slug.title())))


def trained(who: Member, what: Training, *, until: datetime | None = None) -> Trained:
    """A member who has learnt it."""
    return added(Trained(member_id=who.id, training_id=what.id, granted_at=NOW, ends_at=until))


def organisation(slug: str = "", *venues: Venue) -> Organisation:
    """A company, at home in these venues."""
    slug = slug or f"firm-{next(numbers)}"
    row = added(Organisation(slug=slug, name=slug.title()))
    for at in venues:
        added(Resident(organisation_id=row.id, venue_id=at.id))
    changed()
    return row


def membership(who: Member, acts_for: Organisation, *, until: datetime | None = None) -> Membership:
    """A member who acts for it."""
    row = Membership(member_id=who.id, organisation_id=acts_for.id, granted_at=NOW, ends_at=until)
    return added(row)


def pool(at: Venue | None = None, slug: str = "", *, size: int = 3, **rest: object) -> SpaceFacts:
    """Desks of which one takes as many as one needs."""
    codes = [f"desk-{next(numbers)}" for _ in range(size)]
    return space(at, slug, units=codes, offer="pool", kind="open_space", **rest)  # type: ignore[arg-type]


def unit(at: Venue, code: str) -> Unit:
    """The venue's unit of that code, made when it is first named."""
    found = db.session.query(Unit).filter_by(venue_id=at.id, code=code).one_or_none()
    return found or added(Unit(venue_id=at.id, code=code, name=words(code), position=next(numbers)))


def extra(at: Venue, slug: str, *, stock: int = 0, **values: object) -> ExtraFacts:
    """Something to take beside the venue's spaces; without stock it never runs out."""
    number = next(numbers)
    row = Extra(
        venue_id=at.id, slug=slug, name=words(slug.title()), description=words(""), **values
    )
    row.position = number
    added(row)
    for piece in range(1, stock + 1):
        added(ExtraUnit(extra_id=row.id, unit_id=unit(at, f"{slug}-{piece}").id))
    changed()
    venue_of = next(one for one in read_atlas().venues if one.id == at.id)
    return next(one for one in venue_of.extras if one.slug == slug)


def member(name: str = "Mireille", *, language: str = "fr", password: str | None = None) -> Member:
    """A member whose address is confirmed, with an account. Unless a password is given nobody can
    sign in as them."""
    row = Member(
        email=f"member-{next(numbers)}@example.org",
        name=name,
        language=language,
        password_hash=passwords.hashed(password) if password else NO_PASSWORD,
        created_at=NOW,
        confirmed_at=NOW,
    )
    return added(row)


def delegation(of: Member, to: Member, *, until: datetime | None = None) -> Delegation:
    """`to` may reserve for `of`."""
    row = Delegation(member_id=of.id, email=to.email, delegate_id=to.id, created_at=NOW)
    row.ends_at = until
    return added(row)


def visitor(name: str = "Honorine") -> Member:
    """Somebody without an account, who has shown that the address is theirs."""
    made = member(name)
    made.password_hash = None
    db.session.flush()
    return made


def manager(*venues: Venue, name: str = "Régis") -> Member:
    """Someone who decides at these venues."""
    made = member(name)
    for at in venues:
        roles.granted(made, "manager", at, by_id=None, now=NOW)
    return reread(made)


def admin(name: str = "Ada") -> Member:
    """Someone who may do everything everywhere."""
    made = member(name)
    roles.granted(made, "administrator", None, by_id=None, now=NOW)
    return reread(made)


def reservation(
    space: SpaceFacts,
    at: str | Period = "mon 9-11",
    *,
    by: Member | None = None,
    now: datetime = NOW,
    **details: object,
) -> Reservation:
    """One that went through the same door as everybody's."""
    wanted = at if isinstance(at, Period) else period(at, space.zone)
    by = by or member()
    return reservations.reserve(space, wanted, Details(**details), by=by, now=now)  # type: ignore[arg-type]


def series(
    space: SpaceFacts,
    at: str = "mon 9-11",
    repeat: Repeat | None = None,
    *,
    by: Member | None = None,
    now: datetime = NOW,
    but: Collection[date] = (),
    **details: object,
) -> Series:
    """A weekly series of four, or as told, that went through the same door as everybody's; `but`:
    dates that were left out of it."""
    first, walls = walls_of(period(at, space.zone), space.zone)
    repeat = repeat or Repeat("weekly", count=4)
    lines = [
        Line(on, space, period_on(on, walls, space.zone), Details(**details))  # type: ignore[arg-type]
        for on in dates_of(repeat, first).dates
        if on not in but
    ]
    left_out = [(on, "dropped") for on in but]
    plan = Plan(space, repeat, first, walls, lines, left_out, codes.token())
    return actions_series.make(plan, by=by or member(), now=now)[0]


def dates(made: Series) -> list[Reservation]:
    """What belongs to it, by the dates it stands for."""
    query = with_place().where(Reservation.series_id == made.id)
    query = query.order_by(Reservation.series_on, Reservation.id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def moved(row: Reservation, places: Atlas, wanted: Period, *, by: Member, now: datetime) -> None:
    """The same reservation at another time, through the door of all changes."""
    space, details = places.by_id(row.space_id), changes.details_of(row, places)
    changes.change(row, places, Wanted(space, wanted, details), by=by, now=now)


def posted(kind: str, to: Member, now: datetime = NOW, **facts: object) -> OutboxMessage:
    """A message that waits to be sent."""
    outbox.post(kind, to, now, **facts)
    return db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()  # type: ignore[return-value]


def reread(row: Member) -> Member:
    """The member with the roles they have now."""
    db.session.expire(row)
    found = by_email(row.email)
    assert found
    return found


def added(row: Row) -> Row:
    db.session.add(row)
    db.session.flush()
    return row

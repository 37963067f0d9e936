"""What must be true after every race, read from the answers and from the database."""

from collections import Counter
from collections.abc import Sequence
from http.client import CONFLICT, FOUND
from itertools import pairwise

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from booking.db import db
from booking.models.extras import ReservationExtra
from booking.models.occupancy import Occupancy
from booking.models.reservations import History, Reservation
from booking.models.venues import Space, Unit
from booking.rules.states import CONFIRMED, KEEPING
from tests.races.race import Answer
from tests.races.world import SPACES, World

WAY_OUT = "/reservations/new?space="
TWICE = "is taken twice"


def broken(world: World, answers: Sequence[Answer]) -> list[str]:
    """Everything that went against the rules since the database was empty, a sentence each."""
    with world.app.app_context():
        return [*disorder(answers), *doubles(), *halves(), *differences(answers)]


def disorder(answers: Sequence[Answer]) -> list[str]:
    """Answers that are neither a yes nor a no with a way out."""
    count = Counter(answer.status for answer in answers)
    found = [f"{n} answers were {status}" for status, n in count.items() if not proper(status)]
    dead_ends = [a for a in answers if a.status == CONFLICT and WAY_OUT not in a.page]
    return found + ([f"{len(dead_ends)} refusals show no alternative"] if dead_ends else [])


def proper(status: int) -> bool:
    return status in (FOUND, CONFLICT)


def doubles() -> list[str]:
    """Units that two rows take at the same instant: what must never be."""
    one, other = aliased(Occupancy), aliased(Occupancy)
    query = (
        select(Unit.code)
        .join(one, one.unit_id == Unit.id)
        .join(other, (other.unit_id == one.unit_id) & (other.id > one.id))
        .where(one.starts_at < other.ends_at, other.starts_at < one.ends_at)
        .distinct()
    )
    return [f"{code} {TWICE}" for code in db.session.scalars(query)]


def halves() -> list[str]:
    """Reservations that have fewer or more units than their state and their space give."""
    beside = (
        select(func.coalesce(func.sum(ReservationExtra.count), 0))
        .where(ReservationExtra.reservation_id == Reservation.id)
        .scalar_subquery()
    )
    query = (
        select(Reservation.code, Reservation.state, Space.slug, beside, func.count(Occupancy.id))
        .join(Space, Space.id == Reservation.space_id)
        .outerjoin(Occupancy, Occupancy.reservation_id == Reservation.id)
        .group_by(Reservation.id, Reservation.code, Reservation.state, Space.slug)
    )
    return [
        f"{code} is {state} and has {rows} units of {space} and {extras} beside"
        for code, state, space, extras, rows in db.session.execute(query)
        if rows != (due(space) + extras if state in KEEPING else 0)
    ]


def due(space: str) -> int:
    """How many units one person gets."""
    _, offer, units = SPACES[space]
    return len(units) if offer == "whole" else 1


def torn_stories() -> list[str]:
    """Codes of which a line of the history begins elsewhere than the line before it ended."""
    found = []
    for row in db.session.scalars(select(Reservation)):
        query = select(History).where(History.reservation_id == row.id).order_by(History.id)
        lines = db.session.scalars(query).all()
        whole = all(one.after == other.before for one, other in pairwise(lines))
        if not whole or lines[-1].after != row.state:
            found.append(f"{row.code} has a torn story")
    return found


def differences(answers: Sequence[Answer]) -> list[str]:
    """Reservations promised and not kept, or kept and not promised."""
    query = select(Reservation.code).where(Reservation.state == CONFIRMED)
    kept, promised = set(db.session.scalars(query)), {a.code for a in answers if a.code}
    return [f"{code} was promised or kept, not both" for code in sorted(kept ^ promised)]


def double_booked(faults: Sequence[str]) -> bool:
    """Whether the worst is among them."""
    return any(fault.endswith(TWICE) for fault in faults)


def winners(answers: Sequence[Answer]) -> Counter[str]:
    """How many clients got each space."""
    return Counter(answer.wish.space for answer in answers if answer.code)


def taken(world: World) -> Counter[str]:
    """How many rows take each unit."""
    query = select(Unit.code).join(Occupancy, Occupancy.unit_id == Unit.id)
    with world.app.app_context():
        return Counter(db.session.scalars(query))


def changes(world: World, verb: str) -> int:
    """How often that was done to any reservation."""
    query = select(func.count()).select_from(History).where(History.verb == verb)
    with world.app.app_context():
        return db.session.scalar(query) or 0

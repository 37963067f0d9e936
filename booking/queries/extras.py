"""What can be taken beside a space, and what reservations have taken."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select

from booking.db import Words, db
from booking.models.extras import Extra, ReservationExtra
from booking.queries.venues import ExtraFacts, SpaceFacts
from booking.rules.extras import Counts, Stock


def beside(space: SpaceFacts) -> dict[str, ExtraFacts]:
    """The venue's extras that go with this space, by slug, in the operator's order."""
    return space.extras


def offered(space: SpaceFacts) -> dict[str, Stock]:
    """The same as rules need them."""
    return {slug: stock_of(one) for slug, one in beside(space).items()}


def stock_of(facts: ExtraFacts) -> Stock:
    """The extra as plain values."""
    row = facts.extra
    return Stock(row.name, len(facts.units) or None, row.on_request, row.price)


def units_for(space: SpaceFacts, counts: Counts) -> list[int]:
    """Every unit that a reservation of the space with these extras may take."""
    stock = [unit for slug, one in beside(space).items() if slug in counts for unit in one.units]
    return [*space.units, *stock]


@dataclass(frozen=True)
class Held:
    """So many pieces of an extra that a reservation has, or had."""

    extra_id: int
    slug: str
    name: Words
    count: int


def held(reservation_ids: Collection[int]) -> dict[int, list[Held]]:
    """What each reservation takes beside its space, in the operator's order."""
    query = (
        select(ReservationExtra.reservation_id, Extra.id, Extra.slug, Extra.name)
        .add_columns(ReservationExtra.count)
        .join(Extra, Extra.id == ReservationExtra.extra_id)
        .where(ReservationExtra.reservation_id.in_(reservation_ids))
        .order_by(Extra.position, Extra.id)
    )
    found: dict[int, list[Held]] = {one: [] for one in reservation_ids}
    for reservation_id, *values in db.session.execute(query):
        found[reservation_id].append(Held(*values))
    return found


def counts_of(reservation_id: int) -> dict[str, int]:
    """How many of each extra one reservation has, by slug."""
    return {one.slug: one.count for one in held([reservation_id])[reservation_id]}

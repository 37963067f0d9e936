"""Requests that compete: one gets the place, the others are declined and told what is free."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from booking.actions import messages
from booking.actions.history import change_state
from booking.db import db
from booking.models.occupancy import Occupancy
from booking.models.reservations import Reservation
from booking.queries.availability import A_DAY, LOOK_BACK, busy, has_room
from booking.queries.extras import counts_of, units_for
from booking.queries.reservations import with_place
from booking.queries.venues import SpaceFacts, atlas
from booking.queries.ways_out import Look, Offer, alternatives
from booking.rules.periods import Period
from booking.rules.policies import Wish
from booking.rules.states import REQUESTED


def outbid(
    winner: Reservation, space: SpaceFacts, units: Sequence[int], by_id: int | None, now: datetime
) -> list[Reservation]:
    """Declines every competing request that has no room left now that the winner has its units.

    The units must be locked, and taken. No `by_id` means that no manager decided it: somebody
    reserved. Returns the declined ones.
    """
    taken = set(units)
    sharing = {
        other.id: other
        for other in space.venue.spaces
        if other.rules.competing and taken & set(other.units)
    }
    if not sharing:
        return []
    lost = []
    for rival in waiting(winner, list(sharing), now):
        theirs = sharing[rival.space_id]
        wish = wish_of(rival, theirs)
        units = units_for(theirs, wish.extras)
        blocks = busy(units, wish.period.widened(A_DAY, A_DAY), now)
        if not has_room(theirs, wish, blocks):
            lose(rival, theirs, by_id, now)
            lost.append(rival)
    return lost


def waiting(winner: Reservation, space_ids: Sequence[int], now: datetime) -> Sequence[Reservation]:
    """Requests in these spaces that hold no place, near the winner's time; locked, by id."""
    query = (
        with_place()
        .where(Reservation.state == REQUESTED, Reservation.space_id.in_(space_ids))
        .where(Reservation.id != winner.id)
        .where((Reservation.expires_at.is_(None)) | (Reservation.expires_at > now))
        .where(Reservation.starts_at < winner.ends_at + 2 * A_DAY)
        .where(Reservation.ends_at > winner.starts_at - 2 * A_DAY)
        .where(Reservation.starts_at > winner.starts_at - LOOK_BACK)
        .where(~select(Occupancy.id).where(Occupancy.reservation_id == Reservation.id).exists())
        .order_by(Reservation.id)
        .with_for_update(key_share=True, of=Reservation)
        .execution_options(populate_existing=True)
    )
    return db.session.scalars(query).all()


def lose(rival: Reservation, space: SpaceFacts, by_id: int | None, now: datetime) -> None:
    """One request less: declined because another was granted, with ways out in the mail; to who
    has no account, those that they may ask for."""
    change_state(rival, "outbid", by_id, now)
    db.session.flush()
    visitor = rival.member.visitor
    look = Look(now, allowed=lambda offer: offer.space.rules.visitors or not visitor)
    ways = [way(offer) for offer in alternatives(atlas(), space, wish_of(rival, space), look)]
    messages.tell_of(rival, "outbid", now, alternatives=ways)


def wish_of(rival: Reservation, space: SpaceFacts) -> Wish:
    """What the request asks for."""
    period = Period(rival.starts_at, rival.ends_at)
    extras = counts_of(rival.id)
    return Wish(period, rival.people, space.zone, rival.layout, extras=extras)


def way(offer: Offer) -> dict[str, Any]:
    """A way out as JSON values: where, when (ISO 8601, UTC), in which zone."""
    return {
        "space": offer.space.name,
        "venue": offer.space.venue.name,
        "path": f"{offer.space.venue.slug}/{offer.space.slug}",
        "starts_at": offer.period.start.isoformat(),
        "ends_at": offer.period.end.isoformat(),
        "zone": offer.space.zone.key,
    }

"""Deciding on everything of a series that waits, with one word and one mail."""

from collections.abc import Callable, Sequence
from datetime import datetime

from booking.actions import approvals, messages, occupancy
from booking.actions.guard import require_over
from booking.actions.series_cancels import spaces_of
from booking.errors import BookingError, NotFound, NotTogether, Refusal, Refused, SlotTaken
from booking.models.members import Member
from booking.models.reservations import Reservation
from booking.models.series import Series
from booking.queries.extras import counts_of, units_for
from booking.queries.reservations import changed_by
from booking.queries.venues import Atlas
from booking.rules import texts


def approve(
    series: Series,
    rows: Sequence[Reservation],
    places: Atlas,
    *,
    by: Member,
    now: datetime,
    why: str = "",
) -> list[Reservation]:
    """All of these requests are granted, or none is; returns the requests they win against.

    Raises as `approvals.approve`, but NotTogether with a reason for each that cannot be.
    """
    declined: list[Reservation] = []

    def granted(row: Reservation) -> None:
        declined.extend(approvals.approve(row, places, by=by, now=now, why=why, tell=False))

    told = decided(rows, "approve", places, granted, by=by, now=now)
    messages.tell_of_series(series, "approved", told, spaces_of(told, places), now)
    return declined


def decline(
    series: Series,
    rows: Sequence[Reservation],
    places: Atlas,
    *,
    by: Member,
    now: datetime,
    why: str,
) -> None:
    """No to all of these requests, with a reason the member reads.

    Raises as `approvals.decline`, and NotTogether."""
    reason = texts.clean(why)[:500]
    if not reason:
        raise Refused([Refusal("reason-missing")])

    def refused(row: Reservation) -> None:
        approvals.decline(row, places, by=by, now=now, why=reason, tell=False)

    told = decided(rows, "decline", places, refused, by=by, now=now)
    messages.tell_of_series(series, "declined", told, spaces_of(told, places), now, why=reason)


def decided(
    rows: Sequence[Reservation],
    verb: str,
    places: Atlas,
    decide: Callable[[Reservation], None],
    *,
    by: Member,
    now: datetime,
) -> list[Reservation]:
    """Decides each, by id, under one lock; returns what the member is to be told of: of a request
    for a change that was granted, the reservation. Raises NotTogether."""
    if not rows:
        raise NotFound(what="request")
    for row in rows:
        require_over(by, verb, row, now)
    mine = [row for row in rows if row.replaces_id is None]
    original = {row.id: changed_by(row) for row in rows if row.replaces_id is not None}
    every = [*mine, *original.values(), *(row for row in rows if row.id in original)]
    units = {u for r in every for u in units_for(places.by_id(r.space_id), counts_of(r.id))}
    occupancy.look_again_at_all(every, sorted(units))
    parts: dict[int, BookingError] = {}
    for number, row in sorted(enumerate(rows), key=lambda pair: pair[1].id):
        try:
            decide(row)
        except (Refused, SlotTaken) as no:
            parts[number] = no
    if parts:
        raise NotTogether(parts=parts)
    return [original.get(row.id, row) if verb == "approve" else row for row in rows]

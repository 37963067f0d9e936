"""Being there: checking in and out, and what becomes of a place to which nobody came.

Who checks in and the worker that releases may meet: both look again under the lock of the
reservation, so that one of them finds what the other did.
"""

from datetime import datetime
from typing import Any

from booking.actions import feedback, guest_messages, messages, occupancy
from booking.actions.changes import MINUTE, units_of
from booking.actions.guard import require_over, require_own_or_managed
from booking.actions.history import change_state
from booking.actions.reservations import check_not_over, drop_change
from booking.db import db
from booking.errors import Refusal, Refused, WrongState
from booking.models.members import Member
from booking.models.reservations import Reservation
from booking.queries import presence as find
from booking.queries.availability import with_buffers
from booking.queries.venues import Atlas, SpaceFacts
from booking.rules import texts
from booking.rules.periods import Period
from booking.rules.presence import window
from booking.rules.states import CHECKED_IN, CONFIRMED, NO_SHOW

KIOSK = {"at": "kiosk"}
"""What history says of who checked in by the code alone."""


def check_in(reservation: Reservation, *, by: Member, now: datetime) -> None:
    """They are there: from a quarter of an hour before the start until the end, unless the place
    has been released meanwhile. A second time changes nothing.

    Raises NotFound, NotAllowed, Refused with the times, WrongState.
    """
    require_own_or_managed(reservation, by, "check_in", now)
    arrive(reservation, by.id, now)


def check_in_by_code(space: SpaceFacts, code: str, *, now: datetime) -> Reservation:
    """Whoever stands at the door and knows the code is there. Raises NotFound for any but what is
    on now, or nearly, in this very space; Refused, WrongState."""
    reservation = find.at_the_door(space, code, now)
    arrive(reservation, None, now, changed=KIOSK)
    return reservation


def arrive(reservation: Reservation, by_id: int | None, now: datetime, **said: Any) -> None:
    """See `check_in`."""
    occupancy.look_again(reservation, (), "check_in", now)
    if reservation.state == CHECKED_IN:
        return
    if reservation.state == NO_SHOW:
        raise Refused([Refusal("released", {"by": reservation.check_in_by})])
    if reservation.state == CONFIRMED:
        check_window(reservation, now)
    change_state(reservation, "check_in", by_id, now, **said)
    db.session.flush()


def check_window(reservation: Reservation, now: datetime) -> None:
    """Raises Refused outside of the time in which one may check in."""
    during = window(Period(reservation.starts_at, reservation.ends_at))
    if now < during.start:
        facts = {"start": reservation.starts_at, "opens": during.start}
        raise Refused([Refusal("check-in-too-early", facts)])
    if now >= during.end:
        raise Refused([Refusal("check-in-over", {"end": reservation.ends_at})])


def check_out(reservation: Reservation, places: Atlas, *, by: Member, now: datetime) -> None:
    """They leave: the rest is free for others, but for the time to tidy, and who had checked in is
    done. Before the start all of it is free.

    Raises NotFound, and WrongState where it does not run.
    """
    if reservation.state == CHECKED_IN and now <= reservation.starts_at:
        require_own_or_managed(reservation, by, "check_in", now)
        occupancy.look_again(reservation, units_of(reservation, places), "finish", now)
        change_state(reservation, "finish", by.id, now)
        occupancy.release(reservation)
        place = {reservation.space_id: (reservation.space, reservation.space.venue)}
        guest_messages.follow([reservation], place, now, called_off=True)
        reservation.ends_at = reservation.starts_at + MINUTE  # They had none of it.
        drop_change(reservation, by, now)
        db.session.flush()
        return
    leave(reservation, places, by=by, now=now)
    if reservation.state == CHECKED_IN:
        change_state(reservation, "finish", by.id, now)
        db.session.flush()
        feedback.ask(reservation, now=now)


def leave(reservation: Reservation, places: Atlas, *, by: Member, now: datetime) -> None:
    """The rest of a reservation that runs is free for others, but for the time to tidy; what waits
    to change it is void.

    It ends with the minute that has begun. Raises NotFound, and WrongState where it does not run.
    """
    require_own_or_managed(reservation, by, "move", now)
    space = places.by_id(reservation.space_id)
    occupancy.look_again(reservation, units_of(reservation, places), "leave", now)
    check_not_over(reservation, "leave", now)
    if reservation.starts_at >= now:
        raise WrongState(state=reservation.state, verb="leave")
    ends_at = min(now.replace(second=0, microsecond=0) + MINUTE, reservation.ends_at)
    changed = {"ends_at": [reservation.ends_at.isoformat(), ends_at.isoformat()]}
    change_state(reservation, "leave", by.id, now, changed=changed)
    units = occupancy.release(reservation)
    reservation.ends_at, reservation.check_in_by = ends_at, None  # Whoever leaves was there.
    around = with_buffers(space, Period(reservation.starts_at, ends_at))
    occupancy.take(reservation, units, around)
    drop_change(reservation, by, now)


def miss(reservation: Reservation, places: Atlas, *, now: datetime) -> bool:
    """Nobody came in time: the place is free for others, and the member is told. False where
    somebody has come after all, or it is another reservation by now."""
    units = units_of(reservation, places)
    occupancy.look_again(reservation, units, "miss", now)
    by = reservation.check_in_by
    if reservation.state != CONFIRMED or by is None or by > now:
        return False
    change_state(reservation, "miss", None, now)
    occupancy.release(reservation)
    drop_change(reservation, None, now)
    db.session.flush()
    messages.tell_of(reservation, "miss", now)
    return True


def finish(reservation: Reservation, *, now: datetime) -> bool:
    """Its time is over, and its member is asked how it was. Its rows stay as they are: the past, or
    time to tidy. False where it is not over after all."""
    occupancy.look_again(reservation, (), "finish", now)
    awaited = reservation.state == CONFIRMED and reservation.check_in_by is not None
    if reservation.state not in (CONFIRMED, CHECKED_IN) or reservation.ends_at > now or awaited:
        return False
    change_state(reservation, "finish", None, now)
    db.session.flush()
    feedback.ask(reservation, now=now)
    return True


def excuse(reservation: Reservation, *, by: Member, now: datetime, why: str) -> None:
    """A manager takes an absence back, with a reason that is kept: it counts no more. They had the
    place until it was released.

    Raises NotFound, NotAllowed, Refused without a reason, WrongState.
    """
    require_over(by, "excuse", reservation, now)
    reason = texts.clean(why)[:500]
    if not reason:
        raise Refused([Refusal("excuse-unsaid")])
    occupancy.look_again(reservation, (), "excuse", now)
    change_state(reservation, "excuse", by.id, now, why=reason)
    if reservation.check_in_by is not None:
        reservation.ends_at = min(reservation.check_in_by, reservation.ends_at)
    db.session.flush()

"""Inviting guests to a reservation, their answers, and letting them in (docs/decisions/018).

Everything here looks again under the lock of the reservation, as whatever ends or moves it does.
Order of locks: the reservation, then the member whose invitations are counted.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError

from booking.actions import guest_messages, occupancy, outbox, presence
from booking.actions.guard import require_confirmed, require_over, require_own_or_managed
from booking.actions.guest_messages import Places
from booking.actions.history import record
from booking.actions.locks import lock
from booking.actions.presence import KIOSK
from booking.actions.reservations import UNDO
from booking.db import Unlucky, db
from booking.errors import NotFound, Refusal, Refused, WrongState
from booking.models.guests import Guest
from booking.models.members import Member
from booking.models.reservations import Reservation
from booking.models.venues import Space, Venue
from booking.queries import guests as find
from booking.queries.members import grants_of
from booking.queries.venues import SpaceFacts
from booking.rules import codes
from booking.rules.guests import (
    A_DAYS_LENGTH,
    COMING,
    DECLINED,
    INVITING,
    TIMES,
    TOLD,
    Named,
    counted,
    read,
    refusals,
    too_many_today,
    window,
)
from booking.rules.periods import Period
from booking.rules.roles import may


@dataclass(frozen=True)
class Invited:
    """How many guests are new, and how many of those named were invited already."""

    new: int
    known: int


def invite(
    reservation: Reservation,
    typed: str,
    *,
    by: Member,
    now: datetime,
    one: Named | None = None,
) -> Invited:
    """All of those named in the list, and that one, or none. A mail tells them at once, or when a
    manager has said yes.

    Raises NotFound, NotAllowed, WrongState for what has ended or would only change another, and
    Refused with every line that cannot be read and every limit.
    """
    require_own_or_managed(reservation, by, "invite", now)
    require_confirmed(by)
    occupancy.look_again(reservation, (), "invite", now)
    check_inviting(reservation, "invite", now)
    lock(Member, by.id)
    reading = read(typed, reservation.member.email, one)
    there, had = (
        find.known(reservation, [guest.email for guest in reading.guests]),
        taken(reservation),
    )
    live = [email for email, guest in there.items() if guest.removed_at is None]
    new = [guest for guest in reading.guests if guest.email not in live]
    before = {email: guest.times for email, guest in there.items()}
    often = [guest.email for guest in new if before.get(guest.email, 0) >= TIMES]
    broken = list(reading.wrong)
    if new or not (live or broken):
        broken += refusals(reservation.people, had, len(new))
        broken += quota(by, reservation, len(new), now)
    broken += [Refusal("guest-often", {"email": email, "most": TIMES}) for email in often]
    if broken:
        raise Refused(broken)
    guests = [written_down(named, there.get(named.email), reservation, now) for named in new]
    if guests:
        flushed()
        changed = {"guests": len(guests)}
        record(reservation, reservation.state, "invite", by.id, now, changed=changed)
        guest_messages.follow([reservation], place_of(reservation), now)
    return Invited(len(guests), len(live))


def taken(reservation: Reservation) -> int:
    """How many guests there are room is kept for."""
    return counted([guest.answer for guest in find.of(reservation)])


def quota(by: Member, reservation: Reservation, asked: int, now: datetime) -> list[Refusal]:
    """What stands against so many more invitations of theirs today. Managers have no such limit."""
    if may(grants_of(by), "invite", reservation.space.venue_id, now):
        return []
    return too_many_today(find.sent_since(by, now - A_DAYS_LENGTH), asked)


def written_down(
    one: Named, before: Guest | None, reservation: Reservation, now: datetime
) -> Guest:
    """The row of a new guest; of one who was removed, the same as before."""
    guest = before or Guest(
        reservation_id=reservation.id,
        email=one.email,
        code=codes.reservation_code(),
        created_at=now,
        times=0,
        ahead=0,
    )
    guest.name, guest.language = one.name, reservation.member.language
    guest.removed_at, guest.answer, guest.times = None, None, guest.times + 1
    db.session.add(guest)
    return guest


def flushed() -> None:
    """The rows get their numbers. Raises Unlucky if a code is another guest's."""
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Unlucky from error


def place_of(reservation: Reservation) -> Places:
    """Its space and venue; the space may be another since it was looked at without a lock."""
    space = db.session.get_one(Space, reservation.space_id)
    return {space.id: (space, db.session.get_one(Venue, space.venue_id))}


def check_inviting(reservation: Reservation, verb: str, now: datetime) -> None:
    """Raises WrongState unless there is something to be invited to."""
    open_ = reservation.state in INVITING and reservation.replaces_id is None
    if not open_ or reservation.ends_at <= now:
        raise WrongState(state=reservation.state, verb=verb)


def send_again(reservation: Reservation, guest_id: int, *, by: Member, now: datetime) -> None:
    """The same invitation once more, with a new link beside those they have.

    Raises NotFound, NotAllowed, WrongState also where it is not confirmed yet, Refused.
    """
    require_own_or_managed(reservation, by, "invite", now)
    require_confirmed(by)
    occupancy.look_again(reservation, (), "send_again", now)
    check_inviting(reservation, "send_again", now)
    if reservation.state not in TOLD:
        raise WrongState(state=reservation.state, verb="send_again")
    lock(Member, by.id)
    guest = find.by_id(reservation, guest_id)
    broken = quota(by, reservation, 1, now)
    if guest.times >= TIMES:
        broken.append(Refusal("guest-often", {"email": guest.email, "most": TIMES}))
    if broken:
        raise Refused(broken)
    guest.times += 1
    place = place_of(reservation)
    guest_messages.invite(guest, reservation, place, now, back=reservation.code)
    record(reservation, reservation.state, "send_again", by.id, now, changed={"guests": 1})


def remove(reservation: Reservation, guest_id: int, *, by: Member, now: datetime) -> None:
    """They are not expected any more, and are told if they were invited. Raises NotFound,
    NotAllowed, WrongState also where they are there."""
    require_own_or_managed(reservation, by, "invite", now)
    occupancy.look_again(reservation, (), "uninvite", now)
    check_inviting(reservation, "uninvite", now)
    guest = find.by_id(reservation, guest_id)
    if guest.arrived_at is not None:
        raise WrongState(state=reservation.state, verb="uninvite")
    guest.removed_at = now
    if guest.told is not None:
        guest_messages.tell_of_removal(guest, reservation, place_of(reservation), now)
    record(reservation, reservation.state, "uninvite", by.id, now, changed={"guests": 1})


def answer(guest: Guest, said: str, *, now: datetime) -> None:
    """Whoever has the pass says whether they come. Raises NotFound for one that is void, WrongState
    when it is over, Refused where others have their place by now."""
    row = guest.reservation
    occupancy.look_again(row, (), "answer", now)
    db.session.refresh(guest, ["answer", "removed_at", "told", "arrived_at"])
    if guest.removed_at is not None or row.state not in TOLD or row.ends_at <= now:
        raise WrongState(state=row.state, verb="answer")
    if said == COMING and guest.answer == DECLINED and taken(row) >= row.people - 1:
        raise Refused([Refusal("guests-full", {"people": row.people})])
    guest.answer = said
    db.session.flush()


def arrive(guest: Guest, *, by: Member, now: datetime) -> None:
    """A manager of the venue has seen them. The host is told after `UNDO`; a second time changes
    nothing. Raises NotFound, NotAllowed, Refused outside of the time, WrongState."""
    require_over(by, "check_in", guest.reservation, now)
    let_in(guest, by.id, now, not_before=now + UNDO)


def arrive_by_code(space: SpaceFacts, code: str, *, now: datetime) -> Guest:
    """Whoever stands at a screen of the venue and knows the code is there. Raises NotFound for any
    who are not let in there now."""
    guest = find.at_the_door(space.venue, code, now)
    let_in(guest, None, now, changed=KIOSK)
    return guest


def come_in(space: SpaceFacts, code: str, *, now: datetime) -> Reservation | Guest:
    """Who typed the code at the door is there: the reservation that it checks in, or the guest.
    Raises NotFound, Refused, WrongState."""
    try:
        return presence.check_in_by_code(space, code, now=now)
    except NotFound:
        return arrive_by_code(space, code, now=now)


def let_in(
    guest: Guest,
    by_id: int | None,
    now: datetime,
    *,
    not_before: datetime | None = None,
    changed: dict[str, Any] | None = None,
) -> None:
    """See `arrive`."""
    row = guest.reservation
    occupancy.look_again(row, (), "let_in", now)
    db.session.refresh(guest, ["arrived_at", "removed_at"])
    if guest.arrived_at is not None:
        return
    if guest.removed_at is not None or row.state not in TOLD:
        raise WrongState(state=row.state, verb="let_in")
    check_window(row, now)
    guest.arrived_at = now
    record(row, row.state, "let_in", by_id, now, changed={"guests": 1, **(changed or {})})
    if by_id != row.member_id:
        guest_messages.tell_of_arrival(guest, row, now, not_before)
    db.session.flush()


def check_window(row: Reservation, now: datetime) -> None:
    """Raises Refused outside of the time in which guests are let in."""
    during = window(Period(row.starts_at, row.ends_at))
    if now < during.start:
        facts = {"start": row.starts_at, "opens": during.start}
        raise Refused([Refusal("guest-too-early", facts)])
    if now >= during.end:
        raise Refused([Refusal("guest-over", {"end": row.ends_at})])


def take_back_arrival(guest: Guest, *, by: Member, now: datetime) -> None:
    """A manager has marked the wrong one: the host is not told, if there is time for that. Raises
    NotFound, NotAllowed."""
    require_over(by, "check_in", guest.reservation, now)
    row = guest.reservation
    occupancy.look_again(row, (), "let_out", now)
    db.session.refresh(guest, ["arrived_at"])
    if guest.arrived_at is None:
        return
    guest.arrived_at = None
    outbox.take_back(guest.code, now)
    record(row, row.state, "let_out", by.id, now, changed={"guests": 1})


def open_for_guests(reservation: Reservation, now: datetime) -> bool:
    """Whether one may invite somebody to it now."""
    try:
        check_inviting(reservation, "invite", now)
    except WrongState:
        return False
    return True

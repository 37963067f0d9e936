"""The waitlist: joining it, leaving it, and passing on what is free again (docs/decisions/013).

What is offered is a reservation that is held: it has its units under the same guard as any other,
so that nobody else can have them until it is answered or has run out.

Order of locks: units, reservations, entries of the waitlist, then those of actions/locks.py.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from booking.actions import messages, occupancy, policies, reservations, rivals
from booking.actions.guard import require_confirmed, require_reserving
from booking.actions.history import change_state, record
from booking.actions.locks import lock
from booking.actions.occupancy import Freed
from booking.actions.reservations import UNDO, Details
from booking.db import Unlucky, db
from booking.errors import Conflict, NotAllowed, NotFound, Refusal, Refused, SlotTaken, WrongState
from booking.models.members import Member
from booking.models.reservations import Reservation
from booking.models.waitlist import Waiting
from booking.queries import waitlist as find
from booking.queries.availability import A_DAY, count_for, taken, with_buffers
from booking.queries.delegations import acts_for
from booking.queries.extras import counts_of, units_for
from booking.queries.reservations import with_place
from booking.queries.venues import Atlas, SpaceFacts, atlas
from booking.rules import codes, states, texts
from booking.rules.availability import free_units
from booking.rules.periods import Period
from booking.rules.waitlist import (
    ENDED,
    LEFT,
    MOST,
    OFFERED,
    PASSED,
    TAKEN,
    WAITING,
    holds_until,
)

MANAGED = frozenset({"no-visitors"})
"""Rules that stand against no offer: for who has no account only a manager can have joined."""


@dataclass(frozen=True)
class Ask:
    """What somebody would wait for: the space, or any of its kind in its venue."""

    space: SpaceFacts
    period: Period
    details: Details
    anywhere: bool = False

    def spaces(self) -> list[SpaceFacts]:
        """Those that would serve, the smallest first."""
        found = [self.space]
        if self.anywhere:
            found = find.such(self.space, self.details.people) or found
        return [one for one in found if one.rules.waitlist_hold]

    def at(self, space: SpaceFacts) -> "Ask":
        """The same wish for one of them."""
        return replace(self, space=space, anywhere=False)


def join(ask: Ask, *, by: Member, now: datetime) -> Waiting:
    """A place in line for the member; the one they have already, with what is said now, where there
    is one.

    Raises NotAllowed, and Refused: with what the rules say where no such space could ever be
    theirs, where it is closed, where one is free at this moment, or for too many entries.
    """
    require_reserving(by, ask.details.whose, [ask.space.venue.id], now)
    member, spaces = ask.details.whose or by, hopeful(ask, by, now)
    # Who gives the place back meanwhile waits, and then finds this entry; or was quicker.
    occupancy.lock(sorted(find.units_of(spaces, ask.details.extras)))
    lock(Member, member.id)
    check_taken(ask, spaces, now)
    kind, space_id = ask.space.space.kind, None if ask.anywhere else ask.space.id
    try:
        entry = find.same(member, ask.space.venue.id, space_id, kind, ask.period)
    except NotFound:
        if find.count(member, now) >= MOST:
            raise Refused([Refusal("waitlist-full", {"most": MOST})]) from None
        entry = Waiting(
            member=member,
            member_id=member.id,
            venue_id=ask.space.venue.id,
            space_id=space_id,
            kind=kind,
            starts_at=ask.period.start,
            ends_at=ask.period.end,
            state=WAITING,
            created_at=now,
            changed_at=now,
        )
        db.session.add(entry)
    if entry.state == WAITING:
        describe(entry, ask)
    db.session.flush()
    return entry


def describe(entry: Waiting, ask: Ask) -> None:
    """What the reservation is to be, cleaned."""
    details = ask.details
    acts_for = policies.organisation_of(details.organisation, ask.space)
    names = (texts.one_line(name)[:120] for name in details.named)
    entry.people = details.people
    entry.organisation_id = acts_for.id if acts_for else None
    entry.layout, entry.activity = details.layout or None, details.activity or None
    entry.named = [name for name in names if name][:20]
    entry.extras = {slug: count for slug, count in details.extras.items() if count}
    entry.title = texts.one_line(details.title)[:120]
    entry.note = texts.clean(details.note)[:2000]


def hopeful(ask: Ask, by: Member, now: datetime) -> list[SpaceFacts]:
    """The spaces that could be theirs if only nobody had them. Raises Refused where none could,
    with what stands against the one they asked for."""
    spaces = ask.spaces()
    if not spaces:
        raise Refused([Refusal("no-waitlist")])
    found, noes = [], dict[int, Refused]()
    for space in spaces:
        try:
            policies.check(case_of(ask.at(space), by), now)
            check_open(ask.at(space), now)
        except Refused as no:
            noes[space.id] = no
        else:
            found.append(space)
    if not found:
        raise noes.get(ask.space.id) or next(iter(noes.values()))
    return found


def case_of(ask: Ask, by: Member) -> policies.Case:
    """The wish as it comes before the rules; no exception is made for who waits."""
    return reservations.case_of(ask.space, ask.period, replace(ask.details, exception=""), by)


def check_open(ask: Ask, now: datetime) -> None:
    """Raises Refused where closures leave too few units: giving back would not help."""
    space, around = ask.space, with_buffers(ask.space, ask.period)
    closed: dict[int, list[Period]] = {}
    for row in taken(space.units, around, now):
        if row.closed is not None:
            closed.setdefault(row.unit_id, []).append(row.period)
    if closed and len(free_units(space.units, closed, around)) < count_for(
        space, ask.details.people
    ):
        raise Refused([Refusal("closed-then")])


def check_taken(ask: Ask, spaces: Sequence[SpaceFacts], now: datetime) -> None:
    """Raises Refused where one of them could be had at this moment, with its name."""
    for space in spaces:
        try:
            reservations.check_free(space, ask.period, plain(ask.details), now)
        except SlotTaken:
            continue
        path = f"{space.venue.slug}/{space.slug}"
        raise Refused([Refusal("free-now", {"space": space.name, "path": path})])


def plain(details: Details) -> Details:
    """Any unit will do."""
    return replace(details, unit_id=None)


def leave(entry: Waiting, *, by: Member, now: datetime) -> None:
    """Waits no more; what was offered goes to who is next. Nothing happens where it is over.

    Raises NotFound for what is another's, Unlucky where it was offered at this very moment.
    """
    if not acts_for(by, entry.member_id, now):
        raise NotFound(what="waiting")
    offered = reserved_by(entry, "withdraw", now)
    kept = find.locked(entry.id)
    if kept is None or kept.state not in (WAITING, OFFERED):
        return
    if kept.reservation_id != (offered.id if offered else None):
        raise Unlucky
    became = LEFT if offered is None else PASSED
    if offered is not None:
        change_state(offered, "withdraw", by.id, now)
        occupancy.release(offered)
    change(kept, became, now)
    db.session.flush()


def accept(entry: Waiting, *, by: Member, now: datetime) -> Reservation:
    """What was offered is theirs; or a request, where a manager is asked. Once it is, saying so
    again changes nothing.

    Raises NotFound for what is another's or was never offered, NotAllowed, and WrongState where
    it has run out or was passed on.
    """
    if entry.reservation_id is None or not acts_for(by, entry.member_id, now):
        raise NotFound(what="offer")
    require_confirmed(by)
    offered = reserved_by(entry, "reserve", now)
    kept = find.locked(entry.id)
    if offered is None or kept is None or kept.reservation_id != offered.id:
        raise WrongState(state=entry.state, verb="reserve")
    if kept.state == TAKEN:
        return offered
    verb = "request" if offered.asks else "reserve"
    change_state(offered, verb, by.id, now)
    change(kept, TAKEN, now)
    space = atlas().by_id(offered.space_id)
    if reservations.competes(space, offered):
        occupancy.release(offered)
        offered.expires_at = offered.starts_at
    else:
        units = occupancy.keep(offered, offered.starts_at if offered.asks else None)
        rivals.outbid(offered, space, units, None, now)
    db.session.flush()
    competing = reservations.competes(space, offered)
    more = messages.done_by(by, offered)
    messages.tell_of(offered, verb, now, competing=competing, **more)
    return offered


def reserved_by(entry: Waiting, verb: str, now: datetime) -> Reservation | None:
    """What is, or was, held for it, locked with its units and read afresh. Raises WrongState
    where its time has run out."""
    if entry.reservation_id is None:
        return None
    query = with_place().where(Reservation.id == entry.reservation_id)
    row = db.session.scalars(query).one()
    units = units_for(atlas().by_id(row.space_id), counts_of(row.id))
    occupancy.look_again(row, units, verb, now)
    return row


def change(entry: Waiting, state: str, now: datetime) -> None:
    """The entry's next state. What waits again knows no offer any more."""
    entry.state, entry.changed_at = state, now
    if state == WAITING:
        entry.reservation_id = entry.offered_until = entry.token_hash = None


def pass_on(now: datetime) -> None:
    """What this transaction has freed is offered to who waits for it, whoever came first first.

    The last thing in each transaction (`db.conclusions`). An offer may end what had run out, so
    there may be more to pass on afterwards.
    """
    while freed := occupancy.freed():
        db.session.flush()
        settle({one.reservation_id for one in freed if one.reservation_id is not None}, now)
        places = atlas()
        units = frozenset(unit for one in freed for unit in one.units)
        start = min(one.period.start for one in freed)
        end = max(one.period.end for one in freed)
        venue_ids = {one.id for one in places.venues if not units.isdisjoint(one.units)}
        for entry in find.near(venue_ids, Period(start, end).widened(A_DAY, A_DAY), now):
            spaces = [
                one
                for one in find.serving(entry, places)
                if touched(freed, find.period_of(entry), units_for(one, entry.extras))
            ]
            serve(entry, spaces, places, now)


def touched(freed: Sequence[Freed], period: Period, units: Collection[int]) -> bool:
    """Whether some of that may have become free, buffers and all."""
    wide = period.widened(A_DAY, A_DAY)
    return any(one.period.overlaps(wide) and not one.units.isdisjoint(units) for one in freed)


def settle(reservation_ids: Collection[int], now: datetime) -> None:
    """What became of offers whose reservation has ended: it is passed on; or they wait again, where
    the venue took it from them."""
    for entry in find.freed(reservation_ids) if reservation_ids else ():
        ended = entry.reservation.state if entry.reservation else None
        if ended in (states.EXPIRED, states.WITHDRAWN):
            change(entry, PASSED, now)
        elif ended == states.DECLINED:
            change(entry, WAITING, now)
    db.session.flush()


def tend(entry_id: int, now: datetime) -> bool:
    """Ends an entry that waits for nothing any more, or offers it what happens to be free. What
    `pass_on` could not see: other hours, a quota given back. Returns whether something was done."""
    entry = db.session.get(Waiting, entry_id, populate_existing=True)
    if entry is None or entry.state != WAITING:
        return False
    places = atlas()
    if pointless(entry, places, now):
        return end(entry, now)
    return serve(entry, find.serving(entry, places), places, now)


def end(entry: Waiting, now: datetime) -> bool:
    """There is nothing to wait for any more; False where it waits no more already."""
    locked = find.locked(entry.id)
    if locked is None or locked.state != WAITING:
        return False
    change(locked, ENDED, now)
    db.session.flush()
    return True


def serve(entry: Waiting, spaces: Sequence[SpaceFacts], places: Atlas, now: datetime) -> bool:
    """Offers the first of these spaces that can be had; or ends the entry, if it is pointless.

    Looks without a lock first, and once for each space: of many who wait most are served by none.
    """
    free = [one for one in spaces if looks_free(entry, one, now)]
    if free and pointless(entry, places, now):
        return end(entry, now)
    return any(offer(entry, one, places, now) for one in free)


def pointless(entry: Waiting, places: Atlas, now: datetime) -> bool:
    """Whether its time has begun, its member is gone, nothing there has a waitlist, or they have
    such a place by now."""
    spaces = find.serving(entry, places)
    if entry.starts_at <= now or not spaces:
        return True
    member = db.session.get(Member, entry.member_id)
    if member is None or member.blocked_at is not None or member.confirmed_at is None:
        return True
    return find.has_one(entry, [one.id for one in spaces])


def looks_free(entry: Waiting, space: SpaceFacts, now: datetime) -> bool:
    """Whether it could be had, as far as one sees without a lock."""
    try:
        reservations.check_free(space, find.period_of(entry), details_of(entry), now)
    except (SlotTaken, NotFound):
        return False
    return True


def details_of(entry: Waiting, places: Atlas | None = None) -> Details:
    """What the member says of it; for whom they act only with the places at hand."""
    number = entry.organisation_id
    return Details(
        entry.people,
        entry.title,
        entry.note,
        extras=entry.extras,
        layout=entry.layout,
        activity=entry.activity,
        named=tuple(entry.named),
        organisation=places.organisation(number).slug if places and number is not None else "",
    )


def offer(entry: Waiting, space: SpaceFacts, places: Atlas, now: datetime) -> bool:
    """Holds the space for them and tells them; False where they may not have it now, or somebody
    was quicker with the place or with the entry."""
    period = find.period_of(entry)
    try:
        details = details_of(entry, places)
        member = db.session.get_one(Member, entry.member_id)
        case = reservations.case_of(space, period, details, member)
        case = replace(case, spared=MANAGED)
        policies.check(case, now)
        needs = reservations.needs_of(space, period, details)
        units = occupancy.choose(needs, now)
        waits = find.locked(entry.id)
        if waits is None or waits.state != WAITING:
            return False
        verdict = policies.settled(case, now)
    except (Refused, Conflict, NotFound, NotAllowed):
        return False
    held = reservations.born(case, details, verdict, now)
    held.state = states.move(states.NEW, "hold")
    told = now + UNDO  # Nobody reads of what is taken back.
    held.expires_at = holds_until(told, space.rules.waitlist_hold, period.start)
    reservations.write_down([held])
    reservations.remember_extras(held, space, details.extras)
    record(held, states.NEW, "hold", None, now)
    occupancy.take(held, units, needs[0].around)
    token = codes.token()
    change(waits, OFFERED, now)
    waits.reservation_id, waits.offered_until = held.id, held.expires_at
    waits.token_hash = codes.digest(token)
    db.session.flush()
    with reservations.place_at_hand(space):
        until = held.expires_at.isoformat()
        messages.tell_of(held, "hold", now, token=token, until=until, not_before=told)
    return True

"""Asking for a place without an account: the wish, the link that confirms it, and the links in
every mail that show what became of it (docs/decisions/019).

Whoever knows a link may do what it is for: it went to the mailbox of the person it is about.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete

from booking.actions import members, occupancy, outbox, policies, reservations
from booking.actions.facts import place_of
from booking.actions.messages import KINDS, WISHED
from booking.actions.reservations import Details
from booking.db import append, db
from booking.errors import NotFound
from booking.models.members import CONFIRM, Member
from booking.models.outbox import OutboxMessage
from booking.models.reservations import Reservation
from booking.models.visitors import VisitorLink, VisitorWish
from booking.queries import members as find_members
from booking.queries import visitors as find
from booking.queries.extras import units_for
from booking.queries.venues import Atlas, SpaceFacts
from booking.rules import codes, texts
from booking.rules.periods import Period

CONFIRM_FOR = timedelta(days=1)
SHOWN_FOR = timedelta(days=30)
"""So long after its end a reservation is shown by its links."""
OPEN = frozenset({KINDS["ask"], KINDS["hold"]})
"""Mails whose own link opens what they are about to anybody, with an account or without."""


@dataclass(frozen=True)
class Ask:
    """What is asked for: where, when, and all else."""

    space: SpaceFacts
    period: Period
    details: Details


@dataclass(frozen=True)
class Person:
    """Who asks, as they say themselves."""

    name: str
    email: str
    phone: str
    language: str


def nobody() -> Member:
    """Somebody of whom nothing is known but that they have no account; never kept."""
    return Member(name="", email="", language="fr")


def ask(wanted: Ask, person: Person, *, now: datetime) -> None:
    """Writes the wish down and mails a link to confirm it; nothing is held meanwhile.

    An address that is known is treated like any other, but that its mail says so, in its member's
    language. Raises Refused with all broken rules, SlotTaken, NotFound for a unit that is none.
    """
    space, period, details = wanted.space, wanted.period, wanted.details
    name = texts.one_line(person.name)[:120]
    members.check_name(name)
    policies.check(reservations.case_of(space, period, details, nobody()), now)
    reservations.check_free(space, period, details, now)
    email, token = texts.address(person.email), codes.token()
    known = find.known(email)
    row = wish_of(wanted, now) | {
        "token_hash": codes.digest(token),
        "email": email,
        "name": name,
        "phone": texts.one_line(person.phone)[:40] or None,
        "language": person.language,
    }
    append(VisitorWish, [row])
    if known is not None and known.blocked:
        return
    account = known is not None and known.account
    # Not the name they gave: a stranger may have chosen it. Nor anything else that was typed.
    language = known.language if known is not None and account else person.language
    reader = Member(name="", email=email, language=language)
    outbox.post(WISHED, reader, now, token=token, known=account, wish=facts_of(wanted))


def wish_of(wanted: Ask, now: datetime) -> dict[str, Any]:
    """What is asked for, as the columns of a wish."""
    details = wanted.details
    return {
        "space_id": wanted.space.id,
        "unit_id": details.unit_id,
        "starts_at": wanted.period.start,
        "ends_at": wanted.period.end,
        "people": details.people,
        "layout": details.layout or None,
        "activity": details.activity or None,
        "named": [texts.one_line(name)[:120] for name in details.named][:20],
        "extras": dict(details.extras),
        "title": texts.one_line(details.title)[:120],
        "note": texts.clean(details.note)[:2000],
        "exception": texts.clean(details.exception)[:500],
        "created_at": now,
        "expires_at": now + CONFIRM_FOR,
    }


def facts_of(wanted: Ask) -> dict[str, Any]:
    """What the mail says of it, as JSON values."""
    return {
        "starts_at": wanted.period.start.isoformat(),
        "ends_at": wanted.period.end.isoformat(),
        "people": wanted.details.people,
        **place_of(wanted.space.space, wanted.space.venue.venue),
    }


def asked(wish: VisitorWish, places: Atlas) -> Ask:
    """What a wish asks for. Raises NotFound where its space is gone; another unit will do."""
    space = places.by_id(wish.space_id)
    details = Details(
        wish.people,
        wish.title,
        wish.note,
        wish.unit_id if wish.unit_id in space.units else None,
        wish.extras,
        layout=wish.layout,
        activity=wish.activity,
        named=tuple(wish.named),
        exception=wish.exception,
    )
    return Ask(space, Period(wish.starts_at, wish.ends_at), details)


def confirm(token: str, places: Atlas, *, now: datetime, instead: Ask | None = None) -> Reservation:
    """The wish goes to the manager, by the same rules as anybody's; that of somebody who has an
    account after all is judged like their own. `instead`: another place, where that one is gone.

    The link acts once, and shows the reservation from then on. Raises NotFound for a link that does
    not act any more, Refused, SlotTaken: then it may be tried again.
    """
    wish = find.wish(token, now)
    wanted = instead or asked(wish, places)
    use(wish)
    # Before the member, as everywhere: a manager may reserve for them at this moment.
    occupancy.lock(units_for(wanted.space, wanted.details.extras))
    member = member_of(wish, now)
    made = reservations.reserve(wanted.space, wanted.period, wanted.details, by=member, now=now)
    append(VisitorLink, [link(made.id, made.ends_at, wish.token_hash, now)])
    return made


def use(wish: VisitorWish) -> None:
    """The wish is gone. Raises NotFound when another request was quicker by a moment."""
    query = delete(VisitorWish).where(VisitorWish.id == wish.id).returning(VisitorWish.id)
    query = query.execution_options(synchronize_session=False)
    if db.session.scalar(query) is None:
        raise NotFound(what="link")


def member_of(wish: VisitorWish, now: datetime) -> Member:
    """Whose the mailbox is: who is there already, or somebody new without an account.

    Of an address that nobody had confirmed, the password is forgotten: whoever chose it need not
    be who reads the mail. Raises NotFound for somebody who is shut out.
    """
    member = find_members.by_email(wish.email)
    if member is None:
        new = Member(email=wish.email, name=wish.name, language=wish.language, created_at=now)
        member = members.added(new) or find_members.by_email(wish.email)
    if member is None or member.blocked_at is not None:
        raise NotFound(what="link")
    if member.confirmed_at is None:
        member.password_hash, member.confirmed_at = None, now
        members.end_links(member, CONFIRM, now)
    if member.visitor:
        member.name, member.language = wish.name, wish.language
        member.phone = wish.phone or member.phone
    db.session.flush()
    return member


def link(reservation_id: int, ends_at: datetime, token_hash: str, now: datetime) -> dict[str, Any]:
    """The columns of a link to a reservation."""
    return {
        "reservation_id": reservation_id,
        "token_hash": token_hash,
        "created_at": now,
        "expires_at": max(ends_at, now) + SHOWN_FOR,
    }


def links_for(message: OutboxMessage, *, now: datetime) -> dict[str, str]:
    """New links for a mail that is about to be sent, by the codes of the reservations it tells of:
    where it goes to somebody without an account, and the reservation is theirs."""
    told = codes_in(message.facts) if message.kind not in OPEN else []
    rows = find.of_visitor(told, message.to) if told else []
    tokens = {code: codes.token() for _, code, _ in rows}
    append(
        VisitorLink,
        [link(id_, ends_at, codes.digest(tokens[code]), now) for id_, code, ends_at in rows],
    )
    return tokens


def codes_in(facts: dict[str, Any]) -> Sequence[str]:
    """The codes of what a mail tells of."""
    own = [facts["code"]] if "code" in facts else []
    beside = (*facts.get("reservations", ()), *facts.get("dates", ()))
    return [*own, *(one["code"] for one in beside)]

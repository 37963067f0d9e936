"""Calendar addresses: given out, and taken back."""

from datetime import datetime

from booking.db import db
from booking.errors import NotAllowed, NotFound, Refusal, Refused
from booking.models.calendars import REQUESTS, Feed
from booking.models.members import Member
from booking.queries.calendars import feeds
from booking.queries.members import grants_of
from booking.rules import codes, roles

MOST = 10


def issue(kind: str, *, by: Member, now: datetime) -> str:
    """A new private calendar address of the member; returns its token, shown this once.

    Raises NotAllowed for the requests of nobody, Refused above ten addresses.
    """
    if kind == REQUESTS and not manages(by, now):
        raise NotAllowed(verb="see_requests")
    if len(feeds(by)) >= MOST:
        raise Refused([Refusal("too-many-feeds", {"most": MOST})])
    token = codes.token()
    db.session.add(Feed(member_id=by.id, kind=kind, token_hash=codes.digest(token), created_at=now))
    db.session.flush()
    return token


def manages(member: Member, now: datetime) -> bool:
    """Whether the member decides on requests anywhere."""
    return roles.venues_for(grants_of(member), "see_requests", now) != set()


def revoke(feed_id: int, *, by: Member, now: datetime) -> None:
    """The address answers 404 from now on. Raises NotFound for anybody else's."""
    feed = db.session.get(Feed, feed_id)
    if feed is None or feed.member_id != by.id or feed.revoked_at is not None:
        raise NotFound(what="feed")
    feed.revoked_at = now
    db.session.flush()

"""The server that a journey visits, and its database for what has to be there beforehand."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from pathlib import Path

from flask import Flask
from sqlalchemy import select, update

from booking import clock, demo
from booking.actions import approvals, feedback, members, reservations
from booking.actions.grants import granted
from booking.actions.reservations import Details
from booking.db import db, transaction
from booking.models.extras import Extra
from booking.models.organisations import Membership
from booking.models.outbox import OutboxMessage
from booking.models.reservations import Reservation
from booking.models.venues import Venue
from booking.queries.members import by_email
from booking.queries.reservations import by_code, with_place
from booking.queries.venues import atlas
from tests import accounts, make
from tests.journeys.person import Person
from tests.support.servers import ROOT


@dataclass(frozen=True)
class House:
    """`address` starts with http://; `place` is what the server's environment says."""

    address: str
    app: Flask
    place: dict[str, str]
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def email(self) -> str:
        """An address nobody has used."""
        return f"journey-{next(self.numbers)}@example.org"

    def member(self, name: str = "Mireille", language: str = "en") -> str:
        """A new member with the password of tests/make.py; returns the address."""
        email = self.email()
        with self.app.app_context(), transaction():
            accounts.create(email, name, make.PASSWORD, now=clock.now()).language = language
        return email

    def ten_seconds_later(self) -> None:
        """What is told only when nobody can take it back any more is told now."""
        with self.app.app_context(), transaction():
            waiting = update(OutboxMessage).where(OutboxMessage.sent_at.is_(None))
            db.session.execute(waiting.values(next_try_at=clock.now()))

    def sign_in(self, person: Person, email: str) -> None:
        """The person's browser is signed in as this member from now on."""
        with self.app.app_context():
            with transaction():
                found = by_email(email)
                assert found
                token = members.signed_in(found, "A browser", clock.now())
            writer = self.app.session_interface.get_signing_serializer(self.app)  # type: ignore[attr-defined]
            cookie = writer.dumps({"_user_id": token, "_fresh": True})
        person.page.context.add_cookies(
            [{"name": "session", "value": cookie, "url": self.address, "sameSite": "Lax"}]
        )
        person.email = email

    def reserved(self, space: str, on: str, hours: str, by: str = "", **details: object) -> str:
        """A reservation or a request of a member, as "10-12" on that day; returns its code.

        For the first thing that may be done there, unless `details` say what for.
        """
        email = by or self.member()
        with self.app.app_context(), transaction():
            where = atlas().space(*space.split("/"))
            opens, closes = (int(hour) for hour in hours.split("-"))
            day = date.fromisoformat(on)
            period = make.Period(
                *(make.instant(day, hour * 60, where.zone) for hour in (opens, closes))
            )
            who = by_email(email)
            assert who
            allowed = where.rules.activities or (None,)
            wish = Details(**{"activity": allowed[0], **details})  # type: ignore[arg-type]
            return reservations.reserve(where, period, wish, by=who, now=clock.now()).code

    def approved(self, code: str) -> str:
        """The administrator has said yes to this request; returns its code."""
        with self.app.app_context(), transaction():
            decides, now = by_email(demo.ADMINISTRATOR), clock.now()
            assert decides
            approvals.approve(by_code(code, by=decides, now=now), atlas(), by=decides, now=now)
        return code

    def asked(self, code: str) -> tuple[str, str]:
        """The member of this reservation is asked how it was; the paths in the mail, which waits
        until it is over."""
        with self.app.app_context(), transaction():
            row = db.session.scalars(with_place().where(Reservation.code == code)).one()
            assert feedback.ask(row, now=row.ends_at)
            query = select(OutboxMessage).where(OutboxMessage.kind == "feedback-asked")
            rows = db.session.scalars(query).all()
            facts = next(one.facts for one in rows if one.facts["code"] == code)
            return f"/feedback/{facts['token']}", f"/feedback/{facts['quiet_token']}/stop"

    def lets_reserve(self, email: str, other: str) -> int:
        """The second may reserve for the first from now on; the number of that."""
        with self.app.app_context(), transaction():
            of, to = by_email(email), by_email(other)
            assert of
            assert to
            return make.delegation(of, to).id

    def acts_for(self, email: str, slug: str) -> None:
        """The member acts for this organisation from now on."""
        with self.app.app_context(), transaction():
            who, decides = by_email(email), by_email(demo.ADMINISTRATOR)
            assert who
            assert decides
            known = atlas().organisations[slug].id
            granted(Membership, who, by_id=decides.id, now=clock.now(), organisation_id=known)

    def extra(self, venue: str, slug: str, name: dict[str, str], **values: object) -> None:
        """Something more to take beside the spaces of that venue; there once, however often asked.

        A worker may run a module's tests in two parts, with those of others between them.
        """
        with self.app.app_context(), transaction():
            at = db.session.scalars(select(Venue).where(Venue.slug == venue)).one()
            known = select(Extra.id).where(Extra.venue_id == at.id, Extra.slug == slug)
            if db.session.scalar(known) is not None:
                return
            extra = make.extra(at, slug, **values).extra  # type: ignore[arg-type]
            db.session.execute(update(Extra).where(Extra.id == extra.id).values(name=name))

    def flask(self, *command: str | Path) -> str:
        """What a command of the one who runs the server says."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "booking.app", *map(str, command)],
            env={**os.environ, **self.place},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

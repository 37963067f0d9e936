"""Why is this grey? What stands against a place at a time, and the ways out, for everybody."""

from dataclasses import dataclass
from datetime import datetime

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from booking import reasons, words
from booking.actions.reservations import Details
from booking.actions.waitlist import Ask
from booking.models.hours import Closure
from booking.models.members import Member
from booking.queries import readers
from booking.queries.readers import Reader
from booking.queries.venues import SpaceFacts
from booking.queries.ways_out import Look, Offer, alternatives
from booking.queries.why import Why, why_not
from booking.rules.periods import Period
from booking.rules.policies import Wish
from booking.web import descriptions, joining, links
from booking.web.boards import View
from booking.web.context import atlas
from booking.web.forms.reservations import WhenForm, period_of


@dataclass(frozen=True)
class Known:
    """A reservation the reader may know of."""

    code: str
    title: str
    when: str


def page(space: SpaceFacts, view: View) -> ResponseReturnValue:
    """The page for the time in the address; 422 with what is wrong where that is none."""
    form = WhenForm(request.args)
    period = period_of(form, space.zone) if form.validate() else None
    if period is None:
        return render_template("venues/why.html", space=space, form=form), 422
    reader = reader_of(view.member, period, view.now) if view.member else None
    found = why_not(space, period, view.now, reader)
    offers = [] if found.possible else ways_out(space, period, view.now, reader)
    return render_template(
        "venues/why.html",
        space=space,
        form=form,
        period=period,
        possible=found.possible,
        sentences=sentences(space, period, found),
        known=known(found, space, view),
        asks=[reasons.ask(code) for code in found.asks],
        joining=line(space, period, found, view.now),
        choices=[choice(offer, space) for offer in offers],
        reserve_url=links.form_url(space, period),
    )


def line(space: SpaceFacts, period: Period, found: Why, now: datetime) -> joining.Joining | None:
    """The waitlist, where others have the place and nothing else stands against it."""
    if found.possible or found.broken or found.closures or not found.stretches:
        return None
    return joining.there(Ask(space, period, Details()), now)


def reader_of(member: Member, period: Period, now: datetime) -> Reader:
    """Who looks, with what they have used of quotas from now on to that time and around."""
    places = atlas()
    seen = Period(min(now, period.start), max(now, period.end))
    return readers.with_own(readers.known(member, places, now), places.spaces(), seen)


def ways_out(
    space: SpaceFacts, period: Period, now: datetime, reader: Reader | None
) -> list[Offer]:
    """Other times and places; of a reader who is known only those that they may have."""

    def allowed(offer: Offer) -> bool:
        wish = Wish(offer.period, 1, offer.space.zone)
        return reader is None or not reader.broken(offer.space, wish)

    return alternatives(atlas(), space, Wish(period, 1, space.zone), Look(now, allowed=allowed))


def sentences(space: SpaceFacts, period: Period, found: Why) -> list[str]:
    """All reasons, what the house says first."""
    said = [closure_text(one, space) for one in found.closures]
    said += [reasons.refusal(one, space.zone) for one in found.broken]
    said += [taken_text(one, space) for one in found.stretches]
    if not said and found.free < found.needed:
        said += [nearby_text(space, period, found)]
    return said


def closure_text(closure: Closure, space: SpaceFacts) -> str:
    """When, why and by whom."""
    return gettext(
        "Closed (%(when)s): %(why)s. Closed by %(who)s, who can reopen it.",
        when=words.when(Period(closure.starts_at, closure.ends_at), space.zone),
        why=closure.why.rstrip("."),
        who=closure.member.name,
    )


def taken_text(stretch: Period, space: SpaceFacts) -> str:
    """Until when; never who."""
    until = words.instant_text(stretch.end, space.zone)
    if space.pool:
        return ngettext(
            "The only place is taken until %(until)s.",
            "All %(num)d places are taken; the first is free again %(until)s.",
            len(space.units),
            until=until,
        )
    return gettext("Taken by another reservation until %(until)s.", until=until)


def nearby_text(space: SpaceFacts, period: Period, found: Why) -> str:
    """Free by itself, but not with what has to be free around it; or no place for all of it."""
    if not any(row.period.overlaps(period) for row in found.taken):
        return too_near(space)
    return gettext("No place is free for the whole of that time.")


def too_near(space: SpaceFacts) -> str:
    """That what has to be kept free around it is not."""
    kept = " ".join(descriptions.buffers_in_words(space.rules))
    return gettext("Another reservation is too near.") + (f" {kept}" if kept else "")


def known(found: Why, space: SpaceFacts, view: View) -> list[Known]:
    """Those of the taken that are the reader's own, or at a venue they manage; each once."""
    shown = {
        row.code: row
        for row in found.taken
        if row.code
        and (view.sees_all or (view.member is not None and row.member_id == view.member.id))
    }
    return [
        Known(code, row.title or "", words.when(row.reserved, space.zone))
        for code, row in shown.items()
    ]


def choice(offer: Offer, space: SpaceFacts) -> dict[str, object]:
    """A way out: its words, and the form filled in with it."""
    when = words.when(offer.period, offer.space.zone)
    if offer.space.id == space.id:
        text = gettext("Same space, %(when)s", when=when)
    else:
        text = f"{words.said(offer.space.name)} ({words.said(offer.space.venue.name)}), {when}"
        if offer.kilometres:
            text += f" · {words.distance(offer.kilometres)}"
    return {"text": text, "url": links.form_url(offer.space, offer.period), "fields": None}

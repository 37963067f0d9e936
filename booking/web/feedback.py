"""How it was: the three questions behind a mailed link, and what managers read of the answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from booking import clock, words
from booking.actions import feedback as act
from booking.actions.feedback import Said
from booking.db import transaction
from booking.errors import NotFound, WrongState
from booking.models.feedback import Link
from booking.queries import feedback as find
from booking.queries.members import grants_of
from booking.queries.venues import SpaceFacts, VenueFacts
from booking.rules import roles
from booking.rules.access import DECIDERS, EVERYONE, MEMBERS, open_to
from booking.rules.feedback import SHOWN_FROM, Result, spans
from booking.rules.hours import today
from booking.web.context import atlas, forget_atlas
from booking.web.forms.feedback import AnswerForm
from booking.web.security import limiter, posts_nothing
from booking.web.session import member

bp = Blueprint("feedback", __name__)
FROM_ONE_PLACE = "60 per 15 minutes"
PRIVATE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


@dataclass(frozen=True)
class Card:
    """What a manager reads of a space. `spoken`: months, and what was said in them; `waits`:
    whether there is more that is shown only with further answers."""

    space: SpaceFacts
    result: Result
    spoken: list[tuple[str, list[str]]]
    waits: bool

    @property
    def shown(self) -> bool:
        """Whether so many have answered that the marks are nobody's own."""
        return self.result.answers >= SHOWN_FROM


@bp.route("/feedback/<token>", methods=["GET", "POST"])
@open_to(EVERYONE)
@limiter.limit(FROM_ONE_PLACE, exempt_when=posts_nothing)
def answer(token: str) -> ResponseReturnValue:
    now, form = clock.now(), AnswerForm()
    try:
        link = find.link(token, now.date())
        if link.space_id is None or not form.validate_on_submit():
            return asked(link, form)
        with transaction():
            forget_atlas()
            zone = atlas().by_id(link.space_id).zone
            said = Said(form.place.data, form.welcome.data, form.comment.data or "")
            act.answer(token, said, on=today(now, zone))
    except NotFound:
        return ended()
    except WrongState:
        forget_atlas()
    return redirect(url_for(".answer", token=token))


def asked(link: Link, form: AnswerForm) -> ResponseReturnValue:
    """The questions; or that they were answered, to whoever comes again."""
    if link.space_id is None:
        return render_template("feedback/thanks.html"), 200, PRIVATE
    space = atlas().by_id(link.space_id)
    page = render_template("feedback/answer.html", form=form, space=space, last_on=link.last_on)
    return page, 422 if form.errors else 200, PRIVATE


def ended() -> ResponseReturnValue:
    """An unknown link and one that has ended look the same."""
    return render_template("feedback/ended.html"), 404, PRIVATE


@bp.route("/feedback/<token>/stop", methods=["GET", "POST"])
@open_to(EVERYONE)
@limiter.limit(FROM_ONE_PLACE, exempt_when=posts_nothing)
def stop(token: str) -> ResponseReturnValue:
    try:
        if posts_nothing():
            wanted = find.quiet_link(token, clock.now()).member.feedback
            page = render_template("feedback/stop.html", token=token, wanted=wanted)
            return page, 200, PRIVATE
        with transaction():
            forget_atlas()
            act.want_none(token, now=clock.now())
    except NotFound:
        return ended()
    return redirect(url_for(".stop", token=token))


@bp.post("/account/feedback/<any(on, off):wanted>")
@open_to(MEMBERS)
def want(wanted: str) -> ResponseReturnValue:
    with transaction():
        act.want(wanted == "on", by=member())
    flash(gettext("Saved."), "ok")
    return redirect(url_for("account.show", _anchor="mails"))


@bp.get("/desk/feedback")
@open_to(DECIDERS)
def index() -> ResponseReturnValue:
    venues = own_venues(clock.now())
    if not venues:
        raise NotFound(what="venue")
    return redirect(url_for(".results", slug=venues[0].slug))


@bp.get("/desk/feedback/<slug>")
@open_to(DECIDERS)
def results(slug: str) -> ResponseReturnValue:
    venue, now = atlas().venue(slug), clock.now()
    venues = own_venues(now)
    if venue not in venues:
        raise NotFound(what="venue")
    cards = cards_of(venue, today(now, venue.zone))
    return render_template("feedback/results.html", venue=venue, venues=venues, cards=cards)


def own_venues(now: datetime) -> list[VenueFacts]:
    """Where the reader may read what was answered."""
    grants = grants_of(member())
    return [one for one in atlas().venues if roles.may(grants, "see_feedback", one.id, now)]


def cards_of(venue: VenueFacts, on: date) -> list[Card]:
    """Each space of the venue; first those whose marks are shown."""
    ids = [space.id for space in venue.spaces]
    found, comments = find.of_spaces(ids, on), find.comments(ids, on)
    cards = []
    for space in venue.spaces:
        result, months = found[space.id]
        own = [(month, said) for number, month, said in comments if number == space.id]
        spoken = spoken_in(spans(months), own)
        waits = len(own) > sum(len(said) for _, said in spoken)
        cards.append(Card(space, result, spoken, waits))
    return sorted(cards, key=lambda card: not card.shown)


def spoken_in(
    shown: Sequence[tuple[date, date]], comments: Sequence[tuple[date, str]]
) -> list[tuple[str, list[str]]]:
    """What was said in each span of months, latest first; spans in which nobody said a word are
    left out."""
    found = []
    for first, last in shown:
        said = [text for month, text in comments if first <= month <= last]
        if said:
            found.append((span_in_words(first, last), said))
    return found


def span_in_words(first: date, last: date) -> str:
    """March 2027, or January 2027 – March 2027."""
    names = [words.month(one) for one in dict.fromkeys((first, last))]
    return f"{words.NBSP}– ".join(names)

"""Searching the whole network: free spaces first, the nearest way out otherwise."""

from dataclasses import dataclass
from datetime import time, timedelta

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from booking import clock, reasons, words
from booking.queries import availability
from booking.queries.availability import Question, Result
from booking.queries.venues import Atlas, VenueFacts
from booking.rules.access import EVERYONE, open_to
from booking.rules.hours import DAY_MINUTES, instant
from booking.rules.periods import Period
from booking.web import boards, home
from booking.web.context import atlas
from booking.web.day_parts import for_finder
from booking.web.forms.reservations import minute_of
from booking.web.forms.search import FinderForm

bp = Blueprint("search", __name__)
SHOWN = 60


@dataclass(frozen=True)
class Answer:
    """One space in the list, with where its buttons lead. `choices`: (text, address)."""

    result: Result
    url: str
    reasons: list[str]
    choices: list[tuple[str, str]]


@bp.get("/search")
@open_to(EVERYONE)
def results() -> ResponseReturnValue:
    places = atlas()
    form = asked(places)
    if not form.validate():
        return render_template("search/results.html", form=form, answers=[], free=0), 422
    question = question_of(form, places)
    periods = {venue.id: period_at(form, venue) for venue in places.venues}
    spaces = availability.matching(places, question)
    found = availability.results(spaces, periods, question, clock.now())[:SHOWN]
    answers = [answer(result, question) for result in found]
    free = sum(1 for result in found if result.free)
    return render_template("search/results.html", form=form, answers=answers, free=free)


def asked(places: Atlas) -> FinderForm:
    """The form as the address fills it; what it leaves out gets the finder's first guess."""
    guess = home.finder(places.venues, clock.now())
    form = FinderForm(request.args)
    form.offer([(venue.slug, words.said(venue.name)) for venue in places.venues])
    for name in ("on", "opens", "closes", "people"):
        field = form[name]
        if not request.args.get(field.name, "").strip():
            field.process_data(guess[name].data)
    if not request.args.get("to", "").strip() and form.opens.data:
        form.closes.data = two_hours_after(form.opens.data)
    take_part(form, places)
    return form


def take_part(form: FinderForm, places: Atlas) -> None:
    """Offers the named periods of the venue asked for, else of all; `part` in the address goes
    before the times there."""
    venues = [venue for venue in places.venues if venue.slug == form.venue.data]
    form.parts = for_finder(venues or places.venues)
    for part in form.parts:
        if part.slug == request.args.get("part"):
            for field, minute in ((form.opens, part.opens), (form.closes, part.closes)):
                field.process_data(time(minute % DAY_MINUTES // 60, minute % 60))
                field.raw_data = None


def two_hours_after(opens: time) -> time:
    """At the latest midnight, which is written 0:00."""
    return time(opens.hour + 2, opens.minute) if opens.hour < 22 else time(0)


def question_of(form: FinderForm, places: Atlas) -> Question:
    venue = places.venue(form.venue.data) if form.venue.data else None
    return Question(form.kind.data or None, venue, form.people.data or 1)


def period_at(form: FinderForm, venue: VenueFacts) -> Period:
    """What the typed wall time means at this venue; a time the clocks skip moves on by the gap."""
    start = instant(form.on.data, minute_of(form.opens.data), venue.zone)
    end = instant(form.on.data, minute_of(form.closes.data) or DAY_MINUTES, venue.zone)
    return Period(start, max(end, start + timedelta(minutes=15)))


def answer(result: Result, question: Question) -> Answer:
    """The result with its sentences and links."""
    space = result.space
    choices = [
        (words.when(period, space.zone), boards.form_url(space, period, question.people))
        for period in result.alternatives
    ]
    url = boards.form_url(space, result.period, question.people)
    return Answer(result, url, [reasons.refusal(r, space.zone) for r in result.reasons], choices)

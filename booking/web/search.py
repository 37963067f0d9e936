"""Searching the whole network: free spaces first, the nearest way out otherwise."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from booking import clock, reasons, words
from booking.errors import NotFound
from booking.queries import policies as people
from booking.queries import search as find
from booking.queries.availability import count_for
from booking.queries.search import AnyTime, Found, Question, Result
from booking.queries.venues import Atlas, SpaceFacts
from booking.rules import prices as prices_rule
from booking.rules.access import EVERYONE, open_to
from booking.rules.hours import DAY_MINUTES, instant
from booking.rules.periods import Period
from booking.web import home, links, sentences
from booking.web.context import atlas
from booking.web.day_parts import for_finder
from booking.web.descriptions import weekday_names
from booking.web.forms.search import FinderForm, minute_of
from booking.web.sentences import Panel
from booking.web.session import me

bp = Blueprint("search", __name__)
SHOWN = 12
LAST_PAGE = 100
LONGEST_SENTENCE = 300


@dataclass(frozen=True)
class Answer:
    """One space in the list, with where its buttons lead. `choices`: (text, address) of other
    times; `fits`: why it suits; `price` in cents excluding VAT for the whole time, if known;
    `page`: that of the space on the day."""

    result: Result
    url: str
    reasons: list[str]
    choices: list[tuple[str, str]]
    fits: list[str]
    price: int | None
    page: str


@bp.get("/search")
@open_to(EVERYONE)
def results() -> ResponseReturnValue:
    places = atlas()
    said = request.args.get("q", "").strip()[:LONGEST_SENTENCE]
    if said and not request.args.get("said"):
        return redirect(url_for(".results", **asked_by(said, places)))
    form = asked(places)
    panel = panel_of(said, form, places) if said else None
    if not form.validate():
        return render_template("search/results.html", form=form, answers=[], panel=panel), 422
    question, page = question_of(form, places), page_asked()
    found = found_for(form, question, places, range((page - 1) * SHOWN, page * SHOWN))
    return render_template(
        "search/results.html",
        form=form,
        answers=[answer(result, question) for result in found.answers],
        free=found.free,
        many=found.many,
        panel=panel,
        page=page,
        before=url_of_page(page - 1) if page > 1 else None,
        after=url_of_page(page + 1) if found.more and page < LAST_PAGE else None,
    )


def page_asked() -> int:
    """The page in the address, from 1; the nearest there is."""
    return min(max(request.args.get("page", 1, type=int), 1), LAST_PAGE)


def url_of_page(number: int) -> str:
    """The same search, another page of its answers."""
    return links.search_url(request.args.to_dict(flat=False) | {"page": [str(number)]})


def asked_by(said: str, places: Atlas) -> dict[str, Any]:
    """The sentence as an address: what it means on this day stays what it means."""
    on = home.today_of(places.venues, clock.now())
    found = sentences.read(said, places, on)
    return {"q": said, "said": on.isoformat(), **sentences.args_of(found)}


def panel_of(said: str, form: FinderForm, places: Atlas) -> Panel:
    """What was understood of the sentence, read as on the day it was said."""
    try:
        on = date.fromisoformat(request.args["said"])
    except ValueError:
        on = home.today_of(places.venues, clock.now())
    found = sentences.read(said, places, on)
    args = {key: values for key, values in request.args.lists() if key not in ("lang", "page")}
    fields = (form.on, form.opens, form.closes, form.people)
    left_out = [field for field in fields if not request.args.get(field.name, "").strip()]
    if form.length.data and found.length is None:
        left_out.append(form.length)
    return sentences.panel(said, found, args, [str(f.label.text) for f in left_out], places)


def asked(places: Atlas) -> FinderForm:
    """The form as the address fills it; what it leaves out gets the finder's first guess."""
    guess = home.first_guess(places, clock.now())
    form = FinderForm(request.args)
    form.offer(home.venue_choices(places, words.tongue()), weekday_names())
    for name, value in guess.items():
        field = form[name]
        if not request.args.get(field.name, "").strip():
            field.process_data(value)
    if not request.args.get("to", "").strip() and form.opens.data:
        form.closes.data = two_hours_after(form.opens.data)
    take_part(form, places)
    return form


def take_part(form: FinderForm, places: Atlas) -> None:
    """Offers the named periods of the venue asked for, else of all; `part` in the address goes
    before the times there."""
    venues = [venue for venue in places.venues if venue.slug == form.venue.data]
    form.parts = for_finder(tuple(venues or places.venues))
    for part in form.parts:
        if part.slug == request.args.get("part"):
            for field, minute in ((form.opens, part.opens), (form.closes, part.closes)):
                field.process_data(time(minute % DAY_MINUTES // 60, minute % 60))
                field.raw_data = None


def two_hours_after(opens: time) -> time:
    """At the latest midnight, which is written 0:00."""
    return time(opens.hour + 2, opens.minute) if opens.hour < 22 else time(0)


def question_of(form: FinderForm, places: Atlas) -> Question:
    """The form as the search understands it."""
    return Question(
        kind=form.kind.data or None,
        venue=places.venue(form.venue.data) if form.venue.data else None,
        people=form.people.data or 1,
        only=form.only.data,
        space=space_named(form.space.data, places),
        layout=form.layout.data or None,
        features=frozenset(form.has.data or ()),
        step_free=form.step_free.data,
        instant=form.instant.data,
        groups=groups_of_reader(places),
    )


def space_named(path: str | None, places: Atlas) -> SpaceFacts | None:
    """The space of "venue/space"; None for none, and for one that is not there."""
    venue_slug, _, space_slug = (path or "").partition("/")
    try:
        return places.space(venue_slug, space_slug) if path else None
    except NotFound:
        return None


def groups_of_reader(places: Atlas) -> dict[int, frozenset[str]]:
    """For each venue the groups that know the reader there; empty for visitors."""
    member = me()
    if member is None or not places.organisations:
        return {}
    ids = people.organisation_ids(member, clock.now())
    homes = {o.slug: o.venue_ids for o in places.organisations.values() if o.id in ids}
    return {venue.id: people.groups(venue, homes) for venue in places.venues}


def found_for(form: FinderForm, question: Question, places: Atlas, page: range) -> Found:
    """The answers: at the time asked for, or at any time of that length."""
    spaces, now = find.matching(places, question), clock.now()
    if form.length.data is None:
        there = {zone: period_at(form, zone) for zone in {one.zone for one in places.venues}}
        periods = {venue.id: there[venue.zone] for venue in places.venues}
        return find.results(spaces, periods, question, now, page)
    first = form.on.data
    dates = find.dates_between(first, form.last.data or first, form.days.data or ())
    if not dates:
        return Found([], 0, many=False, more=False)
    closes = minute_of(form.closes.data) or DAY_MINUTES
    length = timedelta(minutes=form.length.data)
    wanted = AnyTime(length, dates, minute_of(form.opens.data), closes)
    return find.results_any_time(spaces, wanted, question, now, page)


def period_at(form: FinderForm, zone: ZoneInfo) -> Period:
    """What the typed wall time means there; a time the clocks skip moves on by the gap."""
    start = instant(form.on.data, minute_of(form.opens.data), zone)
    end = instant(form.on.data, minute_of(form.closes.data) or DAY_MINUTES, zone)
    return Period(start, max(end, start + timedelta(minutes=15)))


def answer(result: Result, question: Question) -> Answer:
    """The result with its sentences and links."""
    space, more = result.space, {}
    if question.layout:
        more["layout"] = question.layout
    choices = [
        (words.when(period, space.zone), links.form_url(space, period, question.people, **more))
        for period in result.alternatives
    ]
    url = links.form_url(space, result.period, question.people, **more) if result.free else ""
    said = [reasons.refusal(r, space.zone) for r in result.reasons]
    page = links.space_url(space, result.period.start.astimezone(space.zone).date())
    fits, price = fits_of(space, question), price_of(result, question)
    return Answer(result, url, said, choices, fits, price, page)


def fits_of(space: SpaceFacts, question: Question) -> list[str]:
    """Why the space suits, beside its time: what was asked for and is there."""
    found = []
    if question.layout:
        most = space.rules.layouts[question.layout]
        name = words.LAYOUTS[question.layout]
        found.append(
            gettext("%(layout)s: up to %(people)s", layout=name, people=words.people(most))
        )
    found += [str(words.FEATURES[one]) for one in words.FEATURES if one in question.features]
    if question.step_free:
        found.append(gettext("step-free access"))
    return found


def price_of(result: Result, question: Question) -> int | None:
    """A hint for the whole time, of all units it takes."""
    row = result.space.space
    each = prices_rule.hint(row.price_hour, row.price_half_day, row.price_day, result.period.length)
    units = count_for(result.space, question.people) if result.space.pool else 1
    return None if each is None else each * units

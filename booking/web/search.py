"""Searching the whole network: free spaces first, the nearest way out otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from booking import clock, reasons, words
from booking.errors import NotFound
from booking.queries import any_time as find_any_time
from booking.queries import readers
from booking.queries import search as find
from booking.queries.any_time import AnyTime
from booking.queries.availability import count_for
from booking.queries.readers import Reader
from booking.queries.search import Found, Question, Result
from booking.queries.venues import Atlas, SpaceFacts
from booking.rules import prices as prices_rule
from booking.rules.access import EVERYONE, open_to
from booking.rules.hours import DAY_MINUTES
from booking.rules.periods import Period
from booking.rules.texts import one_line
from booking.web import descriptions, home, links, sentences
from booking.web.context import atlas
from booking.web.day_parts import for_finder
from booking.web.forms.reservations import NOT_THEN, period_of
from booking.web.forms.search import FinderForm, minute_of
from booking.web.sentences import Panel
from booking.web.session import me

bp = Blueprint("search", __name__)
SHOWN = 12
LAST_PAGE = 100
LONGEST_SENTENCE = 300
LONGEST_NAME, SAID_AT_MOST = 60, 5
"""So much of a name that nobody knows is said again, and of so many."""
There = Mapping[ZoneInfo, Period]
"""What the typed wall times mean in each zone; zones in which clocks skip them are missing."""


@dataclass(frozen=True)
class Answer:
    """One space in the list, with where its buttons lead. `choices`: (text, address) of other
    times; `fits`: why it suits; `needs`: what a visitor would need; `price` in cents excluding VAT
    for the whole time, if known; `page`: that of the space on the day."""

    result: Result
    url: str
    reasons: list[str]
    choices: list[tuple[str, str]]
    fits: list[str]
    needs: list[str]
    price: int | None
    page: str


@bp.get("/search")
@open_to(EVERYONE)
def results() -> ResponseReturnValue:
    places = atlas()
    said = request.args.get("q", "").strip()[:LONGEST_SENTENCE]
    if said and not request.args.get("said"):
        return redirect(url_for(".results", **asked_by(said, places)))
    form, notes = asked(places)
    panel = panel_of(said, form, places) if said else None
    there = zones_of(form, places) if form.validate() else {}
    if form.errors:
        return render_template(
            "search/results.html", form=form, answers=[], notes=notes, panel=panel
        ), 422
    question, page = question_of(form, places), page_asked()
    shown = range((page - 1) * SHOWN, page * SHOWN)
    found = found_for(form, question, places, there, shown)
    return render_template(
        "search/results.html",
        form=form,
        answers=[answer(result, question) for result in found.answers],
        free=found.free,
        many=found.many,
        notes=notes + said_of_search(form, question, places, there),
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
    now = clock.now()
    on = home.today_of(places.venues, now)
    found = sentences.read(said, places, on)
    args = sentences.args_of(found, home.first_guess(places, now)["on"])
    return {"q": said, "said": on.isoformat(), **args}


def panel_of(said: str, form: FinderForm, places: Atlas) -> Panel:
    """What was understood of the sentence, read as on the day it was said."""
    try:
        on = date.fromisoformat(request.args["said"])
    except ValueError:
        on = home.today_of(places.venues, clock.now())
    found = sentences.read(said, places, on)
    args = {key: values for key, values in request.args.lists() if key not in ("lang", "page")}
    fields = (form.on, form.opens, form.closes, form.people)
    filled = sentences.args_of(found, form.on.data or on)
    known = (found.on, found.opens, found.closes, found.people)
    left_out = [
        field
        for field, value in zip(fields, known, strict=True)
        if (given := request.args.get(field.name, "").strip()) == ""
        or (value is None and given == filled.get(field.name))
    ]
    if form.length.data and found.length is None:
        left_out.append(form.length)
    return sentences.panel(said, found, args, [str(f.label.text) for f in left_out], places)


def asked(places: Atlas) -> tuple[FinderForm, list[str]]:
    """The form as the address fills it, and what of that is left out of the search and why; what
    the address leaves out gets the finder's first guess."""
    guess = home.first_guess(places, clock.now())
    form = FinderForm(request.args)
    form.offer(home.venue_choices(places, words.tongue()), descriptions.weekday_names())
    for name, value in guess.items():
        field = form[name]
        if not request.args.get(field.name, "").strip():
            field.process_data(value)
    if not request.args.get("to", "").strip() and form.opens.data:
        form.closes.data = two_hours_after(form.opens.data)
    notes = unknown_left_out(form, places)
    part = one_line(request.args.get("part"))
    if not take_part(form, places, part) and part:
        notes.append(unknown("part", part))
    return form, notes


UNKNOWN = {
    "kind": lazy_gettext("“%(name)s” is no kind of space here: every kind is searched."),
    "venue": lazy_gettext("“%(name)s” is no venue here: the whole network is searched."),
    "space": lazy_gettext("“%(name)s” is no space here: all spaces are searched."),
    "layout": lazy_gettext("“%(name)s” is no set-up here: any set-up is searched."),
    "has": lazy_gettext("“%(name)s” is no equipment that can be searched: it is left out."),
    "part": lazy_gettext("“%(name)s” is no named period here: the hours below are searched."),
}


def unknown(field: str, name: str) -> str:
    """That nothing of that name is known, and what is searched instead."""
    return str(UNKNOWN[field]) % {"name": one_line(name)[:LONGEST_NAME] or "?"}


def unknown_left_out(form: FinderForm, places: Atlas) -> list[str]:
    """Takes out of the form what nobody knows here; a sentence for each."""
    said = []
    for field in (form.kind, form.venue, form.layout):
        if field.data and all(field.data != choice.value for choice in field.choices):
            said.append(unknown(field.name, field.data))
            field.data = ""
    if form.space.data and space_named(form.space.data, places) is None:
        said.append(unknown("space", form.space.data))
        form.space.data = ""
    known = {choice.value for choice in form.has.choices}
    chosen = dict.fromkeys(form.has.data or ())
    strange = [one for one in chosen if one.strip() and one not in known]
    said += [unknown("has", one) for one in strange[:SAID_AT_MOST]]
    form.has.data = [one for one in chosen if one in known]
    return said


def said_of_search(form: FinderForm, question: Question, places: Atlas, there: There) -> list[str]:
    """What the search does otherwise than the form may seem to say."""
    said = []
    if question.space is not None:
        said.append(gettext("Only “%(space)s” is searched.", space=words.said(question.space.name)))
    if question.only and question.venue is None:
        said.append(gettext("No venue is chosen: the whole network is searched."))
    if form.length.data is None and ((form.last.data or form.on.data) != form.on.data):
        said.append(
            gettext("Without a length only the first day is searched, at exactly these hours.")
        )
    if form.length.data is None and form.days.data:
        said.append(gettext("Days of the week count only with a length: they are left out."))
    skipped = [words.said(v.name) for v in places.venues if v.zone not in there]
    if skipped and not question.only:
        said.append(
            gettext(
                "Not searched: %(venues)s. Clocks go forward there that day, and this time does"
                " not exist.",
                venues=reasons.enumerated(skipped),
            )
        )
    return said


def take_part(form: FinderForm, places: Atlas, slug: str) -> bool:
    """Offers the named periods of the venue asked for (or of that of the space), else the usual
    ones; the one of that slug goes before the times in the address. Whether there is one."""
    asked_for = form.venue.data or (form.space.data or "").partition("/")[0]
    venues = [venue for venue in places.venues if venue.slug == asked_for]
    form.parts = for_finder(tuple(venues or places.venues))
    part = next((one for one in form.parts if one.slug == slug), None)
    if part is None:
        return False
    for field, minute in ((form.opens, part.opens), (form.closes, part.closes)):
        field.process_data(time(minute % DAY_MINUTES // 60, minute % 60))
        field.raw_data = None
    return True


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
        reader=reader_of_page(places),
    )


def space_named(path: str | None, places: Atlas) -> SpaceFacts | None:
    """The space of "venue/space"; None for none, and for one that is not there."""
    venue_slug, _, space_slug = (path or "").partition("/")
    try:
        return places.space(venue_slug, space_slug) if path else None
    except NotFound:
        return None


def reader_of_page(places: Atlas) -> Reader | None:
    """Who reads; None for visitors."""
    member = me()
    return readers.known(member, places, clock.now()) if member else None


def zones_of(form: FinderForm, places: Atlas) -> There:
    """The period asked for in each zone, or of any time its first window. Times are valid.

    An error at the field where clocks skip that time at the venue asked for, or everywhere.
    """
    there: dict[ZoneInfo, Period] = {}
    for zone in {venue.zone for venue in places.venues}:
        if period := period_in(form, zone):
            there[zone] = period
    venue = next((one for one in places.venues if one.slug == form.venue.data), None)
    if not places.venues or (venue.zone in there if venue else there):
        form.opens.errors = form.closes.errors = ()
    elif not (form.opens.errors or form.closes.errors):
        form.opens.errors = [NOT_THEN]
    return there


def period_in(form: FinderForm, zone: ZoneInfo) -> Period | None:
    """The exact time there, or the first window of any time; None where clocks skip it, with an
    error at the field."""
    if form.length.data is None:
        return period_of(form, zone)
    return next(find_any_time.windows_of(zone, any_time(form)), None)


def any_time(form: FinderForm) -> AnyTime:
    """The form as any time of a length."""
    first, closes = form.on.data, minute_of(form.closes.data) or DAY_MINUTES
    dates = find_any_time.dates_between(first, form.last.data or first, form.days.data or ())
    length = timedelta(minutes=form.length.data)
    return AnyTime(length, dates, minute_of(form.opens.data), closes)


def found_for(
    form: FinderForm, question: Question, places: Atlas, there: There, page: range
) -> Found:
    """The answers: at the time asked for, or at any time of that length."""
    spaces, now = find.matching(places, question), clock.now()
    periods = {venue.id: there[venue.zone] for venue in places.venues if venue.zone in there}
    if len(periods) < len(places.venues):
        spaces = tuple(space for space in spaces if space.venue.id in periods)
    if form.length.data is None:
        return find.results(spaces, periods, question, now, page)
    return find_any_time.results_any_time(spaces, any_time(form), question, now, page)


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
    needs = descriptions.needs(space.rules) if question.reader is None else []
    return Answer(result, url, said, choices, fits, needs, price, page)


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

"""A series: the rule, every date with its verdict, then all of them or none; and its page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from booking import clock, reasons, words
from booking.actions import series as act
from booking.actions import series_cancels as cancels
from booking.actions.reservations import UNDO
from booking.actions.series import Plan
from booking.db import transaction
from booking.errors import BookingError, NotTogether, Refused
from booking.models.reservations import Reservation
from booking.models.series import Series
from booking.queries import series as find
from booking.queries.venues import SpaceFacts
from booking.rules import codes, holidays, states, texts
from booking.rules import series as rules
from booking.rules.access import MEMBERS, open_to
from booking.rules.hours import next_open_date, today
from booking.rules.periods import Period
from booking.rules.series import Dates, Repeat, Walls
from booking.web import behalf, extras, series_lines
from booking.web.context import atlas, forget_atlas
from booking.web.descriptions import weekday_names
from booking.web.errors import status_of
from booking.web.forms.extras import counts_of
from booking.web.forms.series import HolidayForm, SeriesForm, walls_of
from booking.web.links import form_values
from booking.web.reserving import details_of, filled_in, form_of, offer_choices, space_of
from booking.web.security import limiter
from booking.web.series_lines import ASIDE, DROP, KEEP, WAIT, Shown
from booking.web.session import member

bp = Blueprint("series", __name__)
OFTEN = "240 per hour"
LINE, EDIT = "line-", "edit:"
NO_DAYS = timedelta(0)
LEFT_OUT = {DROP: "dropped", WAIT: "waits"}
"""Why a date is no part of a series, as it is kept."""


def by_member() -> str:
    """Attempts are counted for the member."""
    return f"member:{member().id}"


@bp.get("/series/new")
@open_to(MEMBERS)
def new() -> ResponseReturnValue:
    if not request.args.get("space"):
        return redirect(url_for("home.index"))
    form = filled_in(request.args, SeriesForm)
    started(form, request.args)
    return page(form, space_of(form))


@bp.post("/series/new")
@open_to(MEMBERS)
@limiter.limit(OFTEN, key_func=by_member)
def create() -> ResponseReturnValue:
    form, step = form_of(request.form, SeriesForm), request.form.get("step", "")
    space = space_of(form)
    if not request.form.get("freq"):  # From the form of one reservation.
        started(form, request.form)
        return page(form, space)
    offered(form, space)
    if not (form.validate() and behalf.known(form, space)):
        return page(form, space), 422
    wanted = read(form, space)
    if not wanted.found.dates or not wanted.found.whole:
        form.times.errors = [too_many(wanted.found)]
        return page(form, space), 422
    if step != "make":
        return page(form, space, wanted, edit=edited(wanted, step))
    if form.seen.data != wanted.digest or wanted.wrong:
        return page(form, space, wanted, anew=not wanted.wrong), 409
    return made(form, space, wanted)


def started(form: SeriesForm, given: Mapping[str, str]) -> None:
    """A rule that nobody has touched yet."""
    form.freq.data = given.get("freq") or rules.WEEKLY
    form.skip.data = given.get("skip") != "0"
    form.every.data = form.every.data or 1
    for field in (form.times, form.last, form.own):
        field.errors = []


@dataclass(frozen=True)
class Wanted:
    """What the form says: its rule, the dates, and what is chosen for each of them; `wrong` are
    dates whose new time could not be read."""

    repeat: Repeat
    first: date
    walls: Walls
    found: Dates
    choices: dict[date, str]
    wrong: dict[date, list[str]]
    digest: str


def read(form: SeriesForm, space: SpaceFacts) -> Wanted:
    """The form, which is right, as values."""
    repeat, walls, country = form.repeat(), walls_of(form), space.hours.holidays
    found = rules.dates_of(repeat, form.on.data, lambda on: bool(holidays.public(country, on)))
    choices: dict[date, str] = {}
    wrong: dict[date, list[str]] = {}
    for on in found.dates:
        given = request.form.get(f"{LINE}{on}", KEEP)
        parts = [request.form.get(f"{name}-{on}", "").strip() for name in ("on", "from", "to")]
        choices[on] = given
        if all(parts):
            try:
                period = series_lines.typed(space, *parts)
            except ValueError:
                period = None
            if period is None:
                wrong[on] = parts
            else:
                choices[on] = series_lines.word_of(space, period)
    said = [form.space.data, repr(walls), *(on.isoformat() for on in found.dates)]
    digest = sha256(" ".join(said).encode()).hexdigest()[:16]
    return Wanted(repeat, form.on.data, walls, found, choices, wrong, digest)


def too_many(found: Dates) -> str:
    """Why these are no dates for a series."""
    if not found.dates:
        return gettext("The rule names no date.")
    return gettext("A series has at most 366 dates within three years.")


def edited(wanted: Wanted, step: str) -> date | None:
    """The date whose time is to be typed."""
    name = step.removeprefix(EDIT) if step.startswith(EDIT) else ""
    return next((on for on in wanted.found.dates if on.isoformat() == name), None)


def lines(form: SeriesForm, space: SpaceFacts, wanted: Wanted) -> list[act.Line]:
    """A line for each date."""
    details = details_of(form)
    return series_lines.lines_of(space, wanted.found, wanted.walls, details, wanted.choices)


def made(form: SeriesForm, space: SpaceFacts, wanted: Wanted) -> ResponseReturnValue:
    """All of it, or the page that says what stands in the way."""
    try:
        with transaction():
            forget_atlas()
            plan = plan_of(form, space_of(form), wanted)
            series, fresh = act.make(plan, by=member(), now=clock.now())
            said = made_text(plan)
    except NotTogether as no:
        forget_atlas()
        kept = [on for on in wanted.found.dates if wanted.choices[on] not in ASIDE]
        told = {kept[number]: one for number, one in no.facts["parts"].items()}
        return page(form, space_of(form), wanted, told=told), status_of(no)
    except Refused as no:
        forget_atlas()
        form.form_errors.extend(reasons.refusal(one, space.zone) for one in no.refusals)
        for on in [on for on, choice in wanted.choices.items() if choice == WAIT]:
            wanted.choices[on] = KEEP  # The verdict on it is shown again.
        return page(form, space_of(form), wanted), status_of(no)
    if fresh:
        flash(said, "ok")
    return redirect(url_for(".show", code=series.code))


def made_text(plan: Plan) -> str:
    """That it is theirs."""
    whose = plan.lines[0].details.whose
    if whose is None:
        return gettext("It is yours: one mail tells of all dates.")
    return gettext("Reserved for %(name)s: one mail tells them of all dates.", name=whose.name)


def plan_of(form: SeriesForm, space: SpaceFacts, wanted: Wanted) -> Plan:
    """What is to be reserved, what is left out of it, and for which of that one waits."""
    every, choices = lines(form, space, wanted), wanted.choices
    kept = [line for line in every if choices[line.on] not in ASIDE]
    waits = [line for line in every if choices[line.on] == WAIT]
    aside = [(on, LEFT_OUT[choice]) for on, choice in choices.items() if choice in LEFT_OUT]
    left_out = sorted([*wanted.found.passed, *aside])
    token = (texts.one_line(form.token.data) or codes.token())[:64]
    rule = (space, wanted.repeat, wanted.first, wanted.walls)
    return Plan(*rule, kept, left_out, token, waits)


def page(
    form: SeriesForm,
    space: SpaceFacts,
    wanted: Wanted | None = None,
    *,
    edit: date | None = None,
    anew: bool = False,
    told: Mapping[date, BookingError] | None = None,
) -> str:
    """The form with its rule and, where it is right, every date with its verdict."""
    now = clock.now()
    offered(form, space)
    behalf.offer(form, space)
    form.token.data = form.token.data or codes.token()
    rows: list[Shown] = []
    if wanted is not None:
        rows = rows_of(form, space, wanted, told)
        form.seen.data = wanted.digest
    return render_template(
        "series/new.html",
        form=form,
        space=space,
        venue=space.venue,
        extras=extras.choices(form, space, {}),
        rows=rows,
        summary=series_lines.summary(rows),
        passed=series_lines.passed_text(wanted.found) if wanted else [],
        edit=edit,
        wrong=wanted.wrong if wanted else {},
        anew=anew,
        refused=told is not None,
        first=form.on.data or next_open_date(space.hours, now, space.zone),
        counts=counts_of(form),
    )


def rows_of(
    form: SeriesForm,
    space: SpaceFacts,
    wanted: Wanted,
    told: Mapping[date, BookingError] | None,
) -> list[Shown]:
    """Every date with its verdict. What cannot be had is left out where that was asked for."""
    by, now = member(), clock.now()
    found = lines(form, space, wanted)
    rows = series_lines.shown(found, wanted.walls, wanted.choices, by=by, now=now, told=told)
    if request.form.get("step") == "spare":
        for row in rows:
            if row.no is not None:
                wanted.choices[row.on] = DROP
        rows = series_lines.shown(found, wanted.walls, wanted.choices, by=by, now=now)
    return rows


def offered(form: SeriesForm, space: SpaceFacts) -> None:
    """Sets what the form lets one choose from."""
    offer_choices(form, space)
    form.name_weekdays(weekday_names())


@bp.get("/series/<code>")
@open_to(MEMBERS)
def show(code: str) -> ResponseReturnValue:
    now = clock.now()
    series = find.by_code(code)
    rows = find.dates(series, by=member(), now=now)
    undone = cancels.undone(series, rows, by=member(), now=now)
    return render_template(
        "series/show.html",
        series=series,
        title=title_of(rows),
        space=atlas().by_id(series.space_id),
        who=behalf.standing(series.member_id),
        rule=rule_text(rules.from_json(series.rule), series.first_on),
        walls=words_of(series),
        dates=[date_of(row) for row in rows],
        coming=cancels.coming(rows, now),
        onwards=url_to_continue(series, rows),
        left_out=[(date.fromisoformat(on), why) for on, why in series.left_out],
        form=HolidayForm(formdata=None),
        undo=seconds_left(undone[0][1].at, now) if undone else 0,
        gone=ngettext("%(num)d date is free again.", "%(num)d dates are free again.", len(undone)),
    )


def url_to_continue(series: Series, rows: list[Reservation]) -> str | None:
    """The form of a series that goes on after the last date by the same rule, for the same member,
    at the time and place that its dates have by now; None where the rule names no further date."""
    alive = [row for row in rows if row.series_on and not date_of(row).ended]
    kept = alive or [row for row in rows if row.series_on]
    if not kept:
        return None
    last, repeat = max(kept, key=lambda row: row.series_on), rules.from_json(series.rule)
    space = atlas().by_id(last.space_id)
    on = rules.following(repeat, series.first_on, last.series_on)
    if on is None:
        return None
    times = [(date_of(row).period, space.zone) for row in kept if not row.moved]
    walls = rules.usual_walls(times) or Walls(series.opens, series.closes, series.days)
    later = today(last.starts_at, space.zone) - last.series_on if not last.moved else NO_DAYS
    period = rules.period_on(on + later, walls, space.zone)
    if period is None:
        return None
    weekdays = [(day + later.days) % 7 for day in repeat.weekdays]
    rule = {"freq": repeat.freq, "every": repeat.every, "day": weekdays, "by": repeat.by}
    skip = {} if repeat.skip_holidays else {"skip": 0}
    behalf_of = behalf.standing(series.member_id).behalf
    whose = {"for": behalf_of.id} if behalf_of else {}
    said = {"people": last.people, "title": last.title or None, **skip, **whose}
    return url_for(".new", **form_values(space, period), **rule, **said)


def title_of(rows: list[Reservation]) -> str:
    """What it is for: as its last date says."""
    return rows[-1].title


def seconds_left(at: datetime, now: datetime) -> int:
    """How long it can still be taken back."""
    left = at + UNDO - now
    return max(0, -(-left // (UNDO / UNDO.seconds)))


@dataclass(frozen=True)
class Dated:
    """A date of a series in its list."""

    reservation: Reservation
    space: SpaceFacts
    period: Period

    @property
    def ended(self) -> bool:
        """Whether it does not take place."""
        return states.ical_status(self.reservation.state) == "CANCELLED"


def date_of(row: Reservation) -> Dated:
    """One of them."""
    return Dated(row, atlas().by_id(row.space_id), Period(row.starts_at, row.ends_at))


def words_of(series: Series) -> str:
    """The wall times that were asked for."""
    times = f"{words.minute_time(series.opens)}{words.NBSP}– {words.minute_time(series.closes)}"
    if not series.days:
        return times
    later = ngettext("%(num)d day later", "%(num)d days later", series.days)
    return f"{times} ({later})"


def rule_text(repeat: Repeat, first: date) -> str:
    """Every 2 weeks, on Monday and Thursday, until 3 June 2027."""
    every, weekday = repeat.every, words.date_part(first, "EEEE")
    if repeat.freq == rules.DATES:
        return ngettext(
            "%(num)d date of one’s own", "%(num)d dates of one’s own", len(repeat.dates)
        )
    if repeat.freq == rules.DAILY:
        said = ngettext("every day", "every %(num)d days", every)
    elif repeat.freq == rules.WEEKLY:
        names = weekday_names()
        days = reasons.enumerated([names[n] for n in repeat.weekdays] or [weekday])
        said = ngettext("every week", "every %(num)d weeks", every)
        said = gettext("%(every)s, on %(days)s", every=said, days=days)
    else:
        said = ngettext("every month", "every %(num)d months", every)
        which = {
            rules.BY_DATE: gettext("on day %(day)s", day=first.day),
            rules.BY_WEEKDAY: nth(first, weekday),
            rules.BY_LAST: gettext("on the last %(weekday)s", weekday=weekday),
        }[repeat.by]
        said = f"{said}, {which}"
    if repeat.until:
        said = gettext("%(rule)s, until %(date)s", rule=said, date=words.long_date(repeat.until))
    if repeat.count:
        times = ngettext("%(num)d time", "%(num)d times", repeat.count)
        said = f"{said}, {times}"
    return f"{said}, {gettext('not on public holidays')}" if repeat.skip_holidays else said


def nth(first: date, weekday: str) -> str:
    """On the second Tuesday."""
    return [
        gettext("on the first %(weekday)s", weekday=weekday),
        gettext("on the second %(weekday)s", weekday=weekday),
        gettext("on the third %(weekday)s", weekday=weekday),
        gettext("on the fourth %(weekday)s", weekday=weekday),
        gettext("on the fifth %(weekday)s", weekday=weekday),
    ][(first.day - 1) // 7]

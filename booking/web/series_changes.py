"""A series afterwards: several of its dates changed, or given back, at once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from werkzeug.datastructures import MultiDict

from booking import clock, reasons, words
from booking.actions import series_cancels as cancels
from booking.actions import series_changes as act
from booking.actions.series import Answer
from booking.actions.series_changes import CANCEL, CHANGE, LEAVE, Shift, Step
from booking.db import transaction
from booking.errors import BookingError, Changed, NotTogether, Refused, SlotTaken, WrongState
from booking.models.reservations import Reservation
from booking.models.series import Series
from booking.queries import series as find
from booking.queries.venues import SpaceFacts
from booking.rules.access import MEMBERS, open_to
from booking.rules.periods import Period
from booking.rules.series import walls_of
from booking.web import behalf, links, series_lines
from booking.web.changes import space_choices
from booking.web.context import atlas, forget_atlas
from booking.web.errors import status_of
from booking.web.forms import series as forms
from booking.web.forms.series import HolidayForm, SeriesChangeForm
from booking.web.reserving import reasons_of
from booking.web.security import limiter
from booking.web.series import OFTEN, by_member
from booking.web.session import member

bp = Blueprint("series_changes", __name__)


@dataclass(frozen=True)
class Part:
    """A series and those of its dates that are meant: all that are to come, or those from one on
    (`since`), soonest first."""

    series: Series
    rows: list[Reservation]
    since: date | None

    @property
    def back(self) -> str:
        """The page of the series."""
        return url_for("series.show", code=self.series.code)


def part_of(code: str) -> Part:
    """What the address says. Raises NotFound."""
    now = clock.now()
    series = find.by_code(code)
    since = date_named(request.values.get("since", ""))
    rows = cancels.from_on(find.dates(series, by=member(), now=now), since)
    return Part(series, cancels.coming(rows, now), since)


def date_named(text: str) -> date | None:
    """A date as an address writes it; None for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def base_of(part: Part) -> Reservation:
    """The date that the form shows: the first that has not been moved by itself."""
    return next((row for row in part.rows if not row.moved), part.rows[0])


@bp.get("/series/<code>/change")
@open_to(MEMBERS)
def edit(code: str) -> ResponseReturnValue:
    part = part_of(code)
    if not part.rows:
        return redirect(part.back)
    base = base_of(part)
    space = atlas().by_id(base.space_id)
    values = links.form_values(space, Period(base.starts_at, base.ends_at))
    given = MultiDict(values | {"people": base.people, "title": base.title, "note": base.note})
    form = SeriesChangeForm(given)
    form.version.data = act.version_of(part.rows)
    return page(part, form)


@bp.post("/series/<code>/change")
@open_to(MEMBERS)
@limiter.limit(OFTEN, key_func=by_member)
def save(code: str) -> ResponseReturnValue:
    part, form = part_of(code), SeriesChangeForm()
    if not part.rows:
        return redirect(part.back)
    form.space.choices = flat(space_choices(atlas().by_id(base_of(part).space_id)))
    if not form.validate():
        return page(part, form), 422
    shift = shift_of(part, form)
    if request.form.get("step") != "save" or form.seen.data != seen(shift):
        return page(part, form, shift)
    try:
        with transaction():
            forget_atlas()
            part = part_of(code)
            steps = steps_of(part, shift_of(part, form))
            version = form.version.data or ""
            changed = act.change(
                part.series, steps, atlas(), by=member(), now=clock.now(), version=version
            )
    except (NotTogether, Changed, SlotTaken) as no:
        forget_atlas()
        part = part_of(code)
        if not part.rows:
            return redirect(part.back)
        told = no.facts.get("parts", {})
        return page(part, form, shift_of(part, form), told, no), status_of(no)
    if changed:
        text = ngettext(
            "%(num)d date is changed: a mail tells of it.",
            "%(num)d dates are changed: one mail tells of all.",
            len(changed),
        )
        flash(text, "ok")
    else:
        flash(gettext("Nothing was changed."), "ok")
    return redirect(part.back)


def flat(groups: list[tuple[str, list[tuple[str, str]]]]) -> list[tuple[str, str]]:
    """All choices of a list in groups."""
    return [choice for _, choices in groups for choice in choices]


def shift_of(part: Part, form: SeriesChangeForm) -> Shift:
    """What is another in the form than in the date it shows. Raises NotFound."""
    base = base_of(part)
    here = atlas().by_id(base.space_id)
    space = atlas().space(*form.space.data.split("/", 1))
    on, walls = walls_of(Period(base.starts_at, base.ends_at), here.zone)
    wanted = forms.walls_of(form)
    said = {"people": form.people.data, "title": form.title.data, "note": form.note.data}
    other = {
        name: value or ("" if name != "people" else 1)
        for name, value in said.items()
        if (value or "") != (getattr(base, name) or "")
    }
    return Shift(
        space if space.id != here.id else None,
        (form.on.data - on).days,
        wanted if wanted != walls else None,
        other,
    )


def seen(shift: Shift) -> str:
    """A short text that is another for another change."""
    space = shift.space.id if shift.space else 0
    return f"{space}/{shift.days}/{shift.walls}/{len(shift.words)}"


def steps_of(part: Part, shift: Shift) -> list[Step]:
    """What is to become of each date, as it is chosen."""
    steps = []
    for step in act.steps_for(part.series, part.rows, shift, atlas()):
        chosen = request.form.get(f"line-{step.line.on}", CHANGE)
        steps.append(replace(step, action=chosen if chosen in (CANCEL, LEAVE) else CHANGE))
    return steps


@dataclass
class Changing:
    """A date as the page shows it: what it is, what it would be, and what can be chosen for it."""

    step: Step
    before: str
    after: str
    kind: str
    verdict: str
    reasons: list[str]
    hint: str = ""

    @property
    def options(self) -> list[tuple[str, str]]:
        """What can be done with it."""
        return [
            (CHANGE, gettext("Change")),
            (LEAVE, gettext("Leave as it is")),
            (CANCEL, gettext("Cancel")),
        ]


def page(
    part: Part,
    form: SeriesChangeForm,
    shift: Shift | None = None,
    told: Mapping[int, BookingError] | None = None,
    no: BookingError | None = None,
) -> str:
    """The form and, once it was sent, every date with what would become of it."""
    base = base_of(part)
    here = atlas().by_id(base.space_id)
    groups = space_choices(here)
    form.space.choices = flat(groups)
    rows: list[Changing] = []
    if shift is not None:
        steps = steps_of(part, shift)
        answers = act.look(steps, atlas(), by=member(), now=clock.now())
        pairs = zip(steps, answers, strict=True)
        rows = [changing(s, a, (told or {}).get(n)) for n, (s, a) in enumerate(pairs)]
        form.seen.data, form.seen.raw_data = seen(shift), None
    if isinstance(no, Changed):
        form.version.data, form.version.raw_data = act.version_of(part.rows), None
    return render_template(
        "series/change.html",
        who=behalf.standing(part.series.member_id),
        part=part,
        form=form,
        base=base,
        base_on=words.local_date(base.starts_at, here.zone),
        space=here,
        spaces=groups,
        rows=rows,
        moves=shift.moves if shift else False,
        ready=not any(row.kind == "full" for row in rows),
        meanwhile=isinstance(no, Changed),
        refused=no is not None,
    )


def changing(step: Step, answer: Answer, told: BookingError | None) -> Changing:
    """One of them."""
    row, line = step.row, step.line
    here: SpaceFacts = atlas().by_id(row.space_id)
    before = words.when(Period(row.starts_at, row.ends_at), here.zone)
    after = words.when(line.period, line.space.zone) if line.period else "–"
    if line.space.id != row.space_id:
        after = f"{words.said(line.space.name)}, {after}"
    no = answer.no or told
    shown = Changing(step, before, after, "", "", [])
    if step.action == LEAVE:
        shown.verdict = gettext("stays as it is")
    elif no is not None:
        shown.kind, shown.verdict = series_lines.verdict_of(no, ask=False)
        shown.reasons = reasons_of(no, line.space, None)
        if "own" in no.facts:
            shown.reasons = [gettext("Another date of this series takes it already.")]
    elif step.action == CANCEL:
        shown.verdict = gettext("is cancelled")
    elif act.is_same(step):
        shown.verdict = gettext("stays as it is")
    else:
        shown.kind, shown.verdict = series_lines.verdict_of(None, ask=answer.again)
    return shown


def meant(part: Part) -> tuple[list[Reservation], HolidayForm]:
    """The dates that are to be given back: those of a holiday, where the address names one."""
    form = HolidayForm(request.values)
    if not ("first" in request.values or "last" in request.values):
        return part.rows, HolidayForm(formdata=None)
    if not form.validate():
        return [], form
    return cancels.between(part.rows, atlas(), form.first.data, form.last.data), form


@bp.get("/series/<code>/cancel")
@open_to(MEMBERS)
def cancelling(code: str) -> ResponseReturnValue:
    part = part_of(code)
    rows, form = meant(part)
    yes, late = cancels.in_time(rows, atlas(), by=member(), now=clock.now())
    return render_template(
        "series/cancel.html",
        part=part,
        form=form,
        who=behalf.standing(part.series.member_id),
        dates=[dated(row) for row in yes],
        late=[dated(row) for row in late],
        back=part.back,
    )


def dated(row: Reservation) -> dict[str, Any]:
    """A date in a list of them."""
    space = atlas().by_id(row.space_id)
    when = words.when(Period(row.starts_at, row.ends_at), space.zone)
    return {"when": when, "code": row.code, "space": words.said(space.name)}


@bp.post("/series/<code>/cancel")
@open_to(MEMBERS)
def cancel(code: str) -> ResponseReturnValue:
    try:
        with transaction():
            forget_atlas()
            part = part_of(code)
            rows, _ = meant(part)
            why = request.form.get("why", "")
            cancels.cancel(part.series, rows, atlas(), by=member(), now=clock.now(), why=why)
    except Refused as no:
        forget_atlas()
        for one in no.refusals:
            flash(
                reasons.refusal(one, atlas().by_id(part_of(code).series.space_id).zone), "problem"
            )
    return redirect(url_for("series.show", code=code))


@bp.post("/series/<code>/restore")
@open_to(MEMBERS)
def restore(code: str) -> ResponseReturnValue:
    now = clock.now()
    try:
        with transaction():
            forget_atlas()
            series = find.by_code(code)
            rows = find.dates(series, by=member(), now=now)
            cancels.restore(series, rows, atlas(), by=member(), now=now)
    except SlotTaken:
        flash(gettext("Somebody else has one of these places by now."), "problem")
    except WrongState:
        flash(gettext("It cannot be taken back any more."), "problem")
    except Refused as no:
        space = atlas().by_id(find.by_code(code).space_id)
        for one in no.refusals:
            flash(reasons.refusal(one, space.zone), "problem")
    else:
        flash(gettext("Taken back: all dates are yours as before, and nobody was told."), "ok")
    return redirect(url_for("series.show", code=code))

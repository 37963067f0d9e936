"""The form of a reservation: wall times of the venue become a period."""

from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    EmailField,
    HiddenField,
    IntegerField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import HiddenInput

from booking.rules.hours import DAY_MINUTES, exists, instant
from booking.rules.periods import Period
from booking.web.forms.search import check_days, check_order, check_year, minute_of

NOT_THEN = _l("Clocks go forward that day: this time does not exist.")

Choices = list[tuple[str, str]]


def period_of(form: FlaskForm, zone: ZoneInfo) -> Period | None:
    """The typed wall time as a period, read in the venue's zone. `until` is its last day, if it has
    several; 0:00 is midnight at the end of that day.

    None, with an error at the field, for a time the clocks skip that day.
    """
    closes, last = minute_of(form.closes.data) or DAY_MINUTES, form.until.data or form.on.data
    edges = (
        (form.opens, form.on.data, minute_of(form.opens.data)),
        (form.closes, last, closes),
    )
    for field, on, minute in edges:
        if minute < DAY_MINUTES and not exists(on, minute, zone):
            field.errors = [*field.errors, NOT_THEN]
            return None
    start, end = (instant(on, minute, zone) for _, on, minute in edges)
    return Period(start, end) if start < end else None


class Times(FlaskForm):  # type: ignore[misc]
    """A time: on, from, to and, over several days, until."""

    on = DateField(_l("Day"), validators=[InputRequired(_l("Which day?"))])
    opens = TimeField(_l("From"), name="from", validators=[InputRequired(_l("From when?"))])
    closes = TimeField(_l("Until"), name="to", validators=[InputRequired(_l("Until when?"))])
    until = DateField(_l("Last day"), validators=[Optional()])

    def validate_on(self, field: DateField) -> None:
        check_year(field.data)

    def validate_closes(self, field: TimeField) -> None:
        if self.until.data in (None, self.on.data):
            check_order(self.opens.data, field.data)

    def validate_until(self, field: DateField) -> None:
        check_year(field.data)
        check_days(self.on.data, field.data)


class WhenForm(Times):
    """A time in an address."""

    class Meta:
        csrf = False


class ReservationForm(Times):
    """Everything a member says of a reservation. `space` is "venue/space"; `line` the wish of their
    day that this one comes from, whose place it takes there. `whose` and `for_email`: for whom it
    is, see web/behalf; `decides`: whether the reader may name any member."""

    decides = False

    space = HiddenField("", validators=[InputRequired()])
    line = HiddenField("", validators=[Optional()])
    people = IntegerField(
        _l("People"),
        default=1,
        validators=[
            InputRequired(_l("How many will you be?")),
            NumberRange(1, 5000, _l("Between 1 and 5,000.")),
        ],
    )
    whose = SelectField(
        _l("For whom"),
        name="for",
        default="",
        choices=[],
        coerce=str,
        validate_choice=False,
        validators=[Optional(), Length(max=254)],
    )
    for_email = EmailField(_l("Member’s e-mail"), validators=[Length(max=254)])
    unit = SelectField(_l("Which one"), default="", validators=[Optional()], coerce=str)
    layout = SelectField(_l("Set-up"), default="", validators=[Optional()], coerce=str)
    activity = SelectField(_l("What it is for"), default="", validators=[Optional()], coerce=str)
    organisation = SelectField(
        _l("In the name of"), default="", validators=[Optional()], coerce=str
    )
    named = TextAreaField(
        _l("Who will be there, one name a line"),
        validators=[Length(max=1000, message=_l("At most 1,000 characters."))],
    )
    exception = TextAreaField(
        _l("Why an exception"),
        validators=[Length(max=500, message=_l("At most 500 characters."))],
    )
    title = StringField(
        _l("What for (optional)"),
        validators=[Length(max=120, message=_l("At most 120 characters."))],
    )
    note = TextAreaField(
        _l("A word for the venue (optional)"),
        validators=[Length(max=2000, message=_l("At most 2,000 characters."))],
    )

    def offer_units(self, units: list[tuple[str, str]]) -> None:
        """Sets the choices of a pool: (id, name) of the units; none for a whole space."""
        any_unit = ("", _l("Any that is free"))
        self.unit.choices = [SelectChoice(*unit) for unit in (any_unit, *units)]

    def offer_manner(self, layouts: Choices, activities: Choices, organisations: Choices) -> None:
        """Sets the choices of what the space and the member allow: (code, name) each. Where the
        space does not ask what it is for, what was said of that is forgotten."""
        if not activities:
            self.activity.data = ""
        self.layout.choices = [SelectChoice(*c) for c in (("", _l("As it stands")), *layouts)]
        self.activity.choices = [SelectChoice(*c) for c in (("", _l("Choose")), *activities)]
        none = ("", _l("No organisation"))
        self.organisation.choices = [SelectChoice(*c) for c in (none, *organisations)]

    def names(self) -> tuple[str, ...]:
        """The people named, one a line."""
        return tuple(line.strip() for line in (self.named.data or "").splitlines() if line.strip())


class ChangeForm(ReservationForm):
    """A reservation as it is to be. `version` is what it was when the form was made. Whose it is
    stays."""

    whose = for_email = None

    version = IntegerField("", validators=[Optional()], widget=HiddenInput())


class ReasonForm(FlaskForm):  # type: ignore[misc]
    """Why a request is declined."""

    why = TextAreaField(
        _l("Reason, for the member"),
        validators=[Length(max=500, message=_l("At most 500 characters."))],
    )

"""The forms of a series: a rule beside the form of a reservation; what is to be another."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from booking.rules.hours import DAY_MINUTES
from booking.rules.series import (
    BY_DATE,
    BY_LAST,
    BY_WEEKDAY,
    DAILY,
    DATES,
    MONTHLY,
    MOST,
    MOST_EVERY,
    WEEKLY,
    Repeat,
    Walls,
)
from booking.web.forms.reservations import ReservationForm, Times
from booking.web.forms.search import check_days, check_year, minute_of

FREQUENCIES = {
    DAILY: _l("Days"),
    WEEKLY: _l("Weeks"),
    MONTHLY: _l("Months"),
    DATES: _l("On dates of my own"),
}
BY = {
    BY_DATE: _l("on the same date"),
    BY_WEEKDAY: _l("on the same weekday, such as the second Tuesday"),
    BY_LAST: _l("on the last such weekday of the month"),
}
OWN_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2})[/.](\d{1,2})[/.](\d{4})")
ENDS = _l("Until when, or how often?")


class MayBeEmpty(Optional):  # type: ignore[misc]
    """A field of which another may be filled in: nothing calls it optional."""

    def __init__(self) -> None:
        super().__init__()
        self.field_flags: dict[str, bool] = {}


class SeriesForm(ReservationForm):
    """A reservation and its rule. `token` makes it once; `seen`: of the dates that were shown."""

    freq = SelectField(
        _l("Days, weeks or months"),
        default=WEEKLY,
        choices=[SelectChoice(*one) for one in FREQUENCIES.items()],
    )
    every = IntegerField(
        _l("Every how many"),
        default=1,
        validators=[MayBeEmpty(), NumberRange(1, MOST_EVERY, _l("Between 1 and 52."))],
    )
    days = SelectMultipleField(
        _l("On"),
        name="day",
        coerce=int,
        validators=[MayBeEmpty()],
        choices=[SelectChoice(number, str(number)) for number in range(7)],
    )
    by = SelectField(
        _l("In each month"),
        default=BY_DATE,
        validators=[MayBeEmpty()],
        choices=[SelectChoice(*one) for one in BY.items()],
    )
    last = DateField(_l("Until, that day included"), validators=[MayBeEmpty()])
    times = IntegerField(
        _l("Or so many times"), validators=[MayBeEmpty(), NumberRange(1, MOST, _l("At most 366."))]
    )
    own = TextAreaField(
        _l("My dates, one a line"),
        validators=[Length(max=6000, message=_l("At most 6,000 characters."))],
    )
    skip = BooleanField(_l("Not on public holidays"))
    token = HiddenField("")
    seen = HiddenField("")

    def name_weekdays(self, weekdays: Sequence[str]) -> None:
        """Their names, from Monday."""
        self.days.choices = [SelectChoice(number, name) for number, name in enumerate(weekdays)]

    def validate_last(self, field: DateField) -> None:
        check_year(field.data)
        if field.data and self.on.data and field.data < self.on.data:
            raise ValidationError(_l("The last day lies before the first."))

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether all is right, and the rule ends somewhere."""
        right = super().validate(extra_validators)
        said = self.times.data or self.times.errors or self.last.data or self.last.errors
        if self.freq.data != DATES and not said:
            self.times.errors = [ENDS]
            return False
        return bool(right)

    def validate_own(self, field: TextAreaField) -> None:
        if self.freq.data == DATES and not own_dates(field.data):
            raise ValidationError(_l("Which dates? For instance 2027-03-12."))

    def repeat(self) -> Repeat:
        """The rule, of a form that is right."""
        if self.freq.data == DATES:
            dates = tuple(own_dates(self.own.data))
            return Repeat(DATES, dates=dates, skip_holidays=self.skip.data)
        return Repeat(
            self.freq.data,
            self.every.data or 1,
            tuple(self.days.data) if self.freq.data == WEEKLY else (),
            self.by.data if self.freq.data == MONTHLY else BY_DATE,
            self.last.data,
            self.times.data,
            skip_holidays=self.skip.data,
        )


def own_dates(text: str | None) -> list[date]:
    """The dates typed, each as 2027-03-12 or 12/03/2027. Raises ValidationError for a line that is
    none."""
    found = []
    for line in (text or "").replace(",", "\n").splitlines():
        if not line.strip():
            continue
        read = OWN_DATE.fullmatch(line.strip())
        try:
            if read is None:
                raise ValueError(line)
            year, month, on_day, day, its_month, its_year = map(int, read.groups("0"))
            on = date(year, month, on_day) if year else date(its_year, its_month, day)
        except ValueError:
            raise ValidationError(_l("“%(text)s” is no date.", text=line.strip()[:40])) from None
        check_year(on)
        found.append(on)
    if len(found) > MOST:
        raise ValidationError(_l("At most 366."))
    return found


def walls_of(form: Times) -> Walls:
    """The wall times typed; 0:00 is midnight at the end of the day."""
    later = (form.until.data - form.on.data).days if form.until.data else 0
    closes = minute_of(form.closes.data) or DAY_MINUTES
    return Walls(minute_of(form.opens.data), closes, later)


class SeriesChangeForm(Times):
    """What dates of a series are to be: read against what the first of them is now."""

    space = SelectField(_l("Space"), validators=[InputRequired()])
    people = IntegerField(
        _l("People"),
        validators=[
            InputRequired(_l("How many will you be?")),
            NumberRange(1, 5000, _l("Between 1 and 5,000.")),
        ],
    )
    title = StringField(
        _l("What for (optional)"),
        validators=[Length(max=120, message=_l("At most 120 characters."))],
    )
    note = TextAreaField(
        _l("A word for the venue (optional)"),
        validators=[Length(max=2000, message=_l("At most 2,000 characters."))],
    )
    version = HiddenField("")
    seen = HiddenField("")


class HolidayForm(FlaskForm):  # type: ignore[misc]
    """From one day to another, in an address."""

    class Meta:
        csrf = False

    first = DateField(_l("From"), validators=[InputRequired(_l("From when?"))])
    last = DateField(_l("Up to and including"), validators=[InputRequired(_l("Until when?"))])

    def validate_first(self, field: DateField) -> None:
        check_year(field.data)

    def validate_last(self, field: DateField) -> None:
        check_year(field.data)
        check_days(self.first.data, field.data)

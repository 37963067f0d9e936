"""The finder: what, when, how many, where. Every field may be empty."""

from collections.abc import Sequence
from datetime import date, time
from functools import lru_cache

from flask_babel import gettext
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
    TimeField,
)
from wtforms.validators import NumberRange, Optional, ValidationError

from booking.rules.day_parts import Part
from booking.rules.hours import DAY_MINUTES
from booking.words import FEATURES, KINDS, LAYOUTS, tongue

LENGTHS = (30, 60, 90, 120, 180, 240, 360, 480)
MOST_NIGHTS = 31
LONGEST = MOST_NIGHTS * DAY_MINUTES
MOST_DAYS = 14


class FinderForm(FlaskForm):  # type: ignore[misc]
    """A GET form: its address can be shared. Times are wall times of each venue.

    With a length, from and to are a window in which any time will do, on any day up to `last`.
    Without, they are exact, and `until` is the day of `to`, if it is another.
    Nothing chosen is the choice "", so that no field looks for words to refuse None.
    """

    class Meta:
        csrf = False

    kind = SelectField(_l("What"), default="", validators=[Optional()])
    on = DateField(_l("Day"), validators=[Optional()])
    opens = TimeField(_l("From"), name="from", validators=[Optional()])
    closes = TimeField(_l("To"), name="to", validators=[Optional()])
    people = IntegerField(
        _l("People"), validators=[Optional(), NumberRange(1, 5000, _l("Between 1 and 5,000."))]
    )
    venue = SelectField(_l("Where"), default="", validators=[Optional()])
    only = BooleanField(_l("This venue only"))
    length = IntegerField(
        _l("For"), validators=[Optional(), NumberRange(15, LONGEST, _l("At most 31 days."))]
    )
    until = DateField(_l("Last day"), validators=[Optional()])
    last = DateField(_l("Up to and including"), validators=[Optional()])
    days = SelectMultipleField(_l("Only on"), name="day", coerce=int, validators=[Optional()])
    layout = SelectField(_l("Set-up"), default="", validators=[Optional()])
    has = SelectMultipleField(_l("With"), validators=[Optional()])
    step_free = BooleanField(_l("Step-free access"))
    instant = BooleanField(_l("Confirmed at once"))
    space = HiddenField("")
    parts: Sequence[Part] = ()
    """Named periods one may ask for instead of times: `part` in the address, by slug."""

    def offer(self, venues: Sequence[SelectChoice], weekdays: list[str]) -> None:
        """Sets the choices: the slug and name of each venue, the names of the days from Monday."""
        everywhere = SelectChoice("", gettext("The whole network"))
        self.kind.choices, self.layout.choices, self.has.choices = usual_choices(tongue())
        self.venue.choices = [everywhere, *venues]
        self.days.choices = [SelectChoice(number, day) for number, day in enumerate(weekdays)]

    @property
    def lengths(self) -> list[int]:
        """Lengths to choose from, in minutes; the one asked for is among them."""
        asked = {self.length.data} if self.length.data and not self.length.errors else set()
        return sorted({*LENGTHS, *asked})

    @property
    def more(self) -> bool:
        """Whether more is asked for than the bar itself shows."""
        fields = (self.only, self.last, self.days, self.layout, self.has, self.step_free)
        more = (*fields, self.length, self.instant, self.until)
        return any(field.data or field.errors for field in more) or bool(self.closes.errors)

    @property
    def lasts_days(self) -> bool:
        """Whether the exact time ends on another day than it begins."""
        return self.until.data not in (None, self.on.data)

    def validate_on(self, field: DateField) -> None:
        check_year(field.data)

    def validate_last(self, field: DateField) -> None:
        check_year(field.data)
        first = self.on.data
        check_days(first, field.data)
        if first and field.data and (field.data - first).days >= MOST_DAYS:
            raise ValidationError(_l("A search looks at two weeks at most."))

    def validate_until(self, field: DateField) -> None:
        check_year(field.data)
        check_days(self.on.data, field.data)
        if self.length.data is not None:
            raise ValidationError(_l("With a length, a time begins and ends on one day."))
        if self.lasts_days and self.on.data and (field.data - self.on.data).days > MOST_NIGHTS:
            raise ValidationError(_l("At most 31 days."))

    def validate_closes(self, field: TimeField) -> None:
        if self.length.data is not None:
            check_order(self.opens.data, field.data)
        elif not self.lasts_days:
            said = _l("The end must lie after the start; for a night, say the last day too.")
            check_order(self.opens.data, field.data, said)

    def validate_days(self, field: SelectMultipleField) -> None:
        if self.length.data is None or not self.on.data or self.last.errors or not field.data:
            return
        days = range(((self.last.data or self.on.data) - self.on.data).days + 1)
        if all((self.on.data.weekday() + n) % 7 not in field.data for n in days):
            raise ValidationError(_l("None of these days lies between the first and the last."))

    def validate_length(self, field: IntegerField) -> None:
        opens, closes = self.opens.data, self.closes.data
        if opens is None or closes is None or field.data is None or self.closes.errors:
            return
        window = (minute_of(closes) or DAY_MINUTES) - minute_of(opens)
        if 0 < window < field.data:
            raise ValidationError(_l("That is longer than the hours you give."))


@lru_cache(4)
def usual_choices(_language: str) -> tuple[list[SelectChoice], ...]:
    """Kinds, set-ups and features, which are the same in every search: put into words once."""
    kinds = [("", gettext("Anything")), *KINDS.items()]
    layouts = [("", gettext("Any set-up")), *LAYOUTS.items()]
    return tuple(
        [SelectChoice(code, str(name)) for code, name in choices]
        for choices in (kinds, layouts, FEATURES.items())
    )


def minute_of(at: time) -> int:
    """Minutes since midnight."""
    return at.hour * 60 + at.minute


def check_year(on: date | None) -> None:
    """A calendar that ends somewhere: years a computer cannot count in are refused."""
    if on is not None and not 2000 <= on.year <= 2999:
        raise ValidationError(_l("This year is too far away."))


def check_days(first: date | None, last: date | None) -> None:
    """The last day is not before the first, and not more than a year after it."""
    if first is None or last is None:
        return
    if last < first:
        raise ValidationError(_l("The last day lies before the first."))
    if (last - first).days > 366:
        raise ValidationError(_l("That is more than a year."))


def check_order(opens: time | None, closes: time | None, said: object = None) -> None:
    """The end lies after the start, else `said`; midnight at the end of the day is written 0:00."""
    if opens is not None and closes is not None and closes != time(0) and closes <= opens:
        raise ValidationError(said or _l("The end must lie after the start."))

"""The forms of closures and of the hours of one date: wall times of the venue."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, SelectChoice, SelectField, StringField, TimeField
from wtforms.validators import InputRequired, Length, Optional

from booking.rules.hours import DAY_MINUTES, exists, instant
from booking.rules.periods import Period
from booking.web.forms.reservations import NOT_THEN, minute_of
from booking.web.forms.search import check_days, check_order, check_year

SHORT = Length(max=200, message=_l("At most 200 characters."))
PAIRS = 3


class PlaceForm(FlaskForm):  # type: ignore[misc]
    """For the whole venue, or for one of its spaces (by slug)."""

    space = SelectField(_l("What"), validators=[Optional()])

    def offer(self, spaces: Sequence[tuple[str, str]]) -> None:
        """Sets the choices: (slug, name) of each space."""
        whole = ("", _l("The whole venue"))
        self.space.choices = [SelectChoice(*one) for one in (whole, *spaces)]


class ClosureForm(PlaceForm):
    """Without times it is for whole days, without a last day for one."""

    on = DateField(_l("First day"), validators=[InputRequired(_l("Which day?"))])
    opens = TimeField(_l("From"), name="from", validators=[Optional()])
    until = DateField(_l("Last day"), validators=[Optional()])
    closes = TimeField(_l("Until"), name="to", validators=[Optional()])
    why = StringField(_l("Why"), validators=[InputRequired(_l("Please say why.")), SHORT])

    def validate_on(self, field: DateField) -> None:
        check_year(field.data)

    def validate_until(self, field: DateField) -> None:
        check_year(field.data)
        check_days(self.on.data, field.data)

    def validate_closes(self, field: TimeField) -> None:
        if self.until.data in (None, self.on.data):
            check_order(self.opens.data, field.data)

    def period(self, zone: ZoneInfo) -> Period | None:
        """The typed time, whole days where no hour is given.

        None, with an error at the field, for a time the clocks skip that day.
        """
        last = self.until.data or self.on.data
        opens = minute_of(self.opens.data) if self.opens.data else 0
        closes = minute_of(self.closes.data) if self.closes.data else 0
        edges = ((self.opens, self.on.data, opens), (self.closes, last, closes or DAY_MINUTES))
        for field, on, minute in edges:
            if minute < DAY_MINUTES and not exists(on, minute, zone):
                field.errors = [*field.errors, NOT_THEN]
                return None
        return Period(*(instant(on, minute, zone) for _, on, minute in edges))


class DayForm(PlaceForm):
    """The hours of one date: up to three stretches, or closed all day.

    Ids differ from those of the other form of the page.
    """

    space = SelectField(_l("What"), id="day-space", validators=[Optional()])
    on = DateField(_l("Day"), id="day-on", validators=[InputRequired(_l("Which day?"))])
    shut = BooleanField(_l("Closed all day"))
    from1 = TimeField(_l("From"), validators=[Optional()])
    to1 = TimeField(_l("Until"), validators=[Optional()])
    from2 = TimeField(_l("and from"), validators=[Optional()])
    to2 = TimeField(_l("until"), validators=[Optional()])
    from3 = TimeField(_l("and from"), validators=[Optional()])
    to3 = TimeField(_l("until"), validators=[Optional()])
    why = StringField(_l("Why (optional)"), id="day-why", validators=[SHORT])
    confirmed = BooleanField(_l("Open on 1 May all the same"))

    def validate_on(self, field: DateField) -> None:
        check_year(field.data)

    def validate_to1(self, field: TimeField) -> None:
        check_order(self.from1.data, field.data)

    def validate_to2(self, field: TimeField) -> None:
        check_order(self.from2.data, field.data)

    def validate_to3(self, field: TimeField) -> None:
        check_order(self.from3.data, field.data)

    def validate(self, extra_validators: object = None) -> bool:
        """As always; and there is a stretch, or it is closed, and none has one end only."""
        good = super().validate(extra_validators)
        return bool(good) and (self.shut.data or self.whole_stretches())

    def whole_stretches(self) -> bool:
        """Whether there is one and all have two ends; if not, the error is at its field."""
        pairs = [(self[f"from{n}"], self[f"to{n}"]) for n in range(1, PAIRS + 1)]
        lacking = [
            opens if opens.data is None else closes
            for opens, closes in pairs
            if (opens.data is None) != (closes.data is None)
        ]
        for field in lacking:
            field.errors = [_l("This end is missing.")]
        if not lacking and not self.spans():
            self.from1.errors = [_l("Give the hours, or say that it is closed all day.")]
        return not lacking and bool(self.spans())

    def spans(self) -> list[tuple[int, int]]:
        """(opens, closes) in minutes of wall time; 0:00 at the end is midnight."""
        if self.shut.data:
            return []
        pairs = [(self[f"from{n}"].data, self[f"to{n}"].data) for n in range(1, PAIRS + 1)]
        return [
            (minute_of(opens), minute_of(closes) or DAY_MINUTES)
            for opens, closes in pairs
            if opens is not None and closes is not None
        ]

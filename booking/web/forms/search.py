"""The finder: what, when, how many, where. Every field may be empty."""

from collections.abc import Sequence
from datetime import date, time

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, SelectChoice, SelectField, TimeField
from wtforms.validators import NumberRange, Optional, ValidationError

from booking.rules.day_parts import Part
from booking.words import KINDS


class FinderForm(FlaskForm):  # type: ignore[misc]
    """A GET form: its address can be shared. Times are wall times of each venue."""

    class Meta:
        csrf = False

    kind = SelectField(_l("What"), validators=[Optional()])
    on = DateField(_l("Day"), validators=[Optional()])
    opens = TimeField(_l("From"), name="from", validators=[Optional()])
    closes = TimeField(_l("To"), name="to", validators=[Optional()])
    people = IntegerField(_l("People"), validators=[Optional(), NumberRange(1, 5000)])
    venue = SelectField(_l("Where"), validators=[Optional()])
    parts: Sequence[Part] = ()
    """Named periods one may ask for instead of times: `part` in the address, by slug."""

    def offer(self, venues: list[tuple[str, str]]) -> None:
        """Sets the choices: (slug, name) of each venue."""
        kinds, everywhere = [("", _l("Anything")), *KINDS.items()], ("", _l("The whole network"))
        self.kind.choices = [SelectChoice(*kind) for kind in kinds]
        self.venue.choices = [SelectChoice(*venue) for venue in (everywhere, *venues)]

    def validate_on(self, field: DateField) -> None:
        check_year(field.data)

    def validate_closes(self, field: TimeField) -> None:
        check_order(self.opens.data, field.data)


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


def check_order(opens: time | None, closes: time | None) -> None:
    """The end lies after the start; midnight at the end of the day is written 0:00."""
    if opens is not None and closes is not None and closes != time(0) and closes <= opens:
        raise ValidationError(_l("The end must lie after the start."))

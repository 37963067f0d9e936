"""Whom somebody invites: one by one, or a list as it comes out of a mail or a table."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, StringField, TextAreaField
from wtforms.validators import Length, ValidationError

from booking.rules.guests import Named, is_address
from booking.rules.texts import address, one_line

LONGEST = 20_000


def stripped(text: str | None) -> str:
    return one_line(text)


class GuestsForm(FlaskForm):  # type: ignore[misc]
    """A name and an address, or many of them; all go together."""

    name = StringField(_l("Name"), filters=[stripped], validators=[Length(max=120)])
    email = EmailField(_l("E-mail"), filters=[stripped], validators=[Length(max=254)])
    lines = TextAreaField(_l("Several at once"), validators=[Length(max=LONGEST)])

    def validate_name(self, field: StringField) -> None:
        """A name alone reaches nobody."""
        if field.data and not self.email.data:
            raise ValidationError(_l("Please give the e-mail address of this guest too."))

    def validate_email(self, field: EmailField) -> None:
        """Nobody need be here: the list will do."""
        if field.data and not is_address(address(field.data)):
            raise ValidationError(_l("This does not look like an e-mail address."))

    def one(self) -> Named | None:
        """The guest of the two fields, if there is one."""
        if not self.email.data:
            return None
        return Named(self.name.data or "", address(self.email.data))

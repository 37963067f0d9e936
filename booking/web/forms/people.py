"""Forms about people: what they have learnt, and for whom they act."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, EmailField, SelectField
from wtforms.validators import Optional

from booking.web.forms.account import ADDRESS, stripped
from booking.web.forms.search import check_year


class UntilForm(FlaskForm):  # type: ignore[misc]
    """Somebody, and the last day it holds."""

    email = EmailField(_l("Member’s e-mail"), filters=[stripped], validators=ADDRESS)
    until = DateField(_l("Last day"), validators=[Optional()])

    def validate_until(self, field: DateField) -> None:
        check_year(field.data)


class TrainingForm(UntilForm):
    training = SelectField(_l("Training"))


class MembershipForm(UntilForm):
    organisation = SelectField(_l("Organisation"))

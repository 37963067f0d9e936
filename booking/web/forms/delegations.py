"""The form that names a delegate."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, EmailField
from wtforms.validators import InputRequired, Optional

from booking.web.forms.account import AN_ADDRESS, stripped
from booking.web.forms.search import check_year


class DelegateForm(FlaskForm):  # type: ignore[misc]
    """Somebody's address, and the last day on which they may."""

    email = EmailField(
        _l("Their e-mail"),
        filters=[stripped],
        validators=[InputRequired(_l("Please give their e-mail address.")), *AN_ADDRESS],
    )
    until = DateField(_l("Last day"), validators=[Optional()])

    def validate_until(self, field: DateField) -> None:
        check_year(field.data)

"""The code of a reservation, or of a guest, typed at the door."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired, Length


class CodeForm(FlaskForm):  # type: ignore[misc]
    """Any case, with its dash or without."""

    code = StringField(
        _l("Your code"),
        validators=[InputRequired(_l("Which code?")), Length(max=40)],
    )

"""Three questions after a reservation."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectChoice, TextAreaField
from wtforms.validators import InputRequired, Length

from booking.rules.feedback import LONGEST, MARKS
from booking.words import MARK_WORDS

CHOICES = [SelectChoice(mark, MARK_WORDS[mark]) for mark in reversed(MARKS)]
CHOOSE = _l("Please choose one of the five.")


class AnswerForm(FlaskForm):  # type: ignore[misc]
    """Two marks, and what to mend."""

    place = RadioField(
        _l("How was the place: the space itself and its equipment?"),
        coerce=int,
        choices=CHOICES,
        validators=[InputRequired(CHOOSE)],
    )
    welcome = RadioField(
        _l("How was arriving: finding it, getting in, the welcome?"),
        coerce=int,
        choices=CHOICES,
        validators=[InputRequired(CHOOSE)],
    )
    comment = TextAreaField(
        _l("What should we mend first? (optional)"), validators=[Length(max=LONGEST)]
    )

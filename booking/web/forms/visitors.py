"""The form of a reservation for somebody without an account."""

from flask import url_for
from flask_babel import lazy_gettext as _l
from wtforms import EmailField, StringField
from wtforms.validators import InputRequired, Length

from booking.web.forms.account import ADDRESS, stripped
from booking.web.forms.reservations import ReservationForm

PERSON = ("name", "email", "phone")
ASIDE = (*PERSON, "csrf_token", "line")
"""What of the form says nothing of the wish."""


class VisitorForm(ReservationForm):
    """The same, and who asks."""

    name = StringField(
        _l("Your name"),
        filters=[stripped],
        validators=[InputRequired(_l("Please give your name.")), Length(max=120)],
        render_kw={"autocomplete": "name"},
    )
    email = EmailField(
        _l("Your e-mail"),
        filters=[stripped],
        validators=ADDRESS,
        render_kw={"autocomplete": "email"},
    )
    phone = StringField(
        _l("Phone (optional)"),
        filters=[stripped],
        validators=[Length(max=40)],
        render_kw={"autocomplete": "tel"},
    )

    def person(self) -> dict[str, str]:
        """Who asks, as the fields of a form that sends it again."""
        return {name: self[name].data or "" for name in PERSON}

    def as_address(self) -> str:
        """The wish as an address of the form, where somebody who signs in finds it again."""
        said = {one.name: one.raw_data[0] for one in self if one.raw_data and one.raw_data[0]}
        return url_for(
            "reservations.new", **{name: text for name, text in said.items() if name not in ASIDE}
        )

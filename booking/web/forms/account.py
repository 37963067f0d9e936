"""Forms of accounts. How strong a password must be is a rule, not a form's business."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    EmailField,
    HiddenField,
    PasswordField,
    SelectChoice,
    SelectField,
    StringField,
)
from wtforms.validators import Email, InputRequired, Length

from booking.rules.texts import one_line
from booking.words import LANGUAGES

AN_ADDRESS = [
    Length(max=254),
    # An accent before the @ is one that most mail servers cannot deliver to.
    Email(_l("This does not look like an e-mail address."), allow_smtputf8=False),
]
ADDRESS = [InputRequired(_l("Please give your e-mail address.")), *AN_ADDRESS]
SECRET = [InputRequired(_l("Please give a password.")), Length(max=1000)]
NEW = {"autocomplete": "new-password"}
CURRENT = {"autocomplete": "current-password"}
CHOICES = [SelectChoice(code, name) for code, name in LANGUAGES.items()]


def stripped(text: str | None) -> str:
    return one_line(text)


class RegisterForm(FlaskForm):  # type: ignore[misc]
    """Name, address, password: nothing more is asked (data minimisation)."""

    name = StringField(
        _l("Name"),
        filters=[stripped],
        validators=[InputRequired(_l("Please give your name.")), Length(max=120)],
        render_kw={"autocomplete": "name"},
    )
    email = EmailField(
        _l("E-mail"), filters=[stripped], validators=ADDRESS, render_kw={"autocomplete": "email"}
    )
    password = PasswordField(_l("Password"), validators=SECRET, render_kw=NEW)


class SignInForm(FlaskForm):  # type: ignore[misc]
    email = EmailField(
        _l("E-mail"), filters=[stripped], validators=ADDRESS, render_kw={"autocomplete": "username"}
    )
    password = PasswordField(_l("Password"), validators=SECRET, render_kw=CURRENT)
    next = HiddenField()


class AddressForm(FlaskForm):  # type: ignore[misc]
    email = EmailField(
        _l("E-mail"), filters=[stripped], validators=ADDRESS, render_kw={"autocomplete": "email"}
    )


class ConfirmForm(FlaskForm):  # type: ignore[misc]
    """The password chosen at registration proves that both are the same person."""

    password = PasswordField(_l("Your password"), validators=SECRET, render_kw=CURRENT)


class NewPasswordForm(FlaskForm):  # type: ignore[misc]
    password = PasswordField(_l("New password"), validators=SECRET, render_kw=NEW)


class ChangePasswordForm(FlaskForm):  # type: ignore[misc]
    old = PasswordField(_l("Present password"), validators=SECRET, render_kw=CURRENT)
    password = PasswordField(_l("New password"), validators=SECRET, render_kw=NEW)


class ProfileForm(FlaskForm):  # type: ignore[misc]
    name = StringField(
        _l("Name"),
        filters=[stripped],
        validators=[InputRequired(_l("Please give your name.")), Length(max=120)],
        render_kw={"autocomplete": "name"},
    )
    organisation = StringField(
        _l("Organisation (optional)"),
        filters=[stripped],
        validators=[Length(max=120)],
        render_kw={"autocomplete": "organization"},
    )
    phone = StringField(
        _l("Phone (optional)"),
        filters=[stripped],
        validators=[Length(max=40)],
        render_kw={"autocomplete": "tel"},
    )
    language = SelectField(_l("Language of pages and mails"), choices=CHOICES)


class RoleForm(FlaskForm):  # type: ignore[misc]
    email = EmailField(_l("Member’s e-mail"), filters=[stripped], validators=ADDRESS)
    role = SelectField(_l("Role"))
    venue = SelectField(_l("Venue"))

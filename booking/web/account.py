"""Accounts: registering, confirming, signing in and out, passwords, and one's own data."""

from zoneinfo import ZoneInfo

import structlog
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf import FlaskForm
from wtforms import Field

from booking import clock, reasons
from booking.actions import members as act
from booking.db import transaction
from booking.errors import Refused
from booking.models.members import CONFIRM, RESET
from booking.queries import members as find
from booking.rules.access import EVERYONE, MEMBERS, open_to
from booking.web import language
from booking.web.forms.account import (
    AddressForm,
    ChangePasswordForm,
    ConfirmForm,
    NewPasswordForm,
    ProfileForm,
    RegisterForm,
    SignInForm,
)
from booking.web.security import by_email, limiter, posts_nothing
from booking.web.session import begin, end, me, member, own_path, own_sign_in, own_token

bp = Blueprint("account", __name__)
log = structlog.get_logger()
UTC = ZoneInfo("UTC")  # No sentence about an account names a time.
ATTEMPTS = "10 per 15 minutes"
MAILS = "5 per hour"  # Nobody's mailbox is filled through us.
FROM_ONE_PLACE = "60 per 15 minutes"


def refused(no: Refused, field: Field) -> None:
    """Puts the reasons at the field they are about."""
    field.errors = [*field.errors, *(reasons.refusal(r, UTC) for r in no.refusals)]


@bp.route("/account/register", methods=["GET", "POST"])
@open_to(EVERYONE)
@limiter.limit(FROM_ONE_PLACE, exempt_when=posts_nothing)
@limiter.limit(MAILS, key_func=by_email, exempt_when=posts_nothing)
def register() -> ResponseReturnValue:
    form = RegisterForm()
    if not form.validate_on_submit():
        return show_form("account/register.html", form)
    try:
        name, email = form.name.data, form.email.data
        secret = act.accepted(form.password.data, name, email)
        with transaction():
            act.register(email, name, secret, language=language.chosen(), now=clock.now())
    except Refused as no:
        refused(no, form.name if no.refusals[0].code == "name-missing" else form.password)
        return show_form("account/register.html", form)
    return render_template("account/sent.html", kind="confirm", email=form.email.data)


@bp.route("/account/confirm/<token>", methods=["GET", "POST"])
@open_to(EVERYONE)
@limiter.limit(FROM_ONE_PLACE, exempt_when=posts_nothing)
def confirm(token: str) -> ResponseReturnValue:
    form = ConfirmForm()
    link = find.mail_token(token, CONFIRM, clock.now())
    if not form.validate_on_submit():
        return show_form("account/confirm.html", form)
    try:
        proof = act.proven_for(link, form.password.data)
        with transaction():
            made = act.confirm(token, proof, request.user_agent.string, now=clock.now())
    except Refused as no:
        refused(no, form.password)
        return show_form("account/confirm.html", form)
    start_session(made)
    flash(gettext("Welcome! Your address is confirmed: you can reserve."), "ok")
    return redirect(url_for("home.index"))


@bp.route("/account/sign-in", methods=["GET", "POST"])
@open_to(EVERYONE)
@limiter.limit(FROM_ONE_PLACE, exempt_when=posts_nothing)
@limiter.limit(ATTEMPTS, key_func=by_email, exempt_when=posts_nothing)
def sign_in() -> ResponseReturnValue:
    form = SignInForm()
    target = own_path(form.next.data or request.args.get("next"))
    form.next.data = target
    if request.method == "GET" and me():
        return redirect(target or url_for("home.index"))
    if not form.validate_on_submit():
        return show_form("account/sign_in.html", form)
    try:
        proof = act.proven(find.by_email(form.email.data), form.password.data, "sign-in-wrong")
        with transaction():
            made = act.sign_in(proof, request.user_agent.string, now=clock.now())
    except Refused as no:
        log.warning("sign-in refused", remote=request.remote_addr)
        refused(no, form.password)
        return show_form("account/sign_in.html", form)
    start_session(made)
    return redirect(target or url_for("home.index"))


def start_session(token: str) -> None:
    """The browser is signed in from this answer on."""
    found = find.sign_in(token, clock.now())
    if found is not None:
        log.info("signed in", member=found.member_id, remote=request.remote_addr)
        begin(token, found.member)


@bp.post("/account/sign-out")
@open_to(EVERYONE)
def sign_out() -> ResponseReturnValue:
    token = own_token()
    if token:
        with transaction():
            act.sign_out(token)
    end()
    flash(gettext("You are signed out."), "ok")
    return redirect(url_for("home.index"))


@bp.route("/account/forgot", methods=["GET", "POST"])
@open_to(EVERYONE)
@limiter.limit(FROM_ONE_PLACE, exempt_when=posts_nothing)
@limiter.limit(MAILS, key_func=by_email, exempt_when=posts_nothing)
def forgot() -> ResponseReturnValue:
    form = AddressForm()
    if not form.validate_on_submit():
        return show_form("account/forgot.html", form)
    with transaction():
        act.ask_reset(form.email.data, now=clock.now())
    return render_template("account/sent.html", kind="reset", email=form.email.data)


@bp.route("/account/reset/<token>", methods=["GET", "POST"])
@open_to(EVERYONE)
@limiter.limit(FROM_ONE_PLACE, exempt_when=posts_nothing)
def reset(token: str) -> ResponseReturnValue:
    form = NewPasswordForm()
    asker = find.mail_token(token, RESET, clock.now()).member
    if not form.validate_on_submit():
        return show_form("account/reset.html", form)
    try:
        secret = act.accepted(form.password.data, asker.name, asker.email)
        with transaction():
            act.reset(token, secret, now=clock.now())
    except Refused as no:
        refused(no, form.password)
        return show_form("account/reset.html", form)
    end()
    flash(gettext("Your new password is set. Please sign in with it."), "ok")
    return redirect(url_for(".sign_in"))


@bp.get("/account")
@open_to(MEMBERS)
def show() -> ResponseReturnValue:
    return page(profile_form(), ChangePasswordForm(formdata=None))


@bp.post("/account")
@open_to(MEMBERS)
def update() -> ResponseReturnValue:
    form = ProfileForm()
    if not form.validate():
        return page(form, ChangePasswordForm(formdata=None)), 422
    with transaction():
        said = (form.name.data, form.organisation.data, form.phone.data, form.language.data)
        act.describe(member(), *said)
    flash(gettext("Saved."), "ok")
    return redirect(url_for(".show"))


@bp.post("/account/password")
@open_to(MEMBERS)
@limiter.limit(ATTEMPTS, key_func=lambda: f"member:{member().id}")
def password() -> ResponseReturnValue:
    form = ChangePasswordForm()
    if not form.validate():
        return page(profile_form(), form), 422
    try:
        proof = act.proven(member(), form.old.data, "password-wrong")
        secret = act.accepted(form.password.data, member().name, member().email)
        with transaction():
            act.change_password(proof, secret, keep=own_token(), now=clock.now())
    except Refused as no:
        wrong = no.refusals[0].code == "password-wrong"
        refused(no, form.old if wrong else form.password)
        return page(profile_form(), form), 422
    log.info("password changed", member=member().id)
    flash(gettext("Your password is changed; you are signed out everywhere else."), "ok")
    return redirect(url_for(".show"))


@bp.post("/account/sign-ins/<id:sign_in_id>/end")
@open_to(MEMBERS)
def end_sign_in(sign_in_id: int) -> ResponseReturnValue:
    with transaction():
        act.end_sign_in(sign_in_id, by=member())
    flash(gettext("Signed out there."), "ok")
    return redirect(url_for(".show"))


def show_form(template: str, form: FlaskForm) -> ResponseReturnValue:
    """The page of a form; 422 when something in it has to be mended."""
    return render_template(template, form=form), 422 if form.errors else 200


def profile_form() -> ProfileForm:
    """What the member said of themselves last."""
    return ProfileForm(formdata=None, obj=member())


def page(profile: ProfileForm, secret: ChangePasswordForm) -> str:
    """The account's page: profile, password, where one is signed in."""
    rows = find.sign_ins(member(), clock.now())
    return render_template(
        "account/show.html", profile=profile, secret=secret, sign_ins=rows, own=own_sign_in()
    )

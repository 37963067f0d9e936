"""Who is reading: the cookie holds a random token, the database its digest (models SignIn)."""

from flask import Flask, abort, current_app, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from booking import clock
from booking.actions.visitors import nobody
from booking.models.members import Member
from booking.queries import members as find
from booking.rules import roles
from booking.rules.access import ADMINISTRATORS, DECIDERS, EVERYONE, audience_of

manager = LoginManager()
manager.session_protection = None


class Reader(UserMixin):  # type: ignore[misc]
    """A signed-in member as Flask-Login knows them; the id is the sign-in's token."""

    def __init__(self, token: str, member: Member, sign_in_id: int) -> None:
        self.token, self.member, self.sign_in_id = token, member, sign_in_id

    def get_id(self) -> str:
        return self.token


@manager.user_loader  # type: ignore[untyped-decorator]
def load(token: str) -> Reader | None:
    found = find.sign_in(token, clock.now())
    return Reader(token, found.member, found.id) if found else None


def me() -> Member | None:
    """The member who reads this page, if anybody is signed in."""
    return current_user.member if current_user and current_user.is_authenticated else None


def member() -> Member:
    """The signed-in member; a visitor is sent to sign in before a view asks."""
    found = me()
    if found is None:
        abort(401)
    return found


def asking() -> Member:
    """Who asks for a place: the member, or somebody of whom nothing is known."""
    return me() or nobody()


def own_token() -> str | None:
    """The token of this very sign-in."""
    return current_user.token if me() else None


def own_sign_in() -> int | None:
    """The id of this very sign-in."""
    return current_user.sign_in_id if me() else None


def begin(token: str, reader: Member) -> None:
    """The browser carries this sign-in from now on; nothing of the session before is kept."""
    session.clear()
    login_user(Reader(token, reader, 0))


def end() -> None:
    """The browser forgets."""
    logout_user()
    session.clear()


def own_path(target: str | None) -> str | None:
    """`target` if it is a path of this site, else None: never a way to another host."""
    if not target or not target.startswith("/") or target[1:2] in ("/", "\\"):
        return None
    if any(ord(character) < 33 or character == "\\" for character in target):
        return None
    return target


def check_access() -> ResponseReturnValue | None:
    """Before every request: is the page open to this reader? What one may not see answers 404."""
    if request.endpoint in (None, "static"):
        return None
    audience = audience_of(current_app.view_functions[request.endpoint])
    if audience == EVERYONE:
        return None
    reader = me()
    if reader is None:
        return to_sign_in()
    grants, now = find.grants_of(reader), clock.now()
    if audience == DECIDERS and not roles.live(grants, now):
        abort(404)
    if audience == ADMINISTRATORS and not roles.may(grants, "grant_role", None, now):
        abort(404)
    return None


def to_sign_in() -> ResponseReturnValue:
    """Asks to sign in, and comes back to this page afterwards where that makes sense."""
    target = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("account.sign_in", next=target))


def init_app(app: Flask) -> None:
    """Hooks sign-ins and the access check into the application."""
    manager.init_app(app)
    app.before_request(check_access)

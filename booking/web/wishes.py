"""The wishes of a member's day, in the signed cookie of their session (docs/decisions/008).

A wish is what the form of a reservation says, as text, and a short name of its own.
"""

import secrets
from collections.abc import Mapping

from flask import current_app, session
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict

from booking.web.forms.extras import PREFIX

KEY = "basket"
MOST = 8
ROOM = 3600  # Bytes of the whole cookie: browsers keep 4096, with its name and its attributes.
ASIDE = frozenset({"csrf_token", "line"})
"""Fields of the form that say nothing of a reservation."""
Wish = dict[str, str]


def wishes() -> list[Wish]:
    """In the order in which they were added."""
    return list(session.get(KEY, ()))


def wish_of(form: FlaskForm, given: Mapping[str, str]) -> Wish:
    """What was sent of the form's own fields; what says nothing is left out."""
    names = {field.name for field in form} - ASIDE
    said = {name: given[name].strip() for name in given if name in names}
    return {name: text for name, text in said.items() if text and not of_none(name, text)}


def of_none(name: str, text: str) -> bool:
    """Whether this is an extra that nobody wants."""
    return name.startswith(PREFIX) and text == "0"


def keep(wish: Wish, instead: str = "") -> bool:
    """Adds a wish, in the place of the one of that name if it is there; False where the cookie has
    no more room."""
    new = {"id": secrets.token_hex(3)} | wish
    if of_name(instead) is None:
        return put([*wishes(), new])
    return put([new if one["id"] == instead else one for one in wishes()])


def of_name(name: str) -> Wish | None:
    """The wish of that name, if it is there."""
    return next((one for one in wishes() if one["id"] == name), None)


def asked(given: MultiDict[str, str]) -> MultiDict[str, str]:
    """What an address says of a form. Its `wish` names one of the day, which says the rest, and
    whose place the form takes."""
    wish = of_name(given.get("wish", ""))
    if wish is None:
        return given
    return MultiDict({**fields_of(wish), **given, "line": wish["id"]})


def change(name: str, fields: Mapping[str, str]) -> bool:
    """Puts other words in place of some; an empty one takes its field away."""
    return put(
        [
            {key: text for key, text in (one | fields).items() if text}
            if one["id"] == name
            else one
            for one in wishes()
        ]
    )


def drop(name: str) -> None:
    """One wish less; nothing happens where it is gone already."""
    put([one for one in wishes() if one["id"] != name])


def put(lines: list[Wish]) -> bool:
    """Keeps these wishes if there is room for them."""
    later = {**session, KEY: lines}
    signer = current_app.session_interface.get_signing_serializer(current_app)  # type: ignore[attr-defined]
    if len(lines) > MOST or len(signer.dumps(later)) > ROOM:
        return False
    if lines:
        session[KEY] = lines
    else:
        session.pop(KEY, None)
    return True


def fields_of(wish: Wish) -> MultiDict[str, str]:
    """The wish as a form reads it."""
    return MultiDict({key: text for key, text in wish.items() if key != "id"})

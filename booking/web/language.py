"""Which language a page speaks: the URL's, else the member's, else the browser's, else French.

Choosing a language changes nothing on the server and sets no cookie: `?lang=en` is carried on by
every link of the page.
"""

from urllib.parse import quote

from flask import Flask, g, request
from flask_babel import Babel

from booking.web.session import me
from booking.words import LANGUAGES

WITHOUT = ("static", "feeds.")


def in_url() -> str | None:
    """The language the address asks for."""
    asked = request.args.get("lang", "") if request else ""
    return asked if asked in LANGUAGES else None


def chosen() -> str:
    """The reader's language, "fr" or "en"."""
    if "language" not in g:
        g.language = find()
    return str(g.language)


def find() -> str:
    """Looks in the address, the account and the browser's wishes, in that order."""
    asked = in_url()
    if asked:
        return asked
    member = me()
    if member is not None:
        return member.language
    return request.accept_languages.best_match(list(LANGUAGES), "fr") or "fr"


def carry(endpoint: str, values: dict[str, object]) -> None:
    """Adds the language of this page's address to a link's."""
    asked = in_url()
    if asked and not endpoint.startswith(WITHOUT):
        values.setdefault("lang", asked)


def other_url() -> str:
    """This page in the other language."""
    other = "en" if chosen() == "fr" else "fr"
    if request.method != "GET":
        return f"?lang={other}"
    args = request.args.to_dict() | {"lang": other}
    query = "&".join(f"{quoted(key)}={quoted(value)}" for key, value in args.items())
    # One slash at the start: two would be the name of another host.
    return f"/{quote(request.path.lstrip('/'))}?{query}"


def quoted(text: str) -> str:
    """A part of a query string."""
    return quote(text, safe="")


def init_app(app: Flask) -> None:
    """Hooks the choice into Flask-Babel and into every link."""
    Babel(app, locale_selector=lambda: chosen() if request else "fr")
    app.url_defaults(carry)

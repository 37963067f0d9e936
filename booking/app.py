"""The factory: settings, extensions, edges, errors. Only this file knows everything."""

import gc
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, g, has_request_context, request
from flask.typing import ResponseReturnValue
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

import config
from booking import cli, clock, feeds, logs, models, web
from booking.actions import waitlist
from booking.db import again, conclusions, db, only_look
from booking.rules import passwords
from booking.rules.access import audience_of

__all__ = ["create_app", "models"]


LONGEST_KEPT = 170
"""Characters of a value in a link that is kept: a venue and a space, a day, an hour."""
A_YEAR = 365 * 24 * 3600  # seconds
# A page is some thousand small values, gone when it is sent. Python would look ten times a page
# for rings among them, at a seventh of all it costs; now it looks after every few pages.
gc.set_threshold(10_000, 10, 10)


class Booking(Flask):
    """Flask, but a request that met a deadlock is answered by a second run.

    Every view is at most one transaction, so that a run that failed left nothing behind.
    """

    def dispatch_request(self) -> ResponseReturnValue:
        return again(super().dispatch_request)

    def get_send_file_max_age(self, filename: str | None) -> int | None:
        """A static file that was asked for by its content may be kept for a year."""
        return A_YEAR if request and "v" in request.args else None

    def url_for(  # type: ignore[override]
        self,
        endpoint: str,
        /,
        *,
        _anchor: str | None = None,
        _method: str | None = None,
        _scheme: str | None = None,
        _external: bool | None = None,
        **values: Any,
    ) -> str:
        """A page's links are mostly those of the page before: each is built once and kept."""
        special = (
            _anchor or _method or _scheme or _external or not all(map(lasting, values.values()))
        )
        if special or endpoint[0] == "." or not has_request_context():
            given = {"_anchor": _anchor, "_method": _method, "_scheme": _scheme}
            return super().url_for(endpoint, **given, _external=_external, **values)
        if "links_from" not in g:
            g.links_from = (request.root_path, web.language.in_url())
        return kept_link(self, g.links_from, endpoint, tuple(values.items()))

    def log_exception(self, exc_info: Any) -> None:
        """Writes the fault down by endpoint: an address may carry a token."""
        endpoint = request.endpoint or "no endpoint"
        self.logger.error("Exception in %s [%s]", endpoint, request.method, exc_info=exc_info)


def lasting(value: Any) -> bool:
    """Whether a link with this value may be kept. What people type goes into links too: it is no
    other page's, and long texts would fill the memory."""
    if isinstance(value, str):
        return len(value) <= LONGEST_KEPT
    return not isinstance(value, list)


@lru_cache(4096)
def kept_link(app: Flask, _from: object, endpoint: str, values: tuple[tuple[str, Any], ...]) -> str:
    """A link by everything it depends on: also the root and the language of the page it is on."""
    return Flask.url_for(app, endpoint, **dict(values))


@cache
def version(path: Path) -> str:
    """Names the content of a static file; looked up once for each process."""
    return sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else ""


def name_content(endpoint: str, values: dict[str, Any]) -> None:
    """Links to static files carry what names their content."""
    if endpoint == "static":
        values.setdefault("v", version(config.ROOT / "static" / values["filename"]))


def pass_on() -> None:
    """What a transaction frees goes to who waits for it, in that transaction."""
    waitlist.pass_on(clock.now())


def create_app(**overrides: Any) -> Flask:
    """The application. `overrides` are settings that win over the environment's (for tests)."""
    app = Booking(
        "booking",
        root_path=str(config.ROOT / "booking"),
        instance_path=str(config.INSTANCE),
        template_folder=str(config.ROOT / "templates"),
        static_folder=str(config.ROOT / "static"),
    )
    app.config.from_mapping(settings() | overrides)
    logs.configure(json=app.config["APP_ENV"] == "production")
    if app.config["CHEAP_PASSWORDS"]:
        passwords.cheapen()
    if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        config.INSTANCE.mkdir(parents=True, exist_ok=True)
    if hops := app.config["PROXY_HOPS"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, hops, hops, hops, hops)  # type: ignore[method-assign]
    app.url_defaults(name_content)
    db.init_app(app)
    if pass_on not in conclusions:
        conclusions.append(pass_on)
    app.before_request(only_look)
    Migrate(app, db, directory=str(config.ROOT / "migrations"), render_as_batch=True)
    web.init_app(app)
    app.register_blueprint(feeds.bp)
    cli.init_app(app)
    check_audiences(app)
    return app


def check_audiences(app: Flask) -> None:
    """Raises RuntimeError for a view that does not say who it is open to."""
    views = app.view_functions.items()
    silent = [name for name, view in views if name != "static" and audience_of(view) is None]
    if silent:
        raise RuntimeError(f"open to whom? {', '.join(sorted(silent))}")


def settings() -> dict[str, Any]:
    """The environment's settings; a start without what is needed ends here, with the list."""
    try:
        return config.settings()
    except config.BadConfig as bad:
        raise SystemExit(str(bad)) from None

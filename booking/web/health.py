"""For machines: is the process alive, and is everything it needs there?"""

from datetime import timedelta

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from booking import clock
from booking.db import db
from booking.queries import outbox
from booking.rules.access import EVERYONE, open_to
from booking.web.context import network

bp = Blueprint("health", __name__)
WORKER_SILENCE = timedelta(minutes=2)


@bp.get("/healthz")
@open_to(EVERYONE)
def healthz() -> ResponseReturnValue:
    return jsonify(status="ok")


@bp.get("/readyz")
@open_to(EVERYONE)
def readyz() -> ResponseReturnValue:
    try:
        checks = {"database": "ok", "migrations": migrations(), "worker": worker(), "data": data()}
    except SQLAlchemyError:
        db.session.rollback()
        checks = {"database": "cannot be reached"}
    ready = all(answer == "ok" for answer in checks.values())
    return jsonify(status="ok" if ready else "not ready", **checks), 200 if ready else 503


def migrations() -> str:
    """Whether the database is at the newest migration."""
    scripts = ScriptDirectory(current_app.extensions["migrate"].directory)
    with db.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_heads()
    return "ok" if set(current) == set(scripts.get_heads()) else "run: flask db upgrade"


def worker() -> str:
    """Whether a worker was alive lately."""
    beat = outbox.last_beat("worker")
    if beat is None:
        return "no worker has run yet"
    late = clock.now() - beat
    return "ok" if late < WORKER_SILENCE else f"silent for {int(late.total_seconds())} s"


def data() -> str:
    """Whether a network is loaded, and no invented figures where they must not be shown."""
    found = network()
    if found is None:
        return "no network is loaded: flask network load FILE"
    if found.demo and current_app.config["APP_ENV"] == "production":
        return "demonstration data in production: load the operator's own file"
    return "ok"

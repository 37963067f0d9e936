"""What machines ask: alive, ready, and if not, why."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask, url_for
from sqlalchemy import text

from booking.app import create_app
from booking.db import db
from booking.models.outbox import Heartbeat
from booking.models.venues import Network
from tests import make
from tests.support.site import Site

NOTHING_SHOWN = ["/", "/venues", "/search", "/account/sign-in", "/mentions-legales", "/nowhere"]
NOTHING_SHOWN += ["/venues/baleine/calendar.ics", "/demo/mail"]


def test_a_process_that_answers_is_alive(site: Site) -> None:
    assert site.browser().get("/healthz").json == {"status": "ok"}


def test_a_site_with_all_it_needs_is_ready(site: Site) -> None:
    answer = site.browser().get("/readyz")

    assert (answer.status_code, answer.json and answer.json["status"]) == (200, "ok")


def test_a_site_is_not_ready_before_a_worker_has_run(site: Site) -> None:
    db.session.query(Heartbeat).delete()
    db.session.commit()

    answer = site.browser().get("/readyz")

    assert answer.status_code == 503
    assert answer.json
    assert answer.json["worker"] == "no worker has run yet"


@pytest.mark.parametrize(("seconds", "status"), [(119, 200), (121, 503)])
def test_a_worker_may_be_silent_for_two_minutes(site: Site, seconds: int, status: int) -> None:
    with time_machine.travel(make.NOW + timedelta(seconds=seconds), tick=False):
        assert site.browser().get("/readyz").status_code == status


def test_a_site_is_not_ready_at_an_older_migration(site: Site) -> None:
    db.session.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    db.session.commit()

    answer = site.browser().get("/readyz")

    assert answer.status_code == 503
    assert answer.json
    assert answer.json["migrations"] == "run: flask db upgrade"


def test_a_site_is_not_ready_without_a_network(site: Site) -> None:
    db.session.query(Network).delete()
    db.session.commit()

    assert site.browser().get("/readyz").status_code == 503


def test_a_site_without_a_database_says_so() -> None:
    app = create_app(SQLALCHEMY_DATABASE_URI="sqlite:////nowhere/at/all.sqlite3")

    answer = app.test_client().get("/readyz")

    assert answer.status_code == 503
    assert answer.json == {"status": "not ready", "database": "cannot be reached"}


def test_a_page_without_a_database_asks_to_come_back() -> None:
    app = create_app(SQLALCHEMY_DATABASE_URI="sqlite:////nowhere/at/all.sqlite3")

    answer = app.test_client().get("/")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "<html" in answer.text


@pytest.mark.parametrize("path", ["/", "/venues", "/search", "/mentions-legales", "/readyz"])
def test_an_empty_database_breaks_nothing(
    migrated_database: Callable[[str], str], path: str
) -> None:
    app = create_app(SQLALCHEMY_DATABASE_URI=migrated_database("sqlite"))

    status = app.test_client().get(path).status_code

    with app.app_context():
        db.engine.dispose()
    assert status == (503 if path == "/readyz" else 200)


@pytest.fixture
def demonstration(site: Site) -> Site:
    """The site with invented figures."""
    db.session.query(Network).one().demo = True
    db.session.commit()
    return site


@pytest.fixture
def pretender(demonstration: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The demonstration, run as if it were real."""
    monkeypatch.setitem(demonstration.app.config, "APP_ENV", "production")
    return demonstration


@pytest.mark.parametrize("path", NOTHING_SHOWN)
def test_invented_figures_are_shown_to_nobody_in_production(pretender: Site, path: str) -> None:
    answer = pretender.browser().get(path)

    assert answer.status_code == 503
    assert "Baleine" not in answer.text


def test_a_demonstration_in_production_is_not_ready_and_says_why(pretender: Site) -> None:
    answer = pretender.browser().get("/readyz")

    assert answer.status_code == 503
    assert answer.json
    assert "demonstration" in answer.json["data"]


@pytest.mark.parametrize("path", ["/healthz", "/static/css/theme.css"])
def test_a_demonstration_in_production_is_alive(pretender: Site, path: str) -> None:
    with pretender.browser().get(path) as answer:
        assert answer.status_code == 200


def test_real_figures_are_shown_in_production(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(site.app.config, "APP_ENV", "production")

    assert site.browser().get("/").status_code == 200


def test_a_demonstration_lets_its_mailbox_be_read(demonstration: Site) -> None:
    assert demonstration.browser().get("/demo/mail").status_code == 200


def test_a_demonstration_says_that_it_is_one(demonstration: Site) -> None:
    assert "demo-note" in demonstration.browser().get("/").text


@pytest.mark.one_database
def test_a_static_file_is_kept_for_a_year_under_the_name_of_its_content(app: Flask) -> None:
    with app.test_request_context():
        path = url_for("static", filename="css/theme.css")

    kept = app.test_client().get(path, buffered=True).headers["Cache-Control"]
    bare = path.split("?")[0]
    asked_again = app.test_client().get(bare, buffered=True).headers["Cache-Control"]

    assert ("max-age=31536000" in kept, "no-cache" in asked_again) == (True, True)

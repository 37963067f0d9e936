"""What all tests share: both databases on real migrations, a client, a browser.

One PostgreSQL server serves the whole run; every xdist worker makes its own databases in it.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count

import pytest
from flask import Flask
from hypothesis import settings
from playwright.sync_api import Browser, Page

from booking.app import create_app
from booking.db import db
from tests.support import databases
from tests.support.browser import NoBrowser, chromium, watch
from tests.support.client import Client
from tests.support.postgres import NoPostgres, cluster
from tests.support.servers import ENVIRONMENT

pytest_plugins = ["tests.support.site"]

KINDS = ["sqlite", "postgresql"]
# How the run tells its workers about the server it has started, or why there is none.
SERVER, NO_SERVER = "TEST_POSTGRES_URL", "TEST_POSTGRES_MISSING"
# A slow machine is no failure.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


def pytest_configure(config: pytest.Config) -> None:
    """Starts PostgreSQL before there are workers; alone, a run starts it when a test asks."""
    os.environ.update(ENVIRONMENT, BASE_URL="http://localhost")
    is_worker = hasattr(config, "workerinput")
    if is_worker or not config.getoption("numprocesses", None) or SERVER in os.environ:
        return
    server = ExitStack()
    config.add_cleanup(server.close)
    try:
        os.environ[SERVER] = server.enter_context(cluster())
    except NoPostgres as missing:
        os.environ[NO_SERVER] = str(missing)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Whatever needs a database runs on both, unless it is marked `one_database`."""
    if "database" in metafunc.fixturenames:
        one = metafunc.definition.get_closest_marker("one_database")
        kinds = KINDS[:1] if one else KINDS
        metafunc.parametrize("database", kinds, indirect=True, scope="session")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says what was not tested on this machine, and why."""
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = Counter(report.longrepr[2].removeprefix("Skipped: ") for report in skipped)
    for reason, tests in reasons.most_common():
        terminalreporter.write_line(f"Not tested here ({tests} tests): {reason}", yellow=True)
    if skipped and nothing_may_be_skipped():
        terminalreporter.write_line("CHECK_NOTHING_SKIPPED=1: this run has failed.", red=True)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """With CHECK_NOTHING_SKIPPED=1 a run that skipped a test has failed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter and reporter.stats.get("skipped")
    if skipped and nothing_may_be_skipped() and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def nothing_may_be_skipped() -> bool:
    """What .ci/run asks for: a machine without PostgreSQL or browser is an error there."""
    return os.environ.get("CHECK_NOTHING_SKIPPED") == "1"


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of the run's PostgreSQL server."""
    if missing := os.environ.get(NO_SERVER):
        pytest.skip(missing)
    with ExitStack() as own:
        try:
            yield os.environ.get(SERVER) or own.enter_context(cluster())
        except NoPostgres as missing:
            pytest.skip(str(missing))


@pytest.fixture(scope="session")
def empty_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Callable[[str], str]:
    """Makes a new database of a kind, without any table; gives its URL."""
    numbers = count(1)

    def empty(kind: str) -> str:
        name = f"booking_{worker_id}_{next(numbers)}"
        if kind == "sqlite":
            return f"sqlite:///{tmp_path_factory.mktemp(name) / 'booking.sqlite3'}"
        return databases.create(request.getfixturevalue("postgres"), name)

    return empty


@pytest.fixture(scope="session")
def migrated_database(empty_database: Callable[[str], str]) -> Callable[[str], str]:
    """Makes a new database of a kind, with all tables and no row; gives its URL."""

    def migrated(kind: str) -> str:
        url = empty_database(kind)
        databases.migrate(create_app(SQLALCHEMY_DATABASE_URI=url))
        return url

    return migrated


@pytest.fixture(scope="session")
def app_on(
    migrated_database: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Flask]]:
    """The worker's application on a database of a kind, made on first use."""
    apps: dict[str, Flask] = {}

    def made(kind: str) -> Flask:
        if kind not in apps:
            apps[kind] = create_app(
                SQLALCHEMY_DATABASE_URI=migrated_database(kind),
                MAIL_URL=f"file:{tmp_path_factory.mktemp('mail')}",
                WTF_CSRF_ENABLED=False,
            )
            apps[kind].test_client_class = Client
        return apps[kind]

    yield made
    for app in apps.values():
        with app.app_context():
            db.engine.dispose()


@pytest.fixture(scope="session")
def database(request: pytest.FixtureRequest) -> str:
    """The kind of database this test runs on: sqlite or postgresql."""
    kind: str = request.param
    return kind


@pytest.fixture
def app(app_on: Callable[[str], Flask], database: str) -> Iterator[Flask]:
    """The application on an empty database, with an application context pushed."""
    app = app_on(database)
    with app.app_context():
        yield app
        db.session.remove()
        databases.empty()


@pytest.fixture
def client(app: Flask) -> Client:
    """A stranger's browser, without JavaScript."""
    return app.test_client()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The worker's Chromium."""
    with ExitStack() as running:
        try:
            browser = running.enter_context(chromium())
        except NoBrowser as missing:
            pytest.skip(str(missing))
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A new person at a French computer that is set to a zone no venue has.

    The test fails at its end if its pages raised an error, broke the content security policy
    or asked another host for anything.
    """
    context = browser.new_context(locale="fr-FR", timezone_id="America/Toronto")
    context.set_default_timeout(10_000)
    page = context.new_page()
    troubles = watch(page)
    yield page
    context.close()
    assert troubles == []

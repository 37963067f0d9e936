"""Child processes that never outlive the tests, however the tests end."""

import os
import pwd
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

# The watcher waits on a pipe that only the tests hold open. When they end, even by `kill -9`,
# the pipe closes and the watcher ends the child. $1 is the signal, the rest is the command.
WATCHED = """
signal=$1; shift
exec 3<&0
"$@" 3<&- </dev/null & child=$!
(cat <&3 >/dev/null; kill -"$signal" $child 2>/dev/null) &
wait $child
"""
PATIENCE = 10  # seconds


@contextmanager
def running(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    log: Path,
    ends_with: str = "TERM",
    user: str | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Runs `command`; its output goes to `log`. At the end it gets the signal `ends_with`.

    It has its own session: Ctrl-C reaches the tests alone, which then end it in their order.
    Raises OSError when it cannot be started as `user`.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["sh", "-c", WATCHED, "sh", ends_with, *command],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            cwd="/" if user else None,
            start_new_session=True,
            **as_user(user),
        )
    try:
        yield process
    finally:
        assert process.stdin
        process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def as_user(user: str | None) -> dict[str, Any]:
    """The arguments with which `subprocess` runs a child as `user`, without root's groups."""
    if user is None:
        return {}
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}

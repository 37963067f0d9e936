"""Commands for the one who runs the system: `flask --app booking.app …`."""

import gc
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import click
from flask import Flask, current_app
from flask.cli import AppGroup, ScriptInfo, pass_script_info, with_appcontext
from flask_migrate import upgrade
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from booking import clock, demo, jobs
from booking.actions import members, network, roles
from booking.db import transaction
from booking.demo.habits import LOGINS
from booking.errors import Refused
from booking.outside import network_file
from booking.queries import venues as places
from booking.rules.network import BadNetworkFile
from booking.rules.network_demo import without_demo

LOUD = [level.value for level in LogLevels]
networks = AppGroup("network", help="The places: operators, venues, spaces.")
demos = AppGroup("demo", help="The demonstration.")
administrators = AppGroup("administrator", help="Who may grant roles.")


@networks.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load_network(file: Path) -> None:
    """Makes the network what FILE says. Refuses a bad file with line and reason."""
    try:
        plan = network_file.read(file)
    except BadNetworkFile as bad:
        raise click.ClickException(f"{file} was not loaded; nothing has changed.\n{bad}") from None
    dropped: list[str] = []
    if current_app.config["APP_ENV"] == "production":
        plan, dropped = without_demo(plan)
    try:
        with transaction():
            left = network.load(plan, now=clock.now())
    except Refused as no:
        spaces = ", ".join(str(broken.facts["space"]) for broken in no.refusals)
        raise click.ClickException(
            f"{file} was not loaded; nothing has changed.\n"
            f"These spaces are reserved and would take other units: {spaces}"
        ) from None
    click.echo(f"{len(plan.venues)} venues, {sum(len(v.spaces) for v in plan.venues)} spaces.")
    for name in dropped:
        click.echo(f"left out, because it is demonstration data: {name}")
    for name in left:
        click.echo(f"kept, though the file does not name it: {name}")


@administrators.command("create")
@click.argument("email")
@click.argument("name")
@click.password_option(envvar="ADMINISTRATOR_PASSWORD")
def create_administrator(email: str, name: str, password: str) -> None:
    """The first run: an account that may do everything, confirmed at once."""
    try:
        secret, now = members.accepted(password, name, email), clock.now()
        with transaction():
            made = members.create(email, name, secret, now=now)
            roles.granted(made, "administrator", None, by_id=None, now=now)
    except Refused as no:
        reasons = ", ".join(broken.code for broken in no.refusals)
        raise click.ClickException(f"Not created: {reasons}") from None
    click.echo(f"{made.email} is an administrator.")


@demos.command("load")
def load_demo() -> None:
    """Four venues, three accounts and a lively week. Never in production."""
    if current_app.config["APP_ENV"] == "production":
        raise click.ClickException("Demonstration data do not belong in production.")
    demo.load(clock.now())
    click.echo(f"demo password: {demo.PASSWORD}")


@click.command("worker")
@with_appcontext
def worker() -> None:
    """Sends mail and ends what has run out, until stopped."""
    jobs.run_forever(current_app._get_current_object())  # type: ignore[attr-defined]


@click.command("serve")
@with_appcontext
def serve() -> None:
    """Everything on one machine: migrates, loads the demonstration into an empty database,
    serves pages and runs the worker. Ctrl-C ends both."""
    upgrade()
    if places.network() is None and current_app.config["APP_ENV"] != "production":
        demo.load(clock.now())
    found = places.network()
    port, base = current_app.config["PORT"], current_app.config["BASE_URL"]
    listen(signal.default_int_handler)
    children = [start("web", "--log-level", "warning"), start("worker")]
    try:
        if wait_for(f"http://127.0.0.1:{port}/healthz", children):
            greet(base, bool(found and found.demo))
            wait_for_end(children)
    except KeyboardInterrupt:
        click.echo("Stopped.")
        return
    finally:
        stop(children)
    raise click.ClickException("The web server or the worker has ended by itself; see above.")


def start(*command: str) -> subprocess.Popen[bytes]:
    """A child that Ctrl-C at the terminal does not reach: we end it ourselves, in order."""
    environment = os.environ | {"FLASK_APP": "booking.app"}
    return subprocess.Popen(
        [sys.executable, "-m", "flask", *command], env=environment, start_new_session=True
    )


@click.command("web")
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True)
@click.option("--threads", type=click.IntRange(1), default=4, show_default=True)
@click.option("--log-level", type=click.Choice(LOUD), default="info", show_default=True)
@click.option("--factory", default="booking.app:create_app", hidden=True)
@pass_script_info
def web(info: ScriptInfo, workers: int, threads: int, log_level: str, factory: str) -> None:
    """Serves pages at HOST and PORT, from so many processes (workers) that answer so many
    requests at a time (threads). On one machine one worker is enough, and limits are counted in
    one place.

    What all workers need is loaded here, before they part: so much of the memory they share.
    """
    asked = info.load_app().config
    server = Granian(
        factory,
        address=asked["HOST"],
        port=asked["PORT"],
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        factory=True,
        websockets=False,
        log_level=LogLevels(log_level),
    )
    gc.collect()
    gc.freeze()  # The search for garbage would write to what is shared, and so make it one's own.
    server.serve()


def wait_for(url: str, children: list[subprocess.Popen[bytes]]) -> bool:
    """Until the address answers; False when a child died first."""
    while all(child.poll() is None for child in children):
        try:
            with urlopen(url, timeout=2):
                return True
        except HTTPError:
            return True  # Its public name is another: it answers nobody who says 127.0.0.1.
        except (URLError, OSError):
            time.sleep(0.1)
    return False


def greet(base: str, is_demo: bool) -> None:
    """What a newcomer needs to know."""
    click.echo(f"\n  {base}\n")
    if is_demo:
        click.echo(f"  demo logins: {', '.join(LOGINS)}")
        click.echo(f"  demo password: {demo.PASSWORD}")
        click.echo(f"  every mail it sends: {base}/demo/mail\n")
    click.echo("  Ctrl-C ends it.")


def wait_for_end(children: list[subprocess.Popen[bytes]]) -> None:
    """Until one of them ends, or somebody ends us."""
    while all(child.poll() is None for child in children):
        time.sleep(0.2)


def listen(handler: Any) -> None:
    """What Ctrl-C, SIGTERM and a closed terminal do, also where a script started us."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handler)


def stop(children: list[subprocess.Popen[bytes]]) -> None:
    """Ends the children, first kindly. A second Ctrl-C must not leave them behind."""
    listen(signal.SIG_IGN)
    for child in children:
        if child.poll() is None:
            child.terminate()
    for child in children:
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def init_app(app: Flask) -> None:
    """Adds the commands."""
    for command in (networks, demos, administrators, web, worker, serve):
        app.cli.add_command(command)

"""A real headless Chromium, and what the accessibility rules of axe say about a page."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserType, Error, Page, sync_playwright

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",  # Chromium refuses to be run by root otherwise.
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DOWNLOAD = 300  # seconds
OURS = {"127.0.0.1", "localhost", ""}  # data: and blob: addresses have no host
AXE = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
RULES = {
    "preload": False,
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}


class NoBrowser(Exception):
    """No Chromium could be started; the text says why."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """The machine's Chromium, else the one that Playwright downloads. Raises NoBrowser.

    While it runs, `asyncio.run` cannot be used in this thread: Playwright has its own loop there.
    """
    with sync_playwright() as playwright:
        browser = launched(playwright.chromium)
        try:
            yield browser
        finally:
            browser.close()


def launched(kind: BrowserType) -> Browser:
    """A browser that runs. One that is there and does not start (a snap's stub) is passed over."""
    for name in filter(shutil.which, NAMES):
        try:
            return kind.launch(executable_path=shutil.which(name), args=FLAGS)
        except Error:
            continue
    if not os.path.exists(kind.executable_path):
        download()
    try:
        return kind.launch(args=FLAGS)
    except Error as error:
        raise NoBrowser(f"Chromium does not start: {error.message.splitlines()[0]}") from error


def download() -> None:
    """Asks Playwright for its own Chromium. Raises NoBrowser when it does not come."""
    missing = f"none of {', '.join(NAMES)} starts here and Playwright could not download its own"
    try:
        asked = subprocess.run(
            [sys.executable, "-m", "playwright", "install", "chromium"],
            capture_output=True,
            text=True,
            timeout=DOWNLOAD,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise NoBrowser(missing) from error
    if asked.returncode:
        raise NoBrowser(missing)


def watch(page: Page) -> list[str]:
    """A list that fills, while the page lives, with everything a person should never cause.

    That is: uncaught errors, messages on the console (the content security policy speaks
    there), and requests to any other host.
    """
    troubles: list[str] = []

    def console(kind: str, text: str) -> None:
        # A refused form is answered with 422: the console calls that a failure, we do not.
        if kind in ("error", "warning") and not text.startswith("Failed to load resource"):
            troubles.append(f"console {kind}: {text}")

    def request(url: str) -> None:
        if (urlsplit(url).hostname or "") not in OURS:
            troubles.append(f"request to another host: {url}")

    page.on("pageerror", lambda error: troubles.append(f"uncaught: {error}"))
    page.on("console", lambda message: console(message.type, message.text))
    page.on("request", lambda asked: request(asked.url))
    return troubles


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 A and AA and good practice: one line per element."""
    # Evaluated, not added as a <script>: the content security policy would stop that, rightly.
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    # What passes is neither written down nor handed over: that would take four times as long.
    found = page.evaluate("rules => axe.run(document, rules).then(all => all.violations)", RULES)
    return [
        f"{rule['id']} ({rule['impact']}): {rule['help']} at {' '.join(map(str, node['target']))}"
        for rule in found
        for node in rule["nodes"]
    ]

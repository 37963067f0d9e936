"""Somebody at a browser, who sees what is written and does what a person can do."""

import re
from time import monotonic

import pytest
from babel.support import NullTranslations, Translations
from playwright.sync_api import Locator, Page, expect

from tests import make
from tests.support.servers import ROOT

PATIENCE = 15  # seconds, until a mail has come
NARROW = 700  # pixels, below which the menu is folded

by_three = pytest.mark.parametrize(
    ("language", "size", "javascript"),
    [("en", "desktop", True), ("fr", "phone", True), ("fr", "desktop", False)],
    ids=["english", "french-phone", "without-javascript"],
)
"""A way walked in English at a desk, in French on a phone, and without JavaScript."""


class Person:
    """Reads pages in `language`; texts are named as the code names them, in English."""

    def __init__(self, page: Page, language: str) -> None:
        self.page, self.language, self.email = page, language, ""
        folder = ROOT / "booking" / "translations"
        self.words: NullTranslations = Translations.load(folder, [language])

    def said(self, text: str) -> str:
        """The text in the person's language, as a browser shows it: one space for any."""
        return re.sub(r"\s+", " ", str(self.words.ugettext(text)))

    def main(self) -> Locator:
        """What the page is about, without its head and foot."""
        return self.page.get_by_role("main")

    def goes(self, path: str) -> None:
        """Types an address."""
        self.page.goto(path)

    def follows(self, text: str, what: str = "") -> None:
        """A link, by its whole name; `what` is the rest of it that is not to be translated."""
        self.link(text, what).click()

    def link(self, text: str, what: str = "") -> Locator:
        name = f"{self.said(text)} {what}".strip()
        return self.main().get_by_role("link", name=name, exact=True).first

    def chooses_menu(self, text: str) -> None:
        """An entry of the main menu, which a phone opens first."""
        size = self.page.viewport_size
        if size and size["width"] < NARROW:
            self.page.get_by_role("banner").locator("summary").click()
        links = self.page.get_by_role("banner").get_by_role("link", name=self.said(text))
        links.first.click()

    def presses(self, text: str, what: str = "") -> None:
        """A button, by its whole name."""
        self.button(text, what).click()

    def button(self, text: str, what: str = "") -> Locator:
        name = f"{self.said(text)} {what}".strip()
        return self.main().get_by_role("button", name=name, exact=True).first

    def opens(self, text: str) -> None:
        """Unfolds what is folded under these words."""
        self.main().locator("summary").filter(has_text=self.said(text)).first.click()

    def field(self, label: str) -> Locator:
        """A field, by its label."""
        return self.main().get_by_label(self.said(label), exact=True).first

    def types(self, fields: dict[str, str]) -> None:
        """Fills in fields, each named by its label."""
        for label, value in fields.items():
            self.field(label).fill(value)

    def selects(self, fields: dict[str, str]) -> None:
        """Chooses in lists, each named by its label, by the value or the text of an entry."""
        for label, value in fields.items():
            self.field(label).select_option(value)

    def sees(self, text: str) -> None:
        """Waits until the page says this, in the person's language."""
        expect(self.main()).to_contain_text(self.said(text))

    def signs_in(self, email: str, password: str = make.PASSWORD) -> None:
        """By the form; the person is at some page already."""
        self.chooses_menu("Sign in")
        self.types({"E-mail": email, "Password": password})
        self.presses("Sign in")
        self.email = email

    def code(self) -> str:
        """The code of the reservation on this page."""
        return self.main().locator(".page-head .code").inner_text()

    def mail(self, about: str, code: str = "") -> Locator:
        """Their mail whose subject holds `about`, opened in the demonstration's mailbox.

        Where there may be several, `code` names the reservation. Waits for it: the worker
        sends within seconds.
        """
        letters = self.main().locator(".letter").filter(has_text=code)
        letter = letters.filter(has=self.page.get_by_role("heading", name=about)).first
        end = monotonic() + PATIENCE
        while True:
            self.goes(f"/demo/mail?to={self.email}")
            if letter.count() or monotonic() > end:
                return letter
            self.page.wait_for_timeout(200)

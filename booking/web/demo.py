"""The demonstration's mailbox: every mail the system sent, for all to read. Demo data only."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from flask import Blueprint, abort, current_app, render_template, request
from flask.typing import ResponseReturnValue

from booking.rules.access import EVERYONE, open_to
from booking.web.context import demo

bp = Blueprint("demo", __name__)
SHOWN = 50


@bp.get("/demo/mail")
@open_to(EVERYONE)
def mail() -> ResponseReturnValue:
    if not demo():
        abort(404)
    to = request.args.get("to", "").strip().lower()
    letters = [letter(path) for path in kept()]
    chosen = [one for one in letters if to in one["to"].lower()][:SHOWN]
    return render_template("demo/mail.html", letters=chosen, to=to)


def kept() -> list[Path]:
    """The mails in the demonstration's folder, latest first."""
    url = current_app.config["MAIL_URL"]
    folder = Path(url.removeprefix("file:"))
    if not url.startswith("file:") or not folder.is_dir():
        return []
    return sorted(folder.glob("*.eml"), reverse=True)[: SHOWN * 4]


def letter(path: Path) -> dict[str, Any]:
    """One mail as the page shows it: who, what, when, text, and its calendar part."""
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    body = mail.get_body(("plain",))
    text = body.get_content() if isinstance(body, EmailMessage) else ""
    return {
        "to": str(mail["To"]),
        "subject": str(mail["Subject"]),
        "date": mail["Date"].datetime,
        "text": with_links(text),
        "calendar": calendar_of(mail),
    }


def with_links(text: str) -> list[tuple[str, bool]]:
    """The text in pieces: (piece, whether it is an address of this site)."""
    own = re.escape(current_app.config["BASE_URL"])
    pieces = re.split(rf"({own}/[^\s<>]*)", text)
    return [(piece, number % 2 == 1) for number, piece in enumerate(pieces) if piece]


def calendar_of(mail: EmailMessage) -> str:
    """The iCalendar text it carries, if any."""
    for part in mail.walk():
        if part.get_content_type() == "text/calendar":
            return str(part.get_content())
    return ""

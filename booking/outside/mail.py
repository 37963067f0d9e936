"""Sending mail: by SMTP, or into a folder where the demonstration shows it."""

import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from booking.rules.texts import one_line

TIMEOUT = 20  # seconds


@dataclass(frozen=True)
class Letter:
    """One mail. `calendar` is (method, iCalendar bytes), `entries` are more of them, each with the
    name of its file; `message_id` never changes."""

    sender: tuple[str, str]  # name, address
    to: tuple[str, str]
    subject: str
    text: str
    message_id: str
    date: datetime
    calendar: tuple[str, bytes] | None = None
    entries: Sequence[tuple[str, bytes]] = ()
    reply_to: str | None = None


def composed(letter: Letter) -> EmailMessage:
    """The mail as it goes out. Names and subject are one line, whatever they held.

    The calendar is an alternative of the text: programs show it as an invitation (RFC 6047), but
    only one. Where there are several entries they are attached, to be opened one by one.
    """
    mail = EmailMessage(policy=SMTP)
    mail["From"] = address(*letter.sender)
    mail["To"] = address(*letter.to)
    mail["Subject"] = one_line(letter.subject)
    mail["Date"] = format_datetime(letter.date)
    mail["Message-ID"] = letter.message_id
    mail["Auto-Submitted"] = "auto-generated"
    if letter.reply_to:
        mail["Reply-To"] = letter.reply_to
    mail.set_content(letter.text)
    if letter.calendar:
        method, body = letter.calendar
        mail.add_alternative(
            body,
            "text",
            "calendar",
            params={"method": method, "charset": "UTF-8"},
            cte="base64",
            filename="reservation.ics",
            disposition="inline",
        )
    for name, body in letter.entries:
        mail.add_attachment(body, "text", "calendar", cte="base64", filename=name)
    return mail


def address(name: str, where: str) -> Address:
    """A mailbox; a domain with accents in the form every mail server knows.

    Raises ValueError for an address that is none.
    """
    try:
        local, _, domain = one_line(where).rpartition("@")
        spec = f"{local}@{domain.encode('idna').decode()}"
        return Address(display_name=one_line(name), addr_spec=spec)
    except (ValueError, IndexError, MessageError) as error:
        raise ValueError("not an e-mail address") from error


def send(letters: Sequence[EmailMessage], url: str) -> None:
    """Hands mails over: ``smtp://user:secret@host:587`` (STARTTLS), ``smtps://…``, ``file:folder``.

    ``smtp://host:25?tls=no`` is for a relay on the same machine. Raises OSError (SMTPException is
    one), ValueError for an address of no kind we know.
    """
    parts = urlsplit(url)
    if parts.scheme == "file":
        for mail in letters:
            keep(mail, Path(url.removeprefix("file:")))
        return
    with connected(url) as server:
        for mail in letters:
            server.send_message(mail)


def connected(url: str) -> smtplib.SMTP:
    """A session with the mail server, signed in and encrypted unless told otherwise."""
    parts = urlsplit(url)
    server = reached(url)
    try:
        if parts.scheme == "smtp" and "tls=no" not in parts.query:
            server.starttls(context=ssl.create_default_context())
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
    except BaseException:
        server.close()
        raise
    return server


def reached(url: str) -> smtplib.SMTP:
    """A connection to the mail server. Raises OSError, ValueError."""
    parts = urlsplit(url)
    host = parts.hostname or "localhost"
    if parts.scheme == "smtp":
        return smtplib.SMTP(host, parts.port or 587, timeout=TIMEOUT)
    if parts.scheme == "smtps":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(host, parts.port or 465, timeout=TIMEOUT, context=context)
    raise ValueError(f"mail cannot be sent by {parts.scheme!r}")


def keep(mail: EmailMessage, folder: Path) -> None:
    """Writes a mail into the demonstration's folder, named so that names sort by time."""
    folder.mkdir(parents=True, exist_ok=True)
    stamp = mail["Date"].datetime.strftime("%Y%m%d%H%M%S")
    number = mail["Message-ID"].strip("<>").split("@")[0]
    partial = folder / f".{stamp}-{number}"
    partial.write_bytes(mail.as_bytes())
    partial.rename(folder / f"{stamp}-{number}.eml")

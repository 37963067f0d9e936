"""A form that reserves carries a name of its own: sent twice, it reserves once.

A double click, a reload, a bad line: whoever sends the same form again, with the same words in it,
comes to what it has made the first time (docs/decisions/020).
"""

from collections.abc import Sequence
from hashlib import sha256

from flask import request

from booking.rules import codes
from booking.web.session import member

FIELD, LONGEST = "once", 64


def name() -> str:
    """For a form that is shown: its own; after a no that of the form that was sent."""
    return request.form.get(FIELD, "")[:LONGEST] or codes.token()


def sent_as(*more: object) -> str | None:
    """What the sent form is called with all it says, for its reader alone, and `more` that it
    depends on; None where it has no name."""
    if not request.form.get(FIELD):
        return None
    said: Sequence[object] = sorted(
        (key, text) for key, text in request.form.items(multi=True) if key != "csrf_token"
    )
    return sha256(repr((member().id, said, more)).encode()).hexdigest()

"""What refusals about guests say: each broken rule as a sentence, with its numbers."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext, ngettext

from booking.words import clock_time, instant_text, people

Sentence = Callable[[dict[str, Any], ZoneInfo], str]


def too_many(facts: dict[str, Any]) -> str:
    """For how many it is, how many are invited, and how many more there may be."""
    text = gettext(
        "The reservation is for %(people)s, the host included.", people=people(facts["people"])
    )
    if facts["had"]:
        text += " " + ngettext(
            "%(num)d guest is invited already.", "%(num)d guests are invited already.", facts["had"]
        )
    text += " " + ngettext(
        "You can invite %(num)d more, not %(asked)s: or change the number of people first.",
        "You can invite %(num)d more, not %(asked)s: or change the number of people first.",
        facts["left"],
        asked=facts["asked"],
    )
    return text


def own_address(line: int) -> str:
    """In which line, if it was not the one guest named apart."""
    text = gettext("This is the host’s own address, who counts already.")
    if not line:
        return text
    return gettext("Line %(line)s: %(text)s", line=line, text=text)


REFUSALS: dict[str, Sentence] = {
    "guests-nobody": lambda f, z: gettext("Whom do you invite? Give at least one e-mail address."),
    "guest-unread": lambda f, z: gettext(
        "Line %(line)s: “%(text)s” is not an e-mail address.", line=f["line"], text=f["text"]
    ),
    "guests-unread": lambda f, z: ngettext(
        "%(num)d more line cannot be read.", "%(num)d more lines cannot be read.", f["more"]
    ),
    "guest-is-host": lambda f, z: own_address(f["line"]),
    "guests-too-many": lambda f, z: too_many(f),
    "guests-most": lambda f, z: gettext(
        "One reservation has %(most)s guests at most; %(had)s are invited.",
        most=f["most"],
        had=f["had"],
    ),
    "guests-today": lambda f, z: gettext(
        "You can send %(most)s invitations in 24 hours; %(left)s are left. The venue can invite"
        " more for you.",
        most=f["most"],
        left=f["left"],
    ),
    "guest-often": lambda f, z: gettext(
        "%(email)s has been invited %(most)s times to this already: no more mails go there.",
        email=f["email"],
        most=f["most"],
    ),
    "guests-full": lambda f, z: gettext(
        "All places of this reservation are given: it is for %(people)s. Please ask your host.",
        people=people(f["people"]),
    ),
    "guest-too-early": lambda f, z: gettext(
        "It begins at %(start)s: guests are let in from %(opens)s on.",
        start=instant_text(f["start"], z),
        opens=clock_time(f["opens"], z),
    ),
    "guest-over": lambda f, z: gettext(
        "It was over at %(end)s: no guest arrives any more.", end=instant_text(f["end"], z)
    ),
}

"""What can go wrong, as facts. No HTTP, no sentences: each edge finds its own words.

Four families: NotFound, NotAllowed, Conflict, Refused. Every error has a stable
public ``code``; ``facts`` hold the values its sentence needs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


class BookingError(Exception):
    """The root of all expected errors."""

    code = "error"

    def __init__(self, **facts: Any) -> None:
        super().__init__(self.code)
        self.facts = facts


class NotFound(BookingError):
    """No such thing, or not for your eyes."""

    code = "not-found"


class NotAllowed(BookingError):
    """You may not do that."""

    code = "not-allowed"


class Conflict(BookingError):
    """The world moved since you looked."""

    code = "conflict"


class SlotTaken(Conflict):
    """A unit that is needed is taken for part of the period.

    Facts, if it is known: place (whether the space itself is short of units), unit_id (a chosen
    one that is taken), extras (what is short beside it: extra, name, left), own (whether only
    another line of the same basket takes it).
    """

    code = "slot-taken"


class SentTwice(Conflict):
    """The same form has made it already."""

    code = "sent-twice"


class InTheWay(Conflict):
    """Reservations stand where it should be closed. Facts: codes, those of all of them."""

    code = "in-the-way"


class NotTogether(Conflict):
    """Some lines of a basket cannot be had, so that none is. Facts: parts (number -> error)."""

    code = "not-together"


class WrongState(Conflict):
    """The reservation's state does not allow this verb. Facts: state, verb."""

    code = "wrong-state"


class Changed(Conflict):
    """Somebody else has changed it since it was seen. Facts: since (the `sequence` seen)."""

    code = "changed"


@dataclass(frozen=True)
class Refusal:
    """One broken rule: a stable code, the numbers its sentence needs, who may make an exception."""

    code: str
    facts: dict[str, Any] = field(default_factory=dict)
    exception_by: str | None = None


class Refused(BookingError):
    """The house rules say no; ``refusals`` holds all reasons, never only the first."""

    code = "refused"

    def __init__(self, refusals: Sequence[Refusal], **facts: Any) -> None:
        super().__init__(**facts)
        self.refusals = list(refusals)

"""What a no says of the waitlist: whether one can join it, and how many are before one."""

from dataclasses import dataclass, replace
from datetime import datetime

from booking.actions import waitlist as act
from booking.actions.reservations import Details
from booking.actions.waitlist import Ask
from booking.errors import BookingError, Refused, SlotTaken
from booking.queries import waitlist as find
from booking.queries.venues import SpaceFacts
from booking.rules.periods import Period
from booking.web.context import atlas


@dataclass(frozen=True)
class Joining:
    """How many wait `before` one for the very space, and for any of its kind in its venue; None
    where there is no other. `hold`: minutes one has for an answer."""

    before: int
    before_anywhere: int | None
    hold: int


def way(
    no: BookingError | None,
    space: SpaceFacts,
    period: Period | None,
    details: Details,
    now: datetime,
) -> Joining | None:
    """The waitlist as a way out of this no; None where it would help nobody."""
    if not isinstance(no, SlotTaken) or period is None or period.start <= now:
        return None
    if "unit_id" in no.facts and not no.facts.get("place"):
        return None  # Others of the same are free.
    return there(Ask(space, period, details), now)


def there(ask: Ask, now: datetime) -> Joining | None:
    """The line for this time; None where there is none, or where it is closed."""
    try:
        act.check_open(ask, now)
    except Refused:
        return None
    hold, period, extras = ask.space.rules.waitlist_hold, ask.period, ask.details.extras
    others = find.turns(ask.space.venue.id, period, atlas(), now)
    anywhere = replace(ask, anywhere=True).spaces()
    joining = Joining(
        find.before(ask.spaces(), period, extras, others),
        find.before(anywhere, period, extras, others) if len(anywhere) > 1 else None,
        hold,
    )
    return joining if hold else None

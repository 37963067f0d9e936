"""A room as it is drawn: where each unit stands, and which are free."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from booking.db import Words
from booking.queries import availability
from booking.queries.venues import SpaceFacts
from booking.rules.availability import free_units, on_grid
from booking.rules.hours import open_periods
from booking.rules.periods import Period

AN_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Seat:
    """A unit at its place, column and row from 0. `short` is its number, if its code has one;
    `free` None: nobody asked when."""

    unit: int
    name: Words
    short: str
    column: int
    row: int
    free: bool | None


@dataclass(frozen=True)
class Plan:
    """The seats row by row, from the top of the room; `period` is when they are free."""

    seats: list[Seat]
    period: Period | None

    @property
    def free(self) -> int:
        """How many are free."""
        return sum(seat.free is True for seat in self.seats)


def plan_of(space: SpaceFacts, period: Period | None, free: Collection[int] | None) -> Plan | None:
    """The room with these units free; None where nobody drew it."""
    units = space.venue.units
    seats = [
        Seat(
            unit,
            units[unit].name,
            short_of(units[unit].code),
            column,
            row,
            None if free is None else unit in free,
        )
        for unit, (column, row) in space.plan.items()
    ]
    return Plan(sorted(seats, key=lambda seat: (seat.row, seat.column)), period) if seats else None


def short_of(code: str) -> str:
    """7 of desk-07; nothing where a code ends without a number."""
    number = code.rpartition("-")[2]
    return str(int(number)) if number.isdecimal() else ""


def plan_on(space: SpaceFacts, on: date, now: datetime) -> Plan | None:
    """The room in the first hour of that date that is open and not over; without a period, and
    nothing free, where none is."""
    if not space.plan:
        return None
    period = hour_on(space, on, now)
    if period is None:
        return plan_of(space, None, ())
    around = period.widened(availability.A_DAY, availability.A_DAY)
    blocks = availability.busy(space.units, around, now)
    return plan_of(
        space, period, free_units(space.units, availability.clear_of(space, blocks), period)
    )


def hour_on(space: SpaceFacts, on: date, now: datetime) -> Period | None:
    """The hour a plan is shown for: the first open one, from now on if it is today."""
    for opening in open_periods(space.hours, on, space.zone):
        start = on_grid(max(opening.start, now), space.rules.grid, space.zone)
        if start < opening.end:
            return Period(start, min(start + AN_HOUR, opening.end))
    return None

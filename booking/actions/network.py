"""Storing a network plan: adds and changes, never deletes; loading it twice changes nothing.

The identity of things is their slug (operator, venue, space) or code (unit). What the plan no
longer names stays, because reservations may hang on it, and is reported.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, TypeVar
from uuid import uuid4

from sqlalchemy import delete, select

from booking.actions import hours, occupancy
from booking.db import Base, db
from booking.errors import Refusal, Refused
from booking.models.extras import Extra, ExtraUnit
from booking.models.hours import Closure, OpeningHours
from booking.models.occupancy import Occupancy
from booking.models.organisations import Organisation, Resident
from booking.models.policies import Policy
from booking.models.reservations import Reservation
from booking.models.venues import Network, Operator, Space, SpaceUnit, Training, Unit, Venue
from booking.queries.venues import read_atlas
from booking.rules.network import (
    ExtraPlan,
    NetworkPlan,
    OperatorPlan,
    OrganisationPlan,
    SpacePlan,
    VenuePlan,
)
from booking.rules.policies import Terms

Row = TypeVar("Row", bound=Base)


def load(plan: NetworkPlan, *, now: datetime) -> list[str]:
    """Makes the tables say what the plan says. Flushes; returns what the plan no longer names.

    Raises Refused, before anything is changed, where a space that is reserved would take other
    units: its reservations would no longer hold what the space takes.
    """
    check_units(plan, now)
    network = db.session.get(Network, 1) or Network(id=1)
    network.name, network.demo, network.version = plan.name, plan.demo, str(uuid4())
    db.session.add(network)
    operators = {one.slug: operator(one) for one in plan.operators}
    db.session.flush()
    left = []
    for position, venue_plan in enumerate(plan.venues):
        row = venue(venue_plan, operators[venue_plan.operator].id, position)
        left += units_and_spaces(row, venue_plan)
    organisations(plan.organisations)
    if db.session.scalar(select(Closure.id).where(Closure.ended_at.is_(None)).limit(1)):
        hours.renew(read_atlas(), now)
    named = {venue_plan.slug for venue_plan in plan.venues}
    known = db.session.scalars(select(Venue.slug).order_by(Venue.position))
    return [slug for slug in known if slug not in named] + left


def check_units(plan: NetworkPlan, now: datetime) -> None:
    """Locks all units and raises Refused with every reserved space that would change its own."""
    occupancy.lock(db.session.scalars(select(Unit.id)).all())
    reserved = (
        select(Reservation.space_id)
        .join(Occupancy, Occupancy.reservation_id == Reservation.id)
        .where(Occupancy.ends_at > now)
    )
    query = (
        select(Venue.slug, Space.slug, Unit.code)
        .join(Space, Space.venue_id == Venue.id)
        .join(SpaceUnit, SpaceUnit.space_id == Space.id)
        .join(Unit, Unit.id == SpaceUnit.unit_id)
        .where(Space.id.in_(reserved))
    )
    before: dict[str, set[str]] = {}
    for venue_slug, space_slug, code in db.session.execute(query):
        before.setdefault(f"{venue_slug}/{space_slug}", set()).add(code)
    after = {f"{v.slug}/{s.slug}": set(s.units) for v in plan.venues for s in v.spaces}
    changed = [name for name, codes in before.items() if after.get(name, codes) != codes]
    if changed:
        raise Refused([Refusal("space-is-reserved", {"space": name}) for name in changed])


def operator(plan: OperatorPlan) -> Operator:
    """The operator's row, new or brought up to date."""
    found = db.session.scalars(select(Operator).where(Operator.slug == plan.slug)).one_or_none()
    return filled(found or Operator(), asdict(plan))


def venue(plan: VenuePlan, operator_id: int, position: int) -> Venue:
    """The venue's row and its hours."""
    found = db.session.scalars(select(Venue).where(Venue.slug == plan.slug)).one_or_none()
    values = asdict(plan)
    for name in ("operator", "hours", "units", "spaces", "policy", "trainings", "extras"):
        values.pop(name)
    row = filled(found or Venue(), {**values, "operator_id": operator_id, "position": position})
    db.session.flush()
    db.session.execute(delete(OpeningHours).where(OpeningHours.venue_id == row.id))
    opening(plan.hours, row.id, None)
    policy(plan.policy, venue_id=row.id)
    return row


def opening(spans: Iterable[tuple[int, int, int]], venue_id: int, space_id: int | None) -> None:
    """The weekly hours of a venue, or of one of its spaces."""
    for weekday, opens, closes in spans:
        span = {"weekday": weekday, "opens": opens, "closes": closes}
        db.session.add(OpeningHours(venue_id=venue_id, space_id=space_id, **span))
    db.session.flush()


def policy(terms: Terms, **owner: int) -> None:
    """What a venue or a space says: a row of its own (`venue_id` or `space_id`)."""
    found = db.session.scalars(select(Policy).filter_by(**owner)).one_or_none()
    filled(found or Policy(), {**asdict(terms), **owner})
    db.session.flush()


def organisations(plans: Iterable[OrganisationPlan]) -> None:
    """Companies and associations, and where each is at home."""
    venues = {slug: row_id for slug, row_id in db.session.execute(select(Venue.slug, Venue.id))}
    for plan in plans:
        query = select(Organisation).where(Organisation.slug == plan.slug)
        row = filled(
            db.session.scalars(query).one_or_none() or Organisation(),
            {"slug": plan.slug, "name": plan.name},
        )
        db.session.flush()
        db.session.execute(delete(Resident).where(Resident.organisation_id == row.id))
        for slug in plan.venues:
            db.session.add(Resident(organisation_id=row.id, venue_id=venues[slug]))
    db.session.flush()


def units_and_spaces(row: Venue, plan: VenuePlan) -> list[str]:
    """The venue's units and spaces; returns "venue/slug" of those the plan does not name."""
    known = {u.code: u for u in db.session.scalars(select(Unit).where(Unit.venue_id == row.id))}
    units = {}
    for position, unit_plan in enumerate(plan.units):
        values = {**asdict(unit_plan), "venue_id": row.id, "position": position}
        units[unit_plan.code] = filled(known.get(unit_plan.code) or Unit(), values)
    db.session.flush()
    known_extras = select(Extra).where(Extra.venue_id == row.id)
    extras = {one.slug: one for one in db.session.scalars(known_extras)}
    for position, extra_plan in enumerate(plan.extras):
        unit_ids = [units[code].id for code in extra_plan.units]
        extra(extras.get(extra_plan.slug) or Extra(), extra_plan, row.id, position, unit_ids)
    trainings = {one.slug: training(one.slug, one.name, row.id).id for one in plan.trainings}
    spaces = {s.slug: s for s in db.session.scalars(select(Space).where(Space.venue_id == row.id))}
    for position, space_plan in enumerate(plan.spaces):
        found = spaces.get(space_plan.slug) or Space()
        places = {units[code].id: space_plan.plan.get(code) for code in space_plan.units}
        learnt = trainings.get(space_plan.training or "")
        space(found, space_plan, row.id, {"position": position, "training_id": learnt}, places)
    gone = [code for code in known if code not in units]
    gone += [slug for slug in spaces if slug not in {one.slug for one in plan.spaces}]
    gone += [slug for slug in extras if slug not in {one.slug for one in plan.extras}]
    return [f"{row.slug}/{name}" for name in gone]


def training(slug: str, name: dict[str, str], venue_id: int) -> Training:
    """A training of the venue, new or brought up to date."""
    query = select(Training).where(Training.venue_id == venue_id, Training.slug == slug)
    found = db.session.scalars(query).one_or_none() or Training()
    row = filled(found, {"slug": slug, "name": name, "venue_id": venue_id})
    db.session.flush()
    return row


def extra(found: Extra, plan: ExtraPlan, venue_id: int, position: int, unit_ids: list[int]) -> None:
    """The extra's row and its stock."""
    values = asdict(plan)
    values.pop("units")
    row = filled(found, {**values, "venue_id": venue_id, "position": position})
    db.session.flush()
    db.session.execute(delete(ExtraUnit).where(ExtraUnit.extra_id == row.id))
    for unit_id in unit_ids:
        db.session.add(ExtraUnit(extra_id=row.id, unit_id=unit_id))
    db.session.flush()


def space(
    found: Space,
    plan: SpacePlan,
    venue_id: int,
    more: Mapping[str, Any],
    places: Mapping[int, tuple[int, int] | None],
) -> None:
    """The space's row, its units with their place on the plan, its hours and its policy.

    `more` are columns the plan does not give; `places`: unit id -> (column, row), if drawn.
    """
    values = asdict(plan)
    for name in ("policy", "units", "hours", "plan", "training"):
        values.pop(name)
    row = filled(found, {**values, **more, "venue_id": venue_id})
    db.session.flush()
    policy(plan.policy, space_id=row.id)
    opening(plan.hours, venue_id, row.id)
    db.session.execute(delete(SpaceUnit).where(SpaceUnit.space_id == row.id))
    db.session.flush()
    for unit_id, at in places.items():
        column, line = at or (None, None)
        db.session.add(SpaceUnit(space_id=row.id, unit_id=unit_id, column=column, row=line))
    db.session.flush()


def filled(row: Row, values: Mapping[str, Any]) -> Row:
    """The row with these column values; only what differs is written. Tuples become lists."""
    for name, value in values.items():
        value = list(value) if isinstance(value, tuple) else value
        if getattr(row, name) != value:
            setattr(row, name, value)
    db.session.add(row)
    return row

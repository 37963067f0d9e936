"""Judging a wish by all rules of its space, under the locks that keep the numbers true."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from booking.actions.locks import lock
from booking.errors import NotFound, Refusal, Refused
from booking.models.members import Member
from booking.models.organisations import Organisation
from booking.models.venues import Venue
from booking.queries import policies as find
from booking.queries.availability import count_for, people_at
from booking.queries.extras import offered
from booking.queries.members import grants_of
from booking.queries.presence import absences
from booking.queries.venues import OrganisationFacts, SpaceFacts
from booking.rules import extras
from booking.rules.hours import open_around, told_why
from booking.rules.policies import MANAGER, ORGANISATION, Asker, Quota, Wish, asks, refusals
from booking.rules.roles import may


@dataclass(frozen=True)
class Verdict:
    """That it may be: `asks` says why a manager is asked first, `broken` which rules an exception
    is made of. Both are codes."""

    asks: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Case:
    """A wish before the judge: whose, where, for which organisation, and the reason given for an
    exception (empty where none is wanted). `but`: the reservation that is being changed; `spared`:
    rules that do not stand against that. `actor`: who speaks for them, None for themselves."""

    space: SpaceFacts
    wish: Wish
    by: Member
    acts_for: OrganisationFacts | None = None
    exception: str = ""
    but: int | None = None
    spared: frozenset[str] = frozenset()
    actor: Member | None = None


def judged(case: Case, now: datetime) -> Verdict:
    """What comes of a wish. Raises Refused with every rule it would break, unless an exception is
    wanted and a manager may make all of them: a manager's own word settles it, anybody else's
    becomes a request. Nobody has named the venue's ceiling then, so it stays a question.

    Looks only. `settled` looks again under the locks.
    """
    return verdict_of(case, over_ceiling(case, now), now)


def check(case: Case, now: datetime) -> None:
    """Raises Refused where `judged` does. A venue that is full asks a manager, and refuses only a
    manager's own change without a reason: for anything else nobody is counted."""
    verdict_of(case, None if case.but is None else over_ceiling(case, now), now)


def verdict_of(
    case: Case, crowd: Refusal | None, now: datetime, asker: Asker | None = None
) -> Verdict:
    """See `judged`. `crowd`: that the venue would hold too many people, if it would; `asker`: who
    asks, if that is known already."""
    space, wish = case.space, case.wish
    opening = open_around(space.hours, wish.period, space.zone)
    asker = asker or asker_of(case, now)
    broken = refusals(space.rules, wish, opening, now, asker)
    broken = told_why(broken, space.hours, wish.period, space.zone)
    broken += extras.refusals(wish.extras, offered(space))
    if count_for(space, wish.people) > len(space.units):
        broken.append(Refusal("too-many-units", {"units": len(space.units)}))
    reasons = asks(space.rules, wish, opening, asker) + extras.asks(wish.extras, offered(space))
    if crowd is not None:
        reasons.append("ceiling")
    if case.actor is not None and may(grants_of(case.actor), "approve", space.venue.id, now):
        reasons = []  # Whoever would decide has decided; of a full venue they say why.
        if crowd is not None:
            broken.append(crowd)
            crowd = None
    broken = [one for one in broken if one.code not in case.spared]
    if not broken:
        return Verdict(reasons)
    if not case.exception or any(one.exception_by != MANAGER for one in broken):
        raise Refused(broken)
    codes = [one.code for one in broken]
    if may(grants_of(case.actor or case.by), "override", space.venue.id, now):
        return Verdict([] if crowd is None else ["ceiling"], codes)
    return Verdict([*reasons, "exception"], codes)


def broken_by(case: Case, now: datetime, asker: Asker | None = None) -> set[str]:
    """The codes of the rules that stand against it; not the venue's ceiling, which asks a manager,
    nor what is wanted beside the space. `asker`: who asks, if that is known already."""
    space, wish = case.space, case.wish
    opening = open_around(space.hours, wish.period, space.zone)
    asker = asker or asker_of(case, now)
    return {broken.code for broken in refusals(space.rules, wish, opening, now, asker)}


def settled(case: Case, now: datetime) -> Verdict:
    """The same, with the member, the organisation and the venue locked where they count: nobody
    else can use up a quota or fill the venue meanwhile. The units must be locked before.

    Raises Refused.
    """
    lock_counted([case])
    return judged(case, now)


def lock_counted(cases: Sequence[Case]) -> None:
    """Locks what the rules of these wishes count on: members, then organisations, then venues,
    each by id, so that two that want the same never wait for each other in a circle."""
    counting = [(case, quota) for case in cases for quota in case.space.rules.quotas]
    for member_id in sorted({case.by.id for case, _ in counting}):
        lock(Member, member_id)
    acting = {c.acts_for.id for c, q in counting if c.acts_for and q.by == ORGANISATION}
    for organisation_id in sorted(acting):
        lock(Organisation, organisation_id)
    venues = (case.space.venue for case in cases)
    for venue_id in sorted({one.id for one in venues if one.venue.ceiling is not None}):
        lock_venue(venue_id)


def lock_venue(venue_id: int) -> None:
    """Nobody else counts the people there until the transaction ends."""
    lock(Venue, venue_id)


def asker_of(case: Case, now: datetime, used: Mapping[Quota, int] | None = None) -> Asker:
    """Who asks; only what this space's rules care for is looked up, and what they `used` of quotas
    only if it is not given. Raises NotFound for an organisation they do not act for."""
    rules = case.space.rules
    homes: dict[str, frozenset[int]] = {}
    if rules.who or rules.ask_strangers or case.acts_for is not None:
        ids = find.organisation_ids(case.by, now)
        known = case.space.venue.organisations.values()
        homes = {one.slug: one.venue_ids for one in known if one.id in ids}
    if case.acts_for is not None and case.acts_for.slug not in homes:
        raise NotFound(what="organisation")
    acts_for = case.acts_for.id if case.acts_for else None
    training, most = rules.training_id, rules.ask_after_absences
    return Asker(
        groups=find.groups(case.space.venue, homes),
        trained=find.trained(case.by, training) if training is not None else {},
        used=find.used(
            case.space,
            case.wish.period.start,
            member_id=case.by.id,
            organisation_id=acts_for,
            but=case.but,
        )
        if used is None
        else used,
        acts_for=acts_for,
        absences=0 if most is None else absences(case.by, case.space.venue, now),
        visitor=case.actor is None and case.by.visitor,  # Who speaks for them has an account.
    )


def over_ceiling(
    case: Case, now: datetime, but: Collection[int] = (), beside: find.Guests = ()
) -> Refusal | None:
    """That the venue would hold more people than it may at some instant, if it would. `but`: more
    reservations that do not count; `beside`: who would come too."""
    venue = case.space.venue
    ceiling = venue.venue.ceiling
    if ceiling is None:
        return None
    most = find.at_most(venue, people_at(venue.units, case.wish.period, now))
    if most + sum(people for _, people in beside) + case.wish.people <= ceiling:
        return None
    left_out = (*but, *(() if case.but is None else (case.but,)))
    present = find.present(venue, case.wish.period, now, left_out, beside)
    if present + case.wish.people <= ceiling:
        return None
    return Refusal("over-ceiling", {"ceiling": ceiling, "present": present}, MANAGER)


def check_crowd(case: Case, now: datetime, reason: str) -> None:
    """Raises Refused where the venue would be too full and nobody says why it may be."""
    if case.space.venue.venue.ceiling is not None:
        lock_venue(case.space.venue.id)
    crowd = over_ceiling(case, now)
    if crowd is not None and not reason:
        raise Refused([crowd])


def organisation_of(slug: str, space: SpaceFacts) -> OrganisationFacts | None:
    """The organisation somebody says they act for; None for none. Raises NotFound."""
    if not slug:
        return None
    if slug not in space.venue.organisations:
        raise NotFound(what="organisation")
    return space.venue.organisations[slug]

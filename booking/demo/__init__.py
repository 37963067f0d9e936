"""The demonstration: four venues, three logins, and two weeks as a busy network would have them.

Everything goes through the same actions and rules as real life; only the clock is set back,
so that today's morning is full too. Members here are roles, not people.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, select

from booking.actions import (
    approvals,
    changes,
    delegations,
    feedback,
    guests,
    hours,
    members,
    network,
    presence,
    reservations,
    roles,
    series,
    visitors,
    waitlist,
)
from booking.actions.changes import Wanted
from booking.actions.feedback import Said
from booking.actions.grants import granted
from booking.actions.hours import Closing, DayHours
from booking.actions.reservations import Details
from booking.actions.series import Line, Plan
from booking.actions.waitlist import Ask
from booking.db import db, transaction
from booking.demo.habits import (
    ACT_FOR,
    ADMINISTRATOR,
    ASKED,
    CHECKED,
    DAYS,
    EARLIER,
    GUESTS,
    HABITS,
    JUST_ENDED,
    LATE,
    LEARNT,
    MANAGER,
    MEMBER,
    NOBODYS,
    ON_BEHALF,
    OTHERS,
    OWN,
    RECEIVING,
    REPEATED,
    SAID,
    TO_CHANGE,
    VISITED,
    VISITOR,
    WAITED_FOR,
    WORKS,
    Habit,
)
from booking.errors import BookingError
from booking.models.members import Member
from booking.models.organisations import Membership, Trained
from booking.models.outbox import OutboxMessage
from booking.models.reservations import Reservation
from booking.outside import network_file
from booking.queries import guests as find_guests
from booking.queries import presence as find_presence
from booking.queries.reservations import with_place
from booking.queries.venues import Atlas, SpaceFacts, atlas
from booking.rules.feedback import month_of
from booking.rules.guests import ANSWERS, TOLD
from booking.rules.hours import instant, today
from booking.rules.periods import Period
from booking.rules.series import WEEKLY, Repeat, Walls, dates_of, period_on
from booking.rules.states import CONFIRMED

FILE = Path(__file__).parents[1] / "data" / "demo-network.yaml"
PASSWORD = "Mistral-2027-calanque!"


def load(now: datetime) -> None:
    """Loads all of it, once: what is there already stays as it is."""
    plan = network_file.read(FILE)
    with transaction():
        network.load(plan, now=now)
    secret = members.accepted(PASSWORD, "", "")
    with transaction():
        people = accounts(secret, now)
        lively = db.session.scalar(select(Reservation.id).limit(1)) is not None
    if lively:
        return
    not_as_usual(people[MANAGER], now)
    for habit, member, days, most in plan_of_weeks(people):
        fill(habit, member, people[MANAGER], days, most, now)
    ask_for_more(people[OTHERS], now)
    wait_for_a_place(people[MEMBER], now)
    for habit in REPEATED:
        repeat(habit, people[MEMBER], now)
    for_others(people, now)
    come_and_go(people[OTHERS], now)
    say(now)
    for who, path in ((MEMBER, RECEIVING[0]), (OTHERS, RECEIVING[1])):
        receive(people[who], path, now)
    come_unknown(now)
    with transaction():
        db.session.execute(delete(OutboxMessage))


def say(now: datetime) -> None:
    """What people answered in the past months. Nobody asks those who stand for everybody else."""
    with transaction():
        for path, (months, spoken) in SAID.items():
            space = atlas().space(*path.split("/"))
            words = list(spoken)
            on = today(now, space.zone)
            for marks in months.split():
                for number, mark in enumerate(marks):
                    said = Said(
                        int(mark), max(1, int(mark) - number % 2), words.pop() if words else ""
                    )
                    feedback.remember(space.id, said, on)
                on = month_of(on) - timedelta(days=1)


def for_others(people: dict[str, Member], now: datetime) -> None:
    """The member acts for the administrator, the manager for the member; each has done so once."""
    with transaction():
        delegations.name(MEMBER, by=people[ADMINISTRATOR], now=now - EARLIER)
        delegations.name(MANAGER, by=people[MEMBER], now=now - EARLIER)
    pairs = ((MEMBER, ADMINISTRATOR), (MANAGER, MEMBER))
    for habit, (by, whose) in zip(ON_BEHALF, pairs, strict=True):
        details = Details(habit.people, habit.title, whose=people[whose])
        for number in range(2, DAYS):
            with suppress(BookingError), transaction():
                space = atlas().space(*habit.space.split("/"))
                on = today(now, space.zone) + timedelta(days=number)
                start, end = (instant(on, m, space.zone) for m in (habit.opens, habit.closes))
                reservations.reserve(space, Period(start, end), details, by=people[by], now=now)
                break


def come_and_go(member: Member, now: datetime) -> None:
    """Somebody is there just now, if it is open and free. Whoever had to check in before has done
    so, but for the first, whom the worker finds missing."""
    start = now.replace(minute=now.minute // 30 * 30, second=0, microsecond=0)
    with transaction(), suppress(BookingError), db.session.begin_nested():
        space = atlas().space(*CHECKED.split("/"))
        period, wish = Period(start, start + timedelta(hours=1)), Details(3, "Entretien de suivi")
        made = reservations.reserve(space, period, wish, by=member, now=start - EARLIER)
        presence.check_in(made, by=member, now=now)
    for row_id in find_presence.missed(now)[1:]:
        with transaction():
            row = db.session.scalars(with_place().where(Reservation.id == row_id)).one()
            presence.check_in(row, by=row.member, now=row.starts_at)


def receive(member: Member, path: str, now: datetime) -> None:
    """The next three reservations of the member there have guests: one comes, one cannot."""
    with transaction():
        space = atlas().space(*path.split("/"))
        query = (
            with_place()
            .where(Reservation.space_id == space.id, Reservation.member_id == member.id)
            .where(Reservation.ends_at > now, Reservation.people > len(GUESTS.split(",")))
            .where(Reservation.state.in_(TOLD))
            .order_by(Reservation.starts_at)
            .limit(3)
        )
        for row in db.session.scalars(query).all():
            guests.invite(row, GUESTS, by=member, now=now)
            for said, guest in zip(ANSWERS, find_guests.of(row), strict=False):
                guests.answer(guest, said, now=now)


def come_unknown(now: datetime) -> None:
    """Somebody without an account asks for the first free evening, confirms it, and waits."""
    before = now - timedelta(hours=4)
    for number in range(9, 30):
        with suppress(BookingError), transaction():
            space = atlas().space(*VISITED.split("/"))
            on = today(now, space.zone) + timedelta(days=number)
            if on.weekday() > 4:
                continue
            period = Period(*(instant(on, hour * 60, space.zone) for hour in (18, 20)))
            wish = Details(60, "Réunion publique", "Nous apportons les boissons.")
            visitors.ask(visitors.Ask(space, period, wish), VISITOR, now=before)
            latest = select(OutboxMessage).order_by(OutboxMessage.id.desc()).limit(1)
            token = db.session.scalars(latest).one().facts["token"]
            visitors.confirm(token, atlas(), now=before)
            return


def ask_for_more(member: Member, now: datetime) -> None:
    """Of one reservation that a manager granted, an hour more is asked for: it waits."""
    with transaction():
        places = atlas()
        studio = places.space(*TO_CHANGE.split("/"))
        query = select(Reservation).where(
            Reservation.space_id == studio.id,
            Reservation.member_id == member.id,
            Reservation.state == CONFIRMED,
            Reservation.starts_at > now,
        )
        for row in db.session.scalars(query.order_by(Reservation.starts_at)).all():
            longer = Period(row.starts_at, row.ends_at + timedelta(hours=1))
            wanted = Wanted(studio, longer, changes.details_of(row, places))
            try:
                with db.session.begin_nested():
                    changes.change(row, places, wanted, by=member, now=now - timedelta(hours=2))
                return
            except BookingError:
                continue


def accounts(secret: str, now: datetime) -> dict[str, Member]:
    """The three logins and the one that stands for everybody else."""
    before = now - EARLIER
    names = {
        MEMBER: ("Membre de démonstration", secret),
        MANAGER: ("Responsable de La Coque", secret),
        ADMINISTRATOR: ("Administration du réseau", secret),
        OTHERS: ("Autres membres", NOBODYS),
    }
    made = {
        email: members.create(email, name, kept, now=before)
        for email, (name, kept) in names.items()
    }
    la_coque = atlas().venue("la-coque").venue
    roles.granted(made[MANAGER], "manager", la_coque, by_id=None, now=before)
    roles.granted(made[ADMINISTRATOR], "administrator", None, by_id=None, now=before)
    made[OTHERS].feedback = False
    belong(made, before)
    return made


def belong(people: dict[str, Member], now: datetime) -> None:
    """Members act for organisations and have learnt to use machines."""
    places, by_id = atlas(), people[ADMINISTRATOR].id
    for email, slug in ACT_FOR:
        known = places.organisations[slug].id
        granted(Membership, people[email], by_id=by_id, now=now, organisation_id=known)
    taught = places.venue("carrefour-innovation").trainings
    learnable = {training.slug: training.id for training in taught.values()}
    for email, slug in LEARNT:
        granted(Trained, people[email], by_id=by_id, now=now, training_id=learnable[slug])


def not_as_usual(manager: Member, now: datetime) -> None:
    """One closure and one day with hours of its own at La Coque, as its manager sets them."""
    with transaction():
        places = atlas()
        room, zone = places.space(*WORKS[0].split("/")), places.venue("la-coque").zone
        on = today(now, zone)
        first, last = (instant(on + timedelta(days=n), 0, zone) for n in (15, 17))
        works = Closing((room.venue, room), Period(first, last), WORKS[1])
        hours.close(works, places, by=manager, now=now)
        ahead = (on + timedelta(days=n) for n in range(18, 26))
        inventory = next(day for day in ahead if room.venue.hours.spans_on(day))
        late = DayHours(inventory, [(12 * 60, 19 * 60)], LATE)
        hours.set_hours((room.venue, None), late, by=manager, now=now)


def plan_of_weeks(
    people: dict[str, Member],
) -> Iterator[tuple[Habit, Member, range, int]]:
    """Who does what on which of the coming days; at most so many times."""
    for habit in HABITS:
        yield habit, people[OTHERS], range(-3, DAYS), DAYS
    for habit in OWN:
        yield habit, people[MEMBER], range(1, DAYS), 1
    yield JUST_ENDED, people[MEMBER], range(-1, -4, -1), 1
    yield ASKED[0], people[MEMBER], range(2, DAYS), 1
    yield ASKED[1], people[OTHERS], range(9, DAYS + 8), 1
    yield ASKED[2], people[OTHERS], range(4, DAYS), 1


def fill(
    habit: Habit, member: Member, manager: Member, days: range, most: int, now: datetime
) -> None:
    """Reserves the habit on the days it falls on; what the rules refuse is left out."""
    done = 0
    for number in days:
        with transaction():
            places = atlas()
            space = places.space(*habit.space.split("/"))
            on = today(now, space.zone) + timedelta(days=number)
            if on.weekday() not in habit.weekdays or done >= most:
                continue
            done += reserved(habit, space, places, on, member, manager, now)


def wait_for_a_place(member: Member, now: datetime) -> None:
    """The member is in line for the next meeting room that others have, two days ahead or more."""
    with suppress(BookingError), transaction():
        space = atlas().space(*WAITED_FOR.split("/"))
        query = (
            select(Reservation)
            .where(Reservation.space_id == space.id, Reservation.member_id != member.id)
            .where(Reservation.starts_at > now + timedelta(days=2))
            .order_by(Reservation.starts_at)
            .limit(1)
        )
        for row in db.session.scalars(query).all():
            period = Period(row.starts_at, row.ends_at)
            asked = Ask(space, period, Details(4, "Rendez-vous partenaires"))
            waitlist.join(asked, by=member, now=now)


def repeat(habit: Habit, member: Member, now: datetime) -> None:
    """A series of the coming three weeks; dates that cannot be had are left out of it."""
    with transaction():
        space = atlas().space(*habit.space.split("/"))
        first = today(now, space.zone) + timedelta(days=2)
        rule = Repeat(WEEKLY, weekdays=habit.weekdays, until=first + timedelta(days=18))
        walls = Walls(habit.opens, habit.closes)
        details = Details(habit.people, habit.title, activity=habit.activity)
        dates = [(on, period_on(on, walls, space.zone)) for on in dates_of(rule, first).dates]
        lines = [Line(on, space, period, details) for on, period in dates]
        answers = series.look(lines, by=member, now=now)
        free = [line for line, answer in zip(lines, answers, strict=True) if not answer.no]
        left_out = [
            (line.on, "dropped") for line, answer in zip(lines, answers, strict=True) if answer.no
        ]
        if free:
            plan = Plan(space, rule, first, walls, free, left_out, habit.space)
            series.make(plan, by=member, now=now)


def reserved(  # noqa: PLR0913
    habit: Habit,
    space: SpaceFacts,
    places: Atlas,
    on: date,
    member: Member,
    manager: Member,
    now: datetime,
) -> int:
    """One reservation, approved if it is one of the regular ones; 1 if it was made."""
    period = Period(instant(on, habit.opens, space.zone), instant(on, habit.closes, space.zone))
    details = Details(habit.people, habit.title, activity=habit.activity)
    before = min(now, period.start) - EARLIER if habit not in ASKED else now - timedelta(hours=3)
    try:
        with db.session.begin_nested():
            made = reservations.reserve(space, period, details, by=member, now=before)
            if made.state == "requested" and habit in HABITS:
                administrator = members.find.by_email(ADMINISTRATOR)
                approvals.approve(made, places, by=administrator or manager, now=before)
    except BookingError:
        return 0
    return 1

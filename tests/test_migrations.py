"""Migrations run for real: up, down and up again, and none of them can lose the guard."""

import os
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.migration import MigrationContext
from alembic.operations import Operations
from flask import current_app
from flask_migrate import check, downgrade, upgrade
from sqlalchemy.exc import IntegrityError

from booking.actions import (
    calendars,
    delegations,
    feedback,
    guests,
    hours,
    members,
    reservations,
    visitors,
    waitlist,
)
from booking.actions.feedback import Said
from booking.actions.hours import Closing
from booking.actions.reservations import Details
from booking.actions.waitlist import Ask
from booking.app import create_app
from booking.db import Base, db, transaction
from booking.models.extras import Extra, ExtraUnit, ReservationExtra
from booking.models.feedback import Link
from booking.models.hours import Closure, SpecialHours
from booking.models.members import MailToken
from booking.models.occupancy import GUARD, Occupancy
from booking.models.organisations import Membership, Organisation, Resident, Trained
from booking.models.outbox import Heartbeat
from booking.models.reservations import Reservation
from booking.models.venues import Network, Space, Training
from booking.models.visitors import VisitorLink
from booking.models.waitlist import Waiting
from booking.queries.venues import read_atlas
from migrations import guard
from tests import accounts, make
from tests.look import everybody_is_counted
from tests.make import NOW
from tests.support.databases import MIGRATIONS

TABLES = {table.name for table in Base.metadata.sorted_tables}
THROWAWAY = '''
"""Rebuilds the table of the promise, as any later change of it would on SQLite."""

import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "throwaway", "{head}", None, None


def upgrade():
    with op.batch_alter_table("occupancy", recreate="{how}") as batch:
        batch.add_column(sa.Column("remark", sa.Text))


def downgrade():
    with op.batch_alter_table("occupancy", recreate="{how}") as batch:
        batch.drop_column("remark")
'''


@pytest.fixture
def empty(empty_database, database):
    """An application on a database without any table."""
    app = create_app(SQLALCHEMY_DATABASE_URI=empty_database(database))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def migrated(empty):
    upgrade(directory=str(MIGRATIONS))
    return empty


def tables():
    return set(sa.inspect(db.engine).get_table_names()) - {"alembic_version"}


def fill():
    """At least one row in every table."""
    with transaction():
        here = make.venue()
        manager = make.manager(here)
        make.reservation(make.space(here))
        make.added(Network(id=1, name=make.words("Network")))
        make.added(Heartbeat(name="worker", beat_at=NOW))
        accounts.register("nine@example.net", "Nine", make.PASSWORD, language="fr", now=NOW)
        members.signed_in(manager, "", NOW)
        calendars.issue("mine", by=manager, now=NOW)
        people_and_extras(here, manager)


def people_and_extras(here, manager):
    """A row in each table that no action of the above fills."""
    made = {"member_id": manager.id, "granted_at": NOW}
    firm = make.added(Organisation(slug="firm", name="Firm"))
    make.added(Resident(organisation_id=firm.id, venue_id=here.id))
    make.added(Membership(organisation_id=firm.id, **made))
    training = make.added(Training(venue_id=here.id, slug="laser", name=make.words("Laser")))
    make.added(Trained(training_id=training.id, **made))
    extra = make.added(
        Extra(
            venue_id=here.id, slug="beamer", name=make.words("Beamer"), description=make.words("")
        )
    )
    make.added(ExtraUnit(extra_id=extra.id, unit_id=make.unit(here, "beamer-1").id))
    reservation_id = db.session.scalar(sa.select(Reservation.id))
    make.added(ReservationExtra(reservation_id=reservation_id, extra_id=extra.id, count=1))
    by = {"venue_id": here.id, "member_id": manager.id, "created_at": NOW}
    make.added(SpecialHours(on=NOW.date(), spans=[[540, 600]], **by))
    hour = {"starts_at": NOW, "ends_at": NOW + timedelta(hours=1)}
    make.added(Closure(why="Works", **hour, **by))
    line = {"kind": "meeting_room", "state": "waiting", "changed_at": NOW}
    make.added(Waiting(**line, **hour, **by))
    made = make.series(make.space(here), by=manager)
    row = make.dates(made)[0]
    row.state = "done"
    feedback.ask(row, now=row.ends_at)
    feedback.remember(row.space_id, Said(5, 4), NOW.date())
    make.delegation(manager, make.member())
    row = make.reservation(make.space(here), people=3, by=manager)
    guests.invite(row, "anne@example.org", by=manager, now=NOW)
    ask(make.space(here, visitors=True))
    link = visitors.link(reservation_id, NOW, "digest", NOW)
    make.added(VisitorLink(**link))


def ask(room):
    """Somebody without an account asks for it."""
    wanted = visitors.Ask(room, make.period("mon 9-11"), Details())
    visitors.ask(wanted, visitors.Person("Nine", "nine@example.org", "", "fr"), now=NOW)


def counts():
    return {
        table.name: db.session.scalar(sa.select(sa.func.count()).select_from(table))
        for table in Base.metadata.sorted_tables
    }


def overlap():
    """Writes the first row of the promise once more."""
    with db.engine.execution_options(writes=True).begin() as connection:
        row = dict(connection.execute(sa.select(Occupancy.__table__)).mappings().first())
        row.pop("id")
        connection.execute(Occupancy.__table__.insert().values(row))


@contextmanager
def writing():
    """A connection that may change tables, outside of Alembic's environment."""
    with db.engine.connect().execution_options(writes=True) as connection:
        if connection.dialect.name == "sqlite":
            connection.connection.cursor().execute("PRAGMA foreign_keys = OFF")
        with connection.begin():
            yield connection


def guards(connection):
    """Whichever parts of the guard are there."""
    there = {row[0] for row in connection.exec_driver_sql(guard.THERE[connection.dialect.name])}
    return there & set(guard.GUARDS[connection.dialect.name])


def whole(connection):
    return set(guard.GUARDS[connection.dialect.name])


def test_migrations_make_every_table(migrated):
    assert tables() == TABLES


def test_migrations_and_models_agree(migrated):
    check(directory=str(MIGRATIONS))


def test_a_full_database_goes_down_and_comes_up_empty(migrated):
    fill()
    assert min(counts().values()) > 0
    db.session.remove()

    downgrade(directory=str(MIGRATIONS), revision="base")
    assert tables() == set()
    upgrade(directory=str(MIGRATIONS))

    assert (tables(), set(counts().values())) == (TABLES, {0})


def test_running_them_again_changes_nothing(migrated):
    fill()
    before = counts()
    db.session.remove()

    upgrade(directory=str(MIGRATIONS))

    assert counts() == before


def test_the_guard_stands_after_going_down_and_up(migrated):
    downgrade(directory=str(MIGRATIONS), revision="base")
    upgrade(directory=str(MIGRATIONS))
    fill()
    db.session.remove()

    with pytest.raises(IntegrityError, match=GUARD):
        overlap()


def test_the_guard_has_one_name_everywhere():
    assert guard.NAME == GUARD


@pytest.fixture
def later(migrated, database, tmp_path):
    """Alembic's configuration, with one more migration of `occupancy`: on SQLite it rebuilds it."""
    how = "always" if database == "sqlite" else "auto"
    config = current_app.extensions["migrate"].migrate.get_config(str(MIGRATIONS))
    with db.engine.connect() as connection:
        head = MigrationContext.configure(connection).get_current_revision()
    (tmp_path / "throwaway.py").write_text(THROWAWAY.format(head=head, how=how))
    config.set_main_option("path_separator", "os")
    places = os.pathsep.join([str(MIGRATIONS / "versions"), str(tmp_path)])
    config.set_main_option("version_locations", places)
    return config


def test_no_migration_can_lose_the_guard(later):
    fill()
    db.session.remove()

    command.upgrade(later, "head")

    assert "remark" in {c["name"] for c in sa.inspect(db.engine).get_columns("occupancy")}
    with pytest.raises(IntegrityError, match=GUARD):
        overlap()


def test_no_way_back_can_lose_it_either(later):
    fill()
    db.session.remove()
    command.upgrade(later, "head")

    command.downgrade(later, "-1")

    with pytest.raises(IntegrityError, match=GUARD):
        overlap()


def test_control_a_table_that_is_rebuilt_otherwise_has_lost_its_guard(migrated):
    with writing() as connection:
        assert guards(connection) == whole(connection)
        operations = Operations(MigrationContext.configure(connection))

        with operations.batch_alter_table("occupancy", recreate="always") as batch:
            batch.add_column(sa.Column("remark", sa.Text))

        assert guards(connection) == set()


def test_what_is_lost_is_put_back(migrated):
    with writing() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"DROP TRIGGER {guard.NAME}_update")
        else:
            connection.exec_driver_sql(f"ALTER TABLE occupancy DROP CONSTRAINT {guard.NAME}")

        guard.ensure(connection)

        assert guards(connection) == whole(connection)


def test_without_the_table_there_is_nothing_to_guard(empty):
    with writing() as connection:
        guard.ensure(connection)

        assert sa.inspect(connection).get_table_names() == []


OLD = [
    "INSERT INTO operator (id, slug, name, public_body) VALUES (1, 'o', 'O', '0')",
    "INSERT INTO venue (id, operator_id, slug, name, summary, description, address, postcode, city,"
    " timezone, position, demo_fields, sources) VALUES (1, 1, 'v', '{}', '{}', '{}', '', '', '',"
    " 'Europe/Paris', 0, '[]', '[]')",
    *[
        "INSERT INTO space (id, venue_id, slug, name, description, kind, offer, layouts, equipment,"
        " requires_training, position, demo_fields, sources) VALUES"
        f" ({number}, 1, '{slug}', '{{}}', '{{}}', 'machine', 'whole', '{{}}', '[]', '{trained}',"
        " 0, '[]', '[]')"
        for number, slug, trained in ((1, "laser", 1), (2, "room", 0))
    ],
    *[
        f"INSERT INTO policy VALUES ({number}, '{approval}', 30, 15, 60, 90, 30, 240, 15, 120)"
        for number, approval in ((1, "always"), (2, "never"))
    ],
]


def rules_now():
    columns = "space_id, approval, buffer_before, buffer_after, notice, horizon, shortest, longest"
    query = f"SELECT {columns}, grid, cancel_notice FROM policy ORDER BY space_id"
    with db.engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)]


def test_rules_and_trainings_of_old_come_along_and_go_back(empty):
    upgrade(directory=str(MIGRATIONS), revision="0001")
    with db.engine.execution_options(writes=True).begin() as connection:
        for statement in OLD:
            connection.exec_driver_sql(statement)
    before = rules_now()

    upgrade(directory=str(MIGRATIONS))
    with db.engine.connect() as connection:
        trainings = connection.exec_driver_sql(
            "SELECT space.slug, training.slug FROM space"
            " LEFT JOIN training ON training.id = training_id ORDER BY space.id"
        ).all()
        assert [tuple(row) for row in trainings] == [("laser", "laser"), ("room", None)]
    assert rules_now() == before
    downgrade(directory=str(MIGRATIONS), revision="0001")

    assert rules_now() == before
    with db.engine.connect() as connection:
        query = "SELECT requires_training FROM space ORDER BY id"
        assert [bool(row[0]) for row in connection.exec_driver_sql(query)] == [True, False]


def test_trainings_stay_the_same_on_a_short_way_back(migrated):
    with transaction():
        here = make.venue()
        laser = make.training(here, "laser")
        for slug in ("laser", "cutter"):
            make.space(here, slug, training_id=laser.id)
    downgrade(directory=str(MIGRATIONS), revision="0002")
    upgrade(directory=str(MIGRATIONS))

    assert set(db.session.scalars(sa.select(Space.training_id))) == {laser.id}
    assert db.session.scalar(sa.select(sa.func.count(Training.id))) == 1


def test_lengths_of_which_one_is_unsaid_fit_together_on_the_way_back(migrated):
    with transaction():
        make.space(shortest=1440)
        make.space(longest=20)
    downgrade(directory=str(MIGRATIONS), revision="0001")

    with db.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT shortest, longest FROM policy ORDER BY space_id")
        assert [tuple(row) for row in rows] == [(720, 720), (20, 20)]


def test_on_the_way_back_a_change_that_waits_is_withdrawn_with_what_it_has(migrated):
    with transaction():
        room = make.space(approval="always")
        first, asked = make.reservation(room), make.reservation(room, "tue 9-11")
        asked.replaces_id = first.id
        ids = first.id, asked.id
    downgrade(directory=str(MIGRATIONS), revision="0004")

    with db.engine.connect() as connection:
        states = connection.exec_driver_sql("SELECT id, state FROM reservation ORDER BY id").all()
        kept = connection.exec_driver_sql("SELECT reservation_id FROM occupancy").all()
    assert [tuple(row) for row in states] == [(ids[0], "requested"), (ids[1], "withdrawn")]
    assert [row[0] for row in kept] == [ids[0]]


def test_on_the_way_back_what_was_offered_from_the_waitlist_is_free(migrated):
    with transaction():
        room = make.space(waitlist_hold=30)
        row = make.reservation(room)
        asked = Ask(room, make.period("mon 9-11"), Details())
        waitlist.join(asked, by=make.member(), now=NOW)
        reservations.cancel(row, read_atlas(), by=row.member, now=NOW)
        waitlist.pass_on(NOW)
        (offered,) = db.session.scalars(sa.select(Reservation).where(Reservation.id != row.id))
        ids = row.id, offered.id
    downgrade(directory=str(MIGRATIONS), revision="0005")

    with db.engine.connect() as connection:
        states = connection.exec_driver_sql("SELECT id, state FROM reservation ORDER BY id").all()
        kept = connection.exec_driver_sql("SELECT reservation_id FROM occupancy").all()
        mails = connection.exec_driver_sql("SELECT kind FROM outbox").all()
    assert [tuple(one) for one in states] == [(ids[0], "cancelled"), (ids[1], "withdrawn")]
    assert (kept, "waitlist-offered" in {one[0] for one in mails}) == ([], False)
    upgrade(directory=str(MIGRATIONS))
    check(directory=str(MIGRATIONS))


def test_people_of_what_is_there_already_are_counted(migrated):
    """Of a hall of two units, a desk, what was closed, and a request for a change."""
    with transaction():
        here = make.venue()
        hall = make.space(here, units="ab")
        row = make.reservation(hall, people=5)
        make.reservation(make.pool(here), people=1)
        asked = make.reservation(make.space(here, units="cd"), "tue 9-11", people=4)
        asked.replaces_id = row.id
        who, when = make.manager(here), make.period("wed 9-11")
        closing = Closing((hall.venue, hall), when, "Ménage")
        hours.close(closing, read_atlas(), by=who, now=NOW)
    downgrade(directory=str(MIGRATIONS), revision="0013")
    upgrade(directory=str(MIGRATIONS))

    assert everybody_is_counted()
    assert db.session.scalar(sa.select(sa.func.sum(Occupancy.people))) == 5 + 1 + 4 + 4


def test_on_the_way_back_nobody_is_asked_how_it_was_any_more(migrated):
    with transaction():
        row = make.reservation(make.space())
        feedback.ask(row, now=row.ends_at)
        members.send_link(row.member, "reset", members.RESET_FOR, "reset-password", NOW)
    downgrade(directory=str(MIGRATIONS), revision="0008")

    with db.engine.connect() as connection:
        kinds = {row[0] for row in connection.exec_driver_sql("SELECT kind FROM outbox")}
        links = connection.exec_driver_sql("SELECT purpose FROM mail_token").all()
    assert "feedback-asked" not in kinds
    assert [one[0] for one in links] == ["reset"]
    upgrade(directory=str(MIGRATIONS))
    check(directory=str(MIGRATIONS))
    assert db.session.scalar(sa.select(sa.func.count(Link.id))) == 0


def test_who_was_there_before_is_asked_and_a_link_has_one_of_three_purposes(migrated):
    downgrade(directory=str(MIGRATIONS), revision="0008")
    with db.engine.execution_options(writes=True).begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO member (id, email, name, language, created_at)"
            " VALUES (1, 'a@example.org', 'A', 'fr', '2027-03-07')"
        )
    upgrade(directory=str(MIGRATIONS))

    assert db.session.scalar(sa.text("SELECT feedback FROM member"))
    times = {"created_at": NOW, "expires_at": NOW}
    db.session.add(MailToken(member_id=1, purpose="any", token_hash="x", **times))
    with pytest.raises(IntegrityError):
        db.session.flush()


def test_on_the_way_back_nobody_is_told_of_delegations_any_more(migrated):
    with transaction():
        member, other = make.member(), make.member()
        delegations.name(other.email, by=member, now=NOW)
        kept = make.posted("password-changed", member).kind
    downgrade(directory=str(MIGRATIONS), revision="0008")

    with db.engine.connect() as connection:
        mails = connection.exec_driver_sql("SELECT kind FROM outbox").all()
    assert ("delegation" in tables(), [one[0] for one in mails]) == (False, [kept])
    upgrade(directory=str(MIGRATIONS))
    check(directory=str(MIGRATIONS))


def test_on_the_way_back_guests_are_forgotten_and_hear_nothing_more(migrated):
    with transaction():
        row = make.reservation(make.space(), people=3)
        guests.invite(row, "anne@example.org", by=row.member, now=NOW)
    downgrade(directory=str(MIGRATIONS), revision="0008")

    with db.engine.connect() as connection:
        mails = connection.exec_driver_sql("SELECT kind FROM outbox").all()
        verbs = connection.exec_driver_sql("SELECT verb FROM history ORDER BY id").all()
    assert [one[0] for one in mails] == ["reservation-confirmed"]
    assert [one[0] for one in verbs] == ["reserve", "invite"]
    upgrade(directory=str(MIGRATIONS))
    check(directory=str(MIGRATIONS))


def test_on_the_way_back_nobody_is_mailed_about_what_cannot_be_confirmed(migrated):
    with transaction():
        ask(make.space(visitors=True))
        visitor = make.visitor()
        accounts.register(visitor.email, "Nine", make.PASSWORD, language="fr", now=NOW)
        accounts.register("new@example.org", "New", make.PASSWORD, language="fr", now=NOW)
        new = members.find.by_email("new@example.org").id
    downgrade(directory=str(MIGRATIONS), revision="0008")

    with db.engine.connect() as connection:
        kinds = connection.exec_driver_sql("SELECT kind FROM outbox").all()
        links = connection.exec_driver_sql("SELECT member_id FROM mail_token").all()
        people = connection.exec_driver_sql("SELECT count(*) FROM member").scalar()
    assert "visitor-wished" not in {row[0] for row in kinds}
    assert ([row[0] for row in links], people) == ([new], 2)
    upgrade(directory=str(MIGRATIONS))
    check(directory=str(MIGRATIONS))

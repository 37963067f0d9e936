"""Asking without an account: the wish, the link that confirms it, and who it is in the end."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select

from booking.actions import approvals, members, outbox, reservations, retention, visitors
from booking.actions.reservations import Details
from booking.actions.visitors import CONFIRM_FOR, SHOWN_FOR, Ask, Person
from booking.db import db
from booking.errors import NotFound, Refused, SlotTaken
from booking.models.members import MailToken, Member
from booking.models.occupancy import Occupancy
from booking.models.outbox import OutboxMessage
from booking.models.policies import Policy
from booking.models.reservations import Reservation
from booking.models.visitors import VisitorLink, VisitorWish
from booking.queries import visitors as find
from booking.queries.extras import counts_of
from booking.queries.members import by_email
from booking.queries.venues import read_atlas
from booking.rules import codes
from tests import accounts, cast, make
from tests.make import NOW

EMAIL = "honorine@example.net"
PERSON = Person("Honorine", EMAIL, "04 91 00 00 00", "en")
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def room(app):
    return make.space(visitors=True)


def ask(space, at="mon 9-11", person=PERSON, **details):
    """A wish is written down; the token of its link."""
    wanted = Ask(space, make.period(at, space.zone), Details(**details))
    visitors.ask(wanted, person, now=NOW)
    return mails("visitor-wished")[-1].facts["token"]


def confirm(token, **more):
    return visitors.confirm(token, read_atlas(), now=LATER, **more)


def confirmed(space, **more):
    return confirm(ask(space, **more))


def mails(kind):
    return db.session.scalars(
        select(OutboxMessage).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id)
    ).all()


def rows(table):
    return db.session.scalars(select(table)).all()


def refused(call):
    with pytest.raises(Refused) as no:
        call()
    return {one.code for one in no.value.refusals}


def policy(space, **values):
    db.session.query(Policy).filter_by(space_id=space.id).update(values)
    make.changed()


# The wish


def test_a_wish_holds_nothing_and_makes_nobody(room):
    ask(room)

    assert (rows(Reservation), rows(Occupancy), by_email(EMAIL)) == ([], [], None)


def test_where_the_policy_says_nothing_nobody_asks_without_an_account(app):
    assert refused(lambda: ask(make.space())) == {"no-visitors"}
    assert rows(VisitorWish) == []


def test_every_broken_rule_is_told_at_once(app):
    room = make.space(visitors=True, capacity=4, longest=60)

    assert refused(lambda: ask(room, "mon 5-8", people=9)) == {"closed", "too-long", "too-many"}


def test_a_taken_place_is_told(room):
    make.reservation(room)

    with pytest.raises(SlotTaken):
        ask(room)


def test_without_a_name_nobody_asks(room):
    person = Person(" \u202e ", EMAIL, "", "fr")

    assert refused(lambda: ask(room, person=person)) == {"name-missing"}


def test_only_the_digest_of_a_token_is_kept(room):
    token = ask(room)

    (wish,) = rows(VisitorWish)
    assert (wish.token_hash, len(token) >= 32) == (codes.digest(token), True)


def test_the_mail_says_whether_the_address_has_an_account(room):
    known = make.member(password=make.PASSWORD)
    ask(room)
    ask(room, person=Person("X", known.email.upper(), "", "en"))

    first, second = mails("visitor-wished")
    assert (first.facts["known"], first.language, first.name) == (False, "en", "")
    assert (second.facts["known"], second.language, second.name) == (True, "fr", "")


def test_the_mail_says_nothing_of_an_account_nobody_has_confirmed(room):
    accounts.register(EMAIL, "Somebody", make.PASSWORD, now=NOW)
    ask(room)

    assert mails("visitor-wished")[-1].facts["known"] is False


def test_who_is_shut_out_gets_no_mail(room):
    blocked = cast.blocked()
    wanted = Ask(room, make.period("mon 9-11"), Details())

    visitors.ask(wanted, Person("X", blocked.email, "", "fr"), now=NOW)

    assert (mails("visitor-wished"), len(rows(VisitorWish))) == ([], 1)


# The link


def test_the_link_makes_a_request_of_somebody_without_an_account(room):
    made = confirmed(room, people=3, title="Essai", note="Bonjour")

    assert (made.state, made.asks, made.people, made.title, made.note) == (
        "requested",
        ["visitor"],
        3,
        "Essai",
        "Bonjour",
    )
    member = made.member
    assert (member.email, member.name, member.phone, member.language, member.visitor) == (
        EMAIL,
        "Honorine",
        "04 91 00 00 00",
        "en",
        True,
    )
    assert member.confirmed_at == LATER
    assert [row.verb for row in make_history(made)] == ["request"]


def make_history(made):
    db.session.expire(made, ["history"])
    query = select(type(made).history.property.mapper.class_).filter_by(reservation_id=made.id)
    return db.session.scalars(query).all()


def test_the_place_is_kept_from_then_on(room):
    confirmed(room)

    with pytest.raises(SlotTaken):
        make.reservation(room)


def test_the_managers_are_told(app):
    here = make.venue()
    room, manager = make.space(here, visitors=True), make.manager(here)

    confirmed(room)

    (mail,) = mails("request-received")
    assert (mail.to, mail.facts["asks"]) == (manager.email, ["visitor"])


def test_the_link_acts_once(room):
    token = ask(room)
    confirm(token)

    with pytest.raises(NotFound):
        confirm(token)
    assert (len(rows(Reservation)), rows(VisitorWish)) == (1, [])


def test_the_link_shows_what_became_of_it(room):
    token = ask(room)
    assert find.reservation(token, LATER) is None

    made = confirm(token)

    assert find.reservation(token, LATER) is made
    assert find.reservation(token, made.ends_at + SHOWN_FOR) is None


def test_after_a_day_the_link_does_not_act(room):
    token = ask(room, "wed 9-11")

    with pytest.raises(NotFound):
        visitors.confirm(token, read_atlas(), now=NOW + CONFIRM_FOR)
    visitors.confirm(token, read_atlas(), now=NOW + CONFIRM_FOR - timedelta(seconds=1))


def test_an_unknown_link_does_nothing(room):
    with pytest.raises(NotFound):
        confirm(codes.token())


def test_a_place_that_is_gone_meanwhile_is_told(room):
    token = ask(room)
    make.reservation(room)

    with pytest.raises(SlotTaken):
        confirm(token)


def test_another_place_can_be_confirmed_instead(room):
    token = ask(room, title="Essai")
    make.reservation(room)
    other = Ask(room, make.period("mon 14-16"), Details(2, "Essai"))

    made = confirm(token, instead=other)

    assert (made.starts_at, made.people) == (make.moment("mon 14"), 2)


def test_a_policy_that_is_another_meanwhile_holds(room):
    token = ask(room)
    policy(room, visitors=False)

    assert refused(lambda: confirm(token)) == {"no-visitors"}


def test_who_is_shut_out_meanwhile_confirms_nothing(room):
    member = make.visitor()
    token = ask(room, person=Person("X", member.email, "", "fr"))
    member.blocked_at = NOW

    with pytest.raises(NotFound):
        confirm(token)


def test_an_exception_may_be_asked_for(app):
    room = make.space(visitors=True, longest=60)

    made = confirmed(room, exception="Journée d’étude")

    assert (made.state, made.broken) == ("requested", ["too-long"])
    assert made.asks == ["visitor", "exception"]
    assert [line.why for line in make_history(made)] == ["Journée d’étude"]


def test_extras_and_all_else_come_along(app):
    here = make.venue()
    make.extra(here, "beamer", stock=2)
    room = make.space(here, visitors=True, layouts={"u": 8}, activities=["meeting"], named_people=1)
    said = {"layout": "u", "activity": "meeting", "named": ("Nine",), "extras": {"beamer": 2}}

    made = confirmed(room, people=4, **said)

    assert (made.layout, made.activity, made.named) == ("u", "meeting", ["Nine"])
    assert counts_of(made.id) == {"beamer": 2}


def test_a_unit_that_is_gone_meanwhile_is_any_other(app):
    desks = make.pool(visitors=True)
    token = ask(desks, unit_id=desks.units[0])
    (wish,) = rows(VisitorWish)
    wish.unit_id = None

    assert confirm(token).state == "requested"


# Who it is in the end


def test_an_account_asks_by_the_rules_for_members(room):
    member = make.member("Mireille", password=make.PASSWORD)

    made = confirmed(room, person=Person("Somebody else", member.email, "1", "en"))

    assert (made.state, made.asks, made.member_id) == ("confirmed", [], member.id)
    assert (member.name, member.phone, member.language) == ("Mireille", None, "fr")


def test_an_account_may_confirm_where_visitors_may_not_any_more(room):
    member = make.member(password=make.PASSWORD)
    token = ask(room, person=Person("X", member.email, "", "fr"))
    policy(room, visitors=False)

    assert confirm(token).state == "confirmed"


def test_the_rules_judge_the_member_that_it_is(app):
    once = [{"most": 1, "of": "reservations", "per": "day", "by": "member", "scope": "space"}]
    room = make.space(visitors=True, quotas=once)
    confirmed(room)
    token = ask(room, "mon 14-16")

    assert refused(lambda: confirm(token)) == {"quota-used"}


def test_a_visitor_who_comes_again_is_the_same_person(room):
    first = confirmed(room)
    again = confirmed(room, at="tue 9-11", person=Person("Honorine B.", EMAIL, "", "fr"))

    assert (first.member_id, again.member.name, again.member.language) == (
        again.member_id,
        "Honorine B.",
        "fr",
    )
    assert again.member.phone == "04 91 00 00 00"


def test_a_password_that_a_stranger_chose_for_the_address_is_forgotten(room):
    accounts.register(EMAIL, "Stranger", make.PASSWORD, now=NOW)
    (link,) = rows(MailToken)
    token = mails("confirm-address")[0].facts["token"]

    made = confirmed(room)

    assert (made.member.visitor, made.member.name, link.used_at) == (True, "Honorine", LATER)
    with pytest.raises(Refused):
        accounts.sign_in(EMAIL, make.PASSWORD, "", now=LATER)
    with pytest.raises(NotFound):
        accounts.confirm(token, make.PASSWORD, "", now=LATER)


# Afterwards


def test_a_manager_approves_it_like_any_other(app):
    here = make.venue()
    room, manager = make.space(here, visitors=True), make.manager(here)
    made = confirmed(room)

    approvals.approve(made, read_atlas(), by=manager, now=LATER)

    assert made.state == "confirmed"


def test_the_visitor_gives_it_back(room):
    made = confirmed(room)

    reservations.cancel(made, read_atlas(), by=made.member, now=LATER)

    assert (made.state, rows(Occupancy)) == ("withdrawn", [])


def test_every_mail_about_it_has_a_link_of_its_own(room):
    made = confirmed(room)
    (mail,) = mails("reservation-requested")

    first, second = (visitors.links_for(mail, now=LATER) for _ in range(2))

    assert first.keys() == second.keys() == {made.code}
    assert first != second
    for tokens in (first, second):
        assert find.reservation(tokens[made.code], LATER) is made


def test_who_has_an_account_gets_no_such_link(room):
    row = make.reservation(room, by=make.member(password=make.PASSWORD))
    (mail,) = mails("reservation-confirmed")

    assert visitors.links_for(mail, now=LATER) == {}
    assert (row.state, rows(VisitorLink)) == ("confirmed", [])


def test_a_mail_to_somebody_else_has_no_link_to_it(app):
    here = make.venue()
    room = make.space(here, visitors=True)
    make.manager(here).password_hash = None
    confirmed(room)
    (mail,) = mails("request-received")

    assert visitors.links_for(mail, now=LATER) == {}


def test_what_nobody_confirms_is_forgotten_when_its_link_has_ended(room):
    ask(room)
    outbox.mark_sent(mails("visitor-wished")[0].id, NOW)
    retention.forget(NOW + CONFIRM_FOR - timedelta(seconds=1))
    assert (len(rows(VisitorWish)), len(mails("visitor-wished"))) == (1, 1)

    retention.forget(NOW + CONFIRM_FOR)

    assert (rows(VisitorWish), mails("visitor-wished")) == ([], [])


def test_links_to_what_is_long_over_are_forgotten(room):
    made = confirmed(room)
    retention.forget(made.ends_at + SHOWN_FOR)
    assert len(rows(VisitorLink)) == 1

    retention.forget(made.ends_at + SHOWN_FOR + timedelta(seconds=1))

    assert rows(VisitorLink) == []


# Becoming a member


def test_a_visitor_registers_and_keeps_what_they_asked_for(room):
    made = confirmed(room)
    accounts.register(EMAIL, "Other name", make.PASSWORD, now=LATER)
    token = mails("confirm-address")[0].facts["token"]
    assert made.member.visitor

    accounts.confirm(token, make.PASSWORD, "", now=LATER)

    member = by_email(EMAIL)
    assert (member.id, member.visitor, member.name) == (made.member_id, False, "Honorine")
    assert accounts.sign_in(EMAIL, make.PASSWORD, "", now=LATER)


def test_until_then_the_password_is_nobodys(room):
    confirmed(room)
    accounts.register(EMAIL, "Stranger", make.PASSWORD, now=LATER)

    with pytest.raises(Refused):
        accounts.sign_in(EMAIL, make.PASSWORD, "", now=LATER)


def test_another_password_than_the_chosen_one_confirms_nothing(room):
    made = confirmed(room)
    accounts.register(EMAIL, "Honorine", make.PASSWORD, now=LATER)
    token = mails("confirm-address")[0].facts["token"]

    with pytest.raises(Refused):
        accounts.confirm(token, "Something-else-17!", "", now=LATER)
    assert made.member.visitor


def test_a_password_that_they_have_by_now_is_not_replaced(room):
    confirmed(room)
    accounts.register(EMAIL, "Stranger", make.PASSWORD, now=LATER)
    token = mails("confirm-address")[0].facts["token"]
    members.ask_reset(EMAIL, now=LATER)
    own = "Ratonneau-1785-hopital?"
    accounts.reset(mails("reset-password")[0].facts["token"], own, now=LATER)

    with pytest.raises(Refused):
        accounts.confirm(token, make.PASSWORD, "", now=LATER)

    assert accounts.sign_in(EMAIL, own, "", now=LATER)


def test_a_forgotten_password_makes_an_account_too(room):
    made = confirmed(room)
    members.ask_reset(EMAIL, now=LATER)

    accounts.reset(mails("reset-password")[0].facts["token"], make.PASSWORD, now=LATER)

    db.session.refresh(made.member)
    assert not made.member.visitor


def test_registering_looks_the_same_for_who_is_known_as_a_visitor(room):
    confirmed(room)
    accounts.register(EMAIL, "Honorine", make.PASSWORD, now=LATER)
    accounts.register("new@example.net", "New", make.PASSWORD, now=LATER)

    assert [mail.to for mail in mails("confirm-address")] == [EMAIL, "new@example.net"]
    assert mails("address-known") == []


def test_who_speaks_for_a_visitor_decides_as_ever(app):
    here = make.venue()
    room = make.space(here)
    visitor, manager = make.visitor(), make.manager(here)
    case = reservations.case_of(room, make.period("mon 9-11"), Details(), visitor)

    assert isinstance(visitor, Member)
    assert refused(lambda: visitors.policies.check(case, NOW)) == {"no-visitors"}
    visitors.policies.check(type(case)(**{**vars(case), "actor": manager}), NOW)


def test_units_are_locked_before_the_member_as_by_everybody_else(room):
    confirmed(room, at="tue 9-11")
    token = ask(room, person=Person("Honorine P.", EMAIL, "", "fr"))
    said = []

    def note(conn, cursor, statement, *rest):
        said.append(" ".join(statement.split()))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        confirm(token)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)

    locks = next(n for n, one in enumerate(said) if "ORDER BY unit.id" in one)
    renames = next(n for n, one in enumerate(said) if one.startswith("UPDATE member"))
    assert locks < renames

"""Inviting guests, what they are told, their answers and their arrival."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.actions import approvals, changes, guests, presence, reservations
from booking.actions.changes import Wanted
from booking.actions.reservations import UNDO
from booking.actions.retention import KEPT, forget
from booking.db import db
from booking.errors import NotAllowed, NotFound, Refused, WrongState
from booking.models.guests import DoorPass, Guest
from booking.models.outbox import OutboxMessage
from booking.models.reservations import History
from booking.queries import guests as find
from booking.queries.venues import atlas
from booking.rules import codes as names
from booking.rules.guests import A_DAY, TIMES, Named
from tests import cast, make
from tests.make import NOW, moment, period

pytestmark = pytest.mark.usefixtures("app")
ANNE, BOB = "anne@example.org", "bob@example.org"
SECOND = timedelta(seconds=1)


@pytest.fixture
def here():
    return make.venue(access=make.words("Metro line 1"))


@pytest.fixture
def room(here):
    return make.space(here, capacity=200, check_in=15)


@pytest.fixture
def made(room):
    """The member's reservation for five people on Monday, from 9 to 11."""
    return make.reservation(room, by=cast.member(), people=5)


@pytest.fixture
def asked(here):
    """A request of theirs for three people, which waits for a manager."""
    return make.reservation(make.space(here, approval="always"), people=3)


def invite(row, *emails, by=None, now=NOW):
    return guests.invite(row, "\n".join(emails or (ANNE,)), by=by or row.member, now=now)


def guest_of(row, email=ANNE):
    query = select(Guest).where(Guest.reservation_id == row.id, Guest.email == email)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def invited(row, email=ANNE, **more):
    """A guest who has been invited."""
    invite(row, email, **more)
    return guest_of(row, email)


def mails(*, waiting=None):
    """Kind and address of all mails about guests; of those that wait beyond that time."""
    query = select(OutboxMessage).where(OutboxMessage.kind.like("guest-%"))
    rows = db.session.scalars(query.order_by(OutboxMessage.id)).all()
    return [(m.kind, m.to) for m in rows if waiting is None or m.next_try_at > waiting]


def last_mail():
    return db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()


def lines(row):
    query = select(History).where(History.reservation_id == row.id).order_by(History.id)
    return [(line.verb, (line.changed or {}).get("guests")) for line in db.session.scalars(query)]


def codes(no):
    return [refusal.code for refusal in no.value.refusals]


def moved(row, at, now=NOW, **details):
    wanted = Wanted(atlas().by_id(row.space_id), period(at), changes.details_of(row, atlas()))
    wanted = replace(wanted, details=replace(wanted.details, **details))
    changes.change(row, atlas(), wanted, by=row.member, now=now)


# --- Inviting ---


def test_each_guest_gets_an_invitation_and_history_counts_them_without_names(made):
    done = invite(made, f"Anne Roux <{ANNE}>", BOB)

    assert (done.new, done.known) == (2, 0)
    assert mails() == [("guest-invited", ANNE), ("guest-invited", BOB)]
    assert lines(made)[-1] == ("invite", 2)
    told = str([(line.why, line.changed) for line in db.session.query(History)])
    assert "anne" not in told.lower()


def test_the_invitation_says_who_where_when_and_how_to_come(made):
    invite(made)

    mail = last_mail()
    assert (mail.to, mail.language) == (ANNE, made.member.language)
    known = {"host": made.member.name, "access": make.words("Metro line 1"), "uid": made.uid}
    assert known.items() <= mail.facts.items()
    assert not {"note", "named", "member", "extras", "broken"} & mail.facts.keys()


def test_the_pass_is_kept_as_a_digest_only(made):
    guest = invited(made)

    token = last_mail().facts["token"]
    kept = db.session.scalars(select(DoorPass.token_hash)).all()
    assert (len(token) >= 22, kept) == (True, [names.digest(token)])
    assert find.by_token(token).id == guest.id


def test_a_wrong_token_opens_nothing(made):
    invite(made)

    with pytest.raises(NotFound):
        find.by_token(names.token())


@pytest.mark.parametrize("who", [cast.stranger, cast.other_manager])
def test_others_do_not_even_see_it(made, who):
    with pytest.raises(NotFound):
        invite(made, by=who())


def test_the_venues_manager_invites_in_the_name_of_the_host(made, here):
    invite(made, by=cast.manager(here))

    assert last_mail().facts["host"] == made.member.name


def test_who_is_not_confirmed_or_is_blocked_writes_to_nobody(made):
    for change in ({"confirmed_at": None}, {"blocked_at": NOW}):
        was = {name: getattr(made.member, name) for name in change}
        for name, value in change.items():
            setattr(made.member, name, value)
        with pytest.raises(NotAllowed):
            invite(made)
        for name, value in was.items():
            setattr(made.member, name, value)
    assert mails() == []


def test_there_are_no_more_guests_than_people_and_all_reasons_come_at_once(made):
    invite(made, ANNE, BOB)

    with pytest.raises(Refused) as no:
        invite(made, "c@example.org", "d@example.org", "e@example.org", "nobody", made.member.email)

    assert codes(no) == ["guest-unread", "guest-is-host", "guests-too-many"]
    assert no.value.refusals[-1].facts == {"people": 5, "had": 2, "asked": 3, "left": 2}
    assert len(find.of(made)) == 2


def test_who_cannot_come_leaves_a_place_for_another(made):
    invite(made, *(f"{n}@example.org" for n in "abcd"))
    guests.answer(with_row(guest_of(made, "a@example.org")), "declined", now=NOW)

    assert invite(made).new == 1


def test_who_is_invited_already_is_not_invited_again(made):
    invite(made)

    done = invite(made, ANNE, BOB)

    assert (done.new, done.known) == (1, 1)
    assert mails() == [("guest-invited", ANNE), ("guest-invited", BOB)]
    assert invite(made, ANNE).known == 1


def test_inviting_nobody_is_refused(made):
    with pytest.raises(Refused) as no:
        invite(made, " ")

    assert codes(no) == ["guests-nobody"]


def test_one_guest_may_be_named_apart_from_the_list(made):
    guests.invite(made, BOB, by=made.member, now=NOW, one=Named("Anne", ANNE))

    assert [(guest.name, guest.email) for guest in find.of(made)] == [("Anne", ANNE), ("", BOB)]


def test_a_member_has_so_many_invitations_a_day_and_managers_have_no_limit(room, here):
    host = cast.member()
    big = make.reservation(room, "tue 9-11", by=host, people=101)
    invite(big, *(f"{n}@example.org" for n in range(A_DAY - 1)))
    other = make.reservation(make.space(here), "thu 9-11", by=host, people=5)

    with pytest.raises(Refused) as no:
        invite(other, ANNE, BOB)

    assert no.value.refusals[0].facts == {"most": A_DAY, "left": 1}
    assert invite(other, ANNE, BOB, by=cast.manager(here)).new == 2
    assert invite(other, "c@example.org", "d@example.org", now=NOW + timedelta(hours=25)).new == 2


@pytest.mark.parametrize("end", ["cancelled", "over", "change"])
def test_nobody_is_invited_to_what_has_ended_or_only_would_change_another(made, asked, end):
    row, now = made, NOW
    if end == "cancelled":
        reservations.cancel(made, atlas(), by=made.member, now=NOW)
    if end == "over":
        now = moment("mon 11")
    if end == "change":
        row, asked.replaces_id = asked, made.id

    with pytest.raises(WrongState):
        invite(row, now=now)


# --- Requests ---


def test_who_is_invited_to_a_request_hears_of_it_with_the_yes(asked, here):
    invite(asked)
    assert (mails(), db.session.query(DoorPass).count()) == ([], 0)

    approvals.approve(asked, atlas(), by=cast.manager(here), now=NOW)

    assert mails() == [("guest-invited", ANNE)]


@pytest.mark.parametrize("end", ["decline", "withdraw"])
def test_who_was_told_nothing_is_not_told_of_a_no(asked, here, end):
    invite(asked)

    if end == "decline":
        approvals.decline(asked, atlas(), by=cast.manager(here), now=NOW, why="Travaux")
    else:
        reservations.cancel(asked, atlas(), by=asked.member, now=NOW)

    assert mails() == []


def test_a_request_that_is_moved_tells_nobody_until_the_yes(asked):
    invite(asked)

    moved(asked, "mon 14-16")

    assert mails() == []


# --- Changes and ends ---


def test_guests_get_the_new_time_with_a_pass_and_are_asked_again(made):
    guest = invited(made)
    guests.answer(with_row(guest), "coming", now=NOW)
    old = last_mail().facts["token"]

    moved(made, "mon 14-16")

    assert mails()[-1] == ("guest-moved", ANNE)
    facts = last_mail().facts
    assert (facts["sequence"], facts["starts_at"]) == (1, moment("mon 14").isoformat())
    assert guest_of(made).answer is None
    assert {find.by_token(token).id for token in (old, facts["token"])} == {guest.id}


def test_another_space_or_a_later_end_leaves_the_answer(made, here):
    guests.answer(with_row(invited(made)), "coming", now=NOW)
    wanted = Wanted(make.space(here, capacity=9), period("mon 9-11"), None)
    wanted = replace(wanted, details=changes.details_of(made, atlas()))

    changes.change(made, atlas(), wanted, by=made.member, now=NOW)
    moved(made, "mon 9-12")

    assert [kind for kind, _ in mails()] == ["guest-invited", "guest-moved", "guest-moved"]
    assert guest_of(made).answer == "coming"


def test_what_does_not_concern_guests_is_not_mailed_to_them(made):
    invite(made)

    moved(made, "mon 9-11", people=6, note="Porte bleue", title="Comité")

    assert mails() == [("guest-invited", ANNE)]


def test_a_cancellation_is_told_after_the_ten_seconds_and_never_if_it_is_taken_back(made):
    invite(made)
    reservations.cancel(made, atlas(), by=made.member, now=NOW)
    assert mails(waiting=NOW + UNDO - SECOND) == [("guest-cancelled", ANNE)]

    reservations.restore(made, atlas(), by=made.member, now=NOW + SECOND)

    assert mails() == [("guest-invited", ANNE)]
    moved(made, "mon 14-16", now=NOW + UNDO)
    assert mails()[-1] == ("guest-moved", ANNE)


def test_the_cancellation_of_a_guest_is_newer_than_the_invitation(made):
    invite(made)

    reservations.cancel(made, atlas(), by=made.member, now=NOW)

    facts = last_mail().facts
    assert (facts["uid"], facts["sequence"], facts["status"]) == (made.uid, 1, "CANCELLED")


def test_guests_of_a_place_that_is_released_are_told(made):
    invite(made)

    presence.miss(made, atlas(), now=moment("mon 9:15"))

    assert mails()[-1] == ("guest-cancelled", ANNE)


def test_a_granted_change_moves_the_guests_too(here):
    room = make.space(here, ask_above=3)
    row = make.reservation(room, people=2)
    invite(row)
    wanted = Wanted(room, period("tue 9-11"), replace(changes.details_of(row, atlas()), people=9))
    asked = changes.change(row, atlas(), wanted, by=row.member, now=NOW)
    assert (asked is row, mails()) == (False, [("guest-invited", ANNE)])

    approvals.approve(asked, atlas(), by=cast.manager(here), now=NOW)

    assert mails()[-1] == ("guest-moved", ANNE)


# --- Removing, and sending again ---


def test_who_is_removed_is_told_and_has_no_pass_any_more(made):
    guest = invited(made)
    token = last_mail().facts["token"]

    guests.remove(made, guest.id, by=made.member, now=NOW)

    facts = last_mail().facts
    assert (mails()[-1], facts["removed"]) == (("guest-cancelled", ANNE), True)
    assert facts["sequence"] == 1  # That of the reservation is 0: calendars take the newer one.
    assert (find.of(made), lines(made)[-1]) == ([], ("uninvite", 1))
    with pytest.raises(WrongState):
        guests.answer(find.by_token(token), "coming", now=NOW)


def test_who_is_removed_and_invited_anew_has_a_newer_entry(made):
    guest = invited(made)
    guests.remove(made, guest.id, by=made.member, now=NOW)

    invite(made, f"Anne <{ANNE}>")

    assert last_mail().facts["sequence"] == 1
    assert [(one.id, one.name) for one in find.of(made)] == [(guest.id, "Anne")]


def test_who_was_removed_hears_nothing_more(made):
    guests.remove(made, invited(made).id, by=made.member, now=NOW)

    moved(made, "mon 14-16")
    reservations.cancel(made, atlas(), by=made.member, now=NOW)

    assert [kind for kind, _ in mails()] == ["guest-invited", "guest-cancelled"]


def test_who_was_never_told_is_removed_without_a_word(asked):
    guests.remove(asked, invited(asked).id, by=asked.member, now=NOW)

    assert mails() == []


def test_an_invitation_is_sent_again_with_one_more_link_but_not_for_ever(made):
    guest = invited(made)
    first = last_mail().facts["token"]

    for _ in range(TIMES - 1):
        guests.send_again(made, guest.id, by=made.member, now=NOW)

    assert find.by_token(first).id == find.by_token(last_mail().facts["token"]).id
    assert lines(made)[-1] == ("send_again", 1)
    assert find.sent_since(made.member, NOW - SECOND) == TIMES
    with pytest.raises(Refused) as no:
        guests.send_again(made, guest.id, by=made.member, now=NOW)
    assert codes(no) == ["guest-often"]


def test_removing_and_inviting_counts_as_well(made):
    for _ in range(TIMES):
        guests.remove(made, invited(made).id, by=made.member, now=NOW)

    with pytest.raises(Refused) as no:
        invite(made)

    assert codes(no) == ["guest-often"]


def test_nothing_is_sent_again_before_the_yes(asked):
    guest = invited(asked)

    with pytest.raises(WrongState):
        guests.send_again(asked, guest.id, by=asked.member, now=NOW)


@pytest.mark.parametrize("act", [guests.remove, guests.send_again])
def test_a_guest_of_another_reservation_is_not_found(made, asked, act):
    guest = invited(asked)

    with pytest.raises(NotFound):
        act(made, guest.id, by=made.member, now=NOW)


@pytest.mark.parametrize("act", [guests.remove, guests.send_again])
def test_others_do_nothing_with_a_guest(made, act):
    guest = invited(made)

    with pytest.raises(NotFound):
        act(made, guest.id, by=cast.stranger(), now=NOW)


# --- Answers ---


def with_row(guest):
    """The guest as a link opens it: with the reservation."""
    query = find.with_reservation().where(Guest.id == guest.id)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def test_a_guest_says_yes_and_no_and_yes_again(made):
    guest = with_row(invited(made))

    for said in ("coming", "declined", "coming"):
        guests.answer(guest, said, now=NOW)
        assert guest_of(made).answer == said


def test_who_had_said_no_finds_the_place_given_to_another(made):
    invite(made, *(f"{n}@example.org" for n in "abcd"))
    guest = with_row(guest_of(made, "a@example.org"))
    guests.answer(guest, "declined", now=NOW)
    invite(made)

    with pytest.raises(Refused) as no:
        guests.answer(guest, "coming", now=NOW)

    assert codes(no) == ["guests-full"]


@pytest.mark.parametrize("end", ["cancelled", "over"])
def test_nobody_answers_what_has_ended(made, end):
    guest = with_row(invited(made))
    if end == "cancelled":
        reservations.cancel(made, atlas(), by=made.member, now=NOW)

    with pytest.raises(WrongState):
        guests.answer(guest, "coming", now=moment("mon 11") if end == "over" else NOW)


# --- The door ---


@pytest.mark.parametrize("at", ["mon 7", "mon 9", "mon 10:59"])
def test_a_manager_marks_who_has_arrived_and_the_host_is_told(made, here, at):
    guest, desk = with_row(invited(made)), cast.manager(here)

    for _ in range(2):
        guests.arrive(guest, by=desk, now=moment(at))

    assert guest_of(made).arrived_at == moment(at)
    assert mails()[1:] == [("guest-arrived", made.member.email)]
    assert lines(made)[-1] == ("let_in", 1)


@pytest.mark.parametrize(
    ("at", "code"), [("mon 6:59", "guest-too-early"), ("mon 11", "guest-over")]
)
def test_guests_arrive_neither_too_early_nor_afterwards(made, here, at, code):
    guest = with_row(invited(made))

    with pytest.raises(Refused) as no:
        guests.arrive(guest, by=cast.manager(here), now=moment(at))

    assert codes(no) == [code]


def test_only_managers_mark_arrivals(made):
    guest = with_row(invited(made))

    with pytest.raises(NotAllowed):
        guests.arrive(guest, by=made.member, now=moment("mon 9"))
    for who in (cast.stranger(), cast.other_manager()):
        with pytest.raises(NotFound):
            guests.arrive(guest, by=who, now=moment("mon 9"))


def test_a_wrong_mark_is_taken_back_before_the_host_is_told(made, here):
    guest, desk, now = with_row(invited(made)), cast.manager(here), moment("mon 9")
    guests.arrive(guest, by=desk, now=now)

    guests.take_back_arrival(guest, by=desk, now=now + SECOND)

    assert (guest_of(made).arrived_at, mails()) == (None, [("guest-invited", ANNE)])
    assert lines(made)[-2:] == [("let_in", 1), ("let_out", 1)]


def test_the_mail_of_an_arrival_outlives_the_cancellation_that_is_taken_back(made, here):
    guest, now = with_row(invited(made)), moment("mon 8")
    guests.arrive(guest, by=cast.manager(here), now=now)
    reservations.cancel(made, atlas(), by=made.member, now=now)

    reservations.restore(made, atlas(), by=made.member, now=now + SECOND)

    assert mails()[-1] == ("guest-arrived", made.member.email)


def test_the_code_lets_in_at_any_screen_of_the_venue(made, here):
    guest, other_room = invited(made), make.space(here)

    guests.come_in(other_room, guest.code.lower().replace("-", ""), now=moment("mon 8:30"))

    assert guest_of(made).arrived_at == moment("mon 8:30")
    assert last_mail().next_try_at == moment("mon 8:30")


def test_the_code_of_the_reservation_still_checks_in(made, room):
    assert guests.come_in(room, made.code, now=moment("mon 9")).state == "checked_in"


@pytest.mark.parametrize("why", ["elsewhere", "early", "over", "cancelled", "removed", "unknown"])
def test_at_the_screen_all_that_is_not_expected_is_alike(made, room, why):
    guest, at, screen, code = invited(made), moment("mon 9"), room, ""
    if why == "elsewhere":
        screen = make.space()
    if why in ("early", "over"):
        at = moment({"early": "mon 6:59", "over": "mon 11"}[why])
    if why == "cancelled":
        reservations.cancel(made, atlas(), by=made.member, now=NOW)
    if why == "removed":
        guests.remove(made, guest.id, by=made.member, now=NOW)
    if why == "unknown":
        code = "ZZZ-ZZZZ"

    with pytest.raises(NotFound):
        guests.come_in(screen, code or guest.code, now=at)


def test_who_waits_for_a_yes_is_not_let_in(asked, here):
    guest = invited(asked)

    with pytest.raises(NotFound):
        guests.come_in(make.space(here), guest.code, now=moment("mon 9"))


def test_who_is_there_is_not_mailed_when_it_lasts_longer_and_cannot_be_removed(made, here):
    guest = with_row(invited(made))
    guests.arrive(guest, by=cast.manager(here), now=moment("mon 8:50"))

    moved(made, "mon 9-12", now=moment("mon 8:55"))

    assert "guest-moved" not in {kind for kind, _ in mails()}
    with pytest.raises(WrongState):
        guests.remove(made, guest.id, by=made.member, now=moment("mon 9"))


def test_the_venue_expects_its_guests_of_the_day(made, asked, here):
    invite(made, ANNE, BOB)
    invite(asked, "waits@example.org")
    elsewhere = make.reservation(make.space(), people=3)
    invite(elsewhere, "far@example.org")
    venue = atlas().by_id(made.space_id).venue

    assert [guest.email for guest in find.expected(venue, period("mon 0-24"))] == [ANNE, BOB]
    assert find.expected(venue, period("tue 0-24")) == []


# --- Forgetting ---


@pytest.mark.parametrize("end", ["over", "cancelled", "removed"])
def test_guests_are_forgotten_thirty_days_after_the_end(made, end):
    guest, since = invited(made), made.ends_at
    if end != "over":
        since = NOW
    if end == "cancelled":
        reservations.cancel(made, atlas(), by=made.member, now=NOW)
    if end == "removed":
        guests.remove(made, guest.id, by=made.member, now=NOW)

    forget(since + KEPT)
    assert db.session.query(Guest).count() == 1
    forget(since + KEPT + SECOND)

    assert (db.session.query(Guest).count(), db.session.query(DoorPass).count()) == (0, 0)
    assert ("invite", 1) in lines(made)

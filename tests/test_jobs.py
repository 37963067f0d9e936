"""The worker: every mail arrives once, and nothing is lost with a server or a worker."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from itertools import pairwise
from threading import Event, Thread

import pytest
import time_machine
from flask import Flask
from icalendar import Calendar
from sqlalchemy.exc import OperationalError

from booking import jobs
from booking.actions import approvals, guest_messages, messages, outbox, visitors, waitlist
from booking.actions.outbox import LEASE
from booking.actions.reservations import UNDO, Details
from booking.actions.waitlist import Ask
from booking.db import db, transaction
from booking.jobs import guest_letters, letters
from booking.models.occupancy import Occupancy
from booking.models.outbox import Heartbeat, OutboxMessage
from booking.models.reservations import Reservation
from booking.models.waitlist import Waiting
from booking.outside import mail
from booking.queries import guests as find_guests
from booking.queries import outbox as find
from booking.queries.reservations import with_place
from booking.queries.series import by_code
from booking.queries.venues import atlas
from tests import make
from tests.support.servers import free_port
from tests.support.site import Site, in_line
from tests.support.smtp import Postbox, calendar_of, postbox, text_of

SUBJECTS = {
    "confirm-address": ("Confirmez votre adresse", "Confirm your address"),
    "address-known": ("Vous avez déjà un compte", "You already have an account"),
    "reset-password": ("Choisissez un nouveau mot de passe", "Set a new password"),
    "delegation-made": ("Vous pouvez réserver pour Mireille", "You may reserve for Mireille"),
    "delegation-ended": ("Mireille ne réserve plus pour vous", "Mireille reserves for you no more"),
    "password-changed": ("Votre mot de passe a été changé", "Your password was changed"),
    "request-received": ("À traiter : ", "To decide: "),
    "reservation-confirmed": ("Réservé : ", "Reserved: "),
    "reservation-requested": ("Demande envoyée : ", "Request sent: "),
    "reservation-approved": ("Demande acceptée : ", "Accepted: "),
    "reservation-declined": ("Demande refusée : ", "Declined: "),
    "reservation-outbid": ("Demande refusée : ", "Declined: "),
    "reservation-moved": ("Modifié : ", "Changed: "),
    "reservation-cancelled": ("Réservation annulée : ", "Cancelled: "),
    "reservation-withdrawn": ("Demande retirée : ", "Withdrawn: "),
    "reservation-released": ("Place libérée : ", "Released: "),
    "reservation-expired": ("Demande sans réponse : ", "No answer in time: "),
    "waitlist-offered": ("Une place se libère pour vous : ", "Free again, for you: "),
    "waitlist-passed": ("La place ne vous est plus gardée : ", "No longer kept for you: "),
    "feedback-asked": ("Votre avis : ", "How was it? "),
    "series-reserved": ("Série de 1 date : ", "Series of 1 date: "),
    "series-changed": ("Modifiée : 1 date", "Changed: 1 date"),
    "series-cancelled": ("Annulée : 1 date", "Cancelled: 1 date"),
    "series-approved": ("Acceptée : 1 date", "Approved: 1 date"),
    "series-declined": ("Refusée : 1 date", "Declined: 1 date"),
    "series-request-received": ("Série à décider : 1 date", "Series to decide: 1 date"),
    "guest-invited": ("Invitation : ", "Invitation: "),
    "guest-moved": ("Nouvel horaire ou nouveau lieu : ", "New time or place: "),
    "guest-cancelled": ("Annulé : ", "Does not take place: "),
    "guest-arrived": ("À l’accueil : Anne Roux", "Has arrived: Anne Roux"),
    "visitor-wished": ("Confirmez votre demande : ", "Confirm your request: "),
    "basket-reserved": ("Votre journée : 2 réservations", "Your day: 2 reservations"),
}
WAY = {
    "space": {"fr": "Salle d’à côté", "en": "Next room"},
    "venue": {"fr": "Baleine", "en": "Whale"},
    "path": "baleine/a-cote",
    "starts_at": "2027-03-08T08:00:00+00:00",
    "ends_at": "2027-03-08T10:00:00+00:00",
    "zone": "Europe/Paris",
}
WITH_ENTRIES = {messages.TOGETHER, *messages.SERIES.values(), *letters.CALENDARS}
IN_BOTH = [(kind, n) for kind in SUBJECTS for n in (0, 1)]
ABOUT_PLACES = [
    kind for kind in SUBJECTS if kind.startswith(("re", "wait", "feed")) and "password" not in kind
]


@pytest.fixture
def box(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Postbox]:
    """The mail server the site sends to."""
    with postbox() as found:
        monkeypatch.setitem(site.app.config, "MAIL_URL", found.url)
        yield found


def row_of(code: str) -> Reservation:
    db.session.rollback()
    query = with_place().where(Reservation.code == code)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def posted(site: Site, kind: str, language: str = "fr", **more: object) -> str:
    """A message of that kind to the owner; its id as mails carry it."""
    site.member("owner").language = language
    db.session.commit()
    facts = {"token": "a-token"}
    if kind in ABOUT_PLACES:
        facts = messages.facts_of(row_of(site.world.code), "Travaux") | {"alternatives": [WAY]}
        facts["until"] = "2027-03-07T13:30:00+00:00"
        facts |= {"check_in_by": "2027-03-08T08:15:00+00:00"}
        facts |= {"last_on": "2027-04-07"} if kind == "feedback-asked" else {}
    if kind.startswith("delegation"):
        facts = {"member": "Mireille", "by": "Mireille", "given_up": True}
    if kind == messages.WISHED:
        wanted = visitors.Ask(
            atlas().space(*site.world.room.split("/")), make.period("fri 9-11"), Details(2)
        )
        facts = {"token": "a-token", "known": True, "wish": visitors.facts_of(wanted)}
    if kind == messages.TOGETHER:
        both = (row_of(code) for code in (site.world.code, site.world.request))
        facts = {"reservations": [messages.facts_of(row, "") for row in both]}
    if kind.startswith("series"):
        facts = series_facts(site, 1)
    if kind.startswith("guest"):
        facts = guest_facts(site)
    made = make.posted(kind, site.member("owner"), make.NOW, **facts | more)
    db.session.commit()
    return f"<{made.message_id}@localhost>"


def guest_facts(site: Site) -> dict[str, object]:
    """What a guest of the owner's reservation is told, and the owner of their arrival."""
    guest = find_guests.by_token(site.with_guest().world.door_pass)
    row = guest.reservation
    with transaction():
        place = {row.space_id: (row.space, row.space.venue)}
        guest_messages.invite(guest, row, place, make.NOW, back=row.code)
        facts = db.session.query(OutboxMessage).one().facts
        db.session.query(OutboxMessage).delete()
    return facts | {"guest": "Anne Roux", "at": make.moment("mon 8:50").isoformat()}


def series_facts(site: Site, count: int) -> dict[str, object]:
    """The facts of the owner's series, of so many of its dates."""
    series, room = (
        by_code(site.with_series().world.series),
        atlas().space(*site.world.room.split("/")),
    )
    return messages.facts_of_series(series, make.dates(series)[:count], [room])


def sent(box: Postbox) -> EmailMessage:
    """What a round of the worker sends: one mail."""
    jobs.once()
    (found,) = box.mails
    return found


def at(moment: datetime) -> time_machine.travel:
    return time_machine.travel(moment, tick=False)


def waiting() -> list[OutboxMessage]:
    db.session.rollback()
    return db.session.query(OutboxMessage).filter_by(sent_at=None).all()


# --- What arrives ---


def test_every_mail_has_its_text() -> None:
    kinds = {*messages.KINDS.values(), messages.FOR_MANAGERS, messages.TOGETHER, *letters.CALENDARS}
    kinds |= {*messages.SERIES.values(), messages.SERIES_FOR_MANAGERS, messages.WISHED}
    kinds |= {guest_messages.ARRIVED}
    assert set(SUBJECTS) >= kinds


@pytest.mark.parametrize(("kind", "number"), IN_BOTH)
def test_a_mail_speaks_its_readers_language(
    site: Site, box: Postbox, kind: str, number: int
) -> None:
    posted(site, kind, ("fr", "en")[number])

    assert str(sent(box)["Subject"]).replace("\xa0", " ").startswith(SUBJECTS[kind][number])


def test_a_manager_reads_which_exception_is_asked_for_and_why(site: Site, box: Postbox) -> None:
    posted(site, "request-received", "en", broken=["too-short"], why="Visite du préfet")

    text = text_of(sent(box))
    assert "Exception asked for:" in text
    assert "Reason given:\nVisite du préfet" in text.replace("\r", "")


def test_a_request_begins_with_who_asks_and_a_line_between(site: Site, box: Postbox) -> None:
    posted(site, "request-received", "en")

    assert "asks for a space of your venue.\n\nSpace: " in text_of(sent(box)).replace("\r", "")


def test_who_is_not_expected_any_more_is_not_told_how_to_come(site: Site, box: Postbox) -> None:
    posted(site, "guest-cancelled", "en", access={"en": "By the stairs."})

    assert "By the stairs." not in text_of(sent(box))


def test_an_offer_is_told_with_its_end_by_the_venues_clock_and_one_link(
    site: Site, box: Postbox
) -> None:
    posted(site, "waitlist-offered", token="a-token")

    text = text_of(sent(box)).replace("\xa0", " ").replace("\r", "")
    assert "jusqu’au dim. 7 mars, 14 h 30 (heure locale du lieu)" in text
    assert text.count("http://") == 1
    assert "http://localhost/waitlist/offers/a-token" in text


def test_a_visitor_reads_where_to_confirm_and_that_nothing_is_kept(
    site: Site, box: Postbox
) -> None:
    posted(site, "visitor-wished")

    text = text_of(sent(box)).replace("\xa0", " ").replace("\r", "")
    assert "http://localhost/requests/a-token" in text
    assert "Rien ne vous est gardé avant :" in text
    assert text.count("http://") == 1


@pytest.mark.parametrize(
    "kind",
    sorted({*letters.CALENDARS} - {*guest_letters.CALENDARS} - {"reservation-withdrawn"}),
)
def test_mails_to_who_cannot_sign_in_link_to_a_page_they_can_open(
    site: Site, box: Postbox, kind: str
) -> None:
    """And their calendar, which others may read, to the space."""
    site.member("owner").password_hash = None
    posted(site, kind)

    mail = sent(box)

    text, entry = text_of(mail), calendar_of(mail)
    assert f"/reservations/{site.world.code}" not in text + str(mail)
    (token,) = set(re.findall(r"http://localhost/requests/(\S+)", text))
    assert token not in str(entry)
    with site.browser().get(f"/requests/{token}") as page:
        assert (page.status_code, site.world.code in page.text) == (200, True)


def test_a_mail_that_is_tried_again_has_a_link_that_works(site: Site, box: Postbox) -> None:
    site.member("owner").password_hash = None
    posted(site, "reservation-approved")
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(mail, "send", unreachable)
        jobs.once()

    with at(make.NOW + LEASE):
        text = text_of(sent(box))

    token = re.search(r"/requests/(\S+)", text)
    assert token
    assert site.browser().get(f"/requests/{token[1]}").status_code == 200


def unreachable(*_: object) -> None:
    raise OSError("no route")


def rounds(moment: datetime) -> None:
    """What the worker does then, twice."""
    with at(moment):
        jobs.once()
        jobs.once()


def test_an_offer_nobody_answers_goes_round_by_round_to_the_next(site: Site, box: Postbox) -> None:
    in_line(site)
    room = atlas().space(*site.world.room.split("/"))
    with transaction():
        asked = Ask(room, make.period("thu 14-16"), Details())
        next_one = waitlist.join(asked, by=site.member("stranger"), now=make.NOW).id
    first, after = make.NOW + UNDO, make.NOW + UNDO + timedelta(hours=1)
    rounds(first)
    told = len(box.mails)

    rounds(after)
    rounds(after + UNDO)

    db.session.rollback()
    entries = {row.id: row.state for row in db.session.query(Waiting)}
    assert entries == {site.world.waiting_id: "passed", next_one: "offered"}
    late, offered = [str(one["To"]) for one in box.mails[told:]]
    assert site.world.emails["owner"] in late
    assert site.world.emails["stranger"] in offered


def test_the_worker_ends_what_is_waited_for_in_vain_once_a_minute(site: Site, box: Postbox) -> None:
    room = atlas().space(*site.world.room.split("/"))
    with transaction():
        asked = Ask(room, make.period("mon 9-11"), Details())
        waitlist.join(asked, by=site.member("other"), now=make.NOW)
    rounds(make.moment("mon 8:59"))
    assert [row.state for row in db.session.query(Waiting)] == ["waiting"]

    rounds(make.moment("mon 9"))

    db.session.rollback()
    assert [row.state for row in db.session.query(Waiting)] == ["ended"]


@pytest.mark.parametrize(("competing", "kept"), [(True, False), (False, True)])
def test_a_request_that_competes_is_not_said_to_be_kept(
    site: Site, box: Postbox, competing: bool, kept: bool
) -> None:
    posted(site, "reservation-requested", "en", competing=competing)

    text = text_of(sent(box))
    assert ("The place is kept for you" in text) is kept
    assert ("Others may ask for the same time" in text) is competing


def test_the_mail_of_a_day_says_which_place_is_kept_for_nobody(site: Site, box: Postbox) -> None:
    facts = messages.facts_of(row_of(site.world.request), "")
    both = [facts | {"competing": True}, facts]
    posted(site, "basket-reserved", "en", reservations=both)

    assert text_of(sent(box)).count("Others may ask for the same time") == 1


def test_the_mail_of_a_day_tells_of_each_and_carries_their_entries(
    site: Site, box: Postbox
) -> None:
    posted(site, "basket-reserved", "en")
    letter = sent(box)

    text, world = text_of(letter), site.world
    for code, state in ((world.code, "Confirmed"), (world.request, "Waiting for approval")):
        assert f"/reservations/{code}" in text
        assert state in text
    entries = {part.get_filename(): part for part in letter.iter_attachments()}
    assert set(entries) == {f"{world.code}.ics", f"{world.request}.ics"}
    status = [
        str(event["STATUS"])
        for part in entries.values()
        for event in Calendar.from_ical(part.get_payload(decode=True)).walk("VEVENT")
    ]
    assert status == ["CONFIRMED", "TENTATIVE"]


def entries(letter: EmailMessage) -> dict[str, list[tuple[str, str]]]:
    """Its files: (UID, STATUS) of each entry in them."""
    return {
        str(part.get_filename()): [
            (str(event["UID"]), str(event["STATUS"]))
            for event in Calendar.from_ical(part.get_payload(decode=True)).walk("VEVENT")
        ]
        for part in letter.iter_attachments()
    }


def test_the_mail_of_a_series_has_all_its_dates_in_one_file(site: Site, box: Postbox) -> None:
    posted(site, "series-reserved", "en", **series_facts(site, 2))
    letter = sent(box)

    code, rows = site.world.series, make.dates(by_code(site.world.series))
    assert all(row.code in text_of(letter) for row in rows)
    uids = [(f"{row.uid}@localhost", "CONFIRMED") for row in rows]
    assert entries(letter) == {f"{code}.ics": uids}


def test_what_was_given_back_of_a_series_is_in_a_file_of_its_own(site: Site, box: Postbox) -> None:
    facts = series_facts(site, 2)
    facts["dates"][1] |= {"state": "cancelled", "status": "CANCELLED"}  # type: ignore[index]
    posted(site, "series-changed", "en", **facts)
    letter = sent(box)

    code = site.world.series
    assert set(entries(letter)) == {f"{code}.ics", f"{code}-cancelled.ics"}
    bodies = [part.get_payload(decode=True).decode() for part in letter.iter_attachments()]
    assert ["METHOD:PUBLISH" in bodies[0], "METHOD:CANCEL" in bodies[1]] == [True, True]


def test_a_change_that_waits_has_no_entry(site: Site, box: Postbox) -> None:
    facts = series_facts(site, 1)
    facts["dates"][0]["replaces"] = True  # type: ignore[index]
    posted(site, "series-changed", "en", **facts)

    assert entries(sent(box)) == {}


def test_a_mail_says_what_was_taken_beside_the_space(site: Site, box: Postbox) -> None:
    extras = [{"name": make.words("Projector"), "count": 2}]
    posted(site, "reservation-confirmed", "en", extras=extras)

    assert "Extras: 2 × Projector" in text_of(sent(box)).replace("\xa0", " ")


@pytest.mark.parametrize("kind", SUBJECTS)
def test_a_mail_goes_to_its_reader_under_its_own_name(site: Site, box: Postbox, kind: str) -> None:
    message_id = posted(site, kind)

    found = sent(box)
    assert str(found["Message-ID"]) == message_id
    assert box.recipients == [[site.world.emails["owner"]]]


@pytest.mark.parametrize(("kind", "number"), IN_BOTH)
def test_a_mail_holds_no_gap_and_no_leftover(
    site: Site, box: Postbox, kind: str, number: int
) -> None:
    posted(site, kind, ("fr", "en")[number])

    text = text_of(sent(box))
    for leftover in ("None", "{{", "%(", "Undefined", "\n\n\n", "<"):
        assert leftover not in text


@pytest.mark.parametrize("kind", ["confirm-address", "reset-password"])
def test_a_link_that_acts_is_ours_and_carries_its_token(
    site: Site, box: Postbox, kind: str
) -> None:
    posted(site, kind)

    place = {"confirm-address": "confirm", "reset-password": "reset"}[kind]
    assert f"http://localhost/account/{place}/a-token" in text_of(sent(box))


@pytest.mark.parametrize("kind", letters.CALENDARS)
def test_the_calendar_of_a_mail_names_its_method_twice(site: Site, box: Postbox, kind: str) -> None:
    posted(site, kind)

    part = calendar_of(sent(box))
    assert part is not None
    calendar = Calendar.from_ical(part.get_payload(decode=True))
    assert part["Content-Type"].params["method"] == calendar["METHOD"] == letters.CALENDARS[kind]


@pytest.mark.parametrize("kind", sorted(set(SUBJECTS) - WITH_ENTRIES))
def test_other_mails_carry_no_calendar(site: Site, box: Postbox, kind: str) -> None:
    posted(site, kind)

    assert calendar_of(sent(box)) is None


def test_a_mail_and_the_members_feed_name_the_reservation_alike(site: Site, box: Postbox) -> None:
    posted(site, "reservation-confirmed")
    part = calendar_of(sent(box))
    assert part is not None
    (event,) = Calendar.from_ical(part.get_payload(decode=True)).walk("VEVENT")

    feed = site.browser().get(f"/feeds/{site.world.feed}.ics").data
    assert str(event["UID"]) in {str(e["UID"]) for e in Calendar.from_ical(feed).walk("VEVENT")}


def test_a_request_for_a_change_leaves_the_calendar_as_it_is(site: Site, box: Postbox) -> None:
    form = {"space": "baleine/halle", "on": "2027-03-11", "from": "10:00", "to": "11:00"}
    owner, manager, code = site.browser("owner"), site.browser("manager"), site.world.code
    owner.post(f"/reservations/{code}/change", data=form | {"people": "1"})
    jobs.once()
    asked = db.session.query(Reservation).filter(Reservation.replaces_id.is_not(None)).one()
    assert all(code in text_of(one) for one in box.mails)
    assert [part for one in box.mails if (part := calendar_of(one))] == []

    manager.post(f"/desk/{asked.code}/approve")
    jobs.once()

    (part,) = [part for one in box.mails if (part := calendar_of(one))]
    (event,) = Calendar.from_ical(part.get_payload(decode=True)).walk("VEVENT")
    assert str(event["UID"]).startswith(
        db.session.query(Reservation).filter_by(code=code).one().uid
    )


def test_the_life_of_a_request_is_one_entry_that_grows(site: Site, box: Postbox) -> None:
    form = {"space": "baleine/halle", "on": "2027-03-11", "from": "10:00", "to": "11:00"}
    owner, manager = site.browser("owner"), site.browser("manager")
    code = owner.post("/reservations/new", data=form | {"people": "1"}).headers["Location"][-8:]
    jobs.once()
    manager.post(f"/desk/{code}/approve")
    jobs.once()
    owner.post(f"/reservations/{code}/cancel")
    with at(make.NOW + UNDO):
        jobs.once()

    parts = [part for one in box.mails if (part := calendar_of(one))]
    entries = [Calendar.from_ical(p.get_payload(decode=True)).walk("VEVENT")[0] for p in parts]
    assert len({str(entry["UID"]) for entry in entries}) == 1
    assert [str(e["STATUS"]) for e in entries] == ["TENTATIVE", "CONFIRMED", "CANCELLED"]
    assert [int(entry["SEQUENCE"]) for entry in entries] == [0, 1, 2]


def test_a_request_is_told_to_the_managers_of_the_venue_alone(site: Site, box: Postbox) -> None:
    form = {"space": "baleine/halle", "on": "2027-03-11", "from": "10:00", "to": "11:00"}
    site.browser("owner").post("/reservations/new", data=form | {"people": "1"})

    jobs.once()

    emails = site.world.emails
    assert sorted(box.recipients) == sorted([[emails["owner"]], [emails["manager"]]])


@pytest.mark.parametrize("text", ["a\r\nBcc: all@example.org", "{{7*7}}", "<script>", "é" * 120])
def test_a_hostile_title_adds_nothing_to_a_mail(site: Site, box: Postbox, text: str) -> None:
    posted(site, "reservation-declined", title=text, why=f"{text}\n.\nQUIT", member=text)

    found = sent(box)
    assert found["Bcc"] is None
    assert box.recipients == [[site.world.emails["owner"]]]
    assert "49" not in text_of(found)


# --- Once ---


def test_a_mail_is_sent_once(site: Site, box: Postbox) -> None:
    posted(site, "reservation-confirmed")

    for _ in range(3):
        jobs.once()

    assert len(box.mails) == 1


def test_a_token_is_forgotten_once_it_is_sent(site: Site, box: Postbox) -> None:
    posted(site, "reset-password", token="a-very-secret-token")
    assert "a-very-secret-token" in site.content()

    jobs.once()

    assert "a-very-secret-token" not in site.content()


def test_a_mail_is_written_with_what_it_tells_of_or_not_at_all(site: Site) -> None:
    room = atlas().space("baleine", "salle")
    before = len(waiting())

    def begun() -> None:
        with transaction():
            make.reservation(room, "fri 9-10", by=site.member("other"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        begun()

    assert len(waiting()) == before


def test_a_request_to_the_site_sends_no_mail_itself(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "send", lambda *_: pytest.fail("sent inside a request"))

    assert site.browser("owner").post(f"/reservations/{site.world.code}/cancel").status_code == 302
    assert len(waiting()) == 1


# --- When something fails ---


def test_a_mail_waits_for_its_server(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(site.app.config, "MAIL_URL", f"smtp://127.0.0.1:{free_port()}?tls=no")
    message_id = posted(site, "reservation-confirmed")

    jobs.once()

    (message,) = waiting()
    assert message.problem
    assert message.problem.startswith("ConnectionRefusedError")
    with postbox() as box, at(make.NOW + timedelta(minutes=1)):
        monkeypatch.setitem(site.app.config, "MAIL_URL", box.url)
        assert str(sent(box)["Message-ID"]) == message_id


def test_a_server_that_is_gone_is_asked_less_and_less(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(site.app.config, "MAIL_URL", f"smtp://127.0.0.1:{free_port()}?tls=no")
    posted(site, "reservation-confirmed")
    tries, minute = [], 0

    while waiting()[0].given_up_at is None:
        with at(make.NOW + timedelta(minutes=minute)):
            before = waiting()[0].tries
            jobs.once()
            tries += [minute] * (waiting()[0].tries - before)
        minute = int((waiting()[0].next_try_at - make.NOW).total_seconds() / 60)

    gaps = [later - earlier for earlier, later in pairwise(tries)]
    assert gaps == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]


@pytest.mark.parametrize("poison", ["address", "kind", "facts", "recipient"])
def test_a_mail_that_cannot_be_sent_stops_no_other(site: Site, box: Postbox, poison: str) -> None:
    box.refused.add(site.world.emails["other"])
    other = site.member("other")
    other.email = "eve@" if poison == "address" else other.email
    kind = {"kind": "no-such-mail", "facts": "reservation-confirmed"}.get(poison, "address-known")
    make.posted(kind, other, make.NOW, **{"starts_at": "never"} if poison == "facts" else {})
    posted(site, "password-changed")

    jobs.once()

    assert box.recipients == [[site.world.emails["owner"]]]
    (left,) = waiting()
    assert left.problem


def test_a_mail_that_cannot_be_sent_is_given_up_in_the_end(site: Site, box: Postbox) -> None:
    make.posted("no-such-mail", site.member("other"), make.NOW)
    db.session.commit()

    for days in range(30):
        with at(make.NOW + timedelta(days=days)):
            jobs.once()

    (left,) = waiting()
    assert left.given_up_at is not None


def test_a_worker_that_dies_between_sending_and_writing_it_down_sends_it_again(
    site: Site, box: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    message_id = posted(site, "reservation-confirmed")
    with monkeypatch.context() as dying:
        dying.setattr(outbox, "mark_sent", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            jobs.once()

    with at(make.NOW + LEASE - timedelta(seconds=1)):
        jobs.once()
    assert len(box.mails) == 1
    with at(make.NOW + LEASE):
        jobs.once()

    assert [str(one["Message-ID"]) for one in box.mails] == [message_id] * 2
    assert waiting() == []


def test_a_worker_that_dies_before_sending_loses_nothing(
    site: Site, box: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted(site, "reservation-confirmed")
    with monkeypatch.context() as dying:
        dying.setattr(mail, "send", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            jobs.once()

    with at(make.NOW + LEASE):
        jobs.once()

    assert len(box.mails) == 1


def test_a_job_that_fails_stops_no_other(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> int:
        raise OperationalError("SELECT", {}, Exception("gone"))

    broken.__name__ = "send_outbox"
    monkeypatch.setattr(jobs, "send_outbox", broken)
    with at(make.moment("tue 14")):
        jobs.once()

    assert row_of(site.world.request).state == "expired"


# --- The other jobs ---


def test_a_request_nobody_answered_ends_when_its_time_comes(site: Site, box: Postbox) -> None:
    with at(make.moment("tue 13:59")):
        jobs.once()
    assert row_of(site.world.request).state == "requested"

    with at(make.moment("tue 14")):
        jobs.once()
        jobs.once()

    found = row_of(site.world.request)
    assert found.state == "expired"
    assert db.session.query(Occupancy).filter_by(reservation_id=found.id).count() == 0
    told = [str(one["Subject"])[:12] for one in box.mails]
    assert told == ["Votre avis :", "Demande sans"]


def test_what_was_approved_does_not_end(site: Site) -> None:
    site.browser("manager").post(f"/desk/{site.world.request}/approve")

    with at(make.moment("tue 14")):
        jobs.once()

    assert row_of(site.world.request).state == "confirmed"


def test_the_worker_gives_a_sign_of_life(site: Site) -> None:
    later = make.NOW + timedelta(minutes=5)

    with at(later):
        jobs.once()

    db.session.rollback()
    assert find.last_beat("worker") == later


def test_a_round_with_nothing_to_do_writes_its_sign_of_life_alone(site: Site) -> None:
    jobs.once()
    db.session.query(Heartbeat).delete()
    db.session.commit()
    before = site.content()

    assert jobs.once() == 0

    db.session.query(Heartbeat).delete()
    db.session.commit()
    assert site.content() == before


def test_the_worker_stops_when_told_to(site: Site) -> None:
    stop = Event()
    worker = Thread(target=jobs.run_forever, args=(site.app, stop))
    worker.start()

    stop.set()
    worker.join(10)

    assert not worker.is_alive()


# --- Several workers ---


def test_two_workers_send_nothing_twice(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    member = make.member()
    for _ in range(20):
        make.posted("password-changed", member, make.NOW)
    db.session.commit()

    def work() -> None:
        with app.app_context():
            while jobs.send_outbox():
                db.session.rollback()
            db.session.remove()

    with postbox() as box:
        monkeypatch.setitem(app.config, "MAIL_URL", box.url)
        workers = [Thread(target=work) for _ in range(3)]
        with at(make.NOW):
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join(60)

    counted = Counter(str(one["Message-ID"]) for one in box.mails)
    assert len(counted) == 20
    assert set(counted.values()) == {1}


def test_two_workers_end_a_request_once(app: Flask) -> None:
    hall = make.space(units=("nord", "sud"), approval="always")
    for hour in range(8, 18):
        make.reservation(hall, f"mon {hour}-{hour + 1}")
    db.session.query(OutboxMessage).delete()
    db.session.commit()

    def work() -> None:
        with app.app_context():
            jobs.expire_requests()
            db.session.remove()

    workers = [Thread(target=work) for _ in range(3)]
    with at(make.moment("tue 9")):
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(60)

    db.session.rollback()
    states = Counter(state for (state,) in db.session.query(Reservation.state))
    assert states == {"expired": 10}
    assert db.session.query(OutboxMessage).count() == 10


def test_a_request_that_is_approved_at_the_last_moment_is_not_ended(app: Flask) -> None:
    venue = make.venue()
    hall = make.space(venue, units=("nord", "sud"), approval="always")
    request, manager = make.reservation(hall, "mon 9-10"), make.manager(venue)
    db.session.commit()
    with transaction():
        approvals.approve(request, atlas(), by=manager, now=make.NOW)

    with at(make.moment("mon 9")):
        jobs.expire_requests()

    assert row_of(request.code).state == "confirmed"


def test_the_worker_shows_that_it_lives_while_a_mail_server_stalls(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        posted(site, "password-changed")

    with time_machine.travel(make.NOW, tick=False) as clock:

        def stall(*_: object) -> None:
            clock.shift(timedelta(seconds=60))
            raise TimeoutError

        monkeypatch.setattr(mail, "send", stall)
        jobs.send_outbox()

    beat = find.last_beat("worker")
    assert beat
    assert beat >= make.NOW + timedelta(seconds=120)

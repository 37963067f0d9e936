"""Accounts: answers do not tell who is known, and guessing has an end before it costs."""

import re
from collections.abc import Iterator

import pytest
import structlog
import structlog.testing
from flask import Flask

from booking.app import create_app
from booking.db import db
from booking.models.members import Member
from booking.models.outbox import OutboxMessage
from booking.rules import passwords
from booking.web.security import limiter
from tests import make
from tests.support.site import Site

GOOD = "Calanque-1944-mistral!"
UNKNOWN = "nobody@example.org"


def answered(site: Site, path: str, email: str, **form: str) -> tuple[int, str]:
    """The answer without the address that was typed, and without the form's token."""
    answer = site.browser().post(path, data=form | {"email": email})
    text = re.sub(r'name="csrf_token" value="[^"]*"', "", answer.text)
    return answer.status_code, text.replace(email, "")


def known(site: Site) -> dict[str, str]:
    """Addresses of which each has its own story."""
    nine = make.member("Nine")
    nine.confirmed_at = None
    db.session.commit()
    return {
        "confirmed": site.world.emails["owner"],
        "blocked": site.world.emails["blocked"],
        "manager": site.world.emails["manager"],
        "unconfirmed": nine.email,
    }


STORIES = ["confirmed", "blocked", "manager", "unconfirmed"]


@pytest.mark.parametrize("story", STORIES)
def test_registering_answers_alike_for_known_and_unknown(site: Site, story: str) -> None:
    form = {"name": "Nine", "password": GOOD}

    told = answered(site, "/account/register", known(site)[story], **form)

    assert told == answered(site, "/account/register", UNKNOWN, **form)
    assert told[0] == 200


@pytest.mark.parametrize("story", STORIES)
def test_forgetting_answers_alike_for_known_and_unknown(site: Site, story: str) -> None:
    told = answered(site, "/account/forgot", known(site)[story])

    assert told == answered(site, "/account/forgot", UNKNOWN)
    assert told[0] == 200


@pytest.mark.parametrize("story", STORIES)
def test_a_wrong_password_answers_alike_for_known_and_unknown(site: Site, story: str) -> None:
    told = answered(site, "/account/sign-in", known(site)[story], password="wrong")

    assert told == answered(site, "/account/sign-in", UNKNOWN, password="wrong")
    assert told[0] == 422


@pytest.mark.parametrize("story", ["blocked", "unconfirmed"])
def test_the_right_password_of_who_may_not_in_answers_like_a_wrong_one(
    site: Site, story: str
) -> None:
    email = known(site)[story]

    right = answered(site, "/account/sign-in", email, password=make.PASSWORD)

    assert right == answered(site, "/account/sign-in", email, password="wrong")


@pytest.fixture
def hashings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Fills with a word for every hash that is made or compared."""
    done: list[str] = []
    hasher = passwords.Hashing.hasher

    class Counting:
        def hash(self, password: str) -> str:
            done.append("made")
            return hasher.hash(password)

        def verify(self, kept: str, password: str) -> bool:
            done.append("compared")
            return hasher.verify(kept, password)

    monkeypatch.setattr(passwords.Hashing, "hasher", Counting())
    return done


@pytest.mark.parametrize("story", [*STORIES, None])
def test_signing_in_costs_one_hash_for_known_and_unknown(
    site: Site, hashings: list[str], story: str | None
) -> None:
    answered(site, "/account/sign-in", known(site)[story] if story else UNKNOWN, password="wrong")

    assert hashings == ["compared"]


@pytest.mark.parametrize("story", [*STORIES, None])
def test_registering_costs_one_hash_for_known_and_unknown(
    site: Site, hashings: list[str], story: str | None
) -> None:
    email = known(site)[story] if story else UNKNOWN

    answered(site, "/account/register", email, name="Nine", password=GOOD)

    assert hashings == ["made"]


def test_registering_a_known_address_changes_nothing_of_its_account(site: Site) -> None:
    form = {"name": "Eve", "email": site.world.emails["owner"], "password": GOOD}

    site.browser().post("/account/register", data=form)

    assert site.member("owner").name == "Mireille"
    assert passwords.matches(site.member("owner").password_hash, make.PASSWORD)


def test_registering_without_reading_the_mail_opens_nothing(site: Site) -> None:
    form = {"name": "Eve", "email": UNKNOWN, "password": GOOD}
    site.browser().post("/account/register", data=form)

    answer = site.browser().post("/account/sign-in", data=form)

    assert answer.status_code == 422


@pytest.mark.parametrize(
    "email", ["MEMBER@Example.org", " member@example.org ", "member@example.org"]
)
def test_an_address_is_the_same_however_it_is_typed(site: Site, email: str) -> None:
    for _ in range(2):
        form = {"name": "Nine", "email": email, "password": GOOD}
        assert site.browser().post("/account/register", data=form).status_code == 200

    count = db.session.query(Member).filter_by(email="member@example.org").count()
    assert count == 1


@pytest.mark.parametrize("email", ["é@example.org", "a", "a@b", "a b@example.org", "a@@b.org"])
def test_an_address_no_mail_can_reach_is_refused(site: Site, email: str) -> None:
    form = {"name": "Nine", "email": email, "password": GOOD}
    before = site.content()

    assert site.browser().post("/account/register", data=form).status_code == 422
    assert site.content() == before


def latest_token() -> str:
    message = db.session.query(OutboxMessage).order_by(OutboxMessage.id.desc()).first()
    assert message
    token: str = message.facts["token"]
    return token


def test_a_new_member_confirms_the_address_with_the_password_and_is_in(site: Site) -> None:
    form = {"name": "Nine", "email": UNKNOWN, "password": GOOD}
    site.browser().post("/account/register", data=form)
    browser = site.browser()

    answer = browser.post(f"/account/confirm/{latest_token()}", data={"password": GOOD})

    assert answer.status_code == 302
    assert browser.get("/account").status_code == 200


@pytest.mark.parametrize("what", ["confirm", "reset"])
def test_a_mailed_link_acts_once(site: Site, what: str) -> None:
    path = f"/account/{what}/{getattr(site.world, what)}"
    form = {"password": make.PASSWORD if what == "confirm" else GOOD}
    assert site.browser().post(path, data=form).status_code == 302

    assert site.browser().post(path, data=form).status_code == 404
    assert site.browser().get(path).status_code == 404


def test_a_link_does_not_act_for_another_purpose(site: Site) -> None:
    assert site.browser().get(f"/account/reset/{site.world.confirm}").status_code == 404
    assert site.browser().get(f"/account/confirm/{site.world.reset}").status_code == 404


def test_a_new_link_ends_the_one_before(site: Site) -> None:
    site.browser().post("/account/forgot", data={"email": site.world.emails["owner"]})

    assert site.browser().get(f"/account/reset/{site.world.reset}").status_code == 404


def test_a_weak_password_is_refused_and_the_rest_stays_typed(site: Site) -> None:
    form = {"name": "Nine Reynier", "email": UNKNOWN, "password": "weak"}

    answer = site.browser().post("/account/register", data=form)

    assert answer.status_code == 422
    assert "Nine Reynier" in answer.text
    assert UNKNOWN in answer.text


def test_a_password_never_comes_back_in_a_page(site: Site) -> None:
    form = {"name": "Nine", "email": "no address", "password": "Secret-of-Nine-1"}

    page = site.browser().post("/account/register", data=form).text

    assert "Secret-of-Nine-1" not in page


def test_the_form_of_registration_asks_for_three_things(site: Site) -> None:
    """What the law asks: no more than is needed (R1)."""
    page = site.browser().get("/account/register").text

    fields = re.findall(r'<(?:input|select|textarea)[^>]*name="(\w+)"', page)
    assert set(fields) - {"csrf_token"} == {"name", "email", "password"}


# --- Limits ---


@pytest.fixture
def limited(site: Site) -> Iterator[Flask]:
    """The same site with its limits on."""
    uri = site.app.config["SQLALCHEMY_DATABASE_URI"]
    app = create_app(SQLALCHEMY_DATABASE_URI=uri, RATELIMIT_ENABLED=True, WTF_CSRF_ENABLED=False)
    limiter.reset()
    yield app
    # The limiter is one for the process: the other applications here go on without limits.
    limiter.reset()
    limiter.enabled = False


def statuses(app: Flask, path: str, tries: int, **form: str) -> list[int]:
    """The answers to so many tries; each comes from an address of its own."""
    return [
        app.test_client()
        .post(path, data=form, environ_base={"REMOTE_ADDR": f"203.0.113.{number}"})
        .status_code
        for number in range(tries)
    ]


def test_the_eleventh_guess_at_one_account_is_not_heard(site: Site, limited: Flask) -> None:
    email = site.world.emails["owner"]

    told = statuses(limited, "/account/sign-in", 11, email=email, password="wrong")

    assert told == [422] * 10 + [429]


def test_a_guess_too_many_costs_no_hash(limited: Flask, hashings: list[str]) -> None:
    statuses(limited, "/account/sign-in", 15, email=UNKNOWN, password="wrong")

    assert len(hashings) == 10


VARIANTS = ["Nobody@example.org", " nobody@example.org", "nobody\x01@example.org"]
VARIANTS += ["nobody\u202e@example.org", "nobody@example.org\x7f", "\tnobody@EXAMPLE.org"]


@pytest.mark.parametrize("variant", VARIANTS)
def test_another_spelling_of_an_address_is_the_same_account(limited: Flask, variant: str) -> None:
    statuses(limited, "/account/sign-in", 10, email=UNKNOWN, password="wrong")

    assert statuses(limited, "/account/sign-in", 1, email=variant, password="wrong") == [429]


def test_other_accounts_are_heard_meanwhile(site: Site, limited: Flask) -> None:
    statuses(limited, "/account/sign-in", 11, email=UNKNOWN, password="wrong")

    form = {"email": site.world.emails["owner"], "password": make.PASSWORD}
    assert statuses(limited, "/account/sign-in", 1, **form) == [302]


def from_one_place(app: Flask, path: str, tries: int, **form: str) -> list[int]:
    return [
        app.test_client().post(path, data=form | {"email": f"m{n}@example.org"}).status_code
        for n in range(tries)
    ]


def test_one_place_may_not_try_all_accounts(limited: Flask, hashings: list[str]) -> None:
    told = from_one_place(limited, "/account/sign-in", 62, password="wrong")

    assert told[59:] == [422, 429, 429]
    assert len(hashings) == 60


def test_one_place_may_not_register_without_end(limited: Flask) -> None:
    told = from_one_place(limited, "/account/register", 61, name="Nine", password="weak")

    assert told[59:] == [422, 429]


def test_one_place_may_not_try_links_without_end(limited: Flask) -> None:
    told = from_one_place(limited, "/feedback/a-guess", 61, place="5", welcome="5")

    assert told[59:] == [404, 429]


@pytest.mark.parametrize("path", ["/account/forgot", "/account/register"])
def test_nobody_is_mailed_link_after_link(limited: Flask, path: str) -> None:
    told = statuses(limited, path, 6, email=UNKNOWN, name="Nine", password=GOOD)

    assert told == [200] * 5 + [429]


def test_looking_at_the_form_is_no_attempt(limited: Flask) -> None:
    for _ in range(70):
        assert limited.test_client().get("/account/sign-in").status_code == 200


def test_the_answer_to_too_many_says_so(limited: Flask) -> None:
    statuses(limited, "/account/forgot", 5, email=UNKNOWN)

    page = limited.test_client().post("/account/forgot", data={"email": UNKNOWN})

    assert page.status_code == 429
    assert "Un instant" in page.text
    assert page.headers["X-Content-Type-Options"] == "nosniff"


def test_who_is_signed_in_may_not_guess_the_old_password(
    site: Site, limited: Flask, hashings: list[str]
) -> None:
    told = []
    for _ in range(11):
        browser = limited.test_client()
        with browser.session_transaction() as session:
            session["_user_id"] = site.world.cookies["owner"]
        form = {"old": "wrong", "password": GOOD}
        told.append(browser.post("/account/password", data=form).status_code)

    assert told == [422] * 10 + [429]
    assert len(hashings) == 10


# --- What is written down ---


def test_a_refused_sign_in_is_written_down_without_address_or_password(
    site: Site,
) -> None:
    form = {"email": "nobody@example.org", "password": "hunter2-hunter2"}

    with structlog.testing.capture_logs() as lines:
        site.browser().post("/account/sign-in", data=form)

    assert [line["event"] for line in lines] == ["sign-in refused"]
    assert "nobody" not in str(lines)
    assert "hunter2" not in str(lines)

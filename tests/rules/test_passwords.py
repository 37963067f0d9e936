"""Passwords by rule R7: twelve examples, and what is kept of them."""

import pytest

from booking.rules import passwords


@pytest.fixture(autouse=True, scope="module")
def _cheap():
    passwords.cheapen()


@pytest.mark.parametrize(
    ("password", "weakness"),
    [
        pytest.param("Gabian-1720!", None, id="12 of four kinds"),
        pytest.param("Gabian-172!", "password-weak", id="11 of four kinds"),
        pytest.param("Gabian1720plage", None, id="15 of three kinds"),
        pytest.param("Gabian1720pla", "password-weak", id="13 of three kinds"),
        pytest.param("gabianplagesoleil", "password-weak", id="17 of one kind"),
        pytest.param("le mistral souffle sur la rade déserte", None, id="seven words"),
        pytest.param("le mistral souffle sur la rade", "password-weak", id="six words"),
        pytest.param("la la la la la la la la", "password-weak", id="the same word"),
        pytest.param("Aa1!Aa1!Aa1!Aa1!", "password-weak", id="four characters over and over"),
        pytest.param("Password-2027!", "password-common", id="a common word and a year"),
        pytest.param("Mireille-1720!", "password-about-you", id="the own name"),
        pytest.param("Gabian-1720!" * 11, "password-too-long", id="132 characters"),
    ],
)
def test_twelve_examples(password, weakness):
    assert passwords.weakness(password, ("Mireille", "m@example.net")) == weakness


def test_letters_of_every_language_count():
    assert passwords.weakness("Éléonore-à-1789") is None


def test_a_password_must_not_hold_the_own_address():
    about = ("Nine", "gabian@example.net")

    assert passwords.weakness("Gabian-1720!", about) == "password-about-you"


def test_short_names_are_no_hindrance():
    assert passwords.weakness("Gabian-1720!", ("Bia", "")) is None


def test_the_kept_hash_matches_its_password_alone():
    kept = passwords.hashed("Gabian-1720!")

    assert passwords.matches(kept, "Gabian-1720!")
    assert not passwords.matches(kept, "gabian-1720!")


def test_two_hashes_of_one_password_differ():
    assert passwords.hashed("Gabian-1720!") != passwords.hashed("Gabian-1720!")


def test_who_has_no_password_cannot_be_matched():
    assert not passwords.matches(None, "nobody has this password")


def test_a_damaged_hash_matches_nothing():
    assert not passwords.matches("not a hash", "Gabian-1720!")

"""What people type: kept as they meant it, without what could do harm."""

import pytest

from booking.rules import texts


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (None, ""),
        ("  Réunion d’équipe  ", "Réunion d’équipe"),
        ("e\u0301te\u0301", "été"),
        ("a\x00b\x07c\x1b[31m", "abc[31m"),
        ("one\r\ntwo\rthree\u2028four\u0085five", "one\ntwo\nthree\nfour\nfive"),
        ("tab\tstays", "tab\tstays"),
        ("safe\u202egpj.exe", "safegpj.exe"),
        ("\u2066hidden\u2069", "hidden"),
        ("half\ud83d a pair", "half a pair"),
        ("👩‍💻 works", "👩‍💻 works"),
        ("שלום", "שלום"),
        ("<b>&amp;", "<b>&amp;"),
    ],
)
def test_a_text_is_cleaned_once(typed, kept):
    assert texts.clean(typed) == kept


@pytest.mark.parametrize("typed", ["a\r\nBcc: b@example.org", "a\u2029Bcc: b@example.org"])
def test_a_title_is_one_line(typed):
    assert texts.one_line(typed) == "a Bcc: b@example.org"


def test_white_space_of_every_kind_is_one_space():
    assert texts.one_line(" a\t\u00a0\u3000 b\n") == "a b"


def test_cleaning_twice_changes_nothing():
    once = texts.clean("\u202e  e\u0301 \r\n x ")

    assert texts.clean(once) == once


@pytest.mark.parametrize("typed", ["Mireille@Example.ORG", " mireille@example.org\n"])
def test_an_address_is_compared_in_one_form(typed):
    assert texts.address(typed) == "mireille@example.org"

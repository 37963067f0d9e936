"""Codes that are read out, tokens that are not guessed."""

import hashlib
import re

import pytest

from booking.rules import codes


def test_a_code_can_be_read_out_over_the_phone():
    assert re.fullmatch(r"[2-9A-HJKMNP-Z]{3}-[2-9A-HJKMNP-Z]{4}", codes.reservation_code())


def test_codes_differ():
    assert len({codes.reservation_code() for _ in range(1000)}) == 1000


@pytest.mark.parametrize(
    "typed",
    ["R7K-3QFH", "r7k-3qfh", " r7k 3qfh ", "R7K3QFH", "R7K–3QFH", "r7k-3qfh\x00", "R7K-3QFH-XX"],
)
def test_a_code_is_found_however_it_is_typed(typed):
    assert codes.tidy(typed) == "R7K-3QFH"


@pytest.mark.parametrize("typed", ["", "-", "é", "%"])
def test_nonsense_is_no_code(typed):
    assert codes.tidy(typed) != codes.tidy("R7K-3QFH")


def test_a_tidy_code_stays_as_it_is():
    code = codes.reservation_code()

    assert codes.tidy(code) == code


def test_a_token_has_192_bits_and_is_safe_in_an_address():
    assert re.fullmatch(r"[A-Za-z0-9_-]{32}", codes.token())


def test_a_token_is_kept_as_its_sha256():
    assert codes.digest("abc") == hashlib.sha256(b"abc").hexdigest()

"""Who is meant by what somebody typed, how many there may be, and when they are let in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.outside.mail import address
from booking.rules import guests
from booking.rules.guests import Named
from tests.make import moment, period

ANNE, BOB = ("anne@example.org", "bob@example.org")


def people(text, host=""):
    return [(one.name, one.email) for one in guests.read(text, host).guests]


def wrong(text, host=""):
    return [(one.code, one.facts) for one in guests.read(text, host).wrong]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("anne@example.org", [("", ANNE)]),
        ("  Anne@Example.ORG  ", [("", ANNE)]),
        ("<anne@example.org>", [("", ANNE)]),
        ("Anne Roux <anne@example.org>", [("Anne Roux", ANNE)]),
        ('"Roux, Anne" <anne@example.org>', [("Roux, Anne", ANNE)]),
        ("Anne Roux anne@example.org", [("Anne Roux", ANNE)]),
        ("Anne Roux; anne@example.org", [("Anne Roux", ANNE)]),
        ("Anne Roux\tanne@example.org", [("Anne Roux", ANNE)]),
        ("Anne Roux (anne@example.org)", [("Anne Roux", ANNE)]),
        ("anne@example.org, Anne Roux", [("Anne Roux", ANNE)]),
        ("anne@example.org (Anne Roux)", [("Anne Roux", ANNE)]),
        ("mailto:anne@example.org", [("", ANNE)]),
        ("– Anne Roux : anne@example.org.", [("Anne Roux", ANNE)]),
        ("Anne\u00a0Roux\u00a0<anne@example.org>", [("Anne Roux", ANNE)]),
        ("anne@example.org, bob@example.org", [("", ANNE), ("", BOB)]),
        ("anne@example.org;bob@example.org;", [("", ANNE), ("", BOB)]),
        ("Anne <anne@example.org>, Bob <bob@example.org>", [("Anne", ANNE), ("Bob", BOB)]),
        ("anne@example.org Anne; bob@example.org Bob", [("Anne", ANNE), ("Bob", BOB)]),
        ("Anne <anne@example.org>, bob@example.org", [("Anne", ANNE), ("", BOB)]),
        ("anne@example.org, Bob <bob@example.org>", [("", ANNE), ("Bob", BOB)]),
    ],
)
def test_a_line_is_understood_however_people_write_it(line, expected):
    assert (people(line), wrong(line)) == (expected, [])


@pytest.mark.parametrize("text", ["", "  \n\n\t", " , ; \n –"])
def test_what_is_blank_is_nobody(text):
    assert (people(text), wrong(text)) == ([], [])


@pytest.mark.parametrize(
    "line", ["Anne Roux", "anne@", "@example.org", "anne@example", "anne@@example.org", "élan@x.fr"]
)
def test_what_is_no_address_is_said_with_its_line(line):
    text = f"\n{ANNE}\n\n{line}\n{BOB}"

    assert wrong(text) == [("guest-unread", {"line": 4, "text": line})]
    assert people(text) == [("", ANNE), ("", BOB)]


def test_of_a_line_of_several_the_bad_one_is_named_and_the_good_are_kept():
    text = f"{ANNE}, bob@, {BOB}"

    assert wrong(text) == [("guest-unread", {"line": 1, "text": "bob@"})]
    assert [email for _, email in people(text)] == [ANNE, BOB]


def test_many_lines_that_cannot_be_read_are_counted_beyond_twenty():
    found = wrong("\n".join(["nonsense"] * 50))

    assert len(found) == guests.SHOWN + 1
    assert found[-1] == ("guests-unread", {"more": 30})


def test_nobody_is_invited_twice_and_a_name_is_kept_from_either():
    assert people(f"{ANNE}\nAnne <ANNE@example.org>\nRoux <{ANNE}>") == [("Anne", ANNE)]


def test_the_host_counts_already():
    assert wrong(f"{BOB}\nMoi <{ANNE}>", host=ANNE) == [("guest-is-host", {"line": 2})]
    assert people(f"{BOB}\nMoi <{ANNE}>", host=ANNE) == [("", BOB)]


def test_the_one_who_is_named_apart_comes_first_and_is_not_the_host_either():
    one = Named("Anne", ANNE)

    assert guests.read(BOB, "", one).guests == [one, Named("", BOB)]
    assert [no.code for no in guests.read("", ANNE, one).wrong] == ["guest-is-host"]
    assert guests.read("", ANNE, one).guests == []


def test_a_name_is_one_line_and_not_without_end():
    assert people("A" * 500 + f" <{ANNE}>") == [("A" * 120, ANNE)]
    assert people(f"Anne\u202eRoux\x00 <{ANNE}>") == [("AnneRoux", ANNE)]


@given(st.text(max_size=200))
def test_whatever_is_read_can_be_written_to(text):
    for one in guests.read(text).guests:
        assert str(address(one.name, one.email))


@given(st.lists(st.text(alphabet="a@. <>,;\"'()é\n-", max_size=40), max_size=5))
def test_no_list_breaks_the_reading(lines):
    text = "\n".join(lines)
    found = guests.read(text)

    assert len({one.email for one in found.guests}) == len(found.guests)
    assert all(1 <= no.facts["line"] <= text.count("\n") + 1 for no in found.wrong)


@pytest.mark.parametrize(
    ("people_", "had", "asked", "codes"),
    [
        (5, 0, 4, []),
        (5, 0, 5, ["guests-too-many"]),
        (5, 4, 1, ["guests-too-many"]),
        (5, 2, 2, []),
        (1, 0, 1, ["guests-too-many"]),
        (3, 5, 1, ["guests-too-many"]),
        (5, 0, 0, ["guests-nobody"]),
        (300, 99, 1, []),
        (300, 99, 2, ["guests-most"]),
        (50, 99, 2, ["guests-too-many", "guests-most"]),
    ],
)
def test_there_are_as_many_guests_as_people_without_the_host(people_, had, asked, codes):
    assert [no.code for no in guests.refusals(people_, had, asked)] == codes


def test_a_refusal_says_for_how_many_there_is_room():
    (no,) = guests.refusals(6, 3, 4)

    assert no.facts == {"people": 6, "had": 3, "asked": 4, "left": 2}


@pytest.mark.parametrize(
    ("sent", "asked", "left"), [(0, 60, None), (59, 1, None), (59, 2, 1), (60, 1, 0), (70, 1, 0)]
)
def test_a_day_has_an_end_for_invitations(sent, asked, left):
    found = guests.too_many_today(sent, asked)

    assert [no.facts["left"] for no in found] == ([] if left is None else [left])


def test_who_cannot_come_takes_no_place():
    assert guests.counted(["coming", None, "declined"]) == 2


def test_answers_are_counted():
    assert guests.tally(["coming", None, "declined", "coming", "coming"]) == (3, 1, 1)


def test_guests_are_let_in_two_hours_before_and_until_the_end():
    assert guests.window(period("mon 9-11")).start == moment("mon 7")
    assert guests.window(period("mon 9-11")).end == moment("mon 11")

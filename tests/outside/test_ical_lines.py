"""Lines: hostile text stays one property, and no line is broken inside a character."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Component

from booking.outside import ical_lines as lines

ANY_TEXT = st.text(max_size=400)
# What people and attackers type, more often than chance would.
HOSTILE = st.text(st.sampled_from('a é—🙂\r\n\t\0\x0b\x0c\x85\u2028\u2029\ud800;,\\"^:BEGIN'))


def unfolded(line):
    assert line.endswith("\r\n")
    return line.replace("\r\n ", "")[:-2]


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("Atelier; bois, métal", "Atelier\\; bois\\, métal"),
        ("C:\\temp\\new", "C:\\\\temp\\\\new"),
        ('Le "grand" soir: 20h', 'Le "grand" soir: 20h'),
        ("Titre\r\nEND:VEVENT", "Titre END:VEVENT"),
        ("Titre\rATTENDEE:x", "Titre ATTENDEE:x"),
        ("Titre\u2028SUMMARY:PIRATE", "Titre SUMMARY:PIRATE"),
        ("Titre\u2029\x85SUMMARY:PIRATE", "Titre SUMMARY:PIRATE"),
        ("Ti\0t\x0br\x07e\x0c\x7f\x9f", "Titre"),
        ("moitié \ud83d de smiley", "moitié  de smiley"),
        ("tabulé\tici", "tabulé ici"),
        ("espace\u00a0fine\u202fici", "espace\u00a0fine\u202fici"),
        ("", ""),
    ],
)
def test_a_title_is_one_line_without_controls(typed, written):
    assert unfolded(lines.text("SUMMARY", typed)) == f"SUMMARY:{written}"


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("un\ndeux\r\ntrois\rquatre", "un\\ndeux\\ntrois\\nquatre"),
        ("un\u2028deux\u2029trois\x85quatre", "un\\ndeux\\ntrois\\nquatre"),
        ("un\x0bdeux\x0c\0", "undeux"),
        ("un\tdeux", "un\tdeux"),
        ("\\n n’est pas une fin de ligne", "\\\\n n’est pas une fin de ligne"),
    ],
)
def test_a_description_keeps_its_line_breaks_only(typed, written):
    assert unfolded(lines.long_text("DESCRIPTION", typed)) == f"DESCRIPTION:{written}"


@pytest.mark.parametrize("before", range(60, 76))
@pytest.mark.parametrize("character", ["é", "—", "🙂"])
def test_a_line_is_folded_between_characters(before, character):
    line = "x" * before + character * 40

    folded = lines.folded(line)

    assert unfolded(folded) == line
    assert all(len(part.encode()) <= 75 for part in folded.split("\r\n"))


@pytest.mark.parametrize(("octets", "parts"), [(74, 1), (75, 1), (76, 2), (148, 2), (149, 3)])
def test_a_line_is_folded_no_more_often_than_needed(octets, parts):
    assert len(lines.folded("x" * octets).splitlines()) == parts


def test_a_very_long_title_is_folded_as_well():
    folded = lines.text("SUMMARY", "é🙂, " * 2500)

    assert unfolded(folded) == "SUMMARY:" + "é🙂\\, " * 2500
    assert max(len(part.encode()) for part in folded.split("\r\n")) <= 75


@given(typed=ANY_TEXT | HOSTILE)
def test_any_text_reads_back_as_one_property(typed):
    written = lines.text("SUMMARY", typed) + lines.long_text("DESCRIPTION", typed)

    event = Component.from_ical(f"BEGIN:VEVENT\r\n{written}END:VEVENT\r\n")

    assert [name for name, _ in event.property_items(recursive=False)][1:-1] == [
        "SUMMARY",
        "DESCRIPTION",
    ]
    assert event["SUMMARY"] == lines.one_line(typed)
    assert len(written.splitlines()) == written.count("\r\n")


@given(called=ANY_TEXT | HOSTILE, address=ANY_TEXT | HOSTILE)
def test_any_name_and_address_stay_one_person(called, address):
    called = called.replace("\\", "")  # icalendar reads "\\," in a parameter as a comma.

    written = lines.person("ORGANIZER", called, address)

    event = Component.from_ical(f"BEGIN:VEVENT\r\n{written}END:VEVENT\r\n")

    assert event["ORGANIZER"].params.get("CN", "") == lines.one_line(called)
    assert written.count("\r\n") == len(written.splitlines())


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("CCILab; Palais, Bourse: 1er", '"CCILab; Palais, Bourse: 1er"'),
        ('Le "Lab"', "\"Le ^'Lab^'\""),
        ("a^b", '"a^^b"'),
        ("a\r\nb\0", '"a b"'),
    ],
)
def test_a_parameter_has_its_own_escapes(value, written):
    assert lines.quoted(value) == written


def test_a_person_without_a_name_has_no_cn():
    assert lines.person("ORGANIZER", "", "a@example.org") == "ORGANIZER:mailto:a@example.org\r\n"


def test_an_address_cannot_leave_its_line():
    written = lines.person("ORGANIZER", "A", "a@example.org\r\nATTENDEE:mailto:b@example.org")

    assert unfolded(written) == (
        'ORGANIZER;CN="A":mailto:a@example.org%0D%0AATTENDEE%3Amailto%3Ab@example.org'
    )


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("https://example.org/a?b=c,d;e#f", "https://example.org/a?b=c,d;e#f"),
        ("https://example.org/é %20", "https://example.org/%C3%A9%20%20"),
        ("https://example.org/\r\nX:1", "https://example.org/%0D%0AX:1"),
        ("https://example.org/\ud800", "https://example.org/?"),
    ],
)
def test_a_uri_holds_nothing_that_a_uri_may_not(address, written):
    assert unfolded(lines.uri("URL", address)) == f"URL:{written}"

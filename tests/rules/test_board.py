"""The board as values: rows of cells that fill the shown day exactly."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.rules.board import (
    Block,
    Frame,
    frame_for,
    pool_row,
    whole_row,
    with_closures,
)
from booking.rules.hours import instant
from booking.rules.periods import Period

PARIS = ZoneInfo("Europe/Paris")
MONDAY, SPRING, AUTUMN = date(2027, 3, 8), date(2027, 3, 28), date(2027, 10, 31)


def at(start, end, on=MONDAY):
    return Period(instant(on, round(start * 60), PARIS), instant(on, round(end * 60), PARIS))


FRAME = Frame(MONDAY, 8, 12, PARIS)
OPEN = [at(8, 12)]
EARLY = at(7, 8).start


def whole(*blocks, opening=OPEN, now=EARLY, frame=FRAME):
    cells = whole_row(frame, opening, blocks, now)
    return [(cell.kind, cell.span) for cell in cells]


def pool(busy, *, opening=OPEN, now=EARLY):
    cells = pool_row(FRAME, opening, [1, 2, 3], busy, now)
    return [(cell.kind, cell.span, cell.free) for cell in cells]


@pytest.mark.parametrize(
    ("spans", "first", "last"),
    [
        ([], 8, 19),
        ([(540, 1080)], 9, 18),
        ([(570, 750), (840, 1110)], 9, 19),
        ([(0, 1440)], 0, 24),
    ],
)
def test_the_frame_has_the_full_hours_around_opening_time(spans, first, last):
    frame = frame_for(MONDAY, spans, PARIS)

    assert (frame.first, frame.last) == (first, last)


@pytest.mark.parametrize(
    ("on", "hours"),
    [
        (MONDAY, [0, 1, 2, 3, 4]),
        (SPRING, [0, 1, 3, 4]),
        (AUTUMN, [0, 1, 2, 2, 3, 4]),
    ],
)
def test_columns_carry_the_hours_clocks_show(on, hours):
    assert Frame(on, 0, 5, PARIS).hours == hours


def test_a_board_counts_its_quarters():
    assert len(FRAME.quarters) == 16


@pytest.mark.parametrize(
    ("now", "part"),
    [(at(8, 9).start, 0), (at(9, 10).start, 0.25), (at(12, 13).start, None), (EARLY, None)],
)
def test_where_now_lies_in_the_shown_day(now, part):
    assert FRAME.part(now) == part


def test_a_free_day_is_cut_at_every_full_hour():
    assert whole() == [("free", 4)] * 4


def test_a_reservation_is_one_cell():
    assert whole(Block("busy", at(9, 10.5))) == [
        ("free", 4),
        ("busy", 6),
        ("free", 2),
        ("free", 4),
    ]


def test_two_reservations_of_mine_are_two_cells():
    blocks = Block("mine", at(8, 10), "one"), Block("mine", at(10, 12), "two")

    assert whole(*blocks) == [("mine", 8), ("mine", 8)]


def test_the_same_reservation_in_two_units_is_one_cell():
    assert whole(Block("busy", at(8, 12)), Block("busy", at(8, 12))) == [("busy", 16)]


def test_mine_is_told_before_what_waits_and_what_waits_before_busy():
    blocks = [Block(kind, at(8, 12)) for kind in ("busy", "wait", "mine")]

    assert whole(*blocks) == [("mine", 16)]
    assert whole(*blocks[:2]) == [("wait", 16)]


def test_outside_opening_hours_it_is_shut():
    assert whole(opening=[at(9, 11)]) == [("shut", 4), ("free", 4), ("free", 4), ("shut", 4)]


def test_a_reservation_shows_also_when_the_venue_is_shut():
    assert whole(Block("mine", at(8, 9)), opening=[])[0] == ("mine", 4)


def test_what_is_past_cannot_be_had():
    assert whole(now=at(9.3, 10).start) == [("past", 6), ("free", 2), ("free", 4), ("free", 4)]


def test_a_reservation_that_is_over_still_shows():
    assert whole(Block("mine", at(8, 9)), now=at(12, 13).start)[0] == ("mine", 4)


def test_a_cell_names_the_whole_reservation():
    cells = whole_row(FRAME, OPEN, [Block("mine", at(7, 9), "Comité", "R7K-3QFH")], EARLY)

    assert (cells[0].period, cells[0].label, cells[0].code) == (at(7, 9), "Comité", "R7K-3QFH")


def test_a_pool_says_how_many_are_free_for_the_whole_hour():
    busy = {1: [at(8, 9.25)], 2: [at(9, 10)]}

    assert pool(busy) == [("pool", 4, 2), ("pool", 4, 1), ("pool", 4, 3), ("pool", 4, 3)]


def test_closed_hours_of_a_pool_are_one_cell():
    assert pool({}, opening=[at(10, 12)])[0] == ("shut", 8, None)


def test_past_hours_of_a_pool_are_one_cell():
    assert pool({}, now=at(10.5, 11).start)[0] == ("past", 8, None)


def test_an_hour_that_is_partly_open_counts_its_open_part():
    busy = {1: [at(9, 9.5)]}

    assert pool(busy, opening=[at(9.5, 12)])[1] == ("pool", 4, 3)


BLOCKS = st.lists(
    st.builds(
        lambda kind, start, length: Block(
            kind, Period(at(0, 1).start + start, at(0, 1).start + start + length)
        ),
        st.sampled_from(["busy", "mine", "wait"]),
        st.integers(0, 96).map(lambda n: n * timedelta(minutes=15)),
        st.integers(1, 30).map(lambda n: n * timedelta(minutes=15)),
    ),
    max_size=4,
)


@given(
    blocks=BLOCKS,
    on=st.sampled_from([MONDAY, SPRING, AUTUMN]),
    hours=st.tuples(st.integers(0, 11), st.integers(13, 24)),
)
def test_cells_fill_the_day_exactly(blocks, on, hours):
    frame = Frame(on, *hours, PARIS)
    moved = [Block(b.kind, b.period.moved(at(0, 1, on).start - at(0, 1).start)) for b in blocks]

    cells = whole_row(frame, [at(9, 18, on)], moved, at(10, 11, on).start)
    desks = pool_row(frame, [at(9, 18, on)], [1], {}, at(10, 11, on).start)

    assert sum(cell.span for cell in cells) == len(frame.quarters)
    assert sum(cell.span for cell in desks) == len(frame.quarters)


def test_free_time_outside_the_reach_is_late_and_not_free():
    cells = whole_row(FRAME, OPEN, [], EARLY, at(9, 11))

    assert [(cell.kind, cell.span) for cell in cells] == [
        ("late", 4),
        ("free", 4),
        ("free", 4),
        ("late", 4),
    ]


def test_a_pool_outside_the_reach_is_late():
    cells = pool_row(FRAME, OPEN, [1, 2], {}, EARLY, at(10, 20))

    assert [(cell.kind, cell.span) for cell in cells] == [("late", 8), ("pool", 4), ("pool", 4)]


def test_the_buffers_of_a_reservation_stand_apart_from_it():
    own = [Block("mine", at(9, 10), "Comité"), Block("kept", at(8.5, 10.5))]

    cells = whole_row(FRAME, OPEN, own, EARLY)

    assert [(cell.kind, cell.period) for cell in cells[1:4]] == [
        ("kept", at(8.5, 9)),
        ("mine", at(9, 10)),
        ("kept", at(10, 10.5)),
    ]


def test_hours_in_which_all_of_a_pool_is_closed_are_told_as_one():
    works = {1: [Block("closed", at(9, 11), "Travaux")], 2: [Block("closed", at(9, 12), "Travaux")]}
    busy = {unit: [block.period for block in blocks] for unit, blocks in works.items()}
    cells = pool_row(FRAME, OPEN, [1, 2], busy, EARLY)

    found = with_closures(cells, [1, 2], works)

    assert [(cell.kind, cell.span) for cell in found] == [("pool", 4), ("closed", 8), ("pool", 4)]
    assert (found[1].label, found[1].part) == ("Travaux", at(9, 11))

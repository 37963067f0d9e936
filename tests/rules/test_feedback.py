"""From how many answers on which months are shown, and what they come to."""

from datetime import date

import pytest

from booking.rules.feedback import Marks, after, month_of, result_of, since, spans


def months(*counts: int) -> dict[date, int]:
    """So many answers in January, February, … 2027."""
    return {date(2027, n, 1): count for n, count in enumerate(counts, 1) if count}


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ((), []),
        ((2,), []),
        ((3,), [(1, 1)]),
        ((9,), [(1, 1)]),
        ((3, 3), [(2, 2), (1, 1)]),
        ((2, 1), [(1, 2)]),
        ((1, 0, 0, 1, 1), [(1, 5)]),
        ((3, 2), [(1, 1)]),
        ((3, 2, 1), [(2, 3), (1, 1)]),
        ((2, 3, 2), [(1, 2)]),
    ],
)
def test_months_are_shown_together_until_three_have_answered(
    counts: tuple[int, ...], shown: list[tuple[int, int]]
) -> None:
    assert [(first.month, last.month) for first, last in spans(months(*counts))] == shown


@pytest.mark.parametrize("counts", [(1, 2, 3, 4), (5, 1, 1), (1, 1, 1, 1, 1, 1, 1), (2, 2, 2, 2)])
def test_no_span_has_fewer_than_three_answers(counts: tuple[int, ...]) -> None:
    by_month = months(*counts)

    for first, last in spans(by_month):
        assert sum(n for month, n in by_month.items() if first <= month <= last) >= 3


@pytest.mark.parametrize(
    ("on", "first"),
    [
        (date(2027, 3, 7), date(2026, 4, 1)),
        (date(2027, 1, 1), date(2026, 2, 1)),
        (date(2027, 12, 31), date(2027, 1, 1)),
        (date(2028, 2, 29), date(2027, 3, 1)),
    ],
)
def test_twelve_months_count_this_one_among_them(on: date, first: date) -> None:
    assert since(on) == first


def test_of_a_day_the_month_is_kept_and_another_follows() -> None:
    assert (month_of(date(2027, 12, 31)), after(date(2027, 12, 1))) == (
        date(2027, 12, 1),
        date(2028, 1, 1),
    )


def test_the_average_is_that_of_both_questions() -> None:
    result = result_of([(5, 4, 2), (3, 4, 1), (1, 5, 1)])

    assert result.answers == 4
    assert (result.place.average, result.welcome.average) == (14 / 4, 17 / 4)
    assert result.average == 31 / 8
    assert result.place.counts == (1, 0, 1, 0, 2)


def test_the_share_of_a_mark_is_of_all_who_answered() -> None:
    marks = Marks((1, 0, 0, 0, 3))

    assert [marks.share(mark) for mark in (1, 2, 5)] == [25, 0, 75]

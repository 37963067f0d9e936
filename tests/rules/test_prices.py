"""A price hint is the cheapest way to pay for the time."""

from datetime import timedelta

import pytest

from booking.rules.prices import hint


@pytest.mark.parametrize(
    ("prices", "hours", "cents"),
    [
        ((2800, 9000, 16000), 2, 5600),
        ((2800, 9000, 16000), 4, 9000),
        ((2800, 9000, 16000), 5, 14000),
        ((2800, 9000, 16000), 8, 16000),
        ((2800, 9000, 16000), 25, 32000),
        ((2800, None, None), 1.5, 4200),
        ((None, 320000, 560000), 3, 320000),
        ((None, None, 4500), 2, 4500),
        ((None, 320000, None), 5, None),
        ((None, None, None), 1, None),
    ],
)
def test_the_cheapest_way_is_taken(prices, hours, cents):
    assert hint(*prices, timedelta(hours=hours)) == cents

"""What a reservation takes beside its space: stock, requests, price."""

import pytest

from booking.rules.extras import Stock, asks, price, refusals

OFFERED = {
    "projector": Stock({"en": "Projector"}, 3, price=1500),
    "technician": Stock({"en": "Technician"}, 1, on_request=True),
    "catering": Stock({"en": "Catering"}, price=1200),
}


def codes(wanted):
    return [refusal.code for refusal in refusals(wanted, OFFERED)]


@pytest.mark.parametrize(
    ("wanted", "broken"),
    [
        ({}, []),
        ({"projector": 3}, []),
        ({"projector": 4}, ["extra-beyond-stock"]),
        ({"catering": 400}, []),
        ({"piano": 1}, ["extra-not-here"]),
        ({"piano": 1, "technician": 2}, ["extra-not-here", "extra-beyond-stock"]),
    ],
)
def test_one_gets_what_is_there_and_as_many_as_there_are(wanted, broken):
    assert codes(wanted) == broken


def test_a_refusal_says_how_many_there_are_and_how_many_were_wanted():
    (refusal,) = refusals({"projector": 5}, OFFERED)

    assert refusal.facts == {"extra": {"en": "Projector"}, "pieces": 3, "wanted": 5}


@pytest.mark.parametrize(
    ("wanted", "why"),
    [({}, []), ({"projector": 1}, []), ({"projector": 1, "technician": 1}, ["extra"])],
)
def test_whoever_wants_what_is_on_request_asks(wanted, why):
    assert asks(wanted, OFFERED) == why


@pytest.mark.parametrize(
    ("wanted", "cents"),
    [({}, 0), ({"projector": 2, "catering": 10}, 15_000), ({"technician": 1}, 0)],
)
def test_the_price_is_that_of_all_pieces(wanted, cents):
    assert price(wanted, OFFERED) == cents

"""The mark that every view carries."""

import pytest

from booking.rules.access import AUDIENCES, audience_of, open_to


@pytest.mark.parametrize("audience", AUDIENCES)
def test_a_view_says_who_it_is_open_to(audience):
    @open_to(audience)
    def view():
        return "page"

    assert (audience_of(view), view()) == (audience, "page")


def test_a_view_that_says_nothing_is_open_to_nobody():
    assert audience_of(lambda: "page") is None


def test_an_audience_that_does_not_exist_is_a_mistake():
    with pytest.raises(ValueError, match="everybody"):
        open_to("everybody")

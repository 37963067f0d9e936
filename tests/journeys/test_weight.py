"""What a page weighs on its way to a first visitor, compressed as a server in front would."""

import gzip
from collections.abc import Callable

import pytest
from playwright.sync_api import Response

from tests.journeys.house import House
from tests.journeys.person import Person

PAGE, DAY = 100_000, 15_000  # bytes
VENUES = ["ccilab", "la-coque", "chateau-des-baumes", "carrefour-innovation"]


def weights(person: Person, path: str) -> dict[str, int]:
    """Compressed bytes of everything a first visit to `path` loads, by path."""
    answers: list[Response] = []
    person.page.on("response", lambda answer: answers.append(answer))
    person.page.goto(path, wait_until="networkidle")
    # Headless browsers show no icon and do not ask for it; people's browsers do.
    icon = person.page.locator("link[rel=icon]").get_attribute("href") or ""
    found = {answer.url: len(gzip.compress(answer.body())) for answer in answers}
    body = person.page.context.request.get(icon).body()
    return found | {icon: len(gzip.compress(body))}


@pytest.mark.parametrize("path", ["/", "/venues/ccilab"])
@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_a_first_visit_is_light(comes: Callable[..., Person], path: str, size: str) -> None:
    loaded = weights(comes("fr", size), path)

    assert len(loaded) > 5
    assert sum(loaded.values()) <= PAGE, loaded


@pytest.mark.parametrize("venue", VENUES)
def test_the_day_of_a_venue_is_light(
    house: House, comes: Callable[..., Person], venue: str
) -> None:
    answer = comes("fr").page.context.request.get(f"/venues/{venue}")

    assert answer.status == 200
    assert len(gzip.compress(answer.body())) <= DAY

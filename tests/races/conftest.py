"""What races share: a world for each module, empty for each test, and its two applications."""

from collections.abc import Callable, Iterator

import pytest

from tests.races import world
from tests.races.world import World
from tests.support.servers import serving

CARELESS = "tests.races.unguarded:create_app"


@pytest.fixture(scope="module")
def place(
    request: pytest.FixtureRequest, database: str, migrated_database: Callable[[str], str]
) -> Iterator[World]:
    """A world with as many members as the module says (`MEMBERS`)."""
    with world.made(migrated_database(database), members=request.module.MEMBERS) as place:
        yield place


@pytest.fixture(autouse=True)
def nothing_reserved(place: World) -> None:
    world.empty(place)


@pytest.fixture(scope="module")
def address(place: World) -> Iterator[str]:
    """The application as it is."""
    with serving({"DATABASE_URL": place.url}, workers=4) as address:
        yield address


@pytest.fixture(scope="module")
def careless(place: World) -> Iterator[str]:
    """The application that locks nothing: what the control of each race runs against."""
    with serving({"DATABASE_URL": place.url}, workers=4, factory=CARELESS) as address:
        yield address


@pytest.fixture
def careless_database(place: World) -> Iterator[None]:
    """The database forbids nothing as long as the test lasts."""
    world.drop_guard(place)
    yield
    world.empty(place)
    world.restore_guard(place)

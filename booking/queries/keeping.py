"""What is worked out from places and kept until they change (docs/decisions/011)."""

from collections.abc import Callable
from functools import lru_cache
from typing import ParamSpec, TypeVar, cast

P = ParamSpec("P")
Answer = TypeVar("Answer")
forgetting: list[Callable[[], None]] = []


def kept_with_places(size: int) -> Callable[[Callable[P, Answer]], Callable[P, Answer]]:
    """Keeps so many answers, as `lru_cache` does, until places change: an answer holds on to a
    whole atlas, and old ones must not stay."""

    def keeping(work: Callable[P, Answer]) -> Callable[P, Answer]:
        kept = lru_cache(size)(work)
        forgetting.append(kept.cache_clear)
        return cast("Callable[P, Answer]", kept)

    return keeping


def forget() -> None:
    """Another atlas is read: nothing of the one before is kept."""
    for one in forgetting:
        one()

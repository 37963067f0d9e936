"""Who a page is open to. Every view says so; the application refuses to start if one does not."""

from collections.abc import Callable
from typing import TypeVar

EVERYONE, MEMBERS, DECIDERS, ADMINISTRATORS = "everyone", "members", "deciders", "administrators"
AUDIENCES = (EVERYONE, MEMBERS, DECIDERS, ADMINISTRATORS)

View = TypeVar("View", bound=Callable[..., object])


def open_to(audience: str) -> Callable[[View], View]:
    """Marks a view. The finer question (whose reservation, which venue) is asked by actions."""
    if audience not in AUDIENCES:
        raise ValueError(audience)

    def mark(view: View) -> View:
        view.open_to = audience  # type: ignore[attr-defined]
        return view

    return mark


def audience_of(view: Callable[..., object]) -> str | None:
    """Who the view is open to; None if it never said."""
    return getattr(view, "open_to", None)

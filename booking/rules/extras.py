"""What a reservation takes beside its space: how many there are, who is asked, what it costs.

Counts say how many pieces of each extra, by its slug; they hold no zero.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from booking.errors import Refusal

Counts = Mapping[str, int]


@dataclass(frozen=True)
class Stock:
    """An extra as rules need it: `pieces` there are, or None where it never runs out.

    `price` is in cents excluding VAT, for one piece and the whole reservation.
    """

    name: Mapping[str, str]
    pieces: int | None = None
    on_request: bool = False
    price: int | None = None


def refusals(wanted: Counts, offered: Mapping[str, Stock]) -> list[Refusal]:
    """What the venue does not have, or not so many of; in the order wanted."""
    found = []
    for slug, count in wanted.items():
        stock = offered.get(slug)
        if stock is None:
            found.append(Refusal("extra-not-here", {"extra": slug}))
        elif stock.pieces is not None and count > stock.pieces:
            facts = {"extra": stock.name, "pieces": stock.pieces, "wanted": count}
            found.append(Refusal("extra-beyond-stock", facts))
    return found


def asks(wanted: Counts, offered: Mapping[str, Stock]) -> list[str]:
    """Why a manager is asked before it is a reservation: the code "extra", or nothing."""
    known = (offered[slug] for slug in wanted if slug in offered)
    return ["extra"] if any(stock.on_request for stock in known) else []


def price(wanted: Counts, offered: Mapping[str, Stock]) -> int:
    """What these would cost together, in cents excluding VAT; an unknown price counts nothing."""
    return sum(count * (offered[slug].price or 0) for slug, count in wanted.items())

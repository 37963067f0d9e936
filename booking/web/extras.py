"""What the form shows of the extras of a space: how many are left, and what they cost."""

from dataclasses import dataclass

from wtforms import Field

from booking import words
from booking.models.extras import Extra
from booking.queries.availability import Left, count_for
from booking.queries.extras import Held, beside, offered
from booking.queries.venues import SpaceFacts
from booking.queries.ways_out import Offer
from booking.rules import extras as rule
from booking.rules import prices as prices_rule
from booking.rules.extras import Counts
from booking.rules.periods import Period
from booking.web.forms.extras import PREFIX
from booking.web.forms.reservations import ReservationForm


@dataclass(frozen=True)
class Choice:
    """An extra with the field of its count. `left` at the chosen time, if that is known."""

    extra: Extra
    field: Field
    pieces: int | None
    left: int | None


def choices(form: ReservationForm, space: SpaceFacts, left: dict[str, Left]) -> list[Choice]:
    """What can be had beside the space, in the operator's order."""
    return [
        Choice(
            one.extra,
            form[PREFIX + slug],
            len(one.units) or None,
            left[slug].left if slug in left else None,
        )
        for slug, one in beside(space).items()
    ]


@dataclass(frozen=True)
class Cost:
    """A line of the summary: so many pieces, and their price in cents where it is known."""

    count: int
    extra: Extra
    price: int | None


def costs(space: SpaceFacts, counts: Counts) -> list[Cost]:
    """What is wanted beside the space, with what each costs."""
    return [
        Cost(
            counts[slug],
            one.extra,
            None if one.extra.price is None else one.extra.price * counts[slug],
        )
        for slug, one in beside(space).items()
        if slug in counts
    ]


def price(space: SpaceFacts, counts: Counts) -> int:
    """What the extras cost together, in cents excluding VAT; unknown prices count nothing."""
    known = offered(space)
    return rule.price({slug: n for slug, n in counts.items() if slug in known}, known)


def at(offer: Offer, counts: Counts) -> dict[str, int]:
    """What of the wanted extras an offer comes with."""
    return {slug: count for slug, count in counts.items() if slug not in offer.without}


def asks(space: SpaceFacts, counts: Counts) -> bool:
    """Whether a manager is asked because of what is wanted beside the space."""
    known = offered(space)
    return bool(rule.asks({slug: n for slug, n in counts.items() if slug in known}, known))


def names(space: SpaceFacts, slugs: tuple[str, ...]) -> list[str]:
    """What these extras are called here; by their slug where they are unknown."""
    known = {one.slug: words.said(one.extra.name) for one in space.venue.extras}
    return [known.get(slug, slug) for slug in slugs]


def in_words(held: list[Held]) -> str:
    """What a reservation has beside its space: 2 × Projector, 1 × Technician."""
    return words.pieces([(one.count, one.name) for one in held])


def price_hint(space: SpaceFacts, period: Period | None, people: int, counts: Counts) -> int | None:
    """Cents excluding VAT for the whole period, extras included; None where the space's price
    is unknown."""
    if period is None:
        return None
    prices = space.space.price_hour, space.space.price_half_day, space.space.price_day
    each = prices_rule.hint(*prices, period.length)
    units = count_for(space, people) if space.pool else 1
    return None if each is None else each * units + price(space, counts)

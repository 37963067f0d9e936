"""What venues and spaces of a network file have beside: periods, trainings, extras, equipment."""

from collections.abc import Collection
from decimal import Decimal

from booking.outside import network_values as v
from booking.outside.network_fields import Fields, Reader, listed
from booking.outside.network_marks import invented
from booking.outside.network_places import span, takes
from booking.outside.yaml_nodes import Node
from booking.rules.network import (
    FEATURES,
    DayPart,
    ExtraPlan,
    TrainingPlan,
    Words,
    no_words,
)

EXTRA_FACTS = ("name", "description", "takes", "on_request", "price", "vat", "spaces")
Prices = tuple[int | None, int | None, int | None, Decimal | None]
NO_PRICES: Prices = (None, None, None, None)


def day_part(slug: str, node: Node) -> DayPart:
    """``{name: {fr: Matin, en: Morning}, hours: "09:00-13:00"}``."""
    fields = Fields(node, ("name", "hours"))
    name = fields.need("name", v.words(v.line_of_text), no_words())
    opens, closes = fields.need("hours", span, (0, 1440))
    fields.done()
    return DayPart(slug, name, opens, closes)


def training(slug: str, node: Node) -> TrainingPlan:
    """``{name: {fr: …, en: …}}``."""
    fields = Fields(node, ("name",))
    name = fields.need("name", v.words(v.line_of_text), no_words())
    fields.done()
    return TrainingPlan(slug, name)


def extra(
    slug: str, node: Node, *, codes: Collection[str] | None, spaces: Collection[str]
) -> ExtraPlan:
    """What can be taken beside a space: of the venue's units ``codes``, beside ``spaces``."""
    fields = Fields(node, (*EXTRA_FACTS, "demo"))
    price = fields.may("price", v.cents, None)
    rate = fields.need if fields.has("price") else fields.may
    plan = ExtraPlan(
        slug=slug,
        name=fields.need("name", v.words(v.line_of_text), no_words()),
        description=fields.may("description", v.words(v.long_text), no_words()),
        units=fields.may("takes", takes(codes), ()),
        on_request=fields.may("on_request", v.flag, False),
        price=price,
        vat_rate=rate("vat", v.percent, None),
        spaces=fields.may("spaces", listed(v.one_of(spaces, "space"), or_one=True), ()),
        demo_fields=invented(fields, EXTRA_FACTS),
    )
    fields.check(fields.has("price") or not fields.has("vat"), "say a price", "vat")
    fields.done()
    return plan


def prices(node: Node) -> Prices:
    """Per hour, half-day and day in cents, those that are given, and the rate."""
    fields = Fields(node, ("hour", "half_day", "day", "vat"))
    hour = fields.may("hour", v.cents, None)
    half_day = fields.may("half_day", v.cents, None)
    day = fields.may("day", v.cents, None)
    vat = fields.need("vat", v.percent, None)
    given = any(fields.has(key) for key in ("hour", "half_day", "day"))
    fields.check(given, "say a price per hour, half_day or day")
    fields.done()
    return hour, half_day, day, vat


def thing() -> Reader[Words]:
    """A piece of equipment: words, and perhaps under ``is`` what one can search for."""
    said = v.words(v.line_of_text)
    feature = v.one_of(FEATURES, "feature")

    def equipment(node: Node) -> Words:
        if not isinstance(node.value, dict) or "is" not in node.value:
            return said(node)
        named = {key: one for key, one in node.value.items() if key != "is"}
        fields = Fields(Node(node.line, node.path, {"is": node.value["is"]}), ("is",))
        name = fields.part(Node(node.line, node.path, named), said, no_words())
        kind = fields.may("is", feature, "")
        fields.done()
        return name | ({"is": kind} if kind else {})

    return equipment

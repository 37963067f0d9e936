"""The marks of a network file: which values are invented, which come from a source."""

from collections.abc import Collection

from booking.outside.network_fields import Fields, listed
from booking.outside.network_values import one_of, source_named
from booking.outside.yaml_nodes import Node

MARKS = ("sourced", "demo", "sources")


def invented(fields: Fields, facts: Collection[str]) -> tuple[str, ...]:
    """The fields marked demo. ``demo: all`` marks every one that is given."""
    marked = listed(one_of(facts, "field"))

    def demo(node: Node) -> tuple[str, ...]:
        given = tuple(key for key in facts if fields.has(key))
        return given if node.value == "all" else marked(node)

    return fields.may("demo", demo, ())


def marks(fields: Fields, facts: Collection[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The invented fields and the sources."""
    sourced = fields.may("sourced", listed(one_of(facts, "field")), ())
    demo = invented(fields, facts)
    sources = fields.may("sources", listed(source_named), ())
    for both in sorted(set(sourced) & set(demo)):
        fields.check(False, f'"{both}" is marked both sourced and demo', "demo")
    fields.check(
        not sourced or fields.has("sources"),
        "name the sources of these fields (sources)",
        "sourced",
    )
    return demo, sources

"""Figures and their bounds (docs/performance.md): a line each, `name value unit bound verdict`."""

from dataclasses import dataclass, field

BOUNDS = {
    "small.day": 7,
    "small.search": 7,
    "small.search-rooms": 7,
    "small.create": 9,
    "growth.day": 1.2,
    "growth.search": 1.2,
    "growth.search-rooms": 1.2,
    "feed-1640": 20,
    "feed-25000": 300,
    "304-1640": 3,
    "first-answer": 2,
    "memory-pss": 200,
    "series-366.look": 2,
    "series-366.make": 2,
    "race-500.faults": 0,
    "race-500.last-answer": 5,
}
"""The most that is allowed, on PostgreSQL. What has no bound here is for information."""


@dataclass
class Report:
    """Prints each figure of one kind of database as it is known; remembers which were missed."""

    kind: str
    missed: list[str] = field(default_factory=list)

    def say(self, name: str, value: float, unit: str) -> None:
        bound = BOUNDS.get(name) if self.kind == "postgresql" else None
        verdict = "info" if bound is None else "ok" if value <= bound else "MISSED"
        if verdict == "MISSED":
            self.missed.append(name)
        limit = "-" if bound is None else f"{bound:g}"
        print(f"{self.kind}.{name} {value:.4g} {unit} {limit} {verdict}", flush=True)

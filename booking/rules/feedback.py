"""What is asked after a reservation, when, and from how many answers on who reads what."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

QUESTIONS = ("place", "welcome")
"""What marks are asked for; the third question is answered in words."""
MARKS = (1, 2, 3, 4, 5)
LONGEST = 1000
"""Characters of the answer in words."""
ASKED_WITHIN = timedelta(days=7)
"""Of what ended longer ago nobody is asked: a worker that was away, or has just been installed."""
LASTS = timedelta(days=30)
"""So long the link in the mail takes an answer."""
REST = timedelta(days=30)
"""So long after one mail about a series there is no other about it."""
PUBLIC_FROM, SHOWN_FROM = 5, 3
"""From so many answers on everybody, and the managers, read what was answered."""
MONTHS = 12
"""So many calendar months count, this one among them; what was said in words is kept as long."""


def month_of(on: date) -> date:
    """All that is kept of a day: the first of its month."""
    return on.replace(day=1)


def since(on: date) -> date:
    """The first month that counts on that day."""
    first = month_of(on)
    for _ in range(MONTHS - 1):
        first = month_of(first - timedelta(days=1))
    return first


def after(month: date) -> date:
    """The month that follows."""
    return month_of(month + timedelta(days=31))


@dataclass(frozen=True)
class Marks:
    """How many gave 1, 2, 3, 4 and 5 to one question."""

    counts: tuple[int, ...] = (0,) * len(MARKS)

    @property
    def total(self) -> int:
        """How many answered."""
        return sum(self.counts)

    @property
    def points(self) -> int:
        """All marks together."""
        return sum(mark * count for mark, count in zip(MARKS, self.counts, strict=True))

    @property
    def average(self) -> float:
        """Between 1 and 5. Raises ZeroDivisionError where nobody answered."""
        return self.points / self.total

    def share(self, mark: int) -> float:
        """How many of a hundred gave this mark."""
        return 100 * self.counts[mark - 1] / self.total


@dataclass(frozen=True)
class Result:
    """All answers about one space. Everybody who answers marks both questions."""

    place: Marks = Marks()
    welcome: Marks = Marks()

    @property
    def answers(self) -> int:
        """How many there are."""
        return self.place.total

    @property
    def average(self) -> float:
        """Of both questions together. Raises ZeroDivisionError where nobody answered."""
        return (self.place.points + self.welcome.points) / (2 * self.answers)


def result_of(rows: Iterable[tuple[int, int, int]]) -> Result:
    """The result of rows (mark of the place, mark of the welcome, how many answered so)."""
    counts: dict[str, list[int]] = {question: [0] * len(MARKS) for question in QUESTIONS}
    for place, welcome, count in rows:
        counts["place"][place - 1] += count
        counts["welcome"][welcome - 1] += count
    return Result(*(Marks(tuple(counts[question])) for question in QUESTIONS))


def spans(answers: Mapping[date, int]) -> list[tuple[date, date]]:
    """Months that are shown together (first, last), latest first: so many that each span has
    `SHOWN_FROM` answers or more. The latest, where there are too few yet, are in none.

    `answers`: how many there are, by month.
    """
    found: list[tuple[date, date]] = []
    first, count = None, 0
    for month in sorted(answers):
        first, count = first or month, count + answers[month]
        if count >= SHOWN_FROM:
            found.append((first, month))
            first, count = None, 0
    return found[::-1]

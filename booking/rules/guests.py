"""Guests of a reservation: who is meant by what somebody typed, how many there may be, and when
they are let in."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from email_validator import EmailNotValidError, validate_email

from booking.errors import Refusal
from booking.rules import texts
from booking.rules.periods import Period
from booking.rules.states import CHECKED_IN, CONFIRMED, REQUESTED

MOST = 100
"""Guests of one reservation, whatever it holds."""
A_DAY = 60
"""Invitations that a member sends within 24 hours: nobody writes to masses of strangers."""
A_DAYS_LENGTH = timedelta(hours=24)
TIMES = 5
"""So often the same guest of a reservation gets an invitation because somebody asked for it."""
EARLY = timedelta(hours=2)
"""So long before the start guests are let in."""
SHOWN = 20
"""So many lines that cannot be read are named one by one."""
COMING, DECLINED = "coming", "declined"
ANSWERS = (COMING, DECLINED)
INVITING = frozenset({REQUESTED, CONFIRMED, CHECKED_IN})
"""States of a reservation in which one invites; who is invited to a request waits for its yes."""
TOLD = frozenset({CONFIRMED, CHECKED_IN})
"""States in which guests are told of it and have their pass."""

ADDRESS = re.compile(r"(?:mailto:)?([^\s<>,;\"()\[\]]*@[^\s<>,;\"()\[\]]*)", re.IGNORECASE)
AROUND = " \t,;:<>()[]\"'“”«»•*–—-\u00a0\u202f"
"""What stands around a name in lists that people paste."""


@dataclass(frozen=True)
class Named:
    """Somebody who is to be invited: the name may be empty, the address is as it is stored."""

    name: str
    email: str


@dataclass
class Reading:
    """What was understood, nobody twice, and what was not."""

    guests: list[Named] = field(default_factory=list)
    wrong: list[Refusal] = field(default_factory=list)


def read(text: str, host: str = "", one: Named | None = None) -> Reading:
    """The people of a list: `Name <mail>`, `mail`, `mail, Name` … one a line, or several; and that
    one, who was named apart.

    `host` is the address of the one who invites, and counts already. Lines are numbered from 1 as
    they were typed.
    """
    own, found = texts.address(host), Reading()
    if one and one.email == own:
        found.wrong.append(Refusal("guest-is-host", {"line": 0}))
    elif one:
        found.guests.append(one)
    for number, line in enumerate(texts.clean(text).split("\n"), start=first_line(text)):
        read_line(found, number, texts.one_line(line), own)
    more = len(found.wrong) - SHOWN
    if more > 0:
        found.wrong[SHOWN:] = [Refusal("guests-unread", {"more": more})]
    return found


def read_line(found: Reading, number: int, line: str, own: str) -> None:
    """Adds who is meant by one line, and what is wrong with it."""
    if not line.strip(AROUND):
        return
    people = list(people_of(line))
    bad = [person.email for person in people if not is_address(person.email)]
    if not people or bad:
        shown = bad[0] if bad and len(people) > 1 else line
        found.wrong.append(Refusal("guest-unread", {"line": number, "text": shown[:80]}))
    if any(person.email == own for person in people):
        found.wrong.append(Refusal("guest-is-host", {"line": number}))
    for person in people:
        if person.email != own:
            add(found, person)


def first_line(text: str) -> int:
    """The number of the first line that is not blank: cleaning takes those before it away."""
    lines = texts.BREAKS.sub("\n", text).split("\n")
    return next((n for n, line in enumerate(lines, start=1) if texts.clean(line)), 1)


def add(found: Reading, one: Named) -> None:
    """One more, unless the address is no address, or there already."""
    known = {guest.email: at for at, guest in enumerate(found.guests)}
    at = known.get(one.email)
    if at is None and is_address(one.email):
        found.guests.append(one)
    elif at is not None and not found.guests[at].name:
        found.guests[at] = one


def people_of(line: str) -> Iterator[Named]:
    """Each address of a line with the name before it; with the one after it where a line begins
    with an address."""
    parts = ADDRESS.split(line)
    addresses, names = parts[1::2], [part.strip(AROUND) for part in parts[0::2]]
    after = not names[0] and any(names[1:]) and names[-1] != ""
    beside = names[1:] if after else names
    for name, address in zip(beside, addresses, strict=False):
        yield Named(texts.one_line(name)[:120], texts.address(address).strip(".'’"))


def is_address(email: str) -> bool:
    """Whether mail can be sent there, as far as one sees without asking anybody."""
    try:
        validate_email(email, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return False
    return len(email) <= 254


def room_for(people: int, had: int) -> int:
    """How many more guests there may be; less than none where there are too many. The people
    of a reservation are its host and the guests."""
    return min(people - 1, MOST) - had


def refusals(people: int, had: int, asked: int) -> list[Refusal]:
    """What stands against so many more guests of a reservation that has some."""
    left = max(room_for(people, had), 0)
    facts = {"people": people, "had": had, "asked": asked, "left": left}
    return [
        refusal
        for broken, refusal in [
            (asked == 0, Refusal("guests-nobody")),
            (asked > max(people - 1 - had, 0), Refusal("guests-too-many", facts)),
            (had + asked > MOST, Refusal("guests-most", {"most": MOST, "had": had})),
        ]
        if broken
    ]


def too_many_today(sent: int, asked: int) -> list[Refusal]:
    """What stands against so many more invitations by one member, after those of 24 hours."""
    if sent + asked <= A_DAY:
        return []
    return [Refusal("guests-today", {"most": A_DAY, "left": max(A_DAY - sent, 0)})]


def window(period: Period) -> Period:
    """When guests are let in."""
    return Period(period.start - EARLY, period.end)


def counted(answers: Collection[str | None]) -> int:
    """How many of these guests take a place: who cannot come does not."""
    return sum(answer != DECLINED for answer in answers)


def tally(answers: Sequence[str | None]) -> tuple[int, int, int]:
    """How many come, how many cannot, and how many have not answered."""
    coming, declined, open_ = (list(answers).count(said) for said in (*ANSWERS, None))
    return coming, declined, open_

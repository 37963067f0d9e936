"""Passwords: how strong one must be, and how it is kept (law.md R7: CNIL 2022-100)."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import CHEAPEST, RFC_9106_LOW_MEMORY

LONGEST = 128
COMMON = frozenset(
    {
        "motdepasse",
        "password",
        "azertyuiop",
        "qwertyuiop",
        "bonjour",
        "marseille",
        "coworking",
        "123456789",
        "1234567890",
    }
)


class Hashing:
    """The cost in force for this process; tests turn it down, nothing else does."""

    hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
    nobody = (
        "$argon2id$v=19$m=65536,t=3,p=4$gyy71GCS08+Pano8nsOIGg"
        "$mk+4rRlmOUKlGJYlk+S9DS7hIltjo86zYCQqQItzBc8"
    )
    """A hash of the same cost, of a password nobody knows: an unknown address takes as long."""


def cheapen() -> None:
    """For tests alone: hashing that costs nothing."""
    Hashing.hasher = PasswordHasher.from_parameters(CHEAPEST)
    Hashing.nobody = Hashing.hasher.hash("nobody has this password")


def weakness(password: str, about: tuple[str, ...] = ()) -> str | None:
    """Why this password will not do, as a stable code, or None if it will.

    Strong is 12 characters of four kinds, 14 of three, or seven words. `about` are the
    member's own name and address, which it must not contain.
    """
    if len(password) > LONGEST:
        return "password-too-long"
    if not strong(password):
        return "password-weak"
    plain = password.lower()
    own = [part for text in about for part in text.lower().replace("@", " ").split()]
    if any(len(part) >= 4 and part in plain for part in own):
        return "password-about-you"
    if any(plain.startswith(word) for word in COMMON):
        return "password-common"
    return None


def strong(password: str) -> bool:
    """Long and varied enough, by one of the three ways."""
    kinds = sum(
        [
            any(c.islower() for c in password),
            any(c.isupper() for c in password),
            any(c.isdigit() for c in password),
            any(not c.isalnum() and not c.isspace() for c in password),
        ]
    )
    words = {word for word in password.split() if len(word) >= 2}
    varied = len(set(password)) >= 6
    return varied and (
        (len(password) >= 12 and kinds == 4)
        or (len(password) >= 14 and kinds >= 3)
        or len(words) >= 7
    )


def hashed(password: str) -> str:
    """The slow, salted hash that is kept (argon2id)."""
    return Hashing.hasher.hash(password)


def matches(kept: str | None, password: str) -> bool:
    """Whether the password is the one kept; takes the same time when there is none."""
    try:
        return Hashing.hasher.verify(kept or Hashing.nobody, password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False

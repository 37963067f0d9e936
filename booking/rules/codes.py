"""Names that cannot be guessed: reservation codes, tokens, and how tokens are stored."""

import hashlib
import re
import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""No 0/O, 1/I/L: a code is read out over the phone."""


def reservation_code() -> str:
    """Something like R7K-3QFH: 31^7 possibilities, not countable, easy to say."""
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(7))
    return f"{drawn[:3]}-{drawn[3:]}"


def tidy(code: str) -> str:
    """A code as it is stored, however a person typed it: upper case, with its dash."""
    plain = re.sub(r"[^0-9A-Z]", "", code.upper())[:7]
    return f"{plain[:3]}-{plain[3:]}"


def token() -> str:
    """192 random bits, safe in a URL."""
    return secrets.token_urlsafe(24)


def digest(secret: str) -> str:
    """How a token is stored: SHA-256 in hex. A random token needs no salt and no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()

"""The only reader of the environment. Every setting is listed in docs/operate.md.

In production the start is refused, with the whole list, while something needed is missing.
"""

import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).parent
INSTANCE = ROOT / "instance"
ENVIRONMENTS = ("development", "production", "test")
REQUIRED = ("SECRET_KEY", "DATABASE_URL", "BASE_URL", "MAIL_URL", "MAIL_FROM")


class BadConfig(Exception):
    """The settings do not allow a start; `problems` says why, one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(
            "Settings to mend before a start:\n" + "\n".join(f"- {p}" for p in problems)
        )
        self.problems = problems


def settings(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Flask's configuration from environment variables. Raises BadConfig."""
    problems: list[str] = []
    env = environ.get("APP_ENV", "development")
    if env not in ENVIRONMENTS:
        problems.append(f"APP_ENV is {env!r}; it must be one of {', '.join(ENVIRONMENTS)}")
    given = {name: secret(environ, name, problems) for name in REQUIRED}
    if env == "production":
        problems += [f"{name} is not set" for name in REQUIRED if not given[name]]
    port = number(environ, "PORT", 5000, problems)
    base_url = (given["BASE_URL"] or f"http://127.0.0.1:{port}").rstrip("/")
    if given["BASE_URL"]:
        problems += bad_base_url(base_url, env)
    key = given["SECRET_KEY"] or ""
    if env == "production" and key and len(key) < 32:
        problems.append("SECRET_KEY is shorter than 32 characters")
    hops = number(environ, "PROXY_HOPS", 0, problems)
    sender = given["MAIL_FROM"] or "reservations@demo.example"
    if not re.fullmatch(r"[^\s<>@]+@[^\s<>@]+", sender):
        problems.append(f"MAIL_FROM is {sender!r}; it must be a bare address: name@example.org")
    problems += bad_addresses(given, environ.get("RATE_LIMIT_STORAGE", "memory://"))
    cheap = environ.get("PASSWORD_HASHING", "") == "cheapest"
    if cheap and env != "test":
        problems.append("PASSWORD_HASHING=cheapest is for APP_ENV=test alone")
    if problems:
        raise BadConfig(problems)
    secure = base_url.startswith("https://")
    return {
        "APP_ENV": env,
        "TESTING": env == "test",
        "SECRET_KEY": key or development_key(),
        "SQLALCHEMY_DATABASE_URI": given["DATABASE_URL"]
        or f"sqlite:///{INSTANCE / 'booking.sqlite3'}",
        # What people typed stays out of the log of database errors.
        "SQLALCHEMY_ENGINE_OPTIONS": {"hide_parameters": True},
        "BASE_URL": base_url,
        "PORT": port,
        "HOST": environ.get("HOST", "127.0.0.1"),
        "TRUSTED_HOSTS": trusted_hosts(base_url, environ.get("TRUSTED_HOSTS", "")),
        "PROXY_HOPS": hops,
        "MAIL_URL": given["MAIL_URL"] or f"file:{INSTANCE / 'mail'}",
        "MAIL_FROM": sender,
        "RATELIMIT_STORAGE_URI": environ.get("RATE_LIMIT_STORAGE", "memory://"),
        "RATELIMIT_ENABLED": environ.get("RATE_LIMITS", "on") != "off",
        "CHEAP_PASSWORDS": cheap,
        "SESSION_COOKIE_NAME": "__Host-session" if secure else "session",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "MAX_CONTENT_LENGTH": 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 256 * 1024,
        "BABEL_DEFAULT_LOCALE": "fr",
        "BABEL_DEFAULT_TIMEZONE": "Europe/Paris",
        "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "booking" / "translations"),
        "WTF_CSRF_TIME_LIMIT": None,
    }


def secret(environ: Mapping[str, str], name: str, problems: list[str]) -> str | None:
    """The value of NAME, or the content of the file that NAME_FILE points to."""
    path = environ.get(f"{name}_FILE")
    if not path:
        return environ.get(name) or None
    try:
        return Path(path).read_text(encoding="utf-8").strip() or None
    except OSError as error:
        problems.append(f"{name}_FILE cannot be read: {error.strerror}")
    except UnicodeDecodeError:
        problems.append(f"{name}_FILE is not text in UTF-8")
    return None


def number(environ: Mapping[str, str], name: str, default: int, problems: list[str]) -> int:
    """A whole number, zero or more."""
    text = environ.get(name, "")
    if not text:
        return default
    if not text.isdecimal() or int(text) > 65535:
        problems.append(f"{name} is {text!r}; it must be a whole number up to 65535")
        return default
    return int(text)


def bad_addresses(given: Mapping[str, str | None], counted_in: str) -> list[str]:
    """Addresses of a kind we do not know; the values are secret and are not repeated."""
    kinds = {
        "DATABASE_URL": (given["DATABASE_URL"], ("sqlite:///", "postgresql://")),
        "MAIL_URL": (given["MAIL_URL"], ("smtp://", "smtps://", "file:")),
        "RATE_LIMIT_STORAGE": (counted_in, ("memory://", "redis://", "rediss://")),
    }
    return [
        f"{name} must start with {' or '.join(starts)}"
        for name, (value, starts) in kinds.items()
        if value and not value.startswith(starts)
    ]


def bad_base_url(base_url: str, env: str) -> list[str]:
    """What is wrong with the public address, if anything."""
    wrong = [f"BASE_URL is {base_url!r}; it must look like https://reserver.example.org"]
    try:
        parts = urlsplit(base_url)
        port = parts.port
    except ValueError:
        return wrong
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        return wrong
    if parts.path or parts.query or parts.fragment:
        return wrong
    if env == "production" and parts.scheme != "https":
        return ["BASE_URL must start with https:// in production"]
    return []


def trusted_hosts(base_url: str, more: str) -> list[str]:
    """Names this installation answers to: that of its own address, and those listed."""
    own = urlsplit(base_url).hostname or ""
    local = ["localhost", "127.0.0.1"] if own in ("localhost", "127.0.0.1") else []
    return [own, *local, *(host.strip() for host in more.split(",") if host.strip())]


def development_key() -> str:
    """A key for one machine, kept beside the database so that sign-ins outlive a restart."""
    path = INSTANCE / "secret_key"
    if path.exists():
        return path.read_text(encoding="utf-8")
    INSTANCE.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(secrets.token_hex(32), encoding="utf-8")
    return path.read_text(encoding="utf-8")

"""How the system writes down what happens: lines for people at a desk, JSON on a server.

Names of things, ids and codes go in; passwords, tokens and whole addresses never do.
"""

import sys

import structlog


def configure(json: bool) -> None:
    """One line per event on standard error, with an instant in UTC."""
    last = (
        structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            last,
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )

"""Headers on every answer, tokens on every form, and limits before anything costs."""

from flask import Flask, Response, current_app, request, session
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf import CSRFProtect

from booking.rules.texts import address

csrf = CSRFProtect()
limiter = Limiter(get_remote_address, headers_enabled=False)

POLICY = "; ".join(
    [
        "default-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
A_YEAR = "max-age=31536000; includeSubDomains"


def by_email() -> str:
    """Attempts are counted for the address as it is looked up, wherever they come from."""
    return f"email:{address(request.form.get('email'))[:254]}"


def posts_nothing() -> bool:
    """Only submitting counts; looking at a form does not."""
    return request.method != "POST"


def when_mailed(response: Response) -> bool:
    """Only what was answered with a mail counts; a form that has to be mended does not."""
    return response.status_code == 200


def add_headers(response: Response) -> Response:
    """The same protection on pages, errors and feeds. Pages are never kept by a cache."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if current_app.config["BASE_URL"].startswith("https://"):
        response.headers.setdefault("Strict-Transport-Security", A_YEAR)
    if request.endpoint == "static":
        return response
    if "Cache-Control" not in response.headers:
        private = "_user_id" in session or session.modified or request.method == "POST"
        response.headers["Cache-Control"] = "no-store" if private else "private, no-cache"
    response.vary.update(["Cookie", "Accept-Language"])
    return response


def init_app(app: Flask) -> None:
    """Hooks all three into the application."""
    csrf.init_app(app)
    limiter.init_app(app)
    app.after_request(add_headers)

"""The one cookie, and the proof that a request came from one of our own pages."""

from __future__ import annotations

import hashlib
import hmac
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from starlette.responses import Response

from domain.settings import Settings

NAME = "lh_session"
CSRF_HEADER = "x-csrf-token"


def set_session(response: Response, token: str, settings: Settings) -> None:
    """HttpOnly, SameSite=Lax, for as long as the session lasts; Secure where the settings say that there is TLS."""
    response.set_cookie(
        NAME,
        token,
        max_age=settings.web.session_days * 86_400,
        path="/",
        httponly=True,
        samesite="lax",
        secure=settings.web.secure_cookies,
    )


def clear_session(response: Response, settings: Settings) -> None:
    response.delete_cookie(NAME, path="/", httponly=True, samesite="lax", secure=settings.web.secure_cookies)


def read_session(headers: list[tuple[bytes, bytes]]) -> str | None:
    """The token in raw ASGI headers."""
    jar: SimpleCookie = SimpleCookie()
    for name, value in headers:
        if name == b"cookie":
            try:
                jar.load(value.decode("latin-1"))
            except CookieError:
                return None
    return jar[NAME].value if NAME in jar else None


def csrf_token(session_token: str) -> str:
    """What a page of ours sends in X-CSRF-Token: it is given to pages, while the cookie cannot be read by them."""
    return hmac.new(session_token.encode(), b"leadhouse csrf", hashlib.sha256).hexdigest()


def is_same_origin(origin: str | None, host: str | None) -> bool:
    """Whether a browser says that the request comes from a page of the host it goes to. No Origin is no proof."""
    return bool(origin and host) and urlsplit(origin or "").netloc.lower() == (host or "").lower()

"""The cookie in which a browser keeps its session."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import HTTPConnection
from starlette.responses import Response

from sensor_hub.web.session import COOKIE, SESSION_SECONDS


@dataclass(frozen=True, slots=True)
class SessionCookie:
    """`is_secure`: the site is reached by https, so the cookie never travels without it; it does not either where a
    request came by https, as a trusted proxy says. Its name then makes browsers refuse one that another host or path
    has set (RFC 6265bis, 4.1.3.2)."""

    is_secure: bool
    lasts: float = SESSION_SECONDS

    def of(self, connection: HTTPConnection) -> str:
        """Its value; empty where there is none."""
        return connection.cookies.get(_name(self._is_secure(connection)), "")

    def put(self, connection: HTTPConnection, answer: Response, value: str) -> None:
        secure = self._is_secure(connection)
        answer.set_cookie(_name(secure), value, int(self.lasts), httponly=True, samesite="lax", secure=secure, path="/")

    def drop(self, connection: HTTPConnection, answer: Response) -> None:
        secure = self._is_secure(connection)
        answer.delete_cookie(_name(secure), httponly=True, samesite="lax", secure=secure, path="/")

    def _is_secure(self, connection: HTTPConnection) -> bool:
        return self.is_secure or connection.scope["scheme"] == "https"


def _name(is_secure: bool) -> str:
    return f"__Host-{COOKIE}" if is_secure else COOKIE

"""The cookie in which a browser keeps its session."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import HTTPConnection
from starlette.responses import Response

from sensor_hub.web.session import COOKIE, SESSION_SECONDS


@dataclass(frozen=True, slots=True)
class SessionCookie:
    """`is_secure`: the site is reached by https, so the cookie never travels without it. Its name then makes browsers
    refuse one that another host or path has set (RFC 6265bis, 4.1.3.2)."""

    is_secure: bool
    lasts: float = SESSION_SECONDS

    @property
    def name(self) -> str:
        return f"__Host-{COOKIE}" if self.is_secure else COOKIE

    def of(self, connection: HTTPConnection) -> str:
        """Its value; empty where there is none."""
        return connection.cookies.get(self.name, "")

    def put(self, answer: Response, value: str) -> None:
        answer.set_cookie(
            self.name, value, int(self.lasts), httponly=True, samesite="lax", secure=self.is_secure, path="/"
        )

    def drop(self, answer: Response) -> None:
        answer.delete_cookie(self.name, httponly=True, samesite="lax", secure=self.is_secure, path="/")

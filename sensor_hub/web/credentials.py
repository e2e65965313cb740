"""How the gate learns who is asking: a cookie for people, an Authorization header for programs."""

from __future__ import annotations

import base64
import binascii
from typing import NamedTuple, Protocol

from sensor_hub.access.principal import first_start
from sensor_hub.web.session import LONGEST_NAME, Password, Session, Sessions


class Challenge(NamedTuple):
    """What is said to whoever could not show who they are. It tells nothing of what they sent."""

    detail: str
    scheme: str
    """Of `WWW-Authenticate`."""


class Credentials(Protocol):
    """Says whose a cookie or a header is. Neither call raises anything but CrowdedError; both may wait."""

    @property
    def challenge(self) -> Challenge: ...

    async def of_cookie(self, cookie: str) -> Session | None:
        """The session that the cookie proves; None where it is forged, too old, ended or none."""

    async def of_header(self, header: str, address: str) -> Session | None:
        """Whose an Authorization header is, sent from this address; None where it is nobody's."""

    async def still(self, cookie: str, header: str) -> Session | None:
        """Whose the cookie, or else the header, is by now, of which one of the others has said so before. That is no
        use of it, which would prolong a session."""


class SharedPassword:
    """The hub's own password, with any name: lets in whoever has it, for everything."""

    challenge = Challenge("Send the hub's password by HTTP Basic, or sign in at /login.", 'Basic realm="sensor-hub"')

    def __init__(self, sessions: Sessions, password: Password) -> None:
        self.sessions = sessions
        self.password = password

    async def of_cookie(self, cookie: str) -> Session | None:
        return self.sessions.read(cookie)

    async def of_header(self, header: str, address: str) -> Session | None:
        name, password = basic(header)
        if password and await self.password.is_right(password, address):
            return Session(first_start(name[:LONGEST_NAME]))
        return None

    async def still(self, cookie: str, header: str) -> Session | None:
        # Another password comes with another start of the hub alone.
        return self.sessions.read(cookie) if cookie else Session(first_start(basic(header)[0][:LONGEST_NAME]))


def basic(header: str) -> tuple[str, str]:
    """Name and password of an Authorization header; two empty ones where it holds none."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        name, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return name, password

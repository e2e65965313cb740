"""Serves the pages, in a thread of the hub."""

from __future__ import annotations

import logging
import secrets
import socket
import threading
from collections.abc import Sequence
from typing import Protocol

import uvicorn
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from fastapi import FastAPI

from sensor_hub.model.problem import InputError
from sensor_hub.storage.hub_memory import SqlHubMemory

log = logging.getLogger(__name__)


class Events(Protocol):
    def start(self) -> None: ...
    def stop(self, within: float) -> None: ...


class PageServer:
    """uvicorn over one listening socket."""

    def __init__(
        self, site: FastAPI, host: str, port: int, trusted_proxies: Sequence[str] = (), events: Events | None = None
    ) -> None:
        """`trusted_proxies`: addresses or networks whose word is taken for who asks, and whether by https.

        `events`: begins and ends with the pages.
        """
        self._events = events
        self.host = host
        self.port = port
        # Its own log would name those who ask; closing waits for slow readers no longer than the hub may take to stop.
        # No other's word is taken for who asks: lock-outs and quotas go by the address that really connected.
        config = uvicorn.Config(
            site,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=1,
            lifespan="off",
            proxy_headers=bool(trusted_proxies),
            forwarded_allow_ips=list(trusted_proxies),
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="pages", daemon=True)
        self._socket: socket.socket | None = None

    def start(self) -> None:
        """Listens; InputError where it may not, or another program does."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        # With its protocol named asyncio sends at once; else each answer would wait 40 ms for the reader's delayed ACK.
        self._socket = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._socket.bind((self.host, self.port))
        except OSError as error:
            self._socket.close()
            where = f"pages, {self.host}:{self.port}"
            raise InputError(
                f"cannot listen ({error.strerror})", where=where, expected="a free port in [web]"
            ) from error
        if self._events is not None:
            self._events.start()
        self._thread.start()

    def stop(self, within: float) -> None:
        # First those whose answers have no end.
        if self._events is not None:
            self._events.stop(within / 4)
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(within)
        if self._socket is not None:
            self._socket.close()

    def _run(self) -> None:
        assert self._socket is not None
        self._server.run(sockets=[self._socket])


def password_hash(password: str, memory: SqlHubMemory) -> str:
    """The password's hash; the one made before as long as the password is the same, so that sessions last."""
    kept = memory.get("web_password_hash")
    if kept is not None:
        try:
            PasswordHasher().verify(kept, password)
        except (VerificationError, InvalidHashError):
            log.info("the pages have a new password: everybody has to sign in again")
        else:
            return kept
    made = PasswordHasher().hash(password)
    memory.keep("web_password_hash", made)
    return made


def session_secret(memory: SqlHubMemory) -> str:
    """What signs sessions: made once."""
    kept = memory.get("web_secret")
    if kept is None:
        kept = secrets.token_urlsafe(32)
        memory.keep("web_secret", kept)
    return kept

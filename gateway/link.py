"""One connection to a broker, opened again for ever, with growing and scattered pauses.

Every connection has a client of its own. So nothing that was queued in one is sent in the next (what is to be sent is
known by the outbox, not by the client), and an acknowledgement that comes late cannot confirm another message that has
got the same number.
"""

from __future__ import annotations

import logging
import random
import socket
import ssl
from dataclasses import dataclass
from threading import Event, Thread
from typing import Protocol

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from gateway.line import Ahead, Line, Taker
from gateway.settings import Server

log = logging.getLogger(__name__)

KEEPALIVE = 30
CONNECT_WITHIN = 10.0
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 60.0
MOST_QUEUED = 64


@dataclass(frozen=True, slots=True)
class Identity:
    """How a client names itself. `is_lasting`: the broker keeps what comes for it while it is away."""

    label: str
    """What the log calls the other end."""
    client_id: str
    is_lasting: bool


class Use(Taker, Protocol):
    """What somebody does with a connection; called in the link's thread."""

    def prepare(self, client: Client) -> None:
        """Before it is opened: the last will, the callbacks but that for messages."""

    def opened(self, client: Client) -> None:
        """The broker has taken us in."""

    def closed(self) -> None:
        """It is gone, or could not be opened."""


class Link:
    """Keeps a connection open from `start` to `stop`."""

    def __init__(self, server: Server, identity: Identity, use: Use) -> None:
        self._server = server
        self._identity = identity
        self._use = use
        self._stopping = Event()
        self._line: Line | None = None
        self._is_open = False
        self._failures = 0
        self._refusal = ""
        self._told = ""
        self._thread = Thread(target=self._keep_open, name=identity.label, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Says goodbye to the broker, so that it does not publish the last will."""
        self._stopping.set()
        line = self._line
        if line is not None:
            line.client.disconnect()
            line.wake()

    def flush(self) -> None:
        """What was confirmed is to be told the broker. Any thread may call it."""
        line = self._line
        if line is not None:
            line.flush()

    def join(self, timeout: float) -> None:
        self._thread.join(timeout)

    @property
    def is_open(self) -> bool:
        """Whether the broker has taken us in."""
        return self._is_open

    @property
    def is_alive(self) -> bool:
        """Whether its thread runs, connected or not."""
        return self._thread.is_alive()

    def _keep_open(self) -> None:
        pause = FIRST_PAUSE
        while not self._stopping.is_set():
            if self._connect():
                pause = FIRST_PAUSE
            # Scattered, so that many homes do not come back to a broker in step.
            self._stopping.wait(random.uniform(0.5, 1.0) * pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _connect(self) -> bool:
        """Opens a connection and stays with it until it ends; whether it was open."""
        was_open = False
        client: Ahead | None = None
        try:
            client = self._new_client()
            why = self._stay(client)
        except Exception as error:  # noqa: BLE001 - whatever a broker sends, the next attempt may go well
            why = f"{type(error).__name__}: {error}"
        finally:
            was_open, self._is_open, self._line = self._is_open, False, None
        self._use.closed()
        if client is not None:
            client.disconnect()
        if not self._stopping.is_set():
            self._note_failure(self._refusal or why)
        return was_open

    def _stay(self, client: Ahead) -> str:
        code = MQTTErrorCode.MQTT_ERR_SUCCESS
        waker, woken = socket.socketpair()
        with waker, woken:
            waker.setblocking(False)
            line = self._line = Line(client, self._use, (waker, woken))
            client.connect(self._server.host, self._server.port, keepalive=KEEPALIVE)
            while code == MQTTErrorCode.MQTT_ERR_SUCCESS:
                if self._stopping.is_set() and not client.want_write():
                    client.disconnect()
                code = line.turn()
        return "the connection ended"

    def _new_client(self) -> Ahead:
        client = Ahead(
            CallbackAPIVersion.VERSION2,
            client_id=self._identity.client_id,
            clean_session=not self._identity.is_lasting,
            protocol=MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        client.connect_timeout = CONNECT_WITHIN
        client.max_queued_messages_set(MOST_QUEUED)
        if self._server.username is not None:
            client.username_pw_set(self._server.username, self._server.password)
        if self._server.tls:
            client.tls_set_context(_tls(self._server))
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        self._use.prepare(client)
        return client

    def _on_connect(
        self, client: Client, _data: object, _flags: ConnectFlags, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        if reason.is_failure:
            self._refusal = f"refused: {reason}"
            return
        self._is_open, self._refusal = True, ""
        tries = f" after {self._failures} failed attempts" if self._failures else ""
        log.info("%s: connected%s", self._identity.label, tries)
        self._failures = 0
        self._use.opened(client)

    def _on_disconnect(
        self, _client: Client, _data: object, _flags: DisconnectFlags, reason: ReasonCode, _p: Properties | None
    ) -> None:
        if reason.is_failure and not self._refusal:
            self._refusal = str(reason)

    def _note_failure(self, why: str) -> None:
        self._failures += 1
        self._refusal = ""
        if self._failures == 1 or why != self._told:
            self._told = why
            log.warning("%s: no connection (%s); trying again until there is one", self._identity.label, why)


def _tls(server: Server) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=None if server.ca is None else str(server.ca))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not server.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context

"""What a broker's log tells of refusals: wrong passwords, and topics that are not a gateway's own."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

MOST_BYTES = 2**20
"""Of the embedded broker's log on disk, give or take what comes within a second."""
AT_ONCE = 2**18
MOST_LINE = 4096
MOST_NAME = 128


class Tried(StrEnum):
    LOGIN = "login"
    PUBLISH = "publish"
    SUBSCRIBE = "subscribe"


@dataclass(frozen=True, slots=True)
class BrokerRefusal:
    tried: Tried
    who: str
    """As a client calls itself, which proves nothing: the user of a login, else its client id."""
    topic: str = ""
    address: str = ""


_NATS = re.compile(
    r'\[\d+\] \S+ \S+ \[ERR\] (?P<address>\S+):\d+ - mid:\d+ - (?P<client>"(?:[^"\\]|\\.)*") - '
    r'(?:(?P<tried>Publish|Subscription) Violation - Subject (?P<subject>"(?:[^"\\]|\\.)*").*'
    r'|authentication error - User (?P<user>"(?:[^"\\]|\\.)*").*)'
)
_MOSQUITTO_CAME = re.compile(r"\S+ New connection from (?P<address>\S+?)(?::\d+)? on port \d+\.")
_MOSQUITTO_LOGIN = re.compile(r"\S+ Client (?P<client>.*) disconnected, not authorised\.")
_MOSQUITTO_DENIED = re.compile(r"\S+ Denied (?P<tried>PUBLISH|SUBSCRIBE) from (?P<client>.*) \(d\d.*?'(?P<topic>.*)', ")


class Reader:
    """Makes refusals of the lines of nats-server's or mosquitto's log, in their order."""

    def __init__(self) -> None:
        self._came = ""
        """From where mosquitto's last connection came: the line that refuses it follows, without."""

    def read(self, line: str) -> BrokerRefusal | None:
        line = line[:MOST_LINE]
        nats = _NATS.fullmatch(line)
        if nats is not None:
            return _of_nats(nats)
        came = _MOSQUITTO_CAME.fullmatch(line)
        if came is not None:
            self._came = came["address"]
            return None
        refused = _MOSQUITTO_LOGIN.fullmatch(line)
        if refused is not None:
            return BrokerRefusal(Tried.LOGIN, _name(refused["client"]), "", self._came)
        denied = _MOSQUITTO_DENIED.match(line)
        if denied is not None:
            return BrokerRefusal(Tried(denied["tried"].lower()), _name(denied["client"]), _name(denied["topic"]))
        return None


def _of_nats(found: re.Match[str]) -> BrokerRefusal:
    if found["user"] is not None:
        return BrokerRefusal(Tried.LOGIN, _quoted(found["user"]), "", found["address"])
    tried = Tried.PUBLISH if found["tried"] == "Publish" else Tried.SUBSCRIBE
    topic = "/".join({"*": "+", ">": "#"}.get(level, level) for level in _quoted(found["subject"]).split("."))
    return BrokerRefusal(tried, _quoted(found["client"]), topic, found["address"])


def _quoted(text: str) -> str:
    try:
        return _name(str(json.loads(text)))
    except ValueError:
        # Go's escapes that JSON has not: bytes that are no text.
        return _name(text[1:-1])


def _name(text: str) -> str:
    """Short and printable, whatever somebody called themselves."""
    return "".join(each if each.isprintable() else "?" for each in text[:MOST_NAME])


class LogTail:
    """Reads on in a file that another program writes, over its rotation. `is_ours`: emptied where it grows too long,
    which its writer allows that only adds to it."""

    def __init__(self, file: Path, *, is_ours: bool) -> None:
        self.file = file
        self.is_ours = is_ours
        self._position = 0 if is_ours else None
        """None: what there is at the first look was told before."""
        self._node = 0
        self._rest = b""

    def lines(self, is_stopping: Callable[[], bool] = lambda: False) -> Iterator[str]:
        """Those that are new and whole; OSError where the file cannot be read."""
        while not is_stopping() and (part := self._part()):
            lines = (self._rest + part).split(b"\n")
            self._rest = lines.pop()[-MOST_LINE:]
            yield from (line.decode(errors="replace") for line in lines)

    def _part(self) -> bytes:
        with self.file.open("rb") as file:
            now = os.fstat(file.fileno())
            if self._position is None:
                self._position, self._node = now.st_size, now.st_ino
            if now.st_ino != self._node or now.st_size < self._position:
                self._position, self._node, self._rest = 0, now.st_ino, b""
            file.seek(self._position)
            part = file.read(AT_ONCE)
            self._position = file.tell()
            if self.is_ours and not part and now.st_size > MOST_BYTES:
                os.truncate(self.file, 0)
                self._position = 0
        return part

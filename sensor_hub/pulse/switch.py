"""A dead man's switch outside: it raises the alarm when it is no longer told that all is well.

The addresses are those of healthchecks (https://healthchecks.io/docs/http_api/), which others understand, too: the
switch's own for success, `/start` and `/fail` behind it for the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from http.client import HTTPException
from urllib.parse import urlsplit, urlunsplit
from urllib.request import Request, urlopen

ANSWERS_WITHIN = 5.0
"""Seconds for each step of the network."""


class Signal(Enum):
    """What the switch is told; the value goes behind its path."""

    START = "/start"
    SUCCESS = ""
    FAIL = "/fail"


class SwitchError(Exception):
    """The switch was not told. Never with its address, which is a secret."""


@dataclass(frozen=True, slots=True)
class Switch:
    url: str = field(repr=False)

    def tell(self, signal: Signal, text: str = "") -> None:
        """Returns when the switch has heard it (2xx), else SwitchError. `text` is for whoever reads its log."""
        parts = urlsplit(self.url)
        url = urlunsplit(parts._replace(path=parts.path.rstrip("/") + signal.value))
        try:
            request = Request(url, data=text.encode() or None, headers={"User-Agent": "sensor-hub"})
            with urlopen(request, timeout=ANSWERS_WITHIN):
                return
        except (OSError, HTTPException, ValueError) as error:
            raise SwitchError(type(error).__name__) from error

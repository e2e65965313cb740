"""Another way out of the home than the hub: hands one short text to a web service or to a phone's card.

The web service takes Apprise's form, {"title", "body", "type"}; the card is gammu's, as a daemon or at once.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sensor_hub.model.problem import InputError
from sensor_hub.model.table import Table

if TYPE_CHECKING:
    from http.client import HTTPConnection

TAKES_WITHIN = 30.0
INJECT = "gammu-smsd-inject"
MOST_REFERENCE = 20
REFERENCE = re.compile(r"[A-Za-z0-9 ./-]*")
PORTS = {"http": 80, "https": 443}


class WayOutError(Exception):
    """The text was not taken; it may be tried again."""


@dataclass(frozen=True, slots=True)
class HttpWay:
    """Posts to `url`; `header` with `token` lets us in there."""

    url: str
    header: str = "Authorization"
    token: str | None = field(default=None, repr=False)

    def send(self, text: str) -> None:
        """Returns when the service has taken it (2xx), else WayOutError, which does not say where: it may be secret."""
        # Imported where a message goes out, which is seldom: it costs megabytes of memory.
        from http.client import HTTPException

        parts = urlsplit(self.url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        body = json.dumps({"title": "Sensor gateway", "body": text, "type": "warning"}).encode()
        headers = {"Content-Type": "application/json"} | ({self.header: self.token} if self.token else {})
        try:
            connection = self._connection(parts.scheme, parts.hostname or "", parts.port)
            try:
                connection.request("POST", path, body, headers)
                status = connection.getresponse().status
            finally:
                connection.close()
        except (OSError, HTTPException, ValueError) as error:
            raise WayOutError(f"the web service cannot be reached ({type(error).__name__})") from error
        if not 200 <= status < 300:
            raise WayOutError(f"the web service answered {status}")

    def _connection(self, scheme: str, host: str, port: int | None) -> HTTPConnection:
        import ssl
        from http.client import HTTPConnection, HTTPSConnection

        if scheme == "https":
            return HTTPSConnection(host, port, timeout=TAKES_WITHIN, context=ssl.create_default_context())
        return HTTPConnection(host, port, timeout=TAKES_WITHIN)


@dataclass(frozen=True, slots=True)
class GammuWay:
    """A short message by gammu: `program` is its daemon's `gammu-smsd-inject`, or `gammu` itself."""

    number: str
    program: str = INJECT

    def send(self, text: str) -> None:
        """Returns when gammu has taken it (exit 0), else WayOutError. The number is in no message."""
        import subprocess

        is_daemon = "smsd-inject" in Path(self.program).name
        words = ["TEXT", self.number] if is_daemon else ["--sendsms", "TEXT", self.number]
        try:
            done = subprocess.run(
                [self.program, *words, "-text", text],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=TAKES_WITHIN,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise WayOutError(f"gammu does not work ({type(error).__name__})") from error
        if done.returncode:
            raise WayOutError(f"gammu ended with {done.returncode}")


@dataclass(frozen=True, slots=True)
class WayOut:
    """`reference` begins each text: by it the reader knows which home it is; no name."""

    way: HttpWay | GammuWay
    reference: str = ""


def parse_way_out(table: Table, folder: Path) -> WayOut:
    """The table `[way_out]` of gateway.toml; InputError says what is wrong there."""
    kind = table.choice("kind", ("http", "gammu"))
    reference = table.text("reference") if "reference" in table else ""
    if len(reference) > MOST_REFERENCE or not REFERENCE.fullmatch(reference):
        raise table.wrong("reference", f"at most {MOST_REFERENCE} letters, digits, spaces and . / -")
    way = _http(table, folder) if kind == "http" else _gammu(table)
    table.done()
    return WayOut(way, reference)


def _http(table: Table, folder: Path) -> HttpWay:
    url = table.text("url")
    try:
        parts = urlsplit(url)
        is_usable = parts.port != 0 and bool(parts.hostname) and url.isascii() and " " not in url
    except ValueError:
        is_usable = False
    if not is_usable or parts.scheme not in PORTS or not (parts.scheme == "https" or _is_near(parts.hostname or "")):
        # Not shown: addresses of such services are often all that it takes to use them.
        expected = "https://…, or http:// to this machine or a private address (192.168.…)"
        raise InputError("url cannot be used", where=table.where, expected=expected)
    header = table.text("header", "Authorization")
    if not all(one.isascii() and (one.isalnum() or one == "-") for one in header):
        raise table.wrong("header", "a header's name, such as Authorization")
    return HttpWay(url, header, _token(table, folder))


def _is_near(host: str) -> bool:
    """Whether it is this machine or another of the home, where nobody listens in."""
    import ipaddress

    try:
        return host == "localhost" or ipaddress.ip_address(host).is_private
    except ValueError:
        return False


def _token(table: Table, folder: Path) -> str | None:
    """All that stands in the file goes into the header, such as `Bearer …`."""
    if "token_file" not in table:
        return None
    try:
        token = (folder / table.text("token_file")).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise table.wrong("token_file", "a file of ASCII text that can be read") from error
    if not token or not token.isprintable():
        raise table.wrong("token_file", "one line with what goes into the header")
    return token


def _gammu(table: Table) -> GammuWay:
    number = table.text("number")
    if not number.removeprefix("+").isdigit() or not number.isascii() or len(number) > 20:
        raise table.wrong("number", "a phone number such as +447700900123")
    return GammuWay(number, table.text("program", INJECT))

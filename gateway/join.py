"""Joining a hub with a code: `sensor-gateway join CODE --hub URL`.

Asks the hub for this home's place and a password of its own, and writes them into the settings. The sources that stand
there already, and the comments, stay as they are.
"""

from __future__ import annotations

import argparse
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from gateway.installed import default_settings
from gateway.join_files import JoinFiles, Place
from gateway.settings import Server
from sensor_hub.model.problem import InputError
from sensor_hub.model.reading import is_slug
from sensor_hub.model.table import Table

JOIN_PATH = "/api/v1/join"
ANSWERS_WITHIN = 30.0
MOST_BYTES = 64 * 1024
AGAIN = "the code may be used up: if joining again says so, ask for a new one"


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for on the command line."""

    code: str
    hub: str
    config: Path
    data: Path | None = None
    ca: Path | None = None


def join(arguments: Sequence[str]) -> int:
    """Runs the command with what follows `join` on the command line; InputError where the gateway did not join."""
    given = _parser().parse_args(arguments)
    joined = join_hub(Request(given.code, given.hub, given.config, given.data, given.ca))
    print(f"Joined the hub as {joined.place.username}: it is in {given.config}.")
    if joined.aside is not None:
        print(f"This box was another home's. What it held of that one is in {joined.aside} and is not sent.")
    print("Now start the gateway, or start it again where it runs: systemctl restart sensor-gateway")
    return 0


@dataclass(frozen=True, slots=True)
class Joined:
    place: Place
    aside: Path | None
    """Where another home's readings went."""


def join_hub(request: Request) -> Joined:
    """Asks the hub and writes the settings; InputError says in one line what went wrong."""
    url = _checked_url(request.hub)
    context = _trust(request.ca)
    # Before the code is used up: what stands in the way of writing is found now.
    files = JoinFiles(request.config, request.data)
    files.check()
    place = _place(_ask(url, request.code, context), url)
    return Joined(place, files.write(place))


def _checked_url(hub: str) -> str:
    parts = urlsplit(hub)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InputError("is not the address of a hub", where=hub, expected="https://hub.example.org")
    if parts.scheme == "http" and not Server(parts.hostname, 80).is_here:
        expected = "https://, or a hub on this machine: the answer holds a password"
        raise InputError("would be asked without TLS", where=hub, expected=expected)
    return hub.rstrip("/") + JOIN_PATH


def _trust(ca: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=None if ca is None else str(ca))
    except (OSError, ssl.SSLError) as error:
        expected = "a file with the certificate of the authority that signed the hub's (PEM)"
        raise InputError(f"cannot be used ({error})", where=str(ca), expected=expected) from error


def _ask(url: str, code: str, context: ssl.SSLContext) -> bytes:
    """The hub's answer to the code."""
    # Imported here: it brings the whole daemon along, which nothing else in this file needs.
    from gateway.app import VERSION

    body = json.dumps({"code": code, "version": VERSION}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"}, method="POST")
    opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=context), _NoRedirects)
    try:
        with opener.open(request, timeout=ANSWERS_WITHIN) as answer:
            return bytes(answer.read(MOST_BYTES))
    except urllib.error.HTTPError as error:
        with error:
            why = _reason(error)
        raise InputError(why, where=url) from error
    except urllib.error.URLError as error:
        raise InputError(f"cannot be reached ({error.reason})", where=url, expected=_hint(error.reason)) from error
    except (OSError, ValueError) as error:
        raise InputError(f"gave no whole answer ({error})", where=url, expected=f"one; {AGAIN}") from error


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """The code goes to the hub that was named, and to nobody else."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _reason(error: urllib.error.HTTPError) -> str:
    """What the hub says of its refusal (RFC 9457), in one line."""
    try:
        detail = json.loads(error.read(MOST_BYTES))["detail"]
    except (OSError, ValueError, KeyError, TypeError):
        detail = "is that the address of a hub?"
    return f"the hub answered {error.code}: {' '.join(str(detail).split())[:300]}"


def _hint(reason: object) -> str:
    if isinstance(reason, ssl.SSLCertVerificationError):
        return "a certificate that this machine trusts; --ca names the authority's file"
    return "the hub's address as it prints it, and a way to it"


def _place(answer: bytes, url: str) -> Place:
    """What the hub says, checked: it goes into a file that the daemon starts from."""
    try:
        values = json.loads(answer)
        table = Table({key: value for key, value in values.items() if value is not None}, url)
    except (ValueError, AttributeError, RecursionError) as error:
        raise InputError("did not answer as a hub does", where=url, expected=f"the hub's address; {AGAIN}") from error
    broker = table.table("broker")
    if broker is None:
        raise table.wrong("broker", f"where it is; {AGAIN}")
    tenant, home = table.text("tenant"), table.text("home")
    if not is_slug(tenant) or not is_slug(home):
        raise table.wrong("home", f"1 to 64 of a-z, 0-9, _ and -; {AGAIN}")
    return Place(
        tenant=tenant,
        home=home,
        host=broker.text("host"),
        port=broker.whole("port", low=1, high=65535),
        has_tls=broker.flag("tls", default=True),
        username=table.text("username"),
        password=table.text("password"),
        ca=table.text("ca") if "ca" in table else None,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sensor-gateway join",
        description="Joins a hub with the code that 'sensor-hub gateway add HOME' printed there, and writes the home's "
        "place and its password into the settings. Sources that stand there already are kept.",
    )
    parser.add_argument("code", metavar="CODE", help="such as ABCD-EFGH; it works once")
    parser.add_argument("--hub", required=True, metavar="URL", help="the hub's pages, such as https://hub.example.org")
    config = default_settings()
    text = f"the gateway's settings (default: {config})"
    parser.add_argument("--config", type=Path, default=config, metavar="FILE", help=text)
    text = "folder of the outbox and the password (default: the one in the settings, else gateway-data beside them)"
    parser.add_argument("--data", type=Path, metavar="DIR", help=text)
    text = "certificate of the authority that signed the hub's, where no public one did"
    parser.add_argument("--ca", type=Path, metavar="FILE", help=text)
    return parser

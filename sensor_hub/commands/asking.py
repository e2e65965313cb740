"""Asks the running hub by its own API, for commands beside it."""

from __future__ import annotations

import base64
import getpass
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, NamedTuple, TypeVar
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import ProxyHandler, Request, build_opener

from sensor_hub.model.problem import InputError
from sensor_hub.password_files import COMMAND_KEY_FILE, PASSWORD_FILE
from sensor_hub.settings import Settings

Answered = TypeVar("Answered")

ANSWERS_WITHIN = 30.0
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}
"""Where a hub that listens everywhere is asked."""


def ask_hub(
    settings: Settings, path: str, values: Mapping[str, object], *, method: str = "PUT", version: int | None = None
) -> dict[str, Any]:
    """What the hub answers to these values sent to `path`; InputError where it refuses, or does not run.

    `version`: of what is changed, where the hub asks for it. No answer is an empty one.
    """
    asked = Asked(method, json.dumps(values).encode(), version)
    return _ask(settings, path, asked, lambda answer: dict(json.loads(answer.read() or b"{}")))


def list_from_hub(settings: Settings, path: str) -> Iterator[dict[str, Any]]:
    """All that the hub lists there, page by page; InputError as above."""
    cursor: str | None = ""
    while cursor is not None:
        page = _ask(settings, path, Asked("GET", cursor=cursor), lambda answer: dict(json.load(answer)))
        yield from page["items"]
        cursor = page["following"]


def fetch_from_hub(settings: Settings, path: str, file: Path) -> int:
    """Writes what the hub answers to a new file for its owner alone; how many bytes. InputError as above."""

    def keep(answer: IO[bytes]) -> int:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            shutil.copyfileobj(answer, out)
            return out.tell()

    return _ask(settings, path, Asked("GET"), keep)


class Asked(NamedTuple):
    """How the hub is asked."""

    method: str
    body: bytes | None = None
    version: int | None = None
    cursor: str = ""
    """Of a page of a list; empty: the first."""

    @property
    def query_string(self) -> str:
        return f"?{urlencode({'cursor': self.cursor})}" if self.cursor else ""


def _ask(settings: Settings, path: str, asked: Asked, read: Callable[[IO[bytes]], Answered]) -> Answered:
    web = settings.web
    host = EVERYWHERE.get(web.host, web.host)
    url = f"http://{f'[{host}]' if ':' in host else host}:{web.port}{quote(path)}{asked.query_string}"
    expected = "a hub that runs with these settings"
    try:
        basic = base64.b64encode(f"{getpass.getuser()}:{_key(settings)}".encode()).decode()
        headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/json"}
        if asked.version is not None:
            headers["If-Match"] = f'"{asked.version}"'
        request = Request(url, asked.body, headers, method=asked.method)
        # No proxy stands before our own machine.
        with build_opener(ProxyHandler({})).open(request, timeout=ANSWERS_WITHIN) as answer:
            return read(answer)
    except HTTPError as error:
        raise InputError(_detail(error.read()) or str(error), where=url, expected="what the hub takes") from error
    except (OSError, ValueError) as error:
        raise InputError(f"the hub cannot be asked ({error})", where=url, expected=expected) from error


def _key(settings: Settings) -> str:
    """What the hub made for commands; where somebody may not read it the hub's own password, which counts as long as
    there is no account."""
    try:
        return (settings.data / COMMAND_KEY_FILE).read_text(encoding="utf-8").strip()
    except OSError:
        return settings.web.password or (settings.data / PASSWORD_FILE).read_text(encoding="utf-8").strip()


def _detail(payload: bytes) -> str:
    """The sentence of a problem (RFC 9457)."""
    try:
        return str(json.loads(payload)["detail"]).rstrip(".")
    except (ValueError, KeyError, TypeError):
        return ""

"""Asks the running hub by its own API, for commands beside it."""

from __future__ import annotations

import base64
import getpass
import json
from collections.abc import Mapping
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import ProxyHandler, Request, build_opener

from sensor_hub.model.problem import InputError
from sensor_hub.page_server import PASSWORD_FILE
from sensor_hub.settings import Settings

ANSWERS_WITHIN = 30.0
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}
"""Where a hub that listens everywhere is asked."""


def ask_hub(
    settings: Settings, path: str, values: Mapping[str, object], *, method: str = "PUT", version: int | None = None
) -> dict[str, Any]:
    """What the hub answers to these values sent to `path`; InputError where it refuses, or does not run.

    `version`: of what is changed, where the hub asks for it. No answer is an empty one.
    """
    web = settings.web
    host = EVERYWHERE.get(web.host, web.host)
    url = f"http://{f'[{host}]' if ':' in host else host}:{web.port}{quote(path)}"
    expected = "a hub that runs with these settings"
    try:
        password = web.password or (settings.data / PASSWORD_FILE).read_text(encoding="utf-8").strip()
        basic = base64.b64encode(f"{getpass.getuser()}:{password}".encode()).decode()
        headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/json"}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        request = Request(url, json.dumps(values).encode(), headers, method=method)
        # No proxy stands before our own machine.
        with build_opener(ProxyHandler({})).open(request, timeout=ANSWERS_WITHIN) as answer:
            return dict(json.loads(answer.read() or b"{}"))
    except HTTPError as error:
        raise InputError(_detail(error.read()) or str(error), where=url, expected="what the hub takes") from error
    except (OSError, ValueError) as error:
        raise InputError(f"the hub cannot be asked ({error})", where=url, expected=expected) from error


def _detail(payload: bytes) -> str:
    """The sentence of a problem (RFC 9457)."""
    try:
        return str(json.loads(payload)["detail"]).rstrip(".")
    except (ValueError, KeyError, TypeError):
        return ""

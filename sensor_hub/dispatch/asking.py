"""One request to a web service, and which of three things came of it: an answer, nothing sent, or nothing heard."""

from __future__ import annotations

from typing import Any

import requests
from urllib3.exceptions import MaxRetryError, NameResolutionError, NewConnectionError

from sensor_hub.dispatch.ports import NotifyError, UnheardError

ANSWERS_WITHIN = (5.0, 30.0)
"""Seconds: for the connection, and for the answer. Some services look at a message before they take it."""
REFUSED_FOR_EVER = frozenset({400, 410, 413, 415, 422})
"""What the service says of the message itself. All else may be mended: the way to it, its load, the login."""


def ask(method: str, url: str, service: str, **how: Any) -> requests.Response:
    """The service's answer, whatever it says. It may go nowhere else, so no redirect is followed.

    NotifyError where the request did not leave, UnheardError where it may have been taken. Neither has the url.
    """
    try:
        return requests.request(method, url, timeout=ANSWERS_WITHIN, allow_redirects=False, **how)
    except (requests.RequestException, ValueError) as error:
        raise failure(error, service) from error


def failure(error: Exception, service: str) -> NotifyError:
    """What came of a request that raised this. The error's own text may hold the address."""
    what = type(error).__name__
    if isinstance(error, ValueError) and not isinstance(error, requests.JSONDecodeError):
        return NotifyError(f"the address cannot be asked ({what})", permanent=True)
    if isinstance(error, (requests.ConnectTimeout, requests.exceptions.SSLError, requests.exceptions.ProxyError)):
        return NotifyError(f"{service} cannot be reached ({what})")
    if isinstance(error, requests.ConnectionError) and _never_left(error):
        return NotifyError(f"{service} cannot be reached ({what})")
    return UnheardError(f"{service} did not say whether it took the notice ({what})")


def refusal(answer: requests.Response, service: str) -> NotifyError:
    """What an answer means that is not the expected one."""
    code = answer.status_code
    return NotifyError(f"{service} refuses the notice ({code})", permanent=code in REFUSED_FOR_EVER)


def _never_left(error: requests.ConnectionError) -> bool:
    cause = error.args[0] if error.args else None
    if isinstance(cause, MaxRetryError):
        cause = cause.reason
    return isinstance(cause, (NewConnectionError, NameResolutionError))

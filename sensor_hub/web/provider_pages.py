"""Signing in by an OpenID provider: there and back."""

from __future__ import annotations

from anyio.to_thread import run_sync
from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from sensor_hub.web.account_doors import AccountDesk, AtAccounts, caller_of
from sensor_hub.web.account_paths import PROVIDER, PROVIDER_BACK
from sensor_hub.web.account_ports import Begun
from sensor_hub.web.desk import desk_of
from sensor_hub.web.forms import local_path
from sensor_hub.web.provider import Provider, ProviderError
from sensor_hub.web.sign_in import step_on

COOKIE = "sensor_hub_provider"
"""Of the way there and back alone: what the provider is to bring back."""
LASTS = 600
WANTED = "wanted"
NOT_NOW = "The service that signs you in does not answer, or what it said cannot be used. Try again from the start."

provider_pages = APIRouter(include_in_schema=False)


@provider_pages.get(PROVIDER)
async def there(request: Request, at: AtAccounts, next: str = "/") -> Response:  # noqa: A002 - the word in the address
    provider = _provider(at)
    try:
        answer = await provider.begin(request, f"{at.url}{PROVIDER_BACK}")
    except ProviderError:
        return _refused(request, provider, NOT_NOW, 502)
    request.session[WANTED] = local_path(next)
    return answer


@provider_pages.get(PROVIDER_BACK)
async def back(request: Request, at: AtAccounts) -> Response:
    provider, wanted = _provider(at), local_path(str(request.session.pop(WANTED, "/")))
    try:
        claims = await provider.finish(request)
    except ProviderError:
        return _refused(request, provider, NOT_NOW, 403)
    found = await run_sync(at.doors.sign_ins.by_provider, claims, caller_of(request))
    if isinstance(found, Begun):
        return step_on(request, found, wanted, at.cookie)
    return _refused(request, provider, found.sentence, 403)


def _provider(at: AccountDesk) -> Provider:
    if at.doors.provider is None:
        raise HTTPException(404)
    return at.doors.provider


def _refused(request: Request, provider: Provider, sentence: str, status: int) -> Response:
    return desk_of(request).page(request, "not_let_in.html", status=status, sentence=sentence, label=provider.label)

"""What is wrong with how people sign in, each with a hint."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit
from urllib.request import urlopen

from sqlalchemy import exists, select

from sensor_hub.database_door import has_data, open_stores
from sensor_hub.dispatch.loopback import LOOPBACK
from sensor_hub.model.problem import InputError
from sensor_hub.remark import Remark
from sensor_hub.settings import Settings
from sensor_hub.storage.tables.accounts import account

ANSWERS_WITHIN = 5.0


def access_noted(settings: Settings) -> Iterator[Remark]:
    """What is no fault, and should not stay so."""
    if settings.web.trusts_anybody:
        yield Remark(
            "web.proxies",
            "trusted_proxies has everybody, so whoever asks may say from where, and passes lock-outs and quotas",
            "name the proxy's own address",
        )
    if urlsplit(settings.url).hostname in LOOPBACK:
        return
    if settings.url.startswith("http:"):
        yield Remark(
            "url.clear",
            f"passwords and what pages show travel in clear to {settings.url}",
            "put a proxy with https before it",
        )
    elif not settings.web.trusted_proxies:
        yield Remark(
            "web.proxy",
            "the proxy that speaks https is not named, so all visitors have its address, and are locked out together",
            "name it in [web] trusted_proxies",
        )
    if not _has_accounts(settings):
        yield Remark(
            "access.accounts",
            "there is none, so everybody comes in with the hub's own password and may do everything",
            "sensor-hub account add LOGIN --role administrator",
        )


def provider_troubles(settings: Settings) -> Iterator[Remark]:
    """Asks the OpenID provider who it is."""
    if settings.oidc is None:
        return
    issuer, hint = settings.oidc.issuer, "name its issuer as its own description does"
    try:
        with urlopen(f"{issuer}/.well-known/openid-configuration", timeout=ANSWERS_WITHIN) as answer:
            named = json.load(answer)["issuer"]
    except (OSError, ValueError, LookupError, TypeError) as error:
        yield Remark("oidc.issuer", f"{issuer} does not say who it is ({type(error).__name__})", hint)
        return
    if str(named).rstrip("/") != issuer:
        yield Remark("oidc.issuer", f"{issuer} calls itself {named}", hint)


def _has_accounts(settings: Settings) -> bool:
    try:
        if not has_data(settings):
            return False
        with closing(open_stores(settings).database) as database:
            return bool(database.connection.execute(select(exists(select(account.c.id)))).scalar())
    except InputError:
        # What is wrong with the data is told elsewhere.
        return True

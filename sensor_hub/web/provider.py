"""An OpenID provider that vouches for people: the code flow with PKCE, state and nonce, by Authlib."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth
from joserfc.errors import JoseError
from starlette.requests import Request
from starlette.responses import Response

log = logging.getLogger(__name__)

ANSWERS_WITHIN = 10.0
LEEWAY = 60
"""Seconds that the provider's clock may be off."""
SCOPE = "openid profile email"
WRONG = (AuthlibBaseError, JoseError, httpx2.HTTPError, RuntimeError, LookupError, TypeError, ValueError)
"""What a provider that is out of reach, or says what no provider says, comes to in the libraries."""


class ProviderError(Exception):
    """The provider cannot be asked, or what it says cannot be believed."""


class Provider:
    """`issuer`: its address, where its description is found (OpenID Connect Discovery 1.0)."""

    def __init__(
        self, issuer: str, client_id: str, client_secret: str | None = None, *, label: str, scope: str = SCOPE
    ) -> None:
        self.label = label
        self._issuer = issuer
        self._client_id = client_id
        self._client: Any = OAuth().register(
            "provider",
            client_id=client_id,
            client_secret=client_secret,
            server_metadata_url=f"{issuer}/.well-known/openid-configuration",
            client_kwargs={"scope": scope, "code_challenge_method": "S256", "timeout": ANSWERS_WITHIN},
        )

    async def begin(self, request: Request, back: str) -> Response:
        """Sends the browser there; it returns to the address `back`. ProviderError."""
        try:
            await self._check()
            answer: Response = await self._client.authorize_redirect(request, back)
        except WRONG as error:
            raise self._trouble(error) from error
        return answer

    async def finish(self, request: Request) -> Mapping[str, object]:
        """What the provider says of who has returned; ProviderError."""
        believed = {
            "iss": {"essential": True, "value": self._issuer},
            "aud": {"essential": True, "value": self._client_id},
        }
        try:
            await self._check()
            token = await self._client.authorize_access_token(request, claims_options=believed, leeway=LEEWAY)
            claims: dict[str, object] = dict(token["userinfo"])
            if "userinfo_endpoint" in self._client.server_metadata:
                told = dict(await self._client.userinfo(token=token))
                # Else a token of somebody else could have been slipped in (OpenID Connect Core, 5.3.2).
                if told.get("sub") != claims["sub"]:
                    raise ValueError("the provider speaks of two people")
                claims = {**told, **claims}
        except WRONG as error:
            raise self._trouble(error) from error
        return claims

    async def _check(self) -> None:
        metadata = await self._client.load_server_metadata()
        if str(metadata.get("issuer", "")).rstrip("/") != self._issuer:
            raise ValueError("the description there is another provider's")

    def _trouble(self, error: Exception) -> ProviderError:
        # Not the text: it may hold what the browser brought.
        log.warning("signing in by %s failed: %s", self._issuer, type(error).__name__)
        return ProviderError(str(error))

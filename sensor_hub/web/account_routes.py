"""All pages and calls about signing in and accounts, but for the sign-in page itself."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.middleware.sessions import SessionMiddleware

from sensor_hub.web.account_doors import AccountDesk, AccountDoors
from sensor_hub.web.account_paths import PROVIDER
from sensor_hub.web.accounts_api import accounts_api
from sensor_hub.web.accounts_pages import accounts_pages
from sensor_hub.web.own_account_pages import own_account_pages
from sensor_hub.web.password_pages import password_pages
from sensor_hub.web.second_step_pages import second_step_pages
from sensor_hub.web.session import Throttle
from sensor_hub.web.session_cookie import SessionCookie
from sensor_hub.web.token_pages import token_pages
from sensor_hub.web.tokens_api import tokens_api

ROUTERS = (second_step_pages, password_pages, own_account_pages, accounts_pages, accounts_api, token_pages, tokens_api)


def open_accounts(site: FastAPI, doors: AccountDoors, cookie: SessionCookie, *, secret: str, url: str) -> None:
    """`secret` signs what a provider is to bring back; `url` is where people reach the site."""
    site.state.account_desk = AccountDesk(doors, cookie, Throttle(), url)
    for router in ROUTERS:
        site.include_router(router)
    if doors.provider is not None:
        # Its libraries are large, and few hubs have one.
        from sensor_hub.web.provider_pages import COOKIE, LASTS, provider_pages

        # The browser keeps this cookie for the way there and back, and sends it nowhere else.
        site.add_middleware(
            SessionMiddleware,
            secret_key=f"{secret} provider",
            session_cookie=COOKIE,
            max_age=LASTS,
            path=PROVIDER,
            same_site="lax",
            https_only=cookie.is_secure,
        )
        site.include_router(provider_pages)

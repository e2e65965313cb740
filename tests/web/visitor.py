"""A person's browser or a program, without a socket: asks the site and keeps its cookies."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping

import httpx
from fastapi import FastAPI

from tests.web.builders import PASSWORD

ORIGIN = "http://hub.test"


class Visitor:
    def __init__(self, site: FastAPI) -> None:
        self._site = site
        self.cookies = httpx.Cookies()

    def ask(
        self,
        method: str,
        path: str,
        *,
        form: Mapping[str, str] | None = None,
        json: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """One request; redirects are not followed."""
        return asyncio.run(self._ask(method, path, form, json, headers))

    def get(self, path: str) -> httpx.Response:
        return self.ask("GET", path)

    def sign_in(self, name: str = "Jo", password: str = PASSWORD, wanted: str = "/") -> httpx.Response:
        return self.ask("POST", "/login", form={"name": name, "password": password, "next": wanted})

    def token(self, page: str = "/") -> str:
        """What the forms of this session carry; `/` leads some roles on to the first page that is theirs."""
        answer = self.get(page)
        while answer.status_code == 303:
            answer = self.get(answer.headers["location"])
        found = re.search(r'name="token" value="([^"]+)"', answer.text)
        assert found is not None
        return found.group(1)

    def send(self, path: str, **form: str) -> httpx.Response:
        """A form as the page would send it."""
        return self.ask("POST", path, form={"token": self.token(), **form}, headers={"Origin": ORIGIN})

    async def _ask(
        self,
        method: str,
        path: str,
        form: Mapping[str, str] | None,
        json: object,
        headers: Mapping[str, str] | None,
    ) -> httpx.Response:
        transport = httpx.ASGITransport(self._site, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, cookies=self.cookies) as client:
            answer = await client.request(method, path, data=form, json=json, headers=headers)
            self.cookies = client.cookies
            return answer

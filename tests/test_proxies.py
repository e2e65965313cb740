"""Who asks, behind a proxy: those named are believed, nobody else; with the nginx of deploy/proxy as it is shipped."""

from __future__ import annotations

import json
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from fastapi import FastAPI, Response
from starlette.requests import Request as Asked

from sensor_hub.checks.checkup import notes
from sensor_hub.model.problem import InputError
from sensor_hub.page_server import PageServer
from sensor_hub.settings import read_settings
from sensor_hub.web.session_cookie import SessionCookie
from tests.brokers import free_port
from tests.dispatch.kannel import answers
from tests.nginx import nginx_with
from tests.waiting import wait_for

ROOT = Path(__file__).parents[1]
FORGED = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}


@contextmanager
def pages(*trusted: str) -> Iterator[int]:
    """The hub's page server with a site that says who asks and lays the session's cookie; its port."""
    site, port = FastAPI(), free_port()

    @site.get("/who")
    def who(request: Asked, answer: Response) -> dict[str, object]:
        SessionCookie(is_secure=False).put(request, answer, "value")
        return {"from": request.client and request.client.host, "by": request.url.scheme}

    server = PageServer(site, "127.0.0.1", port, trusted)
    server.start()
    try:
        wait_for(lambda: answers(f"http://127.0.0.1:{port}/who"), what="the pages")
        yield port
    finally:
        server.stop(5)


def ask(url: str, headers: dict[str, str], tls: ssl.SSLContext | None = None) -> tuple[dict[str, object], str]:
    with urlopen(Request(f"{url}/who", headers=headers), context=tls) as answer:
        return json.load(answer), answer.headers["Set-Cookie"]


@pytest.mark.parametrize("trusted", [(), ("10.0.0.0/8", "::1")])
def test_a_stranger_s_headers_are_ignored(trusted: tuple[str, ...]) -> None:
    with pages(*trusted) as port:
        said, cookie = ask(f"http://127.0.0.1:{port}", FORGED)
    assert said == {"from": "127.0.0.1", "by": "http"}
    assert "Secure" not in cookie


def test_a_named_proxy_is_believed_and_what_its_visitor_made_up_is_not() -> None:
    chain = FORGED | {"X-Forwarded-For": "127.0.0.1, 203.0.113.1, 198.51.100.7, 10.1.2.3"}
    with pages("127.0.0.1", "10.0.0.0/8") as port:
        said, cookie = ask(f"http://127.0.0.1:{port}", chain)
    assert said == {"from": "198.51.100.7", "by": "https"}
    assert cookie.startswith("__Host-")
    assert "Secure" in cookie


def test_the_nginx_that_is_shipped_says_who_asks_whatever_they_say(tmp_path: Path) -> None:
    http, https = free_port(), free_port()
    ca = [str(ROOT / "deploy" / "ca" / "hub-ca")]
    subprocess.run([*ca, "init", str(tmp_path)], check=True, capture_output=True)
    subprocess.run([*ca, "issue", str(tmp_path), "127.0.0.1"], check=True, capture_output=True)
    with pages("127.0.0.1") as web:
        here = {
            "127.0.0.1:8080": f"127.0.0.1:{web}",
            "listen 80;": f"listen 127.0.0.1:{http};",
            "listen 443": f"listen 127.0.0.1:{https}",
            "/etc/nginx/sensor-hub": str(tmp_path / "127.0.0.1"),
        }
        nginx = nginx_with(ROOT / "deploy" / "proxy" / "nginx.conf", here, tmp_path / "nginx", https)
        nginx.start()
        try:
            tls = ssl.create_default_context(cafile=str(tmp_path / "ca.crt"))
            said, cookie = ask(f"https://127.0.0.1:{https}", FORGED | {"X-Forwarded-Proto": "http"}, tls)
        finally:
            nginx.stop()
    assert said == {"from": "127.0.0.1", "by": "https"}
    assert "Secure" in cookie


@pytest.mark.parametrize("wrong", ["['proxy.example.org']", "['10.0.0.1/8']", "[]", "'127.0.0.1'"])
def test_a_proxy_is_named_by_its_address(tmp_path: Path, wrong: str) -> None:
    (tmp_path / "hub.toml").write_text(f"[web]\ntrusted_proxies = {wrong}\n")
    with pytest.raises(InputError, match="trusted_proxies is"):
        read_settings(tmp_path / "hub.toml")


@pytest.mark.parametrize(("trusted", "is_noted"), [("*", True), ("::/0", True), ("10.0.0.0/8", False)])
def test_check_notes_that_anybody_is_believed(tmp_path: Path, trusted: str, is_noted: bool) -> None:
    (tmp_path / "hub.toml").write_text(f"[web]\ntrusted_proxies = ['{trusted}']\n")
    assert ("web.proxies" in {each.id for each in notes(tmp_path / "hub.toml")}) is is_noted


@pytest.mark.parametrize(("trusted", "is_noted"), [("", True), ("trusted_proxies = ['10.0.0.1']", False)])
def test_check_notes_a_proxy_that_is_not_named(tmp_path: Path, trusted: str, is_noted: bool) -> None:
    (tmp_path / "hub.toml").write_text(f"url = 'https://hub.example.org'\n[web]\n{trusted}\n")
    assert ("web.proxy" in {each.id for each in notes(tmp_path / "hub.toml")}) is is_noted

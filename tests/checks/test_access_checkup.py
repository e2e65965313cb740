"""`sensor-hub check` about how people sign in."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from sensor_hub.access.account import Account
from sensor_hub.access.role import Role
from sensor_hub.checks.access_checkup import access_noted, provider_troubles
from sensor_hub.settings import Settings, read_settings
from tests.accounts import open_access

OIDC = """
[oidc]
issuer = "{issuer}"
client_id = "hub"
[[oidc.allow]]
claim = "groups"
value = "duty"
role = "duty_officer"
"""


def settings_of(folder: Path, text: str) -> Settings:
    file = folder / "hub.toml"
    file.write_text(text)
    return read_settings(file)


def noted(folder: Path, url: str) -> list[str]:
    return [each.id for each in access_noted(settings_of(folder, f'url = "{url}"'))]


@contextmanager
def told(description: object) -> Iterator[str]:
    """A web server that describes itself so."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(description).encode())

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_hub_that_others_reach_should_have_accounts_and_https(tmp_path: Path) -> None:
    assert noted(tmp_path, "http://127.0.0.1:8080") == []
    assert noted(tmp_path, "http://hub.example.org") == ["url.clear", "access.accounts"]
    assert noted(tmp_path, "https://hub.example.org") == ["web.proxy", "access.accounts"]
    data = tmp_path / "hub-data"
    data.mkdir()
    with open_access(data / "hub.db", tmp_path) as stores:
        assert noted(tmp_path, "https://hub.example.org") == ["web.proxy", "access.accounts"]
        stores.accounts.add(Account("a1", "jo", "Jo", Role.ADMINISTRATOR, 0.0))
    assert noted(tmp_path, "https://hub.example.org") == ["web.proxy"]


@pytest.mark.parametrize("description", [{"issuer": "https://other.example"}, {}, [], "nonsense"])
def test_a_provider_that_is_another_is_found(tmp_path: Path, description: object) -> None:
    with told(description) as issuer:
        (line,) = provider_troubles(settings_of(tmp_path, OIDC.format(issuer=issuer)))
    assert str(line).startswith(f"oidc.issuer: {issuer} ")


def test_a_provider_out_of_reach_is_found_and_none_is_no_trouble(tmp_path: Path) -> None:
    (line,) = provider_troubles(settings_of(tmp_path, OIDC.format(issuer="http://127.0.0.1:9")))
    assert "does not say who it is" in line.what
    assert list(provider_troubles(settings_of(tmp_path, ""))) == []

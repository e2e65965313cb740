"""Joining: what is asked, what is written, and one clear line on every failure."""

from __future__ import annotations

import json
import os
import ssl
import stat
import subprocess
import threading
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from gateway.join import Request, join, join_hub
from gateway.settings import Server, read_settings
from sensor_hub.model.problem import InputError

ANSWER = {
    "tenant": "local",
    "home": "flat-12",
    "broker": {"host": "hub.example.org", "port": 8884, "tls": True},
    "username": "local/flat-12",
    "password": "a secret of its own",
    "ca": None,
}


@dataclass
class Hub:
    """A hub's join address, with the answer that the test wants."""

    answer: object = field(default_factory=lambda: dict(ANSWER))
    status: int = 200
    location: str = ""
    asked: list[dict[str, object]] = field(default_factory=list)
    server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        assert self.server is not None
        return f"{'https' if self.is_secure else 'http'}://localhost:{self.server.server_port}"

    is_secure: bool = False

    def start(self, certificate: Path | None = None) -> None:
        hub = self

        class Answering(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hub.asked.append({"path": self.path, **json.loads(body)})
                text = hub.answer if isinstance(hub.answer, bytes) else json.dumps(hub.answer).encode()
                self.send_response(hub.status)
                if hub.location:
                    self.send_header("Location", hub.location)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that is inherited
                return None

        class Quiet(ThreadingHTTPServer):
            def handle_error(self, *_: object) -> None:
                """A client that trusts no certificate of ours hangs up."""

        self.server = Quiet(("127.0.0.1", 0), Answering)
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, certificate.with_suffix(".key"))
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
            self.is_secure = True
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def stop(self) -> None:
        assert self.server is not None
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def hub() -> Iterator[Hub]:
    hub = Hub()
    hub.start()
    yield hub
    hub.stop()


def make_certificate(folder: Path) -> Path:
    path = folder / "hub.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(path.with_suffix(".key")), "-out", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    return path


def refusal(hub: Hub, config: Path, **given: object) -> str:
    with pytest.raises(InputError) as caught:
        join_hub(Request("ABCD-EFGH", hub.url, config, **given))  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_new_gateway_has_its_place_and_a_password_that_only_it_can_read(
    hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "gateway.toml"
    assert join(["ABCD-EFGH", "--hub", hub.url + "/", "--config", str(config)]) == 0
    assert hub.asked == [{"path": "/api/v1/join", "code": "ABCD-EFGH", "version": "0.1.0"}]
    settings = read_settings(config)
    assert (settings.tenant, settings.home, settings.data) == ("local", "flat-12", tmp_path / "gateway-data")
    assert settings.hub == Server("hub.example.org", 8884, "local/flat-12", "a secret of its own", True)
    assert [source.kind for source in settings.sources] == ["zigbee2mqtt"]
    for path in (config, tmp_path / "gateway-data" / "hub.password"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "a secret" not in config.read_text() + capsys.readouterr().out
    assert not [path.name for path in tmp_path.rglob(".*")]


def test_sources_and_comments_are_kept_and_the_old_place_is_gone(hub: Hub, tmp_path: Path) -> None:
    config = tmp_path / "gateway.toml"
    config.write_text(
        'home = "old"\n# ours\ncommit_every = 2.0\ndata = "kept"\n[hub]\nhost = "old"\n# old\npassword = "old"\n'
        '\n# upstairs\n[[source]]\nkind = "chirpstack"   # on the roof\nhost = "10.0.0.2"\npassword = "roof"\n'
    )
    config.chmod(0o640)
    join_hub(Request("ABCDEFGH", hub.url, config))
    settings = read_settings(config)
    assert (settings.home, settings.commit_every, settings.data) == ("flat-12", 2.0, tmp_path / "kept")
    assert (settings.hub.host, settings.hub.password) == ("hub.example.org", "a secret of its own")
    assert [(source.kind, source.server.password) for source in settings.sources] == [("chirpstack", "roof")]
    text = config.read_text()
    for comment in ("# ours", "# on the roof", "# upstairs\n[[source]]"):
        assert comment in text
    assert "old" not in text
    assert stat.S_IMODE(config.stat().st_mode) == 0o640


def test_joining_again_changes_only_what_the_hub_says(hub: Hub, tmp_path: Path) -> None:
    config = tmp_path / "gateway.toml"
    data = tmp_path / "elsewhere"
    for password in ("first", "second"):
        hub.answer = ANSWER | {"password": password}
        join_hub(Request("ABCDEFGH", hub.url, config, data))
        assert read_settings(config).hub.password == password
    first = config.read_text()
    join_hub(Request("ABCDEFGH", hub.url, config))
    assert config.read_text() == first
    assert tomllib.loads(first)["data"] == "elsewhere"


def test_a_box_that_moves_takes_no_reading_of_the_old_home_along(
    hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config, data = tmp_path / "gateway.toml", tmp_path / "gateway-data"
    arguments = ["ABCDEFGH", "--hub", hub.url, "--config", str(config)]
    join(arguments)
    for number, home in enumerate(["flat-12", "flat-13", "flat-14"]):
        (data / "outbox.db").write_text(home)
        hub.answer = ANSWER | {"home": f"flat-{13 + number}"}
        join(arguments)
        aside = data / f"other-home-{number + 1}"
        assert (aside / "outbox.db").read_text() == home
        assert f"is in {aside} and is not sent" in capsys.readouterr().out
    assert not (data / "outbox.db").exists()
    (data / "outbox.db").write_text("flat-15")
    join(arguments)
    assert (data / "outbox.db").read_text() == "flat-15"
    assert "another home's" not in capsys.readouterr().out


def test_the_authority_that_the_hub_names_is_kept_beside_the_password(hub: Hub, tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    hub.answer = ANSWER | {"ca": certificate.read_text()}
    join_hub(Request("ABCDEFGH", hub.url, tmp_path / "gateway.toml"))
    assert read_settings(tmp_path / "gateway.toml").hub.ca == tmp_path / "gateway-data" / "hub-ca.pem"


def test_the_hubs_certificate_is_checked_unless_its_authority_is_named(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    hub = Hub()
    hub.start(certificate)
    try:
        told = refusal(hub, tmp_path / "gateway.toml")
        assert "certificate" in told
        assert "--ca" in told
        assert hub.asked == []
        join_hub(Request("ABCDEFGH", hub.url, tmp_path / "gateway.toml", ca=certificate))
        assert read_settings(tmp_path / "gateway.toml").home == "flat-12"
    finally:
        hub.stop()


@pytest.mark.parametrize(
    ("status", "answer", "told"),
    [
        (403, {"detail": "This code was used already."}, "the hub answered 403: This code was used already."),
        (429, {"detail": "Too many\nat once"}, "the hub answered 429: Too many at once"),
        (404, b"<html>", "the hub answered 404: is that the address of a hub?"),
        (200, b"<html>", "did not answer as a hub does"),
        (200, b"[1]", "did not answer as a hub does"),
        (200, {"home": "x"}, "broker is missing"),
        (200, ANSWER | {"home": 'x"\n[hub]'}, "home is"),
        (200, ANSWER | {"broker": {"host": "h", "port": 0}}, "port is 0"),
        (200, ANSWER | {"password": ""}, "password is wrong"),
    ],
)
def test_what_the_hub_does_not_grant_is_one_line_and_writes_nothing(
    hub: Hub, tmp_path: Path, status: int, answer: object, told: str
) -> None:
    hub.status, hub.answer = status, answer
    config = tmp_path / "gateway.toml"
    config.write_text('[hub]\nhost = "before"\n')
    assert told in refusal(hub, config)
    assert config.read_text() == '[hub]\nhost = "before"\n'
    assert list((tmp_path / "gateway-data").iterdir()) == []


def test_the_code_goes_nowhere_else(hub: Hub, tmp_path: Path) -> None:
    hub.status, hub.location = 302, "http://localhost:9/elsewhere"
    assert "the hub answered 302" in refusal(hub, tmp_path / "gateway.toml")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("hub.example.org", "is not the address of a hub"),
        ("ftp://hub.example.org", "is not the address of a hub"),
        ("http://hub.example.org", "would be asked without TLS"),
        ("http://127.0.0.1:9", "cannot be reached"),
    ],
)
def test_an_address_that_cannot_be_asked(tmp_path: Path, url: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        join_hub(Request("ABCDEFGH", url, tmp_path / "gateway.toml"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("not toml", "is not TOML"),
        ('hub = {host = "x"}', "is not TOML"),
        ('note = """\n[hub]\nhost = 1\n"""', "is not TOML|cannot be rewritten without loss"),
    ],
)
def test_settings_that_cannot_be_rewritten_are_told_before_the_code_is_spent(
    hub: Hub, tmp_path: Path, text: str, told: str
) -> None:
    config = tmp_path / "gateway.toml"
    config.write_text(text)
    with pytest.raises(InputError, match=told):
        join_hub(Request("ABCDEFGH", hub.url, config))
    assert (hub.asked, config.read_text()) == ([], text)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_told_before_the_code_is_spent(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    assert "cannot be written" in refusal(hub, tmp_path / "closed" / "gateway.toml")
    assert hub.asked == []


def test_a_file_where_the_folder_should_be_is_told_before_the_code_is_spent(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    assert "cannot be written" in refusal(hub, tmp_path / "gateway.toml", data=tmp_path / "data")
    assert hub.asked == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_what_root_writes_belongs_to_the_daemon(hub: Hub, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    os.chown(data, 12345, 12345)
    join_hub(Request("ABCDEFGH", hub.url, tmp_path / "gateway.toml", data))
    assert (data / "hub.password").stat().st_uid == 12345


def test_a_link_put_in_the_way_leads_root_nowhere(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder is the daemon's: who has broken into that must not become root when somebody joins."""
    config, data, other = tmp_path / "gateway.toml", tmp_path / "gateway-data", tmp_path / "other"
    join_hub(Request("ABCDEFGH", hub.url, config))
    other.mkdir()
    (data / "evil").write_text("x")
    (data / f".join-{os.getpid()}").symlink_to(other / "made")
    make = os.mkdir

    def race(path: str | Path, *given: int, **more: int) -> None:
        make(path, *given, **more)
        if "other-home" in str(path):
            (data / "other-home-1").rmdir()
            (data / "other-home-1").symlink_to(other)

    monkeypatch.setattr(os, "mkdir", race)
    hub.answer = ANSWER | {"home": "flat-13"}
    with pytest.raises(InputError, match="cannot be written"):
        join_hub(Request("ABCDEFGH", hub.url, config))
    assert list(other.iterdir()) == []
    assert (data / "evil").exists()

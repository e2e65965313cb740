"""The private authority: what it signs is trusted by who has its certificate, also after it was renewed."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parents[2] / "deploy" / "ca" / "hub-ca"


def hub_ca(*words: object, ok: bool = True) -> str:
    done = subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True, check=False)
    assert (done.returncode == 0) is ok, done.stderr
    return done.stdout if ok else done.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    hub_ca("init", tmp_path / "ca")
    hub_ca("issue", tmp_path / "ca", "localhost", "127.0.0.1")
    return tmp_path / "ca"


def _shakes_hands(folder: Path, name: str) -> None:
    """A server with the certificate and a client that trusts only the authority; ssl.SSLError where it does not."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "localhost.crt", folder / "localhost.key")
    client = ssl.create_default_context(cafile=folder / "ca.crt")
    ours, theirs = socket.socketpair()

    def serve() -> None:
        with ours, server.wrap_socket(ours, server_side=True):
            pass

    serving = threading.Thread(target=serve)
    serving.start()
    try:
        with theirs, client.wrap_socket(theirs, server_hostname=name):
            pass
    finally:
        serving.join()


def _serial(path: Path) -> str:
    return subprocess.run(
        ["openssl", "x509", "-in", path, "-noout", "-serial"], capture_output=True, text=True, check=True
    ).stdout


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_what_it_signs_is_trusted_under_each_of_its_names(folder: Path, name: str) -> None:
    _shakes_hands(folder, name)


def test_keys_are_for_their_owner_only(folder: Path) -> None:
    assert {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} == {
        "ca.key": 0o600,
        "ca.crt": 0o644,
        "localhost.key": 0o600,
        "localhost.crt": 0o644,
    }


def test_what_lasts_is_left_and_what_ends_soon_is_renewed_with_its_key_and_names(folder: Path) -> None:
    before, key = _serial(folder / "localhost.crt"), (folder / "localhost.key").read_bytes()
    assert hub_ca("renew", folder) == ""
    assert _serial(folder / "localhost.crt") == before
    assert hub_ca("renew", folder, 400) == "localhost\n"
    assert _serial(folder / "localhost.crt") != before
    assert (folder / "localhost.key").read_bytes() == key
    for name in ("localhost", "127.0.0.1"):
        _shakes_hands(folder, name)


def test_mistakes_are_one_line_and_touch_nothing(folder: Path) -> None:
    key = (folder / "ca.key").read_bytes()
    assert "ca.key is there already" in hub_ca("init", folder, ok=False)
    assert "'a b' is no host name" in hub_ca("issue", folder, "a b", ok=False)
    assert "no authority here" in hub_ca("issue", folder / "other", "localhost", ok=False)
    assert "is no number of days" in hub_ca("renew", folder, "soon", ok=False)
    assert (folder / "ca.key").read_bytes() == key
    assert sorted(path.name for path in folder.iterdir()) == ["ca.crt", "ca.key", "localhost.crt", "localhost.key"]

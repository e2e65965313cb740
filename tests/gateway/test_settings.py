"""Settings are taken whole or refused with one line that says what, where and what was expected."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.__main__ import main
from gateway.settings import read_settings
from sensor_hub.model.problem import InputError

LEAST = 'home = "h1"\n[hub]\nhost = "127.0.0.1"\n'


def write(folder: Path, text: str) -> Path:
    path = folder / "gateway.toml"
    path.write_text(text)
    return path


def test_the_least_there_can_be(tmp_path: Path) -> None:
    settings = read_settings(write(tmp_path, LEAST))
    assert (settings.tenant, settings.home, settings.device, settings.commit_every) == ("local", "h1", "gateway", 1.0)
    assert settings.data == tmp_path / "gateway-data"
    assert (settings.hub.port, settings.hub.tls, settings.hub.username) == (1883, False, "local/h1")
    assert (settings.sources, settings.pace) == ((), None)


def test_a_hub_elsewhere_is_spoken_to_in_secret(tmp_path: Path) -> None:
    (tmp_path / "word").write_text("secret\n")
    hub = read_settings(
        write(tmp_path, 'home = "h1"\ntenant="t"\n[hub]\nhost = "hub.example.org"\npassword_file = "word"\n')
    ).hub
    assert (hub.tls, hub.verify, hub.port, hub.username, hub.password) == (True, True, 8883, "t/h1", "secret")
    assert "secret" not in repr(hub)


def test_sources_have_defaults(tmp_path: Path) -> None:
    sources = read_settings(
        write(tmp_path, LEAST + '[[source]]\nkind = "zigbee2mqtt"\n[[source]]\nkind = "chirpstack"\nport = 1884\n')
    ).sources
    assert [(source.kind, source.base_topic, source.server.port) for source in sources] == [
        ("zigbee2mqtt", "zigbee2mqtt", 1883),
        ("chirpstack", "application", 1884),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[hub]\nhost = '127.0.0.1'\n", "home is missing"),
        ("home = 'A B'\n[hub]\nhost = '127.0.0.1'\n", "home is 'A B'"),
        ("home = 'a'\n", "hub is missing"),
        (LEAST + "colour = 1\n", "[hub]: unknown key 'colour'; expected one of ca, host"),
        ("spare = 1\n" + LEAST, "unknown key 'spare'"),
        (LEAST + "port = 99999\n", "port is 99999; expected a whole number from 1 to 65535"),
        (LEAST + "[[source]]\nkind = 'knx'\n", "[[source]] 1: kind is 'knx'; expected one of zigbee2mqtt"),
        (LEAST + "[[source]]\nkind = 'tts'\nbase_topic = '#'\n", "base_topic is '#'"),
        (LEAST + 2 * "[[source]]\nkind = 'tts'\n", "[[source]] 2: is there twice"),
        (LEAST + "password_file = 'none'\n", "password_file is 'none'; expected a file that can be read"),
        (LEAST + "password = 12345678\n", "password is wrong; expected"),
        (LEAST + "password_file = 'x'\npassword = 'y'\n", "password and password_file are both there"),
        (LEAST + "ca = 'none.pem'\n", "ca is 'none.pem'"),
        (LEAST.replace("127.0.0.1", "127.evil.example") + "[clock]\nstart = 1767605000\n", "a hub on the loopback"),
        (LEAST + "[clock]\nstart = 'soon'\n", "start is 'soon'"),
        ("home = \n", "is not TOML"),
    ],
)
def test_a_mistake_is_one_line_and_status_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    path = write(tmp_path, text)
    with pytest.raises(InputError):
        read_settings(path)
    assert main(["run", "--config", str(path)]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert str(path) in error
    assert error.count("\n") == 1


def test_a_missing_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--config", str(tmp_path / "none.toml")]) == 2
    assert "none.toml: cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["--help"], ["run", "--help"], ["decode", "--help"]])
def test_every_command_has_help(capsys: pytest.CaptureFixture[str], command: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(command)
    assert ended.value.code == 0
    assert "usage: sensor-gateway" in capsys.readouterr().out


def test_beside_the_package_every_command_finds_its_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As the README has it: `sensor-gateway place DEVICE ROOM`."""
    monkeypatch.setattr("gateway.installed.INSTALLED", write(tmp_path, LEAST))
    assert main(["place", "0x01", "hall"]) == 0
    assert "0x01 is in hall" in capsys.readouterr().out
    assert main(["status"]) == 1

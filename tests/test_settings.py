from __future__ import annotations

import re
from pathlib import Path

import pytest

from sensor_hub.access.role import Role
from sensor_hub.alerts.contact import Contact, Detail
from sensor_hub.config.broker_settings import EmbeddedMqtt
from sensor_hub.influx.address import InfluxAddress
from sensor_hub.ingest.uplink import BrokerAddress
from sensor_hub.model.kind import Audience
from sensor_hub.model.problem import InputError
from sensor_hub.pulse.heart import Rhythm
from sensor_hub.settings import TEMPLATE, Settings, home_files, read_homes, read_settings

HOME = 'id = "{id}"\ntimezone = "Europe/London"\n'


def settings_of(folder: Path, text: str) -> Settings:
    file = folder / "hub.toml"
    file.write_text(text, encoding="utf-8")
    return read_settings(file)


def test_the_template_is_the_defaults(tmp_path: Path) -> None:
    template, empty = settings_of(tmp_path, TEMPLATE), settings_of(tmp_path, "")
    assert template.contacts == (Contact("duty-team", "console://", Detail.MINIMAL, frozenset(Audience)),)
    assert (template.data, template.homes, template.url, template.mqtt, template.web) == (
        empty.data,
        empty.homes,
        empty.url,
        empty.mqtt,
        empty.web,
    )
    assert template.mqtt == EmbeddedMqtt(1883)


def test_everything_that_the_template_leaves_out_can_be_said(tmp_path: Path) -> None:
    secrets = ("mqtt.password", "web.password", "duty-team.address", "operator.address", "callbacks.token")
    for name in (*secrets, "history.token", "access.mail"):
        (tmp_path / name).write_text(f"console://{name}\n")
    (tmp_path / "ca.pem").write_text("a certificate\n")
    (tmp_path / "database.url").write_text("postgresql://hub:secret@127.0.0.1/hub\n")
    text = re.sub(r"^# (?=\w+ = |\[clock\])", "", TEMPLATE, flags=re.MULTILINE)
    text = text.replace("https://hc-ping.example.org", "http://127.0.0.1:8000")
    text = text.replace('address = "console://"', 'address_file = "duty-team.address"')
    settings = settings_of(tmp_path, text.replace('"broker.example.org"', '"localhost"'))
    assert settings.mqtt == BrokerAddress(
        "localhost", 1883, "hub", "console://mqtt.password", True, str(tmp_path / "ca.pem")
    )
    assert settings.web.password == "console://web.password"
    assert settings.contacts[0].address == "console://duty-team.address"
    assert settings.watch.operator == "console://operator.address"
    assert settings.watch.rhythm == Rhythm(ping_every=60, standstill=300)
    assert settings.tenant == "local"
    assert settings.access.second_step == {Role.ADMINISTRATOR, Role.CARE_MANAGER}
    assert settings.history == InfluxAddress(
        url="http://127.0.0.1:8087",
        token="console://history.token",
        org="care",
        bucket="sensor-hub",
        hours_bucket="sensor-hub-hours",
        reading_days=400,
        hour_days=3650,
        ca=str(tmp_path / "ca.pem"),
    )
    assert settings.database.url == "postgresql://hub:secret@127.0.0.1/hub"
    assert "secret" not in repr(settings)
    assert settings.pace is not None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("colour = 1", "unknown key 'colour'"),
        ("[mqtt]\nhots = 'x'", "unknown key 'hots'"),
        ("[web]\nport = 0", "port is 0"),
        ("[database]\nurl = 'mysql://hub:secret@localhost/hub'", "expected an address like postgresql://"),
        ("data = 3", "data is 3"),
        ("url = 'not a url'", "url is 'not a url'"),
        ("[web]\nport = 1883", "both have port 1883"),
        ("[mqtt]\nhost = 'localhost'\nca = 'none.pem'", "ca is 'none.pem'"),
        ("tenant = 'A b'", "tenant is 'A b'"),
        ("[[contact]]\nid = 'a'", "address is missing"),
        ("[[contact]]\nid = 'a'\naddress = 'console://'\nreceives = ['all']", "receives is"),
        ("[[contact]]\nid = 'a'\naddress = 'console://'\ndetail = 'all'", "detail is 'all'"),
        ("[[contact]]\nid = 'a'\naddress_file = 'none'", "address_file 'none' cannot be read"),
        ("[web]\npassword = 'a'\npassword_file = 'b'", "stand together"),
        ("[[contact]]\nid='a'\naddress='console://'\n" * 2, "id is 'a'"),
        ("[clock]\nspeed = 2", "start is missing"),
        ("[clock]\nstart = 1767605000\n[mqtt]\nhost = '10.0.0.1'", "broker is not on the loopback"),
        ("[history]\ninfluxdb = 'influx:8086'", "influxdb is no such address"),
        ("[history]\ninfluxdb = 'http://a:b@influx'", "influxdb is no such address"),
        ("[history]\ninfluxdb = 'http://influx'\nreading_days = 1", "reading_days is 1"),
        ("[history]\ninfluxdb = 'http://influx'\nbucket = 'a'\nhours_bucket = 'a'", "hours_bucket is 'a'"),
        ("[clock]\nstart = 1767605000\n[history]\ninfluxdb = 'http://10.0.0.1'", "InfluxDB is not on the loopback"),
        ("not toml", "is not TOML"),
    ],
)
def test_a_mistake_is_one_line_that_names_it(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(InputError, match=r"hub\.toml") as caught:
        settings_of(tmp_path, text)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_homes_stand_beside_the_settings_and_each_once(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, "")
    (tmp_path / "homes").mkdir()
    for name in ("b", "a"):
        (tmp_path / "homes" / f"{name}.toml").write_text(HOME.format(id=name))
    assert [home.id for home in read_homes(home_files(settings))] == ["a", "b"]
    (tmp_path / "homes" / "c.toml").write_text(HOME.format(id="a"))
    with pytest.raises(InputError, match=r"c\.toml: home id 'a' stands twice"):
        read_homes(home_files(settings))


def test_addresses_and_passwords_are_in_no_text_of_the_settings(tmp_path: Path) -> None:
    text = (
        "[[contact]]\nid='a'\naddress='console://s3cret'\n[mqtt]\nhost='h'\npassword='s3cret'\n[web]\npassword='s3cret'"
        "\n[history]\ninfluxdb='http://h'\ntoken='s3cret'"
    )
    assert "s3cret" not in repr(settings_of(tmp_path, text))


def test_the_operator_may_still_be_called_as_before_but_not_both(tmp_path: Path) -> None:
    file = tmp_path / "hub.toml"
    file.write_text("[watch]\nfallback = 'console://before'\n")
    assert read_settings(file).watch.operator == "console://before"
    file.write_text("[watch]\nfallback = 'console://before'\noperator = 'console://now'\n")
    with pytest.raises(InputError, match="operator and fallback stand together"):
        read_settings(file)

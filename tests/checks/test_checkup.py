"""What `sensor-hub check` finds of the way to the hub, and of mail servers when it is asked to try them."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from sensor_hub.alerts.channel import Channel
from sensor_hub.alerts.delivery import Attempt
from sensor_hub.alerts.notice import Notice
from sensor_hub.checks.checkup import notes, problems
from sensor_hub.dispatch.mail_probe import mail_trouble
from sensor_hub.model.entry import HomeSet
from tests.brokers import free_port
from tests.dispatch.mail_server import MailServer
from tests.homes import moment, small_home
from tests.hub_program import HubProgram
from tests.storage.stores import open_fresh
from tests.storage.test_alert_book import RAISED, T

# Apprise loads its plug-ins at the first address, and some of them use what Python will drop.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
CONTACT = "[[contact]]\nid = 'team'\naddress = 'console://'"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubProgram]:
    hub = HubProgram(tmp_path, [small_home()], tables=CONTACT)
    yield hub
    hub.clear()


@pytest.fixture(scope="module")
def mail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    server = MailServer(tmp_path_factory.mktemp("mail"))
    yield server
    server.stop()


def found(hub: HubProgram, *, tries: bool = False) -> list[str]:
    hub.write()
    return [str(each) for each in problems(hub.config, tries=tries)]


def ids(hub: HubProgram) -> list[str]:
    return [line.partition(":")[0] for line in found(hub)]


def test_ports_that_others_have_are_told_but_not_those_of_the_hub_itself(hub: HubProgram) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as one, closing(socket.create_server(("127.0.0.1", 0))) as two:
        own = hub.mqtt_port, hub.web_port
        hub.mqtt_port, hub.web_port = one.getsockname()[1], two.getsockname()[1]
        assert ids(hub) == ["mqtt.port", "web.port"]
    hub.mqtt_port, hub.web_port = own
    hub.write()
    hub.start()
    hub.wait_ready()
    assert not [line for line in found(hub, tries=True) if ".port" in line]
    hub.kill()
    assert ids(hub).count("mqtt.port") == 0, "the next hub ends the broker that a killed one left"


def test_a_home_in_which_a_pet_is_everywhere_is_told(tmp_path: Path) -> None:
    home = small_home()
    cat = replace(home, devices=tuple(replace(each, pet=each.has_activity) for each in home.devices))
    (line,) = found(HubProgram(tmp_path, [cat], tables=CONTACT))
    assert line.startswith(f"home.pet: home {home.id}: a pet is at every movement sensor")
    stores = open_fresh(tmp_path / "hub-data")
    stores.log.append(home.id, HomeSet(moment("2026-01-05 00:00"), home))
    stores.database.close()
    assert line in found(HubProgram(tmp_path, [cat], tables=CONTACT)), "the file holds, not what the hub had read of it"


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("host = 'no-such-host.invalid'\ntls = true", "gateways.host: no-such-host.invalid cannot be resolved"),
        ("host = '192.0.2.7'", "gateways.host: 192.0.2.7 leads to no broker"),
        ("tls = true\nca = 'missing.pem'", "gateways.ca: "),
        ("tls = true\nca = 'hub.toml'", "gateways.ca: "),
    ],
)
def test_what_gateways_could_not_use_is_told(hub: HubProgram, table: str, told: str) -> None:
    hub.tables = f"{CONTACT}\n[gateways]\n{table}"
    (line,) = found(hub)
    assert line.startswith(told)
    assert ";" in line, "with a hint"


def test_files_of_a_broker_that_are_not_there(hub: HubProgram, tmp_path: Path) -> None:
    hub.mqtt = "host = '127.0.0.1'"
    hub.tables = f"{CONTACT}\n[gateways]\npassword_file = 'nowhere/passwd'\npid_file = 'nowhere/pid'"
    assert ids(hub) == ["mqtt.unreachable", "gateways.password_file", "gateways.pid_file"]
    (tmp_path / "nowhere").mkdir()
    (tmp_path / "nowhere" / "pid").write_text("1")
    assert ids(hub) == ["mqtt.unreachable"]


def test_servers_of_others_are_asked_only_when_told_to(hub: HubProgram, mail: MailServer) -> None:
    wrong = mail.address().replace("secret", "wrong")
    hub.settings = 'url = "https://hub.example.org"'
    hub.tables = f'[[contact]]\nid = "team"\naddress = "{wrong}"'
    assert found(hub) == []
    (line,) = found(hub, tries=True)
    assert line.startswith("contact.service: contact team: the mail server refuses the user and password;")
    assert "wrong" not in line
    done = hub.command("check", "--try")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (1, "1 to put right.")


@pytest.mark.parametrize(
    ("url", "address", "told"),
    [
        ("", "mailto://u:p@gmail.com", ["url.missing"]),
        ("", "mailto://127.0.0.1:2525/?from=a@b.org&to=c@d.org", ["url.missing"]),
        ("", "console://", []),
        ("url = 'http://127.0.0.1:8080'", "mailto://u:p@gmail.com", ["url.loopback"]),
        ("url = 'http://127.0.0.1:8080'", "mailto://127.0.0.1:2525/?from=a@b.org&to=c@d.org", []),
        ("url = 'https://hub.example.org'", "mailto://u:p@gmail.com", []),
    ],
)
def test_notices_without_a_link_that_leads_anywhere_are_told(
    hub: HubProgram, url: str, address: str, told: list[str]
) -> None:
    hub.settings = url
    hub.tables = f'[[contact]]\nid = "team"\naddress = "{address}"'
    assert ids(hub) == told


def test_text_messages_without_room_for_the_link_are_told(hub: HubProgram) -> None:
    hub.tables = '[[contact]]\nid = "team"\naddress = "kannel://u:p@127.0.0.1/Hub/447700900124"'
    hub.settings = 'url = "https://hub.example.org"'
    assert found(hub) == []
    hub.settings = 'url = "https://sensor-hub.a-council-with-a-long-name.example.org"'
    (line,) = found(hub)
    assert line.startswith("url.long: 4 letters too long: some text messages to team have no room for the link")


def test_what_is_wrong_with_an_address_is_told_without_it(hub: HubProgram) -> None:
    hub.tables = '[[contact]]\nid = "team"\naddress = "webhook+https://desk.example.org/?secret_file=gone&a=topsecret"'
    (line,) = found(hub)
    assert "address is not one that notices can be sent to: secret_file cannot be read" in line
    assert "topsecret" not in line


def test_a_mail_server_is_asked_as_far_as_the_login(mail: MailServer) -> None:
    assert mail_trouble(mail.address(), 5) is None
    assert mail.box.mails == []
    closed = mail.address().replace(str(mail.port), str(free_port()))
    assert "cannot be reached" in (mail_trouble(closed, 5) or "")
    verified = mail.address().replace("verify=no", "verify=yes")
    assert "certificate" in (mail_trouble(verified, 5) or ""), "which is the server's own"


def test_a_channel_that_takes_nothing_is_told(hub: HubProgram) -> None:
    data = hub.folder / "hub-data"
    data.mkdir()
    stores = open_fresh(data)
    stores.alerts.record(RAISED)
    stores.alerts.add_notice(Notice("r1", "a1", "team", RAISED.urgency, "Today", "body"), T, T)
    attempt = Attempt("r1", 1, Channel("team", 1, "console://"))
    stores.outbox.start(attempt, T)
    stores.outbox.refused(attempt, T, "no such number", None)
    stores.database.close()
    told = "contact.broken: contact team, channel 1 (console): takes no notices since 2026-01-05T09:23:20Z (no such "
    assert [line for line in found(hub) if line.startswith(told)]


def test_contacts_of_urgent_alerts_that_are_not_confirmed_are_noted_or_refused(hub: HubProgram) -> None:
    hub.tables = (
        "[[contact]]\nid = 'ann'\naddresses = ['console://', 'json://127.0.0.1']\n"
        "[[contact]]\nid = 'fitter'\naddress = 'json://127.0.0.1'\nreceives = ['technical']\n"
        "[[policy]]\nid = 'care'\nurgency = ['urgent']\n[[policy.step]]\nto = ['ann']\nwait = 5\n"
        "[[policy]]\nid = 'rest'\nurgency = ['soon']\n[[policy.step]]\nto = ['fitter']\nwait = 5\n"
    )
    assert not [line for line in found(hub) if "confirmed" in line]
    (note,) = map(str, notes(hub.config))
    assert note.startswith("contact.unconfirmed: nobody has confirmed that notices reach ann; ")
    hub.tables += "[telling]\nrequire_verified = true\n"
    (refused,) = [line for line in found(hub) if "confirmed" in line]
    assert refused.startswith("contact.unconfirmed: contact ann: nobody has confirmed that notices reach it")
    assert list(notes(hub.config)) == []
    data = hub.folder / "hub-data"
    data.mkdir()
    stores = open_fresh(data)
    stores.channels.set_up([Channel("ann", 1, "console://")])
    stores.channels.confirm(Channel("ann", 1, "console://").key, "Jo", T)
    stores.database.close()
    assert not [line for line in found(hub) if "confirmed" in line]


def test_a_review_that_nobody_gets_is_noted(hub: HubProgram) -> None:
    hub.tables += "\n[review]\nto = []"
    hub.write()
    assert [note for note in notes(hub.config) if note.id == "review.nobody"]

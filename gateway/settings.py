"""The gateway's settings, `gateway.toml`.

home = "flat-12"              # the home's id; with `tenant` its place at the hub
tenant = "local"
device = "gateway"            # the name under which the gateway says that it is there
data = "gateway-data"         # folder of the outbox, beside this file
devices = "devices"           # folder of device files for LoRaWAN sensors that come without a decoder, beside this file
commit_every = 1.0            # seconds for which readings are gathered before they are written to the disk

[hub]
host = "hub.example.org"
port = 8883                   # 8883 with TLS, else 1883
password_file = "password"    # or password; username is "tenant/home" unless given
ca = "ca.pem"                 # the system's authorities unless given
tls = true                    # unless the hub is on this machine
verify = true                 # false: encrypt, but believe any certificate

[[source]]
kind = "zigbee2mqtt"          # or chirpstack, tts, tasmota, homeassistant, json (plain JSON, with a base_topic)
host = "127.0.0.1"
port = 1883
base_topic = "zigbee2mqtt"

[way_out]                     # only where the gateway is to tell somebody itself while the hub is out of reach
kind = "http"                 # or gammu, with a number
url = "https://notify.example.org/notify/flat"    # takes {"title", "body", "type"} as Apprise's API does
token_file = "token"          # unless the address is enough; goes whole into the header, such as "Bearer …"
header = "Authorization"
reference = "A17"             # begins each message: the reader knows by it which home it is
# kind = "gammu"              # a short message; program = "gammu-smsd-inject" unless given, or "gammu"
# number = "+447700900123"

[clock]                       # demonstration only: simulated time, and a hub on this machine
start = "2026-01-05T00:00:00Z"
speed = 720
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from gateway.way_out import WayOut, parse_way_out
from sensor_hub.model.moment import MINUTE
from sensor_hub.model.pace import Pace, parse_pace
from sensor_hub.model.problem import InputError
from sensor_hub.model.reading import is_device_id, is_slug
from sensor_hub.model.table import Table, read_table

PLAIN_PORT, TLS_PORT = 1883, 8883
BASE_TOPIC = {
    "zigbee2mqtt": "zigbee2mqtt",
    "chirpstack": "application",
    "tts": "v3",
    "tasmota": "",
    "homeassistant": "homeassistant",
    "json": "",
}
"""The sources there are, and where their topics begin unless something else is given; empty: in their usual places."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where a broker is and how one gets in. `ca` None: the system's authorities."""

    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False
    ca: Path | None = None
    verify: bool = True
    password_file: Path | None = field(default=None, compare=False)
    """Where the password came from."""

    @property
    def is_here(self) -> bool:
        """Whether it is on this machine's loopback."""
        numbers = self.host.split(".")
        is_loopback_4 = len(numbers) == 4 and numbers[0] == "127" and all(number.isdigit() for number in numbers)
        return self.host in ("localhost", "::1") or is_loopback_4


@dataclass(frozen=True, slots=True)
class Source:
    """A family of messages at a broker of the home."""

    kind: str
    server: Server
    base_topic: str


@dataclass(frozen=True, slots=True)
class Settings:
    tenant: str
    home: str
    device: str
    data: Path
    commit_every: float
    hub: Server
    sources: tuple[Source, ...]
    pace: Pace | None = None
    devices: Path | None = None
    """Folder of device files that add to ours."""
    way_out: WayOut | None = None


def read_settings(path: Path) -> Settings:
    """The settings in the file; InputError says in one line what is wrong, where, and what was expected."""
    table = read_table(path)
    folder = path.parent
    tenant, home = _slug(table, "tenant", "local"), _slug(table, "home")
    device = table.text("device", "gateway")
    if not is_device_id(device):
        raise table.wrong("device", "letters, digits and _ . : - after a first letter or digit")
    data = folder / table.text("data", "gateway-data")
    given = _given(table, "devices")
    devices = None if given is None else folder / given
    if devices is not None and not devices.is_dir():
        raise table.wrong("devices", "a folder of device files")
    commit_every = table.number("commit_every", 1.0, low=0.0, high=MINUTE)
    hub_table = table.table("hub")
    if hub_table is None:
        raise table.wrong("hub", '[hub] with host = "…"')
    hub = _server(hub_table, folder, username=f"{tenant}/{home}")
    sources = _sources(table, folder)
    pace = parse_pace(table.table("clock"))
    way_out = table.table("way_out")
    out = None if way_out is None else parse_way_out(way_out, folder)
    table.done()
    if pace is not None and not hub.is_here:
        expected = "a hub on the loopback while [clock] simulates time, or no [clock]"
        raise InputError(f"host is {hub.host!r}", where=hub_table.where, expected=expected)
    return Settings(tenant, home, device, data, commit_every, hub, sources, pace, devices, out)


def _slug(table: Table, key: str, default: str | None = None) -> str:
    value = table.text(key, default)
    if not is_slug(value):
        raise table.wrong(key, "1 to 64 of a-z, 0-9, _ and -")
    return value


def _sources(table: Table, folder: Path) -> tuple[Source, ...]:
    """Two alike would have one name at their broker, which lets only the last one in."""
    sources: list[Source] = []
    places: set[tuple[str, str, int, str]] = set()
    for row in table.tables("source"):
        source = _source(row, folder)
        place = (source.kind, source.server.host, source.server.port, source.base_topic)
        if place in places:
            raise InputError("is there twice", where=row.where, expected="another kind, broker or base_topic")
        places.add(place)
        sources.append(source)
    return tuple(sources)


def _source(table: Table, folder: Path) -> Source:
    kind = table.choice("kind", tuple(BASE_TOPIC))
    base_topic = table.text("base_topic", BASE_TOPIC[kind])
    if kind == "json" and not base_topic:
        raise table.wrong("base_topic", "where the topics of plain JSON begin: all of a broker's would be too much")
    if any(letter in base_topic for letter in "#+\0") or base_topic.startswith("/") or base_topic.endswith("/"):
        raise table.wrong("base_topic", "a topic without + and #, and no / at its ends")
    return Source(kind, _server(table, folder, username=None, host="127.0.0.1"), base_topic)


def _server(table: Table, folder: Path, *, username: str | None, host: str | None = None) -> Server:
    """Takes all that is left of the table."""
    name = table.text("host", host)
    ca = _given(table, "ca")
    if ca is not None and not (folder / ca).is_file():
        raise table.wrong("ca", "a file with the certificate of the authority")
    # Plain text to another machine must be asked for where it is the hub; a home's own brokers seldom speak TLS.
    tls = table.flag("tls", ca is not None or (host is None and not Server(name, PLAIN_PORT).is_here))
    server = Server(
        host=name,
        port=table.whole("port", TLS_PORT if tls else PLAIN_PORT, low=1, high=65535),
        username=_given(table, "username") or username,
        password=_password(table, folder),
        tls=tls,
        ca=None if ca is None else folder / ca,
        verify=table.flag("verify", True),
        password_file=None if (file := _given(table, "password_file")) is None else folder / file,
    )
    table.done()
    return server


def _given(table: Table, key: str) -> str | None:
    return table.text(key) if table.get(key) is not None else None


def _password(table: Table, folder: Path) -> str | None:
    password, file = _given(table, "password"), _given(table, "password_file")
    if password is not None and file is not None:
        raise InputError("password and password_file are both there", where=table.where, expected="one of them")
    if file is None:
        return password
    try:
        return (folder / file).read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        raise table.wrong("password_file", f"a file that can be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise table.wrong("password_file", "a file of text") from error

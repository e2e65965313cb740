"""The hub's settings, `hub.toml`. `TEMPLATE` shows them; `sensor-hub run` writes it where there is no file.

deploy/settings.md has every key, its default and its bounds: a test holds it against what is read here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.plan import Plan
from sensor_hub.config.access_settings import AccessSettings, OidcSettings, read_access, read_oidc
from sensor_hub.config.broker_settings import EmbeddedMqtt, GatewayAccess, read_gateways, read_mqtt
from sensor_hub.config.callback_settings import CallbackSettings, read_callbacks
from sensor_hub.config.chronology_settings import ChronologySettings, read_chronology
from sensor_hub.config.database_settings import DatabaseSettings, read_database
from sensor_hub.config.history_settings import read_history
from sensor_hub.config.keep_settings import KeepSettings, read_keep
from sensor_hub.config.privacy_settings import PrivacySettings, read_privacy
from sensor_hub.config.telling_settings import read_plan
from sensor_hub.config.watch_settings import WatchSettings, read_watch
from sensor_hub.config.web_settings import WebSettings, read_web
from sensor_hub.dispatch.carriers import stays_here
from sensor_hub.dispatch.loopback import LOOPBACK
from sensor_hub.influx.address import InfluxAddress
from sensor_hub.ingest.uplink import BrokerAddress
from sensor_hub.keeping.anchors import ANCHORS
from sensor_hub.logs import LogSettings, read_log_settings
from sensor_hub.model.dial import DEFAULT_FALSE_PAGES, FEWEST_FALSE_PAGES, MOST_FALSE_PAGES
from sensor_hub.model.home import Home, read_home
from sensor_hub.model.pace import Pace, parse_pace
from sensor_hub.model.problem import InputError
from sensor_hub.model.reading import is_slug
from sensor_hub.model.table import Table, read_table

TEMPLATE = """\
# Settings of sensor-hub (deploy/settings.md has every key). Names of files and folders are relative to this file.

data = "hub-data"                 # what the hub stores; back this folder up
homes = "homes/*.toml"            # one file for each home
# url = "https://hub.example.org" # where people reach the pages; without it notices carry no link to answer by
# tenant = "local"                # take only gateways of this tenant; else a home's first one is the only one
# false_pages = 90                # a month per hundred homes: how many you accept. Fewer pages come later, or not at
                                  # all; `sensor-hub backtest HOME` shows which. Cold, smoke, help buttons and the
                                  # longest silences are told all the same
# fallback = "duty-team"          # the contact or team that hears of an urgent alert which nobody took, at no step
# manager = "duty-team"           # hears of addresses that take nothing; else the fallback, or who hears of equipment
# acknowledged_for = 60           # minutes after which an urgent alert without an outcome returns to who took it

# Who is told. deploy/telling.md has all sorts of addresses, such as
# mailtos://user:password@mail.example.org?to=duty@example.org; console:// prints the notice
# and keeps it in the data folder.
[[contact]]
id = "duty-team"
# name = "The duty team"          # what pages call them
address = "console://"            # or address_file = "duty-team.address", for one that holds a password
                                  # or addresses = ["...", "..."]: several, tried in this order
detail = "minimal"                # "full" names the home and says what happened: only where nobody else reads it
receives = ["care", "technical"]
# quiet = { from = "22:00", until = "07:00", timezone = "Europe/London" }   # then only what is urgent
# tenant = "oakshire"             # of several organisations: of whose homes they hear; else the hub's own

# Without a [[policy]] an alert goes to all contacts that receive its sort. Teams, rotas (who is on call at which hour)
# and policies (whom an alert goes to, step after step, while nobody takes it) are in deploy/telling.md.
#
#   [[policy]]
#   id = "care"
#   alerts = ["care"]
#   [[policy.step]]
#   to = ["duty-team"]
#   wait = 15                     # minutes in which somebody may take the alert, before the next step

# A review of each week, for teams, or without teams for contacts that receive "care".
[review]
# day = "mon"
# at = "08:00"
# timezone = "Europe/London"      # else the one of most homes
# to = ["duty-team"]              # [] for nobody

# How many alerts of a home that are not urgent interrupt people in a week; the rest is in a daily digest.
[budget]
# pages_per_home_week = 2         # 0: all in the digest; 100: no limit
# digest_at = "15:00"             # by the rota's clock, or that of a contact's quiet hours
# timezone = "Europe/London"      # else; without it the one of most homes

# The broker that gateways publish to. Without a host the hub runs one of its own on the loopback, and writes what
# gateways need to get in to data/broker/credentials.json.
[mqtt]
port = 1883
# host = "broker.example.org"
# username = "hub"
# password_file = "mqtt.password" # or password = "..."
# tls = true
# ca = "ca.pem"                   # the authority that signed the broker's certificate; else those the system trusts

# How gateways reach that broker, where they do it by another name than the hub. They are told when they join with a
# code (sensor-hub gateway add HOME); each then gets a password of its own, which goes into the broker's file.
[gateways]
# host = "hub.example.org"
# port = 8883
# tls = true
# ca = "gateways-ca.pem"          # sent to the gateway, where no public authority signed the broker's certificate
# password_file = "/etc/mosquitto/gateways/passwd"
# pid_file = "/run/mosquitto.pid" # of the mosquitto that reads it again; deploy/mosquitto has a way without
# log_file = "/var/log/mosquitto/mosquitto.log" # in which the hub reads what was refused

[web]
host = "127.0.0.1"
port = 8080
# password_file = "web.password"  # or password = "..."; else one is made, in the data folder
# requests_a_minute = 600        # of the API, of each account, token or unknown address
# trusted_proxies = ["127.0.0.1"] # proxies with https before the pages: whose X-Forwarded-For and -Proto are believed
# link_hours = 72                 # how long the link in a notice can be used, without a login

# How people sign in. Until the first account is made (sensor-hub account add) the password above lets everybody in.
[access]
# session_hours = 12              # then everybody signs in again
# idle_minutes = 120              # or so long after the last page
# second_step = ["administrator", "care_manager"]   # roles that need a code of a telephone, too
# mail_file = "access.mail"       # a mail server's address, without recipient: links for new passwords go by it

# An organisation's own accounts, by OpenID Connect (deploy/access.md):
#
#   [oidc]
#   issuer = "https://login.example.org/realms/council"
#   client_id = "sensor-hub"
#   client_secret_file = "oidc.secret"
#   label = "your council account"   # behind "Sign in with"
#   scope = "openid profile email"
#   [[oidc.allow]]
#   claim = "groups"
#   value = "telecare-duty"
#   role = "duty_officer"
#   tenant = "local"
#   homes = ["flat-12"]           # only these

# Who notices that the hub itself stands still: a dead man's switch outside (healthchecks or one like it), which the hub
# tells that it moves, and the program "sensor-hub watchdog" beside it, which tells the operator.
[watch]
# ping_url = "https://hc-ping.example.org/your-uuid"   # or ping_url_file = "..."
# ping_every = 60                 # seconds
# standstill = 300                # seconds without any movement
# operator_file = "operator.address"   # an Apprise URL; or operator = "..."

# Services that took a message tell at url/api/v1/receipts/... what became of it (deploy/telling.md), with this token.
[callbacks]
# token_file = "callbacks.token"  # or token = "..."

[telling]
# require_verified = true         # check refuses contacts of urgent alerts who have confirmed no channel (see contact
                                  # verify); alerts go out to them all the same

# Where charts and exports read: the log's own table, or an InfluxDB that the hub fills from it (deploy/history.md).
[history]
# influxdb = "http://127.0.0.1:8087"   # 1.8, 2 or 3; Debian's 1.6 behind the nginx of deploy/influxdb
# token_file = "history.token"    # or token = "..."
# org = "care"                    # InfluxDB 2 wants it
# bucket = "sensor-hub"           # readings
# hours_bucket = "sensor-hub-hours"   # how many, lowest, mean and highest of each hour: for long charts
# reading_days = 400              # how long they are kept; without it for ever
# hour_days = 3650
# ca = "ca.pem"                   # the authority that signed its certificate; else those the system trusts
# Where homes, alerts and the log are: a file in the data folder, or PostgreSQL (deploy/database.md).
[database]
# url_file = "database.url"       # postgresql://hub:password@127.0.0.1/hub, or url = "..."

# For how many days what is kept; without a number for ever (deploy/keeping.md).
[keep]
# reading_days = 400              # single readings; what they were in each hour stays, for charts
# hour_days = 2922                # that as well
# alert_days = 2922               # closed alerts
# ledger_days = 1096              # what became of notices, from when their alerts were closed
# tenants = { oakshire = { reading_days = 100, hour_days = 400, alert_days = 400, ledger_days = 400 } } # of one

# Who saw and did what (deploy/chronology.md). Anchors show that its end was cut off: best on a disk of their own.
[chronology]
# days = 2922                     # how long it is kept
# tenants = { oakshire = 1096 }   # where a tenant's term is another
# anchors = "chronology.anchors"  # else in the data folder

# Names, telephone numbers and response cards are sealed with a key that is not in the data (deploy/privacy.md).
[privacy]
# key_file = "hub.key"            # made at the first start; keep a copy of it apart from backups of the data
# erase_after_days = 0            # for how long what was collected stays once it is no longer agreed; 28 at most
# backups_kept_days = 35          # for how long you keep backups: certificates of erasure say so

[log]
# format = "json"                 # an object a line, for a program that collects logs; neither form holds personal data

# Simulated time, for demonstration and training only.
# [clock]
# start = "2026-01-05T00:00:00Z"
# speed = 720
# since = "2026-11-25T09:00:00Z"  # when it was start, for programs that must agree; else each one's own start
"""


@dataclass(frozen=True, slots=True)
class Settings:
    file: Path
    data: Path
    url: str
    homes: str
    """The pattern of the files, beside the settings' file."""
    plan: Plan
    """Who is told."""
    mqtt: EmbeddedMqtt | BrokerAddress
    gateways: GatewayAccess
    web: WebSettings
    watch: WatchSettings
    callbacks: CallbackSettings
    privacy: PrivacySettings
    database: DatabaseSettings
    log: LogSettings
    access: AccessSettings = field(default_factory=AccessSettings)
    oidc: OidcSettings | None = None
    """Who vouches for people; None: nobody."""
    chronology: ChronologySettings = field(default_factory=ChronologySettings)
    history: InfluxAddress | None = None
    """What charts and exports read; None: the log's own table."""
    keep: KeepSettings = field(default_factory=KeepSettings)
    """For how long."""
    requires_verified: bool = False
    """Whether `check` refuses contacts of urgent alerts of whom no channel is confirmed. They are told all the same."""
    notice_url: str | None = None
    """`url` where the file has one: what notices link to."""
    tenant: str | None = None
    pace: Pace | None = None
    false_pages: float = DEFAULT_FALSE_PAGES
    """The dial: how many are accepted a month per hundred homes."""

    @property
    def contacts(self) -> tuple[Contact, ...]:
        return self.plan.contacts

    @property
    def anchors(self) -> Path:
        """The file with the anchors of the chronology."""
        return self.chronology.anchors or self.data / ANCHORS


def read_settings(path: Path) -> Settings:
    """The settings in the file; InputError names the file and the key that is wrong."""
    table = read_table(path)
    folder = path.parent
    web = read_web(table.table("web") or Table({}, f"{path}, [web]"), folder)
    tenant = table.text("tenant") if "tenant" in table else None
    table.get("tenant")
    if tenant is not None and not is_slug(tenant):
        raise table.wrong("tenant", "1 to 64 of a-z, 0-9, _ and -")
    mqtt = read_mqtt(table.table("mqtt") or Table({}, f"{path}, [mqtt]"), folder)
    settings = Settings(
        file=path,
        data=folder / table.text("data", "hub-data"),
        url=table.text("url", f"http://{web.host}:{web.port}").rstrip("/"),
        homes=table.text("homes", "homes/*.toml"),
        plan=read_plan(table, folder),
        mqtt=mqtt,
        gateways=read_gateways(table.table("gateways") or Table({}, f"{path}, [gateways]"), folder, mqtt),
        web=web,
        watch=read_watch(table.table("watch") or Table({}, f"{path}, [watch]"), folder),
        callbacks=read_callbacks(table.table("callbacks") or Table({}, f"{path}, [callbacks]"), folder),
        log=read_log_settings(table.table("log") or Table({}, f"{path}, [log]")),
        database=read_database(table.table("database") or Table({}, f"{path}, [database]"), folder),
        privacy=read_privacy(table.table("privacy") or Table({}, f"{path}, [privacy]"), folder),
        chronology=read_chronology(table.table("chronology") or Table({}, f"{path}, [chronology]"), folder),
        access=read_access(table.table("access") or Table({}, f"{path}, [access]"), folder),
        oidc=read_oidc(table.table("oidc"), folder),
        requires_verified=_requires_verified(table.table("telling") or Table({}, f"{path}, [telling]")),
        history=read_history(table.table("history") or Table({}, f"{path}, [history]"), folder),
        keep=read_keep(table.table("keep") or Table({}, f"{path}, [keep]")),
        notice_url=table.text("url").rstrip("/") if "url" in table else None,
        tenant=tenant,
        pace=parse_pace(table.table("clock")),
        false_pages=table.number("false_pages", DEFAULT_FALSE_PAGES, low=FEWEST_FALSE_PAGES, high=MOST_FALSE_PAGES),
    )
    table.done()
    if not settings.url.startswith(("http://", "https://")):
        raise table.wrong("url", "an address that begins with http:// or https://")
    if isinstance(settings.mqtt, EmbeddedMqtt) and settings.mqtt.port == web.port:
        expected = "ports of their own"
        raise InputError(f"[mqtt] and [web] both have port {web.port}", where=str(path), expected=expected)
    if settings.pace is not None:
        _check_simulation(settings)
    return settings


def home_files(settings: Settings) -> list[Path]:
    """The files that describe homes, in order of their names."""
    pattern = Path(settings.homes)
    if pattern.is_absolute():
        if len(pattern.parts) == 1:
            return []
        return sorted(Path(pattern.anchor).glob(str(pattern.relative_to(pattern.anchor))))
    return sorted(settings.file.parent.glob(settings.homes))


def read_homes(files: Sequence[Path]) -> list[Home]:
    """All homes; InputError where one is wrong or an id stands twice."""
    homes: dict[str, Home] = {}
    for file in files:
        home = read_home(file)
        if home.id in homes:
            raise InputError(f"home id {home.id!r} stands twice", where=str(file), expected="an id of its own")
        homes[home.id] = home
    return list(homes.values())


def _requires_verified(table: Table) -> bool:
    is_required = table.flag("require_verified", default=False)
    table.done()
    return is_required


def _check_simulation(settings: Settings) -> None:
    """Simulated homes must never reach real people, nor real homes a simulated hub."""
    expected = "servers on the loopback while [clock] simulates time, or no [clock]"
    if isinstance(settings.mqtt, BrokerAddress) and settings.mqtt.host not in LOOPBACK:
        raise InputError("the broker is not on the loopback", where=f"{settings.file}, [mqtt]", expected=expected)
    for contact in settings.contacts:
        if not all(stays_here(channel.address) for channel in contact.channels):
            where = f"{settings.file}, contact {contact.id}"
            raise InputError("its server is not on the loopback", where=where, expected=expected)
    if settings.history is not None and urlsplit(settings.history.url).hostname not in LOOPBACK:
        raise InputError("InfluxDB is not on the loopback", where=f"{settings.file}, [history]", expected=expected)
    if settings.access.mail is not None and not stays_here(settings.access.mail):
        raise InputError(
            "its mail server is not on the loopback", where=f"{settings.file}, [access]", expected=expected
        )
    watch, where = settings.watch, f"{settings.file}, [watch]"
    if watch.operator is not None and not stays_here(watch.operator):
        raise InputError("the operator's server is not on the loopback", where=where, expected=expected)
    if watch.ping_url is not None and urlsplit(watch.ping_url).hostname not in LOOPBACK:
        raise InputError("the switch of ping_url is not on the loopback", where=where, expected=expected)

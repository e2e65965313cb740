"""A real hub in this process, with all its doors open, two tenants' homes, and somebody of each role."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import httpx

from sensor_hub.access.account import Account
from sensor_hub.access.api_token import PEOPLE_ONLY, ApiToken, make_token, secret_hash
from sensor_hub.access.role import OF_ONE_HOME, ROLES, Role
from sensor_hub.access.session import SignedIn, Stage
from sensor_hub.app import HubApp
from sensor_hub.model.alert import AlertChange, AlertState
from sensor_hub.model.consent import Data
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.moment import DAY, HOUR
from sensor_hub.settings import home_files, read_homes, read_settings
from sensor_hub.storage.access_stores import AccessStores
from sensor_hub.storage.database import Database
from sensor_hub.storage.key_file import KeyFile
from sensor_hub.storage.stores import SqlStores
from sensor_hub.storage.vault import Vault
from sensor_hub.web import event_stream
from sensor_hub.web.session import COOKIE, Throttle
from tests.hub_program import HubProgram
from tests.waiting import wait_for
from tests.web.builders import make_home

TENANTS = {"elm-14": "local", "fir-3": "local", "oak-2": "oakshire"}
OAKSHIRES = (Role.ADMINISTRATOR, Role.CARE_MANAGER, Role.DUTY_OFFICER)
"""Of the other tenant, who have no single home."""
SETTINGS = 'homes = "homes/*.toml"\n'
MANY = "requests_a_minute = 1000000"
TABLES = """
[callbacks]
token_file = "callbacks.token"
[[contact]]
id = "ann"
name = "Ann Lee"
address_file = "ann.address"
receives = ["care", "technical"]
[[contact]]
id = "bea"
address = "console://bea"
[[contact]]
id = "oli"
address = "console://oli"
tenant = "oakshire"
[[rota]]
id = "nights"
timezone = "Europe/London"
[[rota.shift]]
who = ["ann", "bea"]
from = "20:00"
to = "08:00"
[[rota.shift]]
who = ["bea"]
from = "08:00"
to = "20:00"
[[policy]]
id = "care"
[[policy.step]]
to = ["nights"]
wait = 10
[[policy.step]]
to = ["ann"]
wait = 15
"""


@dataclass
class ApiHouse:
    hub: HubProgram
    cookies: dict[str, str]
    """Of each role, a session; `oakshire ROLE`: of the other tenant's; and `a session that is over`."""
    tokens: dict[str, str]
    """`integration`: all scopes; `over`, `revoked`: once good; `oakshire`: another tenant's."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.hub.web_port}"

    @property
    def forged(self) -> str:
        """Spelled as a token is, and made by no hub."""
        return make_token()

    def headers(self, who: str) -> dict[str, str]:
        if who in self.cookies:
            return {"Cookie": f"{COOKIE}={self.cookies[who]}"}
        return {"Authorization": f"Bearer {self.tokens[who]}"} if who in self.tokens else {}


@contextmanager
def open_house(folder: Path) -> Iterator[ApiHouse]:
    hub = HubProgram(
        folder,
        [make_home(home) for home in TENANTS],
        settings=SETTINGS,
        tables=TABLES,
        web="requests_a_minute = 1000000",
    )
    hub.write()
    (folder / "callbacks.token").write_text("a word of the service's own\n")
    (folder / "ann.address").write_text("console://\n")
    house = ApiHouse(hub, {}, {})
    _people(house, folder)
    settings = read_settings(hub.config)
    app = HubApp(settings, read_homes(home_files(settings)))
    # Whoever guesses waits: here thousands of guesses are made.
    with patch.object(Throttle, "LONGEST_PAUSE", 0.0), patch.object(event_stream, "LONGEST", 0.1):
        try:
            app.start()
            wait_for(lambda: httpx.get(f"{house.url}/readyz").status_code == 200)
            _agree(house)
            yield house
        finally:
            app.stop()


def _agree(house: ApiHouse) -> None:
    """To everything in one home: without a record family see nothing."""
    agreed = {"basis": "consent", "scope": [*Data], "decided_by": "herself", "by": "Sam"}
    headers = house.headers("care_manager") | {"If-Match": '"0"'}
    httpx.put(f"{house.url}/api/v1/consents/elm-14", json=agreed, headers=headers).raise_for_status()


def _people(house: ApiHouse, folder: Path) -> None:
    """Accounts, sessions and tokens as signing in would have made them."""
    at = time.time()
    data = folder / "hub-data"
    data.mkdir(mode=0o700)
    database = Database(data / "hub.db")
    database.open()
    stores = SqlStores(database)
    vault = Vault(KeyFile(folder / "hub.key"), stores.memory)
    vault.start()
    stores.unlock(vault)
    access = AccessStores(database, vault)
    for home, tenant in TENANTS.items():
        stores.tenants.give(home, tenant)
    for role in Role:
        if role is not Role.INTEGRATION:
            homes = frozenset({"elm-14"}) if role in OF_ONE_HOME else None
            access.accounts.add(Account(role.value, role.value, role.value, role, at, tenant="local", homes=homes))
            _session(house, access, role.value, role.value, at)
    for role in OAKSHIRES:
        name = f"oakshire {role.value}"
        access.accounts.add(Account(name, name.replace(" ", "-"), name, role, at, tenant="oakshire"))
        _session(house, access, name, name, at)
    _session(house, access, "a session that is over", Role.CARE_MANAGER.value, at - 13 * HOUR)
    _token(house, access, "integration", at)
    _token(house, access, "oakshire", at, tenant="oakshire")
    _token(house, access, "over", at - 10 * DAY)
    _token(house, access, "revoked", at)
    access.tokens.revoke("revoked", at)
    _alerts(stores, at)
    _confirmed(stores, folder, at)
    database.close()


def _session(house: ApiHouse, access: AccessStores, name: str, account: str, at: float) -> None:
    house.cookies[name] = cookie = f"cookie of {name}".replace(" ", "-")
    ends_at = at + 12 * HOUR
    access.sessions.begin(SignedIn(secret_hash(cookie), account, Stage.FULL, at, at, ends_at, "10.0.0.9", "Firefox"))


def _confirmed(stores: SqlStores, folder: Path, at: float) -> None:
    """Notices reach everybody."""
    plan = read_settings(folder / "hub.toml").plan
    channels = [channel for contact in plan.contacts for channel in contact.channels]
    stores.channels.set_up(channels)
    for channel in channels:
        stores.channels.confirm(channel.key, "Sam", at)


def _token(house: ApiHouse, access: AccessStores, name: str, at: float, tenant: str = "local") -> None:
    house.tokens[name] = make_token()
    scopes = ROLES[Role.INTEGRATION] - PEOPLE_ONLY
    token = ApiToken(name, name, frozenset(scopes), "Sam", at, at + 5 * DAY, tenant=tenant)
    access.tokens.add(token, secret_hash(house.tokens[name]))


def _alerts(stores: SqlStores, at: float) -> None:
    """One of equipment in each home."""
    for home in TENANTS:
        change = AlertChange(
            f"{home}-silent", 1, home, Kind.DEVICE_SILENT, "0x00158d0001a20005", Urgency.SOON, AlertState.RAISED,
            at - HOUR, at - 3 * HOUR, "The hall's door sensor is silent.", {},
        )  # fmt: skip
        stores.alerts.record(change)

"""Who listens to a hub that is killed, stopped, or does not want them any more."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from sensor_hub.access.action import Action
from sensor_hub.access.api_token import ApiToken, make_token, secret_hash
from sensor_hub.model.change import HIDDEN
from sensor_hub.model.moment import DAY, iso
from sensor_hub.storage.api_tokens import StoredApiTokens
from sensor_hub.storage.database import Database
from sensor_hub.storage.ends import Unkept
from sensor_hub.storage.stores import SqlStores
from sensor_hub.web.event_ports import Place
from sensor_hub.web.event_text import cursor
from tests.hub_program import HubProgram
from tests.waiting import wait_for
from tests.web.builders import make_home

FIRST, BESIDE = "flat-1", "flat-2"
CONTROL = {"hub.time", "end", "lost"}
SCOPES = frozenset({Action.SEE_EVENTS, Action.SEE_HOMES, Action.SEE_SILENCES, Action.SILENCE, Action.SEE_CARE_ALERTS})


@dataclass
class Listener:
    """Comes back behind the last id, as browsers do, until nobody lets it in."""

    url: str
    token: str
    ids: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    why: str = ""
    status: int = 200
    last: str = ""
    is_over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        while not self.is_over.is_set() and self.status != 401:
            with suppress(httpx.TransportError):
                self._listen()
            self.is_over.wait(0.02)

    def _listen(self) -> None:
        headers = {"Authorization": f"Bearer {self.token}"} | ({"Last-Event-ID": self.last} if self.last else {})
        with httpx.stream("GET", f"{self.url}/api/v1/events", headers=headers, timeout=60) as answer:
            self.status = answer.status_code
            lines: dict[str, str] = {}
            for line in answer.iter_lines():
                if line:
                    name, _, value = line.partition(": ")
                    lines[name] = value
                else:
                    self._take(lines)
                    lines = {}

    def _take(self, lines: dict[str, str]) -> None:
        name = lines.get("event", "")
        self.last = lines.get("id", self.last)
        self.names.append(name)
        if name == "end":
            self.why = lines["data"]
        if name not in CONTROL and name:
            self.ids.append(lines["id"])


@dataclass
class Heard:
    hub: HubProgram
    tokens: dict[str, str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.hub.web_port}"

    def silence(self, number: int) -> None:
        """For a day; nothing where the hub is away."""
        until = iso(time.time() + DAY)
        body = {"homes": FIRST, "until": until, "why": f"painters {number}", "by": "Jo"}
        headers = {"Authorization": f"Bearer {self.tokens['all']}"}
        with suppress(httpx.TransportError):
            answer = httpx.post(f"{self.url}/api/v1/silences", json=body, headers=headers, timeout=60)
            assert answer.status_code == 201, answer.text

    def silence_some(self) -> None:
        for number in range(4):
            self.silence(number)


@contextmanager
def tokens_of(hub: HubProgram) -> Iterator[StoredApiTokens]:
    """From beside the hub, as commands have them."""
    folder = hub.folder / "hub-data"
    folder.mkdir(mode=0o700, exist_ok=True)
    with closing(Database(folder / "hub.db")) as database:
        database.open()
        yield StoredApiTokens(database, Unkept())


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Heard]:
    folder: Path = tmp_path_factory.mktemp("heard")
    hub = HubProgram(folder, [make_home(FIRST), make_home(BESIDE)], settings='homes = "homes/*.toml"\n')
    hub.write()
    heard, at = Heard(hub, {name: make_token() for name in ("all", "revoked", "beside")}), time.time()
    with tokens_of(hub) as tokens:
        for name, secret in heard.tokens.items():
            homes = frozenset({BESIDE}) if name == "beside" else None
            tokens.add(ApiToken(name, name, SCOPES, "Sam", at, at + DAY, homes=homes), secret_hash(secret))
    try:
        hub.start()
        hub.wait_ready()
        yield heard
    finally:
        hub.clear()


def changes(hub: HubProgram) -> list[str]:
    """All that is stored and told, as the ids by which listeners know it."""
    with closing(Database(hub.folder / "hub-data" / "hub.db")) as database:
        rows = SqlStores(database).changes.after(0, 10_000)
    return [cursor(Place(each.position, each.mark)) for each in rows if each.what not in HIDDEN]


def test_over_kills_each_change_is_heard_once_and_others_hear_nothing_of_it(heard: Heard) -> None:
    hub, known = heard.hub, len(changes(heard.hub))
    listener, beside = Listener(heard.url, heard.tokens["all"]), Listener(heard.url, heard.tokens["beside"])
    wait_for(lambda: bool(listener.last and beside.last))
    heard.silence_some()
    writer = threading.Thread(target=heard.silence_some)
    writer.start()
    hub.kill()
    writer.join()
    hub.start()
    hub.wait_ready()
    heard.silence(99)
    stored = changes(hub)[known:]
    assert len(stored) >= 4 + 1 + 1
    wait_for(lambda: set(stored) <= set(listener.ids))
    wait_for(lambda: "hub.started" in beside.names)
    for each in (listener, beside):
        each.is_over.set()
    assert listener.ids == changes(hub)[known:][: len(listener.ids)]
    assert "lost" not in listener.names
    assert not any(name.startswith("silence") for name in beside.names)


def test_a_token_that_is_revoked_beside_the_hub_hears_no_more(heard: Heard) -> None:
    listener = Listener(heard.url, heard.tokens["revoked"])
    wait_for(lambda: bool(listener.last))
    with tokens_of(heard.hub) as tokens:
        assert tokens.revoke("revoked", time.time())
    wait_for(lambda: listener.status == 401)
    assert "sign in again" in listener.why


def test_a_hub_that_stops_waits_for_nobody_who_listens(heard: Heard) -> None:
    listeners = [Listener(heard.url, heard.tokens["all"]) for _ in range(5)]
    wait_for(lambda: all(each.last for each in listeners))
    assert heard.hub.stop() == 0
    for each in listeners:
        each.is_over.set()
    wait_for(lambda: all("the hub stops" in each.why for each in listeners))
    # uvicorn says so where it had to cancel somebody's answer.
    assert "Cancel" not in heard.hub.output()

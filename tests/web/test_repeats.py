"""A POST with a key is done once: over a real store, in memory what it changes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from sensor_hub.access.principal import principal
from sensor_hub.access.role import Role
from sensor_hub.alerts.silence import Silence
from sensor_hub.desk.repeating import StoredRepeats
from sensor_hub.storage.database import Database
from sensor_hub.storage.key_file import KeyFile
from sensor_hub.storage.stores import SqlStores
from sensor_hub.storage.vault import Vault
from sensor_hub.web.ports import Answer, BusyError
from tests.storage.stores import open_fresh
from tests.web.builders import NOW, MemoryHub, make_hub
from tests.web.memory_people import MemoryPeople
from tests.web.memory_silences import MemorySilences
from tests.web.roles import THINGS, House, Known, everybody, open_site
from tests.web.route_table import BODIES, NEEDED
from tests.web.visitor import Visitor

KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"
SILENCE = {"homes": "elm-14", "kinds": ["device_silent"], "until": "2026-01-05T18:00:00Z", "why": "builders"}
SILENCES = "/api/v1/silences"
DAY = 86_400.0


@dataclass
class Slow(MemorySilences):
    """Counts what is asked, and does it only when it may."""

    asked: int = 0
    began: threading.Event = field(default_factory=threading.Event)
    may_end: threading.Event = field(default_factory=threading.Event)
    trouble: Exception | None = None

    def add(self, silence: Silence) -> Answer:
        self.asked += 1
        self.began.set()
        assert self.may_end.wait(30)
        if self.trouble is not None:
            raise self.trouble
        return super().add(silence)


class Rig:
    def __init__(self, stores: SqlStores) -> None:
        self.hub: MemoryHub = make_hub()
        self.silences = Slow(self.hub)
        self.silences.may_end.set()
        self.known = Known(everybody())
        self.stores, self.at = stores, NOW
        self.start()

    def start(self) -> None:
        """As a hub does: what was being done is not known any more."""
        repeats = StoredRepeats(self.stores.kept_answers, lambda: self.at)
        self.site = open_site(
            self.hub, self.known, silences=self.silences, people=MemoryPeople(), repeats=repeats
        )  # fmt: skip

    def post(
        self, path: str = SILENCES, body: object = SILENCE, key: str = KEY, who: str = "care_manager"
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {who}", "Idempotency-Key": key}
        return Visitor(self.site).ask("POST", path, json=body, headers=headers)


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[SqlStores]:
    stores = open_fresh(tmp_path)
    vault = Vault(KeyFile(tmp_path / "hub.key"), stores.memory)
    vault.start()
    stores.unlock(vault)
    yield stores
    stores.database.close()


@pytest.fixture
def rig(stores: SqlStores) -> Rig:
    return Rig(stores)


def is_replayed(answer: httpx.Response) -> bool:
    return answer.headers.get("idempotency-replayed") == "true"


def test_a_repeat_is_answered_alike_and_does_nothing(rig: Rig) -> None:
    first = rig.post()
    assert (first.status_code < 300, is_replayed(first)) == (True, False)
    rig.start()
    second = rig.post()
    assert (second.status_code, second.content, is_replayed(second)) == (first.status_code, first.content, True)
    assert rig.silences.asked == 1
    assert rig.post(key="another").json()["id"] != first.json()["id"]


def test_what_was_made_is_found_by_the_repeat_too(rig: Rig) -> None:
    path = "/api/v1/homes/elm-14/residents"
    first, second = rig.post(path, {"name": "Ada"}), rig.post(path, {"name": "Ada"})
    assert (second.status_code, is_replayed(second)) == (201, True)
    for name in ("location", "etag", "content-type", "content-length"):
        assert second.headers[name] == first.headers[name]
    assert second.headers["cache-control"] == "no-store"


def test_a_key_is_of_who_asks_of_what_and_of_one_body(rig: Rig) -> None:
    rig.post()
    assert rig.post(body=SILENCE | {"why": "painters"}).status_code == 422
    assert not is_replayed(rig.post(who="duty_officer"))
    assert not is_replayed(rig.post("/api/v1/homes/elm-14/visits", BODIES["POST /api/v1/homes/{home}/visits"]))
    assert rig.silences.asked == 2


def test_a_key_counts_for_a_day(rig: Rig) -> None:
    rig.post()
    rig.at += DAY - 1
    assert is_replayed(rig.post())
    rig.at += 2
    assert not is_replayed(rig.post(body=SILENCE | {"why": "painters"}))


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "a\tb"])
def test_what_is_no_key_is_refused(rig: Rig, key: str) -> None:
    answer = rig.post(key=key)
    assert (answer.status_code, answer.json()["detail"][:15]) == (422, "Idempotency-Key")
    assert not rig.silences.asked


def test_what_the_gate_finds_in_a_body_is_refused_with_a_key_too(rig: Rig) -> None:
    answer = rig.post(body=SILENCE | {"why": "build\0ers"})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert "holds a NUL" in answer.json()["detail"]
    assert not is_replayed(rig.post())


def test_the_second_is_told_that_the_first_is_being_done(rig: Rig) -> None:
    rig.silences.may_end.clear()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(rig.post)
        assert rig.silences.began.wait(30)
        second, other = rig.post(), rig.post(body=SILENCE | {"why": "painters"})
        rig.silences.may_end.set()
        assert (second.status_code, second.headers["retry-after"]) == (409, "1")
        assert other.status_code == 422
        assert rig.post().content == first.result(30).content or not is_replayed(first.result())
    assert is_replayed(rig.post())
    assert rig.silences.asked == 1


def test_of_many_at_once_one_is_done(where: Path | str, tmp_path: Path) -> None:
    stores = open_fresh(where)
    vault = Vault(KeyFile(tmp_path / "hub.key"), stores.memory)
    vault.start()
    stores.unlock(vault)
    rig = Rig(stores)
    try:
        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda _: rig.post(), range(18)))
    finally:
        stores.database.close()
    assert rig.silences.asked == 1
    bodies = {each.content for each in answers if each.status_code != 409}
    assert len(bodies) == 1
    assert [each.status_code < 300 and not is_replayed(each) for each in answers].count(True) == 1


def test_refusals_are_not_kept(rig: Rig) -> None:
    assert rig.post(body=SILENCE | {"why": ""}).status_code == 422
    assert rig.post(body=SILENCE | {"homes": "no-such"}).status_code == 422
    assert rig.post(who="family").status_code in {403, 404}
    assert rig.post("/api/v1/alerts/none/acknowledge", {}).status_code == 404
    assert rig.post().status_code < 300
    assert rig.silences.asked == 1


def test_what_was_refused_for_being_so_already_stays_refused(rig: Rig) -> None:
    path = "/api/v1/homes/elm-14/absences"
    told = {"start": "now", "end": None}
    assert rig.post(path, told, key="1").status_code < 300
    first = rig.post(path, told, key="2")
    second = rig.post(path, told, key="2")
    assert (first.status_code, second.status_code, is_replayed(second)) == (409, 409, True)


@pytest.mark.parametrize(
    "trouble", [BusyError("it was not stored in time", is_waiting=True), RuntimeError("a fault of the hub")]
)
def test_what_perhaps_was_done_is_not_done_again(rig: Rig, trouble: Exception) -> None:
    rig.silences.trouble = trouble
    assert rig.post().status_code >= 500
    rig.silences.trouble = None
    answer = rig.post()
    assert (answer.status_code, "not known" in answer.json()["detail"]) == (409, True)
    assert rig.silences.asked == 1


def test_what_surely_was_not_done_may_be_tried_again_with_the_same_key(rig: Rig) -> None:
    rig.silences.trouble = BusyError("too much waits", is_waiting=False)
    assert rig.post().status_code == 503
    rig.silences.trouble = None
    assert rig.post().status_code < 300


def test_who_may_not_any_more_gets_no_kept_answer(rig: Rig) -> None:
    path = "/api/v1/alerts/c3/acknowledge"
    rig.known.people["p"] = principal("p", "jo", Role.CARE_MANAGER, tenant="oakshire")
    assert rig.post(path, {}, who="p").status_code == 200
    for changed in (
        principal("p", "jo", Role.COMMISSIONER, tenant="oakshire"),
        principal("p", "jo", Role.CARE_MANAGER, tenant="elmham"),
        principal("p", "jo", Role.CARE_MANAGER, tenant="oakshire", homes=["oak-2"]),
    ):
        rig.known.people["p"] = changed
        assert rig.post(path, {}, who="p").status_code in {403, 404}
    rig.known.people["p"] = principal("p", "jo", Role.DUTY_OFFICER, tenant="oakshire")
    answer = rig.post(path, {}, who="p")
    assert (answer.status_code, "changed since" in answer.json()["detail"]) == (409, True)
    del rig.known.people["p"]
    assert rig.post(path, {}, who="p").status_code == 401


def test_while_personal_data_are_locked_it_is_done_once_all_the_same(rig: Rig, stores: SqlStores) -> None:
    stores.kept_answers.vault = None
    assert rig.post().status_code < 300
    answer = rig.post()
    assert (answer.status_code, "was done" in answer.json()["detail"]) == (409, True)
    assert rig.silences.asked == 1


def test_an_answer_is_kept_with_the_home_that_it_is_about(rig: Rig, stores: SqlStores) -> None:
    rig.post(key="1")
    rig.post("/api/v1/alerts/c3/acknowledge", {}, key="2", who="first")
    rig.post("/api/v1/homes/elm-14/residents", {"name": "Ada"}, key="3")
    rig.post(body=SILENCE | {"homes": "el*"}, key="4", who="first")
    rows = stores.database.connection.exec_driver_sql("SELECT home FROM kept_answer ORDER BY home")
    assert list(rows.scalars()) == ["", "birch-7", "elm-14", "elm-14"]


POSTS = [route for route in NEEDED if route.startswith("POST /api/v1/")]


@pytest.mark.parametrize("route", POSTS)
def test_every_post_takes_a_key(database: Database, route: str) -> None:
    house = House(make_hub())
    house.site = open_site(
        house.hub, house.known, silences=house.silences, people=house.people, consents=house.consents,
        repeats=StoredRepeats(SqlStores(database).kept_answers, lambda: NOW),
    )  # fmt: skip
    house.reset()
    path = route.removeprefix("POST ")
    for name, value in THINGS.items():
        path = path.replace(f"{{{name}}}", value)
    headers = {"Authorization": "Bearer first", "Idempotency-Key": KEY}
    first, second = (Visitor(house.site).ask("POST", path, json=BODIES.get(route), headers=headers) for _ in range(2))
    described = house.site.openapi()["paths"][route.removeprefix("POST ")]["post"]
    assert "Idempotency-Key" in {each["name"] for each in described["parameters"]}
    assert {"409", "422"} <= described["responses"].keys()
    if first.status_code < 400 or first.status_code == 409:
        assert second.status_code == 409 or is_replayed(second)
    else:
        assert second.status_code == first.status_code


@pytest.fixture
def database(stores: SqlStores) -> Database:
    return stores.database


def test_what_is_no_post_of_the_api_takes_no_notice_of_it(rig: Rig) -> None:
    headers = {"Authorization": "Bearer care_manager", "Idempotency-Key": KEY}
    visitor = Visitor(rig.site)
    for _ in range(2):
        assert not is_replayed(visitor.ask("GET", "/api/v1/homes", headers=headers))

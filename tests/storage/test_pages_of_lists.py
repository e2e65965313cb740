"""Lists read by pages, on both databases: each once, though some come, end and become something else meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TypeVar

import pytest

from sensor_hub.access.account import Account
from sensor_hub.access.action import Action
from sensor_hub.access.api_token import ApiToken
from sensor_hub.access.role import Role
from sensor_hub.alerts.silence import Silence
from sensor_hub.model.alert import AlertState
from sensor_hub.model.card import ResidentRecord, ResponseCard
from sensor_hub.model.consent import Basis, Data, Decision
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.storage.access_stores import AccessStores
from sensor_hub.storage.api_tokens import Whose
from sensor_hub.storage.database import Database
from sensor_hub.storage.key_file import KeyFile
from sensor_hub.storage.people import Signed, SqlPeople
from sensor_hub.storage.registry import Within
from sensor_hub.storage.stores import SqlStores
from sensor_hub.storage.vault import Vault
from sensor_hub.watch.consent_ports import Withdrawal
from tests.storage.test_alert_book import RAISED, T

Mark = TypeVar("Mark")
JO = Signed("Jo", T)
TODAY = date(2026, 1, 5)


def walked(
    page: Callable[[Mark | None], Sequence[tuple[str, Mark]]], meanwhile: Callable[[], object] = lambda: None
) -> list[str]:
    """The names on all pages; after the first one `meanwhile` is done."""
    seen, mark = [], None
    while rows := page(mark):
        seen += [name for name, _ in rows]
        mark = rows[-1][1]
        if len(seen) == len(rows):
            meanwhile()
    return seen


@pytest.fixture
def vault(stores: SqlStores, tmp_path: Path) -> Vault:
    vault = Vault(KeyFile(tmp_path / "hub.key"), stores.memory)
    vault.start()
    return vault


def test_open_alerts_the_most_urgent_first(stores: SqlStores) -> None:
    def raise_one(name: str, urgency: Urgency, since: float) -> None:
        stores.alerts.record(replace(RAISED, id=name, urgency=urgency, since=since))

    for number, urgency in enumerate([Urgency.NOTICE, Urgency.SOON, Urgency.URGENT] * 3):
        raise_one(f"a{number}", urgency, T - number // 6)
    stores.alerts.acknowledge("a1", "Jo", T)

    def page(after: tuple[int, float, str] | None) -> list[tuple[str, tuple[int, float, str]]]:
        rows = stores.registry.most_urgent(2, after)
        return [(row.id, (Urgency(row.urgency).rank, row.since_ms / 1000, row.id)) for row in rows]

    assert walked(page) == ["a8", "a2", "a5", "a7", "a1", "a4", "a6", "a0", "a3"]

    def meanwhile() -> None:
        raise_one("b0", Urgency.URGENT, T - 9)
        raise_one("b1", Urgency.SOON, T)
        stores.alerts.record(replace(RAISED, id="a0", number=2, urgency=Urgency.NOTICE, state=AlertState.CLEARED))

    assert walked(page, meanwhile) == ["a8", "a2", "a5", "a7", "a1", "a4", "b1", "a6", "a3"]


def test_the_last_alerts_of_a_home_that_began_in_a_time(stores: SqlStores) -> None:
    for number in range(5):
        since = T - 60 * number
        stores.alerts.record(replace(RAISED, id=f"a{number}", since=since, kind=Kind.COLD if number < 3 else Kind.DAMP))
    stores.alerts.record(replace(RAISED, id="b", home="oak-2"))

    def begun(*kinds: Kind, limit: int = 9) -> list[str]:
        found = stores.registry.begun(Within([RAISED.home], kinds or None), T - 180, T, limit)
        return [row.id for row in found]

    assert (begun(), begun(Kind.COLD), begun(limit=2)) == (["a1", "a2", "a3"], ["a1", "a2"], ["a1", "a2"])


def test_silences_the_newest_first_also_those_that_end_meanwhile(stores: SqlStores) -> None:
    def add(name: str, start: float) -> None:
        stores.silences.add(Silence(name, "*", start, start + 60, "Jo", "builders"), T)

    for number in range(5):
        add(f"s{number}", T + number // 2)
    stores.silences.end("s1", T - 60, "")

    def page(after: tuple[float, str] | None) -> list[tuple[str, tuple[float, str]]]:
        return [(each.id, (each.start, each.id)) for each in stores.silences.newest(T, 2, after)]

    def meanwhile() -> None:
        stores.silences.end("s4", T + 5, "Jo")
        stores.silences.end("s0", T + 5, "Jo")
        add("t0", T + 9)

    assert walked(page, meanwhile) == ["s4", "s3", "s2", "s0"]


def test_tokens_the_newest_first_each_only_to_whom_it_is_shown(database: Database, vault: Vault) -> None:
    access = AccessStores(database, vault)
    for name, tenant in (("jo", "elmham"), ("sam", "oakshire"), ("all", None)):
        access.accounts.add(Account(name, name, name, Role.DUTY_OFFICER, T, tenant=tenant))

    def add(name: str, at: float, account: str | None = None, tenant: str | None = None) -> None:
        token = ApiToken(name, name, frozenset({Action.SEE_ALERTS}), "Jo", at, T + 60, account, tenant)
        access.tokens.add(token, name)

    for number, account in enumerate(["jo", "sam", "all", "jo", "gone"]):
        add(f"o{number}", T + number // 2, account)
    for number, tenant in enumerate(["elmham", "oakshire", "elmham"]):
        add(f"p{number}", T + number, None, tenant)

    def seen(whose: Whose, meanwhile: Callable[[], object] = lambda: None) -> list[str]:
        def page(after: tuple[float, str] | None) -> list[tuple[str, tuple[float, str]]]:
            return [(each.id, (each.made_at, each.id)) for each in access.tokens.page(whose, 2, after)]

        return walked(page, meanwhile)

    assert seen(Whose("jo", is_all=False, tenant="elmham")) == ["o3", "o0"]
    assert seen(Whose("jo", is_all=True, tenant="elmham")) == ["p2", "o3", "p0", "o0"]
    assert seen(Whose("ann", is_all=True, tenant="oakshire"), lambda: add("q0", T, "sam")) == ["p1", "o1"]
    assert seen(Whose("all", is_all=True, tenant=None)) == ["p2", "o4", "p1", "o3", "o2", "q0", "p0", "o1", "o0"]


def test_certificates_the_last_first(stores: SqlStores) -> None:
    def erase(home: str, at: float) -> None:
        stores.erasures.ask_whole(Withdrawal(home, frozenset(), 0, at, "Jo"), "moved away")
        job = stores.erasures.due(at)
        assert job is not None
        stores.erasures.finish(job, {"home": home}, at)

    for number in range(5):
        erase(f"h{number}", T + number // 2)

    def page(after: tuple[float, str] | None) -> list[tuple[str, tuple[float, str]]]:
        rows = stores.erasures.certificates(limit=2, after=after)
        return [(each.told["home"], (each.done_at, each.id)) for each in rows]

    found = walked(page, lambda: erase("h9", T + 9))
    assert (found[0], sorted(found[1:3]), sorted(found[3:])) == ("h4", ["h2", "h3"], ["h0", "h1"])
    assert stores.erasures.certificates("oakshire", limit=2) == []


def test_decisions_and_what_is_erased_for_them(stores: SqlStores, vault: Vault) -> None:
    stores.unlock(vault)

    def agree(at: float) -> None:
        decision = Decision(Basis.CONSENT, frozenset({Data.CLIMATE}), "herself", TODAY, TODAY, str(at))
        assert stores.consents.add("elm-14", at, decision, "Jo")
        stores.erasures.ask(Withdrawal("elm-14", frozenset({Data.POWER}), 0, at, "Jo"))

    for number in range(5):
        agree(T + number // 2)

    def decisions(before: int | None) -> list[tuple[str, int]]:
        found = stores.consents.history("elm-14", limit=2, before=before)
        return [(each.decision.note, each.version) for each in found]

    def erasures(after: tuple[float, str] | None) -> list[tuple[str, tuple[float, str]]]:
        found = stores.erasures.of("elm-14", limit=2, after=after)
        return [(str(each.asked_at), (each.asked_at, each.id)) for each in found]

    moments = [str(T + each) for each in (2.0, 1.0, 1.0, 0.0, 0.0)]
    assert walked(decisions, lambda: agree(T + 9)) == moments
    assert walked(erasures, lambda: agree(T + 9)) == [str(T + 9), *moments]


def test_residents_and_changes_of_a_card(database: Database, vault: Vault) -> None:
    people = SqlPeople(database, vault)
    names = [people.add_resident("elm-14", ResidentRecord(f"Albert {number}"), JO) for number in range(5)]
    people.add_resident("oak-2", ResidentRecord("Bert"), JO)

    def page(after: str | None) -> list[tuple[str, str]]:
        return [(each.id, each.id) for each in people.residents_after("elm-14", after or "", 2)]

    assert walked(page) == sorted(names)
    for version in range(5):
        people.set_card("elm-14", ResponseCard(notes=str(version)), version, JO, is_checked=False)

    def changes(before: int | None) -> list[tuple[str, int]]:
        return [(str(each.version), each.version) for each in people.changes("elm-14", limit=2, before=before)]

    def meanwhile() -> None:
        people.set_card("elm-14", ResponseCard(notes="6"), 5, JO, is_checked=True)

    assert walked(changes, meanwhile) == ["5", "4", "3", "2", "1"]

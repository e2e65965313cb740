"""Alerts that are taken and passed on by text message."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.notice import Notice
from sensor_hub.alerts.plan import Plan
from sensor_hub.alerts.policy import Policy, Step
from sensor_hub.alerts.reply import Reply
from sensor_hub.alerts.routing import Reason
from sensor_hub.desk.text_replies import StoredReplies
from sensor_hub.dispatch.courier import deliver_due
from sensor_hub.dispatch.kannel import KannelNotifier
from sensor_hub.dispatch.receipts import Receipts
from sensor_hub.model.alert import AlertState
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.moment import DAY, MINUTE
from sensor_hub.page_server import PageServer
from sensor_hub.storage.key_file import KeyFile
from sensor_hub.storage.tables.notices import reply as reply_table
from sensor_hub.storage.vault import Vault
from sensor_hub.watch.items import Acknowledge, PassOn
from sensor_hub.web.callbacks import callback_routes
from sensor_hub.web.doors import Doors
from sensor_hub.web.ports import Answer
from sensor_hub.web.session import Throttle
from sensor_hub.web.site import build_site
from tests.brokers import free_port
from tests.dispatch.kannel import Kannel
from tests.storage.test_alert_book import RAISED, T
from tests.waiting import wait_for
from tests.watch.test_worker import Rig
from tests.web.builders import HASH, make_hub

AT = "kannel://hub:p%26ss%20w%3Ard@127.0.0.1:{port}/Hub/{number}"
FALL = replace(RAISED, id="fall", home="h1", kind=Kind.INACTIVITY, urgency=Urgency.URGENT, subject="", at=T)
OTHER = replace(FALL, id="other", home="h2")


def plan(port: int = 13013) -> Plan:
    numbers = {"ann": "+447700900001", "bea": "+447700900002", "duty": "+447700900001"}
    people = tuple(Contact(who, AT.format(port=port, number=number)) for who, number in numbers.items())
    steps = (Step(("ann",), 10 * MINUTE), Step(("bea",), 10 * MINUTE), Step(("duty",), 10 * MINUTE))
    return Plan(people, (Policy("care", steps),), fallback=("duty",))


class Telephones(Rig):
    """A hub whose people answer by text message; every notice arrives."""

    def __init__(self, folder: Path, of: Plan) -> None:
        super().__init__(folder, [], T, of)
        vault = Vault(KeyFile(folder / "hub.key"), self.stores.memory)
        vault.start()
        self.stores.unlock(vault)
        self.sent: list[tuple[str, Notice]] = []
        self.replies = StoredReplies(self.stores, of, self, self.time.now)

    def send(self, notice: Notice, contact: Contact) -> None:
        self.sent.append((contact.id, notice))

    def acknowledge(self, alert: str, *, by: str) -> Answer:
        act = Acknowledge(alert, by)
        self.take(act)
        return Answer[act.done.result(0).name]

    def pass_on(self, alert: str, *, by: str) -> Answer:
        act = PassOn(alert, by)
        self.take(act)
        return Answer[act.done.result(0).name]

    def raise_(self, change: object = FALL) -> None:
        self.worker.watches._record([change])  # type: ignore[list-item]
        self.go_on()

    def go_on(self, minutes: float = 0) -> None:
        self.time.at += minutes * MINUTE
        self.worker.tick()
        for contact in self.plan.contacts:
            deliver_due(self.stores.outbox, self, contact, self.time)

    def text(self, number: str, text: str, id_: str = "") -> str:
        """What became of the reply."""
        self.replies.take(Reply("plain", id_ or f"{number} {self.time.at} {text}", number, text))
        self.go_on()
        return self.stores.replies.newest(1)[0].became

    def told(self) -> list[str]:
        return [who for who, _ in self.sent]

    def state(self, alert: str = "fall") -> tuple[str, str | None]:
        row = self.stores.registry.alert(alert)
        assert row is not None
        return row.handled, row.acknowledged_by


@pytest.fixture
def phones(tmp_path: Path) -> Iterator[Telephones]:
    phones = Telephones(tmp_path, plan())
    yield phones
    phones.stores.database.close()


def test_one_takes_the_alert(phones: Telephones) -> None:
    phones.raise_()
    assert phones.text("447700900001", "1") == "takes it: done"
    assert phones.state() == ("acknowledged", "ann (by text message)")
    phones.go_on(30)
    assert phones.told() == ["ann"]
    assert phones.plan.person("ann (by text message)") == phones.plan.contacts[0]


def test_two_tells_who_follows_at_once_and_why(phones: Telephones) -> None:
    phones.raise_()
    assert phones.text("+447700900001", "2") == "passes it on: done"
    assert phones.told() == ["ann", "bea"]
    assert "Somebody who was told has passed it on." in phones.sent[1][1].body
    reasons = [reason for _, _, reason, _ in phones.stores.registry.decisions("fall")]
    assert reasons == [Reason.RAISED.value, Reason.PASSED.value]
    phones.go_on(10)
    assert phones.told() == ["ann", "bea", "duty"], "the next step has its own time"


def test_who_took_it_may_pass_it_on_and_nobody_else(phones: Telephones) -> None:
    phones.raise_()
    phones.go_on(10)
    phones.text("447700900002", "1")
    assert phones.text("447700900001", "2").startswith("passes it on: nothing")
    assert phones.state() == ("acknowledged", "bea (by text message)")
    assert phones.text("447700900002", "2") == "passes it on: done"
    assert phones.state() == ("open", None)
    assert phones.told() == ["ann", "bea", "duty"]


def test_where_nobody_follows_it_is_not_passed_on(phones: Telephones) -> None:
    phones.raise_()
    phones.go_on(10)
    phones.go_on(10)
    phones.go_on(10)
    assert phones.told()[-1] == "duty"
    assert phones.text("447700900001", "2").startswith("passes it on: nothing")
    assert phones.state()[0] == "open"


def test_a_reply_is_about_the_last_notice_unless_it_names_another(phones: Telephones) -> None:
    phones.raise_()
    phones.go_on(1)
    phones.raise_(OTHER)
    assert phones.text("447700900001", f"1 {phones.sent[0][1].reference}") == "takes it: done"
    assert (phones.state()[0], phones.state("other")[0]) == ("acknowledged", "open")
    phones.text("447700900001", "1")
    assert phones.state("other") == ("acknowledged", "ann (by text message)")


def test_of_two_contacts_with_one_telephone_it_is_who_was_told_last(phones: Telephones) -> None:
    phones.raise_()
    phones.go_on(10)
    phones.go_on(10)
    phones.text("447700900001", "1")
    assert phones.state() == ("acknowledged", "duty (by text message)")


def test_anything_else_is_kept_and_does_nothing(phones: Telephones) -> None:
    phones.raise_()
    assert phones.text("447700900001", "on my way") == "means nothing to the hub"
    assert phones.text("447700900009", "1") == "rejected: the number of no contact"
    assert phones.text("447700900002", "1") == "takes it: no notice went there lately"
    reference = phones.sent[0][1].reference
    assert phones.text("447700900002", f"1 {reference}") == "takes it: no notice went there lately"
    phones.time.at += 4 * DAY
    assert phones.text("447700900001", f"1 {reference}") == "takes it: no notice went there lately"
    assert phones.state()[0] == "open"
    kept = [(row.contact, row.text) for row in phones.stores.replies.newest(9)]
    assert ("", "1") in kept
    assert ("ann", "on my way") in kept


def test_numbers_and_texts_are_sealed_also_those_that_came_before(phones: Telephones) -> None:
    phones.raise_()
    phones.text("447700900001", "on my way")
    replies, connection = phones.stores.replies, phones.stores.database.connection
    before = {"source": "plain", "provider_id": "old", "number": "447700900009", "text": "wrong number"}
    row = {**before, "received_ms": 1, "contact": "", "alert": "", "became": "rejected"}
    connection.execute(insert(reply_table), row)
    assert replies.vault is not None
    replies.unlock(replies.vault)
    columns = select(reply_table.c.number, reply_table.c.text, reply_table.c.sealed)
    for number, text, sealed in connection.execute(columns):
        assert (number, text) == ("", "")
        assert b"4477009" not in sealed
        assert b"way" not in sealed
    found = [(each.number, each.text) for each in replies.newest(9)]
    assert found == [("447700900009", "wrong number"), ("447700900001", "on my way")]


def test_a_reply_does_what_it_says_while_personal_data_are_locked(phones: Telephones) -> None:
    phones.raise_()
    replies = phones.stores.replies
    phones.text("447700900001", "on my way")
    replies.vault = None
    phones.text("447700900001", "1")
    assert phones.state()[0] == "acknowledged"
    assert [(each.number, each.text) for each in replies.newest(9)] == [("", ""), ("locked", "locked")]


def test_a_reply_that_a_service_hands_on_twice_acts_once(phones: Telephones) -> None:
    phones.raise_()
    for _ in range(2):
        phones.text("447700900001", "2", id_="same")
    assert phones.told() == ["ann", "bea"]


def test_a_resident_who_is_asked_takes_no_alert(tmp_path: Path) -> None:
    asked = replace(plan().contacts[0], home="h1")
    phones = Telephones(tmp_path, replace(plan(), contacts=(asked, plan().contacts[1])))
    phones.raise_()
    assert phones.told() == ["ann"]
    assert phones.text("447700900001", "1") == "takes it: a resident takes no alert"
    assert phones.state()[0] == "open"
    phones.stores.database.close()


def test_an_alert_that_is_over_is_not_taken(phones: Telephones) -> None:
    phones.raise_()
    phones.raise_(replace(FALL, number=2, state=AlertState.CLEARED))
    assert phones.text("447700900001", "1").startswith("takes it: nothing")


def test_a_reply_through_a_real_kannel(tmp_path: Path) -> None:
    """The notice, the receipt of the network and the reply all go through Kannel."""
    token, page = "a-token-of-its-own", free_port()
    url = f"http://127.0.0.1:{page}/api/v1"
    folder = tmp_path / "kannel"
    folder.mkdir()
    kannel = Kannel(folder, replies=f"{url}/replies/kannel?token={token}&id=%I&from=%p&text=%a")
    phones = Telephones(tmp_path, plan(kannel.port))
    people = {contact.id: contact for contact in phones.plan.contacts}
    receipts = Receipts(phones.stores.receipts, phones.stores.outbox, people, phones.time)
    hub = make_hub()
    site = build_site(
        hub,
        hub,
        password_hash=HASH,
        secret="s",
        url="http://hub",
        simulated=False,
        now=phones.time.now,
        doors=Doors(callbacks=callback_routes(receipts, phones.replies, token, Throttle())),
    )
    server = PageServer(site, "127.0.0.1", page)
    server.start()
    kannel.start_boxes()
    try:
        notifier = KannelNotifier(f"{url}/receipts/kannel?token={token}")
        phones.worker.watches._record([FALL])
        phones.worker.tick()
        deliver_due(phones.stores.outbox, notifier, people["ann"], phones.time)
        kannel.connect("447700900001 2 text 1")
        wait_for(lambda: bool(phones.stores.replies.newest(1)), what="the reply")
        assert phones.state() == ("acknowledged", "ann (by text message)")
        wait_for(
            lambda: [line.state for line in phones.stores.ledger.of_alert("fall")][-1] == "arrived",
            what="the receipt",
        )
        assert any("Welfare check" in line for line in kannel.sent)
    finally:
        kannel.stop()
        server.stop(2)
        phones.stores.database.close()

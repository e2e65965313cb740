"""What services tell later of notices that they took."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.notice import Notice
from sensor_hub.alerts.receipt import Reached, Receipt
from sensor_hub.dispatch.courier import deliver_due
from sensor_hub.dispatch.ports import UnheardError
from sensor_hub.dispatch.receipts import Receipts
from sensor_hub.storage.stores import SqlStores
from tests.dispatch.test_courier import SetTime, add, states
from tests.storage.stores import open_fresh
from tests.storage.test_alert_book import RAISED

ANN = Contact("team", "console://one", further=("console://two",))
ARRIVED = Receipt("plain", "id-1", Reached.ARRIVED)
FAILED = Receipt("plain", "id-1", Reached.FAILED, "no such number", is_permanent=True)


@dataclass
class Numbered:
    """Calls what it takes id-1, id-2 and so on."""

    sent: list[str] = field(default_factory=list)

    def send(self, notice: Notice, contact: Contact) -> str:
        self.sent.append(contact.address)
        return f"id-{len(self.sent)}"


@dataclass
class Desk:
    stores: SqlStores
    receipts: Receipts
    notifier: Numbered = field(default_factory=Numbered)

    def deliver(self) -> None:
        deliver_due(self.stores.outbox, self.notifier, ANN, SetTime())

    def ledger(self) -> list[str]:
        return [line.state for line in self.stores.ledger.of_alert("a1")]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    stores = open_fresh(tmp_path)
    stores.alerts.record(RAISED)
    add(stores, "r1")
    yield Desk(stores, Receipts(stores.receipts, stores.outbox, {"team": ANN}, SetTime()))
    stores.database.close()


def test_that_it_arrived_is_the_notices_state(desk: Desk) -> None:
    desk.deliver()
    for _ in range(2):
        desk.receipts.take(ARRIVED)
    assert states(desk.stores) == {"r1": "arrived"}
    assert desk.ledger() == ["waiting", "sending", "delivered", "arrived"]


def test_a_receipt_that_comes_before_the_answer_is_not_lost(desk: Desk) -> None:
    desk.receipts.take(ARRIVED)
    desk.deliver()
    assert states(desk.stores) == {"r1": "delivered"}
    desk.receipts.settle()
    assert states(desk.stores) == {"r1": "arrived"}


def test_what_did_not_arrive_goes_by_the_next_channel_and_is_then_given_up(desk: Desk) -> None:
    rung: list[str] = []
    desk.receipts.ring = lambda: rung.append("rung")
    desk.deliver()
    desk.receipts.take(FAILED)
    assert (states(desk.stores), rung) == ({"r1": "waiting"}, ["rung"])
    assert [broken.why for broken in desk.stores.channels.broken()] == ["no such number"]
    desk.deliver()
    assert desk.notifier.sent == ["console://one", "console://two"]
    desk.receipts.take(Receipt("plain", "id-2", Reached.FAILED, "switched off"))
    assert states(desk.stores) == {"r1": "failed"}
    assert len(desk.stores.channels.broken()) == 1, "a telephone that is switched off is not gone"


def test_a_failure_that_is_told_after_it_went_another_way_ends_nothing(desk: Desk) -> None:
    desk.deliver()
    desk.receipts.take(FAILED)
    desk.deliver()
    desk.receipts.take(Receipt("plain", "id-1", Reached.FAILED, "still switched off"))
    assert states(desk.stores) == {"r1": "delivered"}


def test_on_the_way_is_kept_and_changes_nothing(desk: Desk) -> None:
    desk.deliver()
    desk.receipts.take(Receipt("plain", "id-1", Reached.UNDER_WAY, "buffered"))
    assert states(desk.stores) == {"r1": "delivered"}


def test_after_somebody_took_the_alert_a_failure_sends_nothing(desk: Desk) -> None:
    desk.deliver()
    desk.stores.alerts.acknowledge("a1", "Ann", 0.0)
    desk.receipts.take(FAILED)
    desk.deliver()
    assert desk.notifier.sent == ["console://one"]
    assert states(desk.stores) == {"r1": "withheld"}


def test_a_receipt_settles_what_no_service_answered(desk: Desk) -> None:
    class Silent:
        def send(self, notice: Notice, contact: Contact) -> str:
            raise UnheardError("no answer", provider_id="id-1")

    deliver_due(desk.stores.outbox, Silent(), replace(ANN, further=()), SetTime())
    assert states(desk.stores) == {"r1": "unknown"}
    desk.receipts.take(ARRIVED)
    assert states(desk.stores) == {"r1": "arrived"}

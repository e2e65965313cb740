from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from sensor_hub.alerts.contact import Contact, Detail
from sensor_hub.alerts.delivery import Attempt
from sensor_hub.alerts.notice import Letterhead, Notice
from sensor_hub.alerts.plan import Plan
from sensor_hub.dispatch.courier import GAPS, Dispatch, deliver_due
from sensor_hub.dispatch.mail import MailNotifier
from sensor_hub.dispatch.ports import NotifyError, UnheardError
from sensor_hub.dispatch.trouble import Troubles
from sensor_hub.model.kind import Urgency
from sensor_hub.storage.stores import SqlStores
from tests.dispatch.mail_server import MailServer
from tests.storage.stores import open_fresh, rows
from tests.storage.test_alert_book import RAISED, T
from tests.waiting import wait_for

TEAM = Contact("team", "console://")


@dataclass
class SetTime:
    at: float = T

    def now(self) -> float:
        return self.at

    def wall(self) -> float:
        return self.at


@dataclass
class Scripted:
    """Fails as it is told, then takes everything."""

    failures: list[Exception] = field(default_factory=list)
    sent: list[Notice] = field(default_factory=list)
    by: list[str] = field(default_factory=list)

    def send(self, notice: Notice, contact: Contact) -> None:
        self.by.append(contact.address)
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append(notice)


@pytest.fixture
def stores(where: Path | str) -> Iterator[SqlStores]:
    stores = open_fresh(where)
    stores.alerts.record(RAISED)
    add(stores, "r1")
    yield stores
    stores.database.close()


def add(stores: SqlStores, reference: str, contact: str = "team", urgency: Urgency = Urgency.URGENT) -> None:
    stores.alerts.add_notice(Notice(reference, "a1", contact, urgency, f"Now (ref {reference})", "body"), T, T)


def states(stores: SqlStores) -> dict[str, str]:
    return dict(rows(stores, "SELECT reference, state FROM notice"))


def test_what_is_due_is_sent_once(stores: SqlStores) -> None:
    notifier = Scripted()
    for _ in range(3):
        deliver_due(stores.outbox, notifier, TEAM, SetTime())
    assert [notice.reference for notice in notifier.sent] == ["r1"]
    assert states(stores) == {"r1": "delivered"}


@pytest.mark.parametrize("failure", [NotifyError("busy", permanent=False), RuntimeError("a plug-in's own")])
def test_a_failure_is_tried_again_with_growing_gaps(stores: SqlStores, failure: Exception) -> None:
    notifier, time = Scripted([failure, failure]), SetTime()
    deliver_due(stores.outbox, notifier, TEAM, time)
    deliver_due(stores.outbox, notifier, TEAM, time)
    assert len(notifier.failures) == 1
    time.at += GAPS[0]
    deliver_due(stores.outbox, notifier, TEAM, time)
    time.at += GAPS[1]
    deliver_due(stores.outbox, notifier, TEAM, time)
    assert [notice.reference for notice in notifier.sent] == ["r1"]


def test_after_the_last_gap_it_is_given_up_and_told(stores: SqlStores, caplog: pytest.LogCaptureFixture) -> None:
    notifier, time = Scripted([NotifyError("busy", permanent=False)] * 99), SetTime()
    for gap in (0.0, *GAPS):
        time.at += gap
        deliver_due(stores.outbox, notifier, TEAM, time)
    assert states(stores) == {"r1": "failed"}
    assert [record.levelname for record in caplog.records] == ["WARNING", "ERROR"]


def test_what_fails_for_ever_is_given_up_at_once(stores: SqlStores) -> None:
    deliver_due(stores.outbox, Scripted([NotifyError("no address", permanent=True)]), TEAM, SetTime())
    assert states(stores) == {"r1": "failed"}


def test_gaps_grow() -> None:
    assert list(GAPS) == sorted(GAPS)


def test_nobody_is_told_after_somebody_acknowledged(stores: SqlStores) -> None:
    notifier = Scripted()
    stores.alerts.acknowledge("a1", "Ann", T)
    deliver_due(stores.outbox, notifier, TEAM, SetTime())
    assert notifier.sent == []
    assert states(stores) == {"r1": "withheld"}


def test_an_acknowledgement_between_two_notices_stops_the_second(stores: SqlStores) -> None:
    class Answered(Scripted):
        def send(self, notice: Notice, contact: Contact) -> None:
            super().send(notice, contact)
            stores.alerts.acknowledge("a1", "Ann", T)

    notifier = Answered()
    add(stores, "r2")
    deliver_due(stores.outbox, notifier, TEAM, SetTime())
    assert len(notifier.sent) == 1
    assert sorted(states(stores).values()) == ["delivered", "withheld"]


def test_after_a_crash_it_goes_by_the_next_channel_marked_and_not_at_all_where_there_is_none(
    stores: SqlStores,
) -> None:
    two = replace(TEAM, id="two", further=("json://127.0.0.1",))
    add(stores, "r2", contact="two", urgency=Urgency.SOON)
    for reference, contact in (("r1", TEAM), ("r2", two)):
        stores.outbox.start(Attempt(reference, 1, contact.channels[0]), T)
    notifier = Scripted()
    dispatch = Dispatch([TEAM, two], stores.outbox, notifier, SetTime())
    dispatch.start()
    wait_for(lambda: states(stores)["r2"] == "delivered")
    dispatch.stop(5)
    assert [notice.title for notice in notifier.sent] == ["Now (again, ref r2)"]
    assert notifier.by == ["json://127.0.0.1"]
    assert states(stores)["r1"] == "unknown"


BOTH = replace(TEAM, further=("json://127.0.0.1",))
FIRST, SECOND = TEAM.address, "json://127.0.0.1"


@pytest.mark.parametrize(
    ("failure", "title"),
    [(NotifyError("gone", permanent=True), "Now (ref r1)"), (UnheardError("no answer"), "Now (again, ref r1)")],
)
def test_the_next_channel_is_tried_at_once(stores: SqlStores, failure: Exception, title: str) -> None:
    notifier = Scripted([failure])
    for _ in range(3):
        deliver_due(stores.outbox, notifier, BOTH, SetTime())
    assert (notifier.by, notifier.sent[0].title) == ([FIRST, SECOND], title)
    assert states(stores) == {"r1": "delivered"}


def test_a_service_that_has_no_time_is_tried_twice_before_the_next_channel(stores: SqlStores) -> None:
    notifier, time = Scripted([NotifyError("busy")] * 99), SetTime()
    for seconds in (0, 5, 0, 5, 15, 60, 15, 60):
        time.at += seconds
        deliver_due(stores.outbox, notifier, BOTH, time)
    assert notifier.by == [FIRST, FIRST, SECOND, SECOND] * 2


def test_a_broken_channel_is_used_only_where_no_other_is_left(stores: SqlStores) -> None:
    deliver_due(stores.outbox, Scripted([NotifyError("gone", permanent=True)]), BOTH, SetTime())
    deliver_due(stores.outbox, Scripted(), BOTH, SetTime())
    add(stores, "r2")
    notifier = Scripted([NotifyError("gone", permanent=True)])
    for _ in range(2):
        deliver_due(stores.outbox, notifier, BOTH, SetTime())
    assert notifier.by == [SECOND, FIRST]
    assert states(stores)["r2"] == "delivered"


def test_a_broken_channel_has_its_turn_where_the_others_have_no_time(stores: SqlStores) -> None:
    deliver_due(stores.outbox, Scripted([NotifyError("gone", permanent=True)]), BOTH, SetTime())
    deliver_due(stores.outbox, Scripted(), BOTH, SetTime())
    add(stores, "r2")
    notifier, time = Scripted([NotifyError("busy")] * 6), SetTime()
    for gap in (0, *GAPS):
        time.at += gap
        deliver_due(stores.outbox, notifier, BOTH, time)
    assert notifier.by == [SECOND] * 4 + [FIRST] * 2 + [SECOND]
    assert states(stores)["r2"] == "delivered"


def test_of_a_broken_channel_a_manager_hears_once(stores: SqlStores) -> None:
    office = Contact("office", "console://", Detail.FULL)
    plan = Plan((office, TEAM), (), manager=(office.id, TEAM.id))
    troubles = Troubles(stores.channels, stores.outbox, plan, SetTime(), Letterhead("https://hub.example"))
    deliver_due(stores.outbox, Scripted([NotifyError("no such user", permanent=True)]), TEAM, SetTime())
    for _ in range(3):
        troubles.tell()
    notifier = Scripted()
    deliver_due(stores.outbox, notifier, office, SetTime())
    deliver_due(stores.outbox, notifier, TEAM, SetTime())
    (told,) = notifier.sent
    assert told.title.startswith("Today: notices do not arrive (ref ")
    assert "Notices to team by channel 1 (console) do not arrive: no such user." in told.body
    assert "https://hub.example/contacts" in told.body


def test_a_service_that_hangs_holds_up_nobody_else(stores: SqlStores) -> None:
    add(stores, "r2", contact="other")
    release = threading.Event()

    class Hanging(Scripted):
        def send(self, notice: Notice, contact: Contact) -> None:
            if contact.id == "team":
                release.wait(60)
            super().send(notice, contact)

    dispatch = Dispatch([TEAM, replace(TEAM, id="other")], stores.outbox, Hanging(), SetTime())
    dispatch.start()
    wait_for(lambda: states(stores)["r2"] == "delivered")
    wait_for(lambda: states(stores)["r1"] == "sending")
    release.set()
    dispatch.stop(5)
    assert states(stores)["r1"] == "delivered"


def test_a_new_notice_is_sent_when_the_bell_rings(tmp_path: Path, stores: SqlStores) -> None:
    server = MailServer(tmp_path, has_tls=False)
    dispatch = Dispatch(
        [Contact("team", server.address())], stores.outbox, MailNotifier(SetTime().wall, lambda notice: None), SetTime()
    )
    dispatch.start()
    try:
        wait_for(lambda: len(server.box.mails) == 1)
        add(stores, "r2")
        dispatch.ring()
        wait_for(lambda: len(server.box.mails) == 2)
        wait_for(lambda: set(states(stores).values()) == {"delivered"})
    finally:
        dispatch.stop(5)
        server.stop()
    assert server.box.subjects() == ["Now (ref r1)", "Now (ref r2)"]

"""Tests and codes by which contacts show that notices reach them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.notice import Letterhead, Notice
from sensor_hub.alerts.plan import Plan
from sensor_hub.alerts.policy import policies_of
from sensor_hub.desk.answer_links import StoredLinks
from sensor_hub.desk.contact_book import StoredContacts
from sensor_hub.dispatch.courier import deliver_due
from sensor_hub.dispatch.linked import LinkedNotifier
from sensor_hub.dispatch.ports import NotifyError
from sensor_hub.model.moment import DAY
from sensor_hub.storage.companions import SqlCompanions
from sensor_hub.storage.stores import SqlStores
from sensor_hub.web.contact_page import Confirming
from sensor_hub.web.door_ports import Unusable
from tests.dispatch.test_courier import SetTime
from tests.storage.stores import open_fresh

ANN = Contact("ann", "sms://ann", further=("mail://ann",))


@dataclass
class Post:
    """Takes everything, but for addresses that are gone."""

    gone: set[str] = field(default_factory=set)
    sent: list[tuple[str, Notice]] = field(default_factory=list)

    def send(self, notice: Notice, contact: Contact) -> None:
        if contact.address in self.gone:
            raise NotifyError("no such number", permanent=True)
        self.sent.append((contact.address, notice))


@dataclass
class Office:
    stores: SqlStores
    time: SetTime
    links: StoredLinks
    book: StoredContacts
    post: Post = field(default_factory=Post)

    def deliver(self) -> Notice:
        """The last notice that arrived."""
        deliver_due(self.stores.outbox, self.notifier(), ANN, self.time)
        return self.post.sent[-1][1]

    def notifier(self) -> LinkedNotifier:
        return LinkedNotifier(self.post, self.links.sign, SqlCompanions(self.stores.database), self.time.now)

    def code(self, number: int = 1) -> str:
        self.time.at += 1
        self.book.send_code("ann", number)
        found = re.search(r"Your code is (\d{6})\.", self.deliver().body)
        assert found is not None
        return found.group(1)

    def link(self) -> str:
        found = re.search(r"https://hub.example/confirm/(\S+)", self.deliver().body)
        assert found is not None
        return found.group(1)

    def confirmed(self) -> list[str]:
        (row,) = self.book.rows()
        return [channel.verified_by for channel in row.channels]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    stores, time = open_fresh(tmp_path), SetTime()
    stores.channels.set_up(ANN.channels)
    links = StoredLinks(stores, ["ann"], wall=time.wall, lasts=3 * DAY)
    plan = Plan((ANN,), policies_of([ANN]))
    yield Office(stores, time, links, StoredContacts(stores, plan, time, Letterhead("https://hub.example"), links))
    stores.database.close()


def test_a_test_goes_by_the_channel_that_was_asked_for_and_says_what_it_is(office: Office) -> None:
    reference = office.book.test("ann", 2, by="Jo")
    notice = office.deliver()
    assert office.post.sent[0][0] == "mail://ann"
    assert notice.title == f"Test (ref {reference})"
    assert "This is a test of your second address, asked for by Jo. Nobody has to do anything." in notice.body
    (row,) = office.book.rows()
    assert [line.state for line in row.channels[1].test] == ["waiting", "sending", "delivered"]
    assert row.channels[0].test == []


def test_a_test_that_fails_is_not_repeated_and_marks_the_channel(office: Office) -> None:
    office.post.gone = {"sms://ann"}
    reference = office.book.test("ann", 1, by="Jo")
    assert reference is not None
    for _ in range(3):
        deliver_due(office.stores.outbox, office.post, ANN, office.time)
        office.time.at += 3600
    assert [line.state for line in office.book.ledger_of(reference)] == ["waiting", "sending", "refused", "failed"]
    assert office.book.rows()[0].channels[0].why == "no such number"
    office.post.gone.clear()
    office.book.test("ann", 1, by="Jo")
    office.deliver()
    assert office.book.rows()[0].channels[0].broken_since is None


def test_there_is_no_test_of_what_there_is_not(office: Office) -> None:
    assert office.book.test("ann", 3, by="Jo") is None
    assert office.book.test("bea", 1, by="Jo") is None


def test_a_code_confirms_the_channel_by_which_it_came_once(office: Office) -> None:
    assert office.book.unconfirmed() == ["ann"]
    code = office.code(2)
    assert office.book.confirm("ann", f" {code[:3]} {code[3:]}", by="Jo") == "2 (mail)"
    assert office.confirmed() == ["", "Jo"]
    assert office.book.unconfirmed() == []
    assert office.book.confirm("ann", code, by="Jo") is None


def test_a_code_is_void_after_a_day_after_five_wrong_ones_and_after_the_next_one(office: Office) -> None:
    code = office.code()
    office.time.at += DAY + 1
    assert office.book.confirm("ann", code, by="Jo") is None
    code = office.code()
    for _ in range(5):
        assert office.book.confirm("ann", "000000" if code != "000000" else "1", by="Jo") is None
    assert office.book.confirm("ann", code, by="Jo") is None
    first, second = office.code(), office.code()
    assert first == second or office.book.confirm("ann", first, by="Jo") is None
    assert office.book.confirm("ann", second, by="Jo") == "1 (sms)"


def test_the_link_of_a_code_confirms_it_too(office: Office) -> None:
    office.book.send_code("ann", 1)
    link = office.book.find_link(office.link())
    assert isinstance(link, Confirming)
    assert (link.contact, link.label, link.is_done) == ("ann", "1 (sms)", False)
    office.book.confirm_link(link)
    assert office.confirmed() == ["ann (by link)", ""]


def test_links_of_others_and_old_ones_confirm_nothing(office: Office) -> None:
    office.book.send_code("ann", 1)
    link = office.link()
    assert office.book.find_link(f"{link}0") is Unusable.FORGED
    assert office.book.find_link(office.links.sign("0123456789")) is Unusable.VOID
    office.book.test("ann", 1, by="Jo")
    assert office.book.find_link(office.links.sign(office.deliver().reference)) is Unusable.VOID
    office.time.at += 4 * DAY
    assert office.book.find_link(link) is Unusable.VOID


def test_another_address_is_another_channel(office: Office) -> None:
    assert office.book.confirm("ann", office.code(), by="Jo") == "1 (sms)"
    moved = Contact("ann", "sms://new")
    office.stores.channels.set_up(moved.channels)
    assert StoredContacts(office.stores, Plan((moved,), ()), office.time, Letterhead(None)).unconfirmed() == ["ann"]

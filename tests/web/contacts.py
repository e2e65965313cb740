"""Contacts as the pages show them, for the tests of the pages."""

from __future__ import annotations

from dataclasses import dataclass, field

from sensor_hub.web.contact_page import ChannelRow, Confirming, ContactRow, ReplyLine
from sensor_hub.web.door_ports import Unusable
from sensor_hub.web.ledger_row import LedgerRow
from tests.web.builders import NOW

SENT = LedgerRow(1, NOW, "r1", "ann", "delivered", "1 (mailto)", purpose="test")


@dataclass
class Contacts:
    asked: list[tuple[object, ...]] = field(default_factory=list)

    def rows(self) -> list[ContactRow]:
        gone = ChannelRow(2, "2 (kannel)", broken_since=NOW, why="no such number")
        ann = ContactRow("ann", "Ann Lee", [ChannelRow(1, "1 (mailto)", test=[SENT]), gone])
        return [ann, ContactRow("bea", "", [ChannelRow(1, "1 (json)", verified_at=NOW, verified_by="Jo")])]

    def rows_after(self, after: str, *, limit: int) -> list[ContactRow]:
        return [row for row in self.rows() if row.id > after][:limit]

    def replies(self) -> list[ReplyLine]:
        return [ReplyLine(NOW, "447700900009", "", "<hello>", "rejected: the number of no contact")]

    def test(self, contact: str, number: int, *, by: str) -> str | None:
        self.asked.append(("test", contact, number, by))
        return "r9" if number <= 2 else None

    def send_code(self, contact: str, number: int) -> str | None:
        self.asked.append(("code", contact, number))
        return "r9"

    def confirm(self, contact: str, code: str, *, by: str) -> str | None:
        self.asked.append(("confirm", contact, code, by))
        return "1 (mailto)" if code == "123456" else None

    def find_link(self, text: str) -> Confirming | Unusable:
        return Confirming("ann", "1 (mailto)", "key", is_done=False) if text == "good" else Unusable.FORGED

    def confirm_link(self, confirming: Confirming) -> None:
        self.asked.append(("link", confirming.contact))

"""What services told later of notices that they took: kept, whether or not the notice is known."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import BigInteger, bindparam, func, select, update

from sensor_hub.alerts.delivery import NoticeState
from sensor_hub.alerts.receipt import Reached, Receipt
from sensor_hub.storage.database import Database, to_ms
from sensor_hub.storage.inserting import insert_new
from sensor_hub.storage.tables.notices import delivery, receipt
from sensor_hub.storage.terms import among

each = delivery.alias("each")
NEWEST = (
    select(func.max(each.c.row))
    .where(
        each.c.provider_id == receipt.c.provider_id,
        among(each.c.state, [NoticeState.DELIVERED, NoticeState.UNKNOWN]),
    )
    .correlate(receipt)
    .scalar_subquery()
)
"""The last line of the ledger in which a service gave the notice this name."""
KEPT = (
    select(
        receipt.c.row,
        receipt.c.source,
        receipt.c.provider_id,
        receipt.c.reached,
        receipt.c.detail,
        receipt.c.is_permanent,
        delivery.c.reference,
        delivery.c.channel,
    )
    .join_from(receipt, delivery, delivery.c.row == NEWEST)
    .where(receipt.c.reference.is_(None))
)
APPLY = update(receipt).where(receipt.c.row == bindparam("its_row", type_=BigInteger))


class KeptReceipt(NamedTuple):
    """One that was not applied yet, and the notice and channel that it is about."""

    row: int
    receipt: Receipt
    reference: str
    channel: str


class SqlReceipts:
    """See `dispatch.receipts.ReceiptStore`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def add(self, each: Receipt, at: float) -> None:
        """Keeps it; the same again is nothing."""
        row = {
            "received_ms": to_ms(at),
            "source": each.source,
            "provider_id": each.provider_id,
            "reached": each.reached,
            "detail": each.detail,
            "is_permanent": int(each.is_permanent),
        }
        with self.database.transaction() as connection:
            insert_new(connection, receipt, row)

    def kept(self) -> list[KeptReceipt]:
        """Those of notices that are known, oldest first: a receipt may come before the answer that it follows."""
        rows = self.database.connection.execute(KEPT)
        # By their order in the table, the database would go through those of years.
        return sorted(
            KeptReceipt(row, Receipt(source, id_, Reached(reached), detail, bool(permanent)), reference, channel)
            for row, source, id_, reached, detail, permanent, reference, channel in rows
        )

    def applied(self, row: int, reference: str) -> None:
        """What it says of this notice is in the ledger."""
        with self.database.transaction() as connection:
            connection.execute(APPLY, {"its_row": row, "reference": reference})

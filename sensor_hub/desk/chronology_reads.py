"""Who saw and did what, for the pages: see `web.chronology_page.HubChronology`."""

from __future__ import annotations

from collections.abc import Sequence

from sensor_hub.access.chronology import entry_of
from sensor_hub.model.moment import LATEST
from sensor_hub.storage.chronology import ChronologyBook, Mark, Wanted
from sensor_hub.web.chronology_page import ChronologyAsked, ChronologyRow, Place


class StoredChronology:
    def __init__(self, book: ChronologyBook) -> None:
        self.book = book

    def newest(self, asked: ChronologyAsked, *, limit: int, before: Place | None) -> Sequence[ChronologyRow]:
        wanted = Wanted(
            tenant=asked.tenant,
            homes=asked.homes,
            who=asked.who or None,
            act=asked.act or None,
            start=asked.start or None,
            end=None if asked.end >= LATEST else asked.end,
        )
        found: list[ChronologyRow] = []
        for row in self.book.newest(wanted, limit=limit, before=None if before is None else Mark(*before)):
            entry = entry_of(row)
            found.append(ChronologyRow(entry, Place(round(entry.at * 1000), entry.tenant, row.number), row.hash))
        return found

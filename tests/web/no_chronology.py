"""A chronology without entries."""

from __future__ import annotations

from collections.abc import Sequence

from sensor_hub.web.chronology_page import ChronologyAsked, ChronologyRow, Place


class NoChronology:
    def newest(self, asked: ChronologyAsked, *, limit: int, before: Place | None) -> Sequence[ChronologyRow]:
        return []

"""Changes in memory: see `web.event_ports.HubChanges`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from sensor_hub.model.change import Change, What
from sensor_hub.web.bounds import Tenancy
from sensor_hub.web.event_ports import Place

MARK = 7


@dataclass
class MemoryChanges:
    """What is there is told; then the hub stops, where it `stops`."""

    tenancy: Tenancy
    rows: list[Change] = field(default_factory=list)
    kept_from: int = 0
    stops: bool = True
    is_well: bool = True
    listeners: int = 0
    most_recent: int = 1000
    _is_told: bool = False

    @property
    def is_closing(self) -> bool:
        return self.stops and self._is_told

    def add(self, what: What, home: str = "", about: str = "", kind: str = "", detail: str = "") -> Change:
        change = Change(len(self.rows) + 1, MARK, 0.0, what, home, about, kind, detail)
        self.rows.append(change)
        return change

    def newest(self) -> Place:
        return Place(len(self.rows), MARK if self.rows else 0)

    def is_kept(self, place: Place) -> bool:
        return self.kept_from <= place.position <= len(self.rows) and place.mark == MARK

    def after(self, position: int, most: int) -> Sequence[Change]:
        return self.rows[position : position + most]

    @contextmanager
    def listening(self) -> Iterator[None]:
        self.listeners, self._is_told = self.listeners + 1, False
        try:
            yield
        finally:
            self.listeners -= 1

    def recent(self, position: int) -> Sequence[Change] | None:
        self._is_told = True
        return None if len(self.rows) - position > self.most_recent else self.rows[position:]

    async def news(self, position: int, within: float) -> None:
        while not self.is_closing and self.newest().position <= position and within > 0:
            await asyncio.sleep(0.001)
            within -= 0.001

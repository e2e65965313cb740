"""A card and a resident `r1` in every home, in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from sensor_hub.access.principal import Principal
from sensor_hub.model.card import ResidentRecord, ResponseCard
from sensor_hub.web.people_ports import CardRow, CardState, ChangeRow, ResidentRow, Saved

RESIDENT = "r1"


def _cards() -> dict[str, CardRow]:
    return defaultdict(lambda: CardRow(ResponseCard(key_safe_code="4711"), 1))


def _records() -> dict[str, dict[str, ResidentRow]]:
    return defaultdict(lambda: {RESIDENT: ResidentRow(RESIDENT, ResidentRecord("Albert"), 1, 0.0, "Sam")})


@dataclass
class MemoryPeople:
    cards: dict[str, CardRow] = field(default_factory=_cards)
    records: dict[str, dict[str, ResidentRow]] = field(default_factory=_records)

    def reset(self) -> None:
        self.cards, self.records = _cards(), _records()

    def card_state(self, home: str) -> CardState:
        return CardState(True, None)

    def card(self, home: str, *, by: Principal, alert: str = "") -> CardRow:
        return self.cards[home]

    def card_changes(self, home: str, *, limit: int, before: int | None = None) -> Sequence[ChangeRow]:
        return []

    def set_card(self, home: str, card: ResponseCard, *, version: int, is_checked: bool, by: Principal) -> Saved:
        if self.cards[home].version != version:
            return Saved.STALE
        self.cards[home] = CardRow(card, version + 1)
        return Saved.DONE

    def say_checked(self, home: str, *, version: int, by: Principal) -> Saved:
        return self.set_card(home, self.cards[home].card, version=version, is_checked=True, by=by)

    def residents(self, home: str, *, by: Principal) -> Sequence[ResidentRow]:
        return list(self.records[home].values())

    def residents_after(self, home: str, after: str, *, limit: int, by: Principal) -> Sequence[ResidentRow]:
        return [self.records[home][each] for each in sorted(self.records[home]) if each > after][:limit]

    def resident(self, home: str, resident: str, *, by: Principal) -> ResidentRow | None:
        return self.records[home].get(resident)

    def add_resident(self, home: str, record: ResidentRecord, *, by: Principal) -> str:
        self.records[home]["r2"] = ResidentRow("r2", record, 1, 0.0, by.name)
        return "r2"

    def set_resident(self, home: str, resident: str, record: ResidentRecord, *, version: int, by: Principal) -> Saved:
        kept = self.records[home].get(resident)
        if kept is None or kept.version != version:
            return Saved.UNKNOWN if kept is None else Saved.STALE
        self.records[home][resident] = ResidentRow(resident, record, version + 1, 0.0, by.name)
        return Saved.DONE

    def remove_resident(self, home: str, resident: str, *, version: int, by: Principal) -> Saved:
        saved = self.set_resident(home, resident, ResidentRecord(""), version=version, by=by)
        if saved is Saved.DONE:
            del self.records[home][resident]
        return saved

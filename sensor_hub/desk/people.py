"""Residents' records and response cards as pages ask for them: see `web.people_ports`.

Each look and each change is an entry of the chronology, in one transaction with what is read or written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from sensor_hub.access.chronology import Act, Chronicler, ChronologyEntry, View
from sensor_hub.access.principal import Principal
from sensor_hub.model.card import ResidentRecord, ResponseCard
from sensor_hub.storage.people import KeptChange, KeptResident, Signed, SqlPeople, StaleError
from sensor_hub.storage.vault import LockedError
from sensor_hub.web import people_ports as ports
from sensor_hub.web.people_ports import CHANGES_SHOWN, Saved


class StoredPeople:
    """Called by many threads."""

    def __init__(
        self,
        people: SqlPeople,
        chronicler: Chronicler,
        tenant_of: Callable[[str], str | None],
        now: Callable[[], float],
    ) -> None:
        self.people = people
        self.chronicler = chronicler
        self.tenant_of = tenant_of
        self.now = now

    def card_state(self, home: str) -> ports.CardState:
        checked = self.people.cards_checked()
        return ports.CardState(home in checked, checked.get(home))

    def card(self, home: str, *, by: Principal, alert: str = "") -> ports.CardRow:
        with self._opened():
            self._write(by, Act.SAW, home, alert, View.CARD)
            kept = self.people.card(home)
            residents = [_resident(each) for each in self.people.residents(home)]
            changes = self.card_changes(home, limit=CHANGES_SHOWN)
        if kept is None:
            return ports.CardRow(ResponseCard(), residents=residents, changes=changes)
        return ports.CardRow(
            kept.card,
            kept.version,
            kept.changed.at,
            kept.changed.who,
            checked_at=None if kept.checked is None else kept.checked.at,
            checked_by="" if kept.checked is None else kept.checked.who,
            residents=residents,
            changes=changes,
        )

    def card_changes(self, home: str, *, limit: int, before: int | None = None) -> Sequence[ports.ChangeRow]:
        return [_change(each) for each in self.people.changes(home, limit=limit, before=before)]

    def set_card(self, home: str, card: ResponseCard, *, version: int, is_checked: bool, by: Principal) -> Saved:
        with self._opened():
            try:
                changed = self.people.set_card(home, card, version, self._signed(by), is_checked=is_checked)
            except StaleError:
                return Saved.STALE
            said = [*changed, *(["checked"] if is_checked else [])]
            if said:
                self._write(by, Act.CARD_CHANGED, home, "", ", ".join(said))
        return Saved.DONE

    def say_checked(self, home: str, *, version: int, by: Principal) -> Saved:
        with self._opened():
            kept = self.people.card(home)
            if kept is None:
                return Saved.UNKNOWN
            return self.set_card(home, kept.card, version=version, is_checked=True, by=by)

    def residents(self, home: str, *, by: Principal) -> Sequence[ports.ResidentRow]:
        with self._opened():
            self._write(by, Act.SAW, home, "", View.PEOPLE)
            return [_resident(each) for each in self.people.residents(home)]

    def residents_after(self, home: str, after: str, *, limit: int, by: Principal) -> Sequence[ports.ResidentRow]:
        with self._opened():
            self._write(by, Act.SAW, home, "", View.PEOPLE)
            return [_resident(each) for each in self.people.residents_after(home, after, limit)]

    def resident(self, home: str, resident: str, *, by: Principal) -> ports.ResidentRow | None:
        with self._opened():
            kept = self.people.resident(home, resident)
            if kept is None:
                return None
            self._write(by, Act.SAW, home, resident, View.PEOPLE)
            return _resident(kept)

    def add_resident(self, home: str, record: ResidentRecord, *, by: Principal) -> str:
        with self._opened():
            name = self.people.add_resident(home, record, self._signed(by))
            self._write(by, Act.PERSON_CHANGED, home, name, "added")
        return name

    def set_resident(self, home: str, resident: str, record: ResidentRecord, *, version: int, by: Principal) -> Saved:
        with self._opened():
            try:
                changed = self.people.set_resident(home, resident, record, version, self._signed(by))
            except StaleError:
                return Saved.STALE
            if changed:
                self._write(by, Act.PERSON_CHANGED, home, resident, ", ".join(changed))
        return Saved.UNKNOWN if changed is None else Saved.DONE

    def remove_resident(self, home: str, resident: str, *, version: int, by: Principal) -> Saved:
        with self._opened():
            try:
                was_there = self.people.remove_resident(home, resident, version)
            except StaleError:
                return Saved.STALE
            if was_there:
                self._write(by, Act.PERSON_CHANGED, home, resident, "removed")
        return Saved.DONE if was_there else Saved.UNKNOWN

    @contextmanager
    def _opened(self) -> Iterator[None]:
        """A transaction in which what is sealed can be opened: no look without its entry."""
        try:
            with self.people.database.transaction():
                yield
        except LockedError as error:
            raise ports.LockedError(str(error)) from error

    def _write(self, by: Principal, act: Act, home: str, about: str, detail: str = "") -> None:
        tenant = self.tenant_of(home) or by.tenant or ""
        entry = ChronologyEntry(self.now(), tenant, by.id, by.role, act, home, about, detail)
        self.chronicler.write(entry)

    def _signed(self, by: Principal) -> Signed:
        return Signed(by.name or by.id, self.now())


def _change(kept: KeptChange) -> ports.ChangeRow:
    return ports.ChangeRow(kept.version, kept.signed.at, kept.signed.who, kept.fields)


def _resident(kept: KeptResident) -> ports.ResidentRow:
    return ports.ResidentRow(kept.id, kept.record, kept.version, kept.changed.at, kept.changed.who)

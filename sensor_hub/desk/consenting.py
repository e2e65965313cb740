"""What is agreed with residents and all that is kept of a person, as pages and API have it: `web.consent_ports`."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sensor_hub.access.actor import asking
from sensor_hub.access.chronology import Act, ChronologyEntry
from sensor_hub.keeping.person_file import write_person
from sensor_hub.model.consent import Agreed, Data, Decision, Told
from sensor_hub.storage.stores import SqlStores
from sensor_hub.watch.items import Act as Item
from sensor_hub.watch.items import Agree, Erase, Withdraw
from sensor_hub.web.consent_ports import CertificateMark, CertificateRow, ErasureMark, ErasureRow
from sensor_hub.web.ports import Answer


class StoredConsents:
    """`ask` hands an act to the watch's worker and waits until it is stored."""

    def __init__(self, stores: SqlStores, ask: Callable[[Item], Answer]) -> None:
        self.stores = stores
        self.ask = ask

    def history(self, home: str, *, limit: int, before: int | None = None) -> Sequence[Agreed]:
        return self.stores.consents.history(home, limit=limit, before=before)

    def erasures(self, home: str, *, limit: int, after: ErasureMark | None = None) -> Sequence[ErasureRow]:
        return [
            ErasureRow(ErasureMark(job.asked_at, job.id), job.data, job.state, job.due_at, sum(job.counts.values()))
            for job in self.stores.erasures.of(home, limit=limit, after=after)
        ]

    def agree(self, home: str, decision: Decision, *, by: str, version: int | None) -> Answer:
        return self.ask(Agree(home, decision, by, version))

    def withdraw(self, home: str, data: frozenset[Data], told: Told, *, by: str) -> Answer:
        return self.ask(Withdraw(home, data, told, by))


LEFT_OVER = "person-*.zip"


def remove_left_over(folder: Path) -> None:
    """Files that a killed hub had made to be handed out."""
    for path in folder.glob(LEFT_OVER):
        path.unlink(missing_ok=True)


class StoredPersons:
    """`folder`: where files are made that are handed out."""

    def __init__(
        self, stores: SqlStores, ask: Callable[[Item], Answer], now: Callable[[], float], folder: Path
    ) -> None:
        self.stores = stores
        self.ask = ask
        self.now = now
        self.folder = folder

    def export(self, home: str, *, by: str) -> Path:
        """What is handed out stands in the chronology before it is."""
        descriptor, name = tempfile.mkstemp(suffix=".zip", prefix="person-", dir=self.folder)
        os.close(descriptor)
        path = Path(name)
        try:
            write_person(self.stores, home, path, at=self.now(), by=by)
            self._note(home, by)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return path

    def erase(self, home: str, reason: str, *, by: str) -> Answer:
        return self.ask(Erase(home, reason, by))

    def certificates(
        self, tenant: str | None, *, limit: int, after: CertificateMark | None = None
    ) -> Sequence[CertificateRow]:
        found = self.stores.erasures.certificates(tenant, limit=limit, after=after)
        return [CertificateRow(CertificateMark(done_at, id_), told) for done_at, id_, told in found]

    def certificate(self, tenant: str | None, name: str) -> Mapping[str, Any] | None:
        return self.stores.erasures.certificate(name, tenant)

    def _note(self, home: str, by: str) -> None:
        actor, tenant = asking(), self.stores.tenants.of(home) or ""
        who = actor.who or by
        what = "all that is kept of who lives there"
        entry = ChronologyEntry(self.now(), tenant, who, actor.role, Act.EXPORTED, home, "person", what)
        self.stores.chronology.write(entry)

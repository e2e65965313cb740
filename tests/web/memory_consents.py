"""What is agreed, and what is kept of persons, over plain values, for the tests of the pages."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sensor_hub.model.consent import Agreed, Data, Decision, Told, withdrawn
from sensor_hub.model.moment import parse_moment
from sensor_hub.web.consent_ports import CertificateMark, CertificateRow, ErasureMark, ErasureRow
from sensor_hub.web.ports import Answer

NOW = parse_moment("2026-01-05T09:40:00Z")
CERTIFICATE = {
    "certificate": "c1",
    "what": "all that this hub kept of a home and of who lives there",
    "why": "she moved away",
    "home_hash": "0f",
    "asked_at": "2026-01-05T09:00:00Z",
    "asked_by": "Jo",
    "begun_at": "2026-01-05T09:00:00Z",
    "done_at": "2026-01-05T09:01:00Z",
    "rows_erased": {"reading": 7},
    "rows_pseudonymised": {"alert": 2},
    "erased": {"reading": "readings of its sensors"},
    "stays": {"alert": "alerts: when"},
    "backups_until": "2026-02-09T09:01:00Z",
    "backups": "Backups made before hold it until then.",
    "sha256": "ab",
}


@dataclass
class MemoryConsents:
    """`tenant`: whose the one certificate is."""

    homes: Sequence[str] = ()
    tenant: str = "elmham"
    agreed: dict[str, list[Agreed]] = field(default_factory=dict)
    erased: list[tuple[str, str]] = field(default_factory=list)
    is_locked: bool = False

    def history(self, home: str, *, limit: int, before: int | None = None) -> Sequence[Agreed]:
        kept = self.agreed.get(home, [])[::-1]
        return [one for one in kept if before is None or one.version < before][:limit]

    def erasures(self, home: str, *, limit: int, after: ErasureMark | None = None) -> Sequence[ErasureRow]:
        row = ErasureRow(ErasureMark(NOW, "c1"), frozenset({Data.POWER}), "done", NOW, 12)
        return [row] if home in self.agreed and after is None else []

    def agree(self, home: str, decision: Decision, *, by: str, version: int | None = None) -> Answer:
        if self.is_locked:
            return Answer.LOCKED
        kept = self.agreed.setdefault(home, [])
        if version not in {None, len(kept)}:
            return Answer.STALE
        kept.append(Agreed(decision, NOW, by, len(kept) + 1))
        return Answer.DONE

    def withdraw(self, home: str, data: frozenset[Data], told: Told, *, by: str) -> Answer:
        before = self.agreed.get(home)
        return self.agree(home, withdrawn(before[-1] if before else None, data, told), by=by)

    def export(self, home: str, *, by: str) -> Path:
        with tempfile.NamedTemporaryFile(delete=False) as file:
            file.write(f"all of {home}".encode())
        return Path(file.name)

    def erase(self, home: str, reason: str, *, by: str) -> Answer:
        self.erased.append((home, reason))
        return Answer.DONE

    def certificates(
        self, tenant: str | None, *, limit: int, after: CertificateMark | None = None
    ) -> Sequence[CertificateRow]:
        is_theirs = tenant in {None, self.tenant} and after is None
        return [CertificateRow(CertificateMark(NOW, "c1"), CERTIFICATE)] if is_theirs else []

    def certificate(self, tenant: str | None, name: str) -> Mapping[str, Any] | None:
        return CERTIFICATE if tenant in {None, self.tenant} and name == "c1" else None

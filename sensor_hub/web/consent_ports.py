"""What pages and API need of what is agreed with residents, and of all that is kept of a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from sensor_hub.model.consent import Agreed, Data, Decision, Told
from sensor_hub.web.ports import Answer


class ErasureMark(NamedTuple):
    """Where an erasure of a home stands: by (asked_at, id), the last first."""

    asked_at: float
    id: str


@dataclass(frozen=True, slots=True)
class ErasureRow:
    """One erasure of a home that is still watched."""

    mark: ErasureMark
    data: frozenset[Data]
    state: str
    """`waiting`, `running`, `done`, `called off`."""
    due_at: float
    rows: int
    """That are gone so far."""


class CertificateMark(NamedTuple):
    """Where a certificate stands: by (done_at, id), the last first."""

    done_at: float
    id: str


class CertificateRow(NamedTuple):
    mark: CertificateMark
    told: Mapping[str, Any]


class HubConsents(Protocol):
    """Homes that do not exist are Answer.UNKNOWN, or have no history."""

    def history(self, home: str, *, limit: int, before: int | None = None) -> Sequence[Agreed]:
        """Decisions, of those before this version where it is given, the last first: that one holds."""

    def erasures(self, home: str, *, limit: int, after: ErasureMark | None = None) -> Sequence[ErasureRow]:
        """The last ones asked for, the last first: the first `limit` behind `after`."""

    def agree(self, home: str, decision: Decision, *, by: str, version: int | None) -> Answer:
        """STALE where `version` is not that of the decision that held (0: there was none); None: any."""

    def withdraw(self, home: str, data: frozenset[Data], told: Told, *, by: str) -> Answer: ...


class HubPersons(Protocol):
    """All that is kept of who lives in a home."""

    def export(self, home: str, *, by: str) -> Path:
        """A zip of it, in a file that whoever asked removes."""

    def erase(self, home: str, reason: str, *, by: str) -> Answer:
        """At once and for good."""

    def certificates(
        self, tenant: str | None, *, limit: int, after: CertificateMark | None = None
    ) -> Sequence[CertificateRow]:
        """Of erasures of this tenant's homes (None: anybody's), the last first: the first `limit` behind `after`."""

    def certificate(self, tenant: str | None, name: str) -> Mapping[str, Any] | None:
        """None where there is none, or it is another tenant's."""

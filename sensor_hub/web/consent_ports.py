"""What pages and API need of what is agreed with residents, and of all that is kept of a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from sensor_hub.model.consent import Agreed, Data, Decision, Told
from sensor_hub.web.ports import Answer


@dataclass(frozen=True, slots=True)
class ErasureRow:
    """One erasure of a home that is still watched."""

    id: str
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

    def history(self, home: str) -> Sequence[Agreed]:
        """All decisions, the first first; the last holds."""

    def erasures(self, home: str) -> Sequence[ErasureRow]:
        """The last one asked for first."""

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

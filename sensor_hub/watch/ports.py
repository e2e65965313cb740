"""What the watch's worker needs from the rooms around it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, Protocol

from sensor_hub.access.chronology import Chronicler
from sensor_hub.alerts.escalation import Escalation, Pending
from sensor_hub.alerts.inhibition import Causes
from sensor_hub.alerts.notice import Notice
from sensor_hub.alerts.routing import Before
from sensor_hub.alerts.storm import Silent, Storm
from sensor_hub.model.alert import AlertChange, Outcome
from sensor_hub.model.description import Description
from sensor_hub.model.entry import Entry
from sensor_hub.model.home import Home
from sensor_hub.model.reading import Reading
from sensor_hub.model.stay import Stays
from sensor_hub.model.wire import Status
from sensor_hub.watch.consent_ports import Consents, Erasures
from sensor_hub.watch.kept_back_ports import Holds, Signs, Silences
from sensor_hub.watch.round_ports import Digests, OpenAlerts, Posts, Reviews, StandIns


class Time(Protocol):
    """The hub's clock."""

    @property
    def is_simulated(self) -> bool: ...
    @property
    def speed(self) -> float: ...
    def now(self) -> float: ...
    def wall(self) -> float: ...
    def seconds_until(self, moment: float) -> float: ...


@dataclass(frozen=True, slots=True)
class Appended:
    """A batch's place in the log, and those of its readings that were new, by (moment, device, metric)."""

    position: int
    readings: Sequence[Reading]


class HomeLog(Protocol):
    """The log: everything that can change an answer, by home, in the order stored."""

    def append_readings(self, home: str, received: float, readings: Sequence[Reading]) -> Appended | None:
        """Adds a batch; a repeat (same device, metric, moment) is dropped. None: nothing in it was new."""

    def append(self, home: str, entry: Entry) -> int:
        """Adds another entry and gives its position."""

    def read(self, home: str, after: int = 0) -> Iterator[tuple[int, Entry]]:
        """Entries behind the position `after`, in order."""

    def last_received(self, home: str) -> float | None:
        """`received` of the home's last entry."""

    def first_home(self, home: str) -> Home | None:
        """The home as it was first described."""

    def last_home(self, home: str) -> Home | None:
        """The home as its file last described it."""

    def description(self, home: str) -> Description | None:
        """The home as it stands, with every device where it was placed; None before its first description."""

    def stays(self, home: str) -> Stays:
        """Absences and visits as the last word about each has them, also those that are over."""

    def last_false_pages(self, home: str) -> float | None:
        """The dial as it was last set; None where it never was."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """That a change was new, and how the alert stood before it."""

    before: Before


class Taken(Enum):
    """What became of a person's act: acts compare and set, so that of two people one is first."""

    DONE = "done"
    TAKEN = "somebody already did"
    UNKNOWN = "there is no such alert or home"
    FULL = "the home takes no further device"
    OVERLAPS = "there is another absence in that time, or another visit that begins then"
    LOCKED = "personal data are locked: the key is missing, or another one"
    STALE = "somebody changed it since"


@dataclass(frozen=True, slots=True)
class Closing:
    by: str
    outcome: Outcome
    note: str = ""


class AlertBook(Protocol):
    """Alerts as people act on them, their changes, and the notices that go with these."""

    def record(self, change: AlertChange) -> Recorded | None:
        """Writes the change; None where it was made before."""

    def add_notice(self, notice: Notice, made_at: float, due_at: float) -> None:
        """Puts it in the outbox; one with the same reference that is there already stays as it is."""

    def send_again(self, alert: str, at: float, due_at: float) -> int:
        """Notices of the alert that may have arrived go again, marked, each once. How many."""

    def send_together(self, references: Sequence[str]) -> None:
        """These are sent as one notice, in this order, as long as none of them was sent."""

    def note(self, alert: str, at: float, *, act: str, who: str, reason: str) -> None:
        """Adds a line to the alert's history."""

    def home_of(self, alert: str) -> str | None: ...

    def owner(self, alert: str) -> str | None:
        """Who has taken it; None where nobody has it now."""

    def acknowledge(self, alert: str, by: str, at: float) -> Taken:
        """Open → acknowledged."""

    def close(self, alert: str, closing: Closing, at: float) -> Taken:
        """→ closed with an outcome, once; one that closed because its condition ended takes its outcome this way."""

    def lapse(self, alert: str, at: float) -> None:
        """Acknowledged → open."""


class Escalations(Protocol):
    """How far each alert has come along its policy."""

    def put(self, escalation: Escalation, at: float) -> None:
        """Takes the place of where the alert was before."""

    def due(self, at: float, *, lapses_after: float) -> Sequence[Pending]:
        """Open alerts whose next move is due, whose last one reached nobody, or that nothing keeps back any more.

        With them the urgent ones that were taken `lapses_after` seconds ago and still last.
        """

    def of(self, alert: str) -> Escalation | None:
        """Where the alert is; None where it never was to be told."""

    def since(self, alert: str) -> float:
        """When it came to where it is."""

    def is_open(self, alert: str) -> bool:
        """Whether nobody has taken it, and it is not closed."""

    def lost(self) -> Iterator[AlertChange]:
        """Alerts that nobody took and that interrupt, of which nothing says how far they have come."""

    def change(self, alert: str) -> AlertChange:
        """The change that describes the alert as it stands."""


class WiderAlerts(Protocol):
    """Alerts about whole homes and the hub, over all homes."""

    def causes(self) -> Causes: ...

    def silent(self) -> Sequence[Silent]:
        """Homes that cannot be seen."""

    def last_storm(self) -> tuple[AlertChange, Storm] | None:
        """The last alert about many homes: its last change, and how it stands."""


class Snapshots(Protocol):
    def load(self, home: str) -> bytes | None:
        """The last one."""

    def save(self, home: str, position: int, ticked: float | None, state: bytes) -> None:
        """Takes the place of the one before."""


class Streams(Protocol):
    """How far each stream of a home's gateway is stored."""

    def upto(self, home: str, stream: str) -> int: ...
    def move(self, moved: Mapping[tuple[str, str], int]) -> None:
        """By home and stream. None ever moves back."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """Something that came and could not be used: `what` it was, why, and as much of it as is worth keeping."""

    what: str
    reason: str
    payload: bytes


class Rejections(Protocol):
    def add(self, received: float, rejections: Mapping[str, Sequence[Rejection]]) -> None:
        """By home: counts them all, and keeps the newest of those that hold anything."""

    def count(self, home: str, reason: str, times: int) -> None:
        """Counts what must not be kept."""


class Gateways(Protocol):
    def told(self, home: str, received: float, status: Status) -> None:
        """What the home's gateway said of itself last."""

    def last(self, home: str) -> tuple[float, Status] | None:
        """When it said so, and what; None where it never said anything."""

    def note_start(self, home: str, boot: str, at: float) -> bool:
        """The gateway that started as `boot` speaks; whether it is news that there are two."""


class Tenants(Protocol):
    """Whose each home is."""

    def of(self, home: str) -> str | None:
        """None as long as nothing of the home was heard."""

    def of_each(self, homes: Collection[str]) -> Mapping[str, str]:
        """The tenants of these homes, as far as any of them was heard of."""

    def bind(self, home: str, tenant: str) -> str:
        """The home is this tenant's unless it is another's already; whose it is now."""


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """A kind that is not judged now: `state` is `blind`, `learning`, `not fitted` or `not agreed`."""

    kind: str
    subject: str
    state: str
    reason: str


class CoverageBoard(Protocol):
    def show(self, home: str, at: float, rows: Sequence[CoverageRow]) -> None:
        """What the engine could not tell at the last tick."""

    def note_away(self, start: float, end: float) -> None:
        """The hub did not run in this time: it saw no home."""


@dataclass(frozen=True, slots=True)
class LimitRow:
    """A kind that asks for `asked` more surprise here than elsewhere, and the outcomes that it rests on."""

    kind: str
    asked: float
    false_ones: int
    true_ones: int


class LimitBoard(Protocol):
    def show(self, home: str, rows: Sequence[LimitRow]) -> None:
        """What people's outcomes have moved in this home."""


class NowRow(NamedTuple):
    """An alert that lasts, and how it is now."""

    alert: str
    words: str


class NowBoard(Protocol):
    def show(self, home: str, rows: Sequence[NowRow]) -> None:
        """How the home's alerts that last are now."""

    def keep_only(self, homes: Collection[str]) -> None:
        """Of other homes it is not known any more."""


class HubMemory(Protocol):
    def get(self, name: str) -> str | None: ...

    def keep(self, name: str, value: str) -> None: ...

    def last_tick(self) -> float | None: ...

    def keep_tick(self, at: float) -> None:
        """Homes are about to be ticked for `at`."""

    def keep_settled(self, at: float) -> None:
        """All that the ticks up to `at` gave is written."""


@dataclass(frozen=True, slots=True)
class Stores:
    """All that the worker writes to. What it does inside `transaction` is done as one."""

    log: HomeLog
    alerts: AlertBook
    escalations: Escalations
    outbox: Posts
    open_alerts: OpenAlerts
    reviews: Reviews
    digests: Digests
    stand_ins: StandIns
    silences: Silences
    holds: Holds
    signs: Signs
    wider: WiderAlerts
    snapshots: Snapshots
    streams: Streams
    rejections: Rejections
    gateways: Gateways
    tenants: Tenants
    consents: Consents
    erasures: Erasures
    coverage: CoverageBoard
    limits: LimitBoard
    now: NowBoard
    memory: HubMemory
    chronology: Chronicler
    database: Transactions


class Transactions(Protocol):
    def transaction(self) -> AbstractContextManager[object]: ...

    def is_full(self, error: BaseException) -> bool:
        """Whether a statement failed for want of room on the disk."""

    def cannot_hold(self, error: BaseException) -> bool:
        """Whether something failed for what was to be written: so it does however often it is tried."""

    def has_room(self) -> bool:
        """Whether there is room again for more than a few rows; tried by writing."""

"""What the pages need from the rest of the hub: reads of what is stored, and the acts of the duty team.

Whoever stores and whoever watches implement these. All calls come from many threads at once and may block; none
changes anything but those of `HubActs`. Moments are epoch seconds (`model.moment`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import NamedTuple, Protocol

from sensor_hub.history.port import Bin, HourRow, Of, Window
from sensor_hub.model.alert import AlertChange, Outcome
from sensor_hub.model.consent import Agreed
from sensor_hub.model.description import Gone
from sensor_hub.model.finding import Evidence
from sensor_hub.model.home import Home
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.reading import Reading
from sensor_hub.model.room import Room
from sensor_hub.model.stay import Stay, Stays
from sensor_hub.web.gateway_said import GatewayRow, UnplacedRow
from sensor_hub.web.ledger_row import Ledger


class Handled(StrEnum):
    """What people have done about an alert. One that ended before anybody took it is `closed`, by nobody."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert as it stands. `summary` and `evidence` are those of its last raised or updated change."""

    id: str
    home: str
    kind: Kind
    subject: str
    """A device id, a room, or nothing."""
    urgency: Urgency
    summary: str
    since: float
    """When the condition began."""
    raised_at: float
    handled: Handled = Handled.OPEN
    evidence: Evidence = field(default_factory=dict)
    cleared_at: float | None = None
    """When the condition ended."""
    acknowledged_by: str = ""
    acknowledged_at: float | None = None
    closed_by: str = ""
    """Empty when it closed because the condition ended."""
    closed_at: float | None = None
    outcome: Outcome | None = None
    note: str = ""
    """What the person who closed it wrote."""
    kept_back: str = ""
    """`covered`, `silenced` or `held` while a stage keeps it from being told."""
    exhausted_at: float | None = None
    """When everybody who should act on an urgent alert had been told in vain."""
    now: str = ""
    """How it was at the last tick; empty where it does not last."""


class ClosedMark(NamedTuple):
    """Where a page of closed alerts ended: they are ordered by (closed_at, id), newest first."""

    closed_at: float
    id: str


class OpenMark(NamedTuple):
    """Where a page of alerts that are not closed ended: most urgent first, then by (since, id)."""

    rank: int
    """`Urgency.rank`."""
    since: float
    id: str


class DeliveryState(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    DELIVERED = "delivered"
    """A service took it."""
    ARRIVED = "arrived"
    """The service has said that the person's telephone or mailbox has it."""
    FAILED = "failed"
    """It was refused and will be tried again or handed on."""
    GIVEN_UP = "given_up"
    UNKNOWN = "unknown"
    """The hub stopped between asking and hearing."""
    DROPPED = "dropped"
    """Not sent: somebody had acknowledged, or the alert had ended."""


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One notice to one contact, as its last attempt left it."""

    contact: str
    state: DeliveryState
    at: float
    """When it came into this state."""
    attempts: int = 1
    error: str = ""


class UnreachedRow(NamedTuple):
    """A contact whose last notice was given up, and why; or one of several channels that takes nothing any more."""

    contact: str
    at: float
    error: str
    channel: str = ""
    """Which one, in words; empty: none reaches them."""


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """Whom an alert was told to (nobody: empty), or what keeps it back, and why."""

    at: float
    contacts: str
    """Where it is `covered` or `silenced`: the alert or the silence that does so."""
    reason: str
    act: str = "told"


@dataclass(frozen=True, slots=True)
class AlertHistory:
    """Everything known of one alert; all oldest first."""

    alert: AlertRow
    changes: Sequence[AlertChange] = ()
    deliveries: Sequence[DeliveryRow] = ()
    decisions: Sequence[DecisionRow] = ()
    ledger: Ledger = ()
    passed: Sequence[DecisionRow] = ()


class Sight(StrEnum):
    """Whether a kind of deviation would be found now."""

    WATCHING = "watching"
    LEARNING = "learning"
    BLIND = "blind"
    UNFITTED = "not fitted"
    """The home has no sensor for it."""
    NOT_AGREED = "not agreed"
    """The resident has not agreed to what could show it: no fault."""


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """`reason` is the engine's sentence; empty while watching."""

    kind: Kind
    subject: str
    sight: Sight
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OwnLimitRow:
    """A kind that asks for `asked` more evidence (nats; negative: less) here than elsewhere, since people said what its
    alerts were."""

    kind: Kind
    asked: float
    false_ones: int
    true_ones: int


@dataclass(frozen=True, slots=True)
class HomeRow:
    """A home and what can be seen of it now."""

    home: Home
    coverage: Sequence[CoverageRow] = ()
    """Every kind that the engine judges here. None at all: not watched yet, which counts as blind."""
    last_heard: float | None = None
    """The latest moment of any of its readings; None when there never was one."""
    heard: Mapping[str, float] = field(default_factory=dict)
    """The latest moment of each device's readings that stands there, or is gone; a device never heard is absent."""
    gateway: GatewayRow | None = None
    unplaced: Sequence[UnplacedRow] = ()
    since: Mapping[str, float] = field(default_factory=dict)
    """Since when each device stands where it does; one that always did is absent."""
    gone: Mapping[str, Gone] = field(default_factory=dict)
    """Devices that were replaced or taken away, by id."""
    rejected: Mapping[str, int] = field(default_factory=dict)
    """Messages that the hub kept as rejected, by reason."""
    limits: Sequence[OwnLimitRow] = ()
    """What outcomes have moved here."""
    stays: Stays = field(default_factory=Stays)
    """Absences and visits that people told, also those that are over."""
    consent: Agreed | None = None
    """What was agreed with the resident last, without who decided and the note; None: there is no record yet."""


class Among(NamedTuple):
    """Which alerts are asked for; None: whatever it is."""

    homes: Collection[str] | None = None
    kinds: Collection[Kind] | None = None


ALL = Among()


class HubReads(Protocol):
    """What is stored. Homes and alerts that do not exist are None, never an exception."""

    def ready(self) -> bool:
        """Whether the hub can work: the stores answer and the worker is running."""
        ...

    def open_alerts(self, among: Among = ALL) -> Sequence[AlertRow]:
        """All that are not closed, in any order."""
        ...

    def most_urgent(self, *, limit: int, after: OpenMark | None = None, among: Among = ALL) -> Sequence[AlertRow]:
        """Those that are not closed, the most urgent first, then by (since, id): the first `limit` behind `after`."""
        ...

    def closed_alerts(self, *, limit: int, after: ClosedMark | None = None, among: Among = ALL) -> Sequence[AlertRow]:
        """The closed ones by (closed_at, id), newest first.

        The first `limit` of those that follow `after`.
        """
        ...

    def home_alerts(self, home: str, *, since: float) -> Sequence[AlertRow]:
        """Those of one home that are not closed or were raised at or after `since`, newest first."""
        ...

    def begun_alerts(
        self, home: str, start: float, end: float, *, limit: int, kinds: Collection[Kind] | None = None
    ) -> Sequence[AlertRow]:
        """Those of one home with start <= since < end, of these kinds or all: the last `limit`, newest first."""
        ...

    def alert(self, alert: str) -> AlertHistory | None: ...

    def ledger(
        self, *, start: float, end: float, after: int, limit: int, homes: Collection[str] | None = None
    ) -> Ledger:
        """The first `limit` lines with start <= at < end behind the row `after`, in the order written.

        Of these homes and of none, or of all.
        """
        ...

    def unreached(self, *, since: float) -> Sequence[UnreachedRow]:
        """Contacts whose last notice since then was given up, by their names; then channels that are broken."""
        ...

    def homes(self, among: Collection[str] | None = None) -> Sequence[HomeRow]:
        """These homes or all, by id."""
        ...

    def homes_after(self, after: str, *, limit: int) -> Sequence[HomeRow]:
        """The first `limit` homes whose ids follow this one (empty: of all), by id."""
        ...

    def home(self, home: str) -> HomeRow | None: ...

    def batteries(self, home: str) -> Mapping[str, float]:
        """What each device of the home that has one last said of its battery, percent."""
        ...

    def movement(self, home: str, window: Window) -> Sequence[Bin]:
        """How many readings of an ACTIVITY metric with value 1 each device had in each bin that has any.

        HistoryError, as of the next two, where what was cannot be told now.
        """
        ...

    def temperature(self, home: str, window: Window) -> Sequence[Bin]:
        """Each device's mean temperature (°C) in each bin that has any, by time."""
        ...

    def readings(self, home: str, window: Window) -> Sequence[Bin]:
        """How many readings of any metric each device had in each bin that has any: when it was heard."""
        ...

    def measured(self, of: Of, start: float, end: float) -> Iterator[Reading]:
        """Readings with start <= at < end, by (at, device, metric); HistoryError where that cannot be told now."""
        ...

    def hours(self, of: Of, start: float, end: float) -> Sequence[HourRow]:
        """The hours that begin then, by (at, device, metric); HistoryError."""
        ...

    def rejected(self) -> Mapping[str, int]:
        """Messages that the hub kept as rejected, by reason, over all homes and none."""
        ...


class Answer(Enum):
    """What became of an act: acts compare and set, so that of two people one is first and both are told."""

    DONE = "done"
    TAKEN = "somebody already did"
    UNKNOWN = "there is no such alert or home"
    FULL = "the home takes no further device"
    OVERLAPS = "there is another absence in that time, or another visit that begins then"
    LOCKED = "personal data are locked: the key is missing, or another one"
    STALE = "somebody changed it since"


class BusyError(RuntimeError):
    """The hub could not do an act in time."""

    def __init__(self, why: str, *, is_waiting: bool) -> None:
        super().__init__(why)
        self.is_waiting = is_waiting
        """It was taken, and perhaps is still done; else it never will be."""


class HubActs(Protocol):
    """What people do about alerts and devices. The moment of an act is the hub's clock when it is stored."""

    def acknowledge(self, alert: str, *, by: str) -> Answer:
        """`by` takes the alert; TAKEN when it is acknowledged or closed already."""
        ...

    def pass_on(self, alert: str, *, by: str) -> Answer:
        """`by`, who was told, cannot act: those who follow are told at once; TAKEN where nobody follows."""
        ...

    def close(self, alert: str, *, by: str, outcome: Outcome, note: str = "") -> Answer:
        """`by` closes it, acknowledged before or not; TAKEN when a person has closed it already.

        An alert that closed by itself takes its first outcome this way: people may say later what it was.
        """
        ...

    def place(self, home: str, device: str, room: Room, *, by: str, version: int | None = None) -> Answer:
        """The device stands in this room from now on, also where it did before; FULL where it is one too many, STALE
        where `version` is not that of what was said of it last; None: any."""
        ...

    def replace_device(self, home: str, device: str, by_device: str, *, by: str) -> Answer:
        """Another device stands where this one stood, which is gone; TAKEN where the other stands in another room."""
        ...

    def take_away(self, home: str, device: str, *, by: str, version: int | None = None) -> Answer:
        """The device stands nowhere from now on, and is watched no longer; STALE as above."""
        ...

    def tell_stay(
        self,
        home: str,
        stay: Stay,
        span: tuple[float, float],
        *,
        by: str,
        is_new: bool,
        version: int | None = None,
    ) -> Answer:
        """Nobody is at home, or somebody is with the resident, in that time; see `watch.items.TellStay`. STALE where
        `version` is not that of the one that begins then; None: any."""
        ...

    def forget_outcomes(self, home: str, kind: Kind, *, by: str) -> Answer:
        """What people said of the home's alerts of a kind does not move its limit any more; TAKEN when nothing does."""
        ...

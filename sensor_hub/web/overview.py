"""What the alert pages say, put together from rows: who needs somebody, how soon, and which homes cannot be seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sensor_hub.alerts.silence import SILENCEABLE
from sensor_hub.model.alert import Outcome
from sensor_hub.model.consent import Data
from sensor_hub.model.home import Home
from sensor_hub.model.kind import KINDS, Audience, Kind, Urgency
from sensor_hub.model.moment import DAY
from sensor_hub.web.ports import AlertRow, CoverageRow, Handled, HomeRow, Sight
from sensor_hub.web.wording import UTC_ZONE, ago_words, moment_words, reason_words, subject_words

CLONE_SHOWN = DAY
"""So long after a second gateway was last seen it is still told."""
OUTCOME_WORDS = {
    Outcome.TRUE: "there was something",
    Outcome.FALSE: "false alarm",
    Outcome.UNKNOWN: "not known",
}


@dataclass(frozen=True, slots=True)
class AlertView:
    """An alert in words; all times are those of its home."""

    row: AlertRow
    title: str
    subject: str
    check: str
    """What to check first."""
    is_equipment: bool
    since: str
    """`05:12 today (4 h ago)`."""
    raised: str
    taken: str
    """Who took or closed it and when; empty while nobody has."""
    ended: str
    """When the condition ended; empty while it lasts."""
    now: str
    """How it is now; empty where it has ended or is as it was told."""

    @property
    def is_open(self) -> bool:
        return self.row.handled is Handled.OPEN

    @property
    def can_be_silenced(self) -> bool:
        return not self.is_closed and self.row.kind in SILENCEABLE

    @property
    def is_covered(self) -> bool:
        return self.is_open and self.row.kept_back == "covered"

    @property
    def is_exhausted(self) -> bool:
        """Everybody who should act was told, and nobody has it."""
        return self.is_open and self.row.exhausted_at is not None

    @property
    def is_closed(self) -> bool:
        return self.row.handled is Handled.CLOSED


def view_alert(row: AlertRow, home: Home | None, now: float) -> AlertView:
    zone = home.zone if home is not None else UTC_ZONE
    info = KINDS[row.kind]
    return AlertView(
        row=row,
        title=info.title,
        subject=subject_words(row.subject, home),
        check=info.check,
        is_equipment=info.audience is Audience.TECHNICAL,
        since=both_words(row.since, now, zone),
        raised=moment_words(row.raised_at, now, zone),
        taken=_taken(row, now, zone),
        ended="" if row.cleared_at is None else both_words(row.cleared_at, now, zone),
        now="" if row.cleared_at is not None or row.now == row.summary else row.now,
    )


def both_words(at: float, now: float, zone: ZoneInfo) -> str:
    """The moment by the clock in the home, and how long ago."""
    return f"{moment_words(at, now, zone)} ({ago_words(at, now)})"


def _taken(row: AlertRow, now: float, zone: ZoneInfo) -> str:
    if row.closed_at is not None:
        found = "" if row.outcome is None else f": {OUTCOME_WORDS[row.outcome]}"
        if not row.closed_by:
            return f"Ended by itself, {both_words(row.closed_at, now, zone)}{found}"
        return f"Closed by {row.closed_by}, {both_words(row.closed_at, now, zone)}{found}"
    if row.acknowledged_at is not None:
        return f"Acknowledged by {row.acknowledged_by}, {both_words(row.acknowledged_at, now, zone)}"
    return ""


@dataclass(frozen=True, slots=True)
class Gap:
    """What would not be found now, and the one reason."""

    what: str
    """`would miss “Cold home”`."""
    reason: str


@dataclass(frozen=True, slots=True)
class HomeView:
    row: HomeRow
    sight: Sight
    """The worst over the kinds that concern the resident."""
    is_wholly_blind: bool
    gaps: Sequence[Gap]
    """Of a home that is blind, wholly or in part, what cannot be seen; of one that is learning, what is not judged."""
    heard: str
    notes: Sequence[str] = ()
    """What somebody should look at: of its gateway, and devices that stand nowhere."""

    @property
    def id(self) -> str:
        return self.row.home.id


UNWATCHED = Gap("would miss everything", "it has not been watched yet")
NEVER_TOLD = (Sight.UNFITTED, Sight.NOT_AGREED)


def view_home(row: HomeRow, now: float) -> HomeView:
    """A home in words. One without any coverage row is blind: nobody has looked at it yet.

    Kinds that take weeks do not count: a home whose weeks are still being learned is watched all the same.
    """
    fitted = [cover for cover in row.coverage if cover.sight not in NEVER_TOLD and not KINDS[cover.kind].is_slow]
    care = [cover for cover in fitted if KINDS[cover.kind].audience is Audience.CARE]
    sights = {cover.sight for cover in care}
    sight = next((sight for sight in (Sight.BLIND, Sight.LEARNING) if sight in sights), Sight.WATCHING)
    # Where nothing is agreed nobody looks, and nobody has to be told that nobody does.
    is_declined = not care and any(cover.sight is Sight.NOT_AGREED for cover in row.coverage)
    return HomeView(
        row=row,
        sight=sight if care or is_declined else Sight.BLIND,
        is_wholly_blind=sights <= {Sight.BLIND} and not is_declined,
        gaps=_gaps(care, sight, row.home) if care or is_declined else [UNWATCHED],
        heard="never heard" if row.last_heard is None else both_words(row.last_heard, now, row.home.zone),
        notes=list(_notes(row, now)),
    )


def cloned_at(row: HomeRow, now: float) -> float | None:
    """When a second gateway spoke for the home; None where none did lately."""
    seen = None if row.gateway is None else row.gateway.cloned_at
    return seen if seen is not None and now - seen < CLONE_SHOWN else None


def _notes(row: HomeRow, now: float) -> Iterator[str]:
    if any(told.start <= now < told.end for told in row.stays.absences.values()):
        yield "away, as people told"
    if cloned_at(row, now) is not None:
        yield "two gateways speak for it"
    unseen = sum(not gone.by_device for gone in row.gone.values())
    if unseen:
        yield f"{unseen} device{'' if unseen == 1 else 's'} taken away"
    if row.unplaced:
        yield f"{len(row.unplaced)} device{'' if len(row.unplaced) == 1 else 's'} not placed yet"
    if row.consent is not None and len(row.consent.decision.scope) < len(Data):
        yield "not all is agreed" if row.consent.decision.scope else "nothing is agreed: it is not watched"
    if row.gateway is not None and row.gateway.refused:
        yield "its gateway does not follow all settings"
    if row.gateway is not None and row.gateway.told_alone:
        yield "its gateway told alarms itself"


def _gaps(coverage: Sequence[CoverageRow], sight: Sight, home: Home) -> list[Gap]:
    """Kinds by reason, in the order of importance."""
    if sight is Sight.WATCHING:
        return []
    reasons: dict[str, dict[Kind, None]] = {}
    for cover in sorted(coverage, key=lambda cover: list(Kind).index(cover.kind)):
        if cover.sight is sight:
            reasons.setdefault(reason_words(cover.reason, home), {})[cover.kind] = None
    everything = {cover.kind for cover in coverage}
    return [Gap(_missed(sight, None if kinds.keys() == everything else kinds), why) for why, kinds in reasons.items()]


def _missed(sight: Sight, kinds: Iterable[Kind] | None) -> str:
    """`kinds` None: all of them."""
    if kinds is None:
        return "would miss everything" if sight is Sight.BLIND else "judges nothing yet"
    names = ", ".join(f"“{KINDS[kind].title}”" for kind in kinds)
    return f"would miss {names}" if sight is Sight.BLIND else f"does not judge {names} yet"


@dataclass(frozen=True, slots=True)
class Section:
    """Open alerts of one urgency."""

    urgency: Urgency
    title: str
    hint: str
    alerts: Sequence[AlertView]


@dataclass(frozen=True, slots=True)
class Overview:
    """The first page: what is open, and how much of it all can be seen."""

    sections: Sequence[Section]
    covered: Sequence[AlertView]
    """Alerts of which a wider one among the others is the cause."""
    blind: Sequence[HomeView]
    learning: Sequence[HomeView]
    watched: int
    homes: int
    is_ready: bool

    @property
    def open_count(self) -> int:
        return sum(len(section.alerts) for section in self.sections)


SECTIONS = (
    (Urgency.URGENT, "Needs someone now", "Nothing urgent is open."),
    (Urgency.SOON, "Today", "Nothing for today is open."),
    (Urgency.NOTICE, "Weekly review", "Nothing waits for the weekly review."),
)


def view_alerts(rows: Iterable[AlertRow], homes: Mapping[str, HomeRow], now: float) -> list[AlertView]:
    """The alerts in words, in the order given; one of a home that is no longer known is told in UTC."""
    found = ((row, homes.get(row.home)) for row in rows)
    return [view_alert(row, None if home is None else home.home, now) for row, home in found]


def overview(rows: Iterable[AlertRow], homes: Sequence[HomeRow], now: float, *, is_ready: bool) -> Overview:
    """Most urgent first; within one urgency those that nobody answered or took, then the longest lasting."""
    alerts = view_alerts(rows, {home.home.id: home for home in homes}, now)
    covered = [alert for alert in alerts if alert.is_covered]
    alerts = [alert for alert in alerts if not alert.is_covered]
    alerts.sort(key=lambda alert: (not alert.is_exhausted, not alert.is_open, alert.row.since, alert.row.id))
    views = [view_home(home, now) for home in homes]
    return Overview(
        sections=[
            Section(urgency, title, hint, [alert for alert in alerts if alert.row.urgency is urgency])
            for urgency, title, hint in SECTIONS
        ],
        covered=covered,
        blind=[view for view in views if view.sight is Sight.BLIND],
        learning=[view for view in views if view.sight is Sight.LEARNING],
        watched=sum(view.sight is Sight.WATCHING for view in views),
        homes=len(views),
        is_ready=is_ready,
    )

"""A hub in memory with a believable week, for the tests of the pages."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from argon2 import PasswordHasher
from fastapi import FastAPI

from sensor_hub.alerts.plan import Plan
from sensor_hub.desk.acts import ANSWER
from sensor_hub.history.port import Bin, HistoryError, HourRow, Of, Window
from sensor_hub.model.alert import AlertChange, AlertState, Outcome
from sensor_hub.model.description import Description
from sensor_hub.model.home import Device, Home
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.metric import ACTIVITY, Metric
from sensor_hub.model.moment import DAY, HOUR, MINUTE, parse_moment
from sensor_hub.model.reading import Reading
from sensor_hub.model.room import Room
from sensor_hub.model.stay import Stay, ToldStay
from sensor_hub.watch.items import TellStay
from sensor_hub.watch.ports import Taken
from sensor_hub.watch.staying import judge
from sensor_hub.web.account_doors import AccountDoors
from sensor_hub.web.contact_page import HubContacts
from sensor_hub.web.doors import Doors
from sensor_hub.web.event_ports import HubChanges
from sensor_hub.web.gateway_ports import HubGateways
from sensor_hub.web.gateway_said import GatewayRow, UnplacedRow
from sensor_hub.web.ledger_row import Ledger, LedgerRow
from sensor_hub.web.people_ports import HubPeople
from sensor_hub.web.ports import (
    ALL,
    AlertHistory,
    AlertRow,
    Among,
    Answer,
    ClosedMark,
    CoverageRow,
    DeliveryRow,
    DeliveryState,
    Handled,
    HomeRow,
    OpenMark,
    Sight,
    UnreachedRow,
)
from sensor_hub.web.site import build_site
from tests.web.duty import MemoryCalendars, MemoryReviews, duty_plan
from tests.web.memory_consents import MemoryConsents
from tests.web.memory_silences import MemorySilences
from tests.web.no_chronology import NoChronology

LEDGER_STATE = {DeliveryState.DELIVERED: "delivered", DeliveryState.FAILED: "waiting"}
NOW = parse_moment("2026-01-05T09:40:00Z")
PASSWORD = "a cup of tea"
HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def moment(text: str) -> float:
    return parse_moment(text)


@dataclass
class MemoryHub:
    """Reads and acts over plain lists."""

    rows: dict[str, HomeRow] = field(default_factory=dict)
    histories: dict[str, AlertHistory] = field(default_factory=dict)
    log: dict[str, list[Reading]] = field(default_factory=dict)
    is_ready: bool = True
    at: float = NOW
    lost: Sequence[UnreachedRow] = ()
    has_history: bool = True
    """Whether it can be told now what was."""
    plan: Plan = field(default_factory=lambda: Plan((), ()))

    def unreached(self, *, since: float) -> Sequence[UnreachedRow]:
        return [row for row in self.lost if row.at >= since]

    def ledger(
        self, *, start: float, end: float, after: int, limit: int, homes: Collection[str] | None = None
    ) -> Ledger:
        rows = [row for history in self.histories.values() for row in history.ledger]
        rows = [row for row in rows if homes is None or not row.home or row.home in homes]
        return [row for row in rows if start <= row.at < end and row.row > after][:limit]

    def ready(self) -> bool:
        return self.is_ready

    def open_alerts(self, among: Among = ALL) -> Sequence[AlertRow]:
        return [row for row in self._alerts(among) if row.handled is not Handled.CLOSED]

    def most_urgent(self, *, limit: int, after: OpenMark | None = None, among: Among = ALL) -> Sequence[AlertRow]:
        marks = {(-row.urgency.rank, row.since, row.id): row for row in self.open_alerts(among)}
        behind = None if after is None else (-after.rank, after.since, after.id)
        return [marks[each] for each in sorted(marks) if behind is None or each > behind][:limit]

    def closed_alerts(self, *, limit: int, after: ClosedMark | None = None, among: Among = ALL) -> Sequence[AlertRow]:
        rows = [row for row in self._alerts(among) if row.closed_at is not None]
        rows.sort(key=lambda row: (row.closed_at or 0, row.id), reverse=True)
        return [row for row in rows if after is None or (row.closed_at or 0, row.id) < after][:limit]

    def home_alerts(self, home: str, *, since: float) -> Sequence[AlertRow]:
        rows = [row for row in self._alerts() if row.home == home]
        rows = [row for row in rows if row.handled is not Handled.CLOSED or row.raised_at >= since]
        return sorted(rows, key=lambda row: -row.raised_at)

    def begun_alerts(
        self, home: str, start: float, end: float, *, limit: int, kinds: Collection[Kind] | None = None
    ) -> Sequence[AlertRow]:
        rows = [row for row in self._alerts(Among([home], kinds)) if start <= row.since < end]
        return sorted(rows, key=lambda row: (-row.since, row.id))[:limit]

    def alert(self, alert: str) -> AlertHistory | None:
        return self.histories.get(alert)

    def homes(self, among: Collection[str] | None = None) -> Sequence[HomeRow]:
        return [self.rows[home] for home in sorted(self.rows) if among is None or home in among]

    def homes_after(self, after: str, *, limit: int) -> Sequence[HomeRow]:
        return [self.rows[home] for home in sorted(self.rows) if home > after][:limit]

    def home(self, home: str) -> HomeRow | None:
        return self.rows.get(home)

    def movement(self, home: str, window: Window) -> Sequence[Bin]:
        return self._bins(home, window, lambda reading: reading.metric in ACTIVITY and reading.value == 1, _count)

    def temperature(self, home: str, window: Window) -> Sequence[Bin]:
        return self._bins(home, window, lambda reading: reading.metric is Metric.TEMPERATURE, _mean)

    def readings(self, home: str, window: Window) -> Sequence[Bin]:
        return self._bins(home, window, lambda _: True, _count)

    def measured(self, of: Of, start: float, end: float) -> Iterator[Reading]:
        if not self.has_history:
            raise HistoryError("it is down")
        kept = sorted(self.log.get(of.home, []), key=lambda each: (each.at, each.device, each.metric))
        for each in kept:
            is_asked = of.device in (None, each.device) and (of.metrics is None or each.metric in of.metrics)
            if start <= each.at < end and is_asked:
                yield each

    def hours(self, of: Of, start: float, end: float) -> Sequence[HourRow]:
        hours: dict[tuple[float, str, Metric], list[float]] = {}
        for each in self.measured(of, -(-start // HOUR) * HOUR, -(-end // HOUR) * HOUR):
            value = 0.0 if isinstance(each.value, str) else float(each.value)
            hours.setdefault((each.at // HOUR * HOUR, each.device, each.metric), []).append(value)
        return [
            HourRow(device, metric, at, len(values), min(values), _mean(values), max(values))
            for (at, device, metric), values in sorted(hours.items())
        ]

    def rejected(self) -> Mapping[str, int]:
        return {"not SenML": 3}

    def acknowledge(self, alert: str, *, by: str) -> Answer:
        return self._act(
            alert, {Handled.OPEN}, handled=Handled.ACKNOWLEDGED, acknowledged_by=by, acknowledged_at=self.at
        )

    def close(self, alert: str, *, by: str, outcome: Outcome, note: str = "") -> Answer:
        told = {"closed_by": by, "closed_at": self.at, "outcome": outcome, "note": note}
        return self._act(alert, {Handled.OPEN, Handled.ACKNOWLEDGED}, handled=Handled.CLOSED, **told)

    def place(self, home: str, device: str, room: Room, *, by: str, version: int | None = None) -> Answer:
        row = self.rows.get(home)
        if row is None:
            return Answer.UNKNOWN
        if version not in {None, self._described(home).version(device)}:
            return Answer.STALE
        seen = next((each for each in row.unplaced if each.device == device), None)
        added = () if seen is None else (Device(device, room, frozenset(map(Metric, seen.metrics))),)
        gone = {id_: each for id_, each in row.gone.items() if id_ != device}
        added += (replace(row.gone[device].device, room=room),) if device in row.gone else ()
        devices = tuple(replace(each, room=room) if each.id == device else each for each in row.home.devices)
        left = [each for each in row.unplaced if each.device != device]
        self.rows[home] = replace(
            row,
            home=replace(row.home, devices=devices + added),
            unplaced=left,
            gone=gone,
            since={**row.since, device: self.at},
        )
        return Answer.DONE

    def batteries(self, home: str) -> Mapping[str, float]:
        return {device.id: 88.0 for device in self.rows[home].home.devices if Metric.BATTERY in device.metrics}

    def replace_device(self, home: str, device: str, by_device: str, *, by: str) -> Answer:
        row, described = self.rows.get(home), self._described(home)
        stood, there = described.stands(device), described.stands(by_device)
        if row is None or stood is None:
            return Answer.UNKNOWN
        if there is not None and there.room is not stood.room:
            return Answer.TAKEN
        described.replace(device, by_device, stood.room, self.at)
        self._stand(row, described)
        return Answer.DONE

    def take_away(self, home: str, device: str, *, by: str, version: int | None = None) -> Answer:
        row, described = self.rows.get(home), self._described(home)
        if row is None or described.stands(device) is None:
            return Answer.UNKNOWN
        if version not in {None, described.version(device)}:
            return Answer.STALE
        described.take_away(device, self.at)
        self._stand(row, described)
        return Answer.DONE

    def _described(self, home: str) -> Description:
        row = self.rows.get(home)
        return (
            Description(Home(home, "UTC"))
            if row is None
            else Description(row.home, gone=dict(row.gone), since=dict(row.since))
        )

    def _stand(self, row: HomeRow, described: Description) -> None:
        gone = {device: each for device, each in described.gone.items() if each.at}
        unplaced = [each for each in row.unplaced if each.device not in described.placed()]
        since = {**row.since, **described.since}
        self.rows[row.home.id] = replace(row, home=described.home(), gone=gone, since=since, unplaced=unplaced)

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
        row = self.rows.get(home)
        if row is None:
            return Answer.UNKNOWN
        item = TellStay(home, stay, *span, by, is_new, version)
        taken = judge(row.stays, item)
        if taken is Taken.DONE:
            row.stays.tell(stay, ToldStay(*item.span, by, self.at))
        return ANSWER[taken]

    def forget_outcomes(self, home: str, kind: Kind, *, by: str) -> Answer:
        row = self.rows.get(home)
        if row is None:
            return Answer.UNKNOWN
        left = [own for own in row.limits if own.kind is not kind]
        if len(left) == len(row.limits):
            return Answer.TAKEN
        self.rows[home] = replace(row, limits=left)
        return Answer.DONE

    def _act(self, alert: str, old: set[Handled], **changes: object) -> Answer:
        history = self.histories.get(alert)
        if history is None:
            return Answer.UNKNOWN
        if history.alert.handled not in old and (history.alert.closed_by or changes["handled"] is not Handled.CLOSED):
            return Answer.TAKEN
        self.histories[alert] = replace(history, alert=replace(history.alert, **changes))
        return Answer.DONE

    def _alerts(self, among: Among = ALL) -> list[AlertRow]:
        rows = [history.alert for history in self.histories.values()]
        rows = [row for row in rows if among.kinds is None or row.kind in among.kinds]
        return rows if among.homes is None else [row for row in rows if row.home in among.homes]

    def _bins(
        self, home: str, window: Window, wanted: Callable[[Reading], bool], of: Callable[[list[float]], float]
    ) -> Sequence[Bin]:
        if not self.has_history:
            raise HistoryError("it is down")
        cells: dict[tuple[str, float], list[float]] = {}
        for reading in self.log.get(home, []):
            if window.start <= reading.at < window.end and wanted(reading):
                at = reading.at // window.width * window.width
                value = reading.value if isinstance(reading.value, float | int) else 0.0
                cells.setdefault((reading.device, at), []).append(value)
        return [
            Bin(device, at, of(values)) for (device, at), values in sorted(cells.items(), key=lambda row: row[0][1])
        ]


def _count(values: list[float]) -> float:
    return len(values)


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def make_home(home: str = "elm-14", timezone: str = "Europe/London") -> Home:
    """Four rooms that sense movement, an outside door, three thermometers and a gateway."""
    pir = frozenset({Metric.MOTION, Metric.BATTERY})
    warm = frozenset({Metric.TEMPERATURE, Metric.HUMIDITY})
    return Home(
        home,
        timezone,
        devices=(
            Device("0x00158d0001a20001", Room.LIVING, pir),
            Device("0x00158d0001a20002", Room.BEDROOM, pir),
            Device("0x00158d0001a20003", Room.KITCHEN, pir),
            Device("0x00158d0001a20004", Room.BATHROOM, pir),
            Device("0x00158d0001a20005", Room.HALL, frozenset({Metric.CONTACT}), 7200),
            Device("0x00158d0001b20001", Room.LIVING, warm, 3600),
            Device("0x00158d0001b20002", Room.BEDROOM, warm, 3600),
            Device("gateway", Room.OTHER, frozenset({Metric.ONLINE}), 600),
        ),
    )


def week(home: Home, until: float = NOW, still_from: float = NOW - 4.5 * HOUR) -> list[Reading]:
    """Seven days of one resident, with nobody moving from `still_from` on and two hours without the kitchen sensor."""
    readings: list[Reading] = []
    start = (until - 8 * DAY) // 600 * 600
    for step in range(int((until - start) / 600) + 1):
        at = start + step * 600
        readings += _hello(home, at)
        if at < still_from:
            readings += _moves(home, at)
    hole = (until - 20 * HOUR, until - 14 * HOUR)
    return [
        reading
        for reading in readings
        if reading.at <= until and not (reading.device.endswith("a20003") and hole[0] < reading.at < hole[1])
    ]


def _hello(home: Home, at: float) -> list[Reading]:
    """What healthy devices say whoever moves."""
    hour = at % DAY / HOUR
    heating = 2.2 * math.exp(-(((hour - 19) / 4.5) ** 2)) + 1.1 * math.exp(-(((hour - 8.5) / 2) ** 2))
    readings = [Reading(at + 1, "gateway", Metric.ONLINE, 1)]
    if at % 1800 == 0:
        readings.append(Reading(at + 5, "0x00158d0001b20001", Metric.TEMPERATURE, 17.4 + heating))
        readings.append(Reading(at + 9, "0x00158d0001b20002", Metric.TEMPERATURE, 15.9 + heating * 0.6))
        batteries = [device.id for device in home.devices if Metric.BATTERY in device.metrics]
        readings += [Reading(at + 20, device, Metric.BATTERY, 88) for device in batteries]
        readings.append(Reading(at + 21, "0x00158d0001a20005", Metric.CONTACT, 0))
    return readings


def _moves(home: Home, at: float) -> list[Reading]:
    """Where the resident is by the hour: the same each day but for a little."""
    hour = (at % DAY) / HOUR
    salt = int(at / 600) * 2654435761 % 97
    rooms: list[tuple[str, int]] = []
    if 8 <= hour < 22.5:
        rooms.append(("a20001", salt % 4))
    if hour < 7 or hour >= 22.5:
        rooms.append(("a20002", int(salt % 11 == 0)))
    if 7.5 <= hour < 9 or 12 <= hour < 13.2 or 17.5 <= hour < 18.6:
        rooms.append(("a20003", 2 + salt % 4))
    if salt % 17 == 0 or 7 <= hour < 7.4:
        rooms.append(("a20004", 2))
    if salt % 43 == 0 and 10 <= hour < 16:
        rooms.append(("a20005", 1))
    return [
        Reading(at + 60 + number * 70, device.id, Metric.CONTACT if ending == "a20005" else Metric.MOTION, 1)
        for ending, count in rooms
        for device in home.devices
        if device.id.endswith(ending)
        for number in range(count)
    ]


def covers(sight: Sight = Sight.WATCHING, reason: str = "") -> list[CoverageRow]:
    kinds = (Kind.INACTIVITY, Kind.TOILETING_INCREASE, Kind.TOILETING_DECREASE)
    rows = [CoverageRow(kind, "", sight, reason) for kind in kinds]
    return [*rows, CoverageRow(Kind.COLD, "living", sight, reason), CoverageRow(Kind.COLD, "bedroom", sight, reason)]


def make_alert(alert: str, home: str, kind: Kind, urgency: Urgency, since: float, summary: str) -> AlertRow:
    return AlertRow(alert, home, kind, "", urgency, summary, since, raised_at=min(since + HOUR, NOW))


def history(row: AlertRow, deliveries: Sequence[DeliveryRow] = ()) -> AlertHistory:
    changes = [_change(row, 1, AlertState.RAISED, row.raised_at)]
    if row.cleared_at is not None:
        changes.append(_change(row, 2, AlertState.CLEARED, row.cleared_at))
    ledger = [
        LedgerRow(number, each.at, f"r{number}", each.contact, LEDGER_STATE[each.state], "1 (mailto)", "", each.error)
        for number, each in enumerate(deliveries, 1)
    ]
    return AlertHistory(row, changes, deliveries, ledger=ledger)


def _change(row: AlertRow, number: int, state: AlertState, at: float) -> AlertChange:
    return AlertChange(
        row.id, number, row.home, row.kind, row.subject, row.urgency, state, at, row.since, row.summary, row.evidence
    )


def make_hub() -> MemoryHub:
    """Five homes: one still since 05:12, one cold, one blind, one learning, one where only the cold cannot be seen."""
    homes = [make_home(name) for name in ("birch-7", "elm-14", "fir-3", "oak-2", "rowan-21")]
    hub = MemoryHub(plan=duty_plan())
    for home in homes:
        last = NOW - 6 * HOUR if home.id == "birch-7" else NOW
        hub.log[home.id] = week(home, last, NOW - 4.5 * HOUR if home.id == "elm-14" else NOW)
        hub.rows[home.id] = _row(home, hub.log[home.id])
    for found in _histories():
        hub.histories[found.alert.id] = found
    return hub


def _row(home: Home, readings: Sequence[Reading]) -> HomeRow:
    heard: dict[str, float] = {}
    for reading in readings:
        heard[reading.device] = max(reading.at, heard.get(reading.device, 0))
    last = max(heard.values())
    coverage = {
        "birch-7": covers(Sight.BLIND, "gateway silent since 03:40 today"),
        "fir-3": covers(Sight.LEARNING, "3 of 14 days seen"),
        "rowan-21": [
            *covers()[:4],
            CoverageRow(Kind.COLD, "bedroom", Sight.BLIND, "the bedroom's thermometer is silent since Sunday"),
        ],
    }.get(home.id, covers())
    is_blind = home.id == "birch-7"
    gateway = GatewayRow(not is_blind, last, version="0.1.0", waiting=12 if is_blind else 0, rejected={"not JSON": 2})
    unplaced = [UnplacedRow("0x00158d0001ff0009", NOW - 3 * MINUTE, ["motion"])] if home.id == "elm-14" else []
    return HomeRow(home, coverage, last, heard, gateway, unplaced, {"in the future": 4})


def _histories() -> list[AlertHistory]:
    still = replace(
        make_alert(
            "a1",
            "elm-14",
            Kind.INACTIVITY,
            Urgency.URGENT,
            NOW - 4.5 * HOUR,
            "No movement since 05:12; usually up by 08:10 (27 of 28 days).",
        ),
        evidence={"last_movement_at": NOW - 4.5 * HOUR, "usual_by": "08:10", "days_seen": 28, "still_minutes": 268},
    )
    cold = make_alert(
        "b2",
        "oak-2",
        Kind.COLD,
        Urgency.SOON,
        NOW - 9 * HOUR,
        "The bedroom is at 15.4 °C and has been below 16 °C for 9 hours.",
    )
    cold = replace(cold, handled=Handled.ACKNOWLEDGED, acknowledged_by="Sam", acknowledged_at=NOW - 12 * MINUTE)
    cold = replace(cold, subject="bedroom", evidence={"now_c": 15.4, "below_c": 16.0, "for_hours": 9})
    silent = replace(
        make_alert(
            "c3", "birch-7", Kind.GATEWAY_SILENT, Urgency.SOON, NOW - 6 * HOUR, "The gateway is silent since 03:40."
        ),
        subject="gateway",
    )
    visits = make_alert(
        "d4",
        "elm-14",
        Kind.TOILETING_INCREASE,
        Urgency.NOTICE,
        NOW - 3 * DAY,
        "11 bathroom visits a day over the last 3 days; usually 5 to 8.",
    )
    ended = make_alert("e5", "oak-2", Kind.INACTIVITY, Urgency.URGENT, NOW - 20 * HOUR, "No movement since 13:40.")
    ended = replace(ended, handled=Handled.CLOSED, cleared_at=NOW - 17 * HOUR, closed_at=NOW - 17 * HOUR)
    notices = [
        DeliveryRow("duty-phone", DeliveryState.DELIVERED, NOW - 3.4 * HOUR),
        DeliveryRow("warden-email", DeliveryState.FAILED, NOW - 3.3 * HOUR, 2, "the mail server did not answer"),
    ]
    return [history(still, notices), history(cold), history(silent), history(visits), history(ended)]


def make_site(
    hub: MemoryHub,
    *,
    url: str = "http://hub.test",
    is_simulated: bool = False,
    contacts: HubContacts | None = None,
    people: HubPeople | None = None,
    accounts: AccountDoors | None = None,
    gateways: HubGateways | None = None,
    changes: HubChanges | None = None,
) -> FastAPI:
    agreed = MemoryConsents()
    return build_site(
        hub,
        hub,
        password_hash=HASH,
        secret="for tests",
        url=url,
        simulated=is_simulated,
        now=lambda: hub.at,
        plan=hub.plan,
        doors=Doors(
            calendars=MemoryCalendars(),
            reviews=MemoryReviews(),
            silencing=MemorySilences(hub),
            contacts=contacts,
            chronology=NoChronology(),
            people=people,
            changes=changes,
            consents=agreed,
            persons=agreed,
            gateways=gateways,
        ),
        accounts=accounts,
    )

"""One home in words: what is watched for in it, when each of its devices was heard, and how its gateway is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sensor_hub.model.consent import scope_names
from sensor_hub.model.home import Home
from sensor_hub.model.kind import ALARMS, HOME_KINDS, KINDS, Kind
from sensor_hub.model.moment import local
from sensor_hub.model.room import ROOM_NAME, Room
from sensor_hub.web.device_rows import DeviceRow, Standing, device_rows
from sensor_hub.web.overview import both_words, cloned_at
from sensor_hub.web.ports import HomeRow, OwnLimitRow, Sight
from sensor_hub.web.wording import device_words, reason_words, span_words, subject_words


@dataclass(frozen=True, slots=True)
class CoverageLine:
    """What shares one reason."""

    what: str
    """`Cold home, Hot home (Bedroom)`."""
    reason: str


@dataclass(frozen=True, slots=True)
class CoverageGroup:
    sight: Sight
    title: str
    hint: str
    lines: Sequence[CoverageLine]


@dataclass(frozen=True, slots=True)
class DeviceLine:
    name: str
    id: str
    """With what the home's own systems call it, where that is another name."""
    device: str
    heard: str
    room: str
    """Empty for the gateway itself, which nobody moves, and for what is not placed."""
    is_late: bool = False
    """It was silent for longer than it may be, or never heard."""
    version: int = 0


@dataclass(frozen=True, slots=True)
class GoneLine:
    """A device that was replaced or taken away."""

    name: str
    id: str
    device: str
    what: str
    """`taken away 2 h ago (12:05)`."""
    unseen: str
    """A sentence on what nobody sees any more; empty where others do."""
    room: str
    by_device: str
    """Which stands in its place still; empty: none."""
    version: int


@dataclass(frozen=True, slots=True)
class GatewayLines:
    """What somebody has to know of the gateway beside how it is."""

    cloned: str
    """When a second one was seen; empty: none lately."""
    refused: Sequence[tuple[str, str]]
    """Settings that it does not follow, and why."""
    told_alone: Sequence[tuple[str, str]]
    """What it told somebody itself, and when."""


@dataclass(frozen=True, slots=True)
class LimitLine:
    kind: str
    title: str
    why: str
    """`asks for a little more evidence (+1.0) since 2 alerts were false`."""


GROUPS = (
    (Sight.BLIND, "Cannot see", "These would be missed now."),
    (Sight.LEARNING, "Still learning", "These are not judged yet, or only in part."),
    (Sight.WATCHING, "Watching", "These would be told."),
    (Sight.UNFITTED, "Not fitted", "These are never told here."),
    (Sight.NOT_AGREED, "Not watched: not agreed", "The resident has not agreed to what could show these."),
)
"""The worst first."""
MOST_NAMED = 3
SHOWN_AS = {"motion": "movement", "contact": "the door", "sos": "calls for help"}
"""Metrics that people know by other words."""
IMPORTANT_FIRST = [*(kind for kind in Kind if kind in ALARMS), *(kind for kind in HOME_KINDS if kind not in ALARMS)]


def coverage_groups(row: HomeRow) -> Sequence[CoverageGroup]:
    """What would be found and what not: kinds that share a reason together, the most important first."""
    shared: dict[tuple[Sight, str], dict[Kind, list[str]]] = {}
    for cover in sorted(row.coverage, key=lambda cover: (IMPORTANT_FIRST.index(cover.kind), cover.subject)):
        reason = reason_words(cover.reason, row.home)
        subjects = shared.setdefault((cover.sight, reason), {}).setdefault(cover.kind, [])
        subjects += [_about(cover.subject, row.home)] if cover.subject else []
    groups = []
    for sight, title, hint in GROUPS:
        lines = [CoverageLine(_listed(what), reason) for (seen, reason), what in shared.items() if seen is sight]
        if lines:
            groups.append(CoverageGroup(sight, title, hint, lines))
    return groups


def _listed(kinds: Mapping[Kind, Sequence[str]]) -> str:
    """`Cold home, Silent sensor (Hall movement, Entrance door)`; the number where they are many."""
    told = []
    for kind, subjects in kinds.items():
        about = ", ".join(subjects) if len(subjects) <= MOST_NAMED else str(len(subjects))
        told.append(KINDS[kind].title + (f" ({about})" if about else ""))
    return ", ".join(told)


def _about(subject: str, home: Home) -> str:
    device = next((each for each in home.devices if each.id == subject), None)
    return subject_words(subject, home) if device is None else device_words(device)


def limit_lines(row: HomeRow) -> Sequence[LimitLine]:
    """What outcomes have moved in this home."""
    return [LimitLine(own.kind, KINDS[own.kind].title, _why(own)) for own in row.limits]


def _why(own: OwnLimitRow) -> str:
    found = [(own.false_ones, "false"), (own.true_ones, "true")]
    told = " and ".join(f"{_alerts(count)} {what}" for count, what in found if count)
    more = "more" if own.asked > 0 else "less"
    return f"asks for a little {more} evidence ({own.asked:+.1f}) since {told}"


def _alerts(count: int) -> str:
    return "1 alert was" if count == 1 else f"{count} alerts were"


def device_lines(row: HomeRow, now: float) -> Sequence[DeviceLine]:
    """The devices that stand somewhere."""
    stands = {device.id: device for device in row.home.devices}
    lines = []
    for each in device_rows(row, now):
        if each.id in stands:
            room = "" if each.is_gateway or each.room is None else each.room.value
            is_late = each.standing in (Standing.LATE, Standing.NEVER_HEARD)
            name, heard = device_words(stands[each.id]), _heard_words(each, row, now)
            lines.append(DeviceLine(name, _called(row, each.id), each.id, heard, room, is_late, each.version))
    return lines


def _heard_words(device: DeviceRow, row: HomeRow, now: float) -> str:
    if device.standing is Standing.NOT_AGREED:
        heard = "not agreed: nothing of it is kept"
    elif device.last_heard is None:
        heard = "never heard"
    else:
        heard = f"heard {both_words(device.last_heard, now, row.home.zone)}"
    if device.standing is Standing.LATE and device.report_every is not None:
        heard += f", expected every {span_words(device.report_every)}"
    return heard + ("; a pet is there: a lone movement is not counted" if device.has_pet else "")


def gone_lines(row: HomeRow, now: float) -> Sequence[GoneLine]:
    """The devices that were replaced or taken away, the latest first."""
    stands, lines = {device.id for device in row.home.devices}, list[GoneLine]()
    for gone in reversed(list(row.gone.values())):
        device, at = gone.device, both_words(gone.at, now, row.home.zone)
        seen = next(each for each in device_rows(row, now) if each.id == device.id)
        what = f"replaced by {gone.by_device} {at}" if gone.by_device else f"taken away {at}"
        unseen = f"Nothing else shows {_list_words(seen.unseen)} {_in_room(device.room)}." if seen.unseen else ""
        by_device = gone.by_device if gone.by_device in stands else ""
        name = device_words(device)
        room, version = device.room.value, seen.version
        lines.append(GoneLine(name, _called(row, device.id), device.id, what, unseen, room, by_device, version))
    return lines


def _in_room(room: Room) -> str:
    return ROOM_NAME[room] if room is Room.OUTDOOR else f"in {ROOM_NAME[room]}"


def _list_words(names: Sequence[str]) -> str:
    told = [SHOWN_AS.get(name, name.replace("_", " ")) for name in names]
    return " and ".join(filter(None, [", ".join(told[:-1]), told[-1]]))


def agreed_words(row: HomeRow, now: float) -> str:
    """In a sentence: what is agreed with the resident, and whether that is to be looked at again."""
    if row.consent is None:
        return "No record yet: everything that its sensors measure is collected."
    told = row.consent.decision
    if not told.scope:
        return "Nothing is agreed: nothing is collected, and the home is not watched."
    agreed = " and ".join(filter(None, [", ".join(scope_names(told.scope)[:-1]), scope_names(told.scope)[-1]]))
    due = " Its review is due." if told.is_review_due(local(now, row.home.zone).date()) else ""
    return f"Agreed: {agreed}, to be looked at again on {told.review_on}.{due}"


def unplaced_lines(row: HomeRow, now: float) -> Sequence[DeviceLine]:
    """The devices that were heard and stand nowhere."""
    return [
        DeviceLine(
            name=_measures(seen.metrics),
            id=f"{seen.device} · {seen.name}" if seen.name else seen.device,
            device=seen.device,
            heard=f"heard {both_words(seen.last_heard, now, row.home.zone)}",
            room="",
        )
        for seen in row.unplaced
    ]


def gateway_lines(row: HomeRow, now: float) -> GatewayLines:
    """What of the gateway needs somebody."""
    seen, zone = row.gateway, row.home.zone
    if seen is None:
        return GatewayLines("", (), ())
    told = [
        (one.text, "nobody took it" if one.told_at is None else f"told {both_words(one.told_at, now, zone)}")
        for one in reversed(seen.told_alone)
    ]
    cloned = cloned_at(row, now)
    return GatewayLines("" if cloned is None else both_words(cloned, now, zone), list(seen.refused.items()), told)


def _called(row: HomeRow, device: str) -> str:
    name = "" if row.gateway is None else row.gateway.names.get(device, "")
    return f"{device} · {name}" if name else device


def _measures(metrics: Sequence[str]) -> str:
    """`Motion, battery`: what somebody recognises a device by."""
    words = ", ".join(metric.replace("_", " ") for metric in metrics) or "device"
    return words[0].upper() + words[1:]

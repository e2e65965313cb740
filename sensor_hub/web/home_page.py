"""One home in words: what is watched for in it, when each of its devices was heard, and how its gateway is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sensor_hub.model.consent import declined_metrics, of_device, scope_names
from sensor_hub.model.home import Home
from sensor_hub.model.kind import ALARMS, HOME_KINDS, KINDS, Kind
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import local
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
    lines = []
    declined = frozenset[Metric]() if row.consent is None else declined_metrics(row.consent.decision.scope)
    for device in row.home.devices:
        at, every = row.heard.get(device.id), device.report_every
        if declined and not of_device(device.metrics, declined):
            heard, is_late = "not agreed: nothing of it is kept", False
        elif at is None:
            heard, is_late = "never heard", True
        else:
            is_late = now - at > every
            heard = f"heard {both_words(at, now, row.home.zone)}"
            heard += f", expected every {span_words(every)}" if is_late else ""
        heard += "; a pet is there: a lone movement is not counted" if device.pet else ""
        room = "" if Metric.ONLINE in device.metrics else device.room.value
        lines.append(DeviceLine(device_words(device), _called(row, device.id), device.id, heard, room, is_late))
    return lines


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

"""What the lookout keeps over a restart, as a document; what makes no sense in it is left out."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field

from gateway.alone import MOST_DEVICES, MOVES, Known, Rule, Spell, Told, Watcher
from sensor_hub.model.metric import Metric


@dataclass(slots=True)
class Memory:
    """`hub_at`: the moment of the hub's last answer; 0 where it has never answered."""

    known: Known = field(default_factory=Known)
    told: list[Told] = field(default_factory=list)
    hub_at: float = 0.0
    alone_since: float | None = None


RESTS_ON: Mapping[Rule, Set[Metric]] = {
    Rule.SMOKE: {Metric.SMOKE},
    Rule.SOS: {Metric.SOS},
    Rule.COLD: {Metric.TEMPERATURE},
    Rule.STILL: MOVES,
}
"""What each rule needs some of."""


def forget_declined(memory: Memory, scope: Set[Metric]) -> None:
    """Takes out what was known or told of metrics that are not in the scope."""
    known, gone = memory.known, {rule for rule, needed in RESTS_ON.items() if scope.isdisjoint(needed)}
    for metric in [metric for metric in known.alarms if metric not in scope]:
        del known.alarms[metric]
    if Rule.COLD in gone:
        for device in known.devices.values():
            device.temperature, device.measured = None, 0.0
    if Rule.STILL in gone:
        known.moved = known.pet_at = None
        known.devices = {name: one for name, one in known.devices.items() if not one.moves}
    memory.told = [one for one in memory.told if one.rule not in gone]


def document_of(memory: Memory) -> dict[str, object]:
    """To be read again by `memory_in`."""
    known = memory.known
    return {
        "hub_at": memory.hub_at,
        "alone_since": memory.alone_since,
        "told": [[one.rule and one.rule.value, one.since, one.text, one.told_at, one.is_over] for one in memory.told],
        "moved": known.moved,
        "pet_at": known.pet_at,
        "alarms": {metric.value: [spell.first, spell.last] for metric, spell in known.alarms.items()},
        "devices": {
            name: [one.since, one.last, one.moves, one.temperature, one.measured] for name, one in known.devices.items()
        },
    }


def memory_in(document: Mapping[str, object]) -> Memory:
    """As `document_of` wrote it; empty where there is nothing, or it was damaged."""
    try:
        return _memory(document)
    except (ValueError, TypeError, AttributeError):
        return Memory()


def _memory(document: Mapping[str, object]) -> Memory:
    known = Known(
        devices={str(name): _watcher(*row) for name, row in _rows(document, "devices")[:MOST_DEVICES]},
        alarms={Metric(name): Spell(float(row[0]), float(row[1])) for name, row in _rows(document, "alarms")},
        moved=_moment(document.get("moved")),
        pet_at=_moment(document.get("pet_at")),
    )
    told = document.get("told")
    return Memory(
        known=known,
        told=[_told(*row) for row in told] if isinstance(told, list) else [],
        hub_at=_moment(document.get("hub_at")) or 0.0,
        alone_since=_moment(document.get("alone_since")),
    )


def _rows(document: Mapping[str, object], key: str) -> list[tuple[str, list[float]]]:
    rows = document.get(key)
    return list(rows.items()) if isinstance(rows, dict) else []


def _watcher(since: float, last: float, moves: object, temperature: object, measured: float) -> Watcher:
    return Watcher(float(since), float(last), bool(moves), _moment(temperature), float(measured))


def _told(rule: str | None, since: float, text: str, told_at: object, is_over: object) -> Told:
    return Told(None if rule is None else Rule(rule), float(since), str(text), _moment(told_at), bool(is_over))


def _moment(value: object) -> float | None:
    return None if value is None else float(str(value))

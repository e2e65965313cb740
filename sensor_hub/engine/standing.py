"""Devices that take another one's place, and devices that are taken away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sensor_hub.engine import words
from sensor_hub.engine.detectors import temperature
from sensor_hub.engine.device_state import DeviceState, TakenState
from sensor_hub.engine.state import EngineState
from sensor_hub.engine.temperatures import Temperatures
from sensor_hub.engine.timeline import Timeline
from sensor_hub.engine.view import View
from sensor_hub.model.finding import Blind, Deviation, Finding, Unfitted
from sensor_hub.model.home import Device
from sensor_hub.model.kind import Kind
from sensor_hub.model.room import ROOM_NAME, Room


def hand_over(
    state: EngineState, timeline: Timeline, temperatures: Temperatures, old: str, new: str, at: float
) -> None:
    """What was learned of the place goes on with the new device. How far a device itself can be trusted does not:
    its battery, and what was doubted of what it measures."""
    _hand_over_hearing(state, old, new, at)
    _hand_over_bit(state, timeline, old, new)
    thermal = state.thermal
    of_devices: tuple[dict[str, Any], ...] = (state.damp, temperatures.rows, thermal.nights, thermal.taus)
    for learned in of_devices:
        if old in learned:
            learned[new] = learned.pop(old)
    breakers = state.hazard.breakers
    if old in breakers:
        breakers[new] = breakers.get(new, 0.0) + breakers.pop(old)
    if state.inside_device == old:
        state.inside_device = new
    if old in state.callers:
        state.callers = [new if one == old else one for one in state.callers if one != new]


def _hand_over_hearing(state: EngineState, old: str, new: str, at: float) -> None:
    """As long as the old one was taken to be alive the new one is: it has that long to be heard."""
    before, known = state.devices.get(old), state.devices.setdefault(new, DeviceState())
    heard = [each.heard_at for each in (before, known) if each is not None and each.heard_at is not None]
    known.heard_at, known.unheard, known.stands_since = max(heard, default=None), 0.0, at


def _hand_over_bit(state: EngineState, timeline: Timeline, old: str, new: str) -> None:
    bits = state.bits
    if old not in bits:
        return
    if new in bits:
        timeline.join(1 << bits.index(new), 1 << bits.index(old))
        timeline.forget(1 << bits.index(old))
    else:
        bits[bits.index(old)] = new


def note_taken(view: View, device: str, at: float) -> None:
    """The device is about to be taken away: what was not seen even with it is not for want of it."""
    state = view.state
    stood = next((each for each in view.home.devices if each.id == device), None)
    if stood is not None:
        damp = state.damp.get(device)
        is_damp = damp is not None and damp.since is not None
        state.taken[device] = TakenState(at, stood.room.value, list(state.unfitted), is_damp, _felt(view, stood))


def _felt(view: View, device: Device) -> list[str]:
    """Cold or heat where either is told of, and it is this thermometer by which the home is felt to be so."""
    episodes = {Kind.COLD: view.state.cold, Kind.OVERHEATING: view.state.heat}
    told = [kind.value for kind, episode in episodes.items() if episode.since is not None]
    felt = temperature.feel(view) if told else None
    in_room = [each.id for each in view.thermometers if each.room is device.room]
    return told if in_room == [device.id] and (felt is None or felt.room is device.room) else []


def note_unfitted(state: EngineState, findings: Iterable[Finding]) -> None:
    """Remembers for what the home has no sensor."""
    state.unfitted = [f"{each.kind}/{each.subject}" for each in findings if isinstance(each, Unfitted)]


def aloud(view: View, findings: list[Finding]) -> Iterator[Finding]:
    """What was seen until a device was taken away is not seen any more: nobody must take that for calm."""
    taken = view.state.taken
    for finding in findings:
        if isinstance(finding, Unfitted):
            key = f"{finding.kind}/{finding.subject}"
            missed = [(each.at, device) for device, each in taken.items() if key not in each.unfitted]
            if missed:
                yield Blind(finding.kind, finding.subject, _why(view, max(missed)[1]))
                continue
        yield finding
    for device, each in taken.items():
        if each.was_damp:
            yield Blind(Kind.DAMP, device, _why(view, device))
    yield from _unfelt(view, findings)


def _unfelt(view: View, findings: list[Finding]) -> Iterator[Blind]:
    """Cold or heat that was told of in a room where no thermometer is any more: another room's air does not end it."""
    said = {finding.kind for finding in findings if isinstance(finding, Deviation | Blind | Unfitted)}
    measured = {each.room.value for each in view.thermometers}
    last = {
        kind: device for device, each in view.state.taken.items() for kind in each.was_felt if each.room not in measured
    }
    for kind in sorted(last.keys() - said):
        yield Blind(Kind(kind), "", _why(view, last[kind]))


def _why(view: View, device: str) -> str:
    taken = view.state.taken[device]
    at = words.at_clock(taken.at, view.frontier, view.zone)
    return f"the sensor in {ROOM_NAME[Room(taken.room)]} ({device}) was taken away {at}, and nothing else shows this"

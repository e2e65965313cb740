"""Takes the readings of one home into what is remembered of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sensor_hub.engine import lessons, pets
from sensor_hub.engine.channels import CHECKED, accept
from sensor_hub.engine.civil import BIN, bin_of
from sensor_hub.engine.detectors import battery
from sensor_hub.engine.detectors.inactivity import Inactivity
from sensor_hub.engine.detectors.temperature import COOLEST, WARMEST
from sensor_hub.engine.device_state import ChannelState, DeviceState
from sensor_hub.engine.hazard import VISIBLE, learn_tail
from sensor_hub.engine.outings import LONG_ENOUGH, learn_silence
from sensor_hub.engine.state import ToldSilence
from sensor_hub.engine.view import EVERYONE, View
from sensor_hub.engine.visits import note_movement
from sensor_hub.model.alert import Outcome
from sensor_hub.model.home import Device
from sensor_hub.model.metric import ACTIVITY, Metric
from sensor_hub.model.reading import Reading

BATTERY: Final = Metric.BATTERY
TEMPERATURE: Final = Metric.TEMPERATURE


class Source:
    """What a reading of one device is to be used for."""

    __slots__ = ("bit", "has_pet", "id", "is_exit", "is_lived_in", "is_washroom", "known", "noted", "noted_until")

    def __init__(self, device: Device, view: View) -> None:
        watcher = next((watcher for watcher in view.watchers if watcher.device.id == device.id), None)
        self.id = device.id
        self.known: DeviceState = view.device(device.id)
        self.bit = 0 if watcher is None else watcher.bit
        """Its bit in the timeline; 0 where it can show no sign of a person."""
        self.has_pet = device.pet
        self.is_exit = watcher is not None and watcher.is_exit
        self.is_washroom = watcher in view.washrooms
        self.is_lived_in = device in view.thermometers
        self.noted = self.noted_until = 0.0
        """From when until when the timeline knows that it was heard: the quarter noted last."""


class Intake:
    """`observe` takes readings not newer than the coming tick's frontier; they wake the detectors that they concern."""

    def __init__(self, view: View, inactivity: Inactivity) -> None:
        self.view = view
        self.state = view.state
        self.inactivity = inactivity
        self._timeline = view.timeline
        self._temperatures = view.temperatures
        self._sources = {device.id: Source(device, view) for device in view.home.devices}

    def observe(self, readings: Iterable[Reading]) -> None:
        """Takes in readings in order. One of an unknown device is not used."""
        state, view, sources = self.state, self.view, self._sources
        frontier = state.frontier
        for reading in readings:
            source, value = sources.get(reading.device), reading.value
            if source is None:
                continue
            known, at, metric = source.known, reading.at, reading.metric
            if at <= frontier:
                self._late()
            if at > state.heard_at:
                state.heard_at = at
            heard_at = known.heard_at
            if heard_at is None or at > heard_at:
                known.heard_at, known.unheard = at, 0.0
                if source.id in view.quiet:
                    view.stir()
            if isinstance(value, str):
                # A button's action: it was heard, and says nothing else here.
                continue
            if source.bit:
                if not source.noted <= at < source.noted_until:
                    self._note(source, at)
                if value > 0 and metric in ACTIVITY:
                    self._moved(source, at)
            if metric in CHECKED:
                self._measured(source, metric, at, value)
            elif metric is BATTERY:
                battery.note(known, at, value)
                if known.battery_low_since is not None:
                    view.wake("battery")

    def _note(self, source: Source, at: float) -> None:
        """The device was heard: noted once for each quarter."""
        self._timeline.note(at, source.bit, is_active=False)
        source.noted = bin_of(at) * BIN
        source.noted_until = source.noted + BIN

    def _moved(self, source: Source, at: float) -> None:
        """The device saw somebody, or a pet."""
        if not (source.has_pet and pets.is_lone(self.state, at)):
            self._timeline.note(at, source.bit, is_active=True)
            self._active(source, at)

    def _late(self) -> None:
        state = self.state
        state.late_at = state.frontier
        if state.late_began is None:
            state.late_began = state.frontier
        self.view.wake(EVERYONE)
        self.view.stir()

    def _active(self, source: Source, at: float) -> None:
        """A sign of a person: ends a silence, which is learned from, and may be part of a bathroom visit."""
        state = self.state
        inside_at, exit_at = state.inside_at or 0.0, state.exit_at or 0.0
        last = inside_at if inside_at > exit_at else exit_at
        told = lessons.end_silence(state, at) if state.silences_told else None
        if last and at - last >= LONG_ENOUGH and not self.view.is_absent_in(last, at):
            self._silence_over(source, last, at, told)
        if source.is_exit:
            if at > exit_at:
                state.exit_at = at
                self.view.wake("door_at_night")
        elif at > inside_at:
            state.inside_at, state.inside_device = at, source.id
        if source.is_washroom:
            note_movement(state.visits, at)
        for absence in state.absences:
            if at >= absence.end and (absence.returned_at is None or at < absence.returned_at):
                absence.returned_at = at
                self.view.stir()

    def _silence_over(self, source: Source, last: float, at: float, told: ToldSilence | None) -> None:
        """Learns from a silence from `last` to `at`, if it could be seen, unless it was `told` and real."""
        state = self.state
        shares = self.view.visibility(bin_of(last), bin_of(at))
        if sum(shares, 0.0) < VISIBLE * len(shares) or (told is not None and told.outcome is Outcome.TRUE):
            return
        if self.view.may_be_out():
            learn_silence(state.outings, at - last, ended_at_door=source.is_exit)
            self.view.wake("no_return")
            if told is not None:
                told.is_outing = source.is_exit
        else:
            surprise = self.inactivity.surprise(self.view, bin_of(last) + 1, at)[0]
            learn_tail(state.hazard, surprise)
            if told is not None:
                told.surprise, told.days = surprise, state.hazard.days

    def _measured(self, source: Source, metric: Metric, at: float, value: float) -> None:
        channels = source.known.channels
        channel = channels.get(metric)
        if channel is None:
            channel = channels[metric.value] = ChannelState()
        if not accept(channel, metric, at, value):
            self.view.wake("sensors")
        elif metric is TEMPERATURE:
            self._temperatures.note(source.id, at, value)
            if source.is_lived_in and not (COOLEST <= value <= WARMEST and self.view.is_felt):
                self.view.wake("climate")

"""The hub's settings for this home (design, 4.4): checked key by key, applied or refused with the reason, and kept.

{"version": 3, "commit_every": 5, "scope": ["motion", "contact", "temperature"],
 "rooms": {"0x00158d0001a2": {"room": "hall", "at": "2026-01-05T09:40:00Z"}},
 "gone": {"0x00158d0001a3": "2026-01-05T09:40:00Z"},
 "alone": {"after_minutes": 30, "rules": {"cold_below": 12, "still_hours": 14, "smoke": true, "sos": true}}}

A key that is left out is as it was set up in the home: `commit_every` of gateway.toml, all metrics. `rooms` adds to
what is placed: `at` is when it was said, and what was said in the home later stays; a room alone was said when it was
first heard. `gone` are devices that stand nowhere since, unless they were placed in the home later.
`online` is always in the scope: a home that cannot be seen must not look quiet. What lies in the outbox of metrics that
are not in it is deleted. `alone` are the rules that the gateway
applies itself while the hub is out of reach; without it, or without another way out, none. `pets` names the devices
where a pet moves: a lone movement there is not taken for the resident's. `update` names the version
that the gateway is to run (deploy/updates.md). `password` is a new one for the hub's broker; it is kept in a file of
its own, and not with the settings.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TypeGuard

from gateway.alone import Alone, Rules
from gateway.documents import read_document, write_document
from gateway.places import parse_placed, placed_row
from gateway.updating.instruction import Instruction, parse_instruction
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import MINUTE, iso, parse_moment
from sensor_hub.model.reading import is_device_id
from sensor_hub.model.room import Placed

log = logging.getLogger(__name__)

MOST_BYTES = 64 * 1024
MOST_REFUSED = 20
LONGEST_KEY = 40


@dataclass(frozen=True, slots=True)
class Agreed:
    """What was taken of a set of settings, and what was refused and why."""

    version: int = 0
    commit_every: float | None = None
    scope: frozenset[Metric] | None = None
    rooms: Mapping[str, Placed] = field(default_factory=dict)
    gone: Mapping[str, float] = field(default_factory=dict)
    alone: Alone | None = None
    pets: frozenset[str] = frozenset()
    update: Instruction | None = None
    password: str | None = field(default=None, repr=False)
    refused: Mapping[str, str] = field(default_factory=dict)

    def answer(self) -> dict[str, object]:
        """As the status says it."""
        pets = {"pets": sorted(self.pets)} if self.pets else {}
        scope = {} if self.scope is None else {"scope": sorted(metric.value for metric in self.scope)}
        return {"version": self.version, "refused": dict(self.refused), **pets, **scope}

    def document(self) -> dict[str, object]:
        """As it is kept, to be read again by `check`: without the password."""
        kept: dict[str, object] = {"version": self.version}
        if self.commit_every is not None:
            kept["commit_every"] = self.commit_every
        if self.scope is not None:
            kept["scope"] = sorted(metric.value for metric in self.scope)
        if self.rooms:
            kept["rooms"] = {device: placed_row(placed) for device, placed in self.rooms.items()}
        if self.gone:
            kept["gone"] = {device: iso(at) for device, at in self.gone.items()}
        if self.alone is not None:
            kept["alone"] = {"after_minutes": self.alone.after_minutes, "rules": asdict(self.alone.rules)}
        if self.pets:
            kept["pets"] = sorted(self.pets)
        if self.update is not None:
            kept["update"] = self.update.document()
        return kept


Refused = Mapping[str, str]
"""Keys of the settings that cannot be followed, and why."""


class NoSettings(ValueError):  # noqa: N818
    """The message is no set of settings at all; says why."""


class InForce:
    """The settings that are applied, over a restart too. `apply` does it and is called once for each new version."""

    def __init__(
        self, path: Path, apply: Callable[[Agreed], Refused | None], without: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """`apply` says what it could not do. `without`: the keys that nothing in this home can follow, and why."""
        self._path = path
        self._without = without
        self._apply = apply
        self._agreed: Agreed | None = None

    def start(self) -> None:
        """Applies what was in force at the last stop."""
        try:
            self._agreed = check(read_document(self._path), self._without)
        except NoSettings:
            return
        # The rooms were taken once; where a device was moved since is not undone.
        self._apply(replace(self._agreed, rooms={}, gone={}))

    def take(self, payload: bytes) -> bool:
        """Whether there is something new to answer. An empty message is a retained one that was cleared."""
        if not payload:
            return False
        try:
            agreed = check(parse_settings(payload), self._without)
        except NoSettings as error:
            return self._refuse(str(error))
        applied = 0 if self._agreed is None else self._agreed.version
        if agreed.version < applied:
            return self._refuse(f"version {agreed.version} is older than the applied {applied}")
        if agreed == self._agreed:
            return False
        # Applied first, then said and kept: what is killed in between is repeated when the settings are heard again.
        refused = self._apply(replace(agreed, rooms=self._news(agreed.rooms)))
        if refused:
            log.warning("of the hub's settings is refused: %s", ", ".join(f"{key} ({refused[key]})" for key in refused))
            # Rooms that could not be kept are no news again when they are heard again.
            rooms = {} if "rooms" in refused else agreed.rooms
            agreed = replace(agreed, rooms=rooms, refused={**agreed.refused, **refused})
        before, self._agreed = self._agreed, agreed
        if agreed == before:
            return False
        write_document(self._path, agreed.document())
        log.info("the hub's settings, version %d, are applied; refused: %d", agreed.version, len(agreed.refused))
        return True

    def _news(self, rooms: Mapping[str, Placed]) -> dict[str, Placed]:
        """Without those that stood so in the settings before: a room alone is said once, when it is first heard."""
        before = {} if self._agreed is None else self._agreed.rooms
        return {device: placed for device, placed in rooms.items() if placed.at or before.get(device) != placed}

    def answer(self) -> Mapping[str, object]:
        """As the status says it; empty as long as there were none."""
        return {} if self._agreed is None else self._agreed.answer()

    def _refuse(self, why: str) -> bool:
        known = Agreed() if self._agreed is None else self._agreed
        refused = replace(known, refused={**known.refused, "settings": why})
        is_new, self._agreed = refused != self._agreed, refused
        if is_new:
            log.warning("the hub's settings are refused: %s", why)
        return is_new


def parse_settings(payload: bytes) -> dict[str, object]:
    """The object in the message. NoSettings where it is none, or too large."""
    if len(payload) > MOST_BYTES:
        raise NoSettings("longer than 64 KiB")
    try:
        found = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise NoSettings("not JSON") from error
    if not isinstance(found, dict):
        raise NoSettings("not an object")
    return found


def check(document: Mapping[str, object], without: Mapping[str, str] = MappingProxyType({})) -> Agreed:
    """Every key by itself: one that cannot be used does not cost the others. NoSettings without a version."""
    version = document.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or not 0 < version < 2**53:
        raise NoSettings("version is not a whole number above 0")
    taken: dict[str, object] = {}
    refused: dict[str, str] = {}
    for key, value in document.items():
        if key == "version":
            continue
        parse = _KEYS.get(key)
        try:
            if key in without:
                raise ValueError(without[key])
            if parse is None:
                raise ValueError("not a setting that this gateway knows")
            taken[key] = parse(value)
        except ValueError as error:
            if len(refused) < MOST_REFUSED:
                # Without half letters: the hub would take no status with one.
                refused[key[:LONGEST_KEY].encode(errors="replace").decode()] = str(error)
    return Agreed(version, refused=refused, **taken)  # type: ignore[arg-type]


def _commit_every(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MINUTE:
        raise ValueError("not a number of seconds from 0 to 60")
    return float(value)


def _scope(value: object) -> frozenset[Metric]:
    known = {metric.value: metric for metric in Metric}
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise ValueError("not a list of metrics")
    unknown = [name for name in value if name not in known]
    if unknown:
        raise ValueError(f"{unknown[0]!r:.40} is no metric")
    return frozenset({known[name] for name in value} | {Metric.ONLINE})


def _rooms(value: object) -> dict[str, Placed]:
    if not isinstance(value, dict):
        raise ValueError("not an object of rooms by device")
    rooms = {}
    for device, row in value.items():
        if not is_device_id(device):
            raise ValueError(f"{device!r:.40} is no device id")
        placed = parse_placed(row)
        if placed is None:
            raise ValueError(f"{row!r:.40} is no room")
        rooms[device] = placed
    return rooms


def _gone(value: object) -> dict[str, float]:
    if not isinstance(value, dict) or not all(is_device_id(device) for device in value):
        raise ValueError("not an object of moments by device")
    try:
        return {device: parse_moment(at) for device, at in value.items()}
    except (ValueError, OverflowError) as error:
        raise ValueError("not a moment since when the device is gone") from error


def _alone(value: object) -> Alone:
    if not isinstance(value, dict) or set(value) - {"after_minutes", "rules"}:
        raise ValueError("not an object of after_minutes and rules")
    after, rules = value.get("after_minutes"), value.get("rules")
    if not _is_number(after, 1, 7 * 24 * 60):
        raise ValueError("after_minutes is not a number from 1 to 10080")
    if not isinstance(rules, dict):
        raise ValueError("rules is not an object")
    for name, rule in rules.items():
        if name not in _RULES:
            raise ValueError(f"{name!r:.40} is no rule")
        if not _RULES[name](rule):
            raise ValueError(f"{name} cannot be {rule!r:.40}")
    return Alone(float(after), Rules(**rules))


def _pets(value: object) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(device, str) and is_device_id(device) for device in value):
        raise ValueError("not a list of devices")
    return frozenset(value)


def _password(value: object) -> str:
    if not isinstance(value, str) or not 8 <= len(value) <= 200 or not value.isascii() or not value.isprintable():
        raise ValueError("not a password of 8 to 200 letters")
    return value


def _is_number(value: object, low: float, high: float) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


_RULES: dict[str, Callable[[object], bool]] = {
    "cold_below": lambda value: value is None or _is_number(value, 0, 30),
    "still_hours": lambda value: value is None or _is_number(value, 1, 7 * 24),
    "smoke": lambda value: isinstance(value, bool),
    "sos": lambda value: isinstance(value, bool),
}
_KEYS: dict[str, Callable[[object], object]] = {
    "commit_every": _commit_every,
    "scope": _scope,
    "rooms": _rooms,
    "gone": _gone,
    "alone": _alone,
    "pets": _pets,
    "update": parse_instruction,
    "password": _password,
}

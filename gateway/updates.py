"""What the daemon has to do with updates: it hands on the hub's instruction, proves itself, and says what became of it.

It has no rights to install anything; `gateway.updating` does, as root and in a unit of its own.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

from gateway.documents import read_document, write_document
from gateway.updating.instruction import DAEMON, OWN, PROVED, STATE, WANTED, Instruction
from gateway.updating.update import Step, parse_state

log = logging.getLogger(__name__)

UPDATER = Path("/usr/lib/sensor-gateway/update")
NO_UPDATER = "this gateway does not run from its Debian package"
PROVED_AFTER = 60.0
"""Seconds that a version has to run, answered by the hub, before it counts as one that works."""
LONGEST_WHY = 120


class Updates:
    """The files in the daemon's folder, and the state that the updater shows."""

    def __init__(self, folder: Path, version: str, *, updater: Path = OWN) -> None:
        self._wanted = folder / WANTED
        self._proved = folder / PROVED
        self._state = updater / STATE
        self._version = version
        self._instruction: Instruction | None = None
        self._started: float | None = None
        self._is_proved = False

    def start(self, now: float) -> None:
        """What an earlier start has proved says nothing of this one. `now` and `answered` are real seconds."""
        self._proved.unlink(missing_ok=True)
        self._started = now

    def want(self, instruction: Instruction | None) -> None:
        """The hub's instruction, None where it gives none."""
        self._instruction = instruction
        if instruction is None:
            self._wanted.unlink(missing_ok=True)
        elif read_document(self._wanted) != instruction.document():
            write_document(self._wanted, instruction.document())
            log.info("the hub wants version %s", instruction.version)

    def look(self, now: float, answered: float) -> None:
        """`answered`: when the hub answered last."""
        if self._is_proved or self._started is None or now < self._started + PROVED_AFTER or answered < self._started:
            return
        self._is_proved = write_document(self._proved, {"version": self._version})

    def told(self, settings: Mapping[str, object]) -> dict[str, object]:
        """The answer to the hub's settings, with what became of the instruction."""
        instruction = self._instruction
        if instruction is None:
            return dict(settings)
        state = parse_state(read_document(self._state))
        if state is None or state.wanted != instruction:
            return {**settings, "update": f"{instruction.version} asked for"}
        if state.step is Step.REFUSED:
            refused = settings.get("refused")
            why = f"{instruction.version}: {_short(state.why)}; {state.before} is in use"
            return {**settings, "refused": {**(refused if isinstance(refused, dict) else {}), "update": why}}
        why = f": {_short(state.why)}" if state.why else ""
        return {**settings, "update": f"{instruction.version} {state.step}{why}"}


def _short(why: str) -> str:
    """As much as the hub takes."""
    return "".join(letter for letter in why if letter.isprintable())[:LONGEST_WHY]


def is_packaged(folder: Path) -> bool:
    """Whether the daemon runs where the updater looks for it."""
    return folder == DAEMON and UPDATER.exists()

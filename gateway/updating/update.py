"""One update, step by step: fetch, install, prove, and return to the last version that worked.

The step is on the disk before its work begins, and each may be done again: after a power cut at any point the same
program goes on where it was. A version that was refused is not tried again until the instruction changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from gateway.updating.instruction import Instruction, parse_instruction

LOOK_EVERY = 5.0
MOST_STARTS = 3
"""How often installing and proving may be cut short: a version that takes the machine down must not do so for ever."""


class Step(StrEnum):
    """What is being done, or how it ended."""

    FETCH = "fetching"
    INSTALL = "installing"
    PROVE = "proving"
    RETURN = "returning"
    APPLIED = "applied"
    REFUSED = "refused"

    @property
    def is_end(self) -> bool:
        return self in (Step.APPLIED, Step.REFUSED)


@dataclass(frozen=True, slots=True)
class State:
    """How far an instruction has come."""

    wanted: Instruction
    step: Step
    before: str
    """The version that worked."""
    starts: int = 0
    """How often installing and proving went on after they were cut short."""
    why: str = ""
    """Why it is refused, is taken back, or has to wait."""

    def document(self) -> dict[str, object]:
        """As it is kept, to be read again by `parse_state`."""
        row = {"step": self.step.value, "before": self.before, "starts": self.starts, "why": self.why}
        return {"wanted": self.wanted.document(), **row}


def parse_state(row: Mapping[str, object]) -> State | None:
    """None where it is none: there was no update yet, or its file is gone."""
    before, starts, why = row.get("before"), row.get("starts"), row.get("why")
    try:
        wanted, step = parse_instruction(row.get("wanted")), Step(str(row.get("step")))
    except ValueError:
        return None
    if not isinstance(before, str) or not isinstance(starts, int) or not isinstance(why, str):
        return None
    return State(wanted, step, before, starts, why)


@dataclass(frozen=True, slots=True)
class Installed:
    version: str
    is_whole: bool = True
    """Unpacked and configured."""


class NotNow(Exception):  # noqa: N818
    """It cannot be done yet, which is not the version's fault; says why."""


class Unfit(Exception):  # noqa: N818
    """This version cannot be used here; says why."""


class Box(Protocol):
    """What the steps need of the machine."""

    def wanted(self) -> Instruction | None:
        """What the daemon asks for; None: nothing, or nothing that can be read."""

    def recall(self) -> State | None: ...

    def keep(self, state: State) -> None:
        """On the disk when it returns."""

    def installed(self) -> Installed: ...

    def proved(self) -> str:
        """The version that the hub has answered since its start; empty while there is none."""

    def fetch(self, version: str, sha256: str) -> None:
        """Its package lies on the disk when it returns. NotNow, or Unfit where it is another than was said."""

    def prepare(self, before: str, wanted: str) -> None:
        """All that installing needs is there, and either of them reads the other's outbox. NotNow, Unfit."""

    def mend(self) -> None:
        """Ends what an earlier installation, cut short, has left open; as far as that can be done."""

    def install(self, version: str) -> None:
        """Unfit where it fails."""

    def put_back(self, version: str) -> None:
        """NotNow where it fails."""

    def finish(self) -> None:
        """Nothing is under way any more."""

    def wait(self, seconds: float) -> None: ...


class Update:
    """Does what the daemon asks for. Its program is that of the version that began, also after a power cut."""

    def __init__(self, box: Box) -> None:
        self._box = box
        self._steps = {
            Step.FETCH: self._fetch,
            Step.INSTALL: self._install,
            Step.PROVE: self._prove,
            Step.RETURN: self._return,
        }

    def run(self) -> str:
        """Until nothing is left to do: why something has to wait, empty where nothing has."""
        state = self._resumed() or self._begun()
        while state is not None:
            why = self._follow(state)
            if why:
                return why
            state = self._begun()
        return ""

    def _follow(self, state: State) -> str:
        """To its end, or until it has to wait: why."""
        while not state.step.is_end:
            try:
                state = self._steps[state.step](state)
            except (NotNow, OSError) as error:
                # The disk is full, or takes nothing.
                why = (error.strerror if isinstance(error, OSError) else None) or str(error)
                self._box.keep(replace(state, why=state.why if state.step is Step.RETURN else why))
                return why
            self._box.keep(state)
        self._box.finish()
        return ""

    def _resumed(self) -> State | None:
        """What was cut short after the machine was changed; before that it begins anew."""
        state = self._box.recall()
        if state is None or state.step.is_end:
            self._box.finish()
            return None
        if state.step not in (Step.INSTALL, Step.PROVE):
            return state if state.step is Step.RETURN else None
        state = replace(state, starts=state.starts + 1)
        if state.starts > MOST_STARTS:
            state = replace(state, step=Step.RETURN, why=f"it was cut short {state.starts} times")
        self._box.keep(state)
        return state

    def _begun(self) -> State | None:
        """The instruction, where it is not the one that was last followed."""
        wanted, last = self._box.wanted(), self._box.recall()
        if wanted is None or (last is not None and last.wanted == wanted and last.step.is_end):
            return None
        installed = self._box.installed()
        is_there = installed == Installed(wanted.version)
        state = State(wanted, Step.APPLIED if is_there else Step.FETCH, installed.version)
        self._box.keep(state)
        return state

    def _fetch(self, state: State) -> State:
        wanted = state.wanted
        # A version to return to is one that works; and a dead line to the hub says nothing about the next one.
        if not self._is_proved(state.before, wanted.prove_minutes):
            raise NotNow(f"the hub has not answered {state.before} since its start")
        try:
            self._box.fetch(state.before, "")
            self._box.fetch(wanted.version, wanted.sha256)
            self._box.prepare(state.before, wanted.version)
        except Unfit as error:
            return replace(state, step=Step.REFUSED, why=str(error))
        return replace(state, step=Step.INSTALL, why="")

    def _install(self, state: State) -> State:
        wanted = Installed(state.wanted.version)
        self._box.mend()
        try:
            if self._box.installed() != wanted:
                self._box.install(wanted.version)
            if self._box.installed() != wanted:
                raise Unfit("it was not installed as a whole")
        except Unfit as error:
            return replace(state, step=Step.RETURN, why=str(error))
        return replace(state, step=Step.PROVE)

    def _prove(self, state: State) -> State:
        wanted = state.wanted
        if self._is_proved(wanted.version, wanted.prove_minutes):
            return replace(state, step=Step.APPLIED)
        why = f"the hub did not answer it within {wanted.prove_minutes} minutes"
        return replace(state, step=Step.RETURN, why=why)

    def _return(self, state: State) -> State:
        self._box.mend()
        if self._box.installed() != Installed(state.before):
            self._box.put_back(state.before)
        return replace(state, step=Step.REFUSED)

    def _is_proved(self, version: str, minutes: int) -> bool:
        for _ in range(int(minutes * 60 / LOOK_EVERY)):
            if self._box.proved() == version:
                return True
            self._box.wait(LOOK_EVERY)
        return self._box.proved() == version

"""What people do about alerts and devices, through the worker's queue: see `web.ports.HubActs`."""

from __future__ import annotations

from sensor_hub.model.alert import Outcome
from sensor_hub.model.kind import Kind
from sensor_hub.model.room import Room
from sensor_hub.model.stay import Stay
from sensor_hub.watch.items import Acknowledge, Act, Close, ForgetOutcomes, PassOn, Place, Replace, TakeAway, TellStay
from sensor_hub.watch.ports import Closing, Taken
from sensor_hub.watch.worker import Worker
from sensor_hub.web.ports import Answer, BusyError

ANSWERS_WITHIN = 15.0
ANSWER = {taken: Answer[taken.name] for taken in Taken}


class QueuedActs:
    """Each act waits until it is stored."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker

    def acknowledge(self, alert: str, *, by: str) -> Answer:
        return self.ask(Acknowledge(alert, by))

    def pass_on(self, alert: str, *, by: str) -> Answer:
        """`by` cannot act: those who follow are told at once; TAKEN when somebody else has it, or nobody follows."""
        return self.ask(PassOn(alert, by))

    def close(self, alert: str, *, by: str, outcome: Outcome, note: str = "") -> Answer:
        return self.ask(Close(alert, Closing(by, outcome, note)))

    def place(self, home: str, device: str, room: Room, *, by: str, version: int | None = None) -> Answer:
        return self.ask(Place(home, device, room, by, version))

    def replace_device(self, home: str, device: str, by_device: str, *, by: str) -> Answer:
        return self.ask(Replace(home, device, by_device, by))

    def take_away(self, home: str, device: str, *, by: str, version: int | None = None) -> Answer:
        return self.ask(TakeAway(home, device, by, version))

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
        return self.ask(TellStay(home, stay, *span, by, is_new, version))

    def forget_outcomes(self, home: str, kind: Kind, *, by: str) -> Answer:
        return self.ask(ForgetOutcomes(home, kind, by))

    def ask(self, act: Act) -> Answer:
        """BusyError where it is not stored in time."""
        if not self.worker.offer(act):
            raise BusyError("too much waits to be stored", is_waiting=False)
        try:
            return ANSWER[act.done.result(ANSWERS_WITHIN)]
        except (TimeoutError, RuntimeError) as error:
            raise BusyError("it was not stored in time", is_waiting=True) from error

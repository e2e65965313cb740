"""Looks whether the hub is out of reach, and then tells by the other way out what the rules of `alone` find.

What was told is kept over a restart. A text counts as told only when the way out has taken it; one that was on its way
when the gateway was killed goes again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence, Set
from dataclasses import replace
from pathlib import Path
from threading import Condition, Lock, Thread

from gateway.alone import ALARMS, Alone, Told, end_spells, judge, message, message_back, untold
from gateway.clock import Clock
from gateway.documents import read_document, write_document
from gateway.lookout_file import Memory, document_of, forget_declined, memory_in
from gateway.way_out import WayOut, WayOutError
from sensor_hub.model.call import as_alarm
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, MINUTE, iso
from sensor_hub.model.reading import Reading
from sensor_hub.model.room import Room

log = logging.getLogger(__name__)

LOOK_EVERY = 5.0
WRITE_EVERY = 15 * MINUTE
FIRST_PAUSE, LONGEST_PAUSE = MINUTE, 30 * MINUTE
MOST_TOLD = 20
TOLD_FOR = 7 * DAY
"""How long the status says what was told."""
PRESSING = frozenset(ALARMS.values())


class Lookout:
    """`answered`: when the hub answered last, by `Clock.elapsed`; minus infinity where it has not."""

    def __init__(
        self,
        path: Path,
        out: WayOut,
        clock: Clock,
        *,
        rooms: Callable[[], Mapping[str, Room]],
        answered: Callable[[], float],
    ) -> None:
        self._path = path
        self._way = out.way
        self._reference = f"SIMULATED {out.reference}".strip() if clock.pace is not None else out.reference
        self._clock = clock
        self._rooms = rooms
        self._answered = answered
        self._alone: Alone | None = None
        self._pets: Collection[str] = ()
        self._scope: Set[Metric] = frozenset(Metric)
        self._memory = Memory()
        self._known_lock = Lock()
        self._change = Condition()
        self._is_woken = self._is_stopping = False
        self._started = self._heard = float("-inf")
        self._written = self._retry_at = float("-inf")
        self._pause = FIRST_PAUSE
        self._failures = 0
        self._on_news: Callable[[], None] = lambda: None
        self._thread = Thread(target=self._work, name="lookout", daemon=True)

    def agree(self, alone: Alone | None, pets: Collection[str] = (), scope: Set[Metric] = frozenset(Metric)) -> None:
        """The hub's rules for this home; None: none apply. `pets`: devices where a pet moves.

        `scope`: the metrics that are agreed; what is known, or was told, of others is forgotten.
        """
        self._alone, self._pets, self._scope = alone, pets, scope
        if self._started > float("-inf"):
            with self._known_lock:
                forget_declined(self._memory, scope)
            self._write()

    def on_news(self, call: Callable[[], None]) -> None:
        """`call` is called when there is something new in `told`."""
        self._on_news = call

    def note(self, readings: Sequence[Reading]) -> None:
        """These have come; called by the sources' threads."""
        if self._alone is None:
            return
        with self._known_lock:
            for reading in readings:
                self._memory.known.note(reading, self._pets)
        if any(one.metric in PRESSING and one.value for one in map(as_alarm, readings)):
            self._wake()

    def recall(self) -> None:
        """Takes up what was kept at the last stop."""
        self._memory = memory_in(read_document(self._path))
        forget_declined(self._memory, self._scope)
        self._started = self._clock.elapsed()

    def start(self) -> None:
        self.recall()
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """A text that is on its way then goes again after the next start."""
        with self._change:
            self._is_stopping = self._is_woken = True
            self._change.notify_all()
        self._thread.join(timeout)
        self._write()

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def told(self) -> list[dict[str, str]]:
        """For the status: rule, text, since, and when it was told (empty: not taken yet)."""
        return [
            {
                "rule": "back" if one.rule is None else one.rule.value,
                "since": iso(one.since),
                "text": one.text,
                "told_at": "" if one.told_at is None else iso(one.told_at),
            }
            for one in self._memory.told
        ]

    def _wake(self) -> None:
        with self._change:
            self._is_woken = True
            self._change.notify_all()

    def _work(self) -> None:
        while not self._is_stopping:
            try:
                self.look()
            except Exception:
                log.exception("looking after the home failed; trying again")
            with self._change:
                self._change.wait_for(lambda: self._is_woken, min(LOOK_EVERY, self._clock.real(MINUTE)))
                self._is_woken = False

    def look(self) -> None:
        """Notices that the hub is gone or back, judges, and tells."""
        now, elapsed = self._clock.now(), self._clock.elapsed()
        memory = self._memory
        answered = self._answered()
        if answered > self._heard:
            self._heard = answered
            self._note_hub(now - (elapsed - answered) * self._clock.speed)
        # A clock that went back: what comes now is not older than the hub's last word.
        memory.hub_at = min(memory.hub_at, now)
        alone = self._alone
        if alone is None:
            memory.alone_since = None
        elif memory.alone_since is None and elapsed - max(self._heard, self._started) >= self._clock.real(alone.after):
            memory.alone_since = now
            log.warning("the hub is out of reach: the home's own rules apply until it is back")
            self._write()
        if alone is not None and memory.alone_since is not None:
            self._judge(alone, now)
        self._forget(now)
        self._deliver(elapsed)
        if alone is not None and elapsed >= self._written + WRITE_EVERY:
            self._write()

    def _judge(self, alone: Alone, now: float) -> None:
        memory = self._memory
        with self._known_lock:
            verdicts = judge(alone.rules, memory.known, self._rooms(), hub_at=memory.hub_at, at=now)
        told = end_spells(memory.told, verdicts)
        away = now - memory.hub_at if memory.hub_at else alone.after
        for verdict in untold(told, verdicts):
            told.append(Told(verdict.rule, verdict.since, message(verdict, away, self._reference)))
            log.warning("alone at home: %s is told", verdict.rule.value)
        self._take(told)

    def _note_hub(self, at: float) -> None:
        """The hub has answered at `at`: it takes over what is not told yet."""
        memory = self._memory
        away = at - memory.hub_at if memory.hub_at else 0.0
        memory.hub_at = at
        began, memory.alone_since = memory.alone_since, None
        if began is None:
            return
        current = [one for one in memory.told if one.told_at is not None and one.told_at >= began]
        told = [replace(one, is_over=True) for one in memory.told if one.told_at is not None]
        dropped = len(memory.told) - len(told)
        if any(one.rule is not None for one in current):
            told.append(Told(None, at, message_back(current, away, self._reference), is_over=True))
        log.warning("the hub is back and takes over; messages that had not gone out: %d", dropped)
        self._retry_at = float("-inf")
        self._take(told, is_news=True)

    def _deliver(self, elapsed: float) -> None:
        """One attempt for each text that waits; after a failure all wait, longer each time."""
        for one in list(self._memory.told):
            if one.told_at is not None or elapsed < self._retry_at or self._is_stopping:
                continue
            try:
                self._way.send(one.text)
            except WayOutError as error:
                self._failures += 1
                self._retry_at, self._pause = elapsed + self._pause, min(2 * self._pause, LONGEST_PAUSE)
                if self._failures == 1:
                    log.error("way out: a message was not taken (%s); trying again until it is", error)
                return
            if self._failures:
                log.info("way out: works again after %d failed attempts", self._failures)
            self._failures, self._pause = 0, FIRST_PAUSE
            taken = replace(one, told_at=self._clock.now())
            self._take([taken if each is one else each for each in self._memory.told], is_news=True)

    def _forget(self, now: float) -> None:
        """Of what is over the last few, for some days; what is not told yet stays."""
        told = self._memory.told
        fresh = [one for one in told if one.told_at is None or not one.is_over or one.told_at >= now - TOLD_FOR]
        over = [one for one in fresh if one.is_over and one.told_at is not None]
        surplus = over[: max(0, len(fresh) - MOST_TOLD)]
        self._take([one for one in fresh if one not in surplus])

    def _take(self, told: list[Told], *, is_news: bool = False) -> None:
        """Keeps it on the disk where it has changed."""
        if told == self._memory.told and not is_news:
            return
        self._memory.told = told
        self._write()
        self._on_news()

    def _write(self) -> None:
        with self._known_lock:
            document = document_of(self._memory)
        write_document(self._path, document)
        self._written = self._clock.elapsed()

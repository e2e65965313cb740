"""Answers kept for repeats: see `web.repeat_ports`."""

from __future__ import annotations

import threading
from collections.abc import Callable

from sensor_hub.access.kept_answer import KeptAnswer
from sensor_hub.storage.kept_answers import SqlKeptAnswers
from sensor_hub.web.repeat_ports import Before


class StoredRepeats:
    """What is being done is known here alone: one hub works on a database at a time, so that what its rows say is being
    done and is not here was cut short."""

    def __init__(self, kept: SqlKeptAnswers, wall: Callable[[], float]) -> None:
        self._kept = kept
        self._wall = wall
        self._doing: dict[str, str] = {}
        self._guard = threading.Lock()

    def begin(self, mark: str, fingerprint: str, home: str) -> Before | KeptAnswer:
        with self._guard:
            doing = self._doing.get(mark)
            if doing is not None:
                return Before.DOING if doing == fingerprint else Before.OTHER
            self._doing[mark] = fingerprint
        try:
            before = self._kept.begin(mark, fingerprint, home, self._wall())
        except BaseException:
            self.unknown(mark)
            raise
        if before is None:
            return Before.NONE
        self.unknown(mark)
        if before.fingerprint != fingerprint:
            return Before.OTHER
        if not before.is_done:
            return Before.UNKNOWN
        return before.answer or Before.UNREADABLE

    def done(self, mark: str, answer: KeptAnswer | None) -> None:
        try:
            self._kept.keep(mark, answer)
        finally:
            self.unknown(mark)

    def undone(self, mark: str) -> None:
        try:
            self._kept.strike(mark)
        finally:
            self.unknown(mark)

    def unknown(self, mark: str) -> None:
        with self._guard:
            self._doing.pop(mark, None)

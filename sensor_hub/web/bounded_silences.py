"""Silences as one person may have them: of homes that they see, about alerts that they see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fastapi import HTTPException

from sensor_hub.alerts.silence import SILENCEABLE, Silence
from sensor_hub.model.kind import Kind
from sensor_hub.web.bounded_reads import looked_through
from sensor_hub.web.bounds import Bounds
from sensor_hub.web.ports import Answer
from sensor_hub.web.refusals import Why
from sensor_hub.web.silences import SilenceMark, SilenceRow, Silencing

WIDER = "This silence also covers what is not yours to see; who runs the hub can end it."


class BoundedSilences:
    """See `Silencing`."""

    def __init__(self, silencing: Silencing, bounds: Bounds) -> None:
        self._silencing = silencing
        self._bounds = bounds

    def rows(self, *, since: float) -> Sequence[SilenceRow]:
        return self._shown_of(self._silencing.rows(since=since))

    def newest(self, *, since: float, limit: int, after: SilenceMark | None = None) -> Sequence[SilenceRow]:
        def ask(limit: int, after: SilenceMark | None) -> Sequence[SilenceRow]:
            return self._silencing.newest(since=since, limit=limit, after=after)

        return looked_through(
            ask, after, limit, show=self._shown_of, place=lambda row: SilenceMark(row.silence.start, row.silence.id)
        )

    def row(self, silence: str) -> SilenceRow | None:
        whole = self._silencing.row(silence)
        row = None if whole is None else self._cut(whole)
        if whole is not None and row is None:
            self._bounds.tell(Why.NOT_THEIRS)
        return row

    def add(self, silence: Silence) -> Answer:
        """Of the homes that the pattern matches now and that they see; of kinds that they see."""
        return self._silencing.add(self._narrow(silence))

    def end(self, silence: str, *, by: str) -> Answer:
        """403 where it also covers homes or kinds that they do not see."""
        row = self._silencing.row(silence)
        if row is None or self.row(silence) is None:
            return Answer.UNKNOWN
        if self._is_wider(row.silence):
            self._bounds.tell(Why.MAY_NOT)
            raise HTTPException(403, WIDER)
        return self._silencing.end(silence, by=by)

    def _shown_of(self, rows: Sequence[SilenceRow]) -> list[SilenceRow]:
        return [cut for row in rows if (cut := self._cut(row)) is not None]

    def _cut(self, row: SilenceRow) -> SilenceRow | None:
        """What of it concerns them; none of the words of who asked, where it also concerns others."""
        silence = row.silence
        narrow = self._narrow(silence)
        if not narrow.homes or not self._shown(silence):
            return None
        if self._is_wider(silence):
            narrow = replace(narrow, who="who runs the hub", why="also of other homes or alerts")
        return SilenceRow(narrow, [each for each in row.held_back if self._bounds.show(each.home, each.kind)])

    def _is_wider(self, silence: Silence) -> bool:
        known = self._bounds.known()
        beyond = (home for home in known if silence.covers(home) and not self._bounds.hold(home))
        return next(beyond, None) is not None or self._kinds(silence) != self._shown(silence)

    def _narrow(self, silence: Silence) -> Silence:
        """A pattern stays one only for who runs the hub: it would take what comes later, also another tenant's."""
        patterns = (
            silence.homes if self._bounds.see_all_homes else " ".join(filter(silence.covers, self._bounds.in_sight()))
        )
        shown = self._shown(silence)
        return replace(silence, homes=patterns, kinds=silence.kinds if shown == self._kinds(silence) else shown)

    def _shown(self, silence: Silence) -> frozenset[Kind]:
        return frozenset(filter(self._bounds.shows_kind, self._kinds(silence)))

    def _kinds(self, silence: Silence) -> frozenset[Kind]:
        return silence.kinds or frozenset(SILENCEABLE)

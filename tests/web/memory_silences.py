"""Silences in memory, for the tests of the pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from sensor_hub.alerts.silence import Silence
from sensor_hub.web.ports import AlertRow, Answer
from sensor_hub.web.silences import SilenceMark, SilenceRow


class Alerts(Protocol):
    at: float

    def home_alerts(self, home: str, *, since: float) -> Sequence[AlertRow]: ...


@dataclass
class MemorySilences:
    """The alerts that a silence holds back are those of its first home that stand."""

    hub: Alerts
    kept: dict[str, Silence] = field(default_factory=dict)

    def rows(self, *, since: float) -> list[SilenceRow]:
        rows = [self.row(each) for each in sorted(self.kept, key=lambda each: (self.kept[each].ended_at or 0, each))]
        return [row for row in rows if row is not None]

    def newest(self, *, since: float, limit: int, after: SilenceMark | None = None) -> list[SilenceRow]:
        rows = {(row.silence.start, row.silence.id): row for row in self.rows(since=since)}
        return [rows[each] for each in sorted(rows, reverse=True) if after is None or each < after][:limit]

    def row(self, silence: str) -> SilenceRow | None:
        found = self.kept.get(silence)
        return None if found is None else SilenceRow(found, self.hub.home_alerts(found.homes, since=found.start))

    def add(self, silence: Silence) -> Answer:
        self.kept[silence.id] = silence
        return Answer.DONE

    def end(self, silence: str, *, by: str) -> Answer:
        found = self.kept.get(silence)
        if found is None:
            return Answer.UNKNOWN
        if found.ended_at is not None:
            return Answer.TAKEN
        self.kept[silence] = replace(found, ended_at=self.hub.at, ended_by=by)
        return Answer.DONE

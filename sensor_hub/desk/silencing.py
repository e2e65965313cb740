"""Silences as the pages ask for them and of them: see `web.silences.Silencing`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sensor_hub.alerts.silence import Silence
from sensor_hub.storage.stores import SqlStores
from sensor_hub.watch.items import Act, EndSilence, SetSilence
from sensor_hub.web.ports import AlertHistory, Answer
from sensor_hub.web.silences import SilenceMark, SilenceRow


class StoredSilences:
    """Reads the database from any thread; `act` waits until an act is stored."""

    def __init__(
        self, stores: SqlStores, alert: Callable[[str], AlertHistory | None], act: Callable[[Act], Answer]
    ) -> None:
        self.stores = stores
        self.alert = alert
        self.act = act

    def rows(self, *, since: float) -> Sequence[SilenceRow]:
        silences = self.stores.silences
        return [self._row(each) for each in (*silences.standing(), *silences.ended(since))]

    def newest(self, *, since: float, limit: int, after: SilenceMark | None = None) -> Sequence[SilenceRow]:
        return [self._row(each) for each in self.stores.silences.newest(since, limit, after)]

    def row(self, silence: str) -> SilenceRow | None:
        found = self.stores.silences.get(silence)
        return None if found is None else self._row(found)

    def add(self, silence: Silence) -> Answer:
        return self.act(SetSilence(silence))

    def end(self, silence: str, *, by: str) -> Answer:
        return self.act(EndSilence(silence, by))

    def _row(self, silence: Silence) -> SilenceRow:
        histories = (self.alert(each) for each in self.stores.silences.held_back(silence.id))
        return SilenceRow(silence, [each.alert for each in histories if each is not None])

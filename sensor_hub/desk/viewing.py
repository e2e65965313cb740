"""Notes in the chronology who saw what of a home: see `web.witness.Views`."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import NamedTuple

from sqlalchemy.exc import SQLAlchemyError

from sensor_hub.access.actor import Actor
from sensor_hub.access.chronology import Act, ChronologyEntry
from sensor_hub.model.moment import MINUTE
from sensor_hub.storage.stores import SqlStores
from sensor_hub.web.witness import Seen, UnwrittenError

log = logging.getLogger(__name__)

ONCE_IN = 15 * MINUTE
"""Real time: a page that refreshes itself makes one entry in it."""
MOST_REMEMBERED = 20_000


class _Look(NamedTuple):
    actor: Actor
    seen: Seen


class StoredViews:
    """`now` is the hub's clock, `wall` real time."""

    def __init__(self, stores: SqlStores, now: Callable[[], float], wall: Callable[[], float]) -> None:
        self.stores = stores
        self.now = now
        self.wall = wall
        self._noted: OrderedDict[_Look, float] = OrderedDict()
        self._guard = threading.Lock()

    def note(self, actor: Actor, seen: Seen) -> None:
        look, wall = _Look(actor, seen), self.wall()
        with self._guard:
            if abs(wall - self._noted.get(look, -ONCE_IN)) < ONCE_IN:
                return
        try:
            self._write(look)
        except SQLAlchemyError as error:
            log.error("a view of a home's data could not be written down, and was refused: %s", type(error).__name__)
            raise UnwrittenError from error
        with self._guard:
            self._noted[look] = wall
            self._noted.move_to_end(look)
            if len(self._noted) > MOST_REMEMBERED:
                self._noted.popitem(last=False)

    def _write(self, look: _Look) -> None:
        actor, seen = look
        home = seen.home
        if not home and seen.alert:
            home = self.stores.alerts.home_of(seen.alert) or ""
        at = self.now()
        with self.stores.database.transaction():
            for tenant in self._tenants(actor, home):
                who, role = actor.who, actor.role
                entry = ChronologyEntry(at, tenant, who, role, Act.SAW, home, seen.alert, seen.view)
                self.stores.chronology.write(entry)

    def _tenants(self, actor: Actor, home: str) -> Sequence[str]:
        """Whose chronology it belongs to: the home's; of a page about all that is in sight, each one's whose it is."""
        if home:
            return [self.stores.tenants.of(home) or actor.tenant or ""]
        if actor.tenant is not None:
            return [actor.tenant]
        return sorted(set(self.stores.tenants.all().values())) or [""]

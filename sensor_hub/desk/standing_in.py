"""Who stands in on a rota, kept beside the settings: see `web.standing_in.StandingIn`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from sensor_hub.access.chronology import Act
from sensor_hub.act_notes import note_act
from sensor_hub.alerts.plan import Plan
from sensor_hub.alerts.stand_in import MOST, StandIn
from sensor_hub.model.moment import iso
from sensor_hub.storage.stores import SqlStores


class StoredStandIns:
    """Whoever decides about alerts reads them anew each time: what is kept holds at once."""

    def __init__(self, stores: SqlStores, plan: Plan, now: Callable[[], float]) -> None:
        self.stores = stores
        self.now = now
        self._channels = {each.id: [one.key for one in each.channels] for each in plan.contacts}

    def after(self, at: float) -> Sequence[StandIn]:
        return self.stores.stand_ins.after(at)

    def page(self, rota: str, at: float, limit: int, place: tuple[float, str] | None = None) -> Sequence[StandIn]:
        return self.stores.stand_ins.page(rota, at, limit, place)

    def get(self, rota: str, stand_in: str) -> StandIn | None:
        return self.stores.stand_ins.get(rota, stand_in)

    def are_confirmed(self, contacts: Collection[str]) -> bool:
        keys = [key for contact in contacts for key in self._channels.get(contact, ())]
        return any(self.stores.channels.state(key).verified_at is not None for key in keys)

    def add(self, stand_in: StandIn, *, tenant: str) -> bool:
        with self.stores.database.transaction():
            if self.stores.stand_ins.standing(stand_in.rota, self.now()) >= MOST:
                return False
            self.stores.stand_ins.add(stand_in)
            self._note(Act.STAND_IN_SET, stand_in, tenant)
        return True

    def end(self, stand_in: StandIn, *, by: str, tenant: str) -> bool:
        with self.stores.database.transaction():
            ended = self.stores.stand_ins.end(stand_in.rota, stand_in.id, self.now(), by)
            if ended:
                self._note(Act.STAND_IN_ENDED, stand_in, tenant)
        return ended

    def _note(self, act: Act, each: StandIn, tenant: str) -> None:
        instead = f" instead of {each.instead_of}" if each.instead_of else ""
        detail = f"{each.id}: {each.who}{instead}, {iso(each.start)} to {iso(each.until)}"
        note_act(self.stores.database, act, self.now(), about=each.rota, detail=detail, tenant=tenant)

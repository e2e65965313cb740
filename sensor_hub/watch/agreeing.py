"""What is agreed with residents: decisions into the store, the home's log and its gateway, and what follows of them."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import partial

from sensor_hub.model.consent import (
    EQUIPMENT,
    EVERYTHING,
    Agreed,
    Data,
    Decision,
    declined_metrics,
    of_device,
    scope_of,
)
from sensor_hub.model.entry import ScopeSet
from sensor_hub.model.metric import Metric
from sensor_hub.model.reading import Reading
from sensor_hub.watch.consent_ports import Withdrawal
from sensor_hub.watch.items import Agree, Erase, Withdraw
from sensor_hub.watch.placing import Placing
from sensor_hub.watch.ports import Rejection, Taken
from sensor_hub.watch.taking import Taking
from sensor_hub.watch.watches import Watches

log = logging.getLogger(__name__)

NOT_AGREED = "not agreed"
"""The reason under which is counted what came all the same; nothing of it is kept."""


class Agreeing:
    """Called by the worker's thread, within its transaction."""

    def __init__(self, watches: Watches, placing: Placing) -> None:
        self.watches = watches
        self.stores = watches.stores
        self.placing = placing
        self._scopes: dict[str, frozenset[Data]] = {}
        """As the store has them; a home that is absent was not looked up yet."""

    def take(self, item: Agree | Withdraw | Erase, taking: Taking) -> None:
        """Writes the decision down. From this moment on nothing else is stored, whatever the gateway still sends."""
        if item.home not in self.watches.watched:
            taking.settle(item, Taken.UNKNOWN)
        elif isinstance(item, Erase):
            self._erase(item, taking)
            taking.settle(item, Taken.DONE)
        else:
            taking.settle(item, self._decide(item, taking))

    def _erase(self, item: Erase, taking: Taking) -> None:
        """Nothing of the home is stored or watched any more; what there is goes by and by."""
        home = item.home
        # Its gateway is told that nothing is agreed, and deletes what waits there.
        taking.append(self.watches, home, lambda received: ScopeSet(received, frozenset()))
        position = taking.fed.pop()[1]
        taking.scopes[home] = frozenset()
        self.stores.erasures.ask_whole(Withdrawal(home, EVERYTHING, position, taking.now, item.by), item.reason)
        log.info("home %s: all that is kept of it is erased", home)
        taking.acts.append(partial(self._scopes.__setitem__, home, frozenset()))
        taking.acts.append(partial(self.placing.tell, home))
        taking.acts.append(partial(self.watches.drop, home))

    def _decide(self, item: Agree | Withdraw, taking: Taking) -> Taken:
        home, before = item.home, self.stores.consents.current(item.home)
        if isinstance(item, Agree) and item.version not in {None, 0 if before is None else before.version}:
            return Taken.STALE
        decision = item.decided(before)
        if not self.stores.consents.add(home, taking.now, decision, item.by):
            return Taken.LOCKED
        if before is None or decision.scope != before.decision.scope:
            self._set_scope(item, before, decision, taking)
        return Taken.DONE

    def _set_scope(self, item: Agree | Withdraw, before: Agreed | None, decision: Decision, taking: Taking) -> None:
        home, scope = item.home, decision.scope
        taking.append(self.watches, home, lambda received: ScopeSet(received, scope))
        taking.scopes[home] = scope
        position = taking.fed[-1][1]
        lost, gained = scope_of(before) - scope, scope - scope_of(before)
        self.stores.erasures.call_off(home, gained)
        if lost:
            self.stores.erasures.ask(Withdrawal(home, lost, position, taking.now, item.by))
        log.info("home %s: another scope is agreed, of %d of %d kinds of data", home, len(scope), len(Data))
        taking.acts.append(partial(self._scopes.__setitem__, home, scope))
        taking.acts.append(partial(self.placing.tell, home))

    def agreed(self, home: str, readings: Sequence[Reading], taking: Taking) -> Sequence[Reading]:
        """Those of a batch that may be kept; the others are counted, and nothing of them is."""
        scope = self._scope(home, taking)
        if scope == EVERYTHING:
            return readings
        declined = declined_metrics(scope)
        used = self._used(home, readings, declined)
        kept = [each for each in readings if each.metric in used[each.device]]
        if len(kept) < len(readings):
            self.stores.rejections.count(home, NOT_AGREED, len(readings) - len(kept))
        return kept

    def without_values(self, home: str, rejections: Sequence[Rejection], taking: Taking) -> Sequence[Rejection]:
        """What could not be used, as it may be kept: where not all is agreed, not what it held."""
        if self._scope(home, taking) == EVERYTHING:
            return rejections
        return [Rejection(each.what, each.reason, b"") for each in rejections]

    def _scope(self, home: str, taking: Taking) -> frozenset[Data]:
        if home in taking.scopes:
            return taking.scopes[home]
        if home not in self._scopes:
            self._scopes[home] = scope_of(self.stores.consents.current(home))
        return self._scopes[home]

    def _used(
        self, home: str, readings: Sequence[Reading], declined: frozenset[Metric]
    ) -> Mapping[str, frozenset[Metric]]:
        """What may be kept of each device that sent something: by all that it is known to measure."""
        watched = self.watches.watched.get(home)
        description = None if watched is None else watched.watch.state.description
        described = {} if description is None else {each.id: each.metrics for each in description.home().devices}
        heard = {} if description is None else description.heard
        measures: dict[str, set[Metric]] = {}
        for each in readings:
            known = measures.setdefault(each.device, {*described.get(each.device, ()), *heard.get(each.device, ())})
            known.add(each.metric)
        return {
            device: of_device(frozenset(known), declined) | ({Metric.ONLINE} & known) - EQUIPMENT
            for device, known in measures.items()
        }

"""What the broker refuses to gateways, read from its log, for the chronology."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping

from sqlalchemy.exc import SQLAlchemyError

from sensor_hub.ingest.broker_log import BrokerRefusal, LogTail, Reader, Tried
from sensor_hub.model.reading import is_slug
from sensor_hub.model.wire import ROOT
from sensor_hub.web.refusals import Gateway, Refusals, Refused, Why

log = logging.getLogger(__name__)

LOOKS_EVERY = 1.0


class BrokerWatch:
    """`turn` is its one act; `start` has a thread do it every second. `tenants`: whose each known home is."""

    def __init__(self, tail: LogTail, refusals: Refusals, tenants: Callable[[], Mapping[str, str]]) -> None:
        self.tail = tail
        self.refusals = refusals
        self.tenants = tenants
        self._reader = Reader()
        self._is_failing = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="broker watch", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, within: float) -> None:
        """With a last look."""
        self._stopping.set()
        self._thread.join(within)

    def turn(self) -> None:
        """OSError where the log cannot be read, SQLAlchemyError where the database cannot."""
        tenants: Mapping[str, str] | None = None
        for line in self.tail.lines():
            refusal = self._reader.read(line)
            if refusal is not None:
                tenants = self.tenants() if tenants is None else tenants
                self.refusals.tell(_refused(refusal, tenants))

    def _run(self) -> None:
        is_last = False
        while not is_last:
            is_last = self._stopping.wait(LOOKS_EVERY)
            try:
                self.turn()
                self._is_failing = False
            except (OSError, SQLAlchemyError) as error:
                if not self._is_failing:
                    log.warning("what the broker refuses is not seen: its log cannot be read (%s)", error)
                self._is_failing = True


def _refused(refusal: BrokerRefusal, tenants: Mapping[str, str]) -> Refused:
    """Names of gateways and homes are told only where there are such: others are a stranger's words."""
    is_login = refusal.tried is Tried.LOGIN
    claimed = _place(refusal.who)
    place = claimed if is_login else _place(refusal.topic.removeprefix(f"{ROOT}/"))
    home = place[1] if place is not None and place[1] in tenants else ""
    name = "" if claimed is None or tenants.get(claimed[1]) != claimed[0] else "/".join(claimed)
    where = "the broker" if is_login else refusal.topic
    what = f"{refusal.tried.value} {where}"
    why = Why.UNKNOWN if is_login else Why.NOT_ITS_TOPIC
    return Refused(None, what, where, why, refusal.address, Gateway(name, tenants.get(home, ""), home))


def _place(text: str) -> tuple[str, str] | None:
    """The tenant and home that a gateway's name or topic begins with."""
    tenant, _, rest = text.partition("/")
    home = rest.partition("/")[0]
    return (tenant, home) if is_slug(tenant) and is_slug(home) else None

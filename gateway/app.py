"""Builds the daemon from its settings, runs it, and takes it down in the order that loses nothing."""

from __future__ import annotations

import fcntl
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from gateway.clock import Clock
from gateway.heartbeat import Heartbeat
from gateway.inbox import Delivery, Inbox, Tally
from gateway.intake import build_intake
from gateway.inventory import Inventory
from gateway.outbox import Outbox, open_outbox
from gateway.settings import Settings, Source
from gateway.sources import SourceReader
from gateway.uplink import Name, Uplink
from sensor_hub.model.moment import iso
from sensor_hub.model.problem import InputError

log = logging.getLogger(__name__)

VERSION = "0.1.0"
"""Of the package; reading it from the package's metadata would cost megabytes of memory."""
COMMIT_WITHIN = 2.0
LINKS_END_WITHIN = 0.5


class Daemon:
    """The parts of a running gateway."""

    def __init__(self, settings: Settings, outbox: Outbox, clock: Clock) -> None:
        tally = Tally()
        self._outbox = outbox
        self._inbox = Inbox(outbox, clock, tally, linger=settings.commit_every)
        self._uplink = Uplink(Name(settings.tenant, settings.home, VERSION), settings.hub, outbox, clock, tally)
        self._inbox.on_commit(self._uplink.wake)
        self._heartbeat = Heartbeat(settings.device, clock, lambda reading: self._inbox.put(Delivery((reading,))))
        self._sources = [
            SourceReader(
                source,
                _client_id(settings, source),
                build_intake((source.kind,), source.base_topic),
                self._inbox,
                Inventory(settings.data / f"devices-{number}-{source.kind}"),
                clock,
            )
            for number, source in enumerate(settings.sources, 1)
        ]

    def start(self) -> None:
        self._inbox.start()
        self._uplink.start()
        self._heartbeat.start()
        for source in self._sources:
            source.start()

    def stop(self, reason: str) -> bool:
        """Commits what is in hand, says `offline`, closes; False where the disk did not take everything."""
        self._heartbeat.stop()
        # While the sources are still connected: what is committed is acknowledged to them.
        is_written = self._inbox.close(COMMIT_WITHIN)
        for source in self._sources:
            source.ask_to_stop()
        self._uplink.close(reason)
        for source in self._sources:
            source.join(LINKS_END_WITHIN / len(self._sources))
        left = self._outbox.waiting()
        self._outbox.close()
        if not is_written:
            log.error("the disk did not take what was in hand; the sources' brokers deliver again what they keep")
        fate = "everything in hand is on the disk" if is_written else "not everything is on the disk"
        log.info("stopped (%s); %s, %d readings wait for the hub", reason, fate, left)
        return is_written


def run(settings: Settings, stopping: Event) -> int:
    """Runs the gateway until `stopping` is set; the exit status. InputError where it cannot run at all."""
    clock = Clock(settings.pace)
    with _only_one(settings.data):
        try:
            outbox = open_outbox(settings.data / "outbox.db")
        except (OSError, sqlite3.Error) as error:
            expected = "a folder that can be written, with room on the disk"
            raise InputError(
                f"the outbox cannot be opened ({error})", where=str(settings.data), expected=expected
            ) from error
        daemon = Daemon(settings, outbox, clock)
        _say_what_runs(settings, outbox, clock)
        daemon.start()
        stopping.wait()
        return 0 if daemon.stop("stopped") else 1


def _say_what_runs(settings: Settings, outbox: Outbox, clock: Clock) -> None:
    hub = settings.hub
    log.info(
        "gateway %s of home %s/%s: %d sources, hub at port %d %s TLS, %d readings wait",
        VERSION,
        settings.tenant,
        settings.home,
        len(settings.sources),
        hub.port,
        "with" if hub.tls else "without",
        outbox.waiting(),
    )
    if not settings.sources:
        log.warning("there is no [[source]]: the gateway only says that it is there")
    if hub.tls and not hub.verify:
        log.warning("the hub's certificate is not verified (verify = false)")
    if settings.pace is not None:
        log.warning("simulated time: it is %s, %g times as fast as real", iso(clock.now()), clock.speed)


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Two gateways on one outbox would number different readings alike."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("a")
    except OSError as error:
        expected = "a folder that can be written"
        raise InputError(f"cannot be used ({error.strerror})", where=str(folder), expected=expected) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            expected = "one gateway to each data folder"
            raise InputError("another gateway is using it", where=str(folder), expected=expected) from error
        yield


def _client_id(settings: Settings, source: Source) -> str:
    """The same at every start: under it the broker keeps what came while the gateway was away."""
    return f"sensor-gateway/{settings.tenant}/{settings.home}/{source.kind}/{source.base_topic}"

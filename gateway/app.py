"""Builds the daemon from its settings, runs it, and takes it down in the order that loses nothing."""

from __future__ import annotations

import fcntl
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.clock import LOOK_EVERY, Clock
from gateway.daemon import Daemon
from gateway.documents import read_document, write_document
from gateway.notify import Supervisor
from gateway.outbox import Outbox, open_outbox
from gateway.settings import Settings
from gateway.stop import Stop
from gateway.timekeeping import Anchor
from sensor_hub.model.moment import iso
from sensor_hub.model.problem import InputError

log = logging.getLogger(__name__)

VERSION = "0.1.0"
"""Of the package; reading it from the package's metadata would cost megabytes of memory."""
LOCK = "lock"
OUTBOX = "outbox.db"
CLOCK = "clock.json"


def run(settings: Settings, stop: Stop) -> int:
    """Runs the gateway until it is asked to stop; the exit status. InputError where it cannot run at all."""
    supervisor = Supervisor()
    with _only_one(settings.data):
        clock = Clock(settings.pace, anchor=_anchor(settings.data / CLOCK))
        try:
            outbox = open_outbox(settings.data / OUTBOX)
        except (OSError, sqlite3.Error) as error:
            expected = "a folder that can be written, with room on the disk"
            if isinstance(error, PermissionError):
                expected = f"files of its own: chown -R them to who runs the gateway; nothing was changed in {OUTBOX}"
            raise InputError(
                f"the outbox cannot be opened ({error})", where=str(settings.data), expected=expected
            ) from error
        daemon = Daemon(settings, outbox, clock, version=VERSION)
        _say_what_runs(settings, outbox, clock)
        daemon.start()
        supervisor.ready()
        _watch(daemon, supervisor, clock, stop, settings.data / CLOCK)
        supervisor.stopping(stop.reason)
        return 0 if daemon.stop(stop.reason) and not daemon.has_failed else 1


def _watch(daemon: Daemon, supervisor: Supervisor, clock: Clock, stop: Stop, anchor_file: Path) -> None:
    """Until it is asked to stop, or a part of the daemon has ended, which only a new start can repair."""
    pause = LOOK_EVERY if supervisor.watchdog is None else min(LOOK_EVERY, supervisor.watchdog / 2)
    kept = _anchor(anchor_file)
    while not stop.wait(pause):
        clock.look()
        ended = daemon.look()
        if ended:
            stop.ask(f"a part of the gateway has ended: {ended}")
            return
        supervisor.alive()
        supervisor.status(daemon.summary())
        kept = _keep_anchor(anchor_file, clock, kept)


def _anchor(path: Path) -> Anchor | None:
    """The time that was trusted at the last look, where it was in this boot."""
    found = read_document(path)
    boot, base = found.get("boot"), found.get("base")
    return Anchor(boot, base) if isinstance(boot, str) and isinstance(base, float) else None


def _keep_anchor(path: Path, clock: Clock, kept: Anchor | None) -> Anchor | None:
    """Writes down a trusted time where it says something new: not at every look, to spare an SD card."""
    now = clock.anchor
    if clock.pace is not None or not clock.is_trusted:
        return kept
    if kept is not None and kept.boot == now.boot and abs(kept.base - now.base) < 1.0:
        return kept
    return now if write_document(path, {"boot": now.boot, "base": float(now.base)}) else kept


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
    elif not clock.is_trusted:
        log.warning("the time is not trusted yet: readings wait for a time server or the hub, up to ten minutes")


def is_running(folder: Path) -> bool:
    """Whether a gateway uses the folder now."""
    try:
        with (folder / LOCK).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Two gateways on one outbox would number different readings alike."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / LOCK).open("a")
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

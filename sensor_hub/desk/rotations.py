"""New passwords for gateways, given in the background: a gateway has minutes to say that it keeps its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from sensor_hub.access.actor import Actor
from sensor_hub.ingest.logins import Login
from sensor_hub.ingest.rotation import Patience, Talk, rotate
from sensor_hub.model.moment import MINUTE
from sensor_hub.model.problem import InputError
from sensor_hub.web.gateway_ports import RotationRow

log = logging.getLogger(__name__)

KEEPS_WITHIN = 10 * MINUTE
BEGUN = "the gateway is asked to keep a new password; the old one counts until it does"


@dataclass(frozen=True, slots=True)
class Means:
    """With what passwords are exchanged."""

    talk: Callable[[str], Talk]
    """The way to a home's gateway. InputError."""
    admit: Callable[[str], Callable[[Login], None]]
    """Makes the broker take a login of the gateway that is in now, and none before it, once asked to. InputError."""
    note: Callable[[str, str, Actor], None]
    """Writes down what became of a home's, and who asked."""
    wall: Callable[[], float]


@dataclass
class Rotations:
    """One at a time for each home. `stop` abandons those that go on: their old passwords stay."""

    means: Means
    patience: Patience = field(default_factory=lambda: Patience(KEEPS_WITHIN))
    _last: dict[str, RotationRow] = field(default_factory=dict)
    _threads: dict[str, threading.Thread] = field(default_factory=dict)
    _talks: dict[str, Talk] = field(default_factory=dict)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> None:
        """Nothing goes on by itself."""

    def begin(self, home: str, actor: Actor) -> RotationRow | None:
        """None where one goes on already, or the hub is stopping."""
        with self._lock:
            last = self._last.get(home)
            if self._stopping.is_set() or (last is not None and not last.is_over):
                return None
            self._last[home] = begun = RotationRow(self.means.wall(), BEGUN, is_over=False)
            thread = threading.Thread(target=self._run, args=(home, actor), name=f"rotate {home}", daemon=True)
            self._threads[home] = thread
            thread.start()
        return begun

    def last(self, home: str) -> RotationRow | None:
        """Of this home since the hub started."""
        return self._last.get(home)

    def stop(self, within: float) -> None:
        """Takes passwords that nobody keeps yet back out of the settings."""
        with self._lock:
            self._stopping.set()
            talks, threads = list(self._talks.values()), list(self._threads.values())
        for talk in talks:
            talk.look()
        for thread in threads:
            thread.join(within)

    def _run(self, home: str, actor: Actor) -> None:
        try:
            admit = self.means.admit(home)
            with self.means.talk(home) as talk:
                self._talks[home] = talk
                words = rotate(talk, admit, self.patience, self._stopping.is_set).value
        except InputError as error:
            words = f"not done: {error}"
        except Exception:
            log.exception("home %s: its gateway's password could not be exchanged", home)
            words = "not done: the hub's log says why"
        self._talks.pop(home, None)
        try:
            self.means.note(home, words, actor)
        except Exception:
            log.exception("home %s: what became of its new password could not be written down", home)
        log.info("home %s: %s", home, words)
        self._last[home] = replace(self._last[home], at=self.means.wall(), words=words, is_over=True)

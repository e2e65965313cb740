"""The gateway's clocks: the only file of it that reads one."""

from __future__ import annotations

import time
from pathlib import Path
from threading import Lock

from gateway.timekeeping import Anchor, ClockState, Timekeeper
from sensor_hub.model.pace import Pace

SYNCHRONISED = Path("/run/systemd/timesync/synchronized")
"""Made by systemd-timesyncd when a time server was heard since boot."""
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
TIMEX_BYTES = 512
"""More than any machine's `struct timex`; zeroed, it only asks."""
TIME_ERROR = 5
LOOK_EVERY = 10.0


class Machine:
    """What the machine says of time."""

    def wall(self) -> float:
        return time.time()

    def elapsed(self) -> float:
        """Seconds since some point in the past; never steps when the clock is set."""
        return time.monotonic()

    def since_boot(self) -> float:
        """Seconds since the machine started, time asleep included."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def boot_id(self) -> str:
        """Another one after every start of the machine; empty where it does not say."""
        try:
            return BOOT_ID.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            return ""

    def is_synchronised(self) -> bool:
        """Whether a time server holds the clock, by the kernel's word or that of systemd."""
        if SYNCHRONISED.exists():
            return True
        try:
            # Imported only where it is needed: it costs memory, and a strict sandbox may refuse it.
            import ctypes

            library = ctypes.CDLL(None, use_errno=True)
            state = library.adjtimex(ctypes.create_string_buffer(TIMEX_BYTES))
        except (ImportError, OSError, AttributeError, MemoryError):
            return False
        return 0 <= int(state) < TIME_ERROR


class Clock:
    """The moment, real or simulated (`[clock]`). Sockets and retries go by `elapsed`, which is always real.

    Any thread may ask. `look` is to be called often; without it a clock that was set is not noticed.
    """

    def __init__(self, pace: Pace | None = None, machine: Machine | None = None, anchor: Anchor | None = None) -> None:
        self.pace = pace
        self._machine = machine or Machine()
        self._lock = Lock()
        self.boot = self._machine.boot_id()
        self._started = self._machine.wall()
        # Of another boot it says nothing: the machine was off for a time that nobody knows.
        is_ours = anchor is not None and anchor.boot == self.boot != ""
        self._keeper = Timekeeper(self._started, self._machine.since_boot(), anchor if is_ours else None)
        self._looked = float("-inf")
        self.look()

    @property
    def speed(self) -> float:
        """How many seconds of the program pass in a real one."""
        return 1.0 if self.pace is None else self.pace.speed

    def now(self) -> float:
        """The moment for readings and for all that people read."""
        if self.pace is not None:
            return self.pace.moment(self.wall(), self._started)
        return self._machine.since_boot() + self._keeper.base

    def wall(self) -> float:
        """The real moment as the machine has it, right or wrong."""
        return self._machine.wall()

    def elapsed(self) -> float:
        """Real seconds since some point in the past; never steps when the clock is set."""
        return self._machine.elapsed()

    def real(self, span: float) -> float:
        """How many real seconds `span` seconds of the program last."""
        return span / self.speed

    def look(self) -> None:
        """Compares the machine's clocks, at most every ten seconds."""
        since_boot = self._machine.since_boot()
        with self._lock:
            if self.pace is None and since_boot >= self._looked + LOOK_EVERY:
                self._looked = since_boot
                synchronised = self._machine.is_synchronised()
                self._keeper.look(self._machine.wall(), since_boot, is_synchronised=synchronised)

    def hear(self, at: float) -> None:
        """The hub's clock says `at` at this moment."""
        with self._lock:
            if self.pace is None:
                self._keeper.hear(at, self._machine.since_boot())

    @property
    def is_trusted(self) -> bool:
        return self.pace is not None or self._keeper.is_trusted

    @property
    def must_hold(self) -> bool:
        """Whether readings have to wait for their moments."""
        return self.pace is None and self._keeper.must_hold(self._machine.since_boot())

    @property
    def state(self) -> ClockState:
        if self.pace is not None:
            return ClockState.TRUSTED
        return self._keeper.state(self._machine.since_boot())

    @property
    def anchor(self) -> Anchor:
        """This boot and its start, as far as it is known."""
        return Anchor(self.boot, self._keeper.base)

    @property
    def jumps(self) -> int:
        """How often the time moved at once since the program started."""
        return self._keeper.jumps

    @property
    def drift(self) -> float:
        """Seconds by which the machine's wall clock is ahead of the time that is believed."""
        return 0.0 if self.pace is not None else self._keeper.drift

"""How fast a program's time passes: the `[clock]` table that the hub, the gateway and the simulator share."""

from __future__ import annotations

from dataclasses import dataclass

from sensor_hub.model.table import Table


@dataclass(frozen=True, slots=True)
class Pace:
    """Simulated time: at the real moment `since` it is `start`, and from there time passes `speed` times as fast.

    For demonstration and training. `since` None means the moment at which the program starts; programs that must agree
    are given the same one. Sockets and retries stay in real time.
    """

    start: float
    speed: float
    since: float | None = None

    def moment(self, wall: float, started: float) -> float:
        """The simulated moment at the real moment `wall`, for a program that started at `started`."""
        return self.start + self.speed * (wall - (started if self.since is None else self.since))


def parse_pace(table: Table | None) -> Pace | None:
    """`[clock]` with `start`, `speed` and optionally `since`; None (real time) where there is no such table."""
    if table is None:
        return None
    pace = Pace(
        start=table.moment("start"),
        speed=table.number("speed", 1.0, low=0.001, high=1_000_000),
        since=table.moment("since") if "since" in table else None,
    )
    table.get("since")
    table.done()
    return pace

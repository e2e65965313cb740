"""The part of `hub.toml` that says who notices when the hub stands still."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from sensor_hub.config.secret import read_secret
from sensor_hub.dispatch.carriers import address_trouble, anchored
from sensor_hub.model.problem import InputError
from sensor_hub.model.table import Table
from sensor_hub.pulse.heart import Rhythm

PING_EVERY, STANDSTILL = 60.0, 300.0


@dataclass(frozen=True, slots=True)
class WatchSettings:
    """Who notices that the hub stands still."""

    ping_url: str | None = field(repr=False)
    """Of a dead man's switch. A secret: whoever knows it can keep the switch quiet."""
    operator: str | None = field(repr=False)
    """The operator's address, for the watchdog."""
    rhythm: Rhythm


def read_watch(table: Table, folder: Path) -> WatchSettings:
    """InputError where an address is none; it is never told."""
    ping_url, operator = read_secret(table, "ping_url", folder), read_secret(table, "operator", folder)
    # As it was called before: `fallback` above all tables is somebody else.
    before = read_secret(table, "fallback", folder)
    if operator is not None and before is not None:
        raise InputError("operator and fallback stand together", where=table.where, expected="operator alone")
    operator = operator or before
    rhythm = Rhythm(
        ping_every=table.number("ping_every", PING_EVERY, low=1, high=86400),
        # A part that has nothing to do turns every five seconds.
        standstill=table.number("standstill", STANDSTILL, low=10, high=86400),
    )
    table.done()
    # Neither is told: they are secrets.
    if ping_url is not None and not ping_url.startswith(("http://", "https://")):
        raise InputError("ping_url is no address", where=table.where, expected="one that begins with https://")
    operator = None if operator is None else anchored(operator, folder)
    trouble = None if operator is None else address_trouble(operator)
    if trouble is not None:
        raise InputError(
            f"nothing can be sent to the operator: {trouble}", where=table.where, expected="an Apprise URL"
        )
    return WatchSettings(ping_url, operator, rhythm)

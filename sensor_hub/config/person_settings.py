"""What `hub.toml` says of single people: their quiet hours, and the residents who can be asked."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sensor_hub.alerts.contact import Contact, Detail
from sensor_hub.alerts.quiet import Quiet
from sensor_hub.alerts.wall_clock import Hours
from sensor_hub.model.table import Table
from sensor_hub.model.visit import minute_of

LONGEST_QUIET = 16 * 60
"""Minutes a day: who wants to hear of nothing is no contact."""


def read_quiet(table: Table) -> Quiet | None:
    """A contact's `quiet = { from = "22:00", until = "07:00", timezone = "Europe/London" }`; None: they have none."""
    row = table.table("quiet")
    if row is None:
        return None
    start, end = minute_of(row, "from"), minute_of(row, "until")
    zone = read_zone(row)
    row.done()
    if not 0 < (end - start) % (24 * 60) <= LONGEST_QUIET:
        raise row.wrong("until", f"at most {LONGEST_QUIET // 60} hours after from")
    return Quiet(Hours(start, end), zone)


def read_zone(table: Table) -> ZoneInfo:
    """The time zone under `timezone`."""
    try:
        return ZoneInfo(table.text("timezone"))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise table.wrong("timezone", "a name like Europe/London") from error


def read_resident(table: Table, addresses: list[str]) -> Contact:
    """A `[[resident]]`: somebody who is asked about their own home, and told of nothing else."""
    resident, home = table.text("id"), table.text("home")
    table.done()
    address, *further = addresses
    return Contact(resident, address, Detail.MINIMAL, receives=frozenset(), further=tuple(further), home=home)

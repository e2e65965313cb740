"""The commands that tell of comings and goings: `sensor-hub absence` and `sensor-hub visit`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from sensor_hub.model.problem import InputError
from sensor_hub.model.stay import Stay

if TYPE_CHECKING:
    from sensor_hub.settings import Settings

HOME = Annotated[str, typer.Argument(metavar="HOME", help="the home's id")]
FROM = Annotated[str, typer.Argument(metavar="FROM", help='by the clock of the home: "2026-11-25 09:00", or now')]
UNTIL = Annotated[str, typer.Argument(metavar="UNTIL", help="the same; an absence may be without")]
END = Annotated[bool, typer.Option("--end", help="it is over now, or will not be; without FROM the one that lasts")]
CHANGE = Annotated[bool, typer.Option("--change", help="the one that is told from FROM on lasts until UNTIL")]
CONFIG = Annotated[Path, typer.Option("--config", metavar="FILE", help="the hub's settings")]
DEFAULT_CONFIG = Path("hub.toml")


def absence_command(
    home: HOME,
    start: FROM = "",
    until: UNTIL = "",
    end: END = False,
    change: CHANGE = False,
    config: CONFIG = DEFAULT_CONFIG,
) -> None:
    """Says that nobody is at home from FROM on: stillness is not told then. Without FROM it lists what was told."""
    _stay(Stay.ABSENCE, home, (start, until), _way(end=end, change=change), config)


def visit_command(
    home: HOME,
    start: FROM = "",
    until: UNTIL = "",
    end: END = False,
    change: CHANGE = False,
    config: CONFIG = DEFAULT_CONFIG,
) -> None:
    """Says that somebody is with the resident: it is not learned as theirs. Without FROM it lists what was told."""
    _stay(Stay.VISIT, home, (start, until), _way(end=end, change=change), config)


def _way(*, end: bool, change: bool) -> str:
    if end and change:
        raise InputError("--end and --change", where="the command", expected="one of them")
    return "DELETE" if end else "PUT" if change else "POST"


def _stay(stay: Stay, home: str, typed: tuple[str, str], way: str, config: Path) -> None:
    from sensor_hub.commands.asking import ask_hub, list_from_hub
    from sensor_hub.settings import read_settings

    settings, path = read_settings(config), f"/api/v1/homes/{home}/{stay}s"
    start, until = typed
    if way != "POST":
        if way == "DELETE" and until:
            raise InputError("--end ends it now", where=f"{stay} {home}", expected="--change for another UNTIL")
        named = f"{path}/{start or _lasting(settings, path, stay)}"
        version = ask_hub(settings, named, {}, method="GET")["version"]
        ask_hub(settings, named, {} if way == "DELETE" else {"end": until or None}, method=way, version=version)
    elif start:
        ask_hub(settings, path, {"start": start, "end": until or None}, method=way)
    zone = ZoneInfo(ask_hub(settings, f"/api/v1/homes/{home}", {}, method="GET")["timezone"])
    rows = list(list_from_hub(settings, path))
    for row in rows:
        typer.echo(_line(row, zone))
    if not rows:
        typer.echo(f"{home}: no {stay} is told")


def _lasting(settings: Settings, path: str, stay: Stay) -> str:
    """The beginning of the one that lasts; InputError where there is none, or more than one."""
    from sensor_hub.commands.asking import list_from_hub

    lasting = [str(row["start"]) for row in list_from_hub(settings, path) if row["is_current"]]
    if len(lasting) == 1:
        return lasting[0]
    found = f"no {stay} lasts now" if not lasting else f"{len(lasting)} last now, from {', '.join(lasting)}"
    raise InputError(found, where=f"{stay} --end", expected="FROM, as it was told")


def _line(row: dict[str, Any], zone: ZoneInfo) -> str:
    by = "the home's file" if row["is_described"] else row["by"] or "somebody"
    until = "somebody says otherwise" if row["end"] is None else _clock(row["end"], zone)
    return f"from {_clock(row['start'], zone)} until {until}{' (now)' if row['is_current'] else ''}, told by {by}"


def _clock(text: str, zone: ZoneInfo) -> str:
    """As it is typed."""
    return f"{datetime.fromisoformat(text).astimezone(zone):%Y-%m-%d %H:%M}"

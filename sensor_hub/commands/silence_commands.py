"""The commands about silences: `sensor-hub silence add`, `list` and `end`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

CONFIG = Annotated[Path, typer.Option("--config", metavar="FILE", help="the hub's settings")]
DEFAULT_CONFIG = Path("hub.toml")
PATH = "/api/v1/silences"

silence = typer.Typer(no_args_is_help=True, help="Says of which alerts nobody shall be told for a time.")


@silence.command("add")
def add_command(
    homes: Annotated[str, typer.Argument(metavar="HOMES", help="a home's id, or a pattern: 'flat-*'")],
    until: Annotated[str, typer.Option(metavar="TIME", help="when it ends, as 2026-11-25T18:00:00Z")],
    why: Annotated[str, typer.Option(metavar="TEXT", help="others will ask")],
    kind: Annotated[
        list[str] | None, typer.Option(metavar="KIND", help="as cold; all but alarms where it is left out")
    ] = None,
    place: Annotated[str, typer.Option(metavar="ROOM", help="a room, or a device")] = "",
    start: Annotated[str, typer.Option("--from", metavar="TIME", help="when it begins, if not now")] = "",
    config: CONFIG = DEFAULT_CONFIG,
) -> None:
    """Silences alerts, from now on or later. Smoke, water and calls for help are told all the same."""
    from sensor_hub.commands.asking import ask_hub
    from sensor_hub.settings import read_settings

    asked = {"homes": homes, "kinds": kind or [], "place": place, "start": start, "until": until, "why": why}
    typer.echo(_line(ask_hub(read_settings(config), PATH, asked, method="POST")))


@silence.command("list")
def list_command(config: CONFIG = DEFAULT_CONFIG) -> None:
    """Lists the silences that stand, and those of the last seven days with what they held back. The hub must run."""
    from sensor_hub.commands.asking import list_from_hub
    from sensor_hub.settings import read_settings

    rows = list(list_from_hub(read_settings(config), PATH))
    for row in rows:
        typer.echo(_line(row))
    if not rows:
        typer.echo("nothing is silenced")


@silence.command("end")
def end_command(
    silence_id: Annotated[str, typer.Argument(metavar="SILENCE", help="its id, as list shows it")],
    config: CONFIG = DEFAULT_CONFIG,
) -> None:
    """Ends a silence: what it held back and still holds is told now. The hub must run."""
    from sensor_hub.commands.asking import ask_hub
    from sensor_hub.settings import read_settings

    settings, path = read_settings(config), f"{PATH}/{silence_id}"
    version = ask_hub(settings, path, {}, method="GET")["version"]
    typer.echo(_line(ask_hub(settings, path, {}, method="DELETE", version=version)))


def _line(row: dict[str, Any]) -> str:
    kinds = ", ".join(row["kinds"]) or "all but alarms"
    place = f" in {row['place']}" if row["place"] else ""
    by = f" by {row['ended_by']}" if row["ended_by"] else ""
    ended = f"ended{by} {row['ended_at']}" if row["ended_at"] else f"until {row['until']}"
    held = f", held back {len(row['held_back'])}"
    return (
        f"{row['id']}: {row['homes']}, {kinds}{place}, from {row['start']} {ended} ({row['who']}: {row['why']}){held}"
    )

"""What would not work, before it does not: `sensor-hub check`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

CONFIG = Annotated[Path, typer.Option("--config", metavar="FILE", help="the hub's settings")]


def check_command(
    config: CONFIG = Path("hub.toml"),
    tries: Annotated[bool, typer.Option("--try", help="also ask mail servers and gateways' broker")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="for programs: a list of id, what and hint")] = False,
) -> None:
    """Says what would not work, each with an id and a hint; exit code 1 if anything is wrong."""
    from sensor_hub.checks.checkup import notes, problems

    found, noted = list(problems(config, tries=tries)), list(notes(config))
    if as_json:
        told = {"problems": [each.row() for each in found], "notes": [each.row() for each in noted]}
        typer.echo(json.dumps(told, indent=2))
    else:
        for line in (*map(str, found), *(f"note: {each}" for each in noted)):
            typer.echo(line)
        typer.echo(f"{len(found)} to put right." if found else "Everything would work.")
    if found:
        raise typer.Exit(1)

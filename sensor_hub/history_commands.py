"""The commands `sensor-hub history`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sensor_hub.model.problem import InputError

CONFIG = Annotated[Path, typer.Option("--config", metavar="FILE", help="the hub's settings")]
DEFAULT_CONFIG = Path("hub.toml")

history_commands = typer.Typer(no_args_is_help=True, help="The history in InfluxDB, which is filled from the log.")


@history_commands.command("status")
def status_command(config: CONFIG = DEFAULT_CONFIG) -> None:
    """Says how far it is filled."""
    from sensor_hub.database_door import open_stores
    from sensor_hub.settings import read_settings
    from sensor_hub.storage.log_tail import HistoryPlace, LogTail

    settings = read_settings(config)
    stores = open_stores(settings)
    try:
        head, position = LogTail(stores.database).head(), HistoryPlace(stores.memory).position()
    finally:
        stores.database.close()
    if settings.history is None:
        typer.echo("The log's own table is the history: [history] names no InfluxDB.")
    else:
        typer.echo(f"Filled up to entry {position} of {head} of the log: {max(0, head - position)} are to come.")


@history_commands.command("refill")
def refill_command(config: CONFIG = DEFAULT_CONFIG) -> None:
    """Has the hub give the whole log again, where the history was damaged. What is there already stays once."""
    from sensor_hub.database_door import open_stores
    from sensor_hub.settings import read_settings
    from sensor_hub.storage.log_tail import HistoryPlace

    settings = read_settings(config)
    if settings.history is None:
        raise InputError("there is nothing to fill", where=str(config), expected="influxdb in [history]")
    stores = open_stores(settings)
    try:
        HistoryPlace(stores.memory).keep(0)
    finally:
        stores.database.close()
    typer.echo("The hub fills it again from its log, now if it runs, else from its next start.")

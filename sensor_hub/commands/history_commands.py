"""The commands `sensor-hub history`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sensor_hub.model.problem import InputError

if TYPE_CHECKING:
    from sensor_hub.influx.address import InfluxAddress
    from sensor_hub.storage.stores import SqlStores

CONFIG = Annotated[Path, typer.Option("--config", metavar="FILE", help="the hub's settings")]
DEFAULT_CONFIG = Path("hub.toml")

history_commands = typer.Typer(no_args_is_help=True, help="The history in InfluxDB, which is filled from the log.")


@history_commands.command("status")
def status_command(config: CONFIG = DEFAULT_CONFIG) -> None:
    """Says how far it is filled."""
    from sensor_hub.storage.log_tail import HistoryPlace, LogTail

    with _opened(config) as (_, stores):
        head, position = LogTail(stores.database).head(), HistoryPlace(stores.memory).position()
    typer.echo(f"Filled up to entry {position} of {head} of the log: {max(0, head - position)} are to come.")


@history_commands.command("verify")
def verify_command(config: CONFIG = DEFAULT_CONFIG) -> None:
    """Counts the readings of each home in the log and in the history; exit 1 where the history lacks some."""
    from sensor_hub.clock import Clock
    from sensor_hub.desk.history_counts import count_history
    from sensor_hub.history.port import HistoryError

    with _opened(config) as (address, stores):
        try:
            counted = count_history(address, stores, Clock())
        except HistoryError as error:
            raise InputError(str(error), where="[history]", expected="an InfluxDB that answers") from error
    for line in counted.told():
        typer.echo(line)
    if counted.lacking:
        typer.echo("See what is to come yet with status; what is lost comes back with refill.")
        raise typer.Exit(1)


@history_commands.command("refill")
def refill_command(config: CONFIG = DEFAULT_CONFIG) -> None:
    """Has the hub give the whole log again, where the history was damaged. What is there already stays once."""
    from sensor_hub.storage.log_tail import HistoryPlace

    with _opened(config) as (_, stores):
        HistoryPlace(stores.memory).keep(0)
    typer.echo("The hub fills it again from its log, now if it runs, else from its next start.")


@contextmanager
def _opened(config: Path) -> Iterator[tuple[InfluxAddress, SqlStores]]:
    """InputError where the log's own table is the history."""
    from sensor_hub.database_door import open_stores
    from sensor_hub.settings import read_settings

    settings = read_settings(config)
    if settings.history is None:
        what = "the log's own table is the history, nothing is filled"
        raise InputError(what, where=str(config), expected="influxdb in [history]")
    stores = open_stores(settings)
    try:
        yield settings.history, stores
    finally:
        stores.database.close()

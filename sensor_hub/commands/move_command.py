"""The command `sensor-hub move`: from SQLite to PostgreSQL, and to InfluxDB."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sensor_hub.model.problem import InputError

if TYPE_CHECKING:
    from sensor_hub.influx.address import InfluxAddress
    from sensor_hub.settings import Settings
    from sensor_hub.storage.stores import SqlStores

CONFIG = Annotated[Path, typer.Option("--config", metavar="FILE", help="the hub's settings")]
DEFAULT_CONFIG = Path("hub.toml")


def move_command(config: CONFIG = DEFAULT_CONFIG) -> None:
    """Takes the hub's data from SQLite to the PostgreSQL that `database` names in its settings, and fills
    the InfluxDB that `history` names.

    The hub must not be running. Cut short, it is run again.
    """
    from sensor_hub.database_door import alone_with, database_of, moved_mark
    from sensor_hub.settings import read_settings
    from sensor_hub.storage.database import DATABASE, Database
    from sensor_hub.storage.moving import move_tables

    settings = read_settings(config)
    path = settings.data / DATABASE
    if settings.database.url is None:
        raise InputError("there is nothing to move to", where=str(config), expected="url or url_file in [database]")
    if not path.exists():
        raise InputError("there is nothing to move", where=str(path), expected="the data of a hub that ran on SQLite")
    source, target = Database(path), database_of(settings)
    with alone_with(settings):
        source.open()
        target.open()
        try:
            typer.echo(f"Moving {path} to {target.name}", err=True)
            copied = move_tables(source, target, _tell)
        finally:
            source.close()
            target.close()
        moved_mark(settings).write_text(f"{target.name}\n", encoding="utf-8")
        _fill_history(settings)
    for name, rows in sorted(copied.items()):
        if rows:
            typer.echo(f"{name}: {rows} rows, as many as there were")
    typer.echo(f"Moved. {path} is not used any more: keep it until you have a backup of {target.name}.")


def _fill_history(settings: Settings) -> None:
    """All that the log has, where [history] names an InfluxDB. One that is down is filled when the hub runs."""
    from contextlib import closing

    from sensor_hub.database_door import open_stores
    from sensor_hub.history.port import HistoryError

    if settings.history is None:
        return
    typer.echo("Filling the history from the log", err=True)
    stores = open_stores(settings)
    with closing(stores.database):
        try:
            for line in _filled(settings.history, stores):
                typer.echo(f"history: {line}")
        except HistoryError as error:
            typer.echo(f"history: not filled yet ({error}); the hub does that when it runs")


def _filled(address: InfluxAddress, stores: SqlStores) -> Iterator[str]:
    """What was given, and whether it is there."""
    from sensor_hub.clock import Clock
    from sensor_hub.desk.history_counts import count_history
    from sensor_hub.histories import histories_of

    histories = histories_of(address, stores, Clock())
    try:
        if histories.feed is not None:
            histories.feed.turn()
            numbers = histories.feed.numbers()
            lacks = f", {numbers.beyond} of them older than it keeps" if numbers.beyond else ""
            yield f"{numbers.fed} readings{lacks}; {numbers.behind_entries} entries are to come"
            yield from count_history(address, stores, Clock()).told()
    finally:
        histories.close()


def _tell(table: str, done: int, total: int) -> None:
    if total >= 100_000:
        typer.echo(f"{table}: {done} of {total}", err=True)

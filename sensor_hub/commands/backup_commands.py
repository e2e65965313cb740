"""The commands that keep copies of the hub's data: `sensor-hub backup` and `sensor-hub restore`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

CONFIG = Annotated[Path, typer.Option("--config", metavar="FILE", help="the hub's settings")]
DEFAULT_CONFIG = Path("hub.toml")
TOLD_EVERY = 0.1
"""Share of the work after which it is told how far it has come."""


def backup_command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="where backups are kept, each in a folder of its own")],
    config: CONFIG = DEFAULT_CONFIG,
    keep: Annotated[int | None, typer.Option(min=1, help="remove all but so many of the newest afterwards")] = None,
) -> None:
    """Copies the hub's data as they stand at this moment. The hub may be running; its settings and homes are files."""
    from sensor_hub.access.chronology import Act
    from sensor_hub.act_notes import note_act
    from sensor_hub.clock import Clock
    from sensor_hub.database_door import database_of, open_stores
    from sensor_hub.keeping.backup import back_up, forget_old
    from sensor_hub.settings import read_settings

    told = 0.0

    def tell(share: float) -> None:
        nonlocal told
        if share - told >= TOLD_EVERY:
            told = share
            typer.echo(f"{share:.0%} copied", err=True)

    settings = read_settings(config)
    stores = open_stores(settings)
    try:
        note_act(stores.database, Act.BACKED_UP, Clock().wall(), about=folder.name)
    finally:
        stores.database.close()
    server = None if settings.database.url is None else database_of(settings)
    made = back_up(settings.data, folder, Clock().wall(), tell, server)
    removed = [] if keep is None else forget_old(folder, keep)
    typer.echo(f"Backed up to {made}" + (f"; {len(removed)} older removed" if removed else ""))
    typer.echo(f"Not in it: the key of personal data, {settings.privacy.key_file}. Keep a copy of it elsewhere.")


def restore_command(
    backup: Annotated[Path, typer.Argument(metavar="BACKUP", help="the folder that a backup made")],
    config: CONFIG = DEFAULT_CONFIG,
    replace: Annotated[bool, typer.Option("--replace", help="move the data that are there aside")] = False,
    without_key: Annotated[
        bool, typer.Option("--without-key", help="also where personal data in it cannot be read with this hub's key")
    ] = False,
) -> None:
    """Puts a backup in the place of the hub's data. The hub must not be running. Gateways send again what it lacks."""
    from sensor_hub.checks.key_checkup import refuse_other_key
    from sensor_hub.clock import Clock
    from sensor_hub.database_door import database_of
    from sensor_hub.keeping.anchors import AnchorFile
    from sensor_hub.keeping.restore import restore
    from sensor_hub.settings import read_settings

    settings = read_settings(config)
    data = settings.data
    typer.echo(f"Checking {backup} ...", err=True)
    if not without_key:
        refuse_other_key(backup, settings.privacy.key_file)
    server, anchors = None if settings.database.url is None else database_of(settings), AnchorFile(settings.anchors)
    aside = restore(backup, data, Clock().wall(), replaces=replace, anchors=anchors, server=server)
    typer.echo(f"Restored to {data}." + ("" if aside is None else f" What was there is in {aside}."))
    typer.echo(_said_of_access(data))
    typer.echo(
        "Gateways send what they kept of the last 48 hours. What people answered since the backup is not known:"
        " alerts that were open then are told again."
    )


def _said_of_access(data: Path) -> str:
    from sensor_hub.keeping.ending_again import ENDED

    said = "Everybody signs in again; links for a password and codes of gateways that were not used are void."
    if (data / ENDED).exists():
        return f"{said} What was revoked or disabled since the backup is so again when the hub starts ({ENDED})."
    return (
        f"{said} What was revoked or disabled since the backup is not known, for there is no {ENDED} in {data}:"
        " look through sensor-hub account list and sensor-hub token list before the hub starts."
    )

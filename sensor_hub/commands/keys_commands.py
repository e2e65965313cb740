"""The commands about the key of personal data: `sensor-hub keys new`, `rotate` and `replace-lost`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

keys = typer.Typer(no_args_is_help=True, help="The key with which personal data are sealed.")
CONFIG = Annotated[Path, typer.Option("--config", metavar="FILE", help="the hub's settings")]
DEFAULT_CONFIG = Path("hub.toml")


@keys.command("new")
def new_command(config: CONFIG = DEFAULT_CONFIG) -> None:
    """Makes the first key, where the hub may not write itself. Never in place of one that is lost."""
    from sensor_hub.settings import read_settings
    from sensor_hub.storage.key_file import KeyFile

    file = KeyFile(read_settings(config).privacy.key_file)
    file.make()
    typer.echo(f"Made {file.path}, for its owner alone. Keep a copy of it apart from backups of the data.")


@keys.command("rotate")
def rotate_command(config: CONFIG = DEFAULT_CONFIG) -> None:
    """Exchanges the key and seals all anew; the hub may be running. Cut short, it is simply run again."""
    from sensor_hub.access.chronology import Act
    from sensor_hub.act_notes import note_act
    from sensor_hub.clock import Clock
    from sensor_hub.database_door import open_stores
    from sensor_hub.settings import read_settings
    from sensor_hub.storage.key_file import KeyFile
    from sensor_hub.storage.rekeying import Rotation

    settings = read_settings(config)
    file = KeyFile(settings.privacy.key_file)
    stores = open_stores(settings)
    try:
        rotation = Rotation(stores.database, file, stores.memory)
        count = rotation.run(lambda done, total: typer.echo(f"{done} of {total} looked at", err=True))
        note_act(stores.database, Act.KEY_CHANGED, Clock().wall(), detail=f"{count} values")
    finally:
        stores.database.close()
    for place in rotation.stuck:
        typer.echo(f"{place}: does not open, and stays as it was", err=True)
    if rotation.stuck:
        typer.echo(f"{count} values are sealed with a new key. The old one stays in {file.path} for the others.")
        raise typer.Exit(1)
    typer.echo(f"{count} values are sealed with a new key, {file.path}; the old one is dropped.")
    typer.echo("Backups made before need the old key: keep its copy as long as them, and make a copy of the new one.")


@keys.command("replace-lost")
def replace_lost_command(
    config: CONFIG = DEFAULT_CONFIG,
    yes: Annotated[bool, typer.Option("--yes", help="without asking")] = False,
) -> None:
    """When no copy of the key is left: removes all that it sealed, for good, and makes a new one. All else stays."""
    from sensor_hub.access.chronology import Act
    from sensor_hub.act_notes import note_act
    from sensor_hub.clock import Clock
    from sensor_hub.database_door import open_stores
    from sensor_hub.settings import read_settings
    from sensor_hub.storage.key_file import KeyFile
    from sensor_hub.storage.lost_key import replace_lost

    settings = read_settings(config)
    asked = "Residents' records, response cards and what else the lost key sealed are removed for good. Go on?"
    if not yes:
        typer.confirm(asked, abort=True)
    stores = open_stores(settings)
    try:
        with stores.database.transaction():
            count = replace_lost(stores.database, KeyFile(settings.privacy.key_file), stores.memory)
            note_act(stores.database, Act.KEY_CHANGED, Clock().wall(), detail=f"lost: {count} values removed")
    finally:
        stores.database.close()
    typer.echo(f"{count} values were removed. The new key is {settings.privacy.key_file}: keep a copy of it elsewhere.")

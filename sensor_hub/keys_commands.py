"""The commands about the key of personal data: `sensor-hub keys new` and `keys rotate`."""

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
    finally:
        stores.database.close()
    for place in rotation.stuck:
        typer.echo(f"{place}: does not open, and stays as it was", err=True)
    if rotation.stuck:
        typer.echo(f"{count} values are sealed with a new key. The old one stays in {file.path} for the others.")
        raise typer.Exit(1)
    typer.echo(f"{count} values are sealed with a new key, {file.path}; the old one is dropped.")
    typer.echo("Backups made before need the old key: keep its copy as long as them, and make a copy of the new one.")

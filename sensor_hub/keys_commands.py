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

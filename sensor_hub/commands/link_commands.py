"""The command about the links in notices: `sensor-hub void-links`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

CONFIG = Annotated[Path, typer.Option("--config", metavar="FILE", help="the hub's settings")]
DEFAULT_CONFIG = Path("hub.toml")


def void_links_command(config: CONFIG = DEFAULT_CONFIG) -> None:
    """Makes a new key for the links in notices: none that was sent can be used any more. The hub may be running."""
    from sensor_hub.access.chronology import Act
    from sensor_hub.act_notes import note_act
    from sensor_hub.clock import Clock
    from sensor_hub.database_door import open_stores
    from sensor_hub.desk.answer_links import new_key
    from sensor_hub.settings import read_settings

    stores = open_stores(read_settings(config))
    try:
        with stores.database.transaction():
            new_key(stores.memory)
            note_act(stores.database, Act.LINKS_VOIDED, Clock().wall())
    finally:
        stores.database.close()
    typer.echo("Links that were sent are void. Notices from now on carry new ones.")

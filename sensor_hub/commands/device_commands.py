"""The command about a home's devices: `sensor-hub place`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sensor_hub.model.problem import InputError
from sensor_hub.model.reading import is_device_id
from sensor_hub.model.room import Room

CONFIG = Annotated[Path, typer.Option("--config", metavar="FILE", help="the hub's settings")]
DEFAULT_CONFIG = Path("hub.toml")


def place_command(
    home: Annotated[str, typer.Argument(metavar="HOME", help="the home's id")],
    device: Annotated[str, typer.Argument(metavar="DEVICE", help="its id, as the home's page shows it")],
    room: Annotated[Room, typer.Argument(metavar="ROOM", help=", ".join(Room))],
    config: CONFIG = DEFAULT_CONFIG,
) -> None:
    """Says in which room a device stands: it is watched there from now on. Its gateway is told. The hub must run."""
    from sensor_hub.commands.asking import ask_hub
    from sensor_hub.settings import read_settings

    if not is_device_id(device):
        raise InputError(f"{device!r} is no device id", where="place", expected="an id as the home's page shows it")
    answer = ask_hub(read_settings(config), f"/api/v1/homes/{home}/devices/{device}", {"room": room.value})
    placed = {row["id"]: row for row in answer["devices"]}
    was_heard = device in placed and placed[device]["last_heard"] is not None
    typer.echo(f"{home}: {device} is in {room.value}" + ("" if was_heard else "; nothing was heard of it yet"))

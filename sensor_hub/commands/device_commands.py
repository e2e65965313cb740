"""The commands about a home's devices: `sensor-hub place` and `sensor-hub device …`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sensor_hub.model.problem import InputError
from sensor_hub.model.reading import is_device_id
from sensor_hub.model.room import Room

device = typer.Typer(
    no_args_is_help=True, help="Replaces the devices of a home, and takes them away. The hub must run."
)

HOME = Annotated[str, typer.Argument(metavar="HOME", help="the home's id")]
DEVICE = Annotated[str, typer.Argument(metavar="DEVICE", help="its id, as the home's page shows it")]
CONFIG = Annotated[Path, typer.Option("--config", metavar="FILE", help="the hub's settings")]
DEFAULT_CONFIG = Path("hub.toml")


def place_command(
    home: HOME,
    device: DEVICE,
    room: Annotated[Room, typer.Argument(metavar="ROOM", help=", ".join(Room))],
    config: CONFIG = DEFAULT_CONFIG,
) -> None:
    """Says in which room a device stands: it is watched there from now on. Its gateway is told. The hub must run."""
    from sensor_hub.commands.asking import ask_hub, list_from_hub
    from sensor_hub.settings import read_settings

    _need_id(device)
    settings, path = read_settings(config), f"/api/v1/homes/{home}/devices"
    version = next((row["version"] for row in list_from_hub(settings, path) if row["id"] == device), 0)
    placed = ask_hub(settings, f"{path}/{device}", {"room": room.value}, version=version)
    was_heard = placed["last_heard"] is not None
    typer.echo(f"{home}: {device} is in {room.value}" + ("" if was_heard else "; nothing was heard of it yet"))


@device.command("replace")
def replace_command(
    home: HOME,
    device: DEVICE,
    by_device: Annotated[str, typer.Argument(metavar="NEW", help="the id of the one that stands there now")],
    config: CONFIG = DEFAULT_CONFIG,
) -> None:
    """Says that another device stands where this one stood: what was learned of the place goes on with it.

    The other way round it undoes this.
    """
    from sensor_hub.commands.asking import ask_hub
    from sensor_hub.settings import read_settings

    _need_id(device)
    _need_id(by_device)
    path = f"/api/v1/homes/{home}/devices/{device}/replace"
    new = ask_hub(read_settings(config), path, {"by_device": by_device}, method="POST")
    heard = "" if new["last_heard"] is not None else "; nothing was heard of it yet"
    typer.echo(f"{home}: {by_device} is in {new['room']} in the place of {device}{heard}")


@device.command("remove")
def remove_command(home: HOME, device: DEVICE, config: CONFIG = DEFAULT_CONFIG) -> None:
    """Says that a device was taken away: it is not watched any more. `sensor-hub place` undoes this."""
    from sensor_hub.commands.asking import ask_hub
    from sensor_hub.settings import read_settings

    _need_id(device)
    settings, path = read_settings(config), f"/api/v1/homes/{home}/devices/{device}"
    version = ask_hub(settings, path, {}, method="GET")["version"]
    ask_hub(settings, path, {}, method="DELETE", version=version)
    unseen = ask_hub(settings, path, {}, method="GET")["unseen"]
    told = f"; nothing else there shows {', '.join(unseen)}" if unseen else ""
    typer.echo(f"{home}: {device} is not watched any more{told}")


def _need_id(device: str) -> None:
    if not is_device_id(device):
        raise InputError(f"{device!r} is no device id", where="device", expected="an id as the home's page shows it")

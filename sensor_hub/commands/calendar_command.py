"""The command that gives a contact the private address of their calendar: `sensor-hub calendar ID`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sensor_hub.model.problem import InputError

CONFIG = Annotated[Path, typer.Option("--config", metavar="FILE", help="the hub's settings")]
DEFAULT_CONFIG = Path("hub.toml")


def calendar_command(
    contact: Annotated[str, typer.Argument(metavar="ID", help="a contact's id")],
    revoke: Annotated[bool, typer.Option("--revoke", help="make no new address: the one there is ends")] = False,
    config: CONFIG = DEFAULT_CONFIG,
) -> None:
    """Prints a new private address of a contact's calendar; the one before ends. The hub may be running."""
    from sensor_hub.clock import Clock
    from sensor_hub.database_door import open_stores
    from sensor_hub.desk.calendars import StoredCalendars
    from sensor_hub.settings import read_settings

    settings = read_settings(config)
    contacts = [each.id for each in settings.contacts]
    stores = open_stores(settings)
    try:
        calendars = StoredCalendars(stores.calendar_keys, contacts, url=settings.url, wall=Clock().wall)
        if revoke:
            dropped = calendars.revoke(contact)
            typer.echo(f"The calendar of {contact} has no address any more." if dropped else "It had no address.")
            return
        if contact not in contacts:
            expected = f"one of {', '.join(contacts) or 'the contacts, none yet'}"
            raise InputError(f"contact {contact!r} is not known", where=str(config), expected=expected)
        typer.echo(calendars.renew(contact))
        typer.echo("Whoever has this address sees when they are on call. It is not shown again.", err=True)
    finally:
        stores.database.close()

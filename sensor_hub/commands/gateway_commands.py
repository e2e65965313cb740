"""The commands `sensor-hub gateway …` and `sensor-hub settings`: who may send readings, and what gateways are told."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from sensor_hub.access.chronology import Act
    from sensor_hub.model.home import Home
    from sensor_hub.settings import Settings

gateway = typer.Typer(no_args_is_help=True, help="Lets gateways in, and shows which are.")

CONFIG = Annotated[Path, typer.Option("--config", metavar="FILE", help="the hub's settings")]
HOME = Annotated[str, typer.Argument(metavar="HOME", help="the home's id")]
DEFAULT_CONFIG = Path("hub.toml")


@gateway.command("add")
def add_command(home: HOME, config: CONFIG = DEFAULT_CONFIG) -> None:
    """Prints a code with which the home's gateway joins: once, within 24 hours. A new code voids the home's old one.

    A gateway that joins takes the place of the one before: its password is void then.
    """
    from sensor_hub.broker_door import door_of
    from sensor_hub.clock import Clock
    from sensor_hub.config.broker_settings import EmbeddedMqtt
    from sensor_hub.database_door import open_stores
    from sensor_hub.desk.gateways import NEAR, join_words, make_code
    from sensor_hub.desk.joins import read_ca
    from sensor_hub.dispatch.loopback import LOOPBACK
    from sensor_hub.joining.code import VALID_FOR
    from sensor_hub.model.moment import MINUTE, iso

    settings, homes = _settings_with(home, config)
    door_of(settings, homes)
    read_ca(settings.gateways)
    stores = open_stores(settings)
    try:
        at = Clock().wall()
        code = make_code(stores, home, at)
    finally:
        stores.database.close()
    typer.echo(f"Code for {home}: {code.text} (once, until {iso((at + VALID_FOR) // MINUTE * MINUTE)})")
    typer.echo(f"At the gateway: {join_words(code, settings.url)}")
    if isinstance(settings.mqtt, EmbeddedMqtt) and settings.gateways.host in LOOPBACK:
        typer.echo(NEAR)


@gateway.command("list")
def list_command(config: CONFIG = DEFAULT_CONFIG) -> None:
    """A line for each home: whether its gateway has joined, what it last said, and whether a code waits for it."""
    from sensor_hub.clock import Clock
    from sensor_hub.commands.gateway_list import gateway_lines
    from sensor_hub.database_door import open_stores
    from sensor_hub.settings import home_files, read_homes, read_settings

    settings = read_settings(config)
    homes = [home.id for home in read_homes(home_files(settings))]
    stores = open_stores(settings)
    try:
        for line in gateway_lines(stores, homes, Clock().wall()):
            typer.echo(line)
    finally:
        stores.database.close()


@gateway.command("remove")
def remove_command(home: HOME, config: CONFIG = DEFAULT_CONFIG) -> None:
    """Voids the password and the code of a home's gateway: it was stolen, or is not used any more."""
    from sensor_hub.broker_door import door_of, tenant_of
    from sensor_hub.clock import Clock
    from sensor_hub.database_door import open_stores
    from sensor_hub.desk.gateways import remove_gateway
    from sensor_hub.model.problem import InputError
    from sensor_hub.settings import home_files, read_homes, read_settings

    settings = read_settings(config)
    homes = read_homes(home_files(settings))
    stores = open_stores(settings)
    try:
        if not remove_gateway(stores, door_of(settings, homes), home, tenant_of(settings, home), Clock().wall()):
            raise InputError(f"{home!r} has no gateway that joined, and no code", where="gateway", expected="a home")
        # The next one may be another tenant's.
        stores.tenants.forget(home)
    finally:
        stores.database.close()
    typer.echo(f"The gateway of {home} does not get in any more.")


@gateway.command("rotate")
def rotate_command(
    home: HOME,
    config: CONFIG = DEFAULT_CONFIG,
    within: Annotated[float, typer.Option("--within", metavar="MINUTES", help="for the gateway to take it")] = 10.0,
) -> None:
    """Gives a home's gateway a new password, without a visit; its old one is void once the gateway keeps the new one.

    Where the gateway does not say in time that it keeps it, nothing changes. Exit 1 unless it uses the new one.
    """
    import signal
    import sys

    from sensor_hub.access.chronology import Act
    from sensor_hub.broker_door import broker_address, door_of, tenant_of
    from sensor_hub.database_door import open_stores
    from sensor_hub.desk.gateways import need_closed_way
    from sensor_hub.desk.joins import admitting
    from sensor_hub.ingest.rotation import Patience, Rotated, Talk, rotate
    from sensor_hub.model.moment import MINUTE

    settings, homes = _settings_with(home, config)
    need_closed_way(settings.gateways, str(settings.file))
    door = door_of(settings, homes)
    # Stopped in whatever way, it takes the password back out of the settings.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    stores = open_stores(settings)
    try:
        admit = admitting(stores.join_codes, lambda: door, home)
        with Talk(broker_address(settings, homes), tenant_of(settings, home), home) as talk:
            typer.echo(f"{home}: waiting up to {within:g} minutes for its gateway to keep a new password")
            outcome = rotate(talk, admit, Patience(within * MINUTE))
    finally:
        stores.database.close()
    _note(settings, Act.GATEWAY_ROTATED, home, detail=outcome.value)
    typer.echo(f"{home}: {outcome.value}")
    if outcome is not Rotated.DONE:
        raise typer.Exit(1)


def _note(settings: Settings, act: Act, home: str, *, about: str = "", detail: str) -> None:
    """Into the chronology."""
    from sensor_hub.act_notes import note_act
    from sensor_hub.clock import Clock
    from sensor_hub.database_door import open_stores

    stores = open_stores(settings)
    try:
        note_act(stores.database, act, Clock().wall(), home=home, about=about, detail=detail)
    finally:
        stores.database.close()


def settings_command(
    home: HOME,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="JSON or TOML, with a version = n")],
    config: CONFIG = DEFAULT_CONFIG,
) -> None:
    """Sends settings down to a home's gateway. The broker keeps them for it; its status says whether it took them."""
    import json

    from sensor_hub.access.chronology import Act
    from sensor_hub.broker_door import broker_address, tenant_of
    from sensor_hub.desk.gateways import keys_words
    from sensor_hub.ingest.downlink import publish_settings, read_gateway_settings

    settings, homes = _settings_with(home, config)
    payload = read_gateway_settings(file)
    publish_settings(broker_address(settings, homes), tenant_of(settings, home), home, payload)
    values = json.loads(payload)
    _note(settings, Act.GATEWAY_SET, home, about=f"version {values['version']}", detail=keys_words(values))
    typer.echo(f"{home}: {len(payload)} bytes of settings wait at the broker for its gateway")


def _settings_with(home: str, config: Path) -> tuple[Settings, list[Home]]:
    """The hub's settings and homes; InputError where they describe no such home."""
    from sensor_hub.model.problem import InputError
    from sensor_hub.settings import home_files, read_homes, read_settings

    settings = read_settings(config)
    homes = read_homes(home_files(settings))
    known = [each.id for each in homes]
    if home not in known:
        expected = ", ".join(known[:10]) or f"a description of it in {settings.homes}"
        raise InputError(f"{home!r} is not the id of a home", where=str(config), expected=expected)
    return settings, homes

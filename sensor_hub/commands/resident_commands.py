"""The commands about residents' records: `sensor-hub resident list`, `add`, `change` and `remove`.

What is personal is asked for, never an argument: arguments stand in the shell's history and in lists of programs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

resident = typer.Typer(no_args_is_help=True, help="Who lives in a home; the hub must run. Each look is written down.")
HOME = Annotated[str, typer.Argument(metavar="HOME", help="the home's id")]
ID = Annotated[str, typer.Argument(metavar="ID", help="the record's, as list shows it")]
CONFIG = Annotated[Path, typer.Option("--config", metavar="FILE", help="the hub's settings")]
DEFAULT_CONFIG = Path("hub.toml")
PATH = "/api/v1/homes/{home}/residents"
FIELDS = {
    "name": "Name",
    "preferred_name": "What they like to be called",
    "address": "Address, in one line",
    "telephone": "Telephone",
    "born": "Date of birth (1938-04-09)",
}


@resident.command("list")
def list_command(home: HOME, config: CONFIG = DEFAULT_CONFIG) -> None:
    """Lists them, each with the id of its record."""
    from sensor_hub.commands.asking import list_from_hub
    from sensor_hub.settings import read_settings

    listed = list_from_hub(read_settings(config), PATH.format(home=home))
    rows = sorted(listed, key=lambda row: (row["name"], row["id"]))
    for row in rows:
        told = (row["name"], row["preferred_name"], row["telephone"], row["address"].replace("\n", ", "), row["born"])
        typer.echo(f"{row['id']}  {' · '.join(each for each in told if each)}")
    if not rows:
        typer.echo(f"{home}: nobody's record is kept")


@resident.command("add")
def add_command(home: HOME, config: CONFIG = DEFAULT_CONFIG) -> None:
    """Asks for the fields of a new record; all but the name may be empty."""
    row = _ask(config, home, "", _typed({}), method="POST")
    typer.echo(f"Kept as {row['id']}.")


@resident.command("change")
def change_command(home: HOME, name: ID, config: CONFIG = DEFAULT_CONFIG) -> None:
    """Asks for the fields anew; what is left as it is shown stays. `-` empties a field."""
    row = _ask(config, home, f"/{name}", {}, method="GET")
    _ask(config, home, f"/{name}", _typed(row), method="PUT", version=row["version"])
    typer.echo("Kept.")


@resident.command("remove")
def remove_command(home: HOME, name: ID, config: CONFIG = DEFAULT_CONFIG) -> None:
    """Removes a record."""
    row = _ask(config, home, f"/{name}", {}, method="GET")
    _ask(config, home, f"/{name}", {}, method="DELETE", version=row["version"])
    typer.echo("Removed.")


def _typed(row: dict[str, Any]) -> dict[str, str | None]:
    """What stands in `row` is offered; an empty date is none."""
    typed = {key: typer.prompt(title, default=row.get(key) or "") for key, title in FIELDS.items()}
    cleared = {key: "" if value == "-" else value for key, value in typed.items()}
    return {**cleared, "born": cleared["born"] or None}


def _ask(
    config: Path, home: str, path: str, values: dict[str, str | None], *, method: str, version: int | None = None
) -> dict[str, Any]:
    from sensor_hub.commands.asking import ask_hub
    from sensor_hub.settings import read_settings

    whole = f"{PATH.format(home=home)}{path}"
    return ask_hub(read_settings(config), whole, values, method=method, version=version)

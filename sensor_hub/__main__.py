"""The command line of the hub: `sensor-hub`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sensor_hub.model.alert import alert_line
from sensor_hub.model.home import read_home
from sensor_hub.model.problem import InputError
from sensor_hub.watch.replay import read_log, replay

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Watches homes and tells the right carer, with the reason."
)


@app.callback()
def _commands() -> None:
    """Makes `replay` a command of its own while it is the only one."""


@app.command("replay")
def replay_command(
    home_file: Annotated[Path, typer.Argument(metavar="HOME.toml", help="the home")],
    readings: Annotated[Path, typer.Argument(metavar="READINGS", help="readings.jsonl or readings.jsonl.gz")],
    alerts: Annotated[Path, typer.Option(metavar="OUT", help="where the changes of alerts go, one a line")],
) -> None:
    """Plays a recorded home through the engine and writes the alerts it gives; needs no server."""
    rejected: list[InputError] = []
    home = read_home(home_file)
    count = 0
    with alerts.open("w", encoding="utf-8") as out:
        for change in replay(home, read_log(readings, rejected.append)):
            out.write(alert_line(change) + "\n")
            count += 1
    for error in rejected[:5]:
        typer.echo(f"rejected: {error}", err=True)
    typer.echo(f"{home.id}: {count} changes of alerts, {len(rejected)} lines rejected, written to {alerts}")


def main() -> None:
    """Runs the command; what cannot be used is told in one line, with exit code 2."""
    try:
        app(standalone_mode=True)
    except InputError as error:
        typer.echo(f"sensor-hub: {error}", err=True)
        raise SystemExit(2) from error


if __name__ == "__main__":
    main()

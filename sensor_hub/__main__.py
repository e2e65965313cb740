"""The command line of the hub: `sensor-hub`."""

from __future__ import annotations

import gc
import signal
import threading
from pathlib import Path
from typing import Annotated

import typer

from sensor_hub.commands.account_commands import account, token
from sensor_hub.commands.audit_commands import audit
from sensor_hub.commands.backup_commands import backup_command, restore_command
from sensor_hub.commands.calendar_command import calendar_command
from sensor_hub.commands.check_command import check_command
from sensor_hub.commands.consent_commands import consent, person
from sensor_hub.commands.contact_commands import contact
from sensor_hub.commands.device_commands import device, place_command
from sensor_hub.commands.dial_commands import backtest_command, outcomes_command
from sensor_hub.commands.export_command import export_command
from sensor_hub.commands.gateway_commands import gateway, settings_command
from sensor_hub.commands.history_commands import history_commands
from sensor_hub.commands.keys_commands import keys
from sensor_hub.commands.ledger_commands import ledger
from sensor_hub.commands.link_commands import void_links_command
from sensor_hub.commands.move_command import move_command
from sensor_hub.commands.resident_commands import resident
from sensor_hub.commands.silence_commands import silence
from sensor_hub.commands.stay_commands import absence_command, visit_command
from sensor_hub.commands.watchdog_command import watchdog_command
from sensor_hub.model.alert import alert_line
from sensor_hub.model.home import read_home
from sensor_hub.model.problem import InputError
from sensor_hub.watch.replay import read_log, replay

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Watches homes and tells the right carer, with the reason."
)


# Commands import what they need themselves: a replay, of which an evaluation runs hundreds, takes no servers along.
CONFIG = Annotated[Path, typer.Option("--config", metavar="FILE", help="the hub's settings")]
DEFAULT_CONFIG = Path("hub.toml")


@app.command("run")
def run_command(config: CONFIG = DEFAULT_CONFIG) -> None:
    """Runs the whole hub until Ctrl-C or SIGTERM. Without a settings file it writes one, and says where."""
    # Readings, and what is loaded at the start, come by the thousand and hold no cycles: the collector looks seldom.
    gc.set_threshold(50_000, 20, 20)
    from sensor_hub.app import HubApp
    from sensor_hub.logs import set_up_logs
    from sensor_hub.settings import TEMPLATE, home_files, read_homes, read_settings

    set_up_logs()
    if not config.exists():
        config.parent.mkdir(parents=True, exist_ok=True)
        config.write_text(TEMPLATE, encoding="utf-8")
        (config.parent / "homes").mkdir(exist_ok=True)
        typer.echo(f"Wrote {config}: settings to start from. Homes go into {config.parent / 'homes'}.")
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    settings = read_settings(config)
    set_up_logs(settings.log)
    hub = HubApp(settings, read_homes(home_files(settings)))
    try:
        hub.start()
        gc.freeze()
        for line in hub.told():
            typer.echo(line)
        stopping.wait()
        typer.echo("Stopping.")
    finally:
        hub.stop()


@app.command("replay")
def replay_command(
    home_file: Annotated[Path, typer.Argument(metavar="HOME.toml", help="the home")],
    readings: Annotated[Path, typer.Argument(metavar="READINGS", help="readings.jsonl or readings.jsonl.gz")],
    alerts: Annotated[Path, typer.Option(metavar="OUT", help="where the changes of alerts go, one a line")],
) -> None:
    """Plays a recorded home through the engine and writes the alerts it gives; needs no server."""
    # A replay makes objects by the million and hardly a cycle: to look for cycles as often as usual is a seventh of it.
    gc.freeze()
    gc.set_threshold(50_000)
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


app.add_typer(device, name="device")
app.add_typer(gateway, name="gateway")
app.add_typer(silence, name="silence")
app.add_typer(ledger, name="ledger")
app.add_typer(contact, name="contact")
app.add_typer(history_commands, name="history")
app.add_typer(keys, name="keys")
app.add_typer(resident, name="resident")
app.add_typer(audit, name="audit")
app.add_typer(consent, name="consent")
app.add_typer(person, name="person")
app.add_typer(account, name="account")
app.add_typer(token, name="token")
app.command("settings")(settings_command)
app.command("place")(place_command)
app.command("absence")(absence_command)
app.command("visit")(visit_command)
app.command("watchdog")(watchdog_command)
app.command("void-links")(void_links_command)
app.command("export")(export_command)
app.command("backup")(backup_command)
app.command("restore")(restore_command)
app.command("move")(move_command)
app.command("check")(check_command)
app.command("calendar")(calendar_command)
app.command("backtest")(backtest_command)
app.command("outcomes")(outcomes_command)


def main() -> None:
    """Runs the command; what cannot be used is told in one line, with exit code 2."""
    try:
        app(standalone_mode=True)
    except (InputError, OSError) as error:
        typer.echo(f"sensor-hub: {error}", err=True)
        raise SystemExit(2) from error


if __name__ == "__main__":
    main()

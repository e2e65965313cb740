"""The command `sensor-hub export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sensor_hub.history.port import HistoryError
from sensor_hub.model.moment import parse_moment
from sensor_hub.model.problem import InputError

CONFIG = Annotated[Path, typer.Option("--config", metavar="FILE", help="the hub's settings")]
DEFAULT_CONFIG = Path("hub.toml")
BEGINNING, END = "1970-01-01T00:00:00Z", "9999-01-01T00:00:00Z"
FORMS = ("log", "csv", "parquet", "fhir")


def export_command(
    home: Annotated[str, typer.Argument(metavar="HOME", help="the home's id")],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="where the files go")],
    config: CONFIG = DEFAULT_CONFIG,
    judged: Annotated[bool, typer.Option("--judged", help="leave out what came after the last tick")] = False,
    form: Annotated[str, typer.Option("--as", metavar="FORM", help=f"{', '.join(FORMS)}")] = "log",
    start: Annotated[str, typer.Option("--from", metavar="MOMENT", help="not with log")] = BEGINNING,
    end: Annotated[str, typer.Option("--until", metavar="MOMENT", help="not with log")] = END,
) -> None:
    """Writes a home's log and its alerts as files that `replay` reads, or as other programs want them.

    The hub may be running. `csv` and `parquet` are its readings, `fhir` a bundle of FHIR R4 with readings, alerts and
    notices, in which no person is named.
    """
    from sensor_hub.access.chronology import Act
    from sensor_hub.act_notes import note_act
    from sensor_hub.clock import Clock
    from sensor_hub.database_door import open_stores
    from sensor_hub.keeping.export import export_home
    from sensor_hub.settings import read_settings

    if form not in FORMS:
        raise InputError(f"{form!r} is no form", where="--as", expected=" or ".join(FORMS))
    if form == "log" and (start, end) != (BEGINNING, END):
        raise InputError("a log is exported whole", where="--from, --until", expected="another --as than log")
    settings = read_settings(config)
    stores = open_stores(settings)
    try:
        told = "whole" if form == "log" else f"from {start} until {end}"
        note_act(stores.database, Act.EXPORTED, Clock().wall(), home=home, about=form, detail=told)
        if form == "log":
            done = export_home(stores, home, folder, judged_only=judged)
            told = f"{done.readings} readings, {done.entries} other entries and {done.changes} changes in {folder}"
        else:
            from sensor_hub.histories import histories_of
            from sensor_hub.keeping.hand_out import Form, Period, hand_out

            period = Period(_moment(start, "--from"), _moment(end, "--until"))
            histories = histories_of(settings.history, stores, Clock(), settings.keep)
            path, count = hand_out(stores, home, period, folder, Form(form), Clock().wall(), histories.history)
            told = f"{count} {'resources' if form == Form.FHIR else 'readings'} in {path}"
    except HistoryError as error:
        raise InputError(str(error), where="[history]", expected="an InfluxDB that has all of that time") from error
    finally:
        stores.database.close()
    typer.echo(f"{home}: {told}")


def _moment(text: str, where: str) -> float:
    try:
        return parse_moment(text)
    except ValueError as error:
        raise InputError(str(error), where=where, expected="such as 2026-01-05T00:00:00Z") from error

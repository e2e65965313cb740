"""The commands about the ledger of notices: `sensor-hub ledger export`."""

from __future__ import annotations

import csv
import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

ledger = typer.Typer(no_args_is_help=True, help="What became of every notice.")
CONFIG = Annotated[Path, typer.Option("--config", metavar="FILE", help="the hub's settings")]
DEFAULT_CONFIG = Path("hub.toml")


class Form(StrEnum):
    CSV = "csv"
    JSONL = "jsonl"


@ledger.callback()
def about() -> None:
    """What became of every notice."""


@ledger.command("export")
def export_command(
    start: Annotated[str, typer.Option("--from", metavar="MOMENT", help="2026-01-05T00:00:00Z; else all")] = "",
    end: Annotated[str, typer.Option("--until", metavar="MOMENT", help="not included; else all")] = "",
    form: Annotated[Form, typer.Option("--format", help="csv with a heading, or an object a line")] = Form.CSV,
    config: CONFIG = DEFAULT_CONFIG,
) -> None:
    """Prints the ledger, a line for each thing that became of a notice. The hub may be running."""
    from sensor_hub.access.chronology import Act
    from sensor_hub.act_notes import note_act
    from sensor_hub.clock import Clock
    from sensor_hub.database_door import open_stores
    from sensor_hub.model.moment import LATEST, iso, parse_moment
    from sensor_hub.model.problem import InputError
    from sensor_hub.settings import read_settings
    from sensor_hub.storage.ledger_reads import LedgerLine

    try:
        span = (parse_moment(start) if start else 0.0, parse_moment(end) if end else LATEST)
    except ValueError as error:
        raise InputError(str(error), where="--from, --until", expected="2026-01-05T00:00:00Z") from error
    names = [name for name in LedgerLine._fields if name != "row"]
    stores = open_stores(read_settings(config))
    try:
        told = f"from {start or 'the beginning'} until {end or 'now'}"
        note_act(stores.database, Act.EXPORTED, Clock().wall(), about="ledger", detail=told)
        table = csv.DictWriter(sys.stdout, names, lineterminator="\n")
        if form is Form.CSV:
            table.writeheader()
        for line in stores.ledger.lines(*span):
            row = {**line._asdict(), "at": iso(line.at)}
            del row["row"]
            if form is Form.CSV:
                table.writerow(row)
            else:
                sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
    finally:
        stores.database.close()

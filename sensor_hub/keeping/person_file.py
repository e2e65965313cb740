"""All that is kept of a home and of who lives there, in one file: `index.html` to read, `person.json` and
`readings.jsonl` for programs. Of secrets (hashes of passwords and codes) nothing is in it.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment, PackageLoader
from sqlalchemy import Row, Table, select

from sensor_hub.keeping.export import stored_log
from sensor_hub.model.entry import Arrival
from sensor_hub.model.moment import iso
from sensor_hub.storage.personal import ERASED, FOUND_BY, KEPT, LAST, PSEUDONYMISED, Which
from sensor_hub.storage.sealed import SEALED, SealedColumn
from sensor_hub.storage.stores import SqlStores
from sensor_hub.storage.tables import metadata
from sensor_hub.storage.tables.log import entry
from sensor_hub.storage.vault import LockedError

SECRET = frozenset(
    {
        *("secret_hash", "password", "second_step", "code_hash", "key_hash", "id_hash", "salt", "hash"),
        *("fingerprint", "answer"),
    }
)
"""Columns that tell nothing of a person which other tables do not, and would let somebody in, or may hold what does."""
BATCH = "readings"
"""The kind of the log's entries that hold readings."""
READINGS = "reading"
"""The table that is a file of its own."""
JSON_COLUMNS = frozenset({"body", "status", "settings", "rows", "evidence", "scope", "fields", "counts"})
MOST_SHOWN = 500
"""Rows of a table on the page; the data have all."""
LOCKED = "sealed: the hub has not the key"


@dataclass(frozen=True, slots=True)
class Part:
    """A table's rows about the person."""

    name: str
    what: str
    rows: list[dict[str, Any]]

    @property
    def columns(self) -> list[str]:
        return list(self.rows[0]) if self.rows else []

    @property
    def shown(self) -> list[dict[str, Any]]:
        return self.rows[-MOST_SHOWN:]


def parts_of() -> Mapping[str, tuple[Which, str]]:
    """Every table that is handed out, by its name: which rows, and what they are."""
    held = {each.table.name: (each.which, each.what) for each in (*ERASED, *LAST)}
    held |= {each.table.name: (each.which, each.what) for each in PSEUDONYMISED}
    return held | {name: (which, KEPT[name]) for name, which in FOUND_BY.items()}


def write_person(stores: SqlStores, home: str, out: Path, *, at: float, by: str) -> None:
    """Writes the file; the database may be written to meanwhile."""
    with stores.database.view(), zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        count = _write_readings(stores, home, made)
        parts = [_part(stores, home, name, which, what) for name, (which, what) in parts_of().items()]
        told = {"home": home, "made_at": iso(at), "made_by": by, "readings": count}
        data = told | {"tables": {part.name: {"what": part.what, "rows": part.rows} for part in parts}}
        made.writestr("person.json", json.dumps(data, ensure_ascii=False, indent=1))
        made.writestr("index.html", _page(told, parts))


def _write_readings(stores: SqlStores, home: str, made: zipfile.ZipFile) -> int:
    count = 0
    with TextIOWrapper(made.open("readings.jsonl", "w"), encoding="utf-8") as lines:
        for each in stored_log(stores, home, None, None):
            if isinstance(each, Arrival):
                reading = each.reading
                row = {
                    "at": iso(reading.at),
                    "device": reading.device,
                    "metric": reading.metric,
                    "value": reading.value,
                }
                lines.write(json.dumps(row, ensure_ascii=False) + "\n")
                count += 1
    return count


def _part(stores: SqlStores, home: str, name: str, which: Which, what: str) -> Part:
    if name == READINGS:
        return Part(name, f"{what}: in readings.jsonl", [])
    table = metadata.tables[name]
    mine = which(home)
    if table is entry:
        # Of batches there is nothing to say that is not in their readings, and they are many.
        mine &= entry.c.kind != BATCH
    rows = stores.database.connection.execute(select(table).where(mine))
    return Part(name, what, [dict(_columns(stores, table, row)) for row in rows])


def _columns(stores: SqlStores, table: Table, row: Row[Any]) -> Iterator[tuple[str, Any]]:
    for column in table.columns:
        value, name = row._mapping[column], column.name
        if name in SECRET:
            continue
        sealed = next((each for each in SEALED if each.token is column), None)
        if sealed is not None:
            yield name, None if value is None else _opened(stores, sealed, row, value)
        elif name.endswith("_ms") and value is not None:
            yield name.removesuffix("_ms"), iso(value / 1000)
        elif isinstance(value, bytes):
            yield name, _plain(value)
        elif name in JSON_COLUMNS and isinstance(value, str) and value[:1] in "[{":
            yield name, json.loads(value)
        else:
            yield name, value


def _opened(stores: SqlStores, sealed: SealedColumn, row: Row[Any], token: bytes) -> Any:
    vault = stores.consents.vault
    if vault is None:
        return LOCKED
    try:
        text = vault.open(token, sealed.place(row))
    except LockedError:
        return LOCKED
    return json.loads(text) if text[:1] in "[{" else text


def _plain(value: bytes) -> Any:
    """What was learned, as its numbers; what else there is as text."""
    try:
        return json.loads(msgspec.json.encode(msgspec.msgpack.decode(value)))
    except (msgspec.MsgspecError, ValueError):
        return value.decode("utf-8", "replace")


def _page(told: Mapping[str, Any], parts: list[Part]) -> str:
    pages = Environment(loader=PackageLoader("sensor_hub.web"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return pages.get_template("person_file.html").render(told=told, parts=parts, most=MOST_SHOWN)

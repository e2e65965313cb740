"""What must not stand in a settings file that others may read."""

from __future__ import annotations

from pathlib import Path

from sensor_hub.model.problem import InputError
from sensor_hub.model.table import Table


def read_secret(table: Table, key: str, folder: Path) -> str | None:
    """The text under `key`, or in the file that `key_file` names; None where there is neither."""
    text, file = table.text(key, " ").strip(), table.text(f"{key}_file", " ").strip()
    if text and file:
        raise InputError(f"{key} and {key}_file stand together", where=table.where, expected="one of them")
    if not file:
        return text or None
    try:
        return (folder / file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{key}_file {file!r} cannot be read", where=table.where, expected="a text file") from error

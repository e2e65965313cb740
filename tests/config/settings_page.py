"""deploy/settings.md as rows, and what the program asks of a file of settings: one is held against the other."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sensor_hub.model.table import Table

ROOT = Path(__file__).parents[2]
TENANT = "oakshire"
"""Stands for any tenant, where tenants are keys."""
REQUIRED, NONE = "**required**", "—"


@dataclass(frozen=True)
class Row:
    part: str
    """`hub.toml`, `A home's file`, `gateway.toml`."""
    section: str
    """`rota.shift`; empty above all tables."""
    key: str
    default: str
    values: str
    check: str

    @property
    def place(self) -> tuple[str, str]:
        return self.section, self.key


def rows() -> Iterator[Row]:
    """What the page says, a row for each key."""
    part = section = ""
    for line in (ROOT / "deploy" / "settings.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            part = line[2:]
        elif line.startswith("## "):
            section = line[3:].strip("`[]") if line.startswith("## `[") else ""
        elif line.startswith("| `"):
            keys, default, values, _, *check = [cell.strip() for cell in line.strip("|").split(" | ")]
            for key in re.findall(r"`([^`]+)`", keys):
                yield Row(part, section, key, default.strip("`"), values, "".join(check))


@dataclass
class Asked:
    """What the program asked of the tables of one file."""

    keys: set[tuple[str, str]] = field(default_factory=set)
    defaults: dict[tuple[str, str], object] = field(default_factory=dict)
    bounds: dict[tuple[str, str], tuple[float, float]] = field(default_factory=dict)
    choices: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)


@contextmanager
def listening(file: Path) -> Iterator[Asked]:
    """What is asked of `file`, while it lasts."""
    asked = Asked()

    def place(table: Table, key: str) -> tuple[str, str]:
        names = re.findall(r"[\w]+(?=\])|(?<=\.)tenants", table.where.removeprefix(str(file)))
        section = ".".join("TENANT" if name == TENANT else name for name in names)
        return section, "TENANT" if key == TENANT else key

    def heard(method: Callable[..., object]) -> Callable[..., object]:
        def ask(table: Table, key: str, *given: object, **bounds: float) -> object:
            where = place(table, key)
            asked.keys.add(where)
            if method.__name__ == "choice":
                asked.choices[where] = given[0]  # type: ignore[assignment]
            if "low" in bounds:
                asked.bounds[where] = bounds["low"], bounds["high"]
            default = bounds.get("default", given[-1] if given else None)
            if method.__name__ in {"text", "number", "whole", "texts", "flag"}:
                asked.defaults[where] = default
            return method(table, key, *given, **bounds)

        return ask

    def contains(table: Table, key: str) -> bool:
        asked.keys.add(place(table, key))
        return key in table.values

    with pytest.MonkeyPatch.context() as patch:
        for name in ("get", "text", "number", "whole", "flag", "choice", "texts", "moment", "table", "tables"):
            patch.setattr(Table, name, heard(getattr(Table, name)))
        patch.setattr(Table, "__contains__", contains)
        yield asked


def plain(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)

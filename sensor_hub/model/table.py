"""Reading the tables of a TOML file: a mistake becomes one line that names the file, the key and what was expected."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from sensor_hub.model.moment import parse_moment
from sensor_hub.model.problem import InputError

SECRET = "password"
"""The key whose value is never shown."""


class Table:
    """A table and where it stands. A key that nobody asked for is found by `done`."""

    def __init__(self, values: Mapping[str, object], where: str) -> None:
        self.values = values
        self.where = where
        self._asked: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def get(self, key: str) -> object:
        self._asked.add(key)
        return self.values.get(key)

    def text(self, key: str, default: str | None = None) -> str:
        value = self.get(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or not value:
            raise self.wrong(key, f'{key} = "…"')
        return value

    def number(self, key: str, default: float | None = None, *, low: float, high: float) -> float:
        value = self.get(key)
        if value is None and default is not None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise self.wrong(key, f"a number from {low:g} to {high:g}")
        return float(value)

    def whole(self, key: str, default: int | None = None, *, low: int, high: int) -> int:
        value = self.get(key)
        if value is None and default is not None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self.wrong(key, f"a whole number from {low} to {high}")
        return value

    def flag(self, key: str, default: bool) -> bool:
        value = self.get(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false")
        return value

    def moment(self, key: str) -> float:
        try:
            return parse_moment(self.get(key))
        except ValueError as error:
            raise self.wrong(key, "epoch seconds or ISO 8601 with a zone") from error

    def choice(self, key: str, choices: tuple[str, ...], default: str | None = None) -> str:
        value = self.text(key, default)
        if value not in choices:
            raise self.wrong(key, f"one of {', '.join(choices)}")
        return value

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        value = self.get(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, list) or not value or not all(isinstance(item, str) for item in value):
            raise self.wrong(key, f'{key} = ["…"]')
        return tuple(value)

    def table(self, key: str) -> Table | None:
        """The table `[key]`, None where there is none."""
        value = self.get(key)
        if value is None:
            return None
        if not isinstance(value, Mapping):
            raise self.wrong(key, f"[{key}]")
        return Table(cast(Mapping[str, object], value), f"{self.where}, [{key}]")

    def tables(self, key: str) -> list[Table]:
        """The tables `[[key]]`, in order."""
        rows = self.get(key)
        if rows is None:
            return []
        if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
            raise self.wrong(key, f"[[{key}]]")
        return [Table(row, f"{self.where}, [[{key}]] {number}") for number, row in enumerate(rows, 1)]

    def wrong(self, key: str, expected: str) -> InputError:
        value = self.values.get(key)
        # What is wrong here ends up in a log.
        shown = "missing" if value is None else "wrong" if key == SECRET else repr(value)
        return InputError(f"{key} is {shown}", where=self.where, expected=expected)

    def done(self) -> None:
        """Raises InputError for a key that is not known: after all known ones were asked for."""
        unknown = next((key for key in self.values if key not in self._asked), None)
        if unknown is not None:
            known = ", ".join(sorted(self._asked))
            raise InputError(f"unknown key {unknown!r}", where=self.where, expected=f"one of {known}")


def read_table(path: Path) -> Table:
    """The whole file as a table; InputError names the file when it cannot be read or is not TOML."""
    try:
        return Table(tomllib.loads(path.read_text(encoding="utf-8")), str(path))
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", where=str(path), expected="a TOML file") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"is not TOML ({error})", where=str(path), expected="a TOML file") from error

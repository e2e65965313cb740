"""The last two days of every thermometer, in quarters of an hour, in hundredths of a degree."""

from __future__ import annotations

from array import array
from typing import Final

from sensor_hub.engine.civil import BIN, bin_of

SIZE: Final = 2 * 96
NONE: Final = -32768


class Temperatures:
    """The last believed value in each bin, by device. Late readings fit in."""

    __slots__ = ("newest", "rows")

    def __init__(self, newest: int, packed: dict[str, bytes]) -> None:
        self.newest = newest
        self.rows = {device: array("h", row) for device, row in packed.items()}

    def pack(self) -> dict[str, bytes]:
        return {device: row.tobytes() for device, row in self.rows.items()}

    def advance(self, at: float) -> None:
        number = bin_of(at)
        for row in self.rows.values():
            for step in range(max(self.newest + 1, number - SIZE + 1), number + 1):
                row[step % SIZE] = NONE
        self.newest = max(self.newest, number)

    def note(self, device: str, at: float, value: float) -> None:
        number = int(at // BIN)
        if number > self.newest:
            self.advance(at)
        elif number <= self.newest - SIZE:
            return
        row = self.rows.get(device)
        if row is None:
            row = self.rows[device] = array("h", [NONE]) * SIZE
        row[number % SIZE] = round(value * 100)

    def value(self, device: str, number: int, carried: int) -> float | None:
        """The value in a bin, or in one of the `carried` bins before it."""
        row = self.rows.get(device)
        if row is not None and self.newest - SIZE < number <= self.newest:
            # Nearly always it is in the bin itself.
            hundredths = row[number % SIZE]
            if hundredths != NONE:
                return hundredths / 100
        return self.value_and_bin(device, number, carried)[0]

    def value_and_bin(self, device: str, number: int, carried: int) -> tuple[float | None, int]:
        """The same, and the bin that it is of; one before all of them where there is none."""
        row = self.rows.get(device)
        if row is not None:
            for step in range(min(number, self.newest), max(number - carried, self.newest - SIZE + 1) - 1, -1):
                hundredths = row[step % SIZE]
                if hundredths != NONE:
                    return hundredths / 100, step
        return None, number - carried - 1

    def spread(self, device: str, since: float) -> float:
        """The highest less the lowest value since then; 0 where there is none."""
        row = self.rows.get(device)
        if row is None:
            return 0.0
        numbers = range(max(bin_of(since), self.newest - SIZE + 1), self.newest + 1)
        values = [row[number % SIZE] for number in numbers if row[number % SIZE] != NONE]
        return (max(values) - min(values)) / 100 if values else 0.0

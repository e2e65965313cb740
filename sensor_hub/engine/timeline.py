"""The last eight days in quarters of an hour: which devices were heard, and which of them saw somebody."""

from __future__ import annotations

from array import array
from typing import Final

from sensor_hub.engine.civil import BIN, BINS_A_DAY, bin_of

DAYS: Final = 8
SIZE: Final = DAYS * BINS_A_DAY


WIDTHS = "BHIQ"
"""Types of a word, of 8 to 64 bits."""


class Timeline:
    """Two words a bin, one bit in each for a device that can show a sign of a person. Late readings fit in."""

    __slots__ = ("active", "heard", "newest")

    def __init__(self, newest: int = 0, heard: bytes = b"", active: bytes = b"") -> None:
        self.newest = newest
        width = next((code for code in WIDTHS if array(code).itemsize * SIZE == len(heard)), "Q")
        self.heard = array(width, heard or bytes(8 * SIZE))
        self.active = array(width, active or bytes(8 * SIZE))

    def fit(self, devices: int) -> None:
        """Makes the words as wide as so many devices need, and no wider."""
        width = next((code for code in WIDTHS if array(code).itemsize * 8 >= devices), "Q")
        if width != self.heard.typecode:
            self.heard, self.active = array(width, self.heard), array(width, self.active)

    @property
    def oldest(self) -> int:
        return self.newest - SIZE + 1

    def forget(self, bit: int) -> None:
        """Nothing was heard of the device that had this bit: another has it now."""
        code = self.heard.typecode
        self.heard = array(code, [word & ~bit for word in self.heard])
        self.active = array(code, [word & ~bit for word in self.active])

    def join(self, into: int, bit: int) -> None:
        """What was heard of the device with this bit was heard of the other, too."""
        code = self.heard.typecode
        self.heard = array(code, [word | into if word & bit else word for word in self.heard])
        self.active = array(code, [word | into if word & bit else word for word in self.active])

    def advance(self, at: float) -> None:
        """Makes the bin of `at` the newest; what falls out is forgotten."""
        number = bin_of(at)
        if number - self.newest >= SIZE:
            self.heard = array(self.heard.typecode, [0]) * SIZE
            self.active = self.heard[:]
            self.newest = number
        while self.newest < number:
            self.newest += 1
            self.heard[self.newest % SIZE] = self.active[self.newest % SIZE] = 0

    def note(self, at: float, bit: int, *, is_active: bool) -> None:
        """A device was heard at `at`, and perhaps saw somebody. What is older than eight days is not kept."""
        number = int(at // BIN)
        if number > self.newest:
            self.advance(at)
        elif number <= self.newest - SIZE:
            return
        place = number % SIZE
        self.heard[place] |= bit
        if is_active:
            self.active[place] |= bit

    def heard_in(self, number: int) -> int:
        """The bits of the devices heard in a bin; none outside the eight days."""
        return self.heard[number % SIZE] if self.newest - SIZE < number <= self.newest else 0

    def heard_between(self, first: int, last: int) -> list[int]:
        """`heard_in` for each bin from `first` to `last`."""
        return self._between(self.heard, first, last)

    def active_in(self, number: int) -> int:
        """The bits of the devices that saw somebody in a bin; none outside the eight days."""
        return self.active[number % SIZE] if self.newest - SIZE < number <= self.newest else 0

    def active_between(self, first: int, last: int) -> list[int]:
        """`active_in` for each bin from `first` to `last`."""
        return self._between(self.active, first, last)

    def _between(self, row: array[int], first: int, last: int) -> list[int]:
        newest = self.newest
        if newest - SIZE < first <= last <= newest:
            start, stop = first % SIZE, last % SIZE + 1
            return row[start:stop].tolist() if start < stop else (row[start:] + row[:stop]).tolist()
        return [row[number % SIZE] if newest - SIZE < number <= newest else 0 for number in range(first, last + 1)]

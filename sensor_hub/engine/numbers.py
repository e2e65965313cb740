"""Rows of floats: eight bytes each, where a list takes 32."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Numbers = array[float]
else:
    # Python 3.11 cannot say what an array is of.
    Numbers = array


def numbers(values: Iterable[float]) -> Numbers:
    return array("d", values)


def zeros(count: int) -> Numbers:
    return array("d", bytes(8 * count))

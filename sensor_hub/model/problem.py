"""The error for anything that came from outside and cannot be used."""

from __future__ import annotations


class InputError(ValueError):
    """Says what is wrong, where it stands and what was expected, in one line that a person can act on."""

    def __init__(self, what: str, *, where: str, expected: str = "", name: str = "") -> None:
        """`name`: of this sort of mistake, where it has one; the line then begins with it."""
        super().__init__(
            (f"{name}: " if name else "") + f"{where}: {what}" + (f"; expected {expected}" if expected else "")
        )
        self.name = name
        self.what = what
        self.where = where
        self.expected = expected

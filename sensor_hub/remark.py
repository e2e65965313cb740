"""What `sensor-hub check` says of one thing: deploy/checks.md lists every id."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sensor_hub.model.problem import InputError

WRONG = "settings.wrong"
"""The id of a file that cannot be read, where what is wrong with it has no name of its own."""


@dataclass(frozen=True, slots=True)
class Remark:
    """`id` is the same for the same sort of thing, in every version. `hint`: what to do about it."""

    id: str
    what: str
    hint: str

    def __str__(self) -> str:
        return f"{self.id}: {self.what}; {self.hint}"

    def row(self) -> dict[str, str]:
        return asdict(self)


def remark_of(error: InputError, otherwise: str = WRONG) -> Remark:
    """What is wrong with a file, under `otherwise` unless the error has a name."""
    hint = f"expected {error.expected}" if error.expected else "put it right"
    return Remark(error.name or otherwise, f"{error.where}: {error.what}", hint)

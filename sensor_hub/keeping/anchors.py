"""Numbers and hashes of the chronology's entries, in a file outside of the database: a line of JSON each."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from sensor_hub.access.chain import Anchor
from sensor_hub.model.moment import iso, parse_moment
from sensor_hub.model.problem import InputError

ANCHORS = "chronology.anchors"
"""Its name in the data folder. A restore leaves it where it is."""


class AnchorFile:
    """Is only ever appended to: so it may lie where nothing else is possible (`chattr +a`)."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, anchors: Iterable[Anchor]) -> None:
        """They are on disk when this returns; OSError where they cannot be."""
        lines = "".join(line_of(each) + "\n" for each in anchors)
        if lines:
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "a", encoding="utf-8") as file:
                file.write(("" if self._ends_whole() else "\n") + lines)
                file.flush()
                os.fsync(file.fileno())

    def read(self) -> list[Anchor]:
        """All, in the order written; none where there is no file. InputError names the line that is none."""
        if not self.path.exists():
            return []
        found: list[Anchor] = []
        text = self.path.read_text(encoding="utf-8", errors="replace")
        for number, line in enumerate(text.split("\n"), 1):
            # A power cut leaves half a line; the next one begins behind it.
            anchor = _anchor(line)
            if anchor is not None:
                found.append(anchor)
            elif line.endswith("}"):
                raise InputError("is no anchor", where=f"{self.path}, line {number}", expected="a line of the hub's")
        return found

    def _ends_whole(self) -> bool:
        with self.path.open("rb") as file:
            if file.seek(0, os.SEEK_END) == 0:
                return True
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"


def anchors_of(heads: Mapping[str, tuple[int, bytes]], at: float, *, is_restore: bool = False) -> list[Anchor]:
    """An anchor for the last entry of each tenant's chain."""
    return [Anchor(at, tenant, number, hash_, is_restore) for tenant, (number, hash_) in sorted(heads.items())]


def line_of(anchor: Anchor) -> str:
    told = {"at": iso(anchor.at), "tenant": anchor.tenant, "number": anchor.number, "hash": anchor.hash.hex()}
    return json.dumps(told | ({"restored": True} if anchor.is_restore else {}), ensure_ascii=False)


def _anchor(line: str) -> Anchor | None:
    try:
        told = json.loads(line)
        at, number, hash_ = parse_moment(told["at"]), int(told["number"]), bytes.fromhex(told["hash"])
        return Anchor(at, str(told["tenant"]), number, hash_, bool(told.get("restored")))
    except (ValueError, KeyError, TypeError):
        return None

"""What the hub's settings say of updating: {"version": "0.2.0", "sha256": "…", "prove_minutes": 15}."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DAEMON = Path("/var/lib/sensor-gateway")
"""The daemon's folder in the package, where it leaves what is wanted and what it has proved."""
OWN = Path("/var/lib/sensor-gateway-update")
"""The updater's folder, where it leaves how far it has come."""
WANTED, PROVED, STATE = "update-wanted.json", "proved.json", "state.json"
PROVE_MINUTES = 15
LONGEST_PROOF = 24 * 60
VERSION = re.compile(r"[0-9][A-Za-z0-9.+~]{0,59}(-[A-Za-z0-9.+~]{1,20})?")
"""A Debian version without an epoch: it is part of the name of a file, and of a command of root's."""
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Instruction:
    """Run this version."""

    version: str
    sha256: str = ""
    """Of its package; empty: the signature of the repository is enough."""
    prove_minutes: int = PROVE_MINUTES
    """How long the hub may take to answer it before the last one comes back."""

    def document(self) -> dict[str, object]:
        """As it is written, to be read again by `parse_instruction`."""
        return {"version": self.version, "sha256": self.sha256, "prove_minutes": self.prove_minutes}


def parse_instruction(value: object) -> Instruction:
    """ValueError says what is wrong."""
    if not isinstance(value, Mapping) or set(value) - {"version", "sha256", "prove_minutes"}:
        raise ValueError("not an object of version, sha256 and prove_minutes")
    version, sha256 = value.get("version"), value.get("sha256", "")
    minutes = value.get("prove_minutes", PROVE_MINUTES)
    if not isinstance(version, str) or VERSION.fullmatch(version) is None:
        raise ValueError("version is not one of a Debian package")
    if not isinstance(sha256, str) or (sha256 and SHA256.fullmatch(sha256) is None):
        raise ValueError("sha256 is not 64 of 0-9 and a-f")
    if not isinstance(minutes, int) or isinstance(minutes, bool) or not 1 <= minutes <= LONGEST_PROOF:
        raise ValueError("prove_minutes is not a whole number from 1 to 1440")
    return Instruction(version, sha256, minutes)

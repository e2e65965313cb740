"""Packages of npm that tests use: of exactly the versions in a folder's lock file."""

from __future__ import annotations

import fcntl
import subprocess
from pathlib import Path


def install(folder: Path, package: str) -> Path:
    """Once, also where several tests ask at a time; where the package lies."""
    found = folder / "node_modules" / package
    with (folder / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not found.is_dir():
            command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
            subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return found

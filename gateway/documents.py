"""Small JSON files beside the outbox: written all or nothing, and read again at the next start."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path

log = logging.getLogger(__name__)


def read_document(path: Path) -> dict[str, object]:
    """The object in the file; empty where there is none that can be read."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def write_document(path: Path, document: Mapping[str, object], *, is_lasting: bool = True) -> bool:
    """False where the disk does not take it; the old file then stays. `is_lasting`: it has to outlive a power cut."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        part.unlink(missing_ok=True)
        # Root writes here too, in a folder of the daemon's: nothing that lies there under this name is followed, and it
        # becomes the daemon's.
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), "w", encoding="ascii") as file:
            if os.geteuid() == 0:
                folder = path.parent.stat()
                os.fchown(file.fileno(), folder.st_uid, folder.st_gid)
            json.dump(document, file, separators=(",", ":"))
            if is_lasting:
                file.flush()
                os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        log.warning("%s cannot be written (%s)", path.name, error.strerror)
        return False
    return True

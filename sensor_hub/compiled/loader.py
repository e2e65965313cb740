"""Takes the compiled engine instead of its sources, where there is one that was made of just these sources.

`deploy/compiling` makes it when the project is installed, if a C compiler is there. Modules of one compiled engine rely
on each other's memory, so it is all of it or none: as soon as one source has changed, the sources run. The answers are
the same, only the cost differs.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader, ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

PACKAGE = Path(__file__).parent.parent
SUFFIX = EXTENSION_SUFFIXES[0]
FOLDER = Path(__file__).parent / SUFFIX.split(".")[1]
"""Where the compiled engine for this Python on this sort of processor lies."""
PURE = "SENSOR_HUB_PURE"
"""The environment variable with which the sources run, whatever is there."""


class _Finder:
    """Finds the modules of the compiled engine before their sources are looked for."""

    def find_spec(
        self, name: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in _manifest()["modules"]:
            return None
        file = FOLDER / (name + SUFFIX)
        return spec_from_file_location(name, file, loader=ExtensionFileLoader(name, str(file)))


def use() -> None:
    """Called before the first module of the engine is imported; again, it does nothing."""
    if not _is_used() and not why_pure():
        sys.meta_path.insert(0, _Finder())


def why_pure() -> str:
    """Why the sources run; empty: the compiled engine does."""
    if os.environ.get(PURE):
        return f"{PURE} is set"
    try:
        sources: Mapping[str, str] = _manifest()["sources"]
    except FileNotFoundError:
        return "it was not compiled for this Python"
    changed = next((name for name, digest in sources.items() if digest_of(PACKAGE / name) != digest), None)
    return "" if changed is None else f"{changed} is not what was compiled"


def digest_of(source: Path) -> str:
    """By which a source is known; empty: it is not there."""
    try:
        return hashlib.sha256(source.read_bytes()).hexdigest()
    except FileNotFoundError:
        return ""


def is_compiled(form: object) -> bool:
    """Whether this is a class of the compiled engine."""
    return isinstance(form, type) and _is_used() and form.__module__ in _manifest()["modules"]


def types_in(form: type) -> Mapping[str, str]:
    """The types of the fields of such a class as its source has them: compiled, it knows of a list and not of what."""
    found: Mapping[str, str] = _manifest()["modules"][form.__module__][form.__name__]
    return found


def _is_used() -> bool:
    return any(isinstance(finder, _Finder) for finder in sys.meta_path)


@cache
def _manifest() -> Mapping[str, Any]:
    """`modules`: their classes, each with the types of its fields; `sources`: of what they were made, with digests."""
    found: Mapping[str, Any] = json.loads((FOLDER / "manifest.json").read_bytes())
    return found

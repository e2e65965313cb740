"""The build backend (`pyproject.toml`): setuptools, and before it the engine is compiled where that can be done.

Where there is no C compiler, where Python's headers are missing, or where compiling fails, the project is pure Python.
"""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from setuptools import Distribution, build_meta
from setuptools.command.egg_info import manifest_maker

HERE = Path(__file__).resolve().parent
COMPILER = ["mypy>=2.4,<3"]
"""mypyc is part of mypy."""
WITH_WHEELS = {"x86_64", "amd64", "aarch64", "arm64"}
"""Processors for which mypy need not be compiled itself."""
LONGEST = 900
"""Seconds."""

Settings = dict[str, Any] | None

get_requires_for_build_sdist = build_meta.get_requires_for_build_sdist
prepare_metadata_for_build_editable = build_meta.prepare_metadata_for_build_editable
prepare_metadata_for_build_wheel = build_meta.prepare_metadata_for_build_wheel


def get_requires_for_build_wheel(config_settings: Settings = None) -> list[str]:
    return [*build_meta.get_requires_for_build_wheel(config_settings), *needed()]


def get_requires_for_build_editable(config_settings: Settings = None) -> list[str]:
    return [*build_meta.get_requires_for_build_editable(config_settings), *needed()]


def build_sdist(folder: str, config_settings: Settings = None) -> str:
    # Where setuptools looks for it by itself stands nothing of ours.
    manifest_maker.template = "deploy/compiling/MANIFEST.in"
    made: str = build_meta.build_sdist(folder, config_settings)
    return made


def build_wheel(folder: str, config_settings: Settings = None, metadata_directory: str | None = None) -> str:
    if compile_engine():
        # The wheel is for this Python on this sort of processor.
        Distribution.has_ext_modules = lambda _self: True
    made: str = build_meta.build_wheel(folder, config_settings, metadata_directory)
    return made


def build_editable(folder: str, config_settings: Settings = None, metadata_directory: str | None = None) -> str:
    compile_engine()
    made: str = build_meta.build_editable(folder, config_settings, metadata_directory)
    return made


def needed() -> list[str]:
    return [] if why_not() else COMPILER


def why_not() -> str:
    """Why the engine cannot be compiled here, or shall not be; empty: it can."""
    compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "")
    if os.environ.get("SENSOR_HUB_PURE"):
        return "SENSOR_HUB_PURE is set"
    if sys.implementation.name != "cpython" or platform.machine().lower() not in WITH_WHEELS:
        return "mypy has no wheels for this Python or processor"
    if not compiler or shutil.which(compiler[0]) is None:
        return "there is no C compiler"
    if not Path(sysconfig.get_path("include"), "Python.h").exists():
        return "Python's headers are missing"
    return ""


def compile_engine() -> bool:
    """Whether there is a compiled engine now; one line says why not."""
    why = why_not() or tried()
    if why:
        print(f"sensor-hub: the engine stays pure Python: {why}", file=sys.stderr)
    return not why


def tried() -> str:
    """Compiles; empty, or what went wrong."""
    command = [sys.executable, str(HERE / "engine.py")]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST, check=False)
    except subprocess.TimeoutExpired:
        return f"compiling it took longer than {LONGEST} s"
    if done.returncode == 0:
        return ""
    said = (done.stderr.strip() or done.stdout.strip()).splitlines()
    return f"compiling it failed: {said[-1] if said else done.returncode}"

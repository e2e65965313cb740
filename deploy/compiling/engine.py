"""Compiles the parts of the engine that cost, with mypyc and the machine's C compiler: `make compiled`.

What it makes lies in `sensor_hub/compiled`, with the sources of which it was made: `sensor_hub/compiled/loader.py`
takes it only as long as these are the same.
"""

from __future__ import annotations

import ast
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from mypyc.build import mypycify
from setuptools import Distribution, Extension
from setuptools.command.build_ext import build_ext

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGE = ROOT / "sensor_hub"
sys.path.insert(0, str(ROOT))

from sensor_hub.compiled.loader import FOLDER, SUFFIX, digest_of  # noqa: E402

COMPILED = (
    *(
        "absences",
        "channels",
        "civil",
        "daily",
        "days",
        "detection",
        "device_state",
        "engine",
        "hazard",
        "heat",
        "intake",
    ),
    *("moisture", "part", "pets", "state", "temperatures", "thermal", "timeline", "view", "visits"),
    *("detectors/battery", "detectors/damp", "detectors/foresight", "detectors/habits", "detectors/heating"),
    *("detectors/inactivity", "detectors/low_intake", "detectors/sensor_fault", "detectors/silence"),
    *("detectors/temperature", "../watch/home_watch"),
)
"""By their places in `engine`. What runs seldom stays as it is: compiling it would bring nothing but risk."""
RELIED_ON = (
    "engine/*.py",
    "engine/detectors/*.py",
    "model/*.py",
    "alerts/episodes.py",
    "watch/snapshot.py",
    "watch/standing.py",
)
"""What is compiled trusts in the types of these, too."""
GROUP = "sensor_hub"
SAME_ANSWERS = "-ffp-contract=off"
"""Some processors multiply and add in one, which rounds once where Python rounds twice."""
IMPOSSIBLE = 'CPy_TypeError("None"'
"""Here mypy takes a field for None because it was so before a call: Python goes on, the compiled program would fail."""


class Parallel(build_ext):
    """Compiles as many files at a time as there are processors."""

    def build_extensions(self) -> None:
        one_by_one = self.compiler.compile

        def at_once(sources: list[str], **options: Any) -> list[str]:
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                made = pool.map(lambda source: one_by_one([source], **options), sources)
                return [file for files in made for file in files]

        self.compiler.compile = at_once
        super().build_extensions()


def main() -> None:
    os.chdir(ROOT)
    shutil.rmtree(FOLDER, ignore_errors=True)
    sources = [Path(os.path.normpath(f"engine/{name}.py")) for name in COMPILED]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = compiled(translated(sources, folder), folder)
        FOLDER.mkdir(parents=True)
        for module, file in made.items():
            shutil.copy(file, FOLDER / (module + SUFFIX))
    relied_on = {file.relative_to(PACKAGE) for pattern in RELIED_ON for file in PACKAGE.glob(pattern)}
    manifest = {
        "modules": {f"{GROUP}__mypyc": {}, **{name_of(source): dict(classes(source)) for source in sources}},
        "sources": {source.as_posix(): digest_of(PACKAGE / source) for source in sorted({*sources, *relied_on})},
    }
    (FOLDER / "manifest.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")


def translated(sources: list[Path], folder: Path) -> list[Extension]:
    """The sources as C: the same wherever it is made, since packages of others are not looked at."""
    options = ["--config-file=", "--no-site-packages", "--ignore-missing-imports", f"--cache-dir={folder / 'types'}"]
    extensions: list[Extension] = mypycify(
        [*options, *(f"{GROUP}/{source}" for source in sources)],
        opt_level="2",
        debug_level="0",
        multi_file=True,
        target_dir=str(folder / "c"),
        group_name=GROUP,
    )
    for file in (folder / "c").rglob("*.c"):
        if IMPOSSIBLE in file.read_text(encoding="utf-8"):
            raise SystemExit(f"{file.stem}: a field is looked at again that was None before a call")
    return extensions


def compiled(extensions: list[Extension], folder: Path) -> dict[str, str]:
    """The files made of them, by the module that each is."""
    if os.name == "posix":
        for extension in extensions:
            extension.extra_compile_args.append(SAME_ANSWERS)
    command = Parallel(Distribution({"name": GROUP, "ext_modules": extensions, "packages": []}))
    command.build_lib, command.build_temp = str(folder / "made"), str(folder / "objects")
    command.ensure_finalized()
    command.run()
    return {extension.name: command.get_ext_fullpath(extension.name) for extension in extensions}


def name_of(source: Path) -> str:
    return ".".join((GROUP, *source.with_suffix("").parts))


def classes(source: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """The classes of a source, each with the types of its fields."""
    for node in ast.parse((PACKAGE / source).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            yield node.name, dict(fields(node))


def fields(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for line in node.body:
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
            yield line.target.id, ast.unparse(line.annotation)


if __name__ == "__main__":
    main()

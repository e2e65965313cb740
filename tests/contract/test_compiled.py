"""The compiled engine is the engine: it says and remembers just what its sources do."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from sensor_hub.compiled import loader

ROOT = Path(__file__).parent.parent.parent


def answers(pure: str) -> list[str]:
    command = [sys.executable, "-m", "tests.contract.answers"]
    # Sets stand in a snapshot in the order of their hashes.
    environment = {**os.environ, loader.PURE: pure, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


@pytest.mark.skipif(bool(loader.why_pure()), reason="no compiled engine: `make compiled` makes one")
def test_the_compiled_engine_says_and_remembers_what_its_sources_do() -> None:
    (which, *compiled), (other, *pure) = answers(""), answers("1")
    assert (which, other) == ("compiled", "pure")
    assert len(compiled) > 10
    assert compiled == pure


@pytest.mark.skipif(not os.environ.get("CI"), reason="while sources are edited they run")
def test_where_the_engine_can_be_compiled_it_is() -> None:
    assert _backend().why_not() or not loader.why_pure()


def test_without_a_compiler_it_is_said_why_and_nothing_more_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = _backend()
    monkeypatch.setenv("CC", "no-such-compiler")
    assert backend.why_not()
    assert backend.needed() == []
    assert not backend.compile_engine()


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a compiled engine of the one source `engine/view.py` lies."""
    monkeypatch.delenv(loader.PURE, raising=False)
    monkeypatch.setattr(loader, "FOLDER", tmp_path)
    monkeypatch.setattr(loader, "_manifest", loader._manifest.__wrapped__)
    digest = loader.digest_of(loader.PACKAGE / "engine/view.py")
    (tmp_path / "manifest.json").write_text(f'{{"modules": {{}}, "sources": {{"engine/view.py": "{digest}"}}}}')
    return tmp_path / "manifest.json"


def test_it_runs_as_long_as_its_sources_are_what_they_were(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert loader.why_pure() == ""
    monkeypatch.setenv(loader.PURE, "1")
    assert loader.why_pure() == "SENSOR_HUB_PURE is set"


def test_as_soon_as_one_source_has_changed_the_sources_run(made: Path) -> None:
    made.write_text(made.read_text().replace("view.py", "part.py"))
    assert loader.why_pure() == "engine/part.py is not what was compiled"
    made.write_text(made.read_text().replace("part.py", "gone.py"))
    assert loader.why_pure() == "engine/gone.py is not what was compiled"


def test_what_was_compiled_for_another_python_is_not_looked_at(made: Path) -> None:
    made.unlink()
    assert loader.why_pure() == "it was not compiled for this Python"


def _backend() -> ModuleType:
    spec = importlib.util.spec_from_file_location("backend", ROOT / "deploy/compiling/backend.py")
    assert spec is not None
    assert spec.loader is not None
    backend = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(backend)
    return backend

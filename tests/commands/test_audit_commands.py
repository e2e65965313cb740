from __future__ import annotations

import csv
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sensor_hub.__main__ import app
from sensor_hub.access.chronology import Act
from sensor_hub.keeping.anchors import AnchorFile, anchors_of
from sensor_hub.model.moment import DAY, iso
from sensor_hub.storage.stores import SqlStores
from tests.access.entries import T, entry
from tests.storage.stores import open_fresh


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A hub with two tenants and three homes, whose chronology is anchored half way and was cut once."""
    (tmp_path / "hub.toml").write_text('data = "data"\n')
    stores = open_fresh(tmp_path / "data")
    file = AnchorFile(tmp_path / "data" / "chronology.anchors")
    stores.tenants.bind("flat-1", "ours")
    for number in range(10):
        made = replace(entry(number, home=f"flat-{number % 2}"), at=T + number * DAY)
        stores.chronology.write(made)
        stores.chronology.write(replace(made, tenant="theirs", home="flat-9"))
        if number in {4, 8}:
            file.add(anchors_of(stores.chronology.heads(), T + number * DAY))
    stores.chronology.cut("ours", T + 2 * DAY, T + 10 * DAY, 100)
    stores.database.close()
    return tmp_path


def run(folder: Path, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["audit", *words, "--config", str(folder / "hub.toml")])
    return done.exit_code, done.output


def tamper(folder: Path, statement: str) -> None:
    stores = opened(folder)
    for trigger in ("chronology_is_appended", "chronology_is_not_changed", "chronology_is_kept"):
        stores.database.raw.execute(f"DROP TRIGGER IF EXISTS {trigger}")
    stores.database.raw.execute(statement)
    stores.database.close()


def opened(folder: Path) -> SqlStores:
    return open_fresh(folder / "data")


def test_a_whole_chronology_is_whole(folder: Path) -> None:
    code, said = run(folder, "verify")
    assert code == 0, said
    assert "ours: entries up to 2 were cut by retention" in said
    assert "ours: entries 3 to 11 are whole, 2 anchors met; the last one has the hash" in said
    assert "theirs: entries 1 to 10 are whole, 2 anchors met" in said


def test_what_was_tampered_with_is_named(folder: Path) -> None:
    tamper(folder, "UPDATE chronology SET who = 'Eve' WHERE tenant = 'theirs' AND number = 6")
    code, said = run(folder, "verify")
    assert code == 1
    assert "theirs: WRONG at entry 6 (changed)" in said
    assert "ours: entries 3 to 11 are whole" in said


def test_an_end_that_was_cut_off_is_seen_by_anchors(folder: Path) -> None:
    stores = opened(folder)
    last = stores.chronology.head("theirs")[1].hex()
    stores.database.close()
    assert run(folder, "verify", "--anchor", last)[0] == 0
    tamper(folder, "DELETE FROM chronology WHERE tenant = 'theirs' AND number = 10")
    assert run(folder, "verify")[0] == 0
    code, said = run(folder, "verify", "--anchor", last)
    assert (code, f"no entry has the hash {last}" in said) == (1, True)
    tamper(folder, "DELETE FROM chronology WHERE tenant = 'theirs' AND number > 8")
    code, said = run(folder, "verify")
    assert (code, "theirs: WRONG at entry 9 (removed from the end)" in said) == (1, True)


def test_anchors_that_were_kept_elsewhere_count(folder: Path) -> None:
    own = folder / "data" / "chronology.anchors"
    own.rename(folder / "elsewhere")
    tamper(folder, "DELETE FROM chronology WHERE tenant = 'theirs' AND number > 6")
    code, said = run(folder, "verify")
    assert (code, "no anchor is known" in said) == (0, True)
    assert run(folder, "verify", "--anchors", str(folder / "elsewhere"))[0] == 1
    assert run(folder, "verify", "--anchor", "12")[0] != 0


def test_entries_are_shown(folder: Path) -> None:
    code, said = run(folder, "show", "--home", "flat-1", "--most", "2", "--from", iso(T), "--until", iso(T + 9 * DAY))
    assert code == 0
    assert said.splitlines() == [
        f"{iso(T + number * DAY)}  ours/{number + 1}  Anna Bell (duty_officer)  saw  flat-1  a1  alert"
        for number in (5, 7)
    ]
    assert "ours/11  - (hub)  cut  2  " in run(folder, "show", "--act", "cut")[1]


def verified(out: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "verify.py"], cwd=out, capture_output=True, text=True, check=False)


def test_an_inspector_checks_an_export_with_python_alone(folder: Path) -> None:
    out = folder / "out"
    code, said = run(folder, "export", str(out))
    assert (code, said) == (0, f"20 entries in {out}; README.txt says how to check them\n")
    done = verified(out)
    assert (done.returncode, done.stderr) == (0, "")
    assert "chronology-ours.jsonl: entries 3 to 11 hang together, 2 anchors met" in done.stdout
    assert "chronology-hub.jsonl: entries 1 to 1 hang together" in done.stdout
    with (out / "chronology.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 20
    assert (rows[0]["act"], rows[0]["about"]) == (Act.EXPORTED, "chronology")
    assert (out / "chronology.html").read_text().count("<tr>") == 21
    path = out / "chronology-theirs.jsonl"
    for old, new in (("Anna", "Eve"), ('"number": 4', '"number": 5')):
        text = path.read_text()
        path.write_text(text.replace(old, new, 1))
        assert verified(out).returncode == 1
        path.write_text(text)
    for lines in (path.read_text().splitlines()[:-2], path.read_text().splitlines()[:1]):
        path.write_text("\n".join(lines))
        assert verified(out).returncode == 1


def test_an_export_about_one_home_shows_no_other_and_can_be_checked(folder: Path) -> None:
    out = folder / "out"
    code, said = run(folder, "export", str(out), "--home", "flat-1", "--from", iso(T + 4 * DAY))
    assert code == 0, said
    text = (out / "chronology-ours.jsonl").read_text()
    rows = [json.loads(line) for line in text.splitlines()[1:]]
    assert [row["number"] for row in rows] == list(range(5, 13))
    assert [row["number"] for row in rows if "home" in row] == [6, 8, 10, 11, 12]
    assert "flat-0" not in text + (out / "chronology.csv").read_text() + (out / "chronology.html").read_text()
    done = verified(out)
    assert (done.returncode, done.stdout) == (
        0,
        "chronology-ours.jsonl: entries 5 to 12 hang together, 2 anchors met\n",
    )
    rows[0]["digest"] = "00" * 32
    (out / "chronology-ours.jsonl").write_text("\n".join([text.splitlines()[0], *map(json.dumps, rows)]))
    assert verified(out).returncode == 1


def test_an_export_of_what_was_tampered_with_says_so(folder: Path) -> None:
    tamper(folder, "UPDATE chronology SET who = x'00' WHERE tenant = 'theirs' AND number = 6")
    code, said = run(folder, "export", str(folder / "out"))
    assert (code, "WRONG: theirs: entry 6" in said) == (1, True)
    assert "WRONG: theirs" in (folder / "out" / "README.txt").read_text()
    assert verified(folder / "out").returncode == 1

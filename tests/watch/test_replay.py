"""`sensor-hub replay` as its user runs it: files in, a file out, one line about what it did."""

import gzip
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sensor_hub.__main__ import app, main
from sensor_hub.model.home import home_toml
from sensor_hub.model.moment import DAY, HOUR, iso
from tests.homes import lines, moment, small_home, whole_log

START = moment("2026-01-05 00:00")


def _written(folder: Path) -> tuple[Path, Path, list[str]]:
    home, fall = small_home(), START + 9 * DAY + 10 * HOUR
    log = [
        one
        for one in whole_log(home, START, fall + 10 * HOUR)
        if one.reading.metric != "motion" or one.reading.at < fall
    ]
    rows = [
        {
            "at": one.reading.at if number % 2 else iso(one.reading.at),
            "received": one.received,
            "device": one.reading.device,
            "metric": one.reading.metric,
            "value": one.reading.value,
        }
        for number, one in enumerate(log)
    ]
    home_file, readings = folder / "home.toml", folder / "readings.jsonl.gz"
    home_file.write_text(home_toml(home))
    readings.write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in rows for _ in range(2)).encode()))
    return home_file, readings, lines(home, log)


def test_a_recording_gives_the_alerts_of_its_log_and_repeats_are_nothing(tmp_path: Path) -> None:
    home_file, readings, expected = _written(tmp_path)
    out = tmp_path / "alerts.jsonl"

    done = CliRunner().invoke(app, ["replay", str(home_file), str(readings), "--alerts", str(out)])

    assert done.exit_code == 0, done.output
    assert out.read_text().splitlines() == expected
    assert len(expected) == 1
    assert done.output.strip().count("\n") == 0


def test_lines_that_cannot_be_used_are_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    home_file, readings, expected = _written(tmp_path)
    plain = tmp_path / "readings.jsonl"
    plain.write_bytes(b'{"at": 1}\nnonsense\n' + gzip.decompress(readings.read_bytes()))
    out = tmp_path / "alerts.jsonl"

    done = CliRunner().invoke(app, ["replay", str(home_file), str(plain), "--alerts", str(out)])

    assert done.exit_code == 0
    assert out.read_text().splitlines() == expected
    assert "readings.jsonl:1: not a reading" in done.output
    assert "2 lines rejected" in done.output


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('id = "x"\ntimezone = "Europe/Paris"\ncolour = "red"\n', "unknown key 'colour'"),
        ('id = "x"\ntimezone = "Mars/Base"\n', "timezone is 'Mars/Base'; expected a name like Europe/London"),
        ('id = "X Y"\ntimezone = "Europe/Paris"\n', "id is 'X Y'"),
        ("id = \n", "is not TOML"),
    ],
)
def test_a_wrong_home_is_one_line_that_names_file_key_and_what_was_expected(
    tmp_path: Path, text: str, told: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    home_file = tmp_path / "home.toml"
    home_file.write_text(text)
    monkeypatch.setattr(
        "sys.argv", ["sensor-hub", "replay", str(home_file), "readings.jsonl", "--alerts", str(tmp_path / "out")]
    )

    with pytest.raises(SystemExit) as stopped:
        main()

    assert stopped.value.code == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert str(home_file) in error
    assert told in error

"""The command `sensor-gateway`."""

from __future__ import annotations

import argparse
import io
import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Event

from sensor_hub.model.problem import InputError

WRONG_INPUT = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; the exit status: 0, 1 for a failure, 2 for settings or arguments that cannot be used."""
    chosen = _parser().parse_args(arguments)
    try:
        return _run(chosen.config) if chosen.command == "run" else _decode()
    except InputError as error:
        print(f"sensor-gateway: {error}", file=sys.stderr)
        return WRONG_INPUT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sensor-gateway",
        description="The box in the home: reads the home's sensors, keeps their readings and sends them to the hub.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    run = commands.add_parser(
        "run",
        help="the daemon",
        description="Reads the sources named in the settings and sends their readings to the hub, until SIGTERM or "
        "Ctrl-C. Readings are kept on disk until the hub has answered that it holds them.",
        epilog='The settings are described in the documentation; at least: home = "…" and [hub] with host = "…".',
    )
    run.add_argument(
        "--config", type=Path, default=Path("gateway.toml"), metavar="FILE", help="settings (default: ./gateway.toml)"
    )
    commands.add_parser(
        "decode",
        help="messages on standard input to readings on standard output",
        description="Answers each line of standard input (a JSON object with topic and payload, payload_text or "
        "payload_b64) with a line that holds its readings and what was rejected, with the reason.",
    )
    return parser


def _run(config: Path) -> int:
    # Imported when asked for, so that `--help` and mistakes in the settings are answered at once on a small box.
    from gateway.app import run
    from gateway.settings import read_settings

    settings = read_settings(config)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    stopping = Event()
    for sort in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sort, lambda _signal, _frame: stopping.set())
    return run(settings, stopping)


def _decode() -> int:
    from gateway.decode import decode_lines

    # One bad byte or half a letter in a line must not end the rest.
    for stream, errors in ((sys.stdin, "replace"), (sys.stdout, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=errors)
    try:
        return decode_lines(sys.stdin, sys.stdout)
    except BrokenPipeError:
        # Whoever read the readings has gone; the rest is not wanted.
        sys.stderr.close()
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())

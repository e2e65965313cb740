"""The command `sensor-gateway`."""

from __future__ import annotations

import argparse
import io
import logging
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from gateway.installed import default_settings
from sensor_hub.model.problem import InputError
from sensor_hub.model.room import Room

WRONG_INPUT = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; the exit status: 0, 1 for a failure, 2 for settings or arguments that cannot be used."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        try:
            return _obey(given)
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        if given[:1] == ["run"]:
            raise
        # Whoever read the answer has gone (`| head`): the rest is not wanted, now or when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _obey(given: Sequence[str]) -> int:
    try:
        if given[:1] == ["join"]:
            return _join(given[1:])
        chosen = _parser().parse_args(given)
        return _COMMANDS[chosen.command](chosen)
    except InputError as error:
        print(f"sensor-gateway: {error}", file=sys.stderr)
        return WRONG_INPUT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sensor-gateway",
        description="The box in the home: reads the home's sensors, keeps their readings and sends them to the hub.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _config(
        commands.add_parser(
            "run",
            help="the daemon",
            description="Reads the sources named in the settings and sends their readings to the hub, until SIGTERM or "
            "Ctrl-C. Readings are kept on disk until the hub has answered that it holds them.",
            epilog='The settings are described in the documentation; at least: home = "…" and [hub] with host = "…".',
        )
    )
    _add_technicians(commands)
    commands.add_parser("join", help="joins a hub with a code that it gave", add_help=False)
    commands.add_parser(
        "decode",
        help="messages on standard input to readings on standard output",
        description="Answers each line of standard input (a JSON object with topic and payload, payload_text or "
        "payload_b64) with a line that holds its readings and what was rejected, with the reason.",
    )
    return parser


def _add_technicians(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """What somebody asks who stands beside the box."""
    status = commands.add_parser(
        "status",
        help="devices, what waits, and how the gateway is",
        description="Shows what the daemon last heard of each device and how it stands with the hub; works beside it.",
    )
    status.add_argument("--json", action="store_true", help="one JSON object instead of tables")
    _config(status)
    place = commands.add_parser(
        "place",
        help="says in which room a device stands",
        description="Stores the room of a device and tells the hub, at once where the daemon runs.",
    )
    place.add_argument("device", metavar="DEVICE", help="its id, as 'status' shows it")
    place.add_argument("room", metavar="ROOM", choices=[room.value for room in Room], help=", ".join(Room))
    _config(place)
    walk = commands.add_parser(
        "walktest",
        help="a walk through the rooms: does every device come through?",
        description="Names each device in turn and waits until the running daemon has a reading of it. Enter skips.",
    )
    walk.add_argument("--within", type=float, default=120.0, metavar="SECONDS", help="for each device (default: 120)")
    _config(walk)


def _config(parser: argparse.ArgumentParser) -> None:
    config = default_settings()
    parser.add_argument("--config", type=Path, default=config, metavar="FILE", help=f"settings (default: {config})")


def _run(chosen: argparse.Namespace) -> int:
    # Imported when asked for, so that `--help` and mistakes in the settings are answered at once on a small box.
    from gateway.app import run
    from gateway.settings import read_settings
    from gateway.stop import Stop

    settings = read_settings(chosen.config)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    stop = Stop()
    for sort in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sort, lambda number, _frame: stop.ask(f"stopped by {signal.Signals(number).name}"))
    return run(settings, stop)


def _status(chosen: argparse.Namespace) -> int:
    from gateway.overview import show
    from gateway.settings import read_settings

    return show(read_settings(chosen.config), sys.stdout, is_json=chosen.json)


def _place(chosen: argparse.Namespace) -> int:
    from gateway.overview import place
    from gateway.settings import read_settings

    return place(read_settings(chosen.config), chosen.device, Room(chosen.room), out=sys.stdout)


def _walk(chosen: argparse.Namespace) -> int:
    from gateway.settings import read_settings
    from gateway.walktest import walk_home

    try:
        return walk_home(read_settings(chosen.config), chosen.within)
    except KeyboardInterrupt:
        return 130


def _join(arguments: Sequence[str]) -> int:
    try:
        from gateway.join import join
    except ImportError:
        print("sensor-gateway: this version cannot join a hub; write gateway.toml by hand", file=sys.stderr)
        return WRONG_INPUT
    return join(arguments)


def _decode(_chosen: argparse.Namespace) -> int:
    from gateway.decode import decode_lines

    # One bad byte or half a letter in a line must not end the rest.
    for stream, errors in ((sys.stdin, "replace"), (sys.stdout, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=errors)
    try:
        return decode_lines(sys.stdin, sys.stdout)
    except KeyboardInterrupt:
        return 130


_COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "run": _run,
    "status": _status,
    "place": _place,
    "walktest": _walk,
    "decode": _decode,
}


if __name__ == "__main__":
    sys.exit(main())

"""`firmware-sim`: homes that do not exist, or are long past, as real devices would show them."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from firmware_sim.clock import Clock, monotonic, wall
from firmware_sim.episodes import parse_option
from firmware_sim.files import write_home, write_text
from firmware_sim.homes import Setting, generate_home
from firmware_sim.player import Broker, Link, play
from firmware_sim.readings import read_readings
from firmware_sim.scenario import names, read_scenario
from firmware_sim.tempo import Tempo
from firmware_sim.wire import announcements, bridge_state, messages
from sensor_hub.model.home import Home, home_toml, read_home
from sensor_hub.model.moment import iso
from sensor_hub.model.problem import InputError
from sensor_hub.model.reading import Reading

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__, pretty_exceptions_enable=False)

Host = Annotated[str, typer.Option(help="The home's own MQTT broker.")]
Port = Annotated[int, typer.Option(min=1, max=65535)]
Username = Annotated[str, typer.Option()]
Password = Annotated[str, typer.Option(envvar="FIRMWARE_SIM_PASSWORD", help="Or by the environment.")]
Speed = Annotated[float | None, typer.Option(min=0, help="Times faster than real time; 0 is as fast as possible.")]
ClockStart = Annotated[
    str | None, typer.Option(help="Simulated time at --since: ISO 8601 with a zone, or epoch seconds.")
]
Since = Annotated[str | None, typer.Option(help="The real moment at which it is --clock-start; otherwise now.")]
Config = Annotated[
    Path | None, typer.Option(help="A TOML file with a [clock] table: the hub's or the gateway's will do.")
]
Episodes = Annotated[
    list[str] | None, typer.Option(help="KIND:DAY[:HOURS[:ROOM]], such as long_lie:20.5:9; may be repeated.")
]


@app.command()
def replay(
    home_file: Annotated[Path, typer.Argument(metavar="HOME.toml")],
    readings_file: Annotated[Path, typer.Argument(metavar="READINGS", help="readings.jsonl or readings.jsonl.gz")],
    host: Host = "127.0.0.1",
    port: Port = 1883,
    username: Username = "",
    password: Password = "",
    speed: Speed = None,
    clock_start: ClockStart = None,
    since: Since = None,
    config: Config = None,
) -> None:
    """Publishes a recorded home as its devices did: Zigbee2MQTT for movement and doors, ChirpStack for the climate."""
    stop = _stopped_by_signals()
    tempo = Tempo.resolve(config, speed=speed, start=clock_start, since=since)
    home = read_home(home_file)
    readings = read_readings(readings_file, home)
    _publish(home, readings, Broker(host, port, username, password), tempo, stop)


@app.command()
def run(
    scenario: Annotated[str, typer.Argument(help=f"A scenario file, or one of: {', '.join(names())}.")] = "first-alert",
    host: Host = "127.0.0.1",
    port: Port = 1883,
    username: Username = "",
    password: Password = "",
    speed: Speed = None,
    clock_start: ClockStart = None,
    since: Since = None,
    config: Config = None,
    home_out: Annotated[Path | None, typer.Option(help="Writes the home.toml that hub and gateway need.")] = None,
    home_only: Annotated[bool, typer.Option("--home-only", help="Writes the home.toml and ends.")] = False,
) -> None:
    """Publishes a generated home live, as real devices would."""
    stop = _stopped_by_signals()
    told = read_scenario(scenario)
    tempo = Tempo.resolve(config, speed=speed, start=clock_start, since=since, usual_speed=told.speed)
    if tempo.start is not None:
        told = told.moved_to(tempo.start)
    _say(f"{told.title}: {told.days:g} days from {iso(told.start)}")
    home, arrivals, _ = told.generate()
    if home_out is not None:
        write_text(home_out, home_toml(home))
        _say(f"home {home.id} is described in {home_out}")
    if home_only:
        if home_out is None:
            typer.echo(home_toml(home), nl=False)
        return
    begin = told.start if tempo.start is None else tempo.start
    readings = [one.reading for one in arrivals if one.reading.at >= begin]
    _publish(home, readings, Broker(host, port, username, password), replace(tempo, start=begin), stop)


@app.command()
def generate(
    out: Annotated[Path, typer.Option(help="The folder; each home gets one of its own in it.")],
    homes: Annotated[int, typer.Option(min=1, max=10_000)] = 1,
    days: Annotated[float, typer.Option(min=0.1, max=3660)] = 60,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same bytes.")] = 1,
    start: Annotated[str, typer.Option(help="The first moment.")] = "2026-01-05T00:00:00Z",
    noise: Annotated[float, typer.Option(min=0, max=0.3, help="Share of readings lost, twice or late.")] = 0.0,
    scenario: Annotated[str | None, typer.Option(help="Weather, habits and episodes of this scenario.")] = None,
    episode: Episodes = None,
) -> None:
    """Writes generated homes: OUT/HOME/{home.toml,readings.jsonl.gz,truth.json}."""
    stop = _stopped_by_signals()
    begin, told = Tempo.moment(start, "--start"), monotonic()
    base = None if scenario is None else read_scenario(scenario).moved_to(begin)
    episodes = (*(() if base is None else base.episodes), *(parse_option(text, begin) for text in episode or ()))
    setting = Setting(noise=noise) if base is None else base.setting
    _say(f"generating {homes} homes of {days:g} days in {out}")
    for number in range(1, homes + 1):
        if stop.is_set():
            raise InputError(f"stopped after {number - 1} of {homes} homes", where="generate")
        setting = replace(setting, home=f"home-{number:04d}")
        home, arrivals, truth = generate_home(
            seed * 10_000 + number, days, start=begin, episodes=episodes, setting=setting
        )
        write_home(out / home.id, home, arrivals, truth)
        if monotonic() - told >= 3 and number < homes:
            told = monotonic()
            _say(f"{number} of {homes} homes")
    _say(f"{homes} homes written")


def _publish(home: Home, readings: Sequence[Reading], broker: Broker, tempo: Tempo, stop: threading.Event) -> None:
    """Publishes the readings at this tempo until they are through or `stop` is set, and says so."""
    if not readings:
        raise InputError("nothing to publish", where=home.id, expected="readings at or after the clock's start")
    first, last = readings[0].at, max(one.at for one in readings)
    clock = Clock(tempo.pace(first), wall())
    link = Link(broker, greeting=announcements(home, first), farewell=bridge_state(last, "offline"), stop=stop)
    link.open()
    _say(f"publishing {len(readings)} readings of {home.id}, {iso(first)} to {iso(last)}, to {broker.where}")
    began = monotonic()
    try:
        sent = play(messages(home, readings), link, clock, lambda count, at: _say(f"{count} messages, {iso(at)}"))
    finally:
        link.close()
    ending = "stopped" if stop.is_set() else "done"
    _say(f"{ending}: {sent} messages in {monotonic() - began:.1f} s")


def _stopped_by_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _say(text: str) -> None:
    print(f"firmware-sim: {text}", file=sys.stderr, flush=True)


def main() -> None:
    """The command; an error is one line and exit 1."""
    logging.basicConfig(format="firmware-sim: %(message)s", level=logging.WARNING)
    try:
        app()
    except InputError as error:
        _say(str(error))
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()

"""The commands `sensor-hub backtest` and `outcomes`: what other limits would have told, and what moved a home's own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from sensor_hub.model.entry import Entry
    from sensor_hub.model.home import Home
    from sensor_hub.model.kind import Kind
    from sensor_hub.watch.backtest import Backtest, Trial

CONFIG = Annotated[Path, typer.Option("--config", metavar="FILE", help="the hub's settings")]
DEFAULT_CONFIG = Path("hub.toml")
SHOWN_EVERY = 30 * 86400.0
"""Seconds of a log between two signs of life."""
EntryT = TypeVar("EntryT", bound="Entry")


def backtest_command(
    home: Annotated[str, typer.Argument(metavar="HOME", help="the home's id; or its home.toml, with READINGS")],
    readings: Annotated[
        Path | None, typer.Argument(metavar="[READINGS]", help="readings.jsonl or readings.jsonl.gz, as replay takes")
    ] = None,
    false_pages: Annotated[
        float | None, typer.Option("--false-pages", metavar="N", help="accepted a month per hundred homes")
    ] = None,
    limit: Annotated[
        list[str] | None, typer.Option("--limit", metavar="KIND=SURPRISE", help="the surprise a kind must have")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="as JSON")] = False,
    config: CONFIG = DEFAULT_CONFIG,
) -> None:
    """Plays a home's own past under other settings: which alerts would have come, gone, or been told at other times.

    Nothing is changed. The hub may be running.
    """
    from sensor_hub.commands.backtest_table import backtest_lines
    from sensor_hub.watch.backtest import backtest_row

    trial = _trial(false_pages, limit or [])
    if readings is None:
        described, result = _on_the_hub(home, config, trial)
    else:
        described, result = _on_files(Path(home), readings, trial)
    if as_json:
        typer.echo(json.dumps(backtest_row(result), ensure_ascii=False, indent=1))
        return
    typer.echo(f"{described.id}: its own past {_tried(trial)}")
    for line in backtest_lines(result, described.zone):
        typer.echo(line)


def outcomes_command(
    home: Annotated[str, typer.Argument(metavar="HOME", help="the home's id")],
    forget: Annotated[
        str | None, typer.Option("--forget", metavar="KIND", help="let outcomes of this kind move nothing any more")
    ] = None,
    config: CONFIG = DEFAULT_CONFIG,
) -> None:
    """Says how far people's outcomes have moved a home's limits, or undoes it for a kind (the hub must be running)."""
    from sensor_hub.commands.asking import ask_hub
    from sensor_hub.database_door import open_stores
    from sensor_hub.model.kind import KINDS, Kind
    from sensor_hub.settings import read_settings

    settings = read_settings(config)
    if forget is not None:
        kind = _kind(forget, list(Kind))
        # The running hub alone writes to the log.
        ask_hub(settings, f"/api/v1/homes/{home}/forget-outcomes", {"kind": kind}, method="POST")
        typer.echo(f"{home}: outcomes of {KINDS[kind].title!r} move nothing any more")
        return
    with closing(open_stores(settings).database) as database:
        from sensor_hub.storage.limit_board import SqlLimitBoard

        rows = SqlLimitBoard(database).shown(home)
    for row in rows:
        typer.echo(f"{row.kind}: {row.asked:+.1f} surprise ({row.false_ones} false, {row.true_ones} true)")
    if not rows:
        typer.echo(f"{home}: no outcome moves a limit")


def _trial(false_pages: float | None, limits: list[str]) -> Trial:
    """InputError where there is nothing to try, or it cannot be set."""
    from sensor_hub.model.dial import FEWEST_FALSE_PAGES, MOST_FALSE_PAGES, is_false_pages
    from sensor_hub.model.problem import InputError
    from sensor_hub.watch.backtest import LIMITS, Trial

    if false_pages is None and not limits:
        raise InputError("nothing to try", where="backtest", expected="--false-pages N or --limit KIND=SURPRISE")
    if false_pages is not None and not is_false_pages(false_pages):
        expected = f"a number from {FEWEST_FALSE_PAGES:g} to {MOST_FALSE_PAGES:g}"
        raise InputError(f"false pages {false_pages:g}", where="--false-pages", expected=expected)
    given = {}
    for text in limits:
        name, _, number = text.partition("=")
        try:
            given[_kind(name, list(LIMITS))] = float(number)
        except ValueError as error:
            raise InputError(f"{text!r} is no limit", where="--limit", expected="like inactivity=9") from error
    return Trial(false_pages, given)


def _kind(name: str, kinds: list[Kind]) -> Kind:
    from sensor_hub.model.problem import InputError

    found = next((kind for kind in kinds if kind == name), None)
    if found is None:
        raise InputError(f"{name!r} is no such kind", where="kind", expected=", ".join(kinds))
    return found


def _tried(trial: Trial) -> str:
    parts = [] if trial.false_pages is None else [f"with {trial.false_pages:g} false pages a month per hundred homes"]
    parts += [f"with {kind.value} told from a surprise of {limit:g}" for kind, limit in trial.limits.items()]
    return " and ".join(parts)


def _on_the_hub(home: str, config: Path, trial: Trial) -> tuple[Home, Backtest]:
    from sensor_hub.database_door import open_stores
    from sensor_hub.keeping.export import stored_log
    from sensor_hub.model.problem import InputError
    from sensor_hub.settings import read_settings
    from sensor_hub.watch.backtest import backtest

    stores = open_stores(read_settings(config))
    with closing(stores.database), stores.database.view():
        first, last = stores.log.first_home(home), stores.log.last_home(home)
        if first is None or last is None:
            raise InputError(f"no home {home!r} in the log", where=str(config), expected="a home's id")
        log = stored_log(stores, home, None, stores.memory.settled_tick())
        return last, backtest(first, _with_progress(log), trial)


def _on_files(home_file: Path, readings: Path, trial: Trial) -> tuple[Home, Backtest]:
    from sensor_hub.model.home import read_home
    from sensor_hub.model.problem import InputError
    from sensor_hub.watch.backtest import backtest
    from sensor_hub.watch.replay import read_log

    home, rejected = read_home(home_file), list[InputError]()
    result = backtest(home, _with_progress(read_log(readings, rejected.append)), trial)
    for error in rejected[:5]:
        typer.echo(f"rejected: {error}", err=True)
    return home, result


def _with_progress(log: Iterable[EntryT]) -> Iterator[EntryT]:
    """A sign of life for every month played."""
    from sensor_hub.model.moment import iso

    shown = None
    for entry in log:
        if shown is None:
            shown = entry.received
        elif entry.received >= shown + SHOWN_EVERY:
            shown = entry.received
            typer.echo(f"played up to {iso(shown)}", err=True)
        yield entry

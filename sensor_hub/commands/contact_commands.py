"""The commands about contacts: `sensor-hub contact list|test|verify`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from sensor_hub.desk.contact_book import StoredContacts

contact = typer.Typer(no_args_is_help=True, help="Shows whether notices reach the contacts; sends tests.")
CONFIG = Annotated[Path, typer.Option("--config", metavar="FILE", help="the hub's settings")]
DEFAULT_CONFIG = Path("hub.toml")
CONTACT = Annotated[str, typer.Argument(metavar="CONTACT", help="the contact's id")]
CHANNEL = Annotated[int, typer.Option("--channel", metavar="N", help="only the channel of this number; else all")]
WITHIN = Annotated[float, typer.Option("--within", metavar="SECONDS", help="how long to wait for what becomes of it")]
BY = "the command line"
ENDS = frozenset({"delivered", "arrived", "failed", "unknown", "withheld"})
LOOK_EVERY = 0.2


@contact.command("list")
def list_command(config: CONFIG = DEFAULT_CONFIG) -> None:
    """Shows all contacts with their channels, and what is known of each."""
    from sensor_hub.model.moment import iso

    with _book(config) as book:
        for row in book.rows():
            typer.echo(row.id)
            for channel in row.channels:
                what = "not confirmed"
                if channel.broken_since is not None:
                    what = f"takes nothing since {iso(channel.broken_since)}: {channel.why}"
                elif channel.verified_at is not None:
                    what = f"confirmed by {channel.verified_by}, {iso(channel.verified_at)}"
                typer.echo(f"  channel {channel.label}: {what}")


@contact.command("test")
def try_command(who: CONTACT, channel: CHANNEL = 0, within: WITHIN = 60.0, config: CONFIG = DEFAULT_CONFIG) -> None:
    """Sends a test by each of the contact's channels and says what became of it; exit code 1 if any did not go."""
    with _book(config) as book:
        sent = [(label, book.test(who, number, by=BY)) for number, label in _channels(book, who, channel)]
        has_failed = False
        for label, reference in sent:
            what = _became(book, reference or "", within)
            typer.echo(f"channel {label}: {what}")
            has_failed |= what not in {"delivered", "arrived"}
    if has_failed:
        raise typer.Exit(1)


@contact.command("verify")
def verify_command(
    who: CONTACT,
    code: Annotated[str, typer.Argument(metavar="[CODE]", help="what the contact got; else one is sent")] = "",
    channel: CHANNEL = 0,
    within: WITHIN = 60.0,
    config: CONFIG = DEFAULT_CONFIG,
) -> None:
    """Sends the contact a code by each channel; with the code, confirms the channel by which it came."""
    with _book(config) as book:
        if code:
            label = book.confirm(who, code, by=BY)
            said = "that is not the code that was sent last, or it is older than a day"
            typer.echo(f"{who}: {said}" if label is None else f"{who}: channel {label} is confirmed")
            if label is None:
                raise typer.Exit(1)
            return
        for number, label in _channels(book, who, channel):
            reference = book.send_code(who, number)
            typer.echo(f"channel {label}: code {_became(book, reference or '', within)}")
        typer.echo(f"Then: sensor-hub contact verify {who} CODE")


@contextmanager
def _book(config: Path) -> Iterator[StoredContacts]:
    """The contacts of a hub that may be running, with its own time."""
    from sensor_hub.clock import Clock
    from sensor_hub.database_door import open_stores
    from sensor_hub.desk.contact_book import StoredContacts
    from sensor_hub.dispatching import letterhead_of
    from sensor_hub.settings import read_settings

    settings = read_settings(config)
    stores = open_stores(settings)
    clock = Clock()
    letterhead = letterhead_of(settings, Clock(settings.pace))
    try:
        yield StoredContacts(stores, settings.plan, clock, letterhead)
    finally:
        stores.database.close()


def _channels(book: StoredContacts, who: str, number: int) -> list[tuple[int, str]]:
    from sensor_hub.model.problem import InputError

    rows = {row.id: row for row in book.rows()}
    if who not in rows:
        raise InputError(f"{who!r} is no contact", where="CONTACT", expected=f"one of {', '.join(rows)}")
    found = [(each.number, each.label) for each in rows[who].channels if number in {0, each.number}]
    if not found:
        expected = f"1 to {len(rows[who].channels)}"
        raise InputError(f"{who} has no channel {number}", where="--channel", expected=expected)
    return found


def _became(book: StoredContacts, reference: str, within: float) -> str:
    """The notice's state once it stays as it is, and why."""
    for _ in range(max(1, round(within / LOOK_EVERY))):
        lines = book.ledger_of(reference)
        if lines and lines[-1].state in ENDS:
            error = lines[-1].error
            return f"{lines[-1].state}: {error}" if error else lines[-1].state
        time.sleep(LOOK_EVERY)
    return "not sent yet; does the hub run? It goes when it does"

"""The commands about the chronology: `sensor-hub audit verify`, `show` and `export`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from sensor_hub.access.chain import Verdict
    from sensor_hub.storage.chronology import ChronologyBook

audit = typer.Typer(no_args_is_help=True, help="Who saw and did what.")
CONFIG = Annotated[Path, typer.Option("--config", metavar="FILE", help="the hub's settings")]
HOME = Annotated[str, typer.Option(metavar="HOME", help="about this home only")]
TENANT = Annotated[str, typer.Option(metavar="TENANT", help="of this tenant only")]
FROM = Annotated[str, typer.Option("--from", metavar="MOMENT", help="2026-01-05T00:00:00Z; else all")]
UNTIL = Annotated[str, typer.Option("--until", metavar="MOMENT", help="not included; else all")]
DEFAULT_CONFIG = Path("hub.toml")
HASH_DIGITS = 64


@audit.command("verify")
def verify_command(
    config: CONFIG = DEFAULT_CONFIG,
    anchor: Annotated[
        list[str] | None, typer.Option(metavar="HASH", help="an entry's hash, noted elsewhere: it must be there")
    ] = None,
    anchors: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="a file of anchors that was kept elsewhere")
    ] = None,
) -> None:
    """Finds any tampering with the chronology: exit 1, and what is wrong first. The hub may be running.

    It is compared with the anchors that the hub has written; what it was before them only others can say.
    """
    from sensor_hub.database_door import open_stores
    from sensor_hub.keeping.anchors import AnchorFile
    from sensor_hub.settings import read_settings

    settings = read_settings(config)
    hashes = [_hash(each) for each in anchor or ()]
    known = [each for file in (settings.anchors, *(anchors or ())) for each in AnchorFile(file).read()]
    stores = open_stores(settings)
    try:
        book = stores.chronology
        verdicts = book.examine(sorted(known, key=lambda each: each.at))
        wrong = sum([_tell(tenant, verdict) for tenant, verdict in verdicts.items()])
        wrong += sum([_tell_hash(book, each) for each in hashes])
    finally:
        stores.database.close()
    if not known and not hashes:
        typer.echo("note: no anchor is known, so that its end was cut off cannot be seen", err=True)
    if wrong:
        raise typer.Exit(1)


@audit.command("show")
def show_command(
    config: CONFIG = DEFAULT_CONFIG,
    home: HOME = "",
    who: Annotated[str, typer.Option(metavar="ID", help="by this account, token or contact only")] = "",
    act: Annotated[str, typer.Option(metavar="ACT", help="as saw, closed or refused")] = "",
    start: FROM = "",
    end: UNTIL = "",
    most: Annotated[int, typer.Option("--most", min=1, metavar="N", help="so many, the newest")] = 50,
) -> None:
    """Prints entries, the newest last. The hub may be running."""
    from sensor_hub.access.chronology import entry_of
    from sensor_hub.database_door import open_stores
    from sensor_hub.model.moment import iso
    from sensor_hub.settings import read_settings
    from sensor_hub.storage.chronology import Wanted

    wanted = Wanted(
        homes=[home] if home else None,
        who=who or None,
        act=act or None,
        start=_moment(start, "--from"),
        end=_moment(end, "--until"),
    )
    stores = open_stores(read_settings(config))
    try:
        rows = stores.chronology.newest(wanted, limit=most)
    finally:
        stores.database.close()
    for row in reversed(rows):
        entry = entry_of(row)
        role = f" ({entry.role})" if entry.role else ""
        said = (f"{entry.who or '-'}{role}", entry.act, entry.home, entry.about, entry.detail)
        typer.echo("  ".join((iso(entry.at), f"{entry.tenant or 'hub'}/{row.number}", *filter(None, said))))


@audit.command("export")
def export_command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="where the files go")],
    config: CONFIG = DEFAULT_CONFIG,
    home: HOME = "",
    tenant: TENANT = "",
    start: FROM = "",
    end: UNTIL = "",
) -> None:
    """Writes entries for an inspector, to read and with what is needed to check them. The hub may be running."""
    from sensor_hub.access.chronology import Act
    from sensor_hub.act_notes import note_act
    from sensor_hub.clock import Clock
    from sensor_hub.database_door import open_stores
    from sensor_hub.keeping.anchors import AnchorFile
    from sensor_hub.keeping.chronology_export import Asked, export_chronology
    from sensor_hub.settings import read_settings

    settings = read_settings(config)
    asked = Asked(tenant or None, home or None, _moment(start, "--from"), _moment(end, "--until"))
    stores = open_stores(settings)
    try:
        if home and not tenant:
            asked = Asked(stores.tenants.of(home), home, asked.start, asked.end)
        at = Clock().wall()
        note_act(stores.database, Act.EXPORTED, at, home=home, about="chronology", detail=asked.words)
        anchors = AnchorFile(settings.anchors).read()
        count, wrong = export_chronology(stores.chronology, anchors, asked, folder, made=at)
    finally:
        stores.database.close()
    typer.echo(f"{count} entries in {folder}; README.txt says how to check them")
    for each in wrong:
        typer.echo(f"WRONG: {each}", err=True)
    if wrong:
        raise typer.Exit(1)


def _tell(tenant: str, verdict: Verdict) -> int:
    """Says what became of a chain; 1 where it is wrong."""
    name = tenant or "the hub itself"
    for each in verdict.lost:
        typer.echo(f"{name}: {each}")
    if verdict.finding is not None:
        finding = verdict.finding
        typer.echo(f"{name}: WRONG at entry {finding.number} ({finding.fault.value}): {finding.words}")
        return 1
    span = f"entries {verdict.first} to {verdict.last} are whole, {verdict.anchors_met} anchors met"
    typer.echo(f"{name}: {span}; the last one has the hash {verdict.head.hex()}")
    return 0


def _tell_hash(book: ChronologyBook, hash_: bytes) -> int:
    found = book.find(hash_)
    if found is None:
        typer.echo(
            f"WRONG: no entry has the hash {hash_.hex()}: the end was cut off, all was written anew since,"
            " or the database is an older copy"
        )
        return 1
    typer.echo(f"{hash_.hex()[:16]}… is entry {found[1]} of {found[0] or 'the hub itself'}")
    return 0


def _hash(text: str) -> bytes:
    from sensor_hub.model.problem import InputError

    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(text) != HASH_DIGITS or len(found) * 2 != HASH_DIGITS:
        raise InputError(f"{text!r} is no hash", where="--anchor", expected=f"{HASH_DIGITS} digits 0 to 9 and a to f")
    return found


def _moment(text: str, where: str) -> float | None:
    from sensor_hub.model.moment import parse_moment
    from sensor_hub.model.problem import InputError

    try:
        return parse_moment(text) if text else None
    except ValueError as error:
        raise InputError(str(error), where=where, expected="2026-01-05T00:00:00Z") from error

"""The chronology, or what of it is about a home or a time, as files for an inspector, who can check them."""

from __future__ import annotations

import csv
import html
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple, TextIO

from sensor_hub.access.chain import Anchor
from sensor_hub.access.chronology import BEGINNING, FIELDS, Act, ChronologyEntry, Row, digest_of, entry_of
from sensor_hub.keeping.anchors import line_of
from sensor_hub.model.moment import iso
from sensor_hub.storage.chronology import ChronologyBook

COLUMNS = ("at", "tenant", "number", "who", "role", "act", "home", "about", "detail")
README = """\
Who saw and did what: an export of sensor-hub's chronology, made {made}.
Asked for: {asked}.
{findings}
chronology.html, chronology.csv   the entries, to read
chronology-*.jsonl                the same with their hashes, a chain for each tenant
anchors.jsonl                     numbers and hashes of entries, as the hub noted them outside of its database
verify.py                         checks the chains and the anchors: python3 verify.py

How the hashes are made. The bytes of an entry are the JSON array [at_ms, tenant, who, role, act, home, about, detail,
salt], written without spaces and in UTF-8, with no more escapes than JSON asks for (RFC 8785). Its digest is the
SHA-256 of these bytes; its hash is the SHA-256 of the hash of the entry before and of this digest, as 64 bytes.
"before" in the first line is the hash of the entry before the first one here, 32 zero bytes before the first of all.
Entries that nobody asked for have only their digest here: they cannot be read, and none can be missing or moved.

What this shows, and what not. Whoever changes, adds or takes away an entry, and does not write all hashes behind it
anew, is found by verify.py. Whoever does so is found by an anchor that was noted before, where they could not change
it: compare anchors.jsonl with what you have from elsewhere (the hub's log, its backups, an earlier export). "at" is UTC
by the clock of the hub. "who" is an account, a token or a contact, "password:NAME" whoever signed in with the hub's
first password under that name, and for the role "operator" a user of the hub's own machine.
"""
HTML_HEAD = """\
<!doctype html><html lang="en"><meta charset="utf-8"><title>Chronology</title>
<style>body{font:16px/1.4 sans-serif}td,th{text-align:left;vertical-align:top;padding:2px 12px 2px 0}</style>
<h1>Who saw and did what</h1><table><thead><tr>"""


@dataclass(frozen=True, slots=True)
class Asked:
    """What an inspector asks for; None: all."""

    tenant: str | None = None
    home: str | None = None
    start: float | None = None
    end: float | None = None

    def holds(self, entry: ChronologyEntry) -> bool:
        return (self.home is None or entry.home == self.home or entry.act == Act.CUT) and self.spans(entry.at)

    def spans(self, at: float) -> bool:
        return (self.start is None or at >= self.start) and (self.end is None or at < self.end)

    @property
    def words(self) -> str:
        home = "everything" if self.home is None else f"what is about the home {self.home}"
        tenant = "" if self.tenant is None else f", of the tenant {self.tenant or '(the hub itself)'}"
        start = "" if self.start is None else f", from {iso(self.start)}"
        end = "" if self.end is None else f", until {iso(self.end)}"
        return f"{home}{tenant}{start}{end}"


class _Span(NamedTuple):
    first: int
    last: int
    before: bytes
    """The hash of the entry before the first."""


def export_chronology(
    book: ChronologyBook, anchors: Sequence[Anchor], asked: Asked, folder: Path, *, made: float
) -> tuple[int, list[str]]:
    """Writes the files; how many entries they show, and what is wrong with the chronology."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    verdicts = book.examine(anchors)
    with book.database.view():
        tenants = [each for each in book.tenants() if asked.tenant in {None, each}]
        wrong = [f"{name or 'the hub'}: {each.finding.words}" for name, each in verdicts.items() if each.finding]
        with (
            (folder / "chronology.csv").open("w", encoding="utf-8", newline="") as table,
            (folder / "chronology.html").open("w", encoding="utf-8") as page,
        ):
            count = _write_all(book, tenants, anchors, asked, folder, _Readable(table, page))
    told = [each for each in anchors if each.tenant in tenants]
    (folder / "anchors.jsonl").write_text("".join(line_of(each) + "\n" for each in told), encoding="utf-8")
    findings = "".join(f"WRONG: {each}\n" for each in wrong)
    readme = README.format(made=iso(made), asked=asked.words, findings=findings)
    (folder / "README.txt").write_text(readme, encoding="utf-8")
    script = files("sensor_hub.keeping").joinpath("verify_export.py").read_text(encoding="utf-8")
    (folder / "verify.py").write_text(script, encoding="utf-8")
    return count, wrong


class _Readable:
    """The entries for people's eyes."""

    def __init__(self, table: TextIO, page: TextIO) -> None:
        self._table = csv.writer(table)
        self._page = page
        self.count = 0
        self._table.writerow(COLUMNS)
        page.write(HTML_HEAD + "".join(f"<th>{each}</th>" for each in COLUMNS) + "</tr></thead><tbody>\n")

    def add(self, number: int, entry: ChronologyEntry) -> None:
        self.count += 1
        said = (entry.who, entry.role, entry.act, entry.home, entry.about, entry.detail)
        cells = [iso(entry.at), entry.tenant, str(number), *said]
        self._table.writerow(cells)
        self._page.write("<tr>" + "".join(f"<td>{html.escape(each)}</td>" for each in cells) + "</tr>\n")


def _write_all(
    book: ChronologyBook,
    tenants: Sequence[str],
    anchors: Sequence[Anchor],
    asked: Asked,
    folder: Path,
    readable: _Readable,
) -> int:
    for tenant in tenants:
        span = _span(book, tenant, asked, [each.number for each in anchors if each.tenant == tenant])
        if span is not None:
            with (folder / f"chronology-{tenant or 'hub'}.jsonl").open("w", encoding="utf-8") as chain:
                for line in _lines(book, tenant, asked, span, readable):
                    chain.write(json.dumps(line, ensure_ascii=False, default=repr) + "\n")
    return readable.count


def _span(book: ChronologyBook, tenant: str, asked: Asked, anchored: Sequence[int]) -> _Span | None:
    """From the first entry of the time that is asked for to its last; on to the next that an anchor knows."""
    first, last, head, before = 0, 0, 0, book.last_cut(tenant) or BEGINNING
    shown_before = before
    for row in book.rows(tenant):
        head = row.number
        if asked.spans(entry_of(row).at):
            if not first:
                first, shown_before = row.number, before
            last = row.number
        before = row.hash
    if not first:
        return None
    following = [number for number in anchored if last <= number <= head]
    return _Span(first, min(following, default=last), shown_before)


def _lines(
    book: ChronologyBook, tenant: str, asked: Asked, span: _Span, readable: _Readable
) -> Iterator[dict[str, object]]:
    yield {"tenant": tenant, "first": span.first, "last": span.last, "before": span.before.hex()}
    for row in book.rows(tenant, after=span.first - 1):
        if row.number > span.last:
            return
        entry = entry_of(row)
        if asked.holds(entry):
            readable.add(row.number, entry)
            yield _whole(row, entry.at)
        else:
            digest = digest_of(row.fields, row.salt)
            yield {"number": row.number, "digest": digest.hex(), "hash": row.hash.hex()}


def _whole(row: Row, at: float) -> dict[str, object]:
    fields = dict(zip(FIELDS, row.fields, strict=True))
    return {"number": row.number, "at": iso(at), **fields, "salt": row.salt.hex(), "hash": row.hash.hex()}

"""Whether a chain of the chronology is whole, and what is wrong with it first.

A chain alone shows what was changed, put in, moved or taken out of its middle. That its end was taken away, or that an
older copy stands in its place, shows only against an `Anchor`: the number and hash of an entry, noted elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from sensor_hub.access.chronology import BEGINNING, Act, Row, follows

Rows = Callable[[], Iterable[Row]]
"""Reads a chain from its first row, by number; may be asked again."""


class Anchor(NamedTuple):
    """That the chain had an entry with this number and hash at a moment."""

    at: float
    tenant: str
    number: int
    """0 and `BEGINNING`: it had none."""
    hash: bytes
    is_restore: bool = False
    """A backup was put in place then, of which this was the last entry: what followed before is lost, and known to."""


class Fault(StrEnum):
    CHANGED = "changed"
    REMOVED = "removed from the middle"
    BEGINNING_REMOVED = "removed from the beginning"
    END_REMOVED = "removed from the end"
    INSERTED = "inserted"
    MOVED = "moved"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Finding:
    """The first thing that is wrong with a chain."""

    number: int
    """Of the first row that is not what it was."""
    fault: Fault
    words: str


@dataclass(slots=True)
class Verdict:
    """What became of looking at a chain, up to the first fault."""

    finding: Finding | None = None
    first: int = 1
    last: int = 0
    head: bytes = BEGINNING
    anchors_met: int = 0
    """How many anchors were compared with their row and found true."""
    lost: list[str] = field(default_factory=list)
    """What is known to be gone: cut by retention, or lost by a restore."""


def examine(rows: Rows, anchors: Sequence[Anchor] = ()) -> Verdict:
    """Looks at all rows of one tenant's chain, and at its anchors, oldest first."""
    verdict = Verdict()
    standing = _standing(anchors, verdict)
    verdict.finding = _follow(rows, standing, verdict) or _missing(standing, verdict)
    return verdict


def _standing(anchors: Sequence[Anchor], verdict: Verdict) -> list[Anchor]:
    """The anchors that hold still: a restore makes those void that were ahead of it."""
    standing: list[Anchor] = []
    for anchor in anchors:
        if anchor.is_restore:
            most = max((each.number for each in standing), default=0)
            if most > anchor.number:
                verdict.lost.append(f"entries from {anchor.number + 1} to at least {most} were lost by a restore")
            standing = [each for each in standing if each.number <= anchor.number]
        standing.append(anchor)
    return standing


def _follow(rows: Rows, anchors: Sequence[Anchor], verdict: Verdict) -> Finding | None:
    """The first row that does not follow from those before it, or is not what an anchor says."""
    before, older = BEGINNING, b""
    first: Row | None = None
    cut: tuple[int, bytes] | None = None
    told = _by_number(anchors)
    for row, following in _pairs(rows()):
        if type(row.number) is not int:
            # SQLite keeps anything anywhere.
            words = f"the number of a row behind entry {verdict.last} is none"
            return Finding(verdict.last + 1, Fault.CHANGED, words)
        if first is None:
            first = row
            verdict.first = row.number
        elif row.number != verdict.last + 1:
            return _gap(verdict.last, row.number)
        # Where the chain was cut, what stood before its first row is told by an entry further on.
        if (row is not first or row.number == 1) and not follows(before, row):
            return _diagnose(rows, Place(older, before, row, following))
        if (finding := _against(told.get(row.number, ()), row, verdict)) is not None:
            return finding
        cut = _cut(row) or cut
        older, before = before, row.hash
        verdict.last, verdict.head = row.number, row.hash
    return None if first is None else _begins(first, cut, told, verdict)


def _begins(
    first: Row, cut: tuple[int, bytes] | None, told: dict[int, list[Anchor]], verdict: Verdict
) -> Finding | None:
    """Whether the chain begins where its last cut says, or with its first entry."""
    upto, before = cut or (0, BEGINNING)
    if first.number > upto + 1:
        words = f"entries {upto + 1} to {first.number - 1} are gone, and no entry says that they were cut"
        return Finding(upto + 1, Fault.BEGINNING_REMOVED, words)
    if first.number <= upto:
        words = f"entries up to {upto} were cut, and {first.number} is there"
        return Finding(first.number, Fault.INSERTED, words)
    if not follows(before, first):
        return Finding(first.number, Fault.CHANGED, f"entry {first.number} is not the one that stood behind the cut")
    if upto:
        verdict.lost.insert(0, f"entries up to {upto} were cut by retention")
        for anchor in told.get(upto, ()):
            if anchor.hash != before:
                return Finding(upto, Fault.REPLACED, f"entry {upto}, which was cut, was another by an anchor")
            verdict.anchors_met += 1
    return None


def _against(anchors: Sequence[Anchor], row: Row, verdict: Verdict) -> Finding | None:
    for anchor in anchors:
        if anchor.hash != row.hash:
            words = (
                f"entry {row.number} is another than its anchor says, though what is there hangs together:"
                " an older copy went on, or all from some entry on was written anew"
            )
            return Finding(row.number, Fault.REPLACED, words)
        verdict.anchors_met += 1
    return None


def _missing(anchors: Sequence[Anchor], verdict: Verdict) -> Finding | None:
    """What anchors know of behind the last row."""
    most = max((anchor.number for anchor in anchors), default=0)
    if most <= verdict.last:
        return None
    words = (
        f"entries {verdict.last + 1} to {most} are gone: they were taken away, or the database is an older copy"
        " that was not put in place by sensor-hub restore"
    )
    return Finding(verdict.last + 1, Fault.END_REMOVED, words)


class Place(NamedTuple):
    """A row that does not follow, and what is around it."""

    older: bytes
    """The hash of the row two before; empty: there is none."""
    before: bytes
    row: Row
    following: Row | None


def _diagnose(rows: Rows, place: Place) -> Finding:
    row, following = place.row, place.following
    number = row.number
    twin = next((other.number for other in rows() if other.hash == row.hash and other.number != number), None)
    if twin is not None:
        return Finding(number, Fault.INSERTED, f"entry {number} is a copy of entry {twin}")
    if place.older and follows(place.older, row):
        return Finding(number - 1, Fault.INSERTED, f"entry {number - 1} was put in: the next one does not know it")
    home = next((other.number for other in rows() if follows(other.hash, row)), None)
    if home is not None:
        words = f"entry {number} stood elsewhere: behind what is entry {home} now"
        return Finding(number, Fault.MOVED, words)
    if following is not None and follows(place.before, following):
        return Finding(number, Fault.INSERTED, f"entry {number} was put in: the next one does not know it")
    words = (
        f"entry {number} is not what was written"
        " (or entries before it were taken out and the numbers behind them closed up)"
    )
    return Finding(number, Fault.CHANGED, words)


def _gap(last: int, number: int) -> Finding:
    if number <= last:
        return Finding(number, Fault.MOVED, f"entry {number} stands behind entry {last}")
    gone = f"entry {last + 1} is" if number == last + 2 else f"entries {last + 1} to {number - 1} are"
    return Finding(last + 1, Fault.REMOVED, f"{gone} gone")


def _cut(row: Row) -> tuple[int, bytes] | None:
    """The number and hash of the last entry that was cut, where the row says so."""
    if row.act != Act.CUT:
        return None
    try:
        return int(str(row.about)), bytes.fromhex(str(row.detail))
    except ValueError:
        return None


def _by_number(anchors: Sequence[Anchor]) -> dict[int, list[Anchor]]:
    found: dict[int, list[Anchor]] = {}
    for anchor in anchors:
        found.setdefault(anchor.number, []).append(anchor)
    return found


def _pairs(rows: Iterable[Row]) -> Iterator[tuple[Row, Row | None]]:
    """Each row with the one behind it."""
    last: Row | None = None
    for row in rows:
        if last is not None:
            yield last, row
        last = row
    if last is not None:
        yield last, None

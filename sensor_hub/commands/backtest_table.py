"""What a back-test found, as lines to read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from sensor_hub.model.alert import Outcome
from sensor_hub.model.kind import KINDS
from sensor_hub.watch.backtest import Backtest, Pair, Told

HEAD = ("change", "what", "urgency", "since", "was told", "would be told", "said to be")
CHANGES = ("gone", "new", "later", "earlier", "same")


def backtest_lines(result: Backtest, zone: ZoneInfo) -> Iterator[str]:
    """A table of the alerts that would differ, how many would not, then pages a week and the recorded outcomes."""
    rows = [_cells(pair, zone) for pair in result.pairs if pair.change != "same"]
    if rows:
        widths = [max(len(row[column]) for row in (HEAD, *rows)) for column in range(len(HEAD))]
        for row in (HEAD, *rows):
            yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    same = len(result.pairs) - len(rows)
    yield f"{same} alert{'' if same == 1 else 's'} would be the same; {len(rows)} would differ."
    weeks = max(result.weeks, 1e-9)
    before, after = result.pages(after=False), result.pages(after=True)
    yield (
        f"Pages a week: {before / weeks:.2f} before, {after / weeks:.2f} after"
        f" ({before} and {after} in {result.weeks:.1f} weeks)."
    )
    yield from _outcomes(result)


def _outcomes(result: Backtest) -> Iterator[str]:
    """On which side recorded outcomes fall."""
    counts = result.outcomes()
    for outcome in Outcome:
        found = [(counts[outcome, change], change) for change in CHANGES if (outcome, change) in counts]
        if found:
            parts = ", ".join(f"{count} {change}" for count, change in found)
            yield f"Said to be {outcome.value}: {sum(count for count, _ in found)} ({parts})."
    if not counts:
        yield "Nobody has said of any of these alerts whether it was true or false."


def _cells(pair: Pair, zone: ZoneInfo) -> tuple[str, ...]:
    told = pair.either
    what = KINDS[told.kind].title + (f" ({told.subject})" if told.subject else "")
    change = pair.change if pair.hours is None else f"{abs(pair.hours):.1f} h {pair.change}"
    outcome = "" if pair.outcome is None else pair.outcome.value
    times = (_clock(told.since, zone), _told(pair.before, zone), _told(pair.after, zone))
    return (change, what, told.urgency.value, *times, outcome)


def _told(told: Told | None, zone: ZoneInfo) -> str:
    return "–" if told is None else _clock(told.counted_at, zone)


def _clock(at: float, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(at, zone):%Y-%m-%d %H:%M}"

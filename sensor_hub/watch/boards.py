"""What the pages show of a home's last tick: what cannot be told, what outcomes have moved, how each alert is now.

Written where it differs from what stood there. No part of the log, of alerts or of what is told about them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sensor_hub.engine.dial import own_limits
from sensor_hub.model.finding import Blind, Finding, Learning, NotAgreed, Unfitted
from sensor_hub.model.kind import HOME_KINDS
from sensor_hub.watch.home_watch import HomeWatch
from sensor_hub.watch.ports import CoverageRow, LimitRow, NowRow, Stores

LOST = "a rule of this program failed on this home's log; see the hub's own log"


@dataclass(slots=True)
class Boards:
    """One home's, and what stands there; None: not known."""

    stores: Stores
    home: str
    coverage: tuple[CoverageRow, ...] | None = None
    limits: tuple[LimitRow, ...] | None = None
    now: tuple[NowRow, ...] | None = None

    def show(self, watch: HomeWatch, at: float) -> None:
        """What `watch` said at the tick `at`."""
        findings = watch.findings
        if findings is None:
            return
        self._show_coverage(tuple(_rows(findings)), at)
        own = own_limits(watch.engine.state)
        limits = tuple(LimitRow(each.kind, each.asked, each.false_ones, each.true_ones) for each in own)
        if limits != self.limits:
            self.stores.limits.show(self.home, limits)
            self.limits = limits
        self._show_now(tuple(NowRow(*each) for each in watch.state.episodes.now(findings)))

    def show_lost(self, at: float) -> None:
        """A rule failed: nothing is watched any more."""
        self._show_coverage(tuple(CoverageRow(kind, "", "blind", LOST) for kind in HOME_KINDS), at)
        self._show_now(())

    def _show_coverage(self, rows: tuple[CoverageRow, ...], at: float) -> None:
        if rows != self.coverage:
            self.stores.coverage.show(self.home, at, rows)
            self.coverage = rows

    def _show_now(self, rows: tuple[NowRow, ...]) -> None:
        if rows != self.now:
            self.stores.now.show(self.home, rows)
            self.now = rows


def _rows(findings: Sequence[Finding]) -> Iterable[CoverageRow]:
    for finding in findings:
        if isinstance(finding, Blind):
            yield CoverageRow(finding.kind, finding.subject, "blind", finding.reason)
        elif isinstance(finding, Learning):
            yield CoverageRow(finding.kind, finding.subject, "learning", finding.reason)
        elif isinstance(finding, Unfitted):
            yield CoverageRow(finding.kind, finding.subject, "not fitted", finding.reason)
        elif isinstance(finding, NotAgreed):
            yield CoverageRow(finding.kind, finding.subject, "not agreed", finding.reason)

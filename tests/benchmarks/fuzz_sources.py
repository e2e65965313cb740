"""A million damaged messages through every source: none may end the gateway, and its memory must stay as it is.

    python -m tests.benchmarks.fuzz_sources [--messages 1000000] [--seed 1]

Half of them go to one intake of all sources, half to that of a lone source, as the daemon builds it. Prints the
figures; exit 1 where the gateway failed on a message, lost count of a rejection, or grew.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

import psutil
from paho.mqtt.client import topic_matches_sub

from gateway.intake import BROKEN, SOURCES, Intake, build_intake, build_whole_intake
from tests.gateway.adapters.fuzz import row

WARM = 0.4
"""The share of the messages after which all bounded memories are full."""
MAY_GROW = 4.0
"""MiB from then on: the allocator's own unrest."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    whole = build_whole_intake()
    alone = [build_intake((source,)) for source in SOURCES]
    told: Counter[str] = Counter()
    readings = silent = 0
    warm, peak, slowest, started = 0.0, 0.0, 0.0, time.perf_counter()
    for number, message in enumerate(row(args.seed, args.messages)):
        intake = whole if number % 2 else _lone(alone, message.topic, whole)
        begun = time.perf_counter()
        decoded = intake.decode(message)
        slowest = max(slowest, time.perf_counter() - begun)
        readings += len(decoded.readings)
        silent += not decoded.readings and not decoded.rejected
        told.update(one.reason for one in decoded.rejected)
        if number == int(args.messages * WARM):
            warm = _memory()
        if number % 10_000 == 0:
            peak = max(peak, _memory())
            print(f"\r{number:,} messages, {_memory():.1f} MiB", end="", file=sys.stderr)
    spent, end = time.perf_counter() - started, _memory()
    print(file=sys.stderr)
    counted: Counter[str] = Counter()
    for intake in (whole, *alone):
        counted.update(intake.rejected)
    print(f"{args.messages:,} messages in {spent:.0f} s, {spent / args.messages * 1e6:.0f} µs each with their making")
    print(f"slowest {slowest * 1000:.0f} ms; {readings:,} readings; {silent:,} said nothing that was to be told")
    print(f"memory {warm:.1f} MiB after {WARM:.0%}, {end:.1f} MiB at the end, {peak:.1f} MiB at most")
    print(
        f"{told.total():,} rejections, {counted.total():,} of them counted, {told[BROKEN]} by the gateway's own fault"
    )
    for reason, count in told.most_common():
        print(f"    {count:>9,}  {reason}")
    for intake in (whole, *alone):
        for kept in list(intake.kept)[:3]:
            print("    failed on", kept.topic, kept.payload[:200])
    return int(bool(told[BROKEN]) or told != counted or end - warm > MAY_GROW)


def _lone(alone: list[Intake], topic: str, whole: Intake) -> Intake:
    """The intake that subscribed to the topic."""
    return next((one for one in alone if any(topic_matches_sub(known, topic) for known in one.topics[:8])), whole)


def _memory() -> float:
    return float(psutil.Process().memory_info().rss) / 2**20


if __name__ == "__main__":
    sys.exit(main())

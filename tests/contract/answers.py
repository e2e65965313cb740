"""Prints which engine runs, all that it says of an eventful home, and what it remembers at the end, as a digest."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from sensor_hub.compiled.loader import why_pure
from sensor_hub.model.entry import Arrival
from sensor_hub.watch.home_watch import HomeWatch
from tests.contract.test_engine import HOME, LOG
from tests.homes import alert_line


def main() -> None:
    print("pure" if why_pure() else "compiled")
    watch = HomeWatch.begin(HOME)
    for place, (received, reading) in enumerate(LOG):
        if place % 20_000 == 0:
            watch = HomeWatch.restore(watch.snapshot())
        # As files and gateways give it.
        entry = Arrival(received, replace(reading, value=float(reading.value)))
        for change in watch.feed(entry):
            print(alert_line(change))
    print(hashlib.sha256(watch.snapshot()).hexdigest())


if __name__ == "__main__":
    main()

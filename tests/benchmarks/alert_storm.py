"""How long the hub takes to decide and tell when many homes need somebody at once, and how many notices that gives.

    python -m tests.benchmarks.alert_storm [--homes 2000] [--cold 200]

Through the real worker and its database, without sending: what is measured is what stands between the engine's finding
and the outbox.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sensor_hub.model.kind import Kind
from sensor_hub.model.moment import HOUR, MINUTE
from tests.alerts.storms import Night, T, cleared, homes, raised


def timed(act: Callable[[], object]) -> float:
    """Milliseconds of the processor's and the disk's time."""
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def storm(folder: Path, count: int) -> None:
    night = Night(folder, homes(count))
    silent = [
        raised(f"flat-{number}", Kind.GATEWAY_SILENT, since=T - HOUR + number % 300, subject="gateway")
        for number in range(count)
    ]
    print(f"{count} homes fall silent within five minutes")
    print(f"  found and written down:      {timed(lambda: night.find(*silent)):8.0f} ms")
    night.time.at += 15 * MINUTE
    print(f"  judged: one alert covers all: {timed(night.worker.move):7.0f} ms")
    print(f"  a turn while it lasts:       {timed(night.worker.move):8.1f} ms")
    night.deliver()
    over = [cleared(each, night.time.at) for each in silent[count // 50 :]]
    print(f"  {len(over)} are heard again:       {timed(lambda: night.find(*over)):8.0f} ms")
    night.pass_(60)
    told = {contact.id: len(night.told(contact.id)) for contact in night.plan.contacts}
    print(f"  notices: {told}, with {len(night.references('fitter')) - 1} homes that stayed silent")
    night.stores.database.close()


def cold(folder: Path, count: int) -> None:
    night = Night(folder, homes(count))
    alerts = [
        raised(f"flat-{number}", Kind.COLD, at=T + number % 24 * 5 * MINUTE, temperature=8 + number % 70 / 10)
        for number in range(count)
    ]
    print(f"{count} homes are cold in one night, found over two hours")
    longest = 0.0
    for found_at in sorted({each.at for each in alerts}):
        night.time.at = found_at
        night.find(*(each for each in alerts if each.at == found_at))
        longest = max(longest, timed(night.worker.move))
    night.pass_(15)
    sizes = [len(notice.body.split("(ref ")) - 1 for notice in night.told("carers")]
    print(
        f"  notices to the team: {len(sizes)}, of {sizes} homes; references in them: {len(night.references('carers'))}"
    )
    print(f"  longest turn: {longest:.0f} ms")
    night.pass_(7 * 60)
    print(f"  notices in the morning to who follows and had quiet hours: {len(night.told('office'))}")
    night.stores.database.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--homes", type=int, default=2000)
    parser.add_argument("--cold", type=int, default=200)
    asked = parser.parse_args()
    logging.disable(logging.ERROR)
    for act, count in ((storm, asked.homes), (cold, asked.cold)):
        with tempfile.TemporaryDirectory() as folder:
            act(Path(folder), count)


if __name__ == "__main__":
    main()

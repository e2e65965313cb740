"""From a device's alarm to the mail server's acceptance, at a steady number of alarms a second.

    python -m tests.benchmarks.alert_to_mail --rate 10 --seconds 60

The whole hub as a program, its own broker, and a real mail server with STARTTLS and a login on the loopback. Each home
raises one alarm. Prints, in seconds, how long after the reading was published its mail was accepted; and of that, how
long the hub took to raise the alert.
"""

from __future__ import annotations

import argparse
import re
import sqlite3
import statistics
import tempfile
import time
import warnings
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from sensor_hub.model.home import Device, Home
from sensor_hub.model.metric import Metric
from sensor_hub.model.reading import Reading
from sensor_hub.model.room import Room
from sensor_hub.model.wire import Batch, encode_batch, topic
from tests.dispatch.mail_server import Box, MailServer
from tests.hub_program import HubProgram
from tests.waiting import wait_for

warnings.filterwarnings("ignore", category=DeprecationWarning, module="aiosmtpd")

HOME_IN_SUBJECT = re.compile(r"home-\d+")


@dataclass
class TimedBox(Box):
    accepted: dict[str, float] = field(default_factory=dict)
    """The real moment at which a home's first mail was taken."""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        answer = await super().handle_DATA(server, session, envelope)
        named = HOME_IN_SUBJECT.search(self.subjects()[-1])
        if named is not None:
            self.accepted.setdefault(named.group(), time.time())
        return answer


def button_home(number: int) -> Home:
    devices = (
        Device("button", Room.LIVING, frozenset({Metric.SOS}), 86400.0),
        Device("gateway", Room.HALL, frozenset({Metric.ONLINE}), 86400.0),
    )
    return Home(f"home-{number}", "Europe/London", 1, devices)


def raise_alarms(hub: HubProgram, homes: Sequence[Home], rate: float) -> dict[str, float]:
    """Publishes one alarm a home at this rate; when each was."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv311)
    client.username_pw_set(*hub.login())
    client.connect("127.0.0.1", hub.mqtt_port)
    client.loop_start()
    published = {}
    begun = time.monotonic()
    for number, home in enumerate(homes):
        time.sleep(max(0.0, begun + number / rate - time.monotonic()))
        at = round(time.time(), 3)
        batch = Batch("s1", 0, 0, 1, "b1", [Reading(at, "button", Metric.SOS, 1.0)])
        published[home.id] = time.time()
        client.publish(topic("local", home.id, "readings"), encode_batch(batch), qos=1)
    time.sleep(1.0)
    client.disconnect()
    client.loop_stop()
    return published


def alert_moments(data: Path) -> dict[str, float]:
    """When the ledger first named each home's notice."""
    select = "SELECT home, min(made_ms) FROM notice JOIN alert ON alert.id = notice.alert GROUP BY home"
    with closing(sqlite3.connect(data / "hub.db")) as connection:
        return {home: made / 1000 for home, made in connection.execute(select)}


def told(name: str, seconds: Sequence[float]) -> str:
    cuts = statistics.quantiles(seconds, n=100)
    return f"{name}: p50 {cuts[49]:.3f} s, p99 {cuts[98]:.3f} s, worst {max(seconds):.3f} s"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=10.0, help="alarms a second")
    parser.add_argument("--seconds", type=float, default=60.0)
    wanted = parser.parse_args()
    homes = [button_home(number) for number in range(round(wanted.rate * wanted.seconds))]
    with tempfile.TemporaryDirectory() as name:
        box = TimedBox()
        server = MailServer(Path(name), box=box)
        contact = f"[[contact]]\nid = 'team'\ndetail = 'full'\naddress = '{server.address()}'\n"
        hub = HubProgram(Path(name) / "hub", homes, tables=contact)
        hub.write()
        hub.start()
        try:
            hub.wait_ready()
            published = raise_alarms(hub, homes, wanted.rate)
            wait_for(lambda: len(box.accepted) == len(homes), within=300, what="the last mail")
            made = alert_moments(hub.folder / "hub-data")
        finally:
            hub.clear()
            server.stop()
    print(f"{len(homes)} alarms at {wanted.rate:g} a second, {len(box.mails)} mails")
    print(told("reading published to mail accepted", [box.accepted[home] - at for home, at in published.items()]))
    print(told("of that, to the notice in the ledger", [made[home] - at for home, at in published.items()]))
    print(told("of that, from there to the mail server", [box.accepted[home] - at for home, at in made.items()]))


if __name__ == "__main__":
    main()

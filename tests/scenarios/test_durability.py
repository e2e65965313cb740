"""Whatever is killed and whenever: nothing is lost, nothing is there twice, and no alert goes untold."""

from __future__ import annotations

import gzip
import json
import random
import re
import threading
import time
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pytest

from sensor_hub.alerts.routing import Reason
from sensor_hub.model.alert import alert_line
from sensor_hub.model.home import Device, Home, read_home
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import iso, parse_moment
from sensor_hub.model.pace import Pace
from sensor_hub.model.reading import Reading
from sensor_hub.model.room import Room
from sensor_hub.model.wire import Batch, encode_batch
from sensor_hub.storage.database import Database
from sensor_hub.watch.replay import read_log, replay
from tests.brokers import Broker, start_nats
from tests.dispatch.mail_server import MailServer
from tests.homes import moment
from tests.hub_program import HubProgram
from tests.ingest.gateway_client import GatewayClient
from tests.postgres import OwnServer
from tests.waiting import wait_for

START, SPEED = moment("2026-01-05 08:00"), 1440.0
HOME = Home(
    "h1",
    "Europe/London",
    1,
    (
        Device("climate", Room.LIVING, frozenset({Metric.TEMPERATURE}), 3600.0),
        Device("motion", Room.LIVING, frozenset({Metric.MOTION}), 3600.0),
        Device("gateway", Room.HALL, frozenset({Metric.ONLINE}), 900.0),
    ),
)


class Part(Protocol):
    def kill(self) -> None: ...
    def start(self) -> None: ...


@dataclass
class Outbox:
    """A gateway's outbox in small: rows are kept until the hub says that they are stored."""

    gateway: GatewayClient
    pace: Pace
    rows: list[Reading] = field(default_factory=list)
    is_measuring: threading.Event = field(default_factory=threading.Event)
    is_ended: threading.Event = field(default_factory=threading.Event)

    def upto(self) -> int:
        return max((stored.upto for stored in list(self.gateway.answers)), default=0)

    def run(self) -> None:
        """Three readings every 50 ms, in a cold home; sends again what was not answered within a second."""
        sent, sent_at = 0, 0.0
        while not self.is_ended.wait(0.05):
            at = round(self.pace.moment(time.time(), 0.0), 3)
            if self.is_measuring.is_set():
                values = ((0, Metric.TEMPERATURE, 9.0), (1, Metric.MOTION, 1.0), (2, Metric.ONLINE, 1.0))
                self.rows += [Reading(at, HOME.devices[which].id, metric, value) for which, metric, value in values]
            upto = self.upto()
            if time.monotonic() - sent_at > 1.0:
                sent = upto
            while sent < len(self.rows) and sent < upto + 200:
                end = min(len(self.rows), sent + 50)
                batch = Batch("s1", upto, sent, end, "b1", self.rows[sent:end])
                self.gateway.publish("readings", encode_batch(batch))
                sent, sent_at = end, time.monotonic()


@pytest.fixture
def mail_server(tmp_path: Path) -> Iterator[MailServer]:
    server = MailServer(tmp_path, has_tls=False)
    yield server
    server.stop()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    broker = start_nats(tmp_path / "broker")
    yield broker
    broker.stop()


def test_kills_of_hub_and_broker_lose_and_repeat_nothing(
    tmp_path: Path, broker: Broker, mail_server: MailServer
) -> None:
    hub = hub_of(tmp_path, broker, mail_server)
    _play(hub, mail_server, {"hub": hub, "broker": broker}, ["hub", "hub", "broker", "hub", "broker", "hub"])


def test_kills_of_hub_and_postgresql_lose_and_repeat_nothing(
    tmp_path: Path, broker: Broker, mail_server: MailServer
) -> None:
    server = OwnServer()
    try:
        hub = hub_of(tmp_path, broker, mail_server, f"[database]\nurl = '{server.address}'\n")
        _play(hub, mail_server, {"hub": hub, "database": server}, ["hub", "database", "hub", "database", "hub"])
    finally:
        server.clear()


def hub_of(folder: Path, broker: Broker, mail_server: MailServer, more: str = "") -> HubProgram:
    clock = f"[clock]\nstart = {START}\nspeed = {SPEED}\nsince = '{iso(round(time.time(), 3))}'\n"
    contact = f"[[contact]]\nid = 'team'\naddress = '{mail_server.address()}'\n"
    tables = clock + contact + more
    return HubProgram(folder / "hub", [HOME], mqtt="host = '127.0.0.1'", tables=tables, mqtt_port=broker.port)


def _play(hub: HubProgram, mail_server: MailServer, parts: Mapping[str, Part], victims: Sequence[str]) -> None:
    rng = random.Random(7)
    hub.write()
    hub.start()
    gateway = GatewayClient(hub.mqtt_port, "local", HOME.id)
    gateway.start()
    since = tomllib.loads(hub.config.read_text())["clock"]["since"]
    pace = Pace(START, SPEED, parse_moment(since))
    outbox = Outbox(gateway, pace)
    sender = threading.Thread(target=outbox.run)
    outbox.is_measuring.set()
    sender.start()
    try:
        for victim in victims:
            seen = outbox.upto()
            wait_for(lambda seen=seen: outbox.upto() > seen)  # type: ignore[misc]
            outbox.is_ended.wait(rng.uniform(0.0, 1.5))
            parts[victim].kill()
            parts[victim].start()
        # Half a day of the cold home.
        wait_for(lambda: bool(mail_server.box.mails))
        outbox.is_measuring.clear()
        wait_for(lambda: outbox.upto() == len(outbox.rows))
    finally:
        outbox.is_ended.set()
        sender.join()
        gateway.stop()
        hub.stop()
    _nothing_lost_or_twice(hub, outbox)
    _alerts_are_those_of_a_replay(hub)
    _every_alert_was_told(hub, mail_server)


def _nothing_lost_or_twice(hub: HubProgram, outbox: Outbox) -> None:
    assert hub.command("export", HOME.id, str(hub.folder / "all")).returncode == 0
    lines = gzip.decompress((hub.folder / "all" / "readings.jsonl.gz").read_bytes()).splitlines()
    rows = [json.loads(line) for line in lines]
    stored = Counter((row["at"], row["device"], row["metric"], row["value"]) for row in rows)
    assert stored == Counter((row.at, row.device, row.metric.value, row.value) for row in outbox.rows)
    assert max(stored.values()) == 1


def _alerts_are_those_of_a_replay(hub: HubProgram) -> None:
    out = hub.folder / "judged"
    assert hub.command("export", HOME.id, str(out), "--judged").returncode == 0
    changes = replay(read_home(out / "home.toml"), read_log(out / "readings.jsonl.gz", _no_rejects))
    again = "".join(alert_line(change) + "\n" for change in changes)
    assert again == (out / "alerts.jsonl").read_text(encoding="utf-8")


def _every_alert_was_told(hub: HubProgram, mail_server: MailServer) -> None:
    """Each notice was delivered, or needs a person's look after a kill, or was withheld because its alert ended.

    An alert without one waits for the next quarter of an hour, or ended before.
    """
    url = tomllib.loads(hub.config.read_text()).get("database", {}).get("url")
    database = Database(url or hub.folder / "hub-data" / "hub.db")
    with closing(database):
        run = database.connection.exec_driver_sql
        notices = {str(reference): str(state) for reference, state in run("SELECT reference, state FROM notice")}
        untold = run(
            "SELECT id FROM alert JOIN escalation ON escalation.alert = id WHERE urgency != 'notice'"
            " AND NOT EXISTS (SELECT 1 FROM notice WHERE notice.alert = id) AND NOT (stage = 'gathering' AND (handled"
            " = 'open' OR EXISTS (SELECT 1 FROM alert_act WHERE alert_act.alert = id"
            f" AND reason = '{Reason.ENDED_UNTOLD.value}')))"
        )
        assert untold.all() == []
        assert notices
    subjects = mail_server.box.subjects()
    assert all(subject.startswith("SIMULATED") for subject in subjects)
    firsts = Counter(match[1] for subject in subjects if (match := re.search(r"\(ref (\w+)\)", subject)))
    assert all(count == 1 for count in firsts.values())
    mailed = {
        reference for text in (*subjects, *mail_server.box.bodies()) for reference in re.findall(r"ref (\w+)\)", text)
    }
    assert mailed <= set(notices)
    assert {reference for reference, state in notices.items() if state == "delivered"} <= mailed
    assert set(notices.values()) <= {"delivered", "unknown", "withheld"}


def _no_rejects(error: object) -> None:
    raise AssertionError(error)

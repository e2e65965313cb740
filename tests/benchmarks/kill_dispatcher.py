"""Kills the hub while it hands notices to a real mail server and a real SMS centre; counts what was lost or repeated.

    python -m tests.benchmarks.kill_dispatcher --kills 500 --out FOLDER

Each time some urgent alerts are raised, the hub starts, and dies by kill -9 at a random instant while notices go out:
to people with mail before text messages, with text messages before mail, and with mail alone. The mail server is a
process of its own, the SMS centre Debian's kannel with its fake network. Afterwards: somebody was told of every alert;
a notice arrived again only where the hub died between the service's answer and its own record, marked, and at most once
for each such kill.
"""

from __future__ import annotations

import argparse
import random
import re
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.escalation import Escalation
from sensor_hub.alerts.notice import Letterhead, Turn, write
from sensor_hub.model.alert import AlertChange, AlertState
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.moment import HOUR
from sensor_hub.storage.database import Database
from sensor_hub.storage.stores import SqlStores
from tests.brokers import start_mosquitto
from tests.dispatch.kannel import Kannel
from tests.dispatch.mail_server import Box, MailServer
from tests.homes import LONDON
from tests.hub_program import HubProgram
from tests.storage.stores import rows
from tests.waiting import wait_for

PEOPLE = ("mail-first", "text-first", "mail-only")
FALLBACK = "office"
REFERENCE = re.compile(r"\((?P<again>again, )?ref (?P<reference>[0-9a-f]{10})\)")
STOPPED = "the hub stopped while it was sent"
SLOWEST_ANSWER = 0.04
"""Seconds that the mail server has a mail before it says so."""


class SlowBox(Box):
    """Writes each subject down, and takes its time to say that it has the mail."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = file

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        answer = await super().handle_DATA(server, session, envelope)
        with self.file.open("a", encoding="utf-8") as out:
            out.write(self.subjects()[-1] + "\n")
        time.sleep(random.uniform(0, SLOWEST_ANSWER))
        return answer


def serve_mail(folder: Path) -> None:
    """The mail server's own process, until it is ended."""
    server = MailServer(folder, has_tls=False)
    server._controller.handler = SlowBox(folder / "subjects")
    (folder / "address").write_text(server.address("{to}"), encoding="utf-8")
    while True:
        time.sleep(3600)


@dataclass
class Stand:
    """The hub, its services, and a hand on its database."""

    folder: Path
    hub: HubProgram
    stores: SqlStores
    kannel: Kannel
    raised: int = 0

    def raise_some(self, many: int) -> None:
        """Alerts that somebody of `PEOPLE` is told of by turns, as the watch would have written them."""
        now = time.time()
        for _ in range(many):
            self.raised += 1
            who = PEOPLE[self.raised % len(PEOPLE)]
            alert = f"alert-{self.raised:05d}"
            change = AlertChange(
                id=alert,
                number=1,
                home=f"home-{self.raised}",
                kind=Kind.INACTIVITY,
                subject="",
                urgency=Urgency.URGENT,
                state=AlertState.RAISED,
                at=now,
                since=now - HOUR,
                summary="No movement.",
                evidence={},
            )
            notice = write(change, Contact(who, "console://"), LONDON, Letterhead(None), Turn(1))
            with self.stores.database.transaction():
                self.stores.alerts.record(change)
                self.stores.escalations.put(Escalation(alert, 1, who, 0, 0, due=now + 24 * HOUR), now)
                self.stores.alerts.add_notice(notice, now, now)

    def lines(self, state: str) -> int:
        ((count,),) = rows(self.stores, f"SELECT count(*) FROM delivery WHERE state = '{state}'")
        return int(count)

    def start_and_wait_for_sending(self) -> None:
        before = self.lines("sending")
        self.hub.start()
        wait_for(lambda: self.lines("sending") > before or self.hub.has_ended(), within=60)
        assert not self.hub.has_ended(), self.hub.output()

    def wait_for_quiet(self) -> None:
        """Until nothing goes out any more, nor will: the watch looks every five seconds for moves that are due."""
        select = "SELECT count(*) FROM notice WHERE state IN ('waiting', 'sending')"
        quiet_since = time.monotonic()
        until = quiet_since + 300
        while time.monotonic() < min(until, quiet_since + 12):
            if rows(self.stores, select) != [(0,)]:
                quiet_since = time.monotonic()
            time.sleep(0.2)
        assert time.monotonic() < until, "notices still go out"


def settings(mail: str, sms: str) -> tuple[str, str]:
    """Lines of `hub.toml` before its tables, and its tables."""
    ways = {
        "mail-first": [mail.format(to="m1@example.org"), sms.format(to="+447700900001")],
        "text-first": [sms.format(to="+447700900002"), mail.format(to="m2@example.org")],
        "mail-only": [mail.format(to="m3@example.org")],
        FALLBACK: [sms.format(to="+447700900004"), mail.format(to="m4@example.org")],
    }
    contacts = [
        f"[[contact]]\nid = '{who}'\naddresses = {addresses}\nreceives = []\n" for who, addresses in ways.items()
    ]
    policies = [
        f"[[policy]]\nid = '{who}'\n[[policy.step]]\nto = ['{who}']\nwait = 1000\n" for who in ways if who != FALLBACK
    ]
    return f"fallback = '{FALLBACK}'", "\n".join(contacts + policies)


def arrivals(folder: Path, kannel: Kannel) -> dict[str, list[bool]]:
    """Whether each arrival was marked, by reference, in the order of the service."""
    found: dict[str, list[bool]] = defaultdict(list)
    mails = folder / "mail" / "subjects"
    for line in [*(mails.read_text(encoding="utf-8").splitlines() if mails.exists() else []), *kannel.sent]:
        for match in REFERENCE.finditer(line):
            found[match["reference"]].append(match["again"] is not None)
    return found


def kill_often(stand: Stand, kills: int, chance: random.Random) -> Iterator[int]:
    """Yields how often it was killed, after each kill."""
    for number in range(1, kills + 1):
        stand.raise_some(chance.randint(3, 9))
        stand.start_and_wait_for_sending()
        time.sleep(chance.uniform(0, 0.3))
        stand.hub.kill()
        yield number


def judge(stand: Stand) -> bool:
    """Prints the figures; whether all is as it should be."""
    found = arrivals(stand.folder, stand.kannel)
    notices = rows(stand.stores, "SELECT reference, leader, alert FROM notice")
    # Of notices that are sent as one only the first one's reference stands in a text message.
    told = {alert for reference, leader, alert in notices if found.get(reference) or found.get(leader)}
    stopped = f"state = 'unknown' AND error = '{STOPPED}'"
    select = f"SELECT reference, count(*) FROM delivery WHERE {stopped} GROUP BY reference"
    cut = dict(rows(stand.stores, select))
    again = {reference: len(marks) - 1 for reference, marks in found.items() if len(marks) > 1}
    unmarked = [reference for reference in again if found[reference].count(False) > 1]
    more = [reference for reference, extra in again.items() if extra > cut.get(reference, 0)]
    never = sum(1 for reference in cut if not found.get(reference))
    lost = stand.raised - len(told)
    print(f"{stand.raised} alerts, {len(notices)} notices, {sum(map(len, found.values()))} arrivals")
    print(f"{sum(cut.values())} times a notice was being handed over when the hub died, of {len(cut)} notices")
    print(f"{never} of these notices never arrived themselves")
    print(f"alerts of which nobody was told: {lost}")
    print(f"arrivals too many: {sum(again.values())}, of {len(again)} notices; unmarked: {len(unmarked)}")
    print(f"notices that arrived more often than once and once for each kill that cut them short: {len(more)}")
    return not (lost or more or unmarked)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--mail", action="store_true", help="be the mail server in this folder")
    args = parser.parse_args()
    if args.mail:
        serve_mail(args.out)
    for name in ("mail", "kannel", "broker", "hub"):
        (args.out / name).mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "tests.benchmarks.kill_dispatcher", "--mail", "--out", str(args.out / "mail")]
    mail = subprocess.Popen(command)
    broker = start_mosquitto(args.out / "broker")
    kannel = Kannel(args.out / "kannel")
    began = time.monotonic()
    try:
        kannel.start()
        wait_for((args.out / "mail" / "address").exists, what="the mail server")
        address = (args.out / "mail" / "address").read_text(encoding="utf-8")
        head, tables = settings(address, f"kannel://hub:p%26ss%20w%3Ard@127.0.0.1:{kannel.port}/Hub/{{to}}")
        hub = HubProgram(
            args.out / "hub", settings=head, tables=tables, mqtt_port=broker.port, mqtt='host = "127.0.0.1"'
        )
        hub.write()
        (args.out / "hub" / "hub-data").mkdir(exist_ok=True)
        database = Database(args.out / "hub" / "hub-data" / "hub.db")
        database.open()
        stand = Stand(args.out, hub, SqlStores(database), kannel)
        for number in kill_often(stand, args.kills, random.Random(args.seed)):
            if number % 50 == 0:
                print(f"killed {number} times, {time.monotonic() - began:.0f} s", flush=True)
        hub.start()
        stand.wait_for_quiet()
        hub.stop()
        print(f"killed {args.kills} times in {time.monotonic() - began:.0f} s")
        is_good = judge(stand)
    finally:
        kannel.stop()
        broker.stop()
        mail.terminate()
        mail.wait()
    sys.exit(0 if is_good else 1)


if __name__ == "__main__":
    main()

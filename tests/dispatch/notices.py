"""Notices of every kind and turn, and their golden texts: `tests/golden/notices`, by channel.

SENSOR_HUB_GOLDEN=write renews them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

from sensor_hub.alerts.channel import Channel
from sensor_hub.alerts.contact import Contact, Detail
from sensor_hub.alerts.link import UNSIGNED, Link, sign
from sensor_hub.alerts.notice import Letterhead, Notice, Turn, write
from sensor_hub.alerts.own_notice import notice_of_code, notice_of_test, notice_of_trouble
from sensor_hub.alerts.question import ask
from sensor_hub.alerts.together import together
from sensor_hub.model.kind import KINDS, Kind, Urgency
from sensor_hub.watch.telling import SAID
from tests.alerts.changes import AT, change

GOLDEN = Path(__file__).parent.parent / "golden" / "notices"
LONDON = ZoneInfo("Europe/London")
LETTERHEAD = Letterhead("https://hub.example.org")
SIMULATION = Letterhead("http://127.0.0.1:8080", is_simulated=True)
FIRST = Turn(1)
NOW = {Kind.INACTIVITY, Kind.DOOR_AT_NIGHT, Kind.SMOKE, Kind.WATER_LEAK, Kind.SOS}
TURNS = {reason.name.lower(): Turn(1, 1, said) for reason, said in SAID.items()}
SIGNATURE = sign(Link("0" * 10, 2**31), "")


def urgency(kind: Kind) -> Urgency:
    return Urgency.URGENT if kind in NOW else Urgency.SOON


def contact(detail: Detail) -> Contact:
    return Contact("team", "console://", detail)


def signed(notice: Notice) -> Notice:
    """As a notifier gets it, with the same signature in every text."""
    return replace(notice, body=notice.body.replace(UNSIGNED, SIGNATURE))


def every_notice() -> Iterator[tuple[str, Notice]]:
    """Every kind at first, every later turn, several together, a simulation, one without a link: in both details."""
    for detail in Detail:
        to = contact(detail)
        for kind in KINDS:
            yield f"{kind}-{detail}", signed(write(change(kind, urgency(kind)), to, LONDON, LETTERHEAD, FIRST))
        urgent = change(Kind.INACTIVITY, Urgency.URGENT)
        for name, turn in TURNS.items():
            yield f"turn-{name}-{detail}", signed(write(urgent, to, LONDON, LETTERHEAD, turn))
        cold, flat = change(Kind.COLD), change(Kind.BATTERY_LOW)
        several = [signed(write(each, to, LONDON, LETTERHEAD, FIRST)) for each in (urgent, cold, flat)]
        yield f"together-{detail}", together(several)
        yield f"simulated-{detail}", signed(write(urgent, to, LONDON, SIMULATION, FIRST))
        yield f"no-link-{detail}", signed(write(urgent, to, LONDON, Letterhead(None), FIRST))


def other_notices() -> Iterator[tuple[str, Notice]]:
    """Those that nobody takes an alert by."""
    to, channel = contact(Detail.MINIMAL), Channel("team", 1, "sms://")
    yield "question", signed(ask(change(Kind.INACTIVITY, Urgency.URGENT), to, LONDON, LETTERHEAD, FIRST))
    yield "code", signed(notice_of_code(to, channel, "482913", AT, LETTERHEAD))
    yield "test", signed(notice_of_test(to, channel, "Jo", AT, LETTERHEAD))
    for detail in Detail:
        about = ("ann", "2 (mailto)", "the mail server refuses the recipient (550)")
        yield f"trouble-{detail}", signed(notice_of_trouble(contact(detail), about, AT, LETTERHEAD))


def check_golden(channel: str, text_of: Callable[[Notice], str]) -> None:
    """Every notice as the channel carries it, against its file; a file of none is too much."""
    folder, is_written = GOLDEN / channel, os.environ.get("SENSOR_HUB_GOLDEN") == "write"
    texts = {name: text_of(notice).rstrip() + "\n" for name, notice in [*every_notice(), *other_notices()]}
    if is_written:
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.glob("*.txt"):
            path.unlink()
        for name, text in texts.items():
            (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    kept = {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("*.txt")}
    assert kept == texts

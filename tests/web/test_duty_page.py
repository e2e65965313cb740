"""Who is on call, as pages and calendar programs are told: a real database under the addresses of calendars."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

import pytest
from fastapi import FastAPI
from icalendar import Calendar
from typer.testing import CliRunner

from sensor_hub.__main__ import app
from sensor_hub.alerts.stand_in import StandIn
from sensor_hub.desk.calendars import StoredCalendars
from sensor_hub.desk.standing_in import StoredStandIns
from sensor_hub.model.moment import DAY, HOUR, local
from sensor_hub.storage.stores import SqlStores
from sensor_hub.web.calendar_feed import CalendarDoor
from sensor_hub.web.doors import Doors
from sensor_hub.web.session import Throttle
from sensor_hub.web.site import build_site
from tests.alerts.plans import plan, rota
from tests.storage.stores import open_fresh, rows
from tests.web.builders import HASH, NOW, make_hub
from tests.web.visitor import ORIGIN, Visitor

DAYS = rota(("ann", "08:00", "20:00"), ("night", "20:00", "08:00"), name="care")
PLAN = plan(rotas=(DAYS,), night=("bea", "cid"))
CONTACTS = frozenset(contact.id for contact in PLAN.contacts)


async def no_pause(_: float) -> None:
    return None


@dataclass
class Duty:
    stores: SqlStores
    calendars: StoredCalendars
    site: FastAPI

    def follow(self, address: str) -> tuple[int, list[str]]:
        """As a calendar program does, without a login: the status, and what the first events are."""
        answer = Visitor(self.site).get(address.removeprefix(ORIGIN))
        if answer.status_code != 200:
            return answer.status_code, []
        assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
        return 200, [str(event["SUMMARY"]) for event in Calendar.from_ical(answer.content).events[:2]]


@pytest.fixture
def duty(tmp_path: Path) -> Iterator[Duty]:
    stores = open_fresh(tmp_path)
    calendars = StoredCalendars(stores.calendar_keys, CONTACTS, url=ORIGIN, wall=lambda: NOW)
    hub = make_hub()
    site = build_site(
        hub,
        hub,
        password_hash=HASH,
        secret="for tests",
        url=ORIGIN,
        simulated=False,
        now=lambda: NOW,
        plan=PLAN,
        doors=Doors(calendars=calendars),
    )
    site.state.calendar_door = CalendarDoor(calendars, Throttle(no_pause))
    yield Duty(stores, calendars, site)
    stores.database.close()


def test_an_address_shows_the_calendar_until_there_is_a_new_one(duty: Duty) -> None:
    first = duty.calendars.renew("ann")
    assert duty.follow(first) == (200, ["On call: care"] * 2)
    second = duty.calendars.renew("ann")
    assert duty.follow(first)[0] == 404
    assert duty.follow(second)[0] == 200
    assert duty.follow(f"{ORIGIN}/calendar/.ics")[0] == 404
    duty.stores.calendar_keys.drop("ann")
    assert duty.follow(second)[0] == 404


def test_no_secret_is_kept_of_an_address(duty: Duty) -> None:
    secret = duty.calendars.renew("ann").rpartition("/")[2].removesuffix(".ics")
    kept = rows(duty.stores, "SELECT * FROM calendar_key")
    assert len(secret) == 43
    assert secret not in str(kept)


def test_somebody_who_is_no_contact_any_more_has_no_calendar(duty: Duty) -> None:
    address = duty.calendars.renew("bea")
    duty.calendars.contacts = CONTACTS - {"bea"}
    assert duty.follow(address)[0] == 404


def test_the_page_says_who_is_on_call_and_gives_a_contact_an_address_once(duty: Duty) -> None:
    visitor = Visitor(duty.site)
    visitor.sign_in("cid")
    page = visitor.get("/shift").text
    assert re.search(r"<strong>ann</strong></td>\s*<td[^>]*>20:00 today</td>\s*<td[^>]*>night</td>", page)
    assert "20:00 today to 08:00 tomorrow" in page
    made = visitor.send("/shift/calendar")
    assert made.status_code == 200
    address = re.search(r'id="address">([^<]+)<', made.text)
    assert address is not None
    assert duty.follow(address.group(1)) == (200, ["On call: care"] * 2)
    assert 'id="address"' not in visitor.get("/shift").text
    assert "care</a> <strong>ann</strong> until 20:00 today, then night." in visitor.get("/").text


def test_who_stands_in_has_it_in_their_calendar_and_who_is_stood_in_for_has_not(duty: Duty) -> None:
    duty.site.state.standing_in = StoredStandIns(duty.stores, PLAN, lambda: NOW)
    anns, cids = duty.calendars.renew("ann"), duty.calendars.renew("cid")
    stand_in = StandIn("s1", "care", "cid", NOW - NOW % DAY + 8 * HOUR, NOW - NOW % DAY + 20 * HOUR, "Jo", NOW)
    duty.site.state.standing_in.add(stand_in, tenant="")
    assert "On call: care (cover for ann)" in Visitor(duty.site).get(cids.removeprefix(ORIGIN)).text
    text = Visitor(duty.site).get(anns.removeprefix(ORIGIN)).text
    assert f"DTSTART;TZID=Europe/London:{utc_day(NOW)}T080000" not in text
    assert f"DTSTART;TZID=Europe/London:{utc_day(NOW - DAY)}T080000" in text


def utc_day(at: float) -> str:
    return f"{local(at, UTC):%Y%m%d}"


def test_somebody_else_is_told_that_they_have_none(duty: Duty) -> None:
    visitor = Visitor(duty.site)
    visitor.sign_in("Jo")
    assert "which is no contact of this hub" in visitor.get("/shift").text
    assert visitor.send("/shift/calendar").status_code == 404
    assert Visitor(duty.site).get("/shift").status_code == 303, "not without a login"


def test_the_command_gives_and_ends_an_address(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    config = tmp_path / "hub.toml"
    config.write_text(f'data = "data"\nurl = "{ORIGIN}"\n[[contact]]\nid = "ann"\naddress = "console://"\n')
    stores = open_fresh(tmp_path / "data")
    calendars = StoredCalendars(stores.calendar_keys, {"ann"}, url=ORIGIN, wall=lambda: NOW)
    run = CliRunner().invoke
    printed = run(app, ["calendar", "ann", "--config", str(config)]).stdout
    secret = printed.strip().removeprefix(f"{ORIGIN}/calendar/").removesuffix(".ics")
    assert calendars.contact_of(secret) == "ann"
    assert "no address any more" in run(app, ["calendar", "ann", "--revoke", "--config", str(config)]).stdout
    assert calendars.contact_of(secret) is None
    assert run(app, ["calendar", "zoe", "--config", str(config)]).exit_code != 0
    stores.database.close()

"""Somebody stands in on a rota while the hub runs: alerts go to them from the next step on, and never into a gap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sensor_hub.access.chronology import Act, entry_of
from sensor_hub.alerts.policy import Policy
from sensor_hub.alerts.stand_in import MOST, StandIn
from sensor_hub.desk.standing_in import StoredStandIns
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.moment import DAY, HOUR, MINUTE
from tests.alerts.plans import plan, rota, steps
from tests.homes import moment, small_home
from tests.storage.test_alert_book import RAISED
from tests.watch.test_worker import Rig

FIVE = moment("2026-01-05 17:00")
CARE = rota(("ann", "08:00", "20:00"), ("bea", "20:00", "08:00"), name="care")
PLAN = plan(Policy("care", steps("care", "office")), rotas=(CARE,))
CID = StandIn("s1", "care", "cid", FIVE, FIVE + 2 * HOUR, "Jo", FIVE)


class Evening(Rig):
    def __init__(self, where: Path | str) -> None:
        super().__init__(where, [small_home()], FIVE, PLAN)

    @property
    def kept(self) -> StoredStandIns:
        return StoredStandIns(self.stores, PLAN, self.time.now)

    def told_of(self, name: str) -> list[str]:
        """Who hears first of an alert that is raised now."""
        change = replace(RAISED, id=name, home=small_home().id, kind=Kind.INACTIVITY, urgency=Urgency.URGENT)
        self.worker.watches._record([replace(change, at=self.time.at, since=self.time.at)])
        self.worker.tick()
        return [who for _, who, _, act in self.stores.registry.decisions(name) if act == "told"][:1]


@pytest.fixture
def evening(where: Path | str) -> Iterator[Evening]:
    evening = Evening(where)
    yield evening
    evening.stores.database.close()


def test_it_holds_at_once_over_a_restart_and_until_its_end(evening: Evening) -> None:
    assert evening.told_of("a1") == ["ann"]
    assert evening.kept.add(CID, tenant="")
    assert evening.told_of("a2") == ["cid"]
    evening.crash()
    evening.worker.open()
    assert evening.told_of("a3") == ["cid"]
    evening.time.at = FIVE + 2 * HOUR
    assert evening.told_of("a4") == ["ann"]


def test_ended_before_its_time_whoever_has_the_shift_is_on_call_again(evening: Evening) -> None:
    evening.kept.add(CID, tenant="")
    evening.time.at += MINUTE
    assert evening.kept.end(CID, by="Jo", tenant="")
    assert not evening.kept.end(CID, by="Jo", tenant="")
    assert evening.told_of("a1") == ["ann"]


def test_one_who_is_no_contact_any_more_leaves_no_gap(evening: Evening) -> None:
    evening.kept.add(replace(CID, who="gone"), tenant="")
    evening.kept.add(replace(CID, id="s2", rota="gone"), tenant="")
    assert evening.told_of("a1") == ["ann"]


def test_it_fills_a_gap_and_stands_for_one_person_alone(evening: Evening) -> None:
    evening.kept.add(replace(CID, instead_of="bea", until=FIVE + 5 * HOUR), tenant="")
    assert evening.told_of("a1") == ["ann"]
    evening.time.at = FIVE + 4 * HOUR
    assert evening.told_of("a2") == ["cid"]


def test_who_stands_in_hears_of_what_is_open(evening: Evening) -> None:
    evening.told_of("a1")
    evening.kept.add(CID, tenant="")
    evening.time.at += MINUTE
    evening.worker.tick()
    assert ("cid", "Hand-over: 1 open alert") in [
        (who, title.partition(" (ref")[0]) for who, title in evening.notices()
    ]


def test_it_is_noted_in_the_chronology_of_the_rotas_tenant(evening: Evening) -> None:
    evening.kept.add(CID, tenant="oakshire")
    evening.kept.end(CID, by="Jo", tenant="oakshire")
    noted = map(entry_of, evening.stores.chronology.rows("oakshire"))
    detail = "s1: cid, 2026-01-05T17:00:00Z to 2026-01-05T19:00:00Z"
    assert [(each.act, each.about, each.detail) for each in noted] == [
        (Act.STAND_IN_SET, "care", detail),
        (Act.STAND_IN_ENDED, "care", detail),
    ]


def test_a_rota_has_a_bounded_number_and_pages_go_through_all(evening: Evening) -> None:
    for number in range(MOST):
        each = replace(CID, id=f"{number:03}", start=FIVE + number % 7 * DAY, until=FIVE + 9 * DAY)
        assert evening.kept.add(each, tenant="")
    assert not evening.kept.add(CID, tenant="")
    found, place = [], None
    while page := evening.kept.page("care", FIVE, 30, place):
        found += page
        place = page[-1].start, page[-1].id
    assert len({each.id for each in found}) == len(found) == MOST
    assert found == sorted(found, key=lambda each: (each.start, each.id))

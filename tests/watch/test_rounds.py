"""What is told at set times, through the worker and its stores: at hand-overs, and once a week."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from sensor_hub.alerts.contact import Detail
from sensor_hub.alerts.plan import Plan
from sensor_hub.alerts.policy import Policy
from sensor_hub.alerts.quiet import Quiet
from sensor_hub.alerts.rota import Cover
from sensor_hub.alerts.round_plan import RoundPlan
from sensor_hub.alerts.silence import Silence
from sensor_hub.alerts.wall_clock import Hours
from sensor_hub.model.alert import Outcome
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.moment import DAY, HOUR, MINUTE
from sensor_hub.watch.items import Acknowledge, Close
from sensor_hub.watch.ports import Closing
from tests.alerts.plans import plan, rota, steps
from tests.homes import LONDON, moment, small_home
from tests.storage.stores import rows
from tests.storage.test_alert_book import RAISED
from tests.watch.test_worker import Rig

EVENING = moment("2026-01-05 19:30")
CARE = rota(("ann", "08:00", "20:00"), ("bea", "20:00", "08:00"), name="care")
PLAN = plan(Policy("care", steps("care")), rotas=(CARE,), both=("ann", "cid"))
WEEKLY = replace(PLAN, rounds=RoundPlan(reviewers=("both",)))
COLD = replace(RAISED, home=small_home().id, kind=Kind.COLD, urgency=Urgency.SOON, subject="", at=EVENING)


@dataclass
class Night(Rig):
    """A hub in the evening, half an hour before bea takes over from ann."""

    where: Path | str
    plan: Plan = field(default_factory=lambda: PLAN)

    def __post_init__(self) -> None:
        super().__init__(self.where, [small_home()], EVENING, self.plan)

    def raise_(self) -> None:
        self.worker.watches._record([COLD])
        self.worker.tick()

    def goes_on(self, to: float, step: float = 5 * MINUTE) -> None:
        while self.time.at < to:
            self.time.at = min(to, self.time.at + step)
            self.worker.tick()

    def rounds(self) -> list[tuple[str, str]]:
        select = "SELECT contact, title FROM notice WHERE purpose = 'round' ORDER BY made_ms, contact"
        return [(contact, title.partition(" (ref")[0]) for contact, title in rows(self.stores, select)]


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    night = Night(tmp_path)
    yield night
    night.stores.database.close()


TOLD = [("bea", "Hand-over: 1 open alert")]


def test_who_takes_over_hears_what_is_open_at_the_hand_over_and_once(night: Night) -> None:
    night.raise_()
    night.goes_on(EVENING + 30 * MINUTE - 1)
    assert night.rounds() == []
    night.goes_on(EVENING + 10 * HOUR)
    assert night.rounds() == TOLD
    told = [(who, reason) for _, who, reason, _ in night.stores.registry.decisions(COLD.id)]
    assert told[-1] == ("bea", "open at the hand-over")


def test_nothing_is_told_where_nothing_is_open(night: Night) -> None:
    night.raise_()
    night.take(Close(COLD.id, Closing("ann", Outcome.TRUE)))
    night.goes_on(EVENING + HOUR)
    assert night.rounds() == []


def test_what_somebody_has_is_told_too(night: Night) -> None:
    night.raise_()
    night.take(Acknowledge(COLD.id, "ann"))
    night.goes_on(EVENING + HOUR)
    assert night.rounds() == TOLD
    body = rows(night.stores, "SELECT body FROM notice WHERE purpose = 'round'")[0][0]
    assert "1 for today" in body


def test_a_hub_that_stood_still_at_the_hand_over_makes_it_when_it_is_back(night: Night) -> None:
    night.raise_()
    night.goes_on(EVENING + 10 * MINUTE)
    night.time.at = EVENING + 3 * HOUR
    night.crash()
    night.worker.open()
    night.worker.tick()
    night.crash()
    night.worker.open()
    night.goes_on(EVENING + 4 * HOUR)
    assert night.rounds() == TOLD


def test_a_new_cover_is_a_hand_over(night: Night) -> None:
    night.raise_()
    night.goes_on(EVENING + 10 * MINUTE)
    covered = replace(CARE, covers=(Cover("cid", EVENING, EVENING + HOUR),))
    night.plan = replace(PLAN, rotas={"care": covered})
    night.crash()
    night.worker.open()
    night.goes_on(EVENING + 12 * MINUTE)
    assert night.rounds() == [("cid", "Hand-over: 1 open alert")]


def test_a_failure_takes_the_hand_over_back_as_a_whole(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    night.raise_()
    night.goes_on(EVENING + 10 * MINUTE)
    with monkeypatch.context() as patch:
        patch.setattr(night.stores.alerts, "note", None)
        night.time.at = EVENING + HOUR
        with pytest.raises(TypeError):
            night.worker.tick()
    night.goes_on(EVENING + 2 * HOUR)
    assert night.rounds() == TOLD


def test_quiet_hours_hold_a_hand_over_back(tmp_path: Path) -> None:
    quiet = Quiet(Hours(19 * 60, 21 * 60), LONDON)
    night = Night(tmp_path, replace(PLAN, contacts=tuple(replace(each, quiet=quiet) for each in PLAN.contacts)))
    night.raise_()
    night.goes_on(EVENING + HOUR)
    outbox, nine = night.stores.outbox, EVENING + 90 * MINUTE
    assert [each for each in outbox.due("bea", nine - 1) if not each.notice.alert] == []
    assert [each.notice.title[:9] for each in outbox.due("bea", nine) if not each.notice.alert] == ["Hand-over"]
    night.stores.database.close()


def test_the_hand_over_is_of_the_alerts_that_go_to_the_rota(tmp_path: Path) -> None:
    others = plan(Policy("care", steps("fitter")), rotas=(CARE,))
    night = Night(tmp_path, others)
    night.raise_()
    night.goes_on(EVENING + HOUR)
    assert night.rounds() == []
    night.stores.database.close()


MONDAY = moment("2026-01-12 08:00")
ONE = [("ann", "Weekly review: 1 alert, 5 to 11 Jan 2026"), ("cid", "Weekly review: 1 alert, 5 to 11 Jan 2026")]


def reviews(night: Night) -> list[tuple[str, str]]:
    return [each for each in night.rounds() if each[1].startswith("Weekly")]


@pytest.fixture
def weekly(tmp_path: Path) -> Iterator[Night]:
    night = Night(tmp_path, WEEKLY)
    night.raise_()
    yield night
    night.stores.database.close()


def test_a_week_is_reviewed_once_over_restarts(weekly: Night) -> None:
    """The first one looks back to when the hub began; none is made of the time before."""
    assert reviews(weekly) == []
    weekly.goes_on(MONDAY - 1, step=HOUR)
    assert reviews(weekly) == []
    for _ in range(3):
        weekly.goes_on(weekly.time.at + MINUTE, step=MINUTE)
        weekly.crash()
        weekly.worker.open()
    assert reviews(weekly) == ONE
    weekly.goes_on(MONDAY + 7 * DAY - 1, step=6 * HOUR)
    assert reviews(weekly) == ONE


def test_no_resident_reads_of_other_homes(weekly: Night) -> None:
    people = tuple(replace(each, home="flat-1" if each.id == "cid" else "") for each in WEEKLY.contacts)
    weekly.plan = replace(WEEKLY, contacts=people)
    weekly.time.at = MONDAY
    weekly.crash()
    weekly.worker.open()
    weekly.worker.tick()
    assert reviews(weekly) == ONE[:1]


def test_silences_in_force_are_in_the_review(weekly: Night) -> None:
    silence = Silence("s1", COLD.home, MONDAY - DAY, MONDAY + DAY, "Jo", "the boiler is mended")
    weekly.stores.silences.add(silence, silence.start)
    weekly.stores.silences.add(replace(silence, id="s2", homes="elsewhere"), silence.start)
    weekly.plan = replace(WEEKLY, contacts=tuple(replace(each, detail=Detail.FULL) for each in WEEKLY.contacts))
    weekly.time.at = MONDAY
    weekly.crash()
    weekly.worker.open()
    weekly.worker.tick()
    body = rows(weekly.stores, "SELECT body FROM notice WHERE title LIKE 'Weekly%'")[0][0]
    assert f"- {COLD.home}, until 08:00 on Tue 13 Jan, by Jo: the boiler is mended" in body
    assert "elsewhere" not in body


def test_a_hub_that_was_away_on_the_day_reviews_when_it_is_back_all_that_it_missed(weekly: Night) -> None:
    weekly.time.at = MONDAY + 9 * DAY
    weekly.crash()
    weekly.worker.open()
    weekly.worker.tick()
    assert reviews(weekly) == [(who, "Weekly review: 1 alert, 5 to 18 Jan 2026") for who in ("ann", "cid")]
    body = rows(weekly.stores, "SELECT body FROM notice WHERE title LIKE 'Weekly%'")[0][0]
    assert "The hub itself did not run for 1" in body

"""The page behind the link in a notice: real links over a real database, asked without a login."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from fastapi import FastAPI

from sensor_hub.alerts.escalation import Escalation, Stage
from sensor_hub.alerts.notice import Notice
from sensor_hub.alerts.plan import Plan
from sensor_hub.desk.answer_links import StoredLinks, new_key
from sensor_hub.model.alert import Outcome
from sensor_hub.model.kind import KINDS, Kind, Urgency
from sensor_hub.storage.stores import SqlStores
from sensor_hub.watch.passing import pass_on
from sensor_hub.watch.ports import Closing
from sensor_hub.web.answer_page import LinkDoor
from sensor_hub.web.doors import Doors
from sensor_hub.web.ports import Answer
from sensor_hub.web.session import Throttle
from sensor_hub.web.site import build_site
from tests.storage.stores import open_fresh
from tests.storage.test_alert_book import CLEARED, RAISED, RAISED_AGAIN, T
from tests.web.builders import HASH, make_hub
from tests.web.visitor import ORIGIN, Visitor

LASTS = 3600.0
CANNOT = "This link cannot be used"
TAKE, FALSE = "I take this", "False alarm"


@dataclass
class Acts:
    """The acts of a real alert book, without a worker between."""

    stores: SqlStores

    def acknowledge(self, alert: str, *, by: str) -> Answer:
        return Answer[self.stores.alerts.acknowledge(alert, by, T + 5).name]

    def pass_on(self, alert: str, *, by: str) -> Answer:
        return Answer[pass_on(self.stores.for_watch(), Plan((), ()), alert, by, T + 5).name]

    def close(self, alert: str, *, by: str, outcome: Outcome, note: str = "") -> Answer:
        return Answer[self.stores.alerts.close(alert, Closing(by, outcome, note), T + 6).name]


@dataclass
class Door:
    stores: SqlStores
    links: StoredLinks
    site: FastAPI
    wall: float = T

    def link(self, reference: str = "r1") -> str:
        return f"/answer/{self.links.sign(reference)}"

    def look(self, path: str) -> tuple[int, str]:
        """As a mail program opens it: no cookie, no login."""
        answer = Visitor(self.site).get(path)
        return answer.status_code, answer.text

    def press(self, path: str, **form: str) -> tuple[int, str]:
        """A button of the page, and where it leads."""
        visitor = Visitor(self.site)
        answer = visitor.ask(
            "POST", path, form=form, headers={"Origin": ORIGIN, "Content-Length": "0"} if not form else {}
        )
        if answer.status_code == 303:
            answer = visitor.get(answer.headers["location"])
        return answer.status_code, answer.text

    def row(self) -> tuple[str, str | None, str | None, str | None]:
        found = self.stores.registry.alert("a1")
        assert found is not None
        return found.handled, found.acknowledged_by, found.closed_by, found.outcome


async def no_pause(_seconds: float) -> None:
    """After a link that cannot be used."""


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    stores = open_fresh(tmp_path)
    stores.alerts.record(RAISED)
    for reference, contact in (("r1", "mary"), ("r2", "team"), ("r3", "gone")):
        stores.alerts.add_notice(Notice(reference, "a1", contact, Urgency.SOON, "Today", "body"), T, T)
    links = StoredLinks(stores, {"mary", "team"}, wall=lambda: made.wall, lasts=LASTS)
    site = build_site(
        make_hub(),
        Acts(stores),  # type: ignore[arg-type]
        password_hash=HASH,
        secret="s",
        url=ORIGIN,
        simulated=False,
        now=lambda: T,
        doors=Doors(links=links),
    )
    site.state.link_door = LinkDoor(links, Throttle(no_pause))
    made = Door(stores, links, site)
    yield made
    stores.database.close()


def test_the_resident_is_asked_and_takes_nothing(door: Door) -> None:
    door.links.residents = {"mary"}
    status, text = door.look(door.link())
    assert (status, "Are you all right?" in text, TAKE in text) == (200, True, False)
    assert "/alerts/" not in text
    door.press(f"{door.link()}/take")
    assert door.row()[0] == "open"
    status, text = door.press(f"{door.link()}/fine")
    assert (status, "Nobody will come" in text) == (200, True)
    assert door.row() == ("closed", None, "mary (by link)", "unknown")
    assert door.press(f"{door.link()}/fine")[0] == 404
    # Whoever is no resident has no such answer.
    assert "Are you all right?" not in door.look(door.link("r2"))[1]


def test_a_resident_who_wants_somebody_hears_that_somebody_comes(door: Door) -> None:
    door.links.residents = {"mary"}
    door.stores.escalations.put(Escalation("a1", 1, step=0, turn=0, due=T + 600), T)
    status, text = door.press(f"{door.link()}/help")
    assert (status, "Somebody is told" in text) == (200, True)
    assert [each.escalation.stage for each in door.stores.escalations.due(T + 5, lapses_after=3600)] == [Stage.PASSED]


def test_whoever_follows_the_link_sees_what_it_is_and_changes_nothing(door: Door) -> None:
    for _ in range(3):
        status, text = door.look(door.link())
        assert (status, TAKE in text) == (200, True)
    assert Visitor(door.site).ask("HEAD", door.link()).status_code == 405
    assert door.row() == ("open", None, None, None)
    assert "<script" not in text.replace('<script type="module" src="/static/site.js"></script>', "")


def test_it_is_taken_then_closed_by_its_person_and_then_used_up(door: Door) -> None:
    link = door.link()
    status, text = door.press(f"{link}/take")
    assert (status, FALSE in text) == (200, True)
    assert door.row() == ("acknowledged", "mary (by link)", None, None)
    assert door.press(f"{link}/take") == (status, text), "again is nothing"
    status, text = door.press(f"{link}/outcome", outcome="false")
    assert (status, "Thank you" in text) == (200, True)
    assert door.row() == ("closed", "mary (by link)", "mary (by link)", "false")
    assert door.look(link)[0] == 404
    assert door.press(f"{link}/outcome", outcome="true")[0] == 404
    assert door.row()[3] == "false"


def test_an_outcome_is_taken_only_from_who_took_the_alert_and_only_a_known_one(door: Door) -> None:
    link = door.link()
    assert TAKE in door.press(f"{link}/outcome", outcome="false")[1]
    door.press(f"{link}/take")
    assert door.press(f"{link}/outcome", outcome="perhaps")[0] == 422
    other = door.link("r2")
    status, text = door.press(f"{other}/outcome", outcome="true")
    assert (status, "Somebody else has taken" in text, TAKE in text) == (200, True, False)
    assert door.row() == ("acknowledged", "mary (by link)", None, None)


def test_what_ended_by_itself_asks_nothing(door: Door) -> None:
    door.stores.alerts.record(CLEARED)
    status, text = door.look(door.link())
    assert (status, "ended before" in text, "<form" in text) == (200, True, False)


def bad_links(door: Door) -> dict[str, str]:
    """One of each sort that cannot be used."""
    good = door.link()
    found = {"forged": good[:-1] + ("0" if good[-1] != "0" else "1"), "nonsense": "/answer/x"}
    found["of a notice that is not there"] = door.link("nobody")
    found["of a contact that is no more"] = door.link("r3")
    door.wall -= LASTS
    found["too old"] = door.link()
    door.wall += LASTS
    return found


def test_all_that_cannot_be_used_looks_the_same(door: Door) -> None:
    links = bad_links(door)
    answers = {name: door.look(link) for name, link in links.items()}
    new_key(door.stores.memory)
    answers["of an older key"] = door.look(links["too old"])
    door.stores.alerts.close("a1", Closing("Ann", Outcome.TRUE), T)
    answers["of an alert that somebody closed"] = door.look(door.link())
    texts = set(answers.values())
    assert len(texts) == 1, answers.keys()
    status, text = texts.pop()
    assert (status, CANNOT in text, "a1" in text) == (404, True, False)
    for link in links.values():
        assert door.press(f"{link}/take")[0] == 404


def test_a_link_of_an_earlier_spell_does_not_take_the_next(door: Door) -> None:
    link = door.link()
    door.stores.alerts.record(CLEARED)
    door.stores.alerts.record(RAISED_AGAIN)
    assert door.look(link)[0] == 404


def test_forged_ones_wait_ever_longer_and_good_ones_never(door: Door) -> None:
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    door.site.state.link_door = LinkDoor(door.links, Throttle(pause))
    for _ in range(4):
        assert door.look("/answer/x")[0] == 404
    assert len(pauses) == 3
    assert pauses == sorted(set(pauses))
    assert door.look(door.link())[0] == 200
    assert len(pauses) == 3


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_says_no_more_than_a_minimal_notice(door: Door, kind: Kind) -> None:
    told = replace(RAISED, id="a9", kind=kind, home="mrs-smiths-flat", subject="bathroom")
    door.stores.alerts.record(told)
    door.stores.alerts.add_notice(Notice("r9", "a9", "mary", Urgency.SOON, "Today", "body"), T, T)
    _, text = door.look(door.link("r9"))
    assert KINDS[kind].category.lower() in text.lower()
    for secret in ("mrs-smiths-flat", "bathroom", told.summary, KINDS[kind].title, "mary"):
        assert secret not in text.replace(KINDS[kind].category.capitalize(), "")

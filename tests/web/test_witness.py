"""Who saw what is noted, for every route that shows something of a resident, and what cannot be noted is not shown."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from sensor_hub.access.action import Action
from sensor_hub.access.actor import Actor, asking
from sensor_hub.access.chronology import View
from sensor_hub.web.doors import Doors
from sensor_hub.web.site import build_site
from sensor_hub.web.witness import VIEWS, Seen, UnwrittenError, actor_of
from tests.web.builders import HASH, MemoryHub, make_hub
from tests.web.duty import MemoryReviews
from tests.web.memory_silences import MemorySilences
from tests.web.roles import Known, everybody
from tests.web.visitor import Visitor

OF_NO_RESIDENT = {
    Action.SEE_FIGURES,
    Action.SEE_CONTACTS,
    Action.SEE_ROTAS,
    Action.SEE_POLICIES,
    Action.SEE_REPORTS,
    Action.SEE_SETTINGS,
    Action.SEE_METRICS,
    Action.SEE_API,
}
"""What can be seen and shows nothing of any home's people."""
NEVER_ALONE = {Action.SEE_CARE_ALERTS, Action.SEE_TELLING}
"""What widens the sight of a route that needs another action."""

FIRST = actor_of(everybody()["first"])


@dataclass
class Notes:
    noted: list[tuple[Actor, Seen]] = field(default_factory=list)
    is_full: bool = False

    def note(self, actor: Actor, seen: Seen) -> None:
        if self.is_full:
            raise UnwrittenError
        self.noted.append((actor, seen))


@dataclass
class AskingHub(MemoryHub):
    """Knows who asked for the acts."""

    askers: list[Actor] = field(default_factory=list)

    def acknowledge(self, alert: str, *, by: str) -> object:  # type: ignore[override]
        self.askers.append(asking())
        return super().acknowledge(alert, by=by)


@dataclass
class Rig:
    notes: Notes = field(default_factory=Notes)
    hub: MemoryHub = field(default_factory=make_hub)

    def ask(self, path: str, role: str = "first", method: str = "GET", json: object = None) -> int:
        known = Known(everybody())
        doors = Doors(reviews=MemoryReviews(), silencing=MemorySilences(self.hub))
        site = build_site(
            self.hub,
            self.hub,
            password_hash=HASH,
            secret="for tests",
            url="http://hub.test",
            simulated=False,
            now=lambda: self.hub.at,
            plan=self.hub.plan,
            doors=doors,
            credentials=known,
            views=self.notes,
        )
        visitor = Visitor(site)
        visitor.cookies.set("sensor_hub_session", role)
        answer = visitor.ask(method, path, json=json, headers={"Authorization": f"Bearer {role}"})
        self.text = answer.text
        self.type = answer.headers.get("content-type", "")
        return answer.status_code


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_every_action_by_which_something_is_seen_is_a_view_or_shows_nobody() -> None:
    seen = {action for action in Action if action.name.startswith(("SEE_", "EXPORT_"))}
    assert seen == set(VIEWS) | OF_NO_RESIDENT | NEVER_ALONE
    assert not set(VIEWS) & (OF_NO_RESIDENT | NEVER_ALONE)


@pytest.mark.parametrize(
    ("path", "seen"),
    [
        ("/", Seen(View.ALERTS)),
        ("/alerts/a1", Seen(View.ALERT, alert="a1")),
        ("/homes", Seen(View.HOMES)),
        ("/homes/elm-14?days=3", Seen(View.HOME, "elm-14")),
        ("/review", Seen(View.REVIEW)),
        ("/silences", Seen(View.SILENCES)),
        ("/api/v1/alerts", Seen(View.ALERTS)),
        ("/api/v1/alerts/a1", Seen(View.ALERT, alert="a1")),
        ("/api/v1/homes", Seen(View.HOMES)),
        ("/api/v1/homes/elm-14", Seen(View.HOME, "elm-14")),
        ("/api/v1/homes/elm-14/chart", Seen(View.CHART, "elm-14")),
        ("/api/v1/homes/elm-14/absences", Seen(View.STAYS, "elm-14")),
        ("/api/v1/ledger", Seen(View.LEDGER)),
        ("/api/v1/silences", Seen(View.SILENCES)),
    ],
)
def test_who_sees_a_page_is_noted_and_who_cannot_be_sees_nothing(rig: Rig, path: str, seen: Seen) -> None:
    assert rig.ask(path) == 200
    shown = rig.text
    assert rig.notes.noted == [(FIRST, seen)]
    rig.notes.is_full = True
    assert rig.ask(path) == 503
    assert "could not write down" in rig.text
    assert ("elm-14" in rig.text) <= ("elm-14" in path)
    assert len(rig.text) < len(shown) or path.startswith("/api")
    assert rig.type.startswith("application/problem+json" if path.startswith("/api") else "text/html")


def test_who_asks_is_named_by_role_and_tenant(rig: Rig) -> None:
    assert rig.ask("/alerts/a1", role="duty_officer") == 404
    assert rig.ask("/api/v1/alerts/nothing") == 404
    assert rig.ask("/homes/elm-14?days=2") == 404
    assert rig.ask("/contacts", role="technician") == 404
    assert rig.ask("/metrics") == 200
    assert rig.ask("/healthz") == 200
    assert rig.ask("/static/hub.css") in {200, 404}
    assert rig.notes.noted == []
    assert rig.ask("/api/v1/alerts", role="technician") == 200
    assert rig.notes.noted == [(Actor("technician", "technician", "elmham"), Seen(View.ALERTS))]


def test_who_asks_goes_along_with_what_is_done() -> None:
    made = make_hub()
    hub = AskingHub(made.rows, made.histories, plan=made.plan)
    rig = Rig(hub=hub)
    assert rig.ask("/api/v1/alerts/a1/acknowledge", method="POST", json={"by": "Sam"}) == 200
    assert hub.askers == [FIRST]
    assert asking() == Actor("", "")

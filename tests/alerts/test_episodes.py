from sensor_hub.alerts.episodes import Episodes
from sensor_hub.model.alert import AlertState
from sensor_hub.model.finding import Blind, Deviation
from sensor_hub.model.kind import Kind, Urgency

SINCE = 1767605000.0


def _cold(urgency: Urgency = Urgency.SOON, since: float = SINCE) -> Deviation:
    return Deviation(Kind.COLD, "", urgency, since, "cold")


def test_an_episode_has_one_alert_however_often_it_is_found() -> None:
    episodes = Episodes("h")
    first = episodes.settle([_cold()], SINCE + 300)
    assert [(c.state, c.number) for c in first] == [(AlertState.RAISED, 1)]
    assert episodes.settle([_cold(since=SINCE + 60)], SINCE + 600) == []


def test_urgency_rises_once_and_does_not_fall() -> None:
    episodes = Episodes("h")
    raised = episodes.settle([_cold()], SINCE + 300)[0]
    updated = episodes.settle([_cold(Urgency.URGENT)], SINCE + 600)
    assert [(c.id, c.state, c.number, c.urgency) for c in updated] == [
        (raised.id, AlertState.UPDATED, 2, Urgency.URGENT)
    ]
    assert episodes.settle([_cold(Urgency.SOON)], SINCE + 900) == []


def test_calm_clears_and_not_seeing_does_not() -> None:
    episodes = Episodes("h")
    episodes.settle([_cold()], SINCE + 300)
    assert episodes.settle([Blind(Kind.COLD, "", "no thermometer")], SINCE + 600) == []
    assert [episode.kind for episode in episodes.open()] == [Kind.COLD]
    cleared = episodes.settle([], SINCE + 900)
    assert [(c.state, c.number) for c in cleared] == [(AlertState.CLEARED, 2)]
    assert episodes.open() == []


def test_how_an_alert_is_now_is_no_change_of_it() -> None:
    episodes = Episodes("h")
    raised = episodes.settle([_cold()], SINCE + 300)[0]
    colder = Deviation(Kind.COLD, "", Urgency.SOON, SINCE, "colder")
    for findings, words in (
        ([colder, Blind(Kind.COLD, "", "no thermometer"), Blind(Kind.HEATING_OFF, "", "unknown")], ["colder"]),
        ([Blind(Kind.COLD, "", "no thermometer")], ["It cannot be told how it is: no thermometer."]),
    ):
        assert episodes.settle(findings, SINCE + 600) == []
        assert episodes.now(findings) == [(raised.id, *words)]
    episodes.settle([], SINCE + 900)
    assert episodes.now([]) == []


def test_the_same_episode_found_again_keeps_its_id_and_counts_on() -> None:
    episodes = Episodes("h")
    first = episodes.settle([_cold()], SINCE + 300)[0]
    episodes.settle([], SINCE + 600)
    again = episodes.settle([_cold()], SINCE + 900)[0]
    other = [episodes.settle([], SINCE + 1200), episodes.settle([_cold(since=SINCE + 999)], SINCE + 1500)][1][0]
    assert (again.id, again.number) == (first.id, 3)
    assert other.id != first.id
    assert other.number == 1

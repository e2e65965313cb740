"""What a duty officer reads and can do."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest

from sensor_hub.model.alert import Outcome
from sensor_hub.model.kind import KINDS, Kind, Urgency
from sensor_hub.model.moment import DAY, HOUR
from sensor_hub.web.ports import Handled, OwnLimitRow, UnreachedRow
from tests.web.builders import MemoryHub, covers, history, make_alert, make_home, make_hub, make_site
from tests.web.visitor import Visitor


def words(page: str) -> str:
    """The page's text as one line."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def test_the_most_urgent_stands_first_with_its_sentence(jo: Visitor) -> None:
    text = words(jo.get("/").text)
    order = ["Cannot see: 2 of 5 homes", "Needs someone now 1", "Today 2", "Weekly review 1", "Closed in the last day"]
    assert [text.index(title) for title in order] == sorted(text.index(title) for title in order)
    assert "No movement since 05:12; usually up by 08:10 (27 of 28 days)." in text
    assert "Since 05:10 today (4 h 30 min ago)" in text
    assert "Acknowledged by Sam, 09:28 today (12 min ago)" in text


def test_how_an_alert_is_now_stands_beside_what_was_told(hub: MemoryHub, jo: Visitor) -> None:
    history, now = hub.histories["b2"], "13.0 °C in the bedroom, below 16 °C since 00:40 (9 h)."
    pages = ("/", "/alerts/b2", "/homes/oak-2")
    assert not any("Now:" in words(jo.get(page).text) for page in pages)
    hub.histories["b2"] = replace(history, alert=replace(history.alert, now=now))
    for page in pages:
        assert f"below 16 °C for 9 hours. Now: {now}" in words(jo.get(page).text)
    assert jo.get("/api/v1/alerts/b2").json()["alert"]["now"] == now
    hub.is_ready = False
    assert f"When the hub last looked: {now}" in words(jo.get("/alerts/b2").text)
    for alert in (
        replace(history.alert, now=history.alert.summary),
        replace(history.alert, now=now, cleared_at=hub.at),
    ):
        hub.histories["b2"] = replace(history, alert=alert)
        assert now not in words(jo.get("/alerts/b2").text)


def test_homes_that_cannot_be_seen_are_named_with_the_reason(jo: Visitor) -> None:
    text = words(jo.get("/").text)
    assert "birch-7 nothing can be seen : gateway silent since 03:40 today" in text
    assert "rowan-21 seen only in part Would miss “Cold home”: the bedroom's thermometer is silent" in text
    assert "2 of 5 homes watched, 1 still learning ( fir-3 ), 2 not seen, wholly or in part." in text


def test_no_alert_is_not_called_well(hub: MemoryHub, jo: Visitor) -> None:
    hub.histories.clear()
    text = words(jo.get("/").text)
    assert "No alert is open. That tells only of the 2 homes watched now" in text
    assert "in the other 3, still learning or not seen, something may be wrong unseen" in text
    assert not re.search(r"all (is )?(well|clear|quiet)|everything is|no problems", text, re.IGNORECASE)


def test_a_home_never_watched_is_blind_and_a_hub_that_does_not_work_says_so(hub: MemoryHub, jo: Visitor) -> None:
    hub.rows["oak-2"] = replace(hub.rows["oak-2"], coverage=())
    hub.is_ready = False
    text = words(jo.get("/").text)
    assert "oak-2 nothing can be seen : it has not been watched yet" in text
    assert "The hub is not working" in text


def test_more_blind_homes_than_fit_are_folded_and_still_counted(hub: MemoryHub, jo: Visitor) -> None:
    for number in range(6):
        home = make_home(f"pine-{number}")
        hub.rows[home.id] = replace(hub.rows["birch-7"], home=home)
    text = words(jo.get("/").text)
    assert "Cannot see: 8 of 11 homes" in text
    assert "4 more homes" in text


def test_taking_an_alert(hub: MemoryHub, jo: Visitor) -> None:
    answer = jo.send("/alerts/a1/acknowledge", by="Jo", back="alerts")
    assert (answer.status_code, answer.headers["location"]) == (303, "/?told=acknowledged")
    assert hub.histories["a1"].alert.acknowledged_by == "Jo"
    assert "You have taken this alert" in words(jo.get("/?told=acknowledged").text)
    assert "Acknowledged by Jo, 09:40 today (just now)" in words(jo.get("/alerts/a1").text)


def test_of_two_who_take_it_the_second_is_told_kindly(hub: MemoryHub, jo: Visitor) -> None:
    hub.acknowledge("a1", by="Sam")
    answer = jo.send("/alerts/a1/acknowledge", by="Jo", back="alerts")
    assert answer.headers["location"] == "/alerts/a1?told=already-acknowledged"
    text = words(jo.get(answer.headers["location"]).text)
    assert "Somebody was quicker: this alert had been taken before you pressed the button. Nothing was changed." in text
    assert "Acknowledged by Sam" in text
    assert hub.histories["a1"].alert.acknowledged_by == "Sam"


def test_an_alert_says_what_to_do_first_until_it_is_closed(jo: Visitor) -> None:
    check = KINDS[Kind.INACTIVITY].check
    assert f"What to do: {check}" in words(jo.get("/alerts/a1").text)
    jo.send("/alerts/a1/close", by="Jo", outcome="false")
    assert check not in words(jo.get("/alerts/a1").text)


def test_closing_with_an_outcome(hub: MemoryHub, jo: Visitor) -> None:
    answer = jo.send("/alerts/a1/close", by="Jo", outcome="false", note="Asleep in the chair <well>")
    assert answer.headers["location"] == "/alerts/a1?told=closed"
    assert hub.histories["a1"].alert.outcome is Outcome.FALSE
    page = jo.get("/alerts/a1").text
    assert "Closed by Jo, 09:40 today (just now): false alarm" in words(page)
    assert "Asleep in the chair &lt;well&gt;" in page
    assert "/alerts/a1/close" not in page
    assert jo.send("/alerts/a1/close", by="Sam", outcome="true").headers["location"].endswith("told=already-closed")


def test_a_form_that_is_not_complete_comes_back_with_what_is_missing(hub: MemoryHub, jo: Visitor) -> None:
    answer = jo.send("/alerts/a1/close", by="  ", note="Rang twice")
    assert answer.status_code == 422
    text = words(answer.text)
    assert "Enter your name" in text
    assert "Say what was found" in text
    assert "Rang twice" in answer.text
    assert jo.send("/alerts/a1/acknowledge", by="x" * 61).status_code == 422
    assert hub.histories["a1"].alert.handled is Handled.OPEN


def test_an_alert_that_ended_by_itself_can_still_be_given_an_outcome(hub: MemoryHub, jo: Visitor) -> None:
    assert "Ended by itself, 16:40 yesterday (17 h ago)" in words(jo.get("/alerts/e5").text)
    jo.send("/alerts/e5/close", by="Jo", outcome="true")
    assert hub.histories["e5"].alert.outcome is Outcome.TRUE


def test_the_chronology_says_who_was_told_and_who_was_not(jo: Visitor) -> None:
    text = words(jo.get("/alerts/a1").text)
    assert "06:16 today Notice to duty-phone by channel 1 (mailto): taken by the service" in text
    assert "Notice to warden-email by channel 1 (mailto): failed, will be tried again (needs a look)" in text
    assert "the mail server did not answer" in text
    assert "Last movement 05:10 today" in text
    assert "Still 4 h 28 min" in text


def test_an_alert_of_a_home_no_longer_known_is_still_shown(hub: MemoryHub, jo: Visitor) -> None:
    alert = replace(hub.histories["a1"].alert, id="z9", home="gone-1", subject="0x99")
    hub.histories["z9"] = history(alert)
    assert "at gone-1" in words(jo.get("/").text)
    page = jo.get("/alerts/z9")
    assert page.status_code == 200
    assert "/homes/gone-1" not in page.text


@pytest.mark.parametrize("path", ["/alerts/none", "/homes/none", "/homes/elm-14?days=2", "/nothing"])
def test_what_is_not_there_is_a_page_that_says_so(jo: Visitor, path: str) -> None:
    answer = jo.get(path)
    assert answer.status_code == 404
    assert "Go to the first page" in answer.text
    assert "URI" not in answer.text


def test_the_home_says_the_chart_again_as_tables(jo: Visitor) -> None:
    text = words(jo.get("/homes/elm-14?days=1").text)
    assert "Movement as a table" in text
    assert "Sun 4 Jan 16:00" in text
    assert "not seen" in text
    assert "Kitchen movement from 14:30 yesterday to 20:00 yesterday" in text
    assert "Motion 0x00158d0001ff0009 heard 09:37 today (3 min ago)" in text


def test_a_home_whose_history_cannot_be_told_says_so_and_shows_the_rest(hub: MemoryHub, jo: Visitor) -> None:
    hub.has_history = False
    page = jo.get("/homes/elm-14")
    text = words(page.text)
    assert page.status_code == 200
    assert "We cannot show the history now. The home is watched and alerts are told all the same." in text
    assert "Movement as a table" not in text
    assert "What is watched for" in text


def test_a_long_chart_has_a_row_for_each_day(jo: Visitor) -> None:
    page = jo.get("/homes/elm-14?days=30").text
    assert page.count("00:00</th>") >= 60
    assert jo.get("/homes/elm-14?days=2").status_code == 404


def test_a_blind_home_says_since_when_each_sensor_is_silent(jo: Visitor) -> None:
    text = words(jo.get("/homes/birch-7").text)
    assert "Would miss everything: gateway silent since 03:40 today" in text
    assert "Gateway gateway heard 03:30 today (6 h ago), expected every 10 min" in text
    assert "offline said 6 h ago" in text


def test_a_sensor_that_counts_less_because_of_a_pet_says_so(hub: MemoryHub, jo: Visitor) -> None:
    row = hub.rows["elm-14"]
    devices = tuple(replace(each, pet=each.has_activity) for each in row.home.devices)
    hub.rows["elm-14"] = replace(row, home=replace(row.home, devices=devices))
    assert "; a pet is there: a lone movement is not counted" in words(jo.get("/homes/elm-14").text)


def test_what_cannot_be_seen_of_one_of_several_residents_is_said(hub: MemoryHub, jo: Visitor) -> None:
    row = hub.rows["elm-14"]
    assert "people live here" not in words(jo.get("/homes/elm-14").text)
    hub.rows["elm-14"] = replace(row, home=replace(row.home, residents=2))
    assert "2 people live here: stillness is told only when nobody moves." in words(jo.get("/homes/elm-14").text)


def test_an_empty_hub_has_pages_too() -> None:
    visitor = Visitor(make_site(MemoryHub()))
    visitor.sign_in()
    assert "No home is shown to you, so that says nothing about anybody" in words(visitor.get("/").text)
    assert "No home is set up yet" in words(visitor.get("/homes").text)


def test_a_home_without_any_reading_has_a_page(hub: MemoryHub, jo: Visitor) -> None:
    home = make_home("new-1")
    hub.rows["new-1"] = replace(
        hub.rows["oak-2"], home=home, last_heard=None, heard={}, gateway=None, coverage=covers()
    )
    text = words(jo.get("/homes/new-1").text)
    assert "Last heard never heard" in text
    assert "It has never said anything." in text


def test_simulated_time_heads_every_page() -> None:
    visitor = Visitor(make_site(make_hub(), is_simulated=True))
    visitor.sign_in()
    pages = [visitor.get(path).text for path in ("/login", "/", "/homes", "/homes/elm-14", "/alerts/a1", "/nothing")]
    assert all("Simulated time" in page and "Mon 5 Jan 2026, 09:40 UTC" in page for page in pages)


def test_real_time_is_not_called_simulated(jo: Visitor) -> None:
    assert "Simulated" not in jo.get("/").text


def test_no_page_holds_script_or_style_of_its_own_or_a_foreign_address(jo: Visitor) -> None:
    for path in ("/login", "/", "/homes", "/homes/elm-14", "/alerts/a1", "/nothing"):
        page = jo.get(path).text
        assert not re.search(r"<script(?![^>]*src=)|<style| style=| on[a-z]+=|https?://", page), path


def test_what_outcomes_have_moved_is_said_and_undone_with_one_button(hub: MemoryHub, jo: Visitor) -> None:
    moved = OwnLimitRow(Kind.INACTIVITY, 1.0, 2, 0)
    hub.rows["oak-2"] = replace(hub.rows["oak-2"], limits=[moved])
    said = "No movement asks for a little more evidence (+1.0) since 2 alerts were false"
    assert said in words(jo.get("/homes/oak-2").text)
    done = jo.send("/homes/oak-2/forget-outcomes", kind="inactivity")
    assert done.headers["location"] == "/homes/oak-2?told=forgotten"
    assert said not in words(jo.get("/homes/oak-2?told=forgotten").text)
    assert jo.send("/homes/nobody/forget-outcomes", kind="inactivity").status_code == 404
    assert jo.ask("POST", "/homes/oak-2/forget-outcomes", form={"kind": "inactivity"}).status_code == 403


def test_that_nobody_answered_stands_on_the_list_the_alert_and_in_the_api(hub: MemoryHub, jo: Visitor) -> None:
    row = next(row for row in hub.open_alerts() if row.kind is Kind.INACTIVITY)
    hub.histories[row.id] = history(replace(row, exhausted_at=hub.at))
    assert "Nobody answered" in words(jo.get("/").text)
    assert "Everybody who should act was told, and nobody has answered." in words(jo.get(f"/alerts/{row.id}").text)
    assert jo.get(f"/api/v1/alerts/{row.id}").json()["alert"]["exhausted_at"] == "2026-01-05T09:40:00Z"


def test_contacts_whom_notices_do_not_reach_are_named_for_a_week(hub: MemoryHub, jo: Visitor) -> None:
    assert "Notices do not arrive" not in words(jo.get("/").text)
    hub.lost = [
        UnreachedRow("mary", hub.at - 3 * HOUR, "the mail server refuses the recipient (550)"),
        UnreachedRow("gone", hub.at - 8 * DAY, "no answer"),
    ]
    page = words(jo.get("/").text)
    assert "mary : the mail server refuses the recipient (550), last given up 3 h ago" in page
    assert "gone" not in page


def test_the_first_page_tells_of_the_whole_hub_and_puts_what_it_covers_behind(hub: MemoryHub, jo: Visitor) -> None:
    wider = make_alert("wider", "*", Kind.HOMES_SILENT, Urgency.URGENT, hub.at, "Many homes fell silent.")
    covered = make_alert("c1", "elm-14", Kind.GATEWAY_SILENT, Urgency.SOON, hub.at, "Nothing heard.")
    hub.histories["wider"] = history(wider)
    hub.histories["c1"] = history(replace(covered, kept_back="covered"))
    page = jo.get("/").text
    assert "at the whole hub" in page
    assert "1 alert covered by a wider one" in page
    assert "Many homes silent at the whole hub" in jo.get("/alerts/wider").text

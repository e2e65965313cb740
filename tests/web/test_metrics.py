"""The hub's numbers, and that what we ship for Prometheus and Grafana asks for no others."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from sensor_hub.desk.hub_numbers import hub_numbers
from sensor_hub.history.port import FeedNumbers
from sensor_hub.ingest.uplink import BrokerAddress, Uplink
from sensor_hub.model.kind import Kind
from sensor_hub.web.metrics import HubNumbers
from tests.alerts.changes import AT, change
from tests.storage.stores import open_fresh
from tests.web.builders import NOW, PASSWORD, make_hub, make_site
from tests.web.visitor import Visitor

DEPLOY = Path(__file__).parents[2] / "deploy"
NUMBERS = HubNumbers(
    position=17,
    last_tick=NOW - 200,
    notices={"delivered": 5, "waiting": 1},
    oldest_due=NOW - 60,
    exhausted=1,
    broken_channels=2,
    bytes_on_disk=4096,
    dropped=3,
    history=FeedNumbers(behind_entries=7, behind_seconds=12.5, fed=1000, beyond=4, refused=1),
)
Samples = Mapping[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture
def samples() -> Samples:
    site = make_site(make_hub())
    site.state.numbers = lambda: NUMBERS
    auth = httpx.BasicAuth("prometheus", PASSWORD)
    headers = {"Authorization": next(auth.auth_flow(httpx.Request("GET", "http://hub.test"))).headers["Authorization"]}
    answer = Visitor(site).ask("GET", "/metrics", headers=headers)
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    families = text_string_to_metric_families(answer.text)
    return {
        (each.name, tuple(sorted(each.labels.items()))): each.value for family in families for each in family.samples
    }


def test_what_pages_show_is_counted(samples: Samples) -> None:
    assert samples["sensor_hub_open_alerts", (("handled", "open"), ("urgency", "urgent"))] == 1
    assert samples["sensor_hub_homes", (("sight", "blind"),)] == 2
    assert samples["sensor_hub_rejected_messages", (("reason", "not SenML"),)] == 3
    assert samples["sensor_hub_ready", ()] == 1
    assert _sum(samples, "sensor_hub_gateways") == _sum(samples, "sensor_hub_homes") > 0


def _sum(samples: Samples, name: str) -> float:
    return sum(value for (each, _), value in samples.items() if each == name)


def test_how_far_the_hub_has_come_is_told(samples: Samples) -> None:
    assert samples["sensor_hub_log_entries_total", ()] == 17
    assert samples["sensor_hub_messages_left_total", ()] == 3
    assert samples["sensor_hub_judged_behind_seconds", ()] == 200
    assert samples["sensor_hub_notices", (("state", "waiting"),)] == 1
    assert samples["sensor_hub_notice_due_since_seconds", ()] == NOW - 60
    assert samples["sensor_hub_exhausted_alerts", ()] == 1
    assert samples["sensor_hub_broken_channels", ()] == 2
    assert samples["sensor_hub_database_bytes", ()] == 4096
    assert samples["sensor_hub_disk_full", ()] == 0
    assert samples["sensor_hub_history_behind_entries", ()] == 7
    assert samples["sensor_hub_history_behind_seconds", ()] == 12.5
    assert samples["sensor_hub_history_readings_total", ()] == 1000
    assert samples["sensor_hub_history_refused_total", (("reason", "too old"),)] == 4


def test_no_home_and_no_person_is_named(samples: Samples) -> None:
    told = {value for _, labels in samples for _, value in labels}
    assert not told & {"elm-14", "oak-2", "birch-7", "Sam", "duty-phone"}


def test_rules_and_dashboard_ask_only_for_what_is_told(samples: Samples) -> None:
    told = {name for name, _ in samples}
    dashboard = json.loads((DEPLOY / "grafana" / "sensor-hub.json").read_text())
    asked = "\n".join(target["expr"] for panel in dashboard["panels"] for target in panel["targets"])
    asked += (DEPLOY / "prometheus" / "sensor-hub.rules.yml").read_text()
    names = set(re.findall(r"sensor_hub_\w+", asked))
    assert len(names) > 10
    assert names <= told


def test_the_stores_numbers(tmp_path: Path) -> None:
    stores = open_fresh(tmp_path)
    try:
        numbers = hub_numbers(stores, Uplink(BrokerAddress("127.0.0.1", 1883), lambda _: True))
        assert (numbers.position, numbers.oldest_due, numbers.exhausted, numbers.notices) == (0, None, 0, {})
        assert numbers.bytes_on_disk > 0
        stores.alerts.record(change(Kind.COLD))
        stores.memory.keep_settled(AT)
        assert hub_numbers(stores, Uplink(BrokerAddress("127.0.0.1", 1883), lambda _: True)).last_tick == AT
    finally:
        stores.database.close()

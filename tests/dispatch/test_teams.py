"""Notices for Microsoft Teams. Power Automate cannot be reached from a test: a stand-in takes them, by TLS."""

from __future__ import annotations

import json
import ssl
from pathlib import Path
from typing import Any

import pytest

from sensor_hub.alerts.notice import Notice
from sensor_hub.dispatch.teams import TeamsNotifier, message_of
from sensor_hub.model.kind import Urgency
from tests.brokers import free_port
from tests.dispatch.mail_server import own_certificate
from tests.dispatch.notices import check_golden
from tests.dispatch.outcomes import failure, send
from tests.dispatch.web_service import WebService

SIGNATURE = "KODuebWbDGYFr0z0eu"


def address(port: int) -> str:
    return f"workflows://127.0.0.1:{port}/643e69f8/{SIGNATURE}/?verify=no"


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    folder: Path = tmp_path_factory.mktemp("teams")
    return own_certificate(folder)


def elements(notice: Notice) -> list[object]:
    message: Any = message_of(notice)
    return list(message["attachments"][0]["content"]["body"])


def test_the_cards() -> None:
    """One element of the card in each line."""
    check_golden("teams", lambda notice: "\n".join(json.dumps(each, ensure_ascii=False) for each in elements(notice)))


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_it_posts_the_card_where_apprise_would_and_gives_the_id_of_the_run(tls: ssl.SSLContext) -> None:
    with WebService(status=202, headers={"x-ms-workflow-run-id": "run-1"}, tls=tls) as teams:
        assert send(TeamsNotifier(), address(teams.port)) == "run-1"
    (asked,) = teams.asked
    path, _, query = asked.path.partition("?")
    assert path == "/workflows/643e69f8/triggers/manual/paths/invoke"
    assert query == f"api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig={SIGNATURE}"
    assert asked.json()["type"] == "message"


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
@pytest.mark.parametrize(("status", "outcome"), [(400, "for ever"), (401, "for now"), (429, "for now"), (0, "unknown")])
def test_what_becomes_of_it(status: int, outcome: str, tls: ssl.SSLContext) -> None:
    with WebService(status=status, tls=tls) as teams:
        assert failure(TeamsNotifier(), address(teams.port), secrets=(SIGNATURE,))[0] == outcome


def test_a_certificate_of_nobody_is_not_trusted_and_nothing_is_sent(tls: ssl.SSLContext) -> None:
    with WebService(tls=tls) as teams:
        verified = address(teams.port).replace("?verify=no", "")
        assert failure(TeamsNotifier(), verified) == ("for now", "Teams cannot be reached (SSLError)")
    assert teams.asked == []
    assert failure(TeamsNotifier(), address(free_port()))[0] == "for now"
    assert failure(TeamsNotifier(), "workflows://127.0.0.1/")[0] == "for ever"


def test_no_sign_in_a_title_means_anything() -> None:
    notice = Notice("r1", "a1", "team", Urgency.SOON, "Today: Cold, a_b_c *x* [y](z) (ref r1)", "a_b_c *x*\n")
    card = json.dumps(message_of(notice), ensure_ascii=False)
    assert r"Today: Cold, a\\_b\\_c \\*x\\* \\[y\\](z)" in card
    assert '"inlines": [{"type": "TextRun", "text": "a_b_c *x*"}]' in card

"""A contact's text message through a real Kannel, and Kannel's word that the telephone has it, back at the hub."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from fastapi import FastAPI

from sensor_hub.alerts.notice import Letterhead, Turn, write
from sensor_hub.alerts.reply import Reply
from sensor_hub.clock import Clock
from sensor_hub.dispatching import build_dispatching
from sensor_hub.page_server import PageServer
from sensor_hub.settings import read_settings
from sensor_hub.web.callbacks import callback_routes
from sensor_hub.web.session import Throttle
from tests.brokers import free_port
from tests.dispatch.kannel import Kannel, answers
from tests.dispatch.notices import LONDON
from tests.storage.stores import open_fresh
from tests.storage.test_alert_book import RAISED, T
from tests.waiting import wait_for

SETTINGS = """\
url = "{url}"

[[contact]]
id = "ann"
address = "kannel://hub:p%26ss%20w%3Ard@127.0.0.1:{kannel}/Hub/+447700900124"

[callbacks]
token = "a-token-with-%-and-&-in-it"
"""


class NoReplies:
    def take(self, reply: Reply) -> None:
        raise AssertionError(reply)


def test_it_is_known_that_a_text_message_arrived(tmp_path: Path) -> None:
    kannel, port = Kannel(tmp_path), free_port()
    (tmp_path / "hub.toml").write_text(SETTINGS.format(url=f"http://127.0.0.1:{port}", kannel=kannel.port))
    settings, stores = read_settings(tmp_path / "hub.toml"), open_fresh(tmp_path)
    hub = build_dispatching(settings, stores, [], Clock(), lambda reference: f"{reference}.signed")
    site = FastAPI()
    site.include_router(callback_routes(hub.receipts, NoReplies(), settings.callbacks.token or "", Throttle()))
    pages = PageServer(site, "127.0.0.1", port)
    stores.alerts.record(RAISED)
    notice = write(RAISED, settings.contacts[0], LONDON, Letterhead(settings.notice_url), Turn(1))
    stores.alerts.add_notice(notice, T, T)
    with ExitStack() as undo:
        undo.callback(stores.database.close)
        undo.callback(kannel.stop)
        kannel.start()
        pages.start()
        undo.callback(pages.stop, 5)
        wait_for(lambda: answers(f"http://127.0.0.1:{port}/"), what="the hub")
        hub.dispatch.start()
        undo.callback(hub.dispatch.stop, 5)
        lines = lambda: [line.state for line in stores.ledger.of_alert(RAISED.id)]  # noqa: E731
        wait_for(lambda: "arrived" in lines(), what="the receipt")
        assert lines()[-2:] == ["delivered", "arrived"]
        link = f"Take it: http://127.0.0.1:{port}/answer/{notice.reference}.signed"
        assert any(link in line for line in kannel.sent)

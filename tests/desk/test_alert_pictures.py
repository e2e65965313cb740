from __future__ import annotations

import io

from PIL import Image

from sensor_hub.alerts.notice import Notice
from sensor_hub.desk.alert_pictures import AlertPictures
from sensor_hub.model.kind import Urgency
from tests.web.builders import NOW, make_hub

HUB = make_hub()


def notice(alert: str) -> Notice:
    return Notice("r1", alert, "team", Urgency.URGENT, "", "")


def test_the_picture_of_an_alert_is_a_small_png_and_says_in_words_what_it_shows() -> None:
    picture = AlertPictures(HUB, lambda: NOW).draw(notice("a1"))
    assert picture is not None
    image = Image.open(io.BytesIO(picture.png))
    assert (image.format, image.width) == ("PNG", 1280)
    assert len(picture.png) < 60_000
    assert picture.words.startswith(
        "Chart of home elm-14 from 09:45, Sunday 4 January to 09:40, Monday 5 January. Living"
    )
    assert "Bedroom: last movement about 01:30, Monday." in picture.words
    assert "Living room: 17.4 to 19.6 °C, 18.3 °C at the end." in picture.words


def test_it_reaches_back_to_where_the_alert_began() -> None:
    picture = AlertPictures(HUB, lambda: NOW).draw(notice("d4"))
    assert picture is not None
    assert "from 10:00, Monday 29 December" in picture.words, "three days and what was before"


def test_a_mail_goes_without_a_chart_where_the_history_cannot_be_told() -> None:
    hub = make_hub()
    hub.has_history = False
    assert AlertPictures(hub, lambda: NOW).draw(notice("a1")) is None


def test_of_an_alert_that_is_not_there_there_is_none() -> None:
    assert AlertPictures(HUB, lambda: NOW).draw(notice("gone")) is None

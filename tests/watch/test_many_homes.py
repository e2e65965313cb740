"""What is told when many homes need somebody at once: at the sizes of a real hub, through its worker and stores."""

from __future__ import annotations

from pathlib import Path

from sensor_hub.alerts.grouping import MOST_TOGETHER
from sensor_hub.model.kind import Kind
from sensor_hub.model.moment import HOUR, MINUTE
from tests.alerts.storms import Night, T, cleared, homes, raised


def test_two_thousand_homes_that_lose_a_broker_are_one_page_and_what_stays_silent_is_told_in_few(
    tmp_path: Path,
) -> None:
    night = Night(tmp_path, homes(2000))
    # Gateways say `online` every five minutes: the silences begin within these, and are found at two ticks.
    silent = [
        raised(f"flat-{number}", Kind.GATEWAY_SILENT, since=T - HOUR + number % 300, subject="gateway")
        for number in range(2000)
    ]
    night.find(*silent[:150])
    assert night.sent == []
    night.pass_(5)
    night.find(*silent[150:])
    night.pass_(120)
    (storm,) = night.told("fitter")
    assert storm.title.startswith("URGENT: Equipment")
    # Nobody took it: the next one is told of the same one alert.
    assert [notice.title.partition(" (")[0] for notice in night.told("office")] == ["URGENT: Equipment"]
    assert {night.history(each)[-1][0] for each in silent} == {"covered"}
    # All but forty come back. These have a tick's time to be heard, and are told at the next quarter of an hour.
    night.find(*(cleared(each, night.time.at) for each in silent[40:]))
    night.pass_(30)
    (storm, rest) = night.told("fitter")
    assert rest.title.startswith("Today: Equipment and 39 more")
    assert len(night.references("fitter")) == 41
    assert [act for act, *_ in night.history(silent[0])][:3] == ["told", "covered", "told"]
    night.stores.database.close()


def test_two_hundred_cold_homes_in_one_night_are_few_notices_and_every_home_is_in_them(tmp_path: Path) -> None:
    night = Night(tmp_path, homes(200))
    alerts = [
        raised(f"flat-{number}", Kind.COLD, at=T + number % 24 * 5 * MINUTE, temperature=8 + number % 70 / 10)
        for number in range(200)
    ]
    for found_at in sorted({each.at for each in alerts}):
        night.time.at = found_at
        night.find(*(each for each in alerts if each.at == found_at))
    night.pass_(15)
    notices = night.told("carers")
    # Two hours have eight quarters of an hour.
    assert len(notices) <= 9
    assert len(night.references("carers")) == 200
    for notice in notices:
        temperatures = [
            next(each.evidence["temperature"] for each in alerts if each.home == home)
            for home in (part.partition(" (")[0] for part in notice.body.split("Cold home, ")[1:])
        ]
        assert temperatures == sorted(temperatures)
        assert len(temperatures) <= MOST_TOGETHER
    # Who follows has quiet hours, and is told in the morning, of what nobody has taken.
    assert night.told("office") == []
    night.pass_(6 * 60)
    assert len(night.references("office")) == 200
    assert len(night.told("office")) <= 2 * 200 / MOST_TOGETHER
    night.stores.database.close()

"""What happens in a home for each kind to be told, in its variants: the log, and by the kind's name what to call it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sensor_hub.model.entry import Arrival, Entry
from sensor_hub.model.home import Device, Home
from sensor_hub.model.kind import Kind
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, HOUR, MINUTE
from sensor_hub.model.reading import Reading
from sensor_hub.model.room import Room
from sensor_hub.model.visit import Visit
from tests.homes import LONDON, arrival, by_arrival, moment, small_home, whole_log
from tests.winter import House, outdoor_home, winter_log

START = moment("2026-01-05 00:00")
HOME = small_home()
Log = tuple[Home, list[Entry]]


@dataclass(frozen=True)
class Situation:
    kind: Kind
    name: str
    log: Callable[[], Log]


def day(number: float, hour: float = 0.0) -> float:
    return START + number * DAY + hour * HOUR


def usual(until: float, *, home: Home = HOME) -> list[Arrival]:
    return whole_log(home, START, until)


def without(log: Iterable[Arrival], start: float, end: float, *devices: str) -> list[Arrival]:
    """The log without the movements (all readings, of `devices`) of that time."""
    return [
        one
        for one in log
        if not start <= one.reading.at < end
        or (one.reading.device not in devices if devices else one.reading.metric is not Metric.MOTION)
    ]


def moves(device: str, moments: Iterable[float]) -> list[Arrival]:
    return [arrival(at, device, Metric.MOTION) for at in moments]


def changed(log: Iterable[Arrival], metric: Metric, value: Callable[[Reading], float]) -> list[Arrival]:
    return [
        Arrival(one.received, replace(one.reading, value=value(one.reading))) if one.reading.metric is metric else one
        for one in log
    ]


def held_back(log: Iterable[Arrival], start: float, end: float) -> list[Arrival]:
    """What was measured in that time arrives after it."""
    return [
        Arrival(end + (one.reading.at - start) / 100, one.reading) if start <= one.reading.at < end else one
        for one in log
    ]


def _still(first_day: int, *more: Arrival, hours: float = 12.0) -> Log:
    fall = day(first_day, 10)
    return HOME, by_arrival([*without(usual(fall + hours * HOUR), fall, day(99)), *more])


def _still_with_a_dead_sensor() -> Log:
    _, log = _still(20)
    return HOME, [one for one in _arrivals(log) if one.reading.device != "motion-hall" or one.reading.at < day(20, 6)]


def _still_and_then_dark() -> Log:
    fall, dark = day(14, 20), day(14, 22.75)
    seen = without(usual(day(15, 4)), fall, fall + DAY)
    motion = [d.id for d in HOME.devices if d.id.startswith(("motion", "front"))]
    return HOME, by_arrival(without(seen, dark, dark + DAY, *motion))


def _still_in_an_outage() -> Log:
    log = without(usual(day(16, 12)), day(14, 9), day(14, 17))
    return HOME, by_arrival(held_back(log, day(14), day(15, 12)))


def _arrivals(log: Iterable[Entry]) -> list[Arrival]:
    return [one for one in log if isinstance(one, Arrival)]


def _in_bed(mornings: int) -> Log:
    log = without(usual(day(mornings, 12)), day(mornings, 3), day(mornings, 11))
    return HOME, by_arrival([*log, *moves("motion-bedroom", [day(mornings, 5), day(mornings, 7.6)])])


def _nights(device: str, hours: Iterable[float], *, first: int = 16, number: int = 3) -> Log:
    more = [arrival(day(n, hour), device, Metric.MOTION) for n in range(first, first + number) for hour in hours]
    return HOME, by_arrival([*usual(day(first + number, 7)), *more])


def _few_by_day() -> Log:
    log = [
        one
        for one in usual(day(20))
        if one.reading.device != "motion-bathroom" or one.reading.metric is Metric.BATTERY or one.reading.at < day(16)
    ]
    return HOME, by_arrival(log)


def _nights_with_a_dark_one() -> Log:
    """The second of four restless nights cannot be seen."""
    _, log = _nights("motion-kitchen", [0.5 + n / 4 for n in range(12)], number=4)
    return HOME, without(_arrivals(log), day(16, 20), day(17, 8), *(device.id for device in HOME.devices))


def _door_at_night(night: int) -> Log:
    return HOME, by_arrival([*usual(day(night, 4)), arrival(day(night, 2.5), "front-door", Metric.CONTACT)])


def _door_at_night_with_a_dead_sensor() -> Log:
    _, log = _door_at_night(14)
    return HOME, [one for one in _arrivals(log) if one.reading.device != "motion-hall" or one.reading.at < day(13)]


def _out(days: int, gone: tuple[float, float]) -> Log:
    """Out for one to two hours each day from ten o'clock, and then once for longer."""
    stays = [(day(n, 10.02), day(n, 11.02 + n % 5 / 4)) for n in range(days)] + [
        (day(days, gone[0]), day(days, gone[1]))
    ]
    log = [
        one
        for one in usual(day(days + 1, 3))
        if one.reading.metric is not Metric.MOTION or not any(a <= one.reading.at < b for a, b in stays)
    ]
    doors = [arrival(at, "front-door", Metric.CONTACT) for stay in stays for at in stay]
    halls = [one for a, b in stays for one in moves("motion-hall", [a - MINUTE, b + MINUTE])]
    return HOME, [one for one in by_arrival([*log, *doors, *halls]) if one.received < day(days + 1, 3)]


def _visit_missed(days: int) -> Log:
    home = replace(HOME, visits=(Visit("morning", 8 * 60 + 30),))
    came = [day(n, 8.5) + stay for n in range(days) for stay in (0.0, 30 * MINUTE)]
    return home, by_arrival([*usual(day(days, 12)), *(arrival(at, "front-door", Metric.CONTACT) for at in came)])


def _at(temperature: Callable[[float], float], until: float, *, begins: float = day(6, 14)) -> Log:
    """Each thermometer shows so much more from `begins` on; what is added depends on the hours since."""
    return HOME, list(
        changed(
            usual(until),
            Metric.TEMPERATURE,
            lambda one: float(one.value) + (temperature((one.at - begins) / HOUR) if one.at >= begins else 0.0),
        )
    )


def _cooler(hours: float) -> float:
    return max(-hours, -9.0)


def _cold_with_a_dead_thermometer() -> Log:
    _, log = _at(_cooler, day(7, 6))
    return HOME, without(_arrivals(log), day(6, 12), day(9), "climate-bedroom")


def _boiler(house: House, days: float) -> Log:
    return outdoor_home(), list(winter_log(house, START, day(days)))


def _stops(before: float = 2.0, after: float = 0.0) -> Callable[[float], float]:
    return lambda at: before if at < day(12) else after


def _damp(days: int, *, outdoors: bool = True) -> Log:
    both = frozenset({Metric.TEMPERATURE, Metric.HUMIDITY})
    devices = [*HOME.devices, Device("wall", Room.BEDROOM, both)]
    if outdoors:
        devices.append(Device("outside", Room.OUTDOOR, frozenset({Metric.TEMPERATURE})))
    home, rows = replace(HOME, devices=tuple(devices)), []
    for n in range(days * 144):
        at = START + n * 10 * MINUTE + 3
        rows.append(arrival(at, "wall", Metric.HUMIDITY, 84.0 + n % 5 / 10))
        if outdoors:
            rows.append(arrival(at, "outside", Metric.TEMPERATURE, 5.0 + n % 5 / 10))
    quiet = [one for one in whole_log(home, START, day(days)) if one.reading.device != "outside"]
    return home, by_arrival([*quiet, *rows])


def _heat_and_few_visits() -> Log:
    begins = day(10, 8)
    _, log = _at(lambda hours: 8.0 * min(hours / 3, 1.0), day(11, 12), begins=begins)
    few, seen = [], 0
    for one in _arrivals(log):
        is_there = one.reading.device in {"motion-kitchen", "motion-bathroom"} and one.reading.metric is Metric.MOTION
        seen += is_there and one.reading.at >= begins
        if not is_there or one.reading.at < begins or seen % 5 == 0:
            few.append(one)
    return HOME, list(few)


def _alarm(metric: Metric, room: Room, *, late: float = 0.0) -> Log:
    home = replace(HOME, devices=(*HOME.devices, Device("alarm-1", room, frozenset({metric, Metric.BATTERY}))))
    told = arrival(day(1, 10), "alarm-1", metric, 1.0, received=day(1, 10) + 1 + late)
    return home, by_arrival([*whole_log(home, START, day(1, 18)), told])


def _dead(*devices: str, home: Home = HOME, never: bool = False) -> Log:
    log = whole_log(home, START, day(1, 6))
    return home, list(without(log, START if never else day(1), day(9), *devices))


def _broken(value: Callable[[float], float]) -> Log:
    """The thermometer of the living room shows that from the morning of day 2 on."""
    begins = day(2, 9)
    log = changed(
        usual(day(5)),
        Metric.TEMPERATURE,
        lambda one: value(float(one.value)) if one.device == "climate-living" and one.at >= begins else _wave(one),
    )
    return HOME, list(log)


def _wave(one: Reading) -> float:
    """A home that is warmer by day."""
    return float(one.value) + (1.5 if 8 <= datetime.fromtimestamp(one.at, LONDON).hour < 22 else 0.0)


def _never_sends_humidity() -> Log:
    both = frozenset({Metric.TEMPERATURE, Metric.HUMIDITY})
    home = replace(HOME, devices=(*HOME.devices, Device("bath", Room.BATHROOM, both)))
    return home, list(whole_log(home, START, day(1, 6)))


def _ahead() -> Log:
    wrong = arrival(day(3), "motion-hall", Metric.MOTION, received=day(1))
    return HOME, by_arrival([*usual(day(1, 6)), wrong])


def _low_battery() -> Log:
    def percent(one: Reading) -> float:
        return 12.0 if one.device == "motion-hall" and one.at >= day(1, 9) else 90.0

    return HOME, list(changed(usual(day(3)), Metric.BATTERY, percent))


SITUATIONS = (
    Situation(Kind.INACTIVITY, "after 20 days", lambda: _still(20)),
    Situation(Kind.INACTIVITY, "after 4 days", lambda: _still(4)),
    Situation(Kind.INACTIVITY, "on the first day", lambda: _still(0, hours=16.0)),
    Situation(
        Kind.INACTIVITY,
        "after a door moved",
        lambda: _still(20, arrival(day(20, 10.1), "front-door", Metric.CONTACT), hours=30.0),
    ),
    Situation(Kind.INACTIVITY, "with a sensor that is not heard", _still_with_a_dead_sensor),
    Situation(Kind.INACTIVITY, "and then sight is lost", _still_and_then_dark),
    Situation(Kind.INACTIVITY, "seen only after an outage", _still_in_an_outage),
    Situation(Kind.LATE_RISING, "after 28 mornings", lambda: _in_bed(28)),
    Situation(Kind.LATE_RISING, "after 9 mornings", lambda: _in_bed(9)),
    Situation(
        Kind.TOILETING_INCREASE,
        "at night",
        lambda: _nights("motion-bathroom", (0.5, 1.2, 3.1, 3.8, 4.5, 5.2)),
    ),
    Situation(Kind.TOILETING_DECREASE, "by day", _few_by_day),
    Situation(Kind.NIGHT_ACTIVITY, "three nights", lambda: _nights("motion-kitchen", [0.5 + n / 4 for n in range(12)])),
    Situation(Kind.NIGHT_ACTIVITY, "with a night that could not be seen", _nights_with_a_dark_one),
    Situation(
        Kind.SLEEP_DISTURBANCE,
        "three nights",
        lambda: _nights("motion-bedroom", [-0.6 + 0.6 * n for n in range(9)], number=4),
    ),
    Situation(Kind.DOOR_AT_NIGHT, "in the first night", lambda: _door_at_night(1)),
    Situation(Kind.DOOR_AT_NIGHT, "after 13 nights", lambda: _door_at_night(14)),
    Situation(Kind.DOOR_AT_NIGHT, "with a sensor that is not heard", _door_at_night_with_a_dead_sensor),
    Situation(Kind.NO_RETURN, "longer than ever", lambda: _out(25, (10.0, 19.0))),
    Situation(Kind.NO_RETURN, "not back at ten in the evening", lambda: _out(52, (20.5, 33.0))),
    Situation(Kind.VISIT_MISSED, "the first one", lambda: _visit_missed(0)),
    Situation(Kind.VISIT_MISSED, "after eight that were seen", lambda: _visit_missed(8)),
    Situation(Kind.COLD, "colder and colder", lambda: _at(_cooler, day(7, 6))),
    Situation(Kind.COLD, "with a thermometer that is not heard", _cold_with_a_dead_thermometer),
    Situation(Kind.COLD, "about to be", lambda: _boiler(House(power=_stops(), tau=60.0), 14)),
    Situation(Kind.OVERHEATING, "hotter and hotter", lambda: _at(lambda hours: min(hours, 14.0), day(7, 12))),
    Situation(
        Kind.HEATING_OFF,
        "no heat",
        lambda: _boiler(House(power=_stops(), tau=30.0, outdoors=9.9, swing=0.5, gains=0.21, target=17.6), 18),
    ),
    Situation(Kind.HEATING_OFF, "a third of the heat", lambda: _boiler(House(power=_stops(2.0, 0.6)), 17)),
    Situation(Kind.DAMP, "on the wall", lambda: _damp(4)),
    Situation(Kind.DAMP, "without a thermometer outdoors", lambda: _damp(4, outdoors=False)),
    Situation(Kind.LOW_INTAKE, "in the heat", _heat_and_few_visits),
    Situation(Kind.SMOKE, "at once", lambda: _alarm(Metric.SMOKE, Room.KITCHEN)),
    Situation(Kind.WATER_LEAK, "at once", lambda: _alarm(Metric.WATER_LEAK, Room.BATHROOM)),
    Situation(Kind.SOS, "at once", lambda: _alarm(Metric.SOS, Room.BEDROOM)),
    Situation(Kind.SOS, "held back by an outage", lambda: _alarm(Metric.SOS, Room.BEDROOM, late=5 * HOUR)),
    Situation(Kind.DEVICE_SILENT, "movement and door", lambda: _dead("motion-hall", "front-door")),
    Situation(Kind.DEVICE_SILENT, "never heard", lambda: _dead("climate-living", never=True)),
    Situation(Kind.GATEWAY_SILENT, "nothing is heard", lambda: (HOME, [*usual(day(1)), _word(day(1, 3))])),
    Situation(Kind.GATEWAY_SILENT, "it hears no sensor", lambda: _dead(*(d.id for d in HOME.devices[:-1]))),
    Situation(Kind.SENSOR_FAULT, "impossible", lambda: _broken(lambda value: 85.0)),
    Situation(Kind.SENSOR_FAULT, "jumped", lambda: _broken(lambda value: 2.0)),
    Situation(Kind.SENSOR_FAULT, "stuck", lambda: _broken(lambda value: 20.5)),
    Situation(Kind.SENSOR_FAULT, "never sent", _never_sends_humidity),
    Situation(Kind.SENSOR_FAULT, "the gateway's clock", _ahead),
    Situation(Kind.BATTERY_LOW, "for a day", _low_battery),
)


def _word(at: float) -> Arrival:
    return arrival(at, "gateway", Metric.ONLINE)

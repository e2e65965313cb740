"""All that is remembered of one home, as plain values that a snapshot can hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from sensor_hub.engine.civil import BINS_A_DAY
from sensor_hub.engine.device_state import DeviceState, TakenState
from sensor_hub.engine.numbers import Numbers, zeros
from sensor_hub.model.alert import Outcome
from sensor_hub.model.dial import DEFAULT_FALSE_PAGES


@dataclass(slots=True)
class HazardState:
    """How likely a silence is to end, per quarter of the day: times at risk and times it ended, fading by the day."""

    at_risk: Numbers = field(default_factory=partial(zeros, BINS_A_DAY))
    ended: Numbers = field(default_factory=partial(zeros, BINS_A_DAY))
    old_expected: Numbers = field(default_factory=partial(zeros, 8))
    old_ended: Numbers = field(default_factory=partial(zeros, 8))
    """Of quarters after a long silence: how many would have ended it by the hour alone, and how many did (`ageing`)."""
    hour_days: float = 0.0
    hour_active: Numbers = field(default_factory=partial(zeros, 24))
    """Of `hour_days` days, on how many there was movement in each hour of the day."""
    silences: float = 0.0
    """Silences of at least a bin, fading as the days do."""
    days: int = 0
    """Days learned."""
    tail_count: float = 0.0
    tail_sum: float = 0.0
    """Of silences more surprising than `hazard.TAIL`: how many ended, and by how much they went beyond it together."""
    breakers: dict[str, float] = field(default_factory=dict)
    """How often each device was the first to see somebody after a silence."""


@dataclass(slots=True)
class OutingState:
    """What followed when a door moved last: how often it was a going out, and how long it lasted."""

    went_out: float = 0.0
    stayed_in: float = 0.0
    lasted: Numbers = field(default_factory=partial(zeros, 0))


@dataclass(slots=True)
class CountState:
    """Counts of one window of the day (bathroom visits by day or by night), fading by the day, and the two sums of
    evidence that they rise or fall."""

    n: float = 0.0
    total: float = 0.0
    squares: float = 0.0
    windows: int = 0
    rise: float = 0.0
    fall: float = 0.0
    rising_since: float | None = None
    falling_since: float | None = None
    recent: list[tuple[float, int, float]] = field(default_factory=list)
    """The last windows: when each ended, its count, how unusual it was (standard deviations)."""
    accepting: int = 0
    """So many windows more are learned whole, however strange: people said that they are the new normal."""
    is_real: bool = False
    """People found the episode to be real: it is not learned while it lasts."""


@dataclass(slots=True)
class Span:
    """A stretch of time that waits to be learned from once it could be seen."""

    start: float
    end: float
    was_blind: bool = False


@dataclass(slots=True)
class HabitState:
    """What is counted in one window of the day, and the windows that are open or wait."""

    counted: CountState = field(default_factory=CountState)
    began: float = 0.0
    ends: float = 0.0
    waiting: list[Span] = field(default_factory=list)


@dataclass(slots=True)
class SlowState:
    """A slow change. Days are numbers of local days, as `daily` counts them."""

    since: int | None = None
    """The first day of the time that differs, while that is told."""
    told: int | None = None
    """The day on which it last began to be told."""
    judged: int = 0
    """The day up to which it was judged last."""
    strange: int = 0
    """Days in a row that were strange."""


@dataclass(slots=True)
class LowIntakeState:
    """Few visits to kitchen and bathroom in the heat: since when that is told, and what was counted last."""

    since: float | None = None
    hour: int = 0
    """The hour, counted from the epoch, in which it was judged last."""
    kitchen: int = 0
    visits: int = 0


@dataclass(slots=True)
class DailyState:
    """The days of the last twelve weeks in numbers, packed as `daily` reads them."""

    layout: int = 0
    """A checksum over which sensors stand where."""
    rows: bytes = b""
    """Each day in numbers."""
    mixes: bytes = b""
    """Where and when there was movement, for each of the last days seen."""
    weeks: bytes = b""
    """The same for each week learned."""
    decline: SlowState = field(default_factory=SlowState)
    routine: SlowState = field(default_factory=SlowState)


@dataclass(slots=True)
class BandState:
    """An episode of cold or heat: its beginning, the gravest band it reached and when, since when it is back inside."""

    since: float | None = None
    band: int = -1
    band_since: float = 0.0
    back_since: float | None = None
    change_told_at: float | None = None
    """When it was last told that this is not usual here; kept beyond the episode."""


@dataclass(slots=True)
class ThermalState:
    """How the home is heated and loses its warmth (`heat`)."""

    newest: int = 0
    """The last quarter of an hour that has a mark."""
    marks: bytearray = field(default_factory=lambda: bytearray(2 * BINS_A_DAY))
    heated_at: float | None = None
    """Until when heat was last seen."""
    doubted_until: int = 0
    """The quarter from which on a warming is heating again, after an airing or cooking."""
    kitchen_humidity: Numbers = field(default_factory=lambda: zeros(0))
    night_due: float = 0.0
    nights: dict[str, Numbers] = field(default_factory=dict)
    """Of each thermometer: the time constants of the last nights that could be fitted, hours."""
    taus: dict[str, float] = field(default_factory=dict)
    """Those of them together, for each thermometer of which they are known."""
    heated_days: Numbers = field(default_factory=lambda: zeros(0))
    """The days that could be seen, four numbers each (`heat.HeatedDay`)."""
    off_hour: int = 0
    """The hour in which the heating was last judged."""
    off_since: float | None = None
    off_why: str = ""
    """The episode of heating that is off or fails, and which of the two."""
    off_warmth: float = 0.0
    off_outdoors: float = 0.0
    """In that episode: °C of the last day in the warmest room, and of the last two outdoors."""
    foreseen_since: float | None = None
    """Since when it has been told that the home is about to be cold."""
    foreseen_bin: int = 0
    """The quarter in which that was last looked at."""
    foreseen_ends: float | None = None
    """Since when that no longer looks so."""


@dataclass(slots=True)
class DampState:
    """A room's wall: the humidity at its surface, a byte an hour (`damp.UNKNOWN`: not known), and the mould index."""

    hour: int = 0
    surface: bytes = b""
    mould: float = 0.0
    dry_hours: float = 0.0
    since: float | None = None


@dataclass(slots=True)
class AlarmState:
    """An alarm that stands: when it began, when it was last given, and when that reached the hub."""

    since: float
    at: float
    received: float


@dataclass(slots=True)
class Mark:
    """What people found when they looked at an alert, and when they said so: true or false, never unknown."""

    alert: str
    outcome: Outcome
    at: float


@dataclass(slots=True)
class ToldSilence:
    """A silence that was told, until people have said what it was; see `lessons`."""

    since: float
    until: float | None = None
    """When somebody was seen again."""
    left_until: float | None = None
    """Up to here it was left out when its days were learned, since it was being told."""
    outcome: Outcome | None = None
    surprise: float | None = None
    """With which it ended (not calibrated), as learned when `days` were; None: not learned so."""
    days: int = 0
    is_outing: bool | None = None
    """It began at a door, and whether it was learned as an outing; None: not learned so."""


@dataclass(slots=True)
class AbsenceState:
    start: float
    end: float
    known_from: float
    returned_at: float | None = None
    is_planned: bool = False
    """It stands in the home's description, and goes when it goes there."""
    moving_since: float | None = None
    """Somebody has moved about inside since then, and was not seen to go out: it does not hold."""
    told_at: float = 0.0
    """When somebody last said so, where it was known before that."""
    is_replaced: bool = False
    """It stands in the home's description, but people have said otherwise of the one that begins then."""


@dataclass(slots=True)
class RisingState:
    """When the resident was first up on each of the last days, and how it stands today."""

    rises: bytes = b""
    """A byte for each day learned: the quarter of the local day, 0 to 95."""
    began: float = 0.0
    ends: float = 0.0
    limit: int = 0
    """The quarter of today by which the resident is nearly always up; 0: not known."""
    is_up: bool = False
    told: bool = False


@dataclass(slots=True)
class NightDoorState:
    """On how many nights outside doors moved, and in each hour from 23 to 5, fading by the night; and tonight."""

    nights: float = 0.0
    moved: float = 0.0
    hours: Numbers = field(default_factory=partial(zeros, 6))
    learned: int = 0
    """Nights learned."""
    began: float = 0.0
    ends: float = 0.0
    decided: float = 0.0
    """The latest movement of a door that was looked at, whether it was told or not."""
    told: float | None = None
    """The movement that is being told."""
    told_tonight: bool = False


@dataclass(slots=True)
class ReturnState:
    """On how many evenings the resident was out at ten, fading by the day; and the outing that lasts."""

    evenings: float = 0.0
    late: float = 0.0
    learned: int = 0
    """Evenings learned."""
    ends: float = 0.0
    """The next evening's ten o'clock."""
    since: float = 0.0
    """The silence after a door that the next two are about."""
    odd_at: float | None = None
    """From when on it is longer, or later, than usual; None: never."""
    firm_at: float | None = None
    """From when on enough is known of other outings for more than a line in the review."""
    told: float | None = None
    """The start of the outing that is being told."""


@dataclass(slots=True)
class VisitState:
    """One expected visit: which is judged next, how the last ones went, and the one that is being told."""

    planned: float = 0.0
    judged: int = 0
    seen: int = 0
    """Of the last `judged` ones, as bits, the latest lowest: 1 where somebody was seen to come."""
    told: float | None = None
    """The planned moment of the one that is being told."""


@dataclass(slots=True)
class EngineState:
    """What the engine knows of one home."""

    begun_at: float = 0.0
    frontier: float = 0.0
    heard_at: float = 0.0
    """When anything at all was last heard."""
    devices: dict[str, DeviceState] = field(default_factory=dict)
    taken: dict[str, TakenState] = field(default_factory=dict)
    """Devices that were taken away, and that nobody has put back or left out of the home's description since."""
    unfitted: list[str] = field(default_factory=list)
    """Kinds, with their subjects, that the home had no sensor for at the last tick."""
    bits: list[str] = field(default_factory=list)
    """Devices that can show a sign of a person, in the order of their bits in the timeline."""
    newest: int = 0
    heard: bytes = b""
    active: bytes = b""
    temperatures: dict[str, bytes] = field(default_factory=dict)
    inside_at: float | None = None
    """The last sign of a person other than at an outside door, and the device that gave it."""
    inside_device: str = ""
    exit_at: float | None = None
    pet_at: float | None = None
    """The last movement where a pet is, counted or not."""
    visits: Numbers = field(default_factory=partial(zeros, 0))
    """Visits to the bathroom: beginning, end, beginning, end, …"""
    hazard: HazardState = field(default_factory=HazardState)
    outings: OutingState = field(default_factory=OutingState)
    days: list[Span] = field(default_factory=list)
    day_ends: float = 0.0
    day_began: float = 0.0
    inactive_since: float | None = None
    """Start of the silence that is being told."""
    habits: dict[str, HabitState] = field(default_factory=dict)
    low_intake: LowIntakeState = field(default_factory=LowIntakeState)
    daily: DailyState = field(default_factory=DailyState)
    usual_temperature: Numbers = field(default_factory=partial(zeros, 24))
    usual_weight: Numbers = field(default_factory=partial(zeros, 24))
    rising: RisingState = field(default_factory=RisingState)
    night_door: NightDoorState = field(default_factory=NightDoorState)
    outing: ReturnState = field(default_factory=ReturnState)
    expected: dict[str, VisitState] = field(default_factory=dict)
    """Expected visits by name."""
    cold: BandState = field(default_factory=BandState)
    heat: BandState = field(default_factory=BandState)
    thermal: ThermalState = field(default_factory=ThermalState)
    damp: dict[str, DampState] = field(default_factory=dict)
    alarms: dict[str, AlarmState] = field(default_factory=dict)
    """Alarms that stand, by device and metric."""
    alarms_ended: dict[str, float] = field(default_factory=dict)
    """When each alarm was last taken back."""
    callers: list[str] = field(default_factory=list)
    """Devices that have called for help, by whatever they send, the latest last."""
    hour_learned: int = 0
    absences: list[AbsenceState] = field(default_factory=list)
    visits_told: list[tuple[float, float]] = field(default_factory=list)
    """When somebody was with the resident, as people said."""
    false_pages: float = DEFAULT_FALSE_PAGES
    """The dial: how many are accepted a month per hundred homes."""
    tried: dict[str, float] = field(default_factory=dict)
    """So much more surprise a back-test lets kinds ask for."""
    outcomes: dict[str, list[Mark]] = field(default_factory=dict)
    """What people said of this home's alerts, by kind, oldest first."""
    silences_told: list[ToldSilence] = field(default_factory=list)
    future_since: float | None = None
    future_at: float = 0.0
    future_ahead: float = 0.0
    future_latest: float = 0.0
    """Readings from the future: since and until when they came, by how much at most, the latest since the last tick."""
    late_began: float | None = None
    late_at: float = 0.0
    """First and last frontier at which readings older than it came in, while they still come."""

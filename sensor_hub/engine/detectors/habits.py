"""How often, or for how long, in one window of the day: above or below this person's usual, over days.

Bathroom visits by day (06–22) and by night (22–06); time up and about at night (23–05) in rooms that are not for
sleeping; risings in the bedroom and bathroom at night.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sensor_hub.engine import counts, words
from sensor_hub.engine.civil import bin_of, last_hour, next_hour
from sensor_hub.engine.daily import entries
from sensor_hub.engine.state import CountState, HabitState, Span
from sensor_hub.engine.view import View, Watcher
from sensor_hub.engine.visits import count_between, forget_before
from sensor_hub.model.alert import Outcome
from sensor_hub.model.finding import Blind, Deviation, Finding, Learning, Unfitted
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.moment import DAY
from sensor_hub.model.room import WASHROOMS, Room

SEEN = 0.9
"""Windows of which less could be seen are neither judged nor learned."""
PATIENCE = 7 * DAY
"""For so long a window that could not be seen waits for what was kept back."""
KEPT = 8 * DAY
QUARTER = 15
"""Minutes in a bin."""

Watchers = tuple[Watcher, ...]


@dataclass(frozen=True, slots=True)
class Habit:
    """What is counted in the window from `hours[0]` to `hours[1]` o'clock. `prior`: the mean before it is learned."""

    name: str
    hours: tuple[int, int]
    prior: float
    watched: Callable[[View], Watchers]
    count: Callable[[View, Watchers, float, float], int]
    what: str
    """`Bathroom visits at night`."""
    called: str
    """The same where it is evidence."""
    per: int = 1
    """What one is worth in the sentence, in `unit`."""
    unit: str = ""
    limits: counts.Limits = counts.OWN

    @property
    def window(self) -> str:
        """What one window is called."""
        return "day" if self.hours[0] < self.hours[1] else "night"


@dataclass(frozen=True, slots=True)
class Claim:
    """A kind, and the habits whose rise (or fall) it tells."""

    kind: Kind
    habits: tuple[str, ...]
    rises: bool
    urgency: Urgency
    so_far: str
    """What comes so rarely; `{}` is a day or a night."""
    unfitted: str


def _visits(view: View, _watchers: Watchers, start: float, end: float) -> int:
    return count_between(view.state.visits, start, end)


def _quarters(view: View, watchers: Watchers, start: float, end: float) -> int:
    """Quarters of an hour in which one of them saw somebody."""
    bits = sum(watcher.bit for watcher in watchers)
    return sum(bool(word & bits) for word in view.timeline.active_between(bin_of(start), bin_of(end - 1)))


def _risings(view: View, watchers: Watchers, start: float, end: float) -> int:
    """Quarters in which one of them saw somebody after one in which none did."""
    bits = sum(watcher.bit for watcher in watchers)
    return entries(view, bits, bin_of(start), bin_of(end - 1))


def _washrooms(view: View) -> Watchers:
    return view.washrooms


def _elsewhere(view: View) -> Watchers:
    resting = WASHROOMS | {Room.BEDROOM}
    return tuple(w for w in view.watchers if w.device.room not in resting and not w.is_exit)


def _at_rest(view: View) -> Watchers:
    return tuple(w for w in view.watchers if w.device.room in WASHROOMS | {Room.BEDROOM} and not w.is_exit)


ABOUT, RISINGS = "Up and about between 23:00 and 05:00", "Risings between 23:00 and 05:00"
HABITS = (
    Habit("visits-day", (6, 22), 9.0, _washrooms, _visits, "Bathroom visits by day", "bathroom visits by day"),
    Habit("visits-night", (22, 6), 2.0, _washrooms, _visits, "Bathroom visits at night", "bathroom visits at night"),
    Habit(
        "about-night",
        (23, 5),
        2.0,
        _elsewhere,
        _quarters,
        ABOUT,
        "up and about between 23:00 and 5:00",
        QUARTER,
        " min",
        counts.NIGHT,
    ),
    Habit("risings-night", (23, 5), 3.0, _at_rest, _risings, RISINGS, "risings between 23:00 and 5:00"),
)
VISITS = ("visits-day", "visits-night")
NO_WASHROOM = "no movement sensor in the bathroom or toilet"
NO_OTHER_ROOM = "no movement sensor outside bedroom and bathroom"
NO_BEDROOM = "no movement sensor in bedroom or bathroom"
CLAIMS = (
    Claim(Kind.TOILETING_INCREASE, VISITS, True, Urgency.SOON, "So many over several {}s come", NO_WASHROOM),
    Claim(Kind.TOILETING_DECREASE, VISITS, False, Urgency.SOON, "So few over several {}s come", NO_WASHROOM),
    Claim(
        Kind.NIGHT_ACTIVITY,
        ("about-night",),
        True,
        Urgency.SOON,
        "So much over several {}s comes",
        "no movement sensor but to rest",
    ),
    Claim(
        Kind.SLEEP_DISTURBANCE,
        ("risings-night",),
        True,
        Urgency.NOTICE,
        "So many over several {}s come",
        "no sensor in the bedroom",
    ),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A claim, what it rests on in this home, and who must be alive to see it."""

    claim: Claim
    habits: tuple[tuple[Habit, CountState], ...]
    watchers: Watchers


class Habits:
    """Counts one home's windows. `tick` closes windows; `judge` says what the evidence is."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.states = {habit.name: view.state.habits.setdefault(habit.name, HabitState()) for habit in HABITS}
        self.watchers = {habit.name: habit.watched(view) for habit in HABITS}
        self.asked = tuple(self._asked(claim) for claim in CLAIMS)

    def _asked(self, claim: Claim) -> Asked:
        habits = [habit for habit in HABITS if habit.name in claim.habits]
        counted = tuple((habit, self.states[habit.name].counted) for habit in habits)
        return Asked(claim, counted, self.watchers[habits[0].name])

    def tick(self) -> list[Deviation]:
        """Closes the windows that are over, and those seen only now; returns what is to be told of the latter."""
        view, told = self.view, list[Deviation]()
        for habit in HABITS:
            state = self.states[habit.name]
            closed = self._advance(view, habit, state)
            if (closed or view.has_caught_up) and not view.is_catching_up:
                told += [late for window in list(state.waiting) for late in self._close(view, habit, state, window)]
        forget_before(view.state.visits, view.frontier - KEPT)
        return told

    def due(self) -> float:
        """When the first open window ends."""
        return min(state.ends for state in self.states.values())

    def judge(self) -> Iterator[Finding]:
        """The evidence as it stands, for each kind."""
        view = self.view
        absence = view.absence_at(view.frontier)
        for asked in self.asked:
            claim, watchers = asked.claim, asked.watchers
            if not watchers:
                yield Unfitted(claim.kind, "", claim.unfitted)
            elif view.home.residents > 1:
                yield Unfitted(claim.kind, "", "several residents: who it was cannot be told")
            elif standing := [pair for pair in asked.habits if _since(claim, pair[1]) is not None]:
                yield _deviation(claim, standing)
            elif absence is not None:
                yield Blind(claim.kind, "", view.away_words(absence))
            elif silent := view.silent_names(watchers):
                yield Blind(claim.kind, "", f"cannot see there: {words.listed(silent)} not heard")
            elif (windows := min(counted.windows for _, counted in asked.habits)) < counts.NEEDED_WINDOWS:
                yield Learning(claim.kind, "", f"{windows} of {counts.NEEDED_WINDOWS} days and nights learned")

    def take_outcome(self, kind: Kind, outcome: Outcome) -> None:
        """People said what an alert of this kind was: a new normal is learned whole, an illness not at all."""
        for asked in self.asked:
            if asked.claim.kind is kind:
                for _, counted in asked.habits:
                    if outcome is Outcome.FALSE:
                        counts.accept(counted)
                    elif outcome is Outcome.TRUE:
                        counts.confirm(counted)

    def _advance(self, view: View, habit: Habit, state: HabitState) -> bool:
        """Puts windows that have ended with those that wait; whether there were any."""
        if not state.ends:
            state.ends = next_hour(view.zone, view.frontier, habit.hours[1:])
            state.began = last_hour(view.zone, state.ends, habit.hours[0])
        closed = False
        while state.ends <= view.frontier:
            if state.began >= view.state.begun_at:
                state.waiting.append(Span(state.began, state.ends))
                closed = True
            state.ends = next_hour(view.zone, state.ends, habit.hours[1:])
            state.began = last_hour(view.zone, state.ends, habit.hours[0])
        return closed

    def _close(self, view: View, habit: Habit, state: HabitState, window: Span) -> Iterator[Deviation]:
        watchers = self.watchers[habit.name]
        gone = window.end < view.frontier - PATIENCE or not watchers
        others = view.is_absent_in(window.start, window.end) or view.is_in_company(window.start, window.end)
        told = view.state.inactive_since
        # A silence that is being told is one cause and one alert: its empty bathroom is no second one.
        several = view.home.residents > 1
        if gone or several or others or (told is not None and told < window.end):
            state.waiting.remove(window)
            return
        shares = view.visibility(bin_of(window.start), bin_of(window.end - 1), watchers)
        if sum(shares, 0.0) < SEEN * len(shares):
            window.was_blind = True
            return
        state.waiting.remove(window)
        counted = state.counted
        count = habit.count(view, watchers, window.start, window.end)
        z = counts.unusual(counted, count, habit.prior)
        before = counted.rising_since, counted.falling_since
        counts.judge_window(counted, window.end, count, z, _limits(view, habit))
        counts.learn_window(counted, count, z)
        if window.was_blind and (counted.rising_since, counted.falling_since) != before:
            yield from _told_late(view, habit, counted, window)


def _limits(view: View, habit: Habit) -> counts.Limits:
    """What the kinds that tell of this habit ask for here and now."""
    asked = {claim.rises: view.asked(claim.kind) for claim in CLAIMS if habit.name in claim.habits}
    return counts.limits(habit.limits, rise_asked=asked.get(True, 0.0), fall_asked=asked.get(False, 0.0))


def _since(claim: Claim, counted: CountState) -> float | None:
    return counted.rising_since if claim.rises else counted.falling_since


def _told_late(view: View, habit: Habit, counted: CountState, window: Span) -> Iterator[Deviation]:
    """A window judged once it became visible: no page, for it is over; one line for the review."""
    rises = counted.rising_since is not None
    counts.forget_evidence(counted)
    claim = next((c for c in CLAIMS if habit.name in c.habits and c.rises is rises), None)
    if claim is None:
        return
    count = counted.recent[-1][1]
    ended = words.clock(window.end, view.frontier, view.zone)
    what = f"{habit.what[0].lower()}{habit.what[1:]}, in the {habit.window} up to {ended}"
    text = f"Seen only afterwards: {what}: {count * habit.per}{habit.unit}; {_usual(habit, counted)}."
    yield Deviation(claim.kind, "seen late", Urgency.NOTICE, window.end, text, {"count": count})


def _deviation(claim: Claim, standing: list[tuple[Habit, CountState]]) -> Deviation:
    texts: list[str] = []
    evidence: dict[str, float | int | str] = {}
    for habit, counted in standing:
        texts.append(f"{_recent(habit, counted)}; {_usual(habit, counted)}.")
        evidence[habit.called] = ", ".join(f"{count * habit.per}{habit.unit}" for _, count, _ in counted.recent)
        evidence["standard deviations"] = max(z if claim.rises else -z for _, _, z in counted.recent)
    days, known = max((counts.rarity(counted, rises=claim.rises), counted.windows) for _, counted in standing)
    texts.append(f"{claim.so_far.format(standing[0][0].window)} here {words.once_in(days, known=known)}.")
    began = [(counted, at) for _, counted in standing if (at := _since(claim, counted)) is not None]
    is_firm = any(counts.is_firm(counted, at) for counted, at in began)
    urgency = claim.urgency if is_firm else Urgency.NOTICE
    return Deviation(claim.kind, "", urgency, min(at for _, at in began), " ".join(texts), evidence)


def _recent(habit: Habit, counted: CountState) -> str:
    """`Bathroom visits by day, last 3 days seen: 7, 7 and 6`, and how many between them could not be judged."""
    amounts = words.listed([str(count * habit.per) for _, count, _ in counted.recent])
    text = f"{habit.what}, last {words.many(len(counted.recent), habit.window)}: {amounts}{habit.unit}"
    missing = round((counted.recent[-1][0] - counted.recent[0][0]) / DAY) - len(counted.recent) + 1
    return f"{text} ({words.many(missing, habit.window)} between could not be judged)" if missing > 0 else text


def _usual(habit: Habit, counted: CountState) -> str:
    low, high = counts.usual_range(counted)
    usual = f"{words.between(low * habit.per, high * habit.per)}{habit.unit}"
    return f"usually {usual} ({words.many(counted.windows, habit.window)})"

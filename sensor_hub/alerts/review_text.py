"""The weekly review as a notice.: headings, lists and lines of `Label: value`. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from zoneinfo import ZoneInfo

from sensor_hub.alerts.contact import Contact, Detail
from sensor_hub.alerts.notice import Letterhead, Notice
from sensor_hub.alerts.open_alert import UTC, short
from sensor_hub.alerts.review import (
    Answering,
    CardReminder,
    ConsentReminder,
    Review,
    Reviewed,
    Tally,
    Unseen,
    answering,
    by_home,
    by_kind,
    tally,
)
from sensor_hub.alerts.round_notice import all_alerts, round_notice
from sensor_hub.model.alert import Outcome
from sensor_hub.model.kind import KINDS, Urgency
from sensor_hub.model.moment import DAY, HOUR, MINUTE, local

MOST_LINES = 15
"""In each list; of more, how many more there are."""
PAGE = "/review"
OUTCOME_WORDS = {Outcome.TRUE: "true", Outcome.FALSE: "false", Outcome.UNKNOWN: "not known", None: "nobody said"}
URGENCY_WORDS = {Urgency.URGENT: "urgent", Urgency.SOON: "for today", Urgency.NOTICE: "for review"}


def review_notice(
    review: Review, contact: Contact, zone: ZoneInfo, homes: Mapping[str, ZoneInfo], letterhead: Letterhead
) -> Notice:
    """`zone`: the readers' own clock; `homes`: those of the homes."""
    count = f"{len(review.alerts)} alert{'' if len(review.alerts) == 1 else 's'}"
    title = f"Weekly review: {count}, {_days(review, zone)}"
    if contact.detail is Detail.FULL:
        blocks = [*review_blocks(review, zone, homes), *all_alerts(letterhead, "The same with links:", PAGE)]
    else:
        blocks = [*_opening(review, zone), *all_alerts(letterhead, "Log in for details:", PAGE)]
    return round_notice(f"review\n{review.end!r}", contact, title, blocks, letterhead)


def review_blocks(review: Review, zone: ZoneInfo, homes: Mapping[str, ZoneInfo]) -> list[str]:
    """All of it, block by block."""
    return [*_opening(review, zone), *(block for block in _sections(review, homes) if block)]


def _opening(review: Review, zone: ZoneInfo) -> list[str]:
    """Figures alone: neither a home nor what happened there."""
    span = f"{short(review.start, zone)} to {short(review.end, zone)}, {_many(review.homes, 'home')}."
    if not review.alerts:
        return [
            span,
            "No alert was raised. That says nothing of homes while they could not be seen.",
            *_unseen_count(review),
        ]
    whole = tally(review.alerts)
    counts = ((word, sum(each.urgency is urgency for each in review.alerts)) for urgency, word in URGENCY_WORDS.items())
    facts = [
        f"Alerts: {whole.count} ({', '.join(f'{count} {word}' for word, count in counts if count)})",
        f"Outcomes: {outcome_words(whole)}",
        f"Precision: {precision_words(whole)}",
        f"Urgent: {answer_words(answering(review.alerts, Urgency.URGENT))}",
        f"For today: {answer_words(answering(review.alerts, Urgency.SOON))}",
        f"Interruptions: {page_words(review)}",
        f"Nobody answered: {len(review.exhausted) or 'none'}",
    ]
    return [span, "\n".join(facts), *_unseen_count(review)]


def _unseen_count(review: Review) -> list[str]:
    lines = []
    if review.unseen:
        lines.append(f"{_many(len(review.unseen), 'home')} could not be seen for some of the time.")
    if review.away:
        lines.append(f"The hub itself did not run for {span_words(review.away)}: in that time nobody saw any home.")
    return ["\n".join(lines)] if lines else []


def _sections(review: Review, homes: Mapping[str, ZoneInfo]) -> Iterator[str]:
    kinds = (f"{KINDS[kind].title}: {_kind(those)}" for kind, those in by_kind(review.alerts))
    yield _list("What was found", kinds)
    yield _list("Where", (f"{home}: {_many(count, 'alert')}" for home, count in by_home(review.alerts)))
    yield _list("Everybody was told, and nobody answered in time", review.exhausted)
    unseen = sorted(review.unseen, key=lambda each: (-each.wholly, -each.in_part, each.home))
    yield _list("Could not be seen", (f"{each.home}: {blindness_words(each)}" for each in unseen))
    waited = [each for each in review.alerts if each.urgency is Urgency.NOTICE]
    yield _list("What waited for this review", (_line(each, homes) for each in waited))
    left = [each for each in review.alerts if each.is_open and each.urgency is not Urgency.NOTICE]
    yield _list("Of these still open", (_line(each, homes) for each in left))
    yield _list("Silences in force", review.silences)
    yield _list("Response cards to look at", card_words(review))
    yield _list("Consents to look at", consent_words(review))


def card_words(review: Review) -> list[str]:
    """`elm-14: none is kept`, `oak-2: last checked 5 Jan 2026`; one line where no home has any."""
    if review.cards and len(review.cards) == review.homes and not any(each.is_kept for each in review.cards):
        return ["none is kept for any home"]
    return [f"{each.home}: {_card(each)}" for each in review.cards]


def _card(reminder: CardReminder) -> str:
    if not reminder.is_kept:
        return "none is kept"
    if reminder.checked_at is None:
        return "nobody has said that it is right"
    day = local(reminder.checked_at, UTC)
    return f"last checked {day.day} {day:%b %Y}"


def consent_words(review: Review) -> list[str]:
    """`elm-14: no record of what is agreed`; one line where no home has any."""
    if len(review.consents) == review.homes and all(each.review_on is None for each in review.consents):
        return ["there is no record of what is agreed for any home"] if review.consents else []
    return [f"{each.home}: {_consent(each)}" for each in review.consents]


def _consent(reminder: ConsentReminder) -> str:
    day = reminder.review_on
    return "no record of what is agreed" if day is None else f"was to be reviewed on {day.day} {day:%b %Y}"


def _list(heading: str, lines: Iterable[str]) -> str:
    texts = [f"- {line}" for line in lines]
    more = len(texts) - MOST_LINES
    shown = [*texts[:MOST_LINES], f"- and {more} more"] if more > 0 else texts
    return "\n".join([heading, "-" * len(heading), *shown]) if shown else ""


def _line(alert: Reviewed, homes: Mapping[str, ZoneInfo]) -> str:
    since = short(alert.since, homes.get(alert.home, UTC))
    return f"{alert.home}, {_lower(KINDS[alert.kind].title)}, since {since}: {' '.join(alert.summary.split())}"


def _kind(those: Tally) -> str:
    return f"{those.count} ({outcome_words(those)})"


def outcome_words(those: Tally) -> str:
    """`5 true, 2 false, 4 nobody said`."""
    return ", ".join(f"{those.outcomes[each]} {word}" for each, word in OUTCOME_WORDS.items() if those.outcomes[each])


def precision_words(those: Tally) -> str:
    """The share that was true, and of how many."""
    said = those.outcomes[Outcome.TRUE] + those.outcomes[Outcome.FALSE]
    if those.precision is None:
        return "not known, since nobody said of any alert whether it was true"
    return f"{those.precision:.0%} of the {said} of which somebody said whether they were true"


def answer_words(found: Answering) -> str:
    """How soon people answered, and how many alerts nobody did."""
    if found.middle is None or found.worst is None:
        return f"none of {found.unanswered} answered" if found.unanswered else "none"
    left = f"; {found.unanswered} not answered" if found.unanswered else ""
    return f"answered after {span_words(found.middle)} (median), {span_words(found.worst)} (longest){left}"


def page_words(review: Review) -> str:
    """How often people were interrupted by what was not urgent, beside what is aimed at (`alerts.budget`)."""
    return f"{review.pages} not urgent, {review.pages_per_home_week:.2g} a home and week (at most 1 is aimed at)"


def blindness_words(unseen: Unseen) -> str:
    """`nothing for 2 days 3 h, only in part for 5 h`."""
    parts = [f"nothing for {span_words(unseen.wholly)}"] if unseen.wholly else []
    return ", ".join([*parts, f"only in part for {span_words(unseen.in_part)}"] if unseen.in_part else parts)


def span_words(seconds: float) -> str:
    """`12 min`, `3 h 20 min`, `2 days 3 h`."""
    for unit, word, lower, lower_word in ((DAY, "day", HOUR, "h"), (HOUR, "h", MINUTE, "min")):
        if seconds >= unit:
            whole, rest = int(seconds // unit), int(seconds % unit // lower)
            head = _many(whole, word) if word == "day" else f"{whole} {word}"
            return f"{head} {rest} {lower_word}" if rest else head
    return f"{int(seconds // MINUTE)} min" if seconds >= MINUTE else "less than a minute"


def _days(review: Review, zone: ZoneInfo) -> str:
    """`23 to 29 Nov 2026`: from the first day to the last whole one."""
    first, last = local(review.start, zone), local(review.end - DAY, zone)
    month = "" if (first.year, first.month) == (last.year, last.month) else f" {first:%b}"
    year = "" if first.year == last.year else f" {first.year}"
    return f"{first.day}{month}{year} to {last.day} {last:%b} {last.year}"


def _many(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]

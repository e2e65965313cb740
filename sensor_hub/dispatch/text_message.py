"""A notice as one text message: the most that fits, with the link by which it is answered. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

from sensor_hub.alerts.contact import Detail
from sensor_hub.alerts.link import PATH, UNSIGNED, Link, sign
from sensor_hub.alerts.notice import SIMULATED, URGENCY_WORD, Letterhead, Notice, Purpose
from sensor_hub.dispatch.gsm import ONE_MESSAGE, in_gsm, septets
from sensor_hub.dispatch.letter import Letter, read_letter
from sensor_hub.model.kind import KINDS, Urgency

LOG_IN = "Log in for details."
BRIEF = {
    "Nobody who was told before has answered.": "No answer yet.",
    "Nobody could be told before.": "None reached.",
    "It was covered by a wider alert, which is over; this one still holds.": "Wider one over.",
    "It was held back by a silence, which is over; it still holds.": "Silence over.",
    "It was held back in the quiet hours, and still holds.": "Held till now.",
    "Somebody who was told has passed it on.": "Passed on.",
    "It was taken, and nobody has said since what it was.": "No outcome yet.",
    "Everybody who should act was told, and nobody has answered.": "None answered.",
    "Nobody else is reached by it.": "Only you told.",
}
"""What a notice says of why it comes, in so few words that it fits beside the link."""
ORDINARY_ID = 12
"""Letters of a home's id."""
_MOMENT = re.compile(r"(?P<time>\d\d:\d\d) on (?P<weekday>\w{3})\w* (?P<day>\d+) (?P<month>\w{3})")
_SENTENCE = re.compile(r"(?<=[.?!])\s+")
_CUT = "..."


def text_of(notice: Notice) -> str:
    """What is sent: at most 160 septets of the alphabet of text messages."""
    return next(text for text in _from_most_to_least(notice) if fits(text))


def fits(text: str) -> bool:
    length = septets(text)
    return length is not None and length <= ONE_MESSAGE


def link_overhang(letterhead: Letterhead, detail: Detail) -> int:
    """How many letters the address of the hub's pages is too long for every text message to carry its link; 0: it fits.

    Of an urgent one, where the detail is full about a home with an id of ordinary length.
    """
    if letterhead.url is None:
        return 0
    link = f"{letterhead.url}{PATH}{UNSIGNED}".replace(UNSIGNED, sign(Link("0" * 10, 2**31), ""))
    length = septets(link)
    if length is None:
        return len(link)
    if detail is Detail.FULL:
        what = max((info.title for info in KINDS.values()), key=len) + ", " + "x" * ORDINARY_ID
    else:
        what = max((info.category for info in KINDS.values()), key=len)
    simulated = SIMULATED if letterhead.is_simulated else ""
    title = f"{simulated}{URGENCY_WORD[Urgency.URGENT]}: {what} (again, ref {'0' * 10})"
    return max(0, len(title) + 1 + length - ONE_MESSAGE)


def _from_most_to_least(notice: Notice) -> Iterator[str]:
    letter = read_letter(notice)
    title = in_gsm(letter.title)
    yield f"{title}\n{in_gsm(notice.body.strip())}"
    if letter.is_to_take:
        yield from (f"{title}\n{text}" for text in _to_take(letter))
    else:
        yield from (f"{title}\n{text}" for text in _to_read(letter, is_question=notice.purpose is Purpose.ALERT))
    said = in_gsm(" ".join(letter.paragraphs())).replace("\n", " ")
    yield _cut(f"{title}\n{said}")
    # However long the title is, its reference is read out on the telephone.
    yield f"{_cut(in_gsm(letter.what), 80)} (ref {in_gsm(letter.reference)[:20]})\n{LOG_IN}"


def _to_take(letter: Letter) -> Iterator[str]:
    """Of an alert: the link goes before all words."""
    words = list(_words(letter))
    chosen = [each for count in range(len(words), -1, -1) for each in combinations(words, count)]
    if letter.link is not None:
        yield from (" ".join([*each, f"Take it: {letter.link}"]) for each in chosen)
        yield letter.link
    yield from (" ".join([*each, LOG_IN]) for each in chosen)


def _to_read(letter: Letter, *, is_question: bool) -> Iterator[str]:
    """Of anything else: its sentences from the first on. A question is nothing without the link that answers it."""
    sentences = [each for text in letter.paragraphs() for each in _SENTENCE.split(in_gsm(text))]
    beginnings = [sentences[:count] for count in range(len(sentences), 0, -1)]
    with_link = [] if letter.answer is None else [f"{in_gsm(letter.answer.words)}: {letter.answer.link}"]
    if with_link:
        yield from (" ".join([*each, *with_link]) for each in beginnings)
        if is_question:
            yield from with_link
    yield from (" ".join(each) for each in beginnings)


def _words(letter: Letter) -> Iterator[str]:
    """What is said beside the title and the link, the most important first."""
    opening = next(letter.paragraphs(), "").splitlines()
    yield from (BRIEF[line] for line in opening if line in BRIEF)
    since, found = (_MOMENT.match(letter.fact(label) or "") for label in ("Since", "Found"))
    if since is not None:
        is_today = found is not None and found.groups()[1:] == since.groups()[1:]
        day = "" if is_today else " {weekday} {day} {month}".format(**since.groupdict())
        yield f"Since {since['time']}{day}."
    check = letter.fact("What to do")
    if check is not None:
        yield in_gsm(check)


def _cut(text: str, longest: int = ONE_MESSAGE) -> str:
    """Its beginning, in at most so many septets."""
    if (septets(text) or 0) <= longest:
        return text
    kept = text
    while (septets(kept) or 0) > longest - len(_CUT):
        kept = kept[:-1]
    return f"{kept.rstrip()}{_CUT}"

"""Home Assistant's value templates, the part of Jinja that devices use: read once, run for each message.

    {{ value_json.temperature | float | round(1) }}
    {% if value_json['state'] == 'open' %}ON{% else %}OFF{% endif %}

It knows values, arithmetic, comparisons, filters and tests, and nothing that loops or reaches beyond the message, so it
cannot hang or do harm. What it does not know is a TemplateError when the template is read, not when a message comes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from gateway.adapters.expression import LONGEST_TEXT, UNDEFINED, Expression, Scope, TemplateError, as_text, parse

LONGEST = 4000
MOST_PIECES = 100

_TAG = re.compile(r"\{\{-?(?P<out>.*?)-?\}\}|\{%-?(?P<block>.*?)-?%\}|\{#.*?#\}", re.DOTALL)
_SET = re.compile(r"set\s+(?P<name>[A-Za-z_]\w*)\s*=(?P<value>.+)", re.DOTALL)

Step = Callable[[Scope], object]
"""A piece of a template: what it puts out. UNDEFINED for nothing."""


@dataclass(frozen=True, slots=True)
class _Piece:
    sort: str
    """`text`, `out` or `block`"""
    text: str


class Template:
    """A template that has been understood; TemplateError where it has not."""

    def __init__(self, source: str) -> None:
        if len(source) > LONGEST:
            raise TemplateError("the template is too long")
        pieces = _pieces(source)
        self._steps, end = _steps(pieces, 0, ())
        if end != len(pieces):
            raise TemplateError(f"{pieces[end].text[:40]!r} has no beginning")

    def render(self, scope: Scope) -> object:
        """The value: of the kind that a lone expression gives, else text. UNDEFINED where the message lacks it."""
        return _joined([step(scope) for step in self._steps])


def _pieces(source: str) -> list[_Piece]:
    pieces: list[_Piece] = []
    end = 0
    for tag in _TAG.finditer(source):
        pieces.append(_Piece("text", source[end : tag.start()]))
        if tag["out"] is not None:
            pieces.append(_Piece("out", tag["out"].strip()))
        elif tag["block"] is not None:
            pieces.append(_Piece("block", tag["block"].strip()))
        end = tag.end()
    pieces.append(_Piece("text", source[end:]))
    if len(pieces) > MOST_PIECES:
        raise TemplateError("the template has too many parts")
    return [piece for piece in pieces if piece.sort != "text" or piece.text.strip()]


def _steps(pieces: list[_Piece], at: int, ends: tuple[str, ...]) -> tuple[list[Step], int]:
    """The steps up to a block that begins with one of `ends`, and where that is."""
    steps: list[Step] = []
    while at < len(pieces):
        piece = pieces[at]
        word = piece.text.partition(" ")[0]
        if piece.sort == "text":
            steps.append(_constant(piece.text))
        elif piece.sort == "out":
            steps.append(parse(piece.text))
        elif word in ends:
            return steps, at
        elif word == "if":
            step, at = _branches(pieces, at)
            steps.append(step)
        elif (said := _SET.fullmatch(piece.text)) is not None:
            steps.append(_assignment(said["name"], parse(said["value"].strip())))
        else:
            raise TemplateError(f"{piece.text[:40]!r} is not understood")
        at += 1
    if ends:
        raise TemplateError("an if has no end")
    return steps, at


def _constant(text: str) -> Step:
    return lambda _scope: text


def _assignment(name: str, value: Expression) -> Step:
    def assign(scope: Scope) -> object:
        scope[name] = value(scope)
        return UNDEFINED

    return assign


def _branches(pieces: list[_Piece], at: int) -> tuple[Step, int]:
    """From an `if` to the place of its `endif`."""
    branches: list[tuple[Expression, list[Step]]] = []
    otherwise: list[Step] = []
    while True:
        word, _, condition = pieces[at].text.partition(" ")
        if word == "endif":
            break
        steps, after = _steps(pieces, at + 1, ("elif", "else", "endif"))
        if word == "else":
            otherwise = steps
        else:
            branches.append((parse(condition.strip()), steps))
        at = after

    def choose(scope: Scope) -> object:
        chosen = next((steps for condition, steps in branches if condition(scope)), otherwise)
        return _joined([step(scope) for step in chosen])

    return choose, at


def _joined(said: list[object]) -> object:
    parts = [part for part in said if part is not UNDEFINED]
    if len(parts) <= 1:
        return parts[0].strip() if parts and isinstance(parts[0], str) else (parts[0] if parts else UNDEFINED)
    text = "".join(as_text(part) for part in parts).strip()
    if len(text) > LONGEST_TEXT:
        raise TemplateError("the text grows too long")
    return text

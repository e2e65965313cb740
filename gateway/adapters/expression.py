"""Expressions of Home Assistant's templates: parsed into functions of the message, by precedence.

Python's `eval` is not used: a device may send any template.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Never

from gateway.adapters.template_words import FILTERS, LONGEST_TEXT, METHODS, TESTS, UNDEFINED, TemplateError, as_text

__all__ = ["LONGEST_TEXT", "UNDEFINED", "Expression", "Scope", "TemplateError", "as_text", "parse"]

Scope = dict[str, object]
Expression = Callable[[Scope], object]

DEEPEST = 40
MOST_TOKENS = 200
"""Each becomes a call within a call; real templates have a few dozen."""
_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_]\w*)
    |(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?P<sign>\*\*|//|[=!<>]=|[-+*/%~<>|.,()\[\]{}:=]))""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_CONSTANTS: dict[str, object] = {
    "true": True,
    "True": True,
    "false": False,
    "False": False,
    "none": None,
    "None": None,
}
_WORDS = frozenset({"and", "or", "not", "in", "is", "if", "else"})


def _pair(name: str, calculate: Callable[[float, float], float]) -> Callable[[object, object], object]:
    """An operator of two numbers; an error for anything else, so that a text is never multiplied."""

    def apply(left: object, right: object) -> object:
        if name == "+" and isinstance(left, str) and isinstance(right, str):
            return _bounded(left + right)
        if left is UNDEFINED or right is UNDEFINED or left is None or right is None:
            return UNDEFINED
        if not isinstance(left, int | float) or not isinstance(right, int | float):
            raise TemplateError(f"{name} needs two numbers")
        try:
            return calculate(left, right)
        except (ArithmeticError, ValueError) as error:
            raise TemplateError(str(error)) from error

    return apply


def _ordered(compare: Callable[[float, float], bool]) -> Callable[[object, object], object]:
    def apply(left: object, right: object) -> object:
        if isinstance(left, str) and isinstance(right, str):
            return compare(len(left), len(right)) if left == right else compare(*((0, 1) if left < right else (1, 0)))
        if not isinstance(left, int | float) or not isinstance(right, int | float):
            raise TemplateError("only numbers can be compared by size")
        return compare(left, right)

    return apply


def _contains(left: object, right: object) -> bool:
    if isinstance(right, str):
        return as_text(left) in right
    if isinstance(right, dict):
        return isinstance(left, str) and left in right
    if isinstance(right, list):
        return left in right
    raise TemplateError("in needs a list or a text")


def _bounded(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise TemplateError("the text grows too long")
    return text


_LEVELS: tuple[dict[str, Callable[[object, object], object]], ...] = (
    {
        "==": operator.eq,
        "!=": operator.ne,
        "<": _ordered(operator.lt),
        ">": _ordered(operator.gt),
        "<=": _ordered(operator.le),
        ">=": _ordered(operator.ge),
        "in": _contains,
        "not in": lambda left, right: not _contains(left, right),
    },
    {"~": lambda left, right: _bounded(as_text(left) + as_text(right))},
    {"+": _pair("+", operator.add), "-": _pair("-", operator.sub)},
    {
        "*": _pair("*", operator.mul),
        "/": _pair("/", operator.truediv),
        "//": _pair("//", operator.floordiv),
        "%": _pair("%", operator.mod),
    },
)
"""Operators of two sides, those that bind least first."""
_POWER = _pair("**", lambda left, right: float(left) ** float(right).real)


def parse(source: str) -> Expression:
    """The expression as a function; TemplateError where it is not understood."""
    reader = _Reader(_tokens(source))
    expression = reader.conditional()
    if reader.token:
        reader.fail()
    return expression


def _tokens(source: str) -> list[str]:
    tokens: list[str] = []
    at, source = 0, source.rstrip()
    while at < len(source):
        found = _TOKEN.match(source, at)
        if found is None:
            raise TemplateError(f"{source[at : at + 20]!r} is not understood")
        tokens.append(found.group().strip())
        at = found.end()
    if len(tokens) > MOST_TOKENS:
        raise TemplateError("the expression is too long")
    return tokens


class _Reader:
    """Goes through the tokens once; each method reads one kind of expression and returns it as a function."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    @property
    def token(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def fail(self) -> Never:
        raise TemplateError(f"{self.token[:20]!r} is not understood" if self.token else "the expression has no end")

    def _take(self, *wanted: str) -> str:
        """The token, if it is one of these; else empty and nothing is taken."""
        token = self.token
        if token not in wanted:
            return ""
        self._at += 1
        return token

    def _need(self, wanted: str) -> None:
        if not self._take(wanted):
            self.fail()

    def conditional(self) -> Expression:
        self._depth += 1
        if self._depth > DEEPEST:
            raise TemplateError("the expression is nested too deeply")
        then = self._either()
        if self._take("if"):
            condition = self._either()
            otherwise = self.conditional() if self._take("else") else _constant(UNDEFINED)
            then = _choice(condition, then, otherwise)
        self._depth -= 1
        return then

    def _either(self) -> Expression:
        left = self._both()
        while self._take("or"):
            left = _or(left, self._both())
        return left

    def _both(self) -> Expression:
        left = self._negation()
        while self._take("and"):
            left = _and(left, self._negation())
        return left

    def _negation(self) -> Expression:
        turns = 0
        while self._take("not"):
            turns += 1
        inner = self._binary(0)
        return inner if turns % 2 == 0 else _negated(inner)

    def _binary(self, level: int) -> Expression:
        if level == len(_LEVELS):
            return self._unary()
        left = self._binary(level + 1)
        while sign := self._operator(level):
            left = _apply(_LEVELS[level][sign], left, self._binary(level + 1))
        return left

    def _operator(self, level: int) -> str:
        if level == 0 and self._tokens[self._at : self._at + 2] == ["not", "in"]:
            self._at += 2
            return "not in"
        return self._take(*_LEVELS[level])

    def _unary(self) -> Expression:
        sign = 1
        while taken := self._take("-", "+"):
            sign = -sign if taken == "-" else sign
        inner = self._power()
        return inner if sign == 1 else _apply(_pair("-", operator.sub), _constant(0), inner)

    def _power(self) -> Expression:
        left = self._filtered()
        return _apply(_POWER, left, self._filtered()) if self._take("**") else left

    def _filtered(self) -> Expression:
        left = self._postfix()
        while sign := self._take("|", "is"):
            is_not = sign == "is" and bool(self._take("not"))
            name = self._name()
            words = FILTERS if sign == "|" else TESTS
            if name not in words:
                raise TemplateError(f"{name!r} is not known")
            places, names = self._arguments() if self._take("(") else ([], {})
            left = _call(words[name], [left, *places], names)
            left = _negated(left) if is_not else left
        return left

    def _postfix(self) -> Expression:
        left = self._primary()
        while sign := self._take(".", "["):
            if sign == "[":
                key = self.conditional()
                self._need("]")
                left = _item(left, key)
                continue
            name = self.token
            self._at += 1
            if self._take("("):
                if name not in METHODS:
                    raise TemplateError(f"{name!r} is not known")
                places, names = self._arguments()
                left = _call(METHODS[name], [left, *places], names)
            elif name.isidentifier() or name.isdecimal():
                left = _item(left, _constant(int(name) if name.isdecimal() else name))
            else:
                self.fail()
        return left

    def _primary(self) -> Expression:
        token = self.token
        self._at += 1
        if token == "(":
            inner = self.conditional()
            self._need(")")
            return inner
        if token == "[":
            return _list(self._arguments("]")[0])
        if token[:1] in "'\"" and token:
            return _constant(_ESCAPE.sub(r"\1", token[1:-1]))
        if token[:1].isdigit():
            return _constant(int(token) if token.isdecimal() else float(token))
        if token in _CONSTANTS:
            return _constant(_CONSTANTS[token])
        self._at -= 1
        name = self._name()
        if not self._take("("):
            return lambda scope: scope.get(name, UNDEFINED)
        if name not in FILTERS:
            raise TemplateError(f"{name!r} is not known")
        return _call(FILTERS[name], *self._arguments())

    def _name(self) -> str:
        name = self.token
        if not name.isidentifier() or name in _WORDS:
            self.fail()
        self._at += 1
        return name

    def _arguments(self, end: str = ")") -> tuple[list[Expression], dict[str, Expression]]:
        """Up to the closing bracket: those by place and those by name."""
        places: list[Expression] = []
        names: dict[str, Expression] = {}
        while not self._take(end):
            name = self.token if self._tokens[self._at + 1 : self._at + 2] == ["="] else ""
            self._at += 2 if name else 0
            if name:
                names[name] = self.conditional()
            else:
                places.append(self.conditional())
            if not self._take(",") and self.token != end:
                self.fail()
        return places, names


def _constant(value: object) -> Expression:
    return lambda _scope: value


def _choice(condition: Expression, then: Expression, otherwise: Expression) -> Expression:
    return lambda scope: then(scope) if condition(scope) else otherwise(scope)


def _or(left: Expression, right: Expression) -> Expression:
    return lambda scope: left(scope) or right(scope)


def _and(left: Expression, right: Expression) -> Expression:
    return lambda scope: left(scope) and right(scope)


def _negated(inner: Expression) -> Expression:
    return lambda scope: not inner(scope)


def _apply(calculate: Callable[[object, object], object], left: Expression, right: Expression) -> Expression:
    return lambda scope: calculate(left(scope), right(scope))


def _list(items: list[Expression]) -> Expression:
    return lambda scope: [item(scope) for item in items]


def _call(word: Callable[..., object], places: list[Expression], names: dict[str, Expression]) -> Expression:
    def call(scope: Scope) -> object:
        named = {name: argument(scope) for name, argument in names.items()}
        try:
            return word(*(argument(scope) for argument in places), **named)
        except TemplateError:
            raise
        except (TypeError, ValueError, ArithmeticError, LookupError) as error:
            raise TemplateError(str(error)[:100]) from error

    return call


def _item(left: Expression, key: Expression) -> Expression:
    """A member of an object or list; of nothing it is nothing, as where a message lacks a part."""

    def take(scope: Scope) -> object:
        whole, place = left(scope), key(scope)
        if isinstance(whole, dict):
            return whole.get(place, UNDEFINED) if isinstance(place, str) else UNDEFINED
        if isinstance(whole, list | str) and isinstance(place, int) and -len(whole) <= place < len(whole):
            return whole[place]
        return UNDEFINED

    return take

"""The words of Home Assistant's templates: filters, tests and methods, as plain functions."""

from __future__ import annotations

import json
import math
from collections.abc import Callable

from gateway.checks import number

LONGEST_TEXT = 65536
MOST_DIGITS = 12


class TemplateError(ValueError):
    """The template is not understood, or the message is not one that it can be used on."""


class Undefined:
    """A value that the message does not have: false, and no text."""

    def __bool__(self) -> bool:
        return False


UNDEFINED = Undefined()
_MISSING = object()


def as_text(value: object) -> str:
    """The value as Home Assistant writes it."""
    if isinstance(value, dict | list):
        return json.dumps(value)
    return "" if value is UNDEFINED else str(value)


def _float(value: object, default: object = _MISSING) -> object:
    found = float(value) if isinstance(value, bool) else number(value)
    if found is not None and math.isfinite(found):
        return found
    return _or_default(value, default, "float")


def _int(value: object, default: object = _MISSING, base: object = 10) -> object:
    if isinstance(value, str) and isinstance(base, int) and base != 10:
        try:
            return int(value, base)
        except ValueError:
            return _or_default(value, default, "int")
    found = float(value) if isinstance(value, bool) else number(value)
    if found is not None and math.isfinite(found):
        return int(found)
    return _or_default(value, default, "int")


def _or_default(value: object, default: object, name: str) -> object:
    if default is not _MISSING:
        return default
    if value is None or value is UNDEFINED:
        return UNDEFINED  # the message does not say it: that is no fault of the device
    raise TemplateError(f"{name} of {as_text(value)[:40]!r}")


def _round(value: object, digits: object = 0, method: object = "common", default: object = _MISSING) -> object:
    found = number(value)
    if found is None or not math.isfinite(found):
        return _or_default(value, default, "round")
    places = max(-MOST_DIGITS, min(digits, MOST_DIGITS)) if isinstance(digits, int) else 0
    scale: float = 10.0**places
    if method == "ceil":
        rounded = math.ceil(found * scale) / scale
    elif method == "floor":
        rounded = math.floor(found * scale) / scale
    else:
        rounded = round(found, places)
    return int(rounded) if places <= 0 else rounded


def _default(value: object, default: object = "", also_false: object = False) -> object:
    return default if value is UNDEFINED or (also_false and not value) else value


def _replace(value: object, old: object, new: object) -> str:
    text, old, new = as_text(value), as_text(old), as_text(new)
    if old and len(text) + text.count(old) * len(new) > LONGEST_TEXT:
        raise TemplateError("the text grows too long")
    return text.replace(old, new) if old else text


def _split(value: object, by: object = None) -> list[str]:
    return as_text(value)[:LONGEST_TEXT].split(None if by is None else as_text(by))


def _from_json(value: object, default: object = _MISSING) -> object:
    try:
        return json.loads(as_text(value)[:LONGEST_TEXT])
    except (ValueError, RecursionError) as error:
        if default is not _MISSING:
            return default
        raise TemplateError("from_json of no JSON") from error


def _numbers(value: object, other: object) -> tuple[float, float]:
    left, right = number(value), number(other)
    if left is None or right is None:
        raise TemplateError("not two numbers")
    return left, right


def _multiply(value: object, by: object) -> float:
    left, right = _numbers(value, by)
    return left * right


def _add(value: object, more: object) -> float:
    left, right = _numbers(value, more)
    return left + right


def _iif(value: object, then: object = True, otherwise: object = False, of_none: object = _MISSING) -> object:
    if value is None and of_none is not _MISSING:
        return of_none
    return then if value else otherwise


def _end(place: int) -> Callable[[object], object]:
    def take(value: object) -> object:
        return value[place] if isinstance(value, list | str) and value else UNDEFINED

    return take


def _length(value: object) -> int:
    return len(value) if isinstance(value, str | list | dict) else 0


def _abs(value: object) -> object:
    found = number(value)
    return _or_default(value, _MISSING, "abs") if found is None else abs(found)


def _bool(value: object, default: object = _MISSING) -> object:
    word = as_text(value).strip().lower()
    if word in ("true", "yes", "on", "enable", "1"):
        return True
    if word in ("false", "no", "off", "disable", "0"):
        return False
    return _or_default(value, default, "bool")


def _get(value: object, key: object, default: object = None) -> object:
    return value.get(key, default) if isinstance(value, dict) and isinstance(key, str) else default


def _same(value: object) -> object:
    return value


def _strip(value: object, letters: object = None) -> str:
    return as_text(value).strip(None if letters is None else as_text(letters))


FILTERS: dict[str, Callable[..., object]] = {
    "float": _float,
    "int": _int,
    "round": _round,
    "default": _default,
    "d": _default,
    "abs": _abs,
    "bool": _bool,
    "string": as_text,
    "upper": lambda value: as_text(value).upper(),
    "lower": lambda value: as_text(value).lower(),
    "title": lambda value: as_text(value).title(),
    "capitalize": lambda value: as_text(value).capitalize(),
    "trim": _strip,
    "replace": _replace,
    "multiply": _multiply,
    "add": _add,
    "iif": _iif,
    "first": _end(0),
    "last": _end(-1),
    "length": _length,
    "count": _length,
    "from_json": _from_json,
    "to_json": as_text,
    "tojson": as_text,
    "is_defined": _same,
    "is_number": lambda value: number(value) is not None,
}
"""Also called as functions: `float(value)`."""

TESTS: dict[str, Callable[..., object]] = {
    "defined": lambda value: value is not UNDEFINED,
    "undefined": lambda value: value is UNDEFINED,
    "none": lambda value: value is None,
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "mapping": lambda value: isinstance(value, dict),
    "iterable": lambda value: isinstance(value, str | list | dict),
    "true": lambda value: value is True,
    "false": lambda value: value is False,
}

METHODS: dict[str, Callable[..., object]] = {
    "get": _get,
    "upper": FILTERS["upper"],
    "lower": FILTERS["lower"],
    "strip": _strip,
    "replace": _replace,
    "split": _split,
    "startswith": lambda value, start: as_text(value).startswith(as_text(start)),
    "endswith": lambda value, end: as_text(value).endswith(as_text(end)),
}

"""The addresses of the hub's own channels: `scheme://user:password@host:port/first/second?option=value`. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

_NUMBER = re.compile(r"\+?[1-9]\d{6,14}")


class AddressError(ValueError):
    """Says what is wrong and never the address: it may hold a password."""


@dataclass(frozen=True, slots=True)
class Address:
    scheme: str
    user: str
    password: str = field(repr=False)
    host: str
    port: int | None
    path: tuple[str, ...]
    options: Mapping[str, str] = field(repr=False)

    def part(self, number: int, what: str) -> str:
        """A part of the path, by its place from 0."""
        if len(self.path) <= number:
            raise AddressError(f"{what} is missing")
        return self.path[number]

    def option(self, name: str, what: str) -> str:
        """One that must be there."""
        if not self.options.get(name):
            raise AddressError(f"{what} is missing ({name}=...)")
        return self.options[name]

    def only(self, *known: str) -> None:
        """AddressError where an option stands that means nothing."""
        if not set(self.options) <= set(known):
            raise AddressError(f"an option is none of {', '.join(known)}" if known else "it takes no options")


def anchored_file(text: str, option: str, folder: Path) -> str:
    """The address with the file that this option names as seen from `folder`."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return text
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    options = [(key, str(folder / value) if key == option else value) for key, value in pairs]
    return urlunsplit(parts._replace(query=urlencode(options)))


def parse_address(text: str) -> Address:
    """The parts, each as it was before it was written into an address."""
    try:
        parts = urlsplit(text)
        # A plus is a plus, as in a telephone number, and no space.
        options = parse_qsl(parts.query.replace("+", "%2B"), keep_blank_values=True, strict_parsing=bool(parts.query))
        port = parts.port
    except ValueError as error:
        raise AddressError("it is not written like an address") from error
    if len(dict(options)) != len(options):
        raise AddressError("an option stands twice")
    return Address(
        scheme=parts.scheme,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        host=parts.hostname or "",
        port=port,
        path=tuple(unquote(each) for each in parts.path.split("/") if each),
        options=dict(options),
    )


def telephone(text: str) -> str:
    """An international number (E.164), with its plus."""
    number = re.sub(r"[\s().-]", "", text)
    number = f"+{number[2:]}" if number.startswith("00") else number
    if not _NUMBER.fullmatch(number):
        raise AddressError("the recipient is not a telephone number like +447700900123")
    return f"+{number.removeprefix('+')}"

"""deploy/settings.md is complete and true: its keys are those that the program asks for, with defaults and bounds."""

from __future__ import annotations

import ast
import copy
import dataclasses
import re
import tomllib
from collections.abc import Callable, Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

import gateway.settings
import sensor_hub.model.home
import sensor_hub.settings
from sensor_hub.model.problem import InputError
from sensor_hub.model.table import Table
from sensor_hub.settings import TEMPLATE, Settings
from tests.config.settings_page import NONE, REQUIRED, ROOT, TENANT, Asked, listening, plain, rows
from tests.config.smallest import GATEWAY, GATEWAY_BY_TEXT, HOME, HUB, HUB_OPTIONAL

PARTS: dict[str, tuple[Any, Callable[[Path], object], tuple[str, ...]]] = {
    "hub.toml": (sensor_hub.settings, sensor_hub.settings.read_settings, (HUB,)),
    "A home's file": (sensor_hub.model.home, sensor_hub.model.home.read_home, (HOME,)),
    "gateway.toml": (gateway.settings, gateway.settings.read_settings, (GATEWAY, GATEWAY_BY_TEXT)),
}
PAGE = {part: [row for row in rows() if row.part == part] for part in PARTS}
NOWHERE = Path("settings.toml")
ASKING = {"get", "text", "number", "whole", "flag", "choice", "texts", "moment", "table", "tables"}
SHOWN_ELSEWHERE = ("contact.", "resident", "team", "rota", "policy")
"""Tables of which deploy/telling.md has examples, beside those that the file shows."""
COMPUTED = {("review", "to"), ("chronology.tenants", "TENANT")}
"""Keys whose default rests on the rest of the file."""
OTHERWISE = {("gateways", "port"), ("clock", "speed")}
"""Keys whose default is no good example."""
UNSHOWN = {("watch", "fallback"), ("watch", "fallback_file"), ("contact", "addresses"), ("contact", "channel")}
"""Only read for those who had them, or shown in a comment."""


@pytest.fixture(params=PARTS)
def part(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def read(part: str, values: dict[str, Any]) -> object:
    module, reader, _ = PARTS[part]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "read_table", lambda path: Table(values, str(path)))
        return reader(NOWHERE)


def asked_of(part: str) -> Asked:
    with listening(NOWHERE) as asked:
        for text in PARTS[part][2]:
            read(part, tomllib.loads(text))
    if part == "gateway.toml":
        # Told with hub.toml.
        asked.keys = {(section, key) for section, key in asked.keys if section != "clock"}
    asked.keys.discard(("keep.tenants", "TENANT"))
    return asked


def section_of(values: dict[str, Any], section: str) -> dict[str, Any]:
    """The table, made where it is missing; of an array the one that has the next name."""
    names = section.replace("TENANT", TENANT).split(".") if section else []
    for name, following in zip_longest(names, names[1:]):
        below = values.setdefault(name, {})
        values = next((each for each in below if following in each), below[0]) if isinstance(below, list) else below
    return values


def leaves(values: dict[str, Any], section: str = "") -> Iterator[tuple[str, str]]:
    for key, value in values.items():
        name = "TENANT" if key == TENANT else key
        below = f"{section}.{name}" if section else name
        tables = [value] if isinstance(value, dict) else value if isinstance(value, list) else []
        if tables and all(isinstance(each, dict) for each in tables):
            for table in tables:
                yield from leaves(table, below)
        else:
            yield section, name


def test_its_keys_are_those_that_the_program_asks_for(part: str) -> None:
    assert sorted(row.place for row in PAGE[part]) == sorted(asked_of(part).keys)


def test_the_program_asks_for_every_key_that_its_source_names() -> None:
    """What no file above brings it to ask for would be missing on the page, too."""
    files = [*(ROOT / "sensor_hub" / "config").glob("*.py"), ROOT / "sensor_hub" / "settings.py"]
    files += [ROOT / "sensor_hub" / name for name in ("logs.py", "model/pace.py", "model/visit.py", "model/home.py")]
    files += [ROOT / "gateway" / "settings.py", ROOT / "gateway" / "way_out.py"]
    named: set[str] = set()
    for node in (each for file in files for each in ast.walk(ast.parse(file.read_text(encoding="utf-8")))):
        if not isinstance(node, ast.Call) or ast.unparse(node.func) == "_once":
            continue
        if isinstance(node.func, ast.Attribute) and node.func.attr in ASKING:
            given = node.args[:1]
        else:
            given = node.args[1:2] if node.args and ast.unparse(node.args[0]) in {"table", "row", "review"} else []
        named |= {each.value for each in given if isinstance(each, ast.Constant) and isinstance(each.value, str)}
    assert named - {row.key for part in PAGE.values() for row in part} - {"CREDENTIALS_DIRECTORY"} == set()


def test_what_is_required_is_what_cannot_be_left_out(part: str) -> None:
    required = {row.place for row in PAGE[part] if row.default == REQUIRED}
    given = {place for text in PARTS[part][2] for place in leaves(tomllib.loads(text))} - HUB_OPTIONAL
    assert {place for place in given if place[0] != "clock"} == {place for place in required if place[0] != "clock"}
    for text in PARTS[part][2]:
        for place in set(leaves(tomllib.loads(text))) & required:
            values = tomllib.loads(text)
            del section_of(values, place[0])[place[1]]
            with pytest.raises(InputError):
                read(part, values)


def test_a_default_that_is_written_down_changes_nothing(part: str) -> None:
    asked = asked_of(part)
    for row in PAGE[part]:
        if row.default == NONE and row.place not in COMPUTED:
            assert asked.defaults.get(row.place) in (None, " ", (), ""), row
        elif row.default not in (REQUIRED, NONE):
            text = PARTS[part][2][-1 if row.key == "program" else 0]
            values = tomllib.loads(text)
            before = read(part, copy.deepcopy(values))
            section_of(values, row.section)[row.key] = tomllib.loads(f"it = {row.default}")["it"]
            assert _without_link(read(part, values)) == _without_link(before), row


def test_bounds_and_choices_are_the_program_s(part: str) -> None:
    asked = asked_of(part)
    for row in PAGE[part]:
        if row.place in asked.bounds:
            assert " to ".join(map(plain, asked.bounds[row.place])) in row.values, row
        if row.place in asked.choices:
            assert set(re.findall(r"`([^`]+)`", row.values)) == set(asked.choices[row.place]), row


def test_checks_that_it_names_are_there() -> None:
    known = (ROOT / "deploy" / "checks.md").read_text(encoding="utf-8")
    named = {name for part in PAGE.values() for row in part for name in re.findall(r"`([^`]+)`", row.check)}
    assert named
    assert [name for name in named if f"`{name}`" not in known] == []


def test_the_file_that_the_hub_writes_shows_every_key_with_its_default() -> None:
    shown = tomllib.loads(re.sub(r"^#( |   )(?=\w+ = |\[)", "", TEMPLATE, flags=re.MULTILINE))
    keys = set(leaves(shown))
    for row in PAGE["hub.toml"]:
        below = f"{row.section}.{row.key}" if row.section else row.key
        is_table = any(f"{section}.".startswith(f"{below}.") for section, _ in keys)
        is_shown = {row.key, f"{row.key}_file", row.key.removesuffix("_file")} & {
            key for section, key in keys if section == row.section
        }
        if not (row.section or row.key).startswith(SHOWN_ELSEWHERE) and not is_table and row.place not in UNSHOWN:
            assert is_shown, row
        if row.default[0].isdigit() and row.place in keys and row.place not in OTHERWISE:
            assert section_of(shown, row.section)[row.key] == tomllib.loads(f"it = {row.default}")["it"], row


@pytest.mark.parametrize("text", [gateway.settings.__doc__ or "", (ROOT / "deploy/deb/gateway.toml").read_text()])
def test_examples_of_a_gateway_have_no_key_that_is_none(text: str) -> None:
    shown = tomllib.loads(text[text.index("\n") :])
    assert {place for place in leaves(shown) if place[0] != "clock"} <= {row.place for row in PAGE["gateway.toml"]}


def _without_link(read: object) -> object:
    """That the file says its own address is all that says more than the address."""
    return dataclasses.replace(read, notice_url=None) if isinstance(read, Settings) else read

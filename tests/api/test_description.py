"""The description of the API gives an example for everything that is sent and answered, all of one invented home."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import jsonschema_rs
import pytest

from sensor_hub.web.examples import Examples, NoExampleError, add_examples
from sensor_hub.web.invented import AFTER, NAMED
from tests.web.builders import make_hub
from tests.web.roles import House

DESCRIBED = House(make_hub()).site.openapi()
OPERATIONS = {
    f"{method} {path}": operation
    for path, methods in DESCRIBED["paths"].items()
    for method, operation in methods.items()
}
LACKING: set[str] = set()
"""Operations for which examples are still to come. None is to be added."""
ONE_OF_EACH = ("home", "tenant", "alert", "contact", "timezone", "reference", "by")
IN_ORDER = (
    ("since", "raised_at", "acknowledged_at", "closed_at"),
    ("start", "end"),
    ("start", "until"),
    ("made_at", "used_at", "ends_at"),
    ("asked_at", "begun_at", "done_at", "backups_until"),
    ("decided_on", "review_on"),
    ("from", "until"),
)


def contents(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Of the body and of what is answered where all went well, as JSON."""
    parts = [operation.get("requestBody", {})]
    parts += [answer for status, answer in operation["responses"].items() if status.startswith("2")]
    for part in parts:
        if "application/json" in part.get("content", {}):
            yield part["content"]["application/json"]


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """All within."""
    if isinstance(value, dict):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects(each)


def validate(schema: dict[str, Any], example: object) -> None:
    whole = {**schema, "components": DESCRIBED["components"]}
    jsonschema_rs.validator_for(whole, validate_formats=True).validate(example)


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_body_answer_and_parameter_has_an_example_that_is_valid(name: str) -> None:
    operation = OPERATIONS[name]
    parts = [*contents(operation), *operation.get("parameters", ())]
    without = [part.get("name", part["schema"]) for part in parts if "example" not in part]
    if name in LACKING:
        assert without
        return
    assert not without, f"say examples on the fields, or what the name always says in web/invented.py: {without}"
    for part in parts:
        validate(part["schema"], part["example"])


def test_no_two_examples_tell_of_different_things() -> None:
    told = [part for each in OPERATIONS.values() for part in (*contents(each), *each.get("parameters", ()))]
    for part in told:
        for each in objects(part.get("example")):
            for name in ONE_OF_EACH:
                value = each.get(name)
                assert value in (NAMED[name], "", None) or not isinstance(value, str), (name, value)
            for names in IN_ORDER:
                moments = [each[name] for name in names if isinstance(each.get(name), str | float)]
                assert all(earlier < later for earlier, later in pairwise(moments)), (names, each)
    named = {part["name"]: part["example"] for part in told if part.get("in") == "path"}
    assert all(NAMED[name] == value for name, value in named.items())


def test_what_stands_in_a_path_is_what_the_answer_tells_of() -> None:
    schemas = {"alert": "AlertOut", "home": "HomeOut", "contact": "ContactOut", "silence": "SilenceOut"}
    schemas |= {"account": "AccountOut", "token_id": "TokenOut", "resident": "ResidentOut"}
    schemas |= {"device": "DeviceStateOut"}
    examples = Examples(DESCRIBED["components"]["schemas"])
    for name, schema in schemas.items():
        assert examples.of(DESCRIBED["components"]["schemas"][schema])["id"] == NAMED[name]
    assert AFTER.keys() <= OPERATIONS.keys()


def test_what_says_no_example_is_named() -> None:
    schema = {"type": "object", "properties": {"colour": {"type": "string"}}}
    with pytest.raises(NoExampleError, match="colour"):
        Examples({}).of(schema)
    answer = {"200": {"content": {"application/json": {"schema": schema}}}}
    described = {"components": {"schemas": {}}, "paths": {"/paint": {"get": {"responses": answer}}}}
    assert add_examples(described) == ["get /paint: colour"]


def test_no_schema_has_the_name_of_a_module() -> None:
    assert not [name for name in DESCRIBED["components"]["schemas"] if "sensor_hub__" in name]

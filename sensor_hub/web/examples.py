"""An example for every body, answer and parameter in the description of the API, made of what its fields say.

A field says its own (`Field(examples=[...])`); what is the same everywhere is `invented` once, so that no two examples
tell of different homes. What neither says is no example.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sensor_hub.web.invented import AFTER, NAMED, PARAMETERS

Schema = Mapping[str, Any]
JSON = "application/json"
OF_TYPE: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "array": list,
    "object": dict,
    "null": type(None),
}


class NoExampleError(LookupError):
    """Nothing says an example for the field of this name."""


class Examples:
    """Made from these schemas, each by its name."""

    def __init__(self, schemas: Mapping[str, Schema]) -> None:
        self.schemas = schemas

    def of(self, schema: Schema, name: str = "") -> Any:
        """NoExampleError where a field has none."""
        if "examples" in schema:
            return self._whole(schema, schema["examples"][0])
        if name in NAMED and self._takes(schema, NAMED[name]):
            return NAMED[name]
        if "$ref" in schema:
            return self.of(self._named(schema), name)
        if "anyOf" in schema:
            return self._any_of(schema["anyOf"], name)
        if "enum" in schema or "const" in schema:
            return schema.get("const", next(iter(schema.get("enum", ()))))
        return self._plain(schema, name)

    def _whole(self, schema: Schema, said: Any) -> Any:
        """With its fields that are null: what writes the description strikes them from a model's example."""
        null = (each for each, of in schema.get("properties", {}).items() if self._takes(of, None))
        return dict.fromkeys(null) | said if isinstance(said, dict) else said

    def _plain(self, schema: Schema, name: str) -> Any:
        match schema.get("type"):
            case "object" if "properties" in schema:
                return {each: self.of(of, each) for each, of in schema["properties"].items()}
            case "array" if "items" in schema:
                return [self.of(schema["items"], name)]
            case "boolean":
                return schema.get("default", False)
            case _:
                raise NoExampleError(name)

    def _any_of(self, choices: list[Schema], name: str) -> Any:
        wrong = NoExampleError(name)
        for choice in choices:
            try:
                if choice.get("type") != "null":
                    return self.of(choice, name)
            except NoExampleError as error:
                wrong = error
        raise wrong

    def _takes(self, schema: Schema, value: object) -> bool:
        """Whether a field of this schema may say this, as far as its type goes."""
        if "$ref" in schema:
            return self._takes(self._named(schema), value)
        if "anyOf" in schema:
            return any(self._takes(choice, value) for choice in schema["anyOf"])
        if "enum" in schema:
            return value in schema["enum"]
        if isinstance(value, list) and "items" in schema:
            return all(self._takes(schema["items"], each) for each in value)
        return isinstance(value, OF_TYPE.get(schema.get("type", ""), ()))

    def _named(self, schema: Schema) -> Schema:
        return self.schemas[str(schema["$ref"]).rpartition("/")[2]]


def add_examples(described: Schema) -> list[str]:
    """Adds them to the whole description; says of which parts there are none: `post /api/v1/tokens: label`."""
    examples = Examples(described["components"]["schemas"])
    lacking = []
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            for part, schema, name in _parts(operation):
                try:
                    part["example"] = examples.of(schema, name)
                except NoExampleError as error:
                    lacking.append(f"{method} {path}: {error}")
            for content in _answers(operation):
                if isinstance(content.get("example"), dict):
                    content["example"] |= AFTER.get(f"{method} {path}", {})
    return lacking


def _parts(operation: Schema) -> Iterator[tuple[dict[str, Any], Schema, str]]:
    """What is to have an example, with its schema and its name."""
    for parameter in operation.get("parameters", ()):
        name, schema = parameter["name"], parameter["schema"]
        if "example" not in parameter:
            yield parameter, {"examples": [PARAMETERS[name]]} if name in PARAMETERS else schema, name
    contents = operation.get("requestBody", {}).get("content", {})
    for content in (*([contents[JSON]] if JSON in contents else ()), *_answers(operation)):
        if "example" not in content:
            yield content, content["schema"], ""


def _answers(operation: Schema) -> Iterator[dict[str, Any]]:
    for status, answer in operation["responses"].items():
        if status.startswith("2") and JSON in answer.get("content", {}):
            yield answer["content"][JSON]

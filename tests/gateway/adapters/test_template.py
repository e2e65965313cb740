"""Home Assistant's templates in the forms that devices use, without Jinja."""

from __future__ import annotations

import pytest

from gateway.adapters.expression import UNDEFINED, TemplateError
from gateway.adapters.template import Template

STATE: dict[str, object] = {
    "t": "21.44",
    "n": 7,
    "null": None,
    "on": True,
    "AM2301": {"Temperature": 22.2},
    "row": [1, 2],
}


def render(source: str, value: str = "68.9", said: object = STATE) -> object:
    return Template(source).render({"value": value, "value_json": said})


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ value }}", "68.9"),
        ("{{ value | float | round(1) }}", 68.9),
        ("{{value_json.t|float}}", 21.44),
        ("{{ value_json['AM2301'].Temperature }}", 22.2),
        ('{{ value_json["n"] | int }}', 7),
        ("{{ value_json.row[1] }}", 2),
        ("{{ value_json.row | last }}", 2),
        ("{{ float(value_json.n) * 99 + 1 }}", 694),
        ("{{ ((value | float - 32) * 5 / 9) | round(1) }}", 20.5),
        ("{{ value_json.n / 10 }}", 0.7),
        ("{{ -value_json.n }}", -7),
        ("{{ 2 ** 3 }}", 8),
        ("{{ 'ON' if value_json.on else 'OFF' }}", "ON"),
        ("{{ value_json.x | default(3) }}", 3),
        ("{{ value_json.x | float(0) }}", 0),
        ("{{ value_json.t | int(default=0) }}", 21),
        ("{{ value_json.get('x', 5) }}", 5),
        ("{{ value_json.n is defined and value_json.x is not defined }}", True),
        ("{% if value_json.n > 5 %}ON{% elif value_json.n == 5 %}?{% else %}OFF{% endif %}", "ON"),
        ("{% if 'x' in value_json %}{{ value_json.x }}{% else %}none{% endif %}", "none"),
        ("{%- set t = value_json.n -%}{{ t + 1 }}", 8),
        ("{{ value_json.t ~ ' C' }}", "21.44 C"),
        ("{{ value.split('.')[0] }}", "68"),
        ("{{ value_json.on | iif('yes', 'no') }}", "yes"),
        ("{{ value_json.on | string | lower }}", "true"),
        ("{{ 1 if value_json.n in [6, 7] else 0 }}", 1),
        ("{# a comment #}{{ value_json.n }}", 7),
        ("{{ value_json.t | round(0, 'floor') }}", 21),
    ],
)
def test_the_forms_that_devices_use(source: str, expected: object) -> None:
    assert render(source) == expected


@pytest.mark.parametrize(
    "source", ["{{ value_json.x }}", "{{ value_json.x.y[0] }}", "{{ value_json.x * 2 }}", "{{ value_json.x | float }}"]
)
def test_what_the_message_does_not_say_is_undefined(source: str) -> None:
    assert render(source) is UNDEFINED


@pytest.mark.parametrize(
    "source",
    ["{{ value_json.AM2301 | float }}", "{{ 'a' * 3 }}", "{{ 1 / 0 }}", "{{ 9.0 ** 9999 }}", "{{ value.x(1) }}"],
)
def test_a_message_that_does_not_fit_is_an_error(source: str) -> None:
    with pytest.raises(TemplateError):
        render(source)


@pytest.mark.parametrize(
    "source",
    [
        "{{ states('sensor.x') }}",
        "{{ value.__class__() }}",
        "{% for x in value %}{{ x }}{% endfor %}",
        "{% if value %}",
        "{{ (value }}",
        "{{ value | evil }}",
        "{% endif %}",
        "{{ " + "(" * 100 + "1" + ")" * 100 + " }}",
        "{{ 1" + "+1" * 500 + " }}",
        "x" * 5000,
    ],
)
def test_what_is_not_known_is_refused_when_it_is_read(source: str) -> None:
    with pytest.raises(TemplateError):
        Template(source)


def test_texts_do_not_grow_without_end() -> None:
    with pytest.raises(TemplateError):
        render("{{ value" + " | replace('a', value)" * 9 + " }}", value="a" * 2000)

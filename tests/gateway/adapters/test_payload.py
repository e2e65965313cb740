"""Whatever text comes, it is read or refused with a reason."""

from __future__ import annotations

import pytest

from gateway.adapters.payload import PayloadError, parse_json, parse_object


@pytest.mark.parametrize(
    "payload", [b'{"a": 1}', b'\xef\xbb\xbf{"a": 1}', b'{"a": 1}\x00', b'{"a": 1}\r\n\x00\x00 ', b'{"a": 9, "a": 1}']
)
def test_common_flaws_of_firmware_are_forgiven(payload: bytes) -> None:
    assert parse_object(payload) == {"a": 1}


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b'{"a": nan}', "the text is not JSON"),
        (b'{"a": NaN}', "the text is not JSON"),
        (b'{"a": -Infinity}', "the text is not JSON"),
        (b'{"a": 1,}', "the text is not JSON"),
        (b'{"a": "\\2"}', "the text is not JSON"),
        (b"", "the text is not JSON"),
        (b'{"a": ' + b"9" * 5000 + b"}", "the text is not JSON"),
        (b"\xb0C", "the text is not UTF-8"),
        (b"[" * 100_000, "the JSON is nested too deeply"),
        (b'{"a":' * 100_000, "the JSON is nested too deeply"),
        (b"A" * (1024 * 1024 + 1), "the message is too big"),
        (b"21.5", "the message is not a JSON object"),
    ],
)
def test_the_rest_is_refused_with_a_reason(payload: bytes, reason: str) -> None:
    with pytest.raises(PayloadError) as refused:
        parse_object(payload)
    assert refused.value.reason == reason


def test_brackets_in_text_are_not_depth() -> None:
    text = "[{" * 500
    assert parse_json(f'{{"a": "{text}"}}'.encode()) == {"a": text}

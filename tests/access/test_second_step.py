"""A telephone's code is good once, near its time; recovery codes are read as people type them."""

from __future__ import annotations

import pyotp
import pytest

from sensor_hub.access.second_step import (
    RECOVERY_CODES,
    enrolment_address,
    make_recovery_codes,
    make_secret,
    matching_step,
    recovery_hash,
)

# RFC 6238, appendix B: the secret and the last six of the eight digits there.
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.mark.parametrize(
    ("at", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_the_codes_of_the_standard(at: int, code: str) -> None:
    assert matching_step(SECRET, code, at, after=-1) == at // 30


def test_a_clock_may_be_half_a_minute_off_and_no_more() -> None:
    at = 1_800_000_000.0
    code = pyotp.TOTP(SECRET).at(int(at))
    assert matching_step(SECRET, code, at + 30, after=-1) == matching_step(SECRET, code, at - 30, after=-1) == at // 30
    assert matching_step(SECRET, code, at + 60, after=-1) is None
    assert matching_step(SECRET, code, at - 60, after=-1) is None


def test_a_code_is_good_once() -> None:
    at = 1_800_000_000.0
    code = pyotp.TOTP(SECRET).at(int(at))
    used = matching_step(SECRET, code, at, after=-1)
    assert used is not None
    assert matching_step(SECRET, code, at, after=used) is None


@pytest.mark.parametrize("code", ["", "000000", "12345", "abcdef", "٢٨٧٠٨٢", "1111111"])
def test_what_is_no_code(code: str) -> None:
    assert matching_step(SECRET, code, 59, after=-1) is None


def test_a_code_may_be_typed_in_two_halves() -> None:
    assert matching_step(SECRET, "287 082", 59, after=-1) == 1


def test_what_an_app_reads_from_the_picture() -> None:
    secret = make_secret()
    assert len(secret) == 32
    parsed = pyotp.parse_uri(enrolment_address(secret, "jo@example.org"))
    assert (parsed.secret, parsed.name, parsed.issuer) == (secret, "jo@example.org", "Sensor hub")


def test_recovery_codes_are_read_as_people_type_them() -> None:
    codes = make_recovery_codes()
    assert len({recovery_hash(code) for code in codes}) == RECOVERY_CODES
    typed = codes[0].lower().replace("-", " ")
    assert recovery_hash(typed) == recovery_hash(codes[0])

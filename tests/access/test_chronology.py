from __future__ import annotations

import hashlib
import json

import pytest

from sensor_hub.access.chronology import (
    LONGEST,
    Act,
    ChronologyEntry,
    Row,
    bind,
    digest_of,
    entry_of,
    fields_of,
    follows,
    link,
    tidy,
)
from tests.access.entries import T, chain, entry


def test_an_entry_has_exactly_these_bytes() -> None:
    """What an inspector computes: a change here breaks every chronology that was ever exported."""
    said = ChronologyEntry(1_767_605_000.25, "ours", 'Anna "Bell"', "role", Act.SAW, "flat-1", "ä\n", "\x01/€")
    digest = digest_of(fields_of(said), bytes(range(16)))
    told = (
        r'[1767605000250,"ours","Anna \"Bell\"","role","saw","flat-1","ä\n","\u0001/€",'
        r'"000102030405060708090a0b0c0d0e0f"]'
    )
    assert digest == hashlib.sha256(told.encode()).digest()
    assert link(bytes(32), digest) == hashlib.sha256(bytes(32) + digest).digest()


def test_each_entry_is_salted() -> None:
    one, other = bind(entry(1), 1, bytes(32)), bind(entry(1), 1, bytes(32))
    assert one.fields == other.fields
    assert one.hash != other.hash


def test_what_is_written_can_be_read_back() -> None:
    assert entry_of(bind(entry(7), 1, bytes(32))) == entry(7)


def test_texts_are_made_such_as_every_database_takes() -> None:
    said = ChronologyEntry(T, "t" * 100, "a\0b\ud800", "r", "saw", "h", "x" * 500, "y" * 5000)
    made = tidy(said)
    assert made.who == "ab?"
    assert [len(made.tenant), len(made.about), len(made.detail)] == [64, LONGEST["about"], LONGEST["detail"]]
    assert tidy(made) == made


@pytest.mark.parametrize("place", range(8))
@pytest.mark.parametrize("odd", [None, 1.5, b"saw", True])
def test_what_no_entry_can_hold_has_no_digest(place: int, odd: object) -> None:
    fields = list(fields_of(entry(1)))
    fields[place] = odd
    assert digest_of(tuple(fields), bytes(16)) == b""
    for hash_ in (b"", link(bytes(32), b"")):
        assert not follows(bytes(32), Row(1, tuple(fields), bytes(16), hash_))


def test_an_entry_survives_a_reader_that_knows_only_this_page() -> None:
    """The check that the documentation prints, over rows as an export has them."""
    before = "00" * 32
    for row in chain(entry(number) for number in range(1, 6)):
        text = json.dumps([*row.fields, row.salt.hex()], ensure_ascii=False, separators=(",", ":"))
        before = hashlib.sha256(bytes.fromhex(before) + hashlib.sha256(text.encode()).digest()).hexdigest()
        assert before == row.hash.hex()

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from sensor_hub.access.chain import Anchor, Fault, Finding, examine
from sensor_hub.access.chronology import BEGINNING, Act, ChronologyEntry, Row, bind
from tests.access.entries import T, anchor, chain, entry

ROWS = chain(entry(number) for number in range(1, 9))


def found(rows: Sequence[Row], *anchors: Anchor) -> Finding | None:
    return examine(lambda: rows, anchors).finding


def numbered(rows: Sequence[Row]) -> list[Row]:
    """The rows with their numbers closed up."""
    return [row._replace(number=number) for number, row in enumerate(rows, 1)]


def rebound(rows: Sequence[Row], before: bytes = BEGINNING) -> list[Row]:
    """What somebody makes who knows how hashes are made."""
    made: list[Row] = []
    for row in rows:
        fresh = bind(entry(0), row.number, made[-1].hash if made else before)
        made.append(fresh)
    return made


def test_a_whole_chain_is_whole() -> None:
    verdict = examine(lambda: ROWS, [anchor(ROWS, 0), anchor(ROWS, 3), anchor(ROWS, 8)])
    assert verdict.finding is None
    assert (verdict.first, verdict.last, verdict.head, verdict.anchors_met) == (1, 8, ROWS[-1].hash, 2)
    assert found([]) is None


@given(st.integers(0, 7), st.integers(0, 7), st.data())
def test_one_change_of_one_field_is_named(place: int, field: int, data: st.DataObject) -> None:
    row = ROWS[place]
    odd = st.one_of(st.text(), st.integers(), st.floats(), st.binary(max_size=4), st.none())
    value = data.draw(odd.filter(lambda each: type(each) is not type(row.fields[field]) or each != row.fields[field]))
    fields = (*row.fields[:field], value, *row.fields[field + 1 :])
    changed = [*ROWS[:place], row._replace(fields=fields), *ROWS[place + 1 :]]
    finding = found(changed)
    assert finding is not None
    assert (finding.number, finding.fault) == (row.number, Fault.CHANGED)


@given(st.integers(0, 7), st.binary(max_size=33), st.sampled_from(["salt", "hash"]))
def test_one_change_of_salt_or_hash_is_named(place: int, value: bytes, name: str) -> None:
    row = ROWS[place]
    if value == getattr(row, name):
        return
    changed = [*ROWS[:place], row._replace(**{name: value}), *ROWS[place + 1 :]]
    finding = found(changed)
    assert finding is not None
    assert (finding.number, finding.fault) == (row.number, Fault.CHANGED)


@given(st.integers(0, 7), st.booleans())
def test_a_row_taken_out_is_missed(place: int, is_closed_up: bool) -> None:
    rows = [*ROWS[:place], *ROWS[place + 1 :]]
    finding = found(numbered(rows) if is_closed_up else rows, anchor(ROWS, 8))
    assert finding is not None
    assert finding.number == place + 1
    if place == 7:
        assert finding.fault is Fault.END_REMOVED
    elif is_closed_up:
        assert finding.fault is Fault.CHANGED
    else:
        assert finding.fault is (Fault.BEGINNING_REMOVED if place == 0 else Fault.REMOVED)


def test_the_end_is_missed_only_against_an_anchor() -> None:
    assert found(ROWS[:5]) is None
    assert found(ROWS[:5], anchor(ROWS, 5)) is None
    finding = found(ROWS[:5], anchor(ROWS, 7))
    assert finding is not None
    assert (finding.number, finding.fault) == (6, Fault.END_REMOVED)
    assert "6 to 7" in finding.words
    everything = found([], anchor(ROWS, 2))
    assert everything is not None
    assert (everything.number, everything.fault) == (1, Fault.END_REMOVED)


@given(st.integers(0, 7), st.booleans())
def test_a_row_put_in_is_named(place: int, knows_how: bool) -> None:
    before = ROWS[place - 1].hash if place else BEGINNING
    strange = bind(entry(99), 0, before if knows_how else b"\1" * 32)
    rows = numbered([*ROWS[:place], strange, *ROWS[place:]])
    finding = found(rows)
    assert finding is not None
    assert (finding.number, finding.fault) == (place + 1, Fault.INSERTED)


@given(st.integers(0, 7), st.integers(0, 8))
def test_a_copy_put_in_is_named(copied: int, place: int) -> None:
    rows = numbered([*ROWS[:place], ROWS[copied], *ROWS[place:]])
    finding = found(rows)
    assert finding is not None
    assert finding.fault is Fault.INSERTED
    assert abs(finding.number - (place + 1)) <= 1


@given(st.integers(0, 7), st.integers(0, 7))
def test_two_rows_that_changed_places_are_named(one: int, other: int) -> None:
    if one == other:
        return
    rows = list(ROWS)
    rows[one], rows[other] = rows[other], rows[one]
    finding = found(numbered(rows))
    assert finding is not None
    assert (finding.number, finding.fault) == (min(one, other) + 1, Fault.MOVED)


@given(st.integers(1, 8))
def test_what_was_written_anew_with_right_hashes_is_seen_against_an_anchor(since: int) -> None:
    anew = [*ROWS[: since - 1], *rebound(ROWS[since - 1 :], ROWS[since - 2].hash if since > 1 else BEGINNING)]
    assert found(anew) is None
    finding = found(anew, anchor(ROWS, 4), anchor(ROWS, 8))
    assert finding is not None
    assert (finding.number, finding.fault) == (4 if since <= 4 else 8, Fault.REPLACED)


def test_an_older_copy_that_went_on_is_seen_against_an_anchor() -> None:
    finding = found([*ROWS[:3], *rebound(ROWS[3:], ROWS[2].hash)], anchor(ROWS, 2), anchor(ROWS, 6))
    assert finding is not None
    assert (finding.number, finding.fault) == (6, Fault.REPLACED)


def test_a_restore_explains_what_is_gone() -> None:
    restored = anchor(ROWS, 3)._replace(is_restore=True)
    verdict = examine(lambda: ROWS[:3], [anchor(ROWS, 2), anchor(ROWS, 6), restored])
    assert verdict.finding is None
    assert verdict.lost == ["entries from 4 to at least 6 were lost by a restore"]
    # And only that: what is gone of what was written since is missed.
    later = rebound(ROWS[3:], ROWS[2].hash)
    finding = found(ROWS[:3], anchor(ROWS, 6), restored, Anchor(T, "ours", 5, later[1].hash))
    assert finding is not None
    assert (finding.number, finding.fault) == (4, Fault.END_REMOVED)


def cut_chain(upto: int, *, number: str = "", before: str = "") -> list[Row]:
    """A chain of 8 whose retention took away all up to `upto`, and said so in its 9th entry."""
    told = ChronologyEntry(T, "ours", "", "hub", Act.CUT, "", number or str(upto), before or ROWS[upto - 1].hash.hex())
    return [*ROWS, bind(told, 9, ROWS[-1].hash)][upto:]


@given(st.integers(1, 8))
def test_what_retention_cut_leaves_the_rest_verifiable(upto: int) -> None:
    verdict = examine(lambda: cut_chain(upto), [anchor(ROWS, upto)])
    assert verdict.finding is None
    assert (verdict.first, verdict.last, verdict.anchors_met) == (upto + 1, 9, 1)
    assert verdict.lost == [f"entries up to {upto} were cut by retention"]
    finding = found(cut_chain(upto)[1:])
    assert finding is not None or upto == 8
    finding = found([*ROWS[upto - 1 :], cut_chain(upto)[-1]])
    assert finding is not None
    assert (finding.number, finding.fault) == (upto, Fault.INSERTED)


def test_a_false_cut_is_named() -> None:
    for rows, number, fault in (
        (cut_chain(3, number="2"), 3, Fault.BEGINNING_REMOVED),
        (cut_chain(3, number="4"), 4, Fault.INSERTED),
        (cut_chain(3, number="three"), 1, Fault.BEGINNING_REMOVED),
        (cut_chain(3, before="ab"), 4, Fault.CHANGED),
        (ROWS[3:], 1, Fault.BEGINNING_REMOVED),
    ):
        finding = found(rows)
        assert finding is not None
        assert (finding.number, finding.fault) == (number, fault)
    finding = found(cut_chain(3), anchor(ROWS, 3)._replace(hash=bytes(32)))
    assert finding is not None
    assert finding.fault is Fault.REPLACED

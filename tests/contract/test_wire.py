"""What a gateway encodes, the hub decodes: the same readings, on any path."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from sensor_hub.ingest.decode import decode_batch, decode_status
from sensor_hub.model.metric import Metric
from sensor_hub.model.reading import Reading
from sensor_hub.model.wire import Batch, Status, encode_batch, encode_status

SECONDS = st.integers(1_000_000_000_000, 4_000_000_000_000).map(lambda ms: ms / 1000)
DEVICES = st.sampled_from(["0x00158d0001a2b3c4", "a81758fffe046262", "ID.2", "gateway", "a:b"])
NUMBERS = st.floats(-1e9, 1e9).map(lambda value: round(value, 4))
NUMERIC = st.builds(Reading, SECONDS, DEVICES, st.sampled_from([m for m in Metric if m is not Metric.BUTTON]), NUMBERS)
PRESSES = st.builds(
    Reading, SECONDS, DEVICES, st.just(Metric.BUTTON), st.text(min_size=1, max_size=20).filter(str.isprintable)
)
READINGS = st.lists(st.one_of(NUMERIC, PRESSES), max_size=60)
ROWS = st.integers(0, 2**52)


@given(READINGS, ROWS, ROWS, ROWS)
def test_a_batch_arrives_as_it_was_sent(readings: list[Reading], kept: int, after: int, upto: int) -> None:
    pack = decode_batch(encode_batch(Batch("k3v9q2", kept, after, upto, "b81f", readings)))
    assert pack.rejections == []
    assert pack.batch is not None
    head = (pack.batch.stream, pack.batch.kept, pack.batch.after, pack.batch.upto, pack.batch.boot)
    assert head == ("k3v9q2", kept, after, upto, "b81f")
    assert sorted(pack.batch.readings, key=repr) == sorted(readings, key=repr)


@given(st.binary(max_size=200))
def test_whatever_comes_is_an_answer_and_never_an_exception(payload: bytes) -> None:
    pack = decode_batch(payload)
    assert pack.batch is not None or pack.rejections


@given(st.builds(Status, st.sampled_from(["online", "offline"]), st.just("b1"), st.just("1.0"), SECONDS))
def test_a_status_arrives_as_it_was_sent(status: Status) -> None:
    assert decode_status(encode_status(status)) == status


def test_a_status_with_everything() -> None:
    status = Status("online", "b1", "1.0", 1.7e9, "jumped", {"s1": 3}, 1.6e9, {"not JSON": 2})
    placed, placed_at, names = {"0x1": "hall", "0x2": "study"}, {"0x1": 1.65e9 + 0.125}, {"0x1": "by the door"}
    status = replace(status, placed=placed, placed_at=placed_at, names=names)
    assert decode_status(encode_status(status)) == status

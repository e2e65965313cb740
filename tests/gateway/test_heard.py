"""What devices are called goes into a file and to the hub: no name may keep either from being written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gateway.documents import read_document, write_document
from gateway.heard import Devices, names_in_list
from sensor_hub.ingest.decode import decode_status
from sensor_hub.model.wire import Status, encode_status
from tests.gateway.builders import MONDAY

HALF = b'[{"ieee_address": "0x01", "friendly_name": "Flur \\ud83d", "type": "EndDevice"}]'
"""A name whose last letter was cut in half, as JavaScript cuts."""


def test_half_a_letter_in_a_name_costs_neither_the_state_nor_the_status(tmp_path: Path) -> None:
    devices = Devices()
    devices.name(names_in_list(HALF))
    assert devices.names() == {"0x01": "Flur ?"}
    assert write_document(tmp_path / "state.json", devices.document())
    told = decode_status(encode_status(Status("online", "b", "0.1.0", MONDAY, names=devices.names())))
    assert told.names == {"0x01": "Flur ?"}


def test_what_cannot_be_a_device_is_not_named() -> None:
    devices = Devices()
    devices.name([("\ud83d", "x"), ("a" * 1_000_000, "x"), ("0x01", "hall")])
    assert devices.ids() == ["0x01"]


def test_a_document_takes_any_text(tmp_path: Path) -> None:
    document = {"half": "\ud83d", "whole": "Küche \U0001f600"}
    assert write_document(tmp_path / "d.json", document)
    assert read_document(tmp_path / "d.json") == document


def test_what_lies_in_the_way_of_a_document_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root writes `place` into the daemon's folder."""
    monkeypatch.setattr("os.getpid", lambda: 7)
    other = tmp_path / "other"
    other.write_text("root's")
    (tmp_path / ".places.json.7").symlink_to(other)
    assert write_document(tmp_path / "places.json", {"a": 1})
    assert other.read_text() == "root's"
    assert read_document(tmp_path / "places.json") == {"a": 1}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_what_root_writes_the_daemon_reads(tmp_path: Path) -> None:
    os.chown(tmp_path, 12345, 12345)
    before = os.umask(0o077)
    try:
        assert write_document(tmp_path / "places.json", {"a": 1})
    finally:
        os.umask(before)
    assert (tmp_path / "places.json").stat().st_uid == 12345

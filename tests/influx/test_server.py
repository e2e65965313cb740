"""InfluxDB as a server: what it takes, what it refuses, what is made in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sensor_hub.influx.address import InfluxAddress
from sensor_hub.influx.server import InfluxError, InfluxServer, Refused, Trouble
from tests.brokers import free_port
from tests.influx.filled import own_address
from tests.influxdb import Influx, start_influx


@pytest.fixture(scope="module")
def influx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Influx]:
    server = start_influx(tmp_path_factory.mktemp("influx"))
    yield server
    server.stop()


@pytest.fixture
def address(influx: Influx) -> InfluxAddress:
    return own_address(influx)


@pytest.fixture
def server(address: InfluxAddress) -> Iterator[InfluxServer]:
    server = InfluxServer(address)
    yield server
    server.close()


def trouble_of(address: InfluxAddress) -> tuple[Trouble, str]:
    server = InfluxServer(address)
    with pytest.raises(InfluxError) as failed:
        list(server.ask(address.bucket, "SHOW DATABASES"))
    with pytest.raises(InfluxError) as refused:
        server.write(address.bucket, ["m v=1"])
    server.close()
    assert refused.value.trouble is failed.value.trouble
    return failed.value.trouble, str(failed.value)


def test_both_databases_are_made_and_keep_what_is_asked_for(influx: Influx, address: InfluxAddress) -> None:
    def kept(name: str) -> object:
        return influx.ask(f'SHOW RETENTION POLICIES ON "{name}"')[0][0][1]

    server = InfluxServer(replace(address, reading_days=400))
    server.prepare()
    assert (kept(address.bucket), kept(address.hours_bucket)) == ("9600h0m0s", "0s")
    server.close()
    later = InfluxServer(replace(address, reading_days=30, hour_days=3650))
    later.prepare()
    assert (kept(address.bucket), kept(address.hours_bucket)) == ("720h0m0s", "87600h0m0s")
    later.close()


def test_a_line_that_cannot_be_understood_keeps_no_other_out(server: InfluxServer, influx: Influx) -> None:
    server.prepare()
    lines = [f"m v={number} {1_767_600_000_000 + number}" for number in range(100)]
    lines[37] = "this is no line"
    refused = server.write(server.address.bucket, lines)
    assert (refused.beyond, refused.others) == (0, 1)
    assert "unable to parse 'this is no line'" in refused.why
    assert influx.count("SELECT count(v) FROM m", server.address.bucket) == 99


def test_all_lines_are_taken(server: InfluxServer) -> None:
    server.prepare()
    assert server.write(server.address.bucket, ["m v=1 1767600000000", "m v=2 1767600000001"]) == Refused()


def test_a_database_that_is_not_there(server: InfluxServer) -> None:
    with pytest.raises(InfluxError) as read:
        list(server.ask(server.address.bucket, "SELECT * FROM m"))
    with pytest.raises(InfluxError) as written:
        server.write(server.address.bucket, ["m v=1"])
    assert (read.value.trouble, written.value.trouble) == (Trouble.LOST, Trouble.LOST)


def test_a_wrong_token(address: InfluxAddress) -> None:
    trouble, told = trouble_of(replace(address, token="wrong"))
    assert (trouble, told) == (Trouble.SHUT, "it does not let the hub in (401 Unauthorized)")


def test_nobody_there(address: InfluxAddress) -> None:
    trouble, told = trouble_of(replace(address, url=f"http://127.0.0.1:{free_port()}"))
    assert trouble is Trouble.UNREACHABLE
    assert "Connection refused" in told


def test_a_database_that_is_down_behind_nginx(address: InfluxAddress, tmp_path: Path) -> None:
    own = start_influx(tmp_path)
    own.kill()
    assert trouble_of(replace(address, url=own.url)) == (Trouble.UNREACHABLE, "it cannot be reached (502 Bad Gateway)")
    own.stop()


def test_the_token_is_not_shown(address: InfluxAddress) -> None:
    assert address.token not in repr(address)

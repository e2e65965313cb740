"""A link sets a password once; it is mailed to its owner without telling others who that is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sensor_hub.access.lockout import ACCOUNT_RULE
from sensor_hub.access.password_rule import Fault
from sensor_hub.access.principal import first_start
from sensor_hub.access.role import Role
from sensor_hub.desk.password_links import CANNOT_BE_USED, MAIL_LASTS, MAILED_EVERY
from sensor_hub.web.account_paths import PASSWORD_LINK
from sensor_hub.web.account_ports import Begun
from tests.accounts import HERE, PASSWORD, Front, open_front

NEW = "cardigan pony radish"


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    with open_front(tmp_path) as front:
        yield front


def mailed(front: Front) -> str:
    return front.mails[-1][1].partition(PASSWORD_LINK)[2]


def test_a_link_is_good_once_and_ends_all_sessions_and_locks(front: Front) -> None:
    front.add("jo", address="jo@example.org")
    cookie = front.sign_in("jo")
    for _ in range(ACCOUNT_RULE.free):
        front.sign_ins.by_password("jo", "guess", HERE)
    front.links.ask("JO")
    key = mailed(front)
    owner = front.links.owner(key)
    assert owner is not None
    assert owner.login == "jo"
    assert front.links.set_password(key, NEW) is None
    assert front.sign_ins.seat(cookie) is None
    assert front.links.set_password(key, NEW) == CANNOT_BE_USED
    assert isinstance(front.sign_ins.by_password("jo", NEW, HERE), Begun)
    assert front.sign_ins.by_password("jo", PASSWORD, HERE) is None


def test_a_refused_password_uses_no_link_up(front: Front) -> None:
    front.add("jo", address="jo@example.org")
    front.links.ask("jo")
    assert front.links.set_password(mailed(front), "short") == Fault.SHORT.value
    assert front.links.set_password(mailed(front), NEW) is None


@pytest.mark.parametrize("key", ["", "x", "é"])
def test_a_forged_link_sets_nothing(front: Front, key: str) -> None:
    front.add("jo")
    assert front.links.owner(key) is None
    assert front.links.set_password(key, NEW) == CANNOT_BE_USED


def test_a_mailed_link_ends_soon_and_is_not_sent_again_and_again(front: Front) -> None:
    front.add("jo", address="jo@example.org")
    front.links.ask("jo")
    front.at += MAILED_EVERY - 1
    front.links.ask("jo")
    assert len(front.mails) == 1
    front.at += 1
    front.links.ask("jo")
    assert [address for address, _ in front.mails] == ["jo@example.org"] * 2
    front.at += MAIL_LASTS
    assert front.links.owner(mailed(front)) is None


def test_who_has_no_address_no_password_here_or_no_account_gets_none(front: Front) -> None:
    front.add("jo")
    sam = front.add("sam", Role.DUTY_OFFICER, address="sam@example.org")
    front.book.disable(first_start("Jo"), sam.id, is_disabled=True)
    kim = replace(front.add("kim", address="kim@example.org"), id="other", login="lee", subject="https://id.example 7")
    front.stores.accounts.add(kim, "kim@example.org")
    for login in ("jo", "sam", "lee", "nobody", ""):
        front.links.ask(login)
    assert front.mails == []

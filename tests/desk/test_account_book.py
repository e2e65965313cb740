"""Administrators make, change and disable accounts; what somebody may not manage is not there for them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sensor_hub.access.account import Account
from sensor_hub.access.principal import Principal, first_start
from sensor_hub.access.role import Role
from sensor_hub.desk.account_book import FIRST, LAST, NOT_THERE, NOT_YOURS
from sensor_hub.desk.password_links import RESET_LASTS
from sensor_hub.web.account_paths import PASSWORD_LINK
from sensor_hub.web.account_ports import Invited, NewAccount, Place
from tests.accounts import PASSWORD, Front, open_front

OPERATOR = first_start("Jo")
HOME = frozenset({"elm-14"})


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    with open_front(tmp_path) as front:
        yield front


def errors(found: object) -> dict[str, str]:
    assert isinstance(found, dict), found
    return found


def manager(front: Front, login: str, role: Role = Role.ADMINISTRATOR) -> Principal:
    return front.add(login, role, tenant="local").principal()


@pytest.mark.parametrize(
    ("role", "tenant", "homes"),
    [(Role.DUTY_OFFICER, None, None), (Role.ADMINISTRATOR, "local", None), (Role.ADMINISTRATOR, None, HOME)],
)
def test_the_first_account_is_whose_who_runs_the_hub(
    front: Front, role: Role, tenant: str | None, homes: frozenset[str] | None
) -> None:
    found = errors(front.book.add(OPERATOR, NewAccount("jo", "Jo", role, tenant, homes)))
    assert found == {"role": FIRST}
    assert not front.stores.accounts.exist()


def test_an_account_is_made_with_a_link_that_sets_its_password(front: Front) -> None:
    new = NewAccount(" Jo@Example.org", " Jo Brown ", Role.ADMINISTRATOR, address="jo@example.org")
    invited = front.book.add(OPERATOR, new)
    assert isinstance(invited, Invited)
    assert (invited.account.login, invited.account.name) == ("jo@example.org", "Jo Brown")
    assert invited.link.startswith(f"http://hub.test{PASSWORD_LINK}")
    assert front.stores.accounts.address_of(invited.account.id) == "jo@example.org"
    assert front.links.set_password(invited.link.partition(PASSWORD_LINK)[2], PASSWORD) is None
    front.sign_in("jo@example.org")
    assert front.told()[0] == ("account_changed", "jo@example.org", "made, administrator, all tenants")


def test_what_is_misspelt_is_told_by_field(front: Front) -> None:
    front.add("jo")
    new = NewAccount("two words", "", Role.FAMILY, "local", None, "no address")
    assert set(errors(front.book.add(OPERATOR, new))) == {"login", "name", "address", "homes"}
    for address in ("jo@", "@x.org", "a@b.org,c@d.org", "jo\n@x.org", "Jo <jo@x.org>"):
        found = front.book.add(OPERATOR, NewAccount("kim", "Kim", Role.DUTY_OFFICER, address=address))
        assert set(errors(found)) == {"address"}, address
    assert set(errors(front.book.add(OPERATOR, NewAccount("JO", "Jo", Role.DUTY_OFFICER)))) == {"login"}
    assert set(errors(front.book.add(OPERATOR, NewAccount("bot", "Bot", Role.INTEGRATION)))) == {"role"}


def test_homes_are_those_of_the_tenant(front: Front) -> None:
    front.add("jo")
    for tenant, home in (("local", "nowhere"), ("other", "elm-14")):
        found = front.book.add(OPERATOR, NewAccount("kim", "Kim", Role.FAMILY, tenant, frozenset({home})))
        assert set(errors(found)) == {"homes"}
    assert isinstance(front.book.add(OPERATOR, NewAccount("kim", "Kim", Role.FAMILY, "local", HOME)), Invited)


def test_a_tenants_administrator_knows_nobody_else(front: Front) -> None:
    jo = front.add("jo")
    who = manager(front, "sam")
    other = front.add("kim", Role.DUTY_OFFICER, tenant="other")
    ours = front.add("lee", Role.DUTY_OFFICER, tenant="local")
    assert [account.login for account in front.book.all(who)] == ["lee", "sam"]
    for account in (jo, other):
        assert front.book.find(who, account.id) is None
        assert errors(front.book.change(who, account.id, Place(Role.FAMILY, "local", HOME))) == {"account": NOT_THERE}
        assert errors(front.book.disable(who, account.id, is_disabled=True)) == {"account": NOT_THERE}
        assert front.book.reset(who, account.id, drops_second_step=True) is None
    assert errors(front.book.change(who, ours.id, Place(Role.ADMINISTRATOR, None, None))) == {"role": NOT_YOURS}
    assert errors(front.book.add(who, NewAccount("x", "X", Role.DUTY_OFFICER, "other"))) == {"role": NOT_YOURS}


def test_a_care_manager_makes_accounts_of_families_alone(front: Front) -> None:
    front.add("jo")
    who = manager(front, "sam", Role.CARE_MANAGER)
    assert errors(front.book.add(who, NewAccount("x", "X", Role.DUTY_OFFICER, "local"))) == {"role": NOT_YOURS}
    assert isinstance(front.book.add(who, NewAccount("x", "X", Role.FAMILY, "local", HOME)), Invited)
    assert [account.login for account in front.book.all(who)] == ["x"]


def test_a_role_changes_at_once(front: Front) -> None:
    front.add("jo")
    sam = front.add("sam", Role.DUTY_OFFICER, tenant="local")
    cookie = front.sign_in("sam")
    assert front.book.change(OPERATOR, sam.id, Place(Role.TECHNICIAN, "local", HOME)) == {}
    seat = front.sign_ins.seat(cookie)
    assert seat is not None
    assert (seat.account.role, seat.account.homes) == (Role.TECHNICIAN, HOME)
    changed = "technician, tenant local, homes elm-14; before duty_officer, tenant local"
    assert ("account_changed", "sam", changed) in front.told()


def test_a_disabled_account_is_out_at_once_and_its_links_and_tokens_are_void(front: Front) -> None:
    front.add("jo")
    sam = front.add("sam", Role.DUTY_OFFICER, tenant="local")
    cookie = front.sign_in("sam")
    invited = front.book.reset(OPERATOR, sam.id, drops_second_step=False)
    assert invited is not None
    assert front.book.disable(OPERATOR, sam.id, is_disabled=True) == {}
    assert front.sign_ins.seat(cookie) is front.links.owner(invited.link.partition(PASSWORD_LINK)[2]) is None
    assert front.book.reset(OPERATOR, sam.id, drops_second_step=False) is None
    assert front.book.disable(OPERATOR, sam.id, is_disabled=False) == {}
    front.sign_in("sam")
    assert front.sign_ins.seat(cookie) is None


def test_the_last_administrator_stays(front: Front) -> None:
    jo = front.add("jo")
    front.add("sam", Role.ADMINISTRATOR, tenant="local")
    assert errors(front.book.disable(OPERATOR, jo.id, is_disabled=True)) == {"account": LAST}
    assert errors(front.book.change(OPERATOR, jo.id, Place(Role.CARE_MANAGER, None, None))) == {"role": LAST}
    assert errors(front.book.change(OPERATOR, jo.id, Place(Role.ADMINISTRATOR, "local", None))) == {"role": LAST}
    kim = front.add("kim")
    assert front.book.disable(OPERATOR, jo.id, is_disabled=True) == {}
    assert errors(front.book.disable(OPERATOR, kim.id, is_disabled=True)) == {"account": LAST}


def second_step_after(front: Front, account: Account, *, drops: bool) -> bool:
    assert front.book.reset(OPERATOR, account.id, drops_second_step=drops) is not None
    return front.stores.accounts.second_step_of(account.id) is not None


def test_a_reset_gives_a_link_that_ends_and_takes_the_second_step_away_if_asked(front: Front) -> None:
    jo = front.add("jo")
    front.second_step(jo)
    assert second_step_after(front, jo, drops=False)
    assert not second_step_after(front, jo, drops=True)
    invited = front.book.reset(OPERATOR, jo.id, drops_second_step=False)
    assert invited is not None
    front.at = invited.ends_at
    assert invited.ends_at - RESET_LASTS < front.at
    assert front.links.owner(invited.link.partition(PASSWORD_LINK)[2]) is None

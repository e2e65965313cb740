"""`sensor-hub account ...` and `sensor-hub token ...`: who may sign in, and which programs. The hub may be running."""

from __future__ import annotations

import getpass
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sensor_hub.access.role import Role

if TYPE_CHECKING:
    from sensor_hub.access.account import Account
    from sensor_hub.access.principal import Principal
    from sensor_hub.web.account_doors import AccountDoors
    from sensor_hub.web.account_ports import Invited

account = typer.Typer(no_args_is_help=True, help="People's accounts: who may sign in, as what.")
token = typer.Typer(no_args_is_help=True, help="API tokens, by which programs ask the hub.")
CONFIG = Annotated[Path, typer.Option("--config", metavar="FILE", help="the hub's settings")]
DEFAULT_CONFIG = Path("hub.toml")
LOGIN = Annotated[str, typer.Argument(metavar="LOGIN", help="the name somebody signs in with")]
TENANT = Annotated[str, typer.Option("--tenant", metavar="TENANT", help="whose homes; else all tenants")]
HOMES = Annotated[list[str] | None, typer.Option("--home", metavar="HOME", help="only this home; may be repeated")]


@account.command("add")
def add_command(
    login: LOGIN,
    role: Annotated[Role, typer.Option(help="what they may see and do")],
    name: Annotated[str, typer.Option(metavar="NAME", help="as colleagues see it; else the login")] = "",
    tenant: TENANT = "",
    home: HOMES = None,
    mail: Annotated[str, typer.Option("--mail", metavar="ADDRESS", help="where links for a new password may go")] = "",
    config: CONFIG = DEFAULT_CONFIG,
) -> None:
    """Makes an account and prints a link by which its owner sets their password. The first is an administrator's."""
    from sensor_hub.web.account_ports import Invited, NewAccount

    with _doors(config) as (who, doors):
        homes = frozenset(home) if home else None
        made = doors.book.add(who, NewAccount(login, name or login, role, tenant or None, homes, mail or None))
        if not isinstance(made, Invited):
            _refuse(made)
        else:
            _tell(made)


@account.command("list")
def list_command(config: CONFIG = DEFAULT_CONFIG) -> None:
    """Shows all accounts."""
    with _doors(config) as (who, doors):
        for each in doors.book.all(who):
            typer.echo(_line(each))
        if doors.sign_ins.is_first_start():
            typer.echo("No account yet: the hub's own password lets everybody in. The first is an administrator's.")


@account.command("role")
def role_command(
    login: LOGIN,
    role: Annotated[Role, typer.Argument(help="what they may see and do from now on")],
    tenant: TENANT = "",
    home: HOMES = None,
    config: CONFIG = DEFAULT_CONFIG,
) -> None:
    """Changes what somebody may see and do, at once: role, tenant and homes, as they are named here."""
    from sensor_hub.web.account_ports import Place

    with _doors(config) as (who, doors):
        found = _found(doors, who, login)
        homes = frozenset(home) if home else None
        _refuse(doors.book.change(who, found.id, Place(role, tenant or None, homes)))
        typer.echo(_line(_found(doors, who, login)))


@account.command("disable")
def disable_command(login: LOGIN, config: CONFIG = DEFAULT_CONFIG) -> None:
    """Puts somebody out at once, with their sessions, links and tokens."""
    with _doors(config) as (who, doors):
        _refuse(doors.book.disable(who, _found(doors, who, login).id, is_disabled=True))
        typer.echo(f"{login}: disabled")


@account.command("enable")
def enable_command(login: LOGIN, config: CONFIG = DEFAULT_CONFIG) -> None:
    """Lets somebody in again who was disabled."""
    with _doors(config) as (who, doors):
        _refuse(doors.book.disable(who, _found(doors, who, login).id, is_disabled=False))
        typer.echo(f"{login}: enabled")


@account.command("reset")
def reset_command(
    login: LOGIN,
    second_step: Annotated[
        bool, typer.Option("--second-step", help="also take the second step away: telephone and codes are lost")
    ] = False,
    config: CONFIG = DEFAULT_CONFIG,
) -> None:
    """Prints a link by which somebody sets a new password."""
    with _doors(config) as (who, doors):
        made = doors.book.reset(who, _found(doors, who, login).id, drops_second_step=second_step)
        if made is None:
            _refuse({"login": "is disabled, or signs in by the OpenID provider alone"})
        else:
            _tell(made)


@token.command("add")
def add_token_command(
    label: Annotated[str, typer.Argument(metavar="LABEL", help="what it is for")],
    scope: Annotated[list[str], typer.Option(metavar="ACTION", help="what it may do; may be repeated")],
    days: Annotated[float, typer.Option(metavar="DAYS", help="how long it lasts")] = 90,
    tenant: TENANT = "",
    home: HOMES = None,
    config: CONFIG = DEFAULT_CONFIG,
) -> None:
    """Makes a program's token and prints it, this once. deploy/access.md lists the actions."""
    from sensor_hub.access.action import Action
    from sensor_hub.model.moment import iso
    from sensor_hub.web.account_ports import NewToken

    unknown = sorted(set(scope) - set(Action))
    if unknown:
        _refuse({"--scope": f"there is no action {', '.join(unknown)}"})
    with _doors(config) as (who, doors):
        scopes, homes = frozenset(Action(each) for each in scope), frozenset(home) if home else None
        made = doors.tokens.add(who, NewToken(label, scopes, days, homes, is_own=False, tenant=tenant or None))
        if not isinstance(made, tuple):
            _refuse(made)
        else:
            typer.echo(f"{made[1]}\nIt ends {iso(made[0].ends_at)}. Revoke it: sensor-hub token revoke {made[0].id}")


@token.command("list")
def list_tokens_command(config: CONFIG = DEFAULT_CONFIG) -> None:
    """Shows everybody's tokens, without their secrets."""
    from sensor_hub.model.moment import iso

    with _doors(config) as (who, doors):
        wall = doors.sign_ins.wall()
        for each in doors.tokens.all(who):
            ended = f"ended {iso(each.ends_at)}" if each.ends_at <= wall else f"ends {iso(each.ends_at)}"
            state = ended if each.revoked_at is None else f"revoked {iso(each.revoked_at)}"
            used = "never used" if each.used_at is None else f"last used {iso(each.used_at)}"
            whose = "a program's" if each.account is None else "a person's"
            typer.echo(f"{each.id}: {each.label}, {whose}, by {each.made_by}, {state}, {used}: {' '.join(each.scopes)}")


@token.command("revoke")
def revoke_token_command(
    token_id: Annotated[str, typer.Argument(metavar="TOKEN", help="its id, as list shows it")],
    config: CONFIG = DEFAULT_CONFIG,
) -> None:
    """Lets a token in no more, from now on."""
    with _doors(config) as (who, doors):
        if not doors.tokens.revoke(who, token_id):
            _refuse({"token": f"there is no token {token_id} that was not revoked"})
        typer.echo(f"{token_id}: revoked")


@contextmanager
def _doors(config: Path) -> Iterator[tuple[Principal, AccountDoors]]:
    """Accounts as whoever gives the command has them: all."""
    from sensor_hub.access.principal import commanding
    from sensor_hub.clock import Clock
    from sensor_hub.database_door import open_stores
    from sensor_hub.desk.account_parts import AccountParts
    from sensor_hub.desk.tenancy import StoredTenancy
    from sensor_hub.settings import home_files, read_homes, read_settings
    from sensor_hub.storage.key_file import KeyFile
    from sensor_hub.storage.vault import Vault

    settings = read_settings(config)
    homes = [home.id for home in read_homes(home_files(settings))]
    stores = open_stores(settings)
    try:
        vault = Vault(KeyFile(settings.privacy.key_file), stores.memory)
        tenancy = StoredTenancy(stores.tenants, homes, settings.plan)
        yield commanding(getpass.getuser()), AccountParts(settings, stores, vault, Clock(), tenancy).doors()
    finally:
        stores.database.close()


def _found(doors: AccountDoors, who: Principal, login: str) -> Account:
    from sensor_hub.access.account import plain_login
    from sensor_hub.model.problem import InputError

    found = [each for each in doors.book.all(who) if each.login == plain_login(login)]
    if not found:
        raise InputError(f"there is no account {login!r}", where="LOGIN", expected="one of sensor-hub account list")
    return found[0]


def _refuse(errors: Mapping[str, str]) -> None:
    """InputError with the first of the errors, where there is any."""
    from sensor_hub.model.problem import InputError

    for where, text in errors.items():
        raise InputError(text[0].lower() + text[1:], where=where, expected="see --help and deploy/access.md")


def _tell(invited: Invited) -> None:
    from sensor_hub.model.moment import iso

    typer.echo(f"{invited.account.login}: {invited.account.name} sets a password by this link, once, until")
    typer.echo(f"{iso(invited.ends_at)}; whoever has it comes in as them:\n{invited.link}")


def _line(each: Account) -> str:
    from sensor_hub.model.moment import iso

    homes = "" if each.homes is None else f", homes {' '.join(sorted(each.homes))}"
    tenant = "all tenants" if each.tenant is None else f"tenant {each.tenant}"
    state = "disabled" if each.is_disabled else "enabled"
    if not each.has_password:
        state += ", by the OpenID provider" if each.subject else ", no password yet"
    step = ", second step" if each.has_second_step else ""
    seen = "never signed in" if each.signed_in_at is None else f"last signed in {iso(each.signed_in_at)}"
    return f"{each.login}: {each.name}, {each.role.value}, {tenant}{homes}; {state}{step}; {seen}"

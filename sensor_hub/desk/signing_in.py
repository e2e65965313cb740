"""How people and programs get in, and how they are put out."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sensor_hub.access.account import Account, make_account_id, plain_login
from sensor_hub.access.api_token import is_token, secret_hash
from sensor_hub.access.chronology import Act
from sensor_hub.access.lockout import FORGOTTEN_AFTER
from sensor_hub.access.oidc_claims import ClaimRule, Vouched, judge_claims, subject_of
from sensor_hub.access.principal import Principal
from sensor_hub.access.role import Role
from sensor_hub.access.second_step import matching_step, recovery_hash
from sensor_hub.access.session import LONGEST_AGENT, SessionRule, SignedIn, Stage
from sensor_hub.desk.account_log import AccountLog
from sensor_hub.desk.own_account import set_up_second_step
from sensor_hub.desk.password_check import Passwords, Tries
from sensor_hub.model.moment import DAY, MINUTE
from sensor_hub.storage.access_stores import AccessStores
from sensor_hub.storage.vault import LockedError
from sensor_hub.web.account_ports import Begun, Caller, Denied, Locked, Seat

log = logging.getLogger(__name__)

TOKENS_KEPT = 90 * DAY
"""After their end: people look what it was that stopped."""
NOTED_EVERY = MINUTE
"""How exactly it is kept when a session or token was last used: not a write with each request."""
UNKNOWN = "Your organisation vouches for you, but nobody has said here what you may see. Ask who looks after the hub."
DISABLED = "This account is disabled. Ask who looks after the hub."
NOT_FIRST = "The hub has no account yet. An administrator has to sign in first."
CODE_OVER = "This took too long, or was done already. Sign in again."


@dataclass(frozen=True, slots=True)
class SignInRules:
    sessions: SessionRule = field(default_factory=SessionRule)
    second_step: frozenset[Role] = frozenset()
    """Roles that need one."""
    claims: Sequence[ClaimRule] = ()
    """Whom an OpenID provider may let in."""


class StoredSignIns:
    """See `SignIns`. `wall`: the real moment; `command_key`: what commands beside the hub show."""

    def __init__(
        self,
        stores: AccessStores,
        rules: SignInRules,
        passwords: Passwords,
        account_log: AccountLog,
        *,
        wall: Callable[[], float],
        command_key: str | None = None,
    ) -> None:
        self.stores = stores
        self.rules = rules
        self.passwords = passwords
        self.log = account_log
        self._wall = wall
        self._command_key = command_key
        self._has_accounts = False

    def wall(self) -> float:
        return self._wall()

    def is_first_start(self) -> bool:
        # Accounts are disabled, never struck: once there is one there always is.
        self._has_accounts = self._has_accounts or self.stores.accounts.exist()
        return not self._has_accounts

    def by_password(self, login: str, password: str, caller: Caller) -> Begun | Locked | None:
        login, at = plain_login(login), self.wall()
        tries = Tries(self.stores, f"password {login}", caller.address)
        locked = tries.begin(at)
        if locked is not None:
            return locked
        account = self.stores.accounts.by_login(login)
        kept = None if account is None else self.stores.accounts.password_of(account.id)
        if not self.passwords.fits(kept, password) or account is None or account.is_disabled:
            tries.failed(at)
            return None
        tries.succeeded()
        if kept is not None and self.passwords.is_old(kept):
            self.stores.accounts.keep_hash(account.id, self.passwords.hash(password))
        return self._begin(account, self._stage(account), caller, "with a password")

    def by_code(self, cookie: str, code: str, caller: Caller) -> Begun | Locked | Denied | None:
        seat, at = self.seat(cookie, Stage.CODE), self.wall()
        if seat is None:
            return Denied(CODE_OVER)
        tries = Tries(self.stores, f"code {seat.account.id}", caller.address)
        locked = tries.begin(at)
        if locked is not None:
            return locked
        how = self._use(seat.account, code, at)
        if how is None:
            tries.failed(at)
            return None
        tries.succeeded()
        self.stores.sessions.end(seat.session.id_hash)
        return self._begin(seat.account, Stage.FULL, caller, f"with a password and {how}")

    def enrol(self, cookie: str, secret: str, code: str, caller: Caller) -> tuple[Begun, Sequence[str]] | None:
        seat = self.seat(cookie, Stage.ENROL)
        codes = None if seat is None else set_up_second_step(self.stores, seat.account.id, secret, code, self.wall())
        if seat is None or codes is None:
            return None
        self.stores.sessions.end(seat.session.id_hash)
        self.log.of_owner(seat.account, Act.ACCOUNT_CHANGED, "second step set up")
        return self._begin(seat.account, Stage.FULL, caller, "with a password and a second step"), codes

    def by_provider(self, claims: Mapping[str, object], caller: Caller) -> Begun | Denied:
        vouched = judge_claims(claims, self.rules.claims)
        account = self.stores.accounts.by_subject(subject_of(claims))
        if vouched is None:
            if account is not None:
                self.stores.sessions.end_all_of(account.id)
            return Denied(UNKNOWN)
        if account is None and self.is_first_start() and vouched.rule.role is not Role.ADMINISTRATOR:
            return Denied(NOT_FIRST)
        if account is not None and account.is_disabled:
            return Denied(DISABLED)
        account = self._made(vouched) if account is None else self._refreshed(account, vouched)
        return self._begin(account, Stage.FULL, caller, "by the OpenID provider")

    def seat(self, cookie: str, stage: Stage = Stage.FULL, *, is_use: bool = True) -> Seat | None:
        session = self.stores.sessions.find(secret_hash(cookie)) if cookie else None
        if session is None or session.stage is not stage:
            return None
        at = self.wall()
        account = self.stores.accounts.by_id(session.account)
        if account is None or account.is_disabled or session.is_over(at, self.rules.sessions):
            self.stores.sessions.end(session.id_hash)
            return None
        if is_use and at >= session.seen_at + NOTED_EVERY:
            self.stores.sessions.seen(session.id_hash, at)
        return Seat(account, session)

    def token(self, secret: str, *, is_use: bool = True) -> Principal | None:
        token, at = self.stores.tokens.by_secret(secret_hash(secret)) if is_token(secret) else None, self.wall()
        if token is None or not token.is_good(at):
            return None
        owner = None if token.account is None else self.stores.accounts.by_id(token.account)
        if is_use and (token.used_at is None or at >= token.used_at + NOTED_EVERY):
            self.stores.tokens.used(token.id, at)
        return token.principal(owner)

    def is_command_key(self, secret: str) -> bool:
        return self._command_key is not None and secrets.compare_digest(secret.encode(), self._command_key.encode())

    def sign_out(self, cookie: str) -> None:
        seat = self.seat(cookie)
        if seat is not None and self.stores.sessions.end(seat.session.id_hash):
            self.log.of_owner(seat.account, Act.SIGNED_OUT)

    def _stage(self, account: Account) -> Stage:
        if account.has_second_step:
            return Stage.CODE
        return Stage.ENROL if account.role in self.rules.second_step else Stage.FULL

    def _begin(self, account: Account, stage: Stage, caller: Caller, how: str) -> Begun:
        """A new session under a new id, whatever cookie came with the request."""
        cookie, at = secrets.token_urlsafe(32), self.wall()
        ends_at, agent = self.rules.sessions.ends_at(stage, at), caller.agent[:LONGEST_AGENT]
        with self.stores.database.transaction():
            # Of what is over nothing is needed, and whoever signs in waits for hashes anyway.
            self.stores.sessions.forget(ended_before=at, seen_before=at - self.rules.sessions.idle)
            self.stores.failures.forget_before(at - FORGOTTEN_AFTER)
            self.stores.tokens.forget(ended_before=at - TOKENS_KEPT)
            self.stores.sessions.begin(
                SignedIn(secret_hash(cookie), account.id, stage, at, at, ends_at, caller.address, agent)
            )
            if stage is Stage.FULL:
                self.stores.accounts.signed_in(account.id, at)
                self.log.of_owner(account, Act.SIGNED_IN, f"{how}, from {caller.address}")
        return Begun(cookie, stage)

    def _use(self, account: Account, code: str, at: float) -> str | None:
        """By which of the two the second step is taken; None: by neither."""
        accounts = self.stores.accounts
        try:
            kept = accounts.second_step_of(account.id)
        except LockedError as error:
            log.error("telephones' codes cannot be checked, recovery codes can: %s", error)
            kept = None
        step = None if kept is None else matching_step(kept[0], code, at, after=kept[1])
        if step is not None and accounts.use_step(account.id, step):
            return "a code"
        return "a recovery code" if accounts.use_recovery_code(account.id, recovery_hash(code)) else None

    def _made(self, vouched: Vouched) -> Account:
        rule, account_id = vouched.rule, make_account_id()
        # Never the account of who signs in here under the same name: only its owner may show that it is theirs.
        free = bool(vouched.login) and self.stores.accounts.by_login(vouched.login) is None
        login = vouched.login if free else f"{vouched.login}#{account_id}"
        account = Account(account_id, login, vouched.name, rule.role, self.wall(), rule.tenant, rule.homes)
        with self.stores.database.transaction():
            self.stores.accounts.add(replace(account, subject=vouched.subject))
            self.log.of_owner(account, Act.ACCOUNT_CHANGED, f"made by the OpenID provider, {rule.role.value}")
        return account

    def _refreshed(self, account: Account, vouched: Vouched) -> Account:
        """As the provider's word makes it now."""
        rule = vouched.rule
        now = replace(account, name=vouched.name, role=rule.role, tenant=rule.tenant, homes=rule.homes)
        if now != account:
            with self.stores.database.transaction():
                self.stores.accounts.change(now)
                self.log.of_owner(now, Act.ACCOUNT_CHANGED, f"by the OpenID provider, {rule.role.value}")
        return now

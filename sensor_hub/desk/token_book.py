"""API tokens as people and administrators make and revoke them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sensor_hub.access.action import Action
from sensor_hub.access.api_token import (
    LASTS_AT_MOST_DAYS,
    LONGEST_LABEL,
    PEOPLE_ONLY,
    ApiToken,
    ends_at,
    make_token,
    secret_hash,
)
from sensor_hub.access.chronology import Act
from sensor_hub.access.principal import Principal
from sensor_hub.access.role import ROLES, Role
from sensor_hub.desk.account_log import AccountLog
from sensor_hub.storage.access_stores import AccessStores
from sensor_hub.storage.api_tokens import Whose
from sensor_hub.web.account_ports import NewToken, TokenMark


@dataclass(frozen=True, slots=True)
class StoredTokenBook:
    """See `TokenBook`. `wall`: the real moment."""

    stores: AccessStores
    log: AccountLog
    wall: Callable[[], float]
    is_home: Callable[[str | None, str], bool] = lambda tenant, home: True
    """Whether there is a home of this tenant (None: of any)."""

    def all(self, who: Principal) -> Sequence[ApiToken]:
        return [token for token in self.stores.tokens.all() if self._is_theirs(who, token)]

    def find(self, who: Principal, token: str) -> ApiToken | None:
        found = self.stores.tokens.by_id(token)
        return found if found is not None and self._is_theirs(who, found) else None

    def page(self, who: Principal, *, limit: int, after: TokenMark | None = None) -> Sequence[ApiToken]:
        whose = Whose(who.id, who.may(Action.MANAGE_TOKENS), who.tenant)
        return self.stores.tokens.page(whose, limit, after)

    def grantable(self, who: Principal, *, is_own: bool) -> frozenset[Action]:
        if is_own:
            return who.actions - PEOPLE_ONLY
        return ROLES[Role.INTEGRATION] - PEOPLE_ONLY if who.may(Action.MANAGE_TOKENS) else frozenset()

    def add(self, who: Principal, new: NewToken) -> tuple[ApiToken, str] | Mapping[str, str]:
        account = self.stores.accounts.by_id(who.id) if new.is_own else None
        at = self.wall()
        errors = self._errors(who, new)
        if new.is_own and account is None:
            errors["label"] = "Only somebody with an account has tokens of their own"
        if errors:
            return errors
        secret = make_token()
        token = ApiToken(
            id=secrets.token_hex(6),
            label=new.label.strip(),
            scopes=new.scopes,
            made_by=who.name,
            made_at=at,
            ends_at=ends_at(at, new.days),
            account=None if account is None else account.id,
            tenant=None if new.is_own else new.tenant,
            homes=new.homes,
        )
        with self.stores.database.transaction():
            self.stores.tokens.add(token, secret_hash(secret))
            scopes = " ".join(sorted(token.scopes))
            self.log.write(who, Act.TOKEN_CHANGED, token.id, f"{token.label} made for {new.days:g} days: {scopes}")
        return token, secret

    def revoke(self, who: Principal, token: str) -> bool:
        found = self.find(who, token)
        if found is None:
            return False
        with self.stores.database.transaction():
            is_revoked = self.stores.tokens.revoke(token, self.wall())
            if is_revoked:
                self.log.write(who, Act.TOKEN_CHANGED, token, f"{found.label} revoked")
        return is_revoked

    def _errors(self, who: Principal, new: NewToken) -> dict[str, str]:
        errors, label = {}, new.label.strip()
        if not label or len(label) > LONGEST_LABEL or not label.isprintable():
            errors["label"] = f"Say what it is for, in at most {LONGEST_LABEL} characters"
        if not new.scopes or not new.scopes <= self.grantable(who, is_own=new.is_own):
            errors["scopes"] = "Choose what it may do, of what you may give"
        if not 0 < new.days <= LASTS_AT_MOST_DAYS:
            errors["days"] = f"A token lasts 1 to {LASTS_AT_MOST_DAYS} days"
        tenant = who.tenant if new.is_own else new.tenant
        if who.tenant is not None and tenant != who.tenant:
            errors["tenant"] = "This is not your tenant"
        is_beyond = who.homes is not None and not (new.homes or who.homes) <= who.homes
        is_wide = not new.is_own and who.homes is not None and new.homes is None
        if is_beyond or is_wide or any(not self.is_home(tenant, home) for home in new.homes or ()):
            errors["homes"] = "Name homes that you see"
        return errors

    def _is_theirs(self, who: Principal, token: ApiToken) -> bool:
        """One's own, and for who manages tokens those of their tenant."""
        if token.account == who.id:
            return True
        if not who.may(Action.MANAGE_TOKENS):
            return False
        owner = None if token.account is None else self.stores.accounts.by_id(token.account)
        tenant = token.tenant if owner is None else owner.tenant
        return who.tenant is None or who.tenant == tenant

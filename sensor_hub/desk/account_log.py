"""What is written into the chronology about accounts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sensor_hub.access.account import Account
from sensor_hub.access.chronology import Act, Chronicler, ChronologyEntry
from sensor_hub.access.principal import Principal


@dataclass(frozen=True, slots=True)
class AccountLog:
    """`now`: the hub's clock."""

    chronicler: Chronicler
    now: Callable[[], float]

    def write(self, who: Principal, act: Act, about: str, detail: str = "") -> None:
        """`about`: the account's login, or the token's id. Called in the transaction of what it tells."""
        entry = ChronologyEntry(
            self.now(), who.tenant or "", who.id, who.role.value, act.value, about=about, detail=detail
        )
        self.chronicler.write(entry)

    def of_owner(self, account: Account, act: Act, detail: str = "") -> None:
        """What somebody did about their own account, or while they signed in."""
        self.write(account.principal(), act, account.login, detail)

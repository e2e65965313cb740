"""The stores of accounts and of all that lets somebody in."""

from __future__ import annotations

from sensor_hub.storage.account_links import StoredAccountLinks
from sensor_hub.storage.accounts import Seal, StoredAccounts
from sensor_hub.storage.api_tokens import StoredApiTokens
from sensor_hub.storage.database import Database
from sensor_hub.storage.sessions import StoredSessions
from sensor_hub.storage.sign_in_failures import StoredFailures


class AccessStores:
    """Each by its noun."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self.database = database
        self.accounts = StoredAccounts(database, seal)
        self.sessions = StoredSessions(database)
        self.links = StoredAccountLinks(database)
        self.failures = StoredFailures(database)
        self.tokens = StoredApiTokens(database)

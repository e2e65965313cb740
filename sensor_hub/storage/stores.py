"""All stores over one database."""

from __future__ import annotations

from sensor_hub.storage.alert_book import SqlAlertBook
from sensor_hub.storage.calendar_keys import SqlCalendarKeys
from sensor_hub.storage.changes import SqlChanges
from sensor_hub.storage.channels import SqlChannels
from sensor_hub.storage.chronology import ChronologyBook
from sensor_hub.storage.consents import Consents
from sensor_hub.storage.coverage_board import SqlCoverageBoard
from sensor_hub.storage.database import Database
from sensor_hub.storage.digests import SqlDigests
from sensor_hub.storage.erasures import Erasures
from sensor_hub.storage.escalations import SqlEscalations
from sensor_hub.storage.gateway_settings import SqlGatewaySettings
from sensor_hub.storage.gateways import SqlGateways
from sensor_hub.storage.holds import SqlHolds
from sensor_hub.storage.hub_memory import SqlHubMemory
from sensor_hub.storage.join_codes import SqlJoinCodes
from sensor_hub.storage.kept_answers import SqlKeptAnswers
from sensor_hub.storage.ledger_reads import SqlLedger
from sensor_hub.storage.limit_board import SqlLimitBoard
from sensor_hub.storage.log import SqlHomeLog
from sensor_hub.storage.now_board import SqlNowBoard
from sensor_hub.storage.open_alerts import SqlOpenAlerts
from sensor_hub.storage.outbox import SqlOutbox
from sensor_hub.storage.receipts import SqlReceipts
from sensor_hub.storage.registry import Registry
from sensor_hub.storage.rejections import SqlRejections
from sensor_hub.storage.replies import SqlReplies
from sensor_hub.storage.reviews import SqlReviews
from sensor_hub.storage.signs import SqlSigns
from sensor_hub.storage.silences import SqlSilences
from sensor_hub.storage.snapshots import SqlSnapshots
from sensor_hub.storage.stand_ins import SqlStandIns
from sensor_hub.storage.streams import SqlStreams
from sensor_hub.storage.tally import Tally
from sensor_hub.storage.tenants import SqlTenants
from sensor_hub.storage.vault import Vault
from sensor_hub.storage.wider import SqlWiderAlerts
from sensor_hub.watch.ports import Stores


class SqlStores:
    """Each by its noun."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.log = SqlHomeLog(database)
        self.alerts = SqlAlertBook(database)
        self.escalations = SqlEscalations(database)
        self.silences = SqlSilences(database)
        self.holds = SqlHolds(database)
        self.wider = SqlWiderAlerts(database)
        self.outbox = SqlOutbox(database)
        self.channels = SqlChannels(database)
        self.receipts = SqlReceipts(database)
        self.replies = SqlReplies(database)
        self.ledger = SqlLedger(database)
        self.open_alerts = SqlOpenAlerts(database)
        self.reviews = SqlReviews(database)
        self.digests = SqlDigests(database)
        self.stand_ins = SqlStandIns(database)
        self.snapshots = SqlSnapshots(database)
        self.streams = SqlStreams(database)
        self.rejections = SqlRejections(database)
        self.gateways = SqlGateways(database)
        self.gateway_settings = SqlGatewaySettings(database)
        self.tenants = SqlTenants(database)
        self.coverage = SqlCoverageBoard(database)
        self.changes = SqlChanges(database)
        self.limits = SqlLimitBoard(database)
        self.now = SqlNowBoard(database)
        self.memory = SqlHubMemory(database)
        self.registry = Registry(database)
        self.tally = Tally(database)
        self.consents = Consents(database)
        self.erasures = Erasures(database)
        self.chronology = ChronologyBook(database)
        self.join_codes = SqlJoinCodes(database)
        self.calendar_keys = SqlCalendarKeys(database)
        self.kept_answers = SqlKeptAnswers(database)

    def unlock(self, vault: Vault) -> None:
        """Lets those that keep personal data seal and open them."""
        self.consents.vault = vault
        self.kept_answers.vault = vault
        self.replies.unlock(vault)

    def for_watch(self) -> Stores:
        """Those that the watch's worker writes to."""
        return Stores(
            log=self.log,
            alerts=self.alerts,
            escalations=self.escalations,
            outbox=self.outbox,
            open_alerts=self.open_alerts,
            reviews=self.reviews,
            digests=self.digests,
            stand_ins=self.stand_ins,
            silences=self.silences,
            holds=self.holds,
            signs=SqlSigns(self.database),
            wider=self.wider,
            snapshots=self.snapshots,
            streams=self.streams,
            rejections=self.rejections,
            gateways=self.gateways,
            tenants=self.tenants,
            coverage=self.coverage,
            limits=self.limits,
            now=self.now,
            memory=self.memory,
            chronology=self.chronology,
            consents=self.consents,
            erasures=self.erasures,
            database=self.database,
        )

"""Which values of the database are sealed, and to which place each is bound."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Row, Table

from sensor_hub.storage.tables.accounts import account
from sensor_hub.storage.tables.consents import consent_words
from sensor_hub.storage.tables.kept_answers import kept_answer
from sensor_hub.storage.tables.notices import reply
from sensor_hub.storage.tables.people import card, resident


def card_place(home: str) -> str:
    return f"card/{home}/sealed"


def resident_place(home: str, name: str) -> str:
    """With the home: a record that was moved to another does not open there."""
    return f"resident/{home}/{name}/sealed"


def account_place(account_id: str, column: str) -> str:
    return f"account/{account_id}/{column}"


def consent_place(home: str, row: int) -> str:
    """Of what was said with the decision in this row."""
    return f"consent/{home}/{row}/sealed"


def reply_place(source: str, provider_id: str) -> str:
    return f"reply/{source}/{provider_id}/sealed"


def kept_answer_place(home: str, mark: str) -> str:
    return f"kept_answer/{home}/{mark}/answer"


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of tokens, or NULL, in a table whose rows one key names."""

    table: Table
    key: Column[Any]
    token: Column[Any]
    beside: tuple[Column[Any], ...]
    """Further columns that the place is made of."""
    place: Callable[[Row[Any]], str]
    """Of a row of `key` and `beside`."""


SEALED = (
    SealedColumn(card, card.c.home, card.c.sealed, (), lambda row: card_place(row.home)),
    SealedColumn(
        resident, resident.c.id, resident.c.sealed, (resident.c.home,), lambda row: resident_place(row.home, row.id)
    ),
    SealedColumn(account, account.c.id, account.c.address, (), lambda row: account_place(row.id, "address")),
    SealedColumn(account, account.c.id, account.c.second_step, (), lambda row: account_place(row.id, "second_step")),
    SealedColumn(
        consent_words,
        consent_words.c.consent,
        consent_words.c.sealed,
        (consent_words.c.home,),
        lambda row: consent_place(row.home, row.consent),
    ),
    SealedColumn(
        reply,
        reply.c.row,
        reply.c.sealed,
        (reply.c.source, reply.c.provider_id),
        lambda row: reply_place(row.source, row.provider_id),
    ),
    SealedColumn(
        kept_answer,
        kept_answer.c.mark,
        kept_answer.c.answer,
        (kept_answer.c.home,),
        lambda row: kept_answer_place(row.home, row.mark),
    ),
)
"""All of them: a rotation of the key goes through these."""

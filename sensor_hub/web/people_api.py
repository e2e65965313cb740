"""Residents' records and response cards in the API. Each read of them stands in the chronology."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, HTTPException, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from sensor_hub.access.action import Action
from sensor_hub.model.card import Relative, ResidentRecord, ResponseCard, Risk
from sensor_hub.model.moment import iso
from sensor_hub.web.api import OfHome
from sensor_hub.web.card_form import MOST_RELATIVES, card_errors
from sensor_hub.web.card_page import People
from sensor_hub.web.desk import principal_of
from sensor_hub.web.needs import needs
from sensor_hub.web.paging import USUAL, Cursor, Limit, Page, page_of, place_of
from sensor_hub.web.people_ports import CardRow, ChangeRow, ResidentRow, Saved
from sensor_hub.web.problems import fields_wrong
from sensor_hub.web.resident_form import resident_errors
from sensor_hub.web.versions import CHANGES, STALE, Version, etag
from sensor_hub.web.witness import will_see

NO_RECORD = "There is no such record."
LONGEST_TEXT = 2000
Text = Annotated[str, Field(max_length=LONGEST_TEXT)]


people_api = APIRouter(prefix="/api/v1/homes/{home}")


class RelativeIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: Annotated[Text, Field(examples=["Ruth Okafor"])]
    telephone: Annotated[Text, Field(examples=["01632 960222"])]
    relation: Annotated[Text, Field(examples=["daughter"])] = ""
    note: Annotated[Text, Field(examples=["has a key"])] = ""


class CardIn(BaseModel):
    """What is left out is empty. `is_checked`: all of it is right today."""

    model_config = ConfigDict(extra="forbid")
    telephone: Text = ""
    key_safe_code: Annotated[Text, Field(examples=["4711#"])] = ""
    key_safe_place: Annotated[Text, Field(examples=["left of the door"])] = ""
    relatives: Annotated[list[RelativeIn], Field(max_length=MOST_RELATIVES)] = []
    risks: Annotated[list[Risk], Field(examples=[["dog"]])] = []
    risk_words: Annotated[Text, Field(examples=["the terrier bites"])] = ""
    gp_name: Annotated[Text, Field(examples=["Dr Ames"])] = ""
    gp_telephone: Annotated[Text, Field(examples=["01632 960333"])] = ""
    language: Annotated[Text, Field(examples=["English"])] = ""
    hearing: Annotated[Text, Field(examples=["deaf in the left ear"])] = ""
    notes: Annotated[Text, Field(examples=["ring twice"])] = ""
    is_checked: Annotated[bool, Field(strict=True)] = False

    def card(self) -> ResponseCard:
        texts = self.model_dump(exclude={"relatives", "risks", "is_checked"})
        relatives = tuple(Relative(**each.model_dump()) for each in self.relatives)
        return ResponseCard(**texts, relatives=relatives, risks=frozenset(self.risks))


class ResidentIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: Annotated[Text, Field(examples=["Henrietta Okafor"])]
    preferred_name: Annotated[Text, Field(examples=["Hettie"])] = ""
    address: Annotated[Text, Field(examples=["14 Elm Row"])] = ""
    telephone: Text = ""
    born: Annotated[date | None, Field(examples=["1938-04-09"])] = None

    def record(self) -> ResidentRecord:
        return ResidentRecord(**self.model_dump())


@dataclass(frozen=True, slots=True)
class CardOut:
    """`relatives` in the order in which they are called; `version` 0: none was written."""

    telephone: str
    key_safe_code: Annotated[str, Field(examples=["4711#"])]
    key_safe_place: Annotated[str, Field(examples=["left of the door"])]
    relatives: Annotated[
        list[Relative],
        Field(
            examples=[
                [{"name": "Ruth Okafor", "telephone": "01632 960222", "relation": "daughter", "note": "has a key"}]
            ]
        ),
    ]
    risks: Annotated[list[Risk], Field(examples=[["dog"]])]
    risk_words: Annotated[str, Field(examples=["the terrier bites"])]
    gp_name: Annotated[str, Field(examples=["Dr Ames"])]
    gp_telephone: Annotated[str, Field(examples=["01632 960333"])]
    language: Annotated[str, Field(examples=["English"])]
    hearing: Annotated[str, Field(examples=["deaf in the left ear"])]
    notes: Annotated[str, Field(examples=["ring twice"])]
    version: int
    changed_at: str | None
    changed_by: str
    checked_at: str | None
    """When somebody last said that all of it is right."""
    checked_by: str


@dataclass(frozen=True, slots=True)
class CardChangeOut:
    version: int
    at: str
    who: str
    fields: Annotated[list[str], Field(examples=[["key_safe_code", "notes"]])]
    """Their names; what stood there is not kept."""


@dataclass(frozen=True, slots=True)
class ResidentOut:
    id: Annotated[str, Field(examples=["8d1f60c2a97b3e54"])]
    name: Annotated[str, Field(examples=["Henrietta Okafor"])]
    preferred_name: Annotated[str, Field(examples=["Hettie"])]
    address: Annotated[str, Field(examples=["14 Elm Row"])]
    telephone: str
    born: Annotated[date | None, Field(examples=["1938-04-09"])]
    version: int
    changed_at: str
    changed_by: str


@people_api.get("/card", dependencies=[needs(Action.SEE_CARD)])
def read_card(request: Request, response: Response, row: OfHome, people: People) -> CardOut:
    """How to get in, whom to call, what to mind. Its ETag is what a change names in If-Match."""
    card = people.card(row.home.id, by=principal_of(request))
    response.headers["ETag"] = etag(card.version)
    return _card_out(card)


@people_api.put("/card", dependencies=[needs(Action.SET_CARD)], responses=CHANGES)
def set_card(
    request: Request, response: Response, row: OfHome, people: People, version: Version, told: CardIn
) -> CardOut:
    """This card in place of the one with the version in If-Match (`"0"`: of none). 412 when somebody was quicker."""
    card = told.card()
    _refuse(card_errors(card))
    by = principal_of(request)
    if people.set_card(row.home.id, card, version=version, is_checked=told.is_checked, by=by) is Saved.STALE:
        raise HTTPException(412, STALE)
    return read_card(request, response, row, people)


@people_api.get("/card/changes", dependencies=[needs(Action.SEE_CARD)])
def list_card_changes(
    request: Request, row: OfHome, people: People, limit: Limit = USUAL, cursor: Cursor = ""
) -> Page[CardChangeOut]:
    """Who changed which fields, newest first."""
    will_see(request, Action.SEE_CARD)
    (before,) = place_of(cursor, int) if cursor else (None,)
    rows = people.card_changes(row.home.id, limit=limit + 1, before=before)
    return page_of(rows, limit, show=_change_out, place=lambda row: (row.version,))


@people_api.get("/residents", dependencies=[needs(Action.SEE_PEOPLE)])
def list_residents(
    request: Request, row: OfHome, people: People, limit: Limit = USUAL, cursor: Cursor = ""
) -> Page[ResidentOut]:
    """Who lives in the home, by the ids of their records."""
    (after,) = place_of(cursor, str) if cursor else ("",)
    rows = people.residents_after(row.home.id, after, limit=limit + 1, by=principal_of(request))
    return page_of(rows, limit, show=_resident_out, place=lambda row: (row.id,))


@people_api.post("/residents", dependencies=[needs(Action.SET_PEOPLE)], status_code=201)
def add_resident(request: Request, response: Response, row: OfHome, people: People, told: ResidentIn) -> ResidentOut:
    """A record of somebody who lives there."""
    record = told.record()
    _refuse(resident_errors(record))
    name = people.add_resident(row.home.id, record, by=principal_of(request))
    response.headers["Location"] = f"/api/v1/homes/{row.home.id}/residents/{name}"
    return read_resident(request, response, row, people, name)


@people_api.get("/residents/{resident}", dependencies=[needs(Action.SEE_PEOPLE)])
def read_resident(request: Request, response: Response, row: OfHome, people: People, resident: str) -> ResidentOut:
    """One record. Its ETag is what a change names in If-Match."""
    found = people.resident(row.home.id, resident, by=principal_of(request))
    if found is None:
        raise HTTPException(404, NO_RECORD)
    response.headers["ETag"] = etag(found.version)
    return _resident_out(found)


@people_api.put("/residents/{resident}", dependencies=[needs(Action.SET_PEOPLE)], responses=CHANGES)
def set_resident(
    request: Request,
    response: Response,
    row: OfHome,
    people: People,
    resident: str,
    version: Version,
    told: ResidentIn,
) -> ResidentOut:
    """This record in place of the one with the version in If-Match. 412 when somebody was quicker."""
    record = told.record()
    _refuse(resident_errors(record))
    by = principal_of(request)
    _after(people.set_resident(row.home.id, resident, record, version=version, by=by))
    return read_resident(request, response, row, people, resident)


@people_api.delete("/residents/{resident}", dependencies=[needs(Action.SET_PEOPLE)], status_code=204, responses=CHANGES)
def remove_resident(request: Request, row: OfHome, people: People, resident: str, version: Version) -> None:
    """The record with the version in If-Match is removed, with what is known of its changes."""
    _after(people.remove_resident(row.home.id, resident, version=version, by=principal_of(request)))


def _after(saved: Saved) -> None:
    if saved is Saved.UNKNOWN:
        raise HTTPException(404, NO_RECORD)
    if saved is Saved.STALE:
        raise HTTPException(412, STALE)


def _refuse(errors: dict[str, str]) -> None:
    if errors:
        raise fields_wrong(errors)


def _card_out(row: CardRow) -> CardOut:
    card = row.card
    return CardOut(
        telephone=card.telephone,
        key_safe_code=card.key_safe_code,
        key_safe_place=card.key_safe_place,
        relatives=list(card.relatives),
        risks=sorted(card.risks),
        risk_words=card.risk_words,
        gp_name=card.gp_name,
        gp_telephone=card.gp_telephone,
        language=card.language,
        hearing=card.hearing,
        notes=card.notes,
        version=row.version,
        changed_at=None if row.changed_at is None else iso(row.changed_at),
        changed_by=row.changed_by,
        checked_at=None if row.checked_at is None else iso(row.checked_at),
        checked_by=row.checked_by,
    )


def _change_out(row: ChangeRow) -> CardChangeOut:
    return CardChangeOut(row.version, iso(row.at), row.who, list(row.fields))


def _resident_out(row: ResidentRow) -> ResidentOut:
    record = row.record
    return ResidentOut(
        id=row.id,
        name=record.name,
        preferred_name=record.preferred_name,
        address=record.address,
        telephone=record.telephone,
        born=record.born,
        version=row.version,
        changed_at=iso(row.changed_at),
        changed_by=row.changed_by,
    )

"""API tokens in the API. No token may make or revoke one: it is asked by a session, or by a command on the hub."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, HTTPException, Request, Response
from pydantic import BaseModel, Field

from sensor_hub.access.action import Action
from sensor_hub.access.api_token import LASTS_AT_MOST_DAYS, LASTS_DAYS, LONGEST_LABEL, ApiToken
from sensor_hub.model.moment import iso
from sensor_hub.web.account_doors import AtAccounts
from sensor_hub.web.account_ports import NewToken, TokenMark
from sensor_hub.web.desk import principal_of
from sensor_hub.web.needs import needs
from sensor_hub.web.paging import USUAL, Cursor, Limit, Page, page_of, place_of
from sensor_hub.web.problems import fields_wrong

NO_TOKEN = "There is no such token."
NEEDS = [needs(Action.OWN_ACCOUNT)]


class TokenIn(BaseModel):
    """`program`: for a program of the tenant, else one's own. `homes`: all that one sees where it is left out."""

    label: Annotated[str, Field(min_length=1, max_length=LONGEST_LABEL, examples=["rota import"])]
    scopes: Annotated[list[Action], Field(min_length=1, max_length=len(Action), examples=[["alerts:see"]])]
    days: Annotated[float, Field(strict=True, gt=0, le=LASTS_AT_MOST_DAYS, examples=[90])] = LASTS_DAYS
    homes: Annotated[list[str] | None, Field(max_length=1000, examples=[["elm-14"]])] = None
    program: Annotated[bool, Field(strict=True)] = False
    tenant: Annotated[str | None, Field(max_length=64)] = None


@dataclass(frozen=True, slots=True)
class TokenOut:
    """`ends_at`, `used_at` and the others are real moments, also where the hub's time is simulated."""

    id: Annotated[str, Field(examples=["9c41d27ab03e"])]
    label: str
    scopes: list[Action]
    tenant: str | None
    homes: Annotated[list[str] | None, Field(examples=[None])]
    made_by: str
    made_at: str
    ends_at: str
    used_at: str | None
    revoked_at: str | None
    is_programs: bool


@dataclass(frozen=True, slots=True)
class NewTokenOut:
    """`secret` is told this once: the hub keeps only its hash; and, where an `Idempotency-Key` came with the request,
    this answer, sealed, for 24 hours."""

    token: TokenOut
    secret: Annotated[str, Field(examples=["shub_invented-and-good-for-nothing"])]


tokens_api = APIRouter(prefix="/api/v1")


@tokens_api.get("/tokens", dependencies=NEEDS)
def list_tokens(request: Request, at: AtAccounts, limit: Limit = USUAL, cursor: Cursor = "") -> Page[TokenOut]:
    """One's own tokens; for administrators those of their tenant. The newest first."""
    rows = at.doors.tokens.page(principal_of(request), limit=limit + 1, after=_mark(cursor) if cursor else None)
    return page_of(rows, limit, show=token_out, place=lambda token: (float(token.made_at), token.id))


@tokens_api.post("/tokens", dependencies=NEEDS, status_code=201)
def make_token(request: Request, response: Response, at: AtAccounts, asked: TokenIn) -> NewTokenOut:
    """A new token. Its secret is told in this answer alone."""
    homes = None if asked.homes is None else frozenset(asked.homes)
    new = NewToken(asked.label, frozenset(asked.scopes), asked.days, homes, not asked.program, asked.tenant)
    made = at.doors.tokens.add(principal_of(request), new)
    if not isinstance(made, tuple):
        raise fields_wrong(made)
    token, secret = made
    response.headers["Location"] = f"{tokens_api.prefix}/tokens/{token.id}"
    return NewTokenOut(token_out(token), secret)


@tokens_api.get("/tokens/{token_id}", dependencies=NEEDS)
def read_token(request: Request, at: AtAccounts, token_id: str) -> TokenOut:
    """One of them."""
    found = at.doors.tokens.find(principal_of(request), token_id)
    if found is None:
        raise HTTPException(404, NO_TOKEN)
    return token_out(found)


@tokens_api.delete("/tokens/{token_id}", dependencies=NEEDS, status_code=204)
def revoke_token(request: Request, at: AtAccounts, token_id: str) -> None:
    """The token lets nobody in any more, from now on."""
    if not at.doors.tokens.revoke(principal_of(request), token_id):
        raise HTTPException(404, NO_TOKEN)


def _mark(cursor: str) -> TokenMark:
    return TokenMark(*place_of(cursor, float, str))


def token_out(token: ApiToken) -> TokenOut:
    return TokenOut(
        id=token.id,
        label=token.label,
        scopes=sorted(token.scopes),
        tenant=token.tenant,
        homes=None if token.homes is None else sorted(token.homes),
        made_by=token.made_by,
        made_at=iso(token.made_at),
        ends_at=iso(token.ends_at),
        used_at=None if token.used_at is None else iso(token.used_at),
        revoked_at=None if token.revoked_at is None else iso(token.revoked_at),
        is_programs=token.account is None,
    )

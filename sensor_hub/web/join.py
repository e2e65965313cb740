"""Where a gateway joins. Open without the password: the code is what proves that it may."""

from __future__ import annotations

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, Field
from starlette.requests import Request

from sensor_hub.web.door_ports import HubJoins, JoinGrant, JoinRefusal
from sensor_hub.web.session import CrowdedError, Throttle

PROBLEM = {"description": "A problem (RFC 9457)", "content": {"application/problem+json": {}}}
STATUS = {JoinRefusal.BUSY: 429, JoinRefusal.CLOSED: 503}
"""Of a refusal; 403 of all others."""


class JoinIn(BaseModel):
    code: Annotated[str, Field(max_length=40, examples=["ACDE-FGHJ"])]
    version: Annotated[str, Field(max_length=40, examples=["0.1.0"])] = ""
    """Of the gateway's program."""


class BrokerOut(BaseModel):
    host: Annotated[str, Field(examples=["hub.example.org"])]
    port: Annotated[int, Field(examples=[8883])]
    tls: Annotated[bool, Field(examples=[True])]


class JoinOut(BaseModel):
    """`ca` is the certificate of the authority that signed the broker's; none: those that every system trusts do."""

    tenant: str
    home: str
    broker: BrokerOut
    username: Annotated[str, Field(examples=["local/elm-14"])]
    password: Annotated[str, Field(examples=["invented-and-good-for-nothing"])]
    ca: Annotated[str | None, Field(examples=[None])]


def join_routes(joins: HubJoins, throttle: Throttle) -> APIRouter:
    """Attempts from one address are answered one after the other, later after each failure."""
    routes = APIRouter(prefix="/api/v1", responses={403: PROBLEM})

    @routes.post("/join")
    async def join(request: Request, wanted: JoinIn) -> JoinOut:
        """Takes a gateway in with the code that `sensor-hub gateway add HOME` printed; it works once."""
        address = request.client.host if request.client else ""
        try:
            async with throttle.turn(address) as visitor:
                answer = await run_sync(lambda: joins.join(wanted.code, version=wanted.version))
                visitor.failures = visitor.failures + 1 if isinstance(answer, JoinRefusal) else 0
        except CrowdedError:
            answer = JoinRefusal.BUSY
        if isinstance(answer, JoinRefusal):
            raise HTTPException(STATUS.get(answer, 403), answer.value)
        return _out(answer)

    return routes


def _out(grant: JoinGrant) -> JoinOut:
    return JoinOut(
        tenant=grant.tenant,
        home=grant.home,
        broker=BrokerOut(host=grant.host, port=grant.port, tls=grant.has_tls),
        username=grant.username,
        password=grant.password,
        ca=grant.ca,
    )

"""What a page does, a program does by the API: each act has a call, or is a person's own."""

from __future__ import annotations

from tests.web.route_table import NEEDED

CALLS = {
    "POST /alerts/{alert}/acknowledge": "POST /api/v1/alerts/{alert}/acknowledge",
    "POST /alerts/{alert}/close": "POST /api/v1/alerts/{alert}/close",
    "POST /alerts/{alert}/card": "GET /api/v1/homes/{home}/card",
    "POST /homes/{home}/card": "GET /api/v1/homes/{home}/card",
    "POST /homes/{home}/card/edit": "GET /api/v1/homes/{home}/card",
    "POST /homes/{home}/card/save": "PUT /api/v1/homes/{home}/card",
    "POST /homes/{home}/card/checked": "PUT /api/v1/homes/{home}/card",
    "POST /homes/{home}/residents": "POST /api/v1/homes/{home}/residents",
    "POST /homes/{home}/residents/{resident}": "PUT /api/v1/homes/{home}/residents/{resident}",
    "POST /homes/{home}/residents/{resident}/remove": "DELETE /api/v1/homes/{home}/residents/{resident}",
    "POST /homes/{home}/place": "PUT /api/v1/homes/{home}/devices/{device}",
    "POST /homes/{home}/devices/replace": "POST /api/v1/homes/{home}/devices/{device}/replace",
    "POST /homes/{home}/devices/take-away": "DELETE /api/v1/homes/{home}/devices/{device}",
    "POST /gateways/{home}/code": "POST /api/v1/homes/{home}/join-codes",
    "POST /gateways/{home}/code/withdraw": "DELETE /api/v1/homes/{home}/join-codes/{mark}",
    "POST /gateways/{home}/rotate": "POST /api/v1/gateways/{home}/credentials",
    "POST /gateways/{home}/remove": "DELETE /api/v1/gateways/{home}/credentials",
    "POST /gateways/{home}/settings": "PUT /api/v1/homes/{home}/gateway-settings",
    "POST /homes/{home}/forget-outcomes": "POST /api/v1/homes/{home}/forget-outcomes",
    "POST /homes/{home}/stays": "POST /api/v1/homes/{home}/absences",
    "POST /homes/{home}/stays/end": "PUT /api/v1/homes/{home}/absences/{start}",
    "POST /homes/{home}/stays/over": "DELETE /api/v1/homes/{home}/absences/{start}",
    "POST /silences": "POST /api/v1/silences",
    "POST /silences/{silence}/end": "DELETE /api/v1/silences/{silence}",
    "POST /homes/{home}/consent": "PUT /api/v1/consents/{home}",
    "POST /homes/{home}/consent/withdraw": "POST /api/v1/consents/{home}/withdraw",
    "POST /homes/{home}/erase": "POST /api/v1/persons/{home}/erase",
    "POST /shift/calendar": "POST /api/v1/shift/calendar",
    "POST /shift/stand-ins": "POST /api/v1/rotas/{rota}/stand-ins",
    "POST /shift/stand-ins/{rota}/{stand_in}/end": "DELETE /api/v1/rotas/{rota}/stand-ins/{stand_in}",
    "POST /contacts/{contact}/test": "POST /api/v1/contacts/{contact}/test",
    "POST /contacts/{contact}/code": "POST /api/v1/contacts/{contact}/code",
    "POST /contacts/{contact}/confirm": "POST /api/v1/contacts/{contact}/confirm",
    "POST /accounts": "POST /api/v1/accounts",
    "POST /accounts/{account}/role": "PUT /api/v1/accounts/{account}",
    "POST /accounts/{account}/disable": "POST /api/v1/accounts/{account}/disable",
    "POST /accounts/{account}/enable": "POST /api/v1/accounts/{account}/enable",
    "POST /accounts/{account}/reset": "POST /api/v1/accounts/{account}/reset",
    "POST /tokens": "POST /api/v1/tokens",
    "POST /tokens/{token_id}/revoke": "DELETE /api/v1/tokens/{token_id}",
}
OWN = ("POST /logout", "POST /account/")
"""How the acts begin that somebody does in their own browser: no program signs out, or changes a password."""


def test_each_act_of_a_page_has_a_call() -> None:
    acts = {route for route in NEEDED if route.startswith("POST /") and "/api/" not in route}
    acts = {route for route in acts if not route.startswith(OWN)}
    assert acts == CALLS.keys()
    assert set(CALLS.values()) <= NEEDED.keys()

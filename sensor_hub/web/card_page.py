"""The response card: shown after a deliberate press, to who responds; changed on a form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from sensor_hub.model.card import ResponseCard
from sensor_hub.web.card_form import MOST_RELATIVES, RISK_WORDS, TITLES, CardTyped, Typed
from sensor_hub.web.card_view import card_view, change_words
from sensor_hub.web.desk import Desk, desk_of, session_of
from sensor_hub.web.forms import checked
from sensor_hub.web.people_ports import CardRow, HubPeople, Saved
from sensor_hub.web.ports import HomeRow

card_pages = APIRouter(include_in_schema=False, dependencies=[Depends(checked)])
AtDesk = Annotated[Desk, Depends(desk_of)]
NOTHING: Mapping[str, str] = MappingProxyType({})


def people_of(request: Request) -> HubPeople:
    people: HubPeople = request.app.state.people
    return people


People = Annotated[HubPeople, Depends(people_of)]


@card_pages.post("/alerts/{alert}/card")
def card_of_alert(request: Request, desk: AtDesk, people: People, alert: str) -> Response:
    """The button on the alert's page: who presses it stands in the chronology."""
    history = desk.reads.alert(alert)
    home = None if history is None else desk.reads.home(history.alert.home)
    if home is None:
        raise HTTPException(404, "There is no such alert, or its home is not known.")
    return _shown(request, desk, home, people.card(home.home.id, alert=alert), back=f"/alerts/{alert}")


@card_pages.post("/homes/{home}/card")
def card_of_home(request: Request, desk: AtDesk, people: People, home: str) -> Response:
    row = _home(desk, home)
    return _shown(request, desk, row, people.card(home), back=f"/homes/{home}")


@card_pages.post("/homes/{home}/card/edit")
def edit(request: Request, desk: AtDesk, people: People, home: str) -> Response:
    row, kept = _home(desk, home), people.card(home)
    return _form(request, desk, row, kept, kept.card, NOTHING)


@card_pages.post("/homes/{home}/card/save")
def save(request: Request, desk: AtDesk, people: People, home: str, typed: Typed) -> Response:
    row = _home(desk, home)
    if typed.errors:
        return _form(request, desk, row, replace(people.card(home), version=typed.version), typed.card, typed.errors)
    by = session_of(request).name
    saved = people.set_card(home, typed.card, version=typed.version, is_checked=typed.is_checked, by=by)
    if saved is Saved.STALE:
        return _stale(request, desk, row, people.card(home), typed)
    return RedirectResponse(f"/homes/{home}?told=card", status_code=303)


@card_pages.post("/homes/{home}/card/checked")
def all_is_right(
    desk: AtDesk, people: People, request: Request, home: str, version: Annotated[int, Form()]
) -> Response:
    """The button of who looked through it and found nothing to change."""
    row, kept = _home(desk, home), people.card(home)
    by = session_of(request).name
    saved = people.set_card(home, kept.card, version=version, is_checked=True, by=by)
    if saved is not Saved.DONE:
        typed = CardTyped(kept.card, version, is_checked=False)
        return _stale(request, desk, row, people.card(home), typed)
    return RedirectResponse(f"/homes/{home}?told=card-checked", status_code=303)


def _home(desk: Desk, home: str) -> HomeRow:
    row = desk.reads.home(home)
    if row is None:
        raise HTTPException(404, "There is no such home.")
    return row


def _shown(request: Request, desk: Desk, home: HomeRow, kept: CardRow, *, back: str) -> Response:
    view = card_view(kept, desk.now(), home.home.zone)
    return desk.page(request, "card.html", home=home.home, view=view, back=back)


def _stale(request: Request, desk: Desk, home: HomeRow, kept: CardRow, typed: CardTyped) -> Response:
    """What was typed stands in the form, with what others changed meanwhile beside it; nothing was kept."""
    later = [each for each in kept.changes if each.version > typed.version]
    theirs = {name for each in later for name in each.fields if getattr(kept.card, name) != getattr(typed.card, name)}
    by = ", ".join(dict.fromkeys(each.who for each in later)) or "Somebody"
    errors = {
        "changed": f"{by} changed this card while you did. Nothing of yours was kept yet: look, then save again.",
        **{name: f"{TITLES[name]}: changed by {by}. {_now(kept.card, name)}" for name in TITLES if name in theirs},
    }
    return _form(request, desk, home, kept, typed.card, errors, status=409)


def _now(card: ResponseCard, name: str) -> str:
    """What stands there now, where it goes into a sentence."""
    value = getattr(card, name)
    if name == "relatives":
        value = ", ".join(f"{each.name} {each.telephone}" for each in value)
    if name == "risks":
        value = ", ".join(RISK_WORDS[risk].partition(":")[0] for risk in RISK_WORDS if risk in value)
    return f"It says now: {value}" if value else "It is empty now."


def _form(
    request: Request,
    desk: Desk,
    home: HomeRow,
    kept: CardRow,
    card: ResponseCard,
    errors: Mapping[str, str],
    *,
    status: int = 422,
) -> Response:
    now, zone = desk.now(), home.home.zone
    return desk.page(
        request,
        "card_form.html",
        status=status if errors else 200,
        home=home.home,
        version=kept.version,
        card=card,
        errors=errors,
        risks=RISK_WORDS,
        titles=TITLES,
        rows=MOST_RELATIVES,
        changes=[change_words(each, now, zone) for each in kept.changes],
    )

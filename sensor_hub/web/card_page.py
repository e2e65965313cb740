"""The response card: shown after a deliberate press, to who responds; changed on a form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from sensor_hub.access.action import Action
from sensor_hub.model.card import ResponseCard
from sensor_hub.model.home import Home
from sensor_hub.web.card_form import MOST_RELATIVES, RISK_WORDS, TITLES, CardTyped, Typed
from sensor_hub.web.card_view import Checked, card_view, change_words, checked_words
from sensor_hub.web.desk import Desk, desk_of, principal_of
from sensor_hub.web.forms import checked
from sensor_hub.web.needs import NO_ALERT, NO_HOME, needs
from sensor_hub.web.people_ports import CHANGES_SHOWN, CardRow, ChangeRow, HubPeople, Saved
from sensor_hub.web.ports import HomeRow

card_pages = APIRouter(include_in_schema=False)
SEEING = [needs(Action.SEE_CARD), Depends(checked)]
CHANGING = [needs(Action.SET_CARD), Depends(checked)]
AtDesk = Annotated[Desk, Depends(desk_of)]
NOTHING: Mapping[str, str] = MappingProxyType({})


def people_of(request: Request) -> HubPeople:
    """HTTPException where the hub keeps no such records."""
    people: HubPeople | None = request.app.state.people
    if people is None:
        raise HTTPException(404)
    # Each look is written down with the reading itself, so it is not once more when the answer goes out.
    request.state.seen = None
    return people


People = Annotated[HubPeople, Depends(people_of)]


def card_standing(request: Request, desk: Desk, home: Home) -> Checked | None:
    """Whether the home's card can be relied on, for other pages; None where whoever asks may not see it."""
    people: HubPeople | None = request.app.state.people
    if people is None or not principal_of(request).may(Action.SEE_CARD):
        return None
    return checked_words(people.card_state(home.id), desk.now(), home.zone)


@card_pages.post("/alerts/{alert}/card", dependencies=SEEING)
def card_of_alert(request: Request, desk: AtDesk, people: People, alert: str) -> Response:
    """The button on the alert's page: who presses it stands in the chronology."""
    history = desk.reads.alert(alert)
    home = None if history is None else desk.reads.home(history.alert.home)
    if home is None:
        raise HTTPException(404, NO_ALERT)
    kept = people.card(home.home.id, by=principal_of(request), alert=alert)
    return _shown(request, desk, home, kept, back=f"/alerts/{alert}")


@card_pages.post("/homes/{home}/card", dependencies=SEEING)
def card_of_home(request: Request, desk: AtDesk, people: People, home: str) -> Response:
    row = home_of(desk, home)
    return _shown(request, desk, row, people.card(home, by=principal_of(request)), back=f"/homes/{home}")


@card_pages.post("/homes/{home}/card/edit", dependencies=CHANGING)
def edit(request: Request, desk: AtDesk, people: People, home: str) -> Response:
    row, kept = home_of(desk, home), people.card(home, by=principal_of(request))
    return _form(request, desk, row, kept.version, kept.card, kept.changes)


@card_pages.post("/homes/{home}/card/save", dependencies=CHANGING)
def save(request: Request, desk: AtDesk, people: People, home: str, typed: Typed) -> Response:
    row, by = home_of(desk, home), principal_of(request)
    if typed.errors:
        changes = people.card_changes(home, limit=CHANGES_SHOWN)
        return _form(request, desk, row, typed.version, typed.card, changes, errors=typed.errors, status=422)
    saved = people.set_card(home, typed.card, version=typed.version, is_checked=typed.is_checked, by=by)
    if saved is Saved.STALE:
        return _stale(request, desk, row, people.card(home, by=by), typed)
    return RedirectResponse(f"/homes/{home}?told=card", status_code=303)


@card_pages.post("/homes/{home}/card/checked", dependencies=CHANGING)
def all_is_right(
    request: Request, desk: AtDesk, people: People, home: str, version: Annotated[int, Form(ge=0)]
) -> Response:
    """The button of who looked through it and found nothing to change."""
    home_of(desk, home)
    if people.say_checked(home, version=version, by=principal_of(request)) is not Saved.DONE:
        raise HTTPException(409, "Somebody changed this card since you opened it. Look at it again.")
    return RedirectResponse(f"/homes/{home}?told=card-checked", status_code=303)


def home_of(desk: Desk, home: str) -> HomeRow:
    """HTTPException where there is none that whoever asks may see."""
    row = desk.reads.home(home)
    if row is None:
        raise HTTPException(404, NO_HOME)
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
    return _form(request, desk, home, kept.version, typed.card, kept.changes, errors=errors, status=409)


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
    version: int,
    card: ResponseCard,
    changes: Sequence[ChangeRow],
    *,
    errors: Mapping[str, str] = NOTHING,
    status: int = 200,
) -> Response:
    """`version`: the one that what is sent back will be a change of."""
    now, zone = desk.now(), home.home.zone
    return desk.page(
        request,
        "card_form.html",
        status=status,
        home=home.home,
        version=version,
        card=card,
        errors=errors,
        risks=RISK_WORDS,
        titles=TITLES,
        rows=MOST_RELATIVES,
        changes=[change_words(each, now, zone) for each in changes],
    )

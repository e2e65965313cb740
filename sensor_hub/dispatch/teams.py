"""Microsoft Teams, by a workflow of Power Automate: `workflows://host:443/WORKFLOW/SIGNATURE/`, as Apprise writes it.

The card is the hub's own: paragraphs as rich text, in which no sign means anything, and a button for each link.
"""

from __future__ import annotations

import re
from typing import Any

import apprise

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.notice import TAKE, Notice
from sensor_hub.dispatch.asking import ask, refusal
from sensor_hub.dispatch.letter import Answer, Block, Facts, Heading, Items, Paragraph, read_letter
from sensor_hub.dispatch.ports import NotifyError
from sensor_hub.model.kind import Urgency

SCHEMES = ("workflow", "workflows")
ACCEPTED = frozenset({200, 202})
RUN = "x-ms-workflow-run-id"
BUTTON = {TAKE.rstrip(":"): "Take it"}
LONGEST_BUTTON = 40
COLOUR = {Urgency.URGENT: "attention", Urgency.SOON: "warning", Urgency.NOTICE: "default"}
_MARKS = re.compile(r"([\\*_\[\]#`~<>|])")


class TeamsNotifier:
    """Posts each notice to the workflow, which puts it into a chat or a channel."""

    def send(self, notice: Notice, contact: Contact) -> str | None:
        """See `Notifier`; gives the id of the workflow's run."""
        service = teams_service(contact.address)
        if service is None:
            raise NotifyError("not a valid address of a workflow", permanent=True)
        url, options = _url(service)
        answer = ask(
            "POST", url, "Teams", params=options, json=message_of(notice), verify=bool(service.verify_certificate)
        )
        if answer.status_code not in ACCEPTED:
            raise refusal(answer, "Teams")
        return answer.headers.get(RUN)


def teams_service(address: str) -> Any | None:
    """Apprise's service for the address; None where the address is of none."""
    service = apprise.Apprise.instantiate(address, suppress_exceptions=True)
    return service if hasattr(service, "workflow") else None


def _url(service: Any) -> tuple[str, dict[str, str]]:
    path = "/powerautomate/automations/direct" if service.power_automate else ""
    if path and service.routing_id:
        path += f"/cu/{service.routing_id}"
    host = f"{service.host}:{service.port}" if service.port else service.host
    url = f"https://{host}{path}/workflows/{service.workflow}/triggers/manual/paths/invoke"
    return url, {
        "api-version": service.api_version,
        "sp": "/triggers/manual/run",
        "sv": "1.0",
        "sig": service.signature,
    }


def message_of(notice: Notice) -> dict[str, object]:
    """What the workflow takes: a message with one adaptive card (schema 1.4)."""
    letter = read_letter(notice)
    title = {
        "type": "TextBlock",
        "style": "heading",
        "text": _MARKS.sub(r"\\\1", letter.what),
        "size": "large",
        "weight": "bolder",
        "color": COLOUR[letter.urgency],
        "wrap": True,
    }
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "lang": "en",
        "fallbackText": letter.title,
        "msteams": {"width": "full"},
        "body": [title, *(each for block in letter.blocks for each in _elements(block))],
    }
    content = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [content]}


def _elements(block: Block) -> list[dict[str, object]]:
    match block:
        case Heading(text):
            return [_rich([_run(text, is_strong=True)])]
        case Paragraph(text):
            return [_rich([_run(text)])]
        case Facts(rows):
            return [_rich([_run(f"{label}: ", is_strong=True), _run(value)]) for label, value in rows]
        case Items(texts):
            return [_rich([_run(f"• {text}")]) for text in texts]
        case Answer(words, link):
            button = {"type": "Action.OpenUrl", "title": BUTTON.get(words, words)[:LONGEST_BUTTON], "url": link}
            return [_rich([_run(f"{words}:")]), {"type": "ActionSet", "actions": [button]}]


def _rich(runs: list[dict[str, object]]) -> dict[str, object]:
    return {"type": "RichTextBlock", "inlines": runs}


def _run(text: str, *, is_strong: bool = False) -> dict[str, object]:
    run: dict[str, object] = {"type": "TextRun", "text": text}
    return {**run, "weight": "bolder"} if is_strong else run

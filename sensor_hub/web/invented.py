"""The one invented home of all examples in the API's description: what a field or parameter of this name says there.

A model whose field means something else by the same name says its own (`Field(examples=[...])`).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

ANN = "Ann Lee"
NAMED: Mapping[str, object] = MappingProxyType(
    {
        # Who and what: each of these has one value in all examples.
        "home": "elm-14",
        "tenant": "local",
        "timezone": "Europe/London",
        "alert": "elm-14-silent",
        "device": "0x00158d0001a20005",
        "subject": "0x00158d0001a20005",
        "contact": "ann",
        "account": "5f0c2a9be1d4",
        "token_id": "9c41d27ab03e",
        "silence": "03370633",
        "resident": "8d1f60c2a97b3e54",
        "erasure": "1b9e7f03c5a2d864",
        "reference": "k7m2qd",
        "mark": "ACD",
        "rota": "nights",
        "stand_in": "9f2c41d0",
        "policy": "care",
        "fallback": ["ann"],
        "acknowledged_for_minutes": 240.0,
        "login": "sam@example.org",
        "by": ANN,
        "who": ANN,
        "made_by": ANN,
        "changed_by": ANN,
        "checked_by": ANN,
        "verified_by": ANN,
        "acknowledged_by": ANN,
        "closed_by": "",
        "ended_by": "",
        "telephone": "01632 960001",
        # The alert: the hall's door sensor is silent since the afternoon, and Ann has taken it.
        "kind": "device_silent",
        "kinds": ["device_silent"],
        "urgency": "soon",
        "handled": "acknowledged",
        "summary": "The hall's door sensor is silent.",
        "evidence": {"silent_hours": 2.0},
        "since": "2026-11-24T14:09:07.080Z",
        "at": "2026-11-24T16:09:07.080Z",
        "raised_at": "2026-11-24T16:09:07.080Z",
        "acknowledged_at": "2026-11-24T17:09:07.713Z",
        "cleared_at": None,
        "closed_at": None,
        "exhausted_at": None,
        "outcome": None,
        "note": "",
        "attempts": 1,
        "error": "",
        "channel": "1 (mailto)",
        # The home and what is measured there.
        "room": "hall",
        "metric": "contact",
        "metrics": ["contact", "battery"],
        "unit": "state",
        "last_heard": "2026-11-24T14:09:07.080Z",
        "report_every": 3600.0,
        "rejected": {"not JSON": 2},
        "version": 3,
        # People, and what lets them in.
        "role": "duty_officer",
        "label": "rota import",
        "scopes": ["alerts:see"],
        "made_at": "2026-11-02T09:00:00Z",
        "changed_at": "2026-11-02T09:05:00Z",
        "checked_at": "2026-11-20T10:30:00Z",
        "verified_at": "2026-11-02T09:10:00Z",
        "told_at": "2026-11-24T16:30:00Z",
        "ends_at": "2027-01-31T09:00:00Z",
        "used_at": "2026-11-24T16:40:00Z",
        "ended_at": None,
        "revoked_at": None,
        "disabled_at": None,
        # Spans, and pages of lists.
        "start": "2026-11-25T09:00:00Z",
        "end": "2026-11-27T18:00:00Z",
        "until": "2026-11-27T18:00:00Z",
        "following": "WyJlbG0tMTQiXQ",
        "state": "delivered",
    }
)
PARAMETERS: Mapping[str, object] = MappingProxyType(
    {
        "from": 1795478400,
        "until": 1795564800,
        "cursor": "WyJlbG0tMTQiXQ",
        "limit": 50,
        "days": 7,
        "weeks": 4,
        "week": "2026-W47",
        "closed": True,
        "act": "acknowledged",
        "who": "5f0c2a9be1d4",
        "if-match": '"3"',
        "after": "WzQxLCA3XQ",
        "Last-Event-ID": "WzQxLCA3XQ",
        "If-None-Match": '"5f0c2a9be1d49c41d27ab03e8d1f60c2"',
    }
)
"""Where a parameter is not what a field of this name is. Moments are those of 24 November 2026, 00:00 to 24:00 UTC."""
AFTER: Mapping[str, Mapping[str, object]] = MappingProxyType(
    {
        "post /api/v1/alerts/{alert}/close": {
            "handled": "closed",
            "closed_by": ANN,
            "closed_at": "2026-11-24T17:20:00Z",
            "outcome": "true",
            "note": "battery changed",
        },
        "post /api/v1/accounts/{account}/disable": {"disabled_at": "2026-11-24T17:30:00Z"},
        "delete /api/v1/silences/{silence}": {"ended_at": "2026-11-26T08:00:00Z", "ended_by": ANN},
    }
)
"""What an answer says otherwise than its fields do: how it is after the act."""

"""Apprise loads its plug-ins at the first address, and some of them use what Python will drop: no fault of ours."""

from __future__ import annotations

import warnings

import apprise

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    apprise.Apprise().add("json://127.0.0.1")

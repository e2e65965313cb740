"""Where people sign in and see to their accounts."""

from __future__ import annotations

CODE, SET_UP = "/login/code", "/login/set-up"
PROVIDER, PROVIDER_BACK = "/login/provider", "/login/provider/back"
FORGOTTEN = "/password"
PASSWORD_LINK = "/password/"
"""Behind it stands the key of a link by which somebody sets their password."""
OWN = "/account"
ACCOUNTS = "/accounts"
TOKENS = "/tokens"

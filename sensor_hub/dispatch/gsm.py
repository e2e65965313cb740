"""The alphabet of text messages (3GPP TS 23.038, 6.2.1): 160 septets of it are one message, one other letter makes two.

Without the section sign and the form feed, which some libraries do not have. With a letter outside it a message is sent
as UCS-2 and holds 70; some services put `?` in its place instead.
"""

from __future__ import annotations

import unicodedata

ONE_MESSAGE = 160
"""Septets."""
BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€")
"""Sent behind an escape: two septets each."""
INSTEAD = str.maketrans(
    {
        "`": "'",
        "°": " ",
        "–": "-",
        "—": "-",
        "‑": "-",
        "−": "-",
        "‘": "'",
        "’": "'",
        "“": '"',
        "”": '"',
        "…": "...",
        "\u00a0": " ",
    }
)


def septets(text: str) -> int | None:
    """How many it takes; None where a letter is not in the alphabet."""
    if not BASIC.union(EXTENDED).issuperset(text):
        return None
    return len(text) + sum(letter in EXTENDED for letter in text)


def in_gsm(text: str) -> str:
    """The text in the alphabet: other signs and accents as near as it has them, `?` where it has nothing like it."""
    return "".join(_nearest(letter) for letter in text.translate(INSTEAD).replace("  ", " "))


def _nearest(letter: str) -> str:
    if letter in BASIC or letter in EXTENDED:
        return letter
    plain = [each for each in unicodedata.normalize("NFKD", letter) if each in BASIC or each in EXTENDED]
    return "".join(plain) or ("" if unicodedata.combining(letter) else "?")

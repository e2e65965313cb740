"""Which passwords are taken: long ones that nobody guesses first. There is no rule about their letters.

After NIST SP 800-63B-4 (3.1.1.2: a least length, no composition rules, a list of what is expected or known) and the
NCSC's password guidance (three random words; no forced change).
"""

from __future__ import annotations

import re
import unicodedata
from enum import Enum

SHORTEST, LONGEST = 12, 200

COMMON = frozenset(
    re.findall(
        r"\w+",
        """
        abc abcd abcdef abcdefg abcdefgh abcdefghijkl admin administrator alexander april arsenal asdf asdfgh
        asdfghjkl ashley august autumn bailey baseball basketball batman butterfly care careline carer changeme
        charlie cheese chelsea chocolate computer correcthorsebatterystaple daniel december default dragon
        everton february football freedom guest hello home hub hunter iloveyou january jennifer jessica jordan
        july june letmein letmeinnow liverpool login london lovely manchester march master may michael monday
        monkey mustang newcastle nopassword november october pass passphrase password passwort princess qazwsx
        qazwsxedc qwer qwert qwerty qwertyuiop qwertyuiopasdfghjkl rangers root samantha secret secure sensor
        sensorhub september shadow spring starwars summer sunshine superman telecare temporary test testing
        thisisapassword thomas tottenham trustno trustnoone user victoria welcome whatever winter zaqwsx zxcv
        zxcvbn zxcvbnm
        """,
    )
)
"""Words of which the whole password must not consist, whatever digits and signs stand around them."""

SWAPPED = str.maketrans("013457@$", "oieastas")
"""Signs for letters, as people swap them."""
RUNS = ("0123456789", "9876543210", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm")


class Fault(Enum):
    """Why a password is not taken, as its owner is told."""

    SHORT = f"Use at least {SHORTEST} characters. Three words that do not belong together are easy to remember"
    LONG = f"Use at most {LONGEST} characters"
    COMMON = "This is among the first that others would guess. Use three words that do not belong together"
    NAME = "It must not be your own name"


def judge_password(text: str, *names: str) -> Fault | None:
    """What is wrong with `text` as the password of who is called `names` (name, login, address); None: it is taken."""
    if len(text) < SHORTEST:
        return Fault.SHORT
    if len(text) > LONGEST:
        return Fault.LONG
    if _is_expected(_plain(text), COMMON):
        return Fault.COMMON
    own = {word for name in names for word in re.findall(r"\w{3,}", _plain(name))}
    own |= {"".join(re.findall(r"\w", _plain(name))) for name in names}
    return Fault.NAME if own and _is_expected(_plain(text), frozenset(own)) else None


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _is_expected(text: str, words: frozenset[str]) -> bool:
    """Whether `text` is few characters again and again, a run of the keyboard, or no more than such words."""
    if len(set(text)) <= 3 or any(text in run * 20 for run in RUNS):
        return True
    bare = [re.sub(r"[\W\d_]", "", each) for each in (text, text.translate(SWAPPED))]
    bare.append(re.sub(r"[\W\d_]", "", re.sub(r"[\W\d_]+$", "", text).translate(SWAPPED)))
    return any(_consists_of(each, words) for each in bare if each)


def _consists_of(text: str, words: frozenset[str]) -> bool:
    """Whether `text` is one of the words, or one of them again and again."""
    sizes = [size for size in range(1, len(text) + 1) if len(text) % size == 0]
    return any(text[:size] in words and text[:size] * (len(text) // size) == text for size in sizes)

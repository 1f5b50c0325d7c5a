"""What a stranger has written, as it may be shown and kept: one line, no hidden characters, no CPR number.

An analyst's title and purpose are free text, and are read by those who decide about the query and who check
the log. Line breaks could forge lines of what they read, formatting characters could turn the direction in
which it is written, and a number in it would be a citizen's in a place where none may be.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

__all__ = ["HIDDEN", "MOST", "has_number", "masked", "one_line"]

MOST = 1000
"""Characters of a text that are shown."""

HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Unicode categories of characters that end a line, can't be seen or steer what shows them."""

_GAP = r"[\s\-._/'\u00ad\u00b7\u200b-\u200f\u2010-\u2015\u2060\u2212\ufeff\ufffd]{0,3}"
# Letters may stand before it ("cpr0101…"), except those of a hexadecimal digest. \d is a digit of any script.
_CPR = re.compile(rf"(?<![\dA-Fa-f])(\d\d){_GAP}(\d\d){_GAP}\d\d{_GAP}[\dA-Za-z]\d{{3}}(?![\dA-Za-z])")


def has_number(text: str) -> bool:
    """Whether something in it looks like a CPR number, however it is spaced and in whatever digits."""
    return any(map(_is_date, _CPR.finditer(text)))


def masked(text: str) -> str:
    """``text`` without what looks like a CPR number."""
    return _CPR.sub(lambda found: "[number]" if _is_date(found) else found[0], text)


def one_line(text: str, most: int = MOST) -> str:
    """``text`` as it may be shown among our own words: :func:`masked`, in one line of at most ``most``
    characters; what is hidden, or turns the direction of writing, is shown as \ufffd."""
    shown = masked("".join(map(_shown, " ".join(text.split()))))
    return shown if len(shown) <= most else shown[: most - 1] + "\u2026"


def _is_date(found: re.Match[str]) -> bool:
    """The day may have 60 added (a replacement number)."""
    return int(found[1]) <= 91 and int(found[2]) <= 19


def _shown(char: str) -> str:
    return "\ufffd" if unicodedata.category(char) in HIDDEN else char

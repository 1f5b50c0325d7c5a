"""The words in which rules are told to people, in English and Danish.

The English text is its own id, as in the command line's catalogue; :data:`DANISH` has the Danish with the same
fields. A test finds what is said and not listed, and listed and not said.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from samklang.errors import Language
from samklang.errors.catalogues import danish, plurals
from samklang.errors.figures import decimals

__all__ = ["DANISH", "PLURALS", "listed", "number", "say", "say_n"]

DANISH: Final = danish(__file__, "policy")
"""English to Danish."""
PLURALS: Final = plurals(__file__, "policy")
"""The same, where a number stands before its noun."""


def say(lang: Language, text: str, **values: object) -> str:
    """``text`` in ``lang`` with its fields filled."""
    return (DANISH[text] if lang == "da" else text).format(**values)


def say_n(lang: Language, one: str, many: str, n: int, **values: object) -> str:
    """``one`` or ``many`` in ``lang``, with ``{n}`` and its other fields filled."""
    return PLURALS.say(lang, one, many, n, **values)


def listed(lang: Language, names: Iterable[str], *, last: str = " and ") -> str:
    """``a, b and c``."""
    found = list(names)
    if not found:
        return say(lang, "nobody")
    return say(lang, last).join(filter(None, [", ".join(found[:-1]), found[-1]]))


def number(lang: Language, value: Decimal) -> str:
    """Without trailing zeros or an exponent, but for very small ones."""
    shown = value.normalize()
    text = f"{shown:f}" if value >= Decimal("0.001") else f"{shown:e}".replace("e-0", "e-")
    return decimals(text, lang)

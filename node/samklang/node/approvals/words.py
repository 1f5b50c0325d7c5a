"""The words around a request, in English and Danish; the English is its own key."""

from __future__ import annotations

from typing import Final

from samklang.errors import Language
from samklang.errors.catalogues import danish, plurals

__all__ = ["DANISH", "PLURALS", "say", "say_n"]

DANISH: Final = danish(__file__, "approvals")
"""English to Danish."""
PLURALS: Final = plurals(__file__, "approvals")
"""The same, where a number stands before its noun."""


def say(lang: Language, text: str, **values: object) -> str:
    """``text`` in ``lang`` with its fields filled."""
    return (DANISH[text] if lang == "da" else text).format(**values)


def say_n(lang: Language, one: str, many: str, n: int, **values: object) -> str:
    """``one`` or ``many`` in ``lang``, with ``{n}`` and its other fields filled."""
    return PLURALS.say(lang, one, many, n, **values)

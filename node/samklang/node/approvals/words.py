"""The words around a request, in English and Danish; the English is its own key."""

from __future__ import annotations

from typing import Final

from samklang.errors import Language
from samklang.errors.catalogues import danish

__all__ = ["DANISH", "say"]

DANISH: Final = danish(__file__, "approvals")
"""English to Danish."""


def say(lang: Language, text: str, **values: object) -> str:
    """``text`` in ``lang`` with its fields filled."""
    return (DANISH[text] if lang == "da" else text).format(**values)

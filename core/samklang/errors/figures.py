"""Numbers as people write them: ``3,693`` and ``0.5`` in English are ``3.693`` and ``0,5`` in Danish."""

from __future__ import annotations

from samklang.errors.catalogue.entry import Language

__all__ = ["decimals", "whole"]

_SWAPPED = str.maketrans(",.", ".,")


def whole(value: int, lang: Language) -> str:
    """With a mark between thousands."""
    return decimals(f"{value:,}", lang)


def decimals(text: str, lang: Language) -> str:
    """A number that was written as Python writes it, with commas between thousands or without."""
    return text.translate(_SWAPPED) if lang == "da" else text

"""Articles of the GDPR, which documents write as ``art6-1-e``, as lawyers write them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from samklang.errors import Language

__all__ = ["article", "articles_in", "basis"]

_FORM: Final = re.compile(r"art(\d+)-(\d+)-([a-z])")


def article(text: str, lang: Language) -> str:
    """``Article 6(1)(e)``; what has another form stays as it is."""
    if not (found := _FORM.fullmatch(text)):
        return text
    number, paragraph, letter = found.groups()
    if lang == "da":
        return f"artikel {number}, stk. {paragraph}, litra {letter}"
    return f"Article {number}({paragraph})({letter})"


def basis(gdpr: Sequence[str], danish: Sequence[str], lang: Language) -> str:
    """A legal basis in one line: the GDPR's articles, then Danish law as the document has it."""
    law = "databeskyttelsesforordningens " if lang == "da" else "GDPR "
    named = [f"{law if i == 0 else ''}{article(text, lang)}" for i, text in enumerate(gdpr)]
    return "; ".join([*named, *danish])


def articles_in(text: str, lang: Language) -> str:
    """A basis that was written down as one text, ``art6-1-e, DBL § 10``, with its articles in words."""
    return _FORM.sub(lambda found: article(found[0], lang), text)

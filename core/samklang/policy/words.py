"""The words in which rules are told to people, in English and Danish.

The English text is its own id, as in the command line's catalogue; :data:`DANISH` has the Danish with the same
fields. A test finds what is said and not listed, and listed and not said.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from samklang.errors import Language
from samklang.errors.catalogues import danish

__all__ = ["DANISH", "listed", "number", "say"]

DANISH: Final = danish(__file__, "policy")
"""English to Danish."""


def say(lang: Language, text: str, **values: object) -> str:
    """``text`` in ``lang`` with its fields filled."""
    return (DANISH[text] if lang == "da" else text).format(**values)


def listed(lang: Language, names: Iterable[str], *, last: str = " and ") -> str:
    """``a, b and c``."""
    found = list(names)
    if not found:
        return say(lang, "nobody")
    return say(lang, last).join(filter(None, [", ".join(found[:-1]), found[-1]]))


def number(value: Decimal) -> str:
    """Without trailing zeros or an exponent, but for very small ones."""
    return (
        f"{value.normalize():f}"
        if value >= Decimal("0.001")
        else f"{value.normalize():e}".replace("e-0", "e-")
    )

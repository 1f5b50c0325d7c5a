"""ISO 8601 durations of documents (``P2Y``, ``P1Y6M``, ``PT72H``) as people say them."""

from __future__ import annotations

import re
from typing import Final

from samklang.errors import Language

__all__ = ["in_words"]

_FORM: Final = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(\d+)H)?")
_UNITS: Final[dict[Language, tuple[tuple[str, str], ...]]] = {
    "en": (("year", "years"), ("month", "months"), ("day", "days"), ("hour", "hours")),
    "da": (("år", "år"), ("måned", "måneder"), ("dag", "dage"), ("time", "timer")),
}


def in_words(duration: str, lang: Language) -> str:
    """``1 year and 6 months``.

    Raises:
        ValueError: it isn't a duration of years, months, days and hours.
    """
    found = _FORM.fullmatch(duration)
    if not found or not any(found.groups()):
        raise ValueError(f"not a duration: {duration}")
    numbers = zip(found.groups(), _UNITS[lang], strict=True)
    parts = [f"{int(n)} {one if int(n) == 1 else many}" for n, (one, many) in numbers if n]
    last = " og " if lang == "da" else " and "
    return last.join(part for part in (", ".join(parts[:-1]), parts[-1]) if part)

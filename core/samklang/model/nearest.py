"""What somebody may have meant by a name that doesn't exist."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def hint(name: str, known: Iterable[str]) -> str:
    """A sentence, with a blank before it, that names the nearest known name or the few there are."""
    names = sorted(set(known))
    if close := get_close_matches(name, names, n=1, cutoff=0.6):
        return f" Did you mean {close[0]!r}?"
    if 0 < len(names) <= 12:
        return f" Known: {', '.join(names)}."
    return ""

"""What a log says of its own deletions, held against what it doesn't show.

Salts and values may be deleted, and every deletion is an entry of its own (``pruned``), written before
anything goes. So an entry that says nothing, and of which no later entry says that it was deleted, is one
that somebody doesn't want to show. Without this, whoever shows a log could leave out what they like and call
it retention: the leaves and the root would be right all the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from samklang.audit.entry import FIELDS
from samklang.errors import SamklangError

__all__ = ["Line", "check_deletions", "withheld"]


class Line(Protocol):
    """An entry as it is shown."""

    @property
    def shown(self) -> Mapping[str, Any]: ...

    def value(self, name: str) -> Any: ...


def check_deletions(entries: Sequence[Line]) -> None:
    """Return if whatever ``entries``, a log from its first entry on, don't show was deleted on record.

    Raises:
        SamklangError: ``audit-withheld``, naming the first entry.
    """
    if found := withheld(entries):
        raise SamklangError("audit-withheld", entry=found[0], count=len(found))


def withheld(entries: Sequence[Line]) -> list[int]:
    """Numbers of entries that lack fields without a later entry that accounts for it.

    A deletion at the end of retention says between which entries, and of how many, all is gone; an erasure
    says of which entry, and which fields.
    """
    gaps = {n: {*FIELDS} - {*e.shown} for n, e in enumerate(entries) if len(e.shown) < len(FIELDS)}
    ranges, allowed = [], 0
    for number, entry in enumerate(entries):
        if not gaps or entry.value("kind") != "pruned":
            continue
        details = entry.value("details")
        said = details if isinstance(details, dict) else {}
        first, last = _number(said.get("first")), min(_number(said.get("last")), number - 1)
        if fields := said.get("fields"):
            if first == last and first in gaps:
                gaps[first] -= {*str(fields).split(", ")}
        elif 0 <= first <= last:
            ranges.append((first, last))
            allowed += max(0, min(_number(said.get("entries")), last - first + 1))
    missing = []
    for number, fields in sorted(gaps.items()):
        if not fields:
            continue
        if allowed and not entries[number].shown and any(a <= number <= b for a, b in ranges):
            allowed -= 1
        else:
            missing.append(number)
    return missing


def _number(text: object) -> int:
    """-1 for what is none."""
    return int(text) if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 19 else -1

"""What a log says of its own deletions, held against what it doesn't show.

Salts and values may be deleted, and every deletion is an entry of its own (``pruned``), written before
anything goes. So an entry that says nothing, and of which no later entry says that it was deleted, is one
that somebody doesn't want to show. Without this, whoever shows a log could leave out what they like and call
it retention: the leaves and the root would be right all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from heapq import heappop, heappush
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
    ranges: list[tuple[int, int, int]] = []
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
            ranges.append((first, last, min(_number(said.get("entries")), last - first + 1)))
    wholly = [number for number, fields in sorted(gaps.items()) if fields and not entries[number].shown]
    excused = _excused(wholly, ranges)
    return [number for number, fields in sorted(gaps.items()) if fields and number not in excused]


def _excused(missing: Iterable[int], ranges: Iterable[tuple[int, int, int]]) -> set[int]:
    """As many of ``missing`` (ascending) as deletions (first, last, how many) account for, each deletion for
    its own: an entry is taken by the one that ends first, which leaves the most for those behind it."""
    waiting = sorted(ranges, reverse=True)
    here: list[list[int]] = []
    found = set()
    for number in missing:
        while waiting and waiting[-1][0] <= number:
            _, last, count = waiting.pop()
            heappush(here, [last, count])
        while here and (here[0][0] < number or here[0][1] <= 0):
            heappop(here)
        if here:
            here[0][1] -= 1
            found.add(number)
    return found


def _number(text: object) -> int:
    """-1 for what is none."""
    return int(text) if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 19 else -1

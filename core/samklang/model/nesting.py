"""Whether one banding of a variable merges the levels of another, and into which."""

from __future__ import annotations

from collections.abc import Iterable

from samklang.model.codebook import Banding, Category, Interval, Level, Total

Range = tuple[float, float]
"""Half-open, of integers; ends may be infinite."""


def merged_levels(
    variable: Category | Total | Interval, fine: Banding, coarse: Banding
) -> dict[str, str] | None:
    """The level of ``coarse`` that takes all of each level of ``fine``; None if some level falls apart, or
    partly into none.

    Both bandings have passed :mod:`samklang.model.checks.bandings`.
    """
    finer, coarser = _Sets(variable, fine), _Sets(variable, coarse)
    found: dict[str, str] = {}
    for level in fine.levels:
        images = coarser.images(level)
        if level.id == fine.other:
            # It takes what no level names: all of that must be left over in the coarse banding as well.
            images.add(coarse.other if finer.name_all(coarser, but=coarse.other) else None)
        if len(images) != 1 or (image := images.pop()) is None:
            return None
        found[level.id] = image
    return found


class _Sets:
    """The integers and listed values that a banding's levels name."""

    def __init__(self, variable: Category | Total | Interval, banding: Banding) -> None:
        self.banding = banding
        self._least = 0.0 if isinstance(variable, Total) else float("-inf")
        self.listed = {(type(v), v): level.id for level in banding.levels for v in level.values or ()}
        self.integers = {v: name for (_, v), name in self.listed.items() if type(v) is int}
        self.ranges = {
            level.id: found for level in banding.levels if (found := self._range(level)) is not None
        }

    def _range(self, level: Level) -> Range | None:
        if level.from_ is None and level.until is None:
            return None
        start = float("-inf") if level.from_ is None else level.from_
        return max(start, self._least), float("inf") if level.until is None else level.until

    def images(self, level: Level) -> set[str | None]:
        """The levels into which the values that ``level`` names fall; None for no level at all."""
        found: set[str | None] = set()
        for value in level.values or ():
            found.add(self._of_value(value))
        own = self._range(level)
        if own is not None:
            found |= self._of_range(own)
        return found

    def _of_value(self, value: str | int | bool) -> str | None:
        if (type(value), value) in self.listed:
            return self.listed[type(value), value]
        inside = self._in_range(value) if type(value) is int else None
        return inside or self.banding.other

    def _in_range(self, value: int) -> str | None:
        return next((name for name, (low, high) in self.ranges.items() if low <= value < high), None)

    def _of_range(self, own: Range) -> set[str | None]:
        found: set[str | None] = set()
        parts = []
        for name, (low, high) in self.ranges.items():
            start, end = max(low, own[0]), min(high, own[1])
            if start < end:
                found.add(name)
                parts.append((start, end))
        for value, name in self.integers.items():
            if own[0] <= value < own[1]:
                found.add(name)
                parts.append((value, value + 1))
        if not _covered(own, parts):
            found.add(self.banding.other)
        return found

    def name_all(self, other: _Sets, *, but: str | None) -> bool:
        """Whether every value that ``other`` names, except in the level ``but``, is named here too."""
        named = self.listed.keys() | {(int, v) for v in other.integers if self._in_range(v)}
        if any(name != but and value not in named for value, name in other.listed.items()):
            return False
        mine = [*self.ranges.values(), *((float(v), v + 1.0) for v in self.integers)]
        return all(_covered(r, mine) for name, r in other.ranges.items() if name != but)


def _covered(whole: Range, parts: Iterable[Range]) -> bool:
    """Whether the parts leave no integer of ``whole`` out."""
    reached = whole[0]
    for start, end in sorted(parts):
        if start > reached:
            return False
        reached = max(reached, end)
    return reached >= whole[1]

"""Bandings: every value has at most one level, and levels have names of their own."""

from __future__ import annotations

from typing import Any

from samklang.model.checks.report import Report
from samklang.model.codebook import Banding, Category, Codebook, Interval, Level, Total

RESERVED_LEVELS = frozenset({"ABSENT", "MISSING", "CONFLICT", "PRESENT", "START-ONLY", "END-ONLY"})
"""Levels that the protocol makes; no codebook may name one so, in any case of letters."""


def check_bandings(report: Report[Codebook], name: str, variable: Category | Total | Interval) -> None:
    """Check all bandings of a variable. Ranges are half-open and stand in increasing order."""
    for banding_name, banding in variable.bandings.items():
        path = ("variables", name, "bandings", banding_name)
        report.unique("level", (level.id for level in banding.levels), *path, "levels")
        if banding.other is not None:
            report.known("level", banding.other, [level.id for level in banding.levels], *path, "other")
        for index, level in enumerate(banding.levels):
            _level(report, variable, banding, level, (*path, "levels", index))
        _values(report, banding, path)
        _ranges(report, variable, banding, path)


def _level(
    report: Report[Codebook],
    variable: Category | Total | Interval,
    banding: Banding,
    level: Level,
    path: tuple[str | int, ...],
) -> None:
    if level.id.upper() in RESERVED_LEVELS:
        report.add("document-level-reserved", *path, "id", name=level.id)
    ranged = level.from_ is not None or level.until is not None
    listed = level.values is not None
    if not isinstance(variable, Category) and listed:
        report.add("document-level-values", *path, "values", name=level.id)
    elif ranged and listed:
        report.add("document-level-both", *path, name=level.id)
    elif not ranged and not listed and level.id != banding.other:
        report.add("document-level-empty", *path, name=level.id)
    if level.values is not None and not level.values:
        report.add("document-level-empty", *path, name=level.id)


def _values(report: Report[Codebook], banding: Banding, path: tuple[str | int, ...]) -> None:
    """A listed value stands once, and in no range."""
    seen: set[tuple[type, Any]] = set()
    for index, level in enumerate(banding.levels):
        for position, value in enumerate(level.values or ()):
            inside = type(value) is int and any(_holds(other, value) for other in banding.levels)
            if (type(value), value) in seen or inside:
                report.add(
                    "document-banding-overlap", *path, "levels", index, "values", position, name=level.id
                )
            seen.add((type(value), value))


def _holds(level: Level, value: int) -> bool:
    if level.from_ is None and level.until is None:
        return False
    return (level.from_ is None or level.from_ <= value) and (level.until is None or value < level.until)


def _ranges(
    report: Report[Codebook],
    variable: Category | Total | Interval,
    banding: Banding,
    path: tuple[str | int, ...],
) -> None:
    reached: float = float("-inf")
    for index, level in enumerate(banding.levels):
        if level.from_ is None and level.until is None:
            continue
        where = (*path, "levels", index)
        start = float("-inf") if level.from_ is None else level.from_
        end = float("inf") if level.until is None else level.until
        if start >= end:
            report.add("document-banding-range", *where, name=level.id)
            continue
        if start < reached or reached == float("inf") or (start == reached == float("-inf") and index):
            report.add("document-banding-overlap", *where, name=level.id)
        reached = max(reached, end)
        if isinstance(variable, Total) and (end <= 0 or _above(variable, start)):
            report.add("document-banding-unreachable", *where, name=level.id)


def _above(variable: Total, start: float) -> bool:
    """Whether even many clipped contributions can't reach ``start``: the protocol's largest word."""
    return start > max(variable.clip, 1) * 4096

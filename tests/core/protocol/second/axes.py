"""What a summed axis word means, in plain Python, from section 7.

Categories and totals are enumerated from what honest rows can send instead of by formula, so that the two
ways of saying it check each other. An encoding is the record that stands in a program's description.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

INVALID = 255
Spec = dict[str, Any]


def base(e: Spec) -> int:
    if e["kind"] == "total":
        return int(e["allowed"] * e["clip"] + 1)
    return int(2 * e["span"] + 1)


def digit(e: Spec) -> int:
    if e["kind"] == "total":
        return int(e["nodes"] + e["nodes"] // e["allowed"] + 2)
    pair = base(e) + (2 if e["end_nodes"] > 1 else 1) * e["span"]
    return int(max(e["start_nodes"] * (base(e) + e["span"]), pair) + 1)


def weights(e: Spec) -> list[int]:
    if e["at_least"] == 1:
        return [1] * len(e["nodes"])
    out = [1]
    for n in e["nodes"][:-1]:
        out.append(out[-1] * (n + 1))
    return out


def band(value: int, bands: list[list[int | None]], other: int) -> int:
    for index, (low, high) in enumerate(bands):
        if (low is None or low <= value) and (high is None or value < high):
            return index
    return other


def word(e: Spec, value: int | None, side: str = "") -> Any:
    """What a node adds for a citizen it holds; ``value`` is a level (local, category), number or unit."""
    names = e["names"]
    match e["kind"]:
        case "local":
            return value + 1 if value is not None else names.index("MISSING")
        case "category":
            level = value if value is not None else names.index("MISSING") - 1
            return len(names) - 2 + level
        case "presence":
            return 1
        case "total":
            return base(e) + min(max(value, 0), e["clip"]) if value is not None else base(e) * digit(e)
        case "interval":
            if value is None:
                return 0
            return base(e) + e["span"] - value if side == "start" else digit(e) + value
    raise ValueError(e["kind"])


def largest(e: Spec, j: int) -> int:
    """The largest word that j rows can sum to."""
    return int(_largest(e, j))


def _largest(e: Spec, j: int) -> Any:
    match e["kind"]:
        case "local":
            return len(e["names"]) - 1
        case "category":
            return min(e["nodes"], j) * (2 * (len(e["names"]) - 2) - 1)
        case "presence":
            return min(e["nodes"], j)
        case "total":
            p = min(e["nodes"], j * e["per_row"])
            top = p * (e["clip"] + base(e))
            return max(top, p * base(e) * digit(e)) if e["missing"] else top
        case "interval":
            ends = min(e["end_nodes"], j)
            starts = min(e["start_nodes"], j, j + min(e["both_nodes"], j) - ends)
            return ends * (digit(e) + e["span"]) + starts * (base(e) + e["span"])
        case "membership":
            if e["at_least"] == 1:
                return min(sum(e["nodes"]), j * e["per_row"])
            return sum(w * min(n, j) for w, n in zip(weights(e), e["nodes"], strict=True))
    raise ValueError(e["kind"])


def modulus(e: Spec, j: int) -> int:
    m = 2
    while m <= largest(e, j):
        m *= 2
    return m


def _category(e: Spec, j: int) -> dict[int, int]:
    count = len(e["names"]) - 2
    meant = {0: 0}
    for holders in range(1, min(e["nodes"], j) + 1):
        for levels in itertools.combinations_with_replacement(range(count), holders):
            total = holders * count + sum(levels)
            meant[total] = levels[0] + 1 if holders == 1 else count + 1
    return meant


def _total(e: Spec, j: int) -> dict[int, int]:
    names = e["names"]
    meant = {0: 0}
    most = min(e["nodes"], j * e["per_row"])
    for valued in range(most + 1):
        for without in range(most - valued + 1 if e["missing"] else 1):
            for total in range(valued * e["clip"] + 1):
                at = total + base(e) * (valued + digit(e) * without)
                if valued + without > e["allowed"]:
                    level = names.index("CONFLICT")
                elif valued:
                    found = band(total, e["bands"], e["other"])
                    level = found + 1 if found >= 0 else names.index("MISSING")
                else:
                    level = names.index("MISSING") if without else 0
                if meant.setdefault(at, level) != level:
                    raise AssertionError("one word with two meanings")
    return meant


def _interval(e: Spec, j: int) -> Callable[[int], int]:
    b, d, span, names = base(e), digit(e), e["span"], e["names"]
    crowded = min(max(e["start_nodes"], e["end_nodes"]), j) > 1

    def level(x: int) -> int:
        if x == 0:
            return 0
        if b <= x <= b + span:
            return 1
        if d <= x <= d + span:
            return 2
        if b + d <= x <= b + d + 2 * span:
            found = band(x - b - d - span, e["bands"], e["other"])
            if found >= 0:
                return found + 3
            return int(names.index("MISSING")) if "MISSING" in names else INVALID
        return int(names.index("CONFLICT")) if crowded else INVALID

    return level


def _membership(e: Spec, x: int) -> int:
    if e["at_least"] == 1:
        return int(x >= 1)
    yes = [(x // w) % (n + 1) > 0 for w, n in zip(weights(e), e["nodes"], strict=True)]
    return int(sum(yes) >= e["at_least"])


def table(e: Spec, j: int) -> list[int]:
    """The truth table for groups of ``j`` rows."""
    top, m = largest(e, j), modulus(e, j)
    level: Callable[[int], int]
    match e["kind"]:
        case "category":
            meant = _category(e, j)
            level = lambda x: meant.get(x, INVALID)  # noqa: E731
        case "total":
            sums = _total(e, j)
            level = lambda x: sums.get(x, INVALID)  # noqa: E731
        case "interval":
            level = _interval(e, j)
        case "membership":
            level = lambda x: _membership(e, x)  # noqa: E731
        case "presence":
            level = lambda x: min(x, 1)  # noqa: E731
        case _:
            level = lambda x: x if x < len(e["names"]) else INVALID  # noqa: E731
    return [level(x) if x <= top else INVALID for x in range(m)]


def needs_table(e: Spec) -> bool:
    match e["kind"]:
        case "local":
            return False
        case "presence":
            return bool(e["nodes"] > 1)
        case "membership":
            return sum(e["nodes"]) > 1
    return True

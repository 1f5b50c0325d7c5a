"""How an axis travels: what a node adds to the word, and which level a summed word means.

An axis is a *sum over nodes of something each node knows by itself*. Each encoding says both halves in
one place: the word that a node contributes, and ``levels(j)``, the truth table that maps the sum over
a group of j rows to a final level. Group sizes are public to the holders, so the table (and with it the
traffic) is only as large as j rows can make it.

Final levels are small integers: 0 is ABSENT (or *out* for membership), then the levels by order.
``INVALID`` marks what honest nodes can't produce; it is counted among the conflicts.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ABSENT, MISSING, CONFLICT = "ABSENT", "MISSING", "CONFLICT"
START_ONLY, END_ONLY = "START-ONLY", "END-ONLY"
OUT, IN = "OUT", "IN"
PRESENT = "PRESENT"
INVALID = 255
MAX_LEVELS = 250
MAX_MODULUS = 4096
"""Largest truth table (bytes per group and axis)."""

Codes = NDArray[np.int64]
Bands = Sequence[tuple[int | None, int | None]]
"""Half-open integer ranges by level; ``None`` is unbounded."""


def modulus(largest_word: int) -> int:
    """The power of two above the largest word."""
    return 1 << max(1, int(largest_word).bit_length())


def band(values: Codes, bands: Bands, otherwise: int) -> NDArray[np.int64]:
    """Index of the first range that holds each value, ``otherwise`` where none does."""
    out = np.full(len(values), otherwise, np.int64)
    for index in range(len(bands) - 1, -1, -1):
        low, high = bands[index]
        fits = np.ones(len(values), bool)
        if low is not None:
            fits &= values >= low
        if high is not None:
            fits &= values < high
        out[fits] = index
    return out


class Encoding(ABC):
    """One axis's encoding. ``names`` are the final levels' names by number."""

    names: tuple[str, ...]

    @abstractmethod
    def largest(self, j: int) -> int:
        """The largest word that a group of ``j`` rows can sum to."""

    @abstractmethod
    def decode(self, words: Codes, j: int) -> NDArray[np.int64]:
        """The final level of each word below the modulus; INVALID where j honest rows can't get."""

    @property
    def needs_table(self) -> bool:
        """False where the summed word is the final level already (one supplying node)."""
        return True

    def modulus(self, j: int) -> int:
        return modulus(self.largest(j))

    def levels(self, j: int) -> NDArray[np.uint8]:
        """The truth table for groups of ``j`` rows; shape (modulus(j),), defined everywhere."""
        words = np.arange(self.modulus(j))
        table = self.decode(words, j)
        table[words > self.largest(j)] = INVALID
        return table.astype(np.uint8)


@dataclass(frozen=True)
class Local(Encoding):
    """One node supplies the axis and bands it itself: the word is the final level."""

    names: tuple[str, ...]

    @property
    def needs_table(self) -> bool:
        return False

    def largest(self, j: int) -> int:
        return len(self.names) - 1

    def decode(self, words: Codes, j: int) -> NDArray[np.int64]:
        return np.where(words < len(self.names), words, INVALID)

    def word(self, level: Codes, valid: NDArray[np.bool_]) -> Codes:
        """``level`` counts from 0 in banding order; MISSING, if there is one, comes after the bands."""
        missing = self.names.index(MISSING) if MISSING in self.names else 0
        return np.where(valid, level + 1, missing)


@dataclass(frozen=True)
class Category(Encoding):
    """A level from one of several nodes of a sector: L·(presence) + level; two nodes are a conflict."""

    names: tuple[str, ...]
    nodes: int

    @property
    def count(self) -> int:
        """Levels a present citizen can have (ABSENT and CONFLICT aside)."""
        return len(self.names) - 2

    def largest(self, j: int) -> int:
        return min(self.nodes, j) * (2 * self.count - 1)

    def decode(self, words: Codes, j: int) -> NDArray[np.int64]:
        level = words - self.count + 1
        one = (level >= 1) & (level <= self.count)
        two = (words >= 2 * self.count) & (min(self.nodes, j) >= 2)
        return np.select([words == 0, one, two], [0, level, len(self.names) - 1], INVALID)

    def word(self, level: Codes, valid: NDArray[np.bool_]) -> Codes:
        missing = self.names.index(MISSING) - 1 if MISSING in self.names else 0
        return self.count + np.where(valid, level, missing)


@dataclass(frozen=True)
class Presence(Encoding):
    """Does any node of the sector hold the citizen?"""

    nodes: int
    names: tuple[str, ...] = (ABSENT, PRESENT)

    @property
    def needs_table(self) -> bool:
        return self.nodes > 1

    def largest(self, j: int) -> int:
        return min(self.nodes, j)

    def decode(self, words: Codes, j: int) -> NDArray[np.int64]:
        return np.minimum(words, 1)

    def word(self, rows: int) -> Codes:
        return np.ones(rows, np.int64)


@dataclass(frozen=True)
class Total(Encoding):
    """A sum over every node of its sectors, banded after summing; value + B·(holds) + B·P·(no value).

    Args:
        names: ABSENT, the bands, MISSING and CONFLICT where they can occur.
        nodes: (node, sector) pairs that supply it, as many as one citizen's group can hold.
        per_row: how many of its sectors one node serves, so how many of the pairs one row can carry.
        allowed: how many of them may hold the same citizen; more is a conflict.
        clip: largest contribution of one node.
        bands, other: by level; ``other`` is the band for a sum that fits none (-1: MISSING).
        missing: a node may hold the citizen without a value.
    """

    names: tuple[str, ...]
    nodes: int
    per_row: int
    allowed: int
    clip: int
    bands: tuple[tuple[int | None, int | None], ...]
    other: int
    missing: bool

    @property
    def base(self) -> int:
        """B: above every sum of as many nodes as are allowed."""
        return self.allowed * self.clip + 1

    @property
    def digits(self) -> int:
        """P: above every number of nodes that hold the citizen with a value, carried sums included."""
        return self.nodes + self.nodes // self.allowed + 2

    def _holders(self, j: int) -> int:
        return min(self.nodes, j * self.per_row)

    def largest(self, j: int) -> int:
        p = self._holders(j)
        valued = p * (self.clip + self.base)
        return max(valued, p * self.base * self.digits) if self.missing else valued

    def decode(self, words: Codes, j: int) -> NDArray[np.int64]:
        p = self._holders(j)
        out = np.full(len(words), INVALID, np.int64)
        conflict = self.names.index(CONFLICT) if CONFLICT in self.names else INVALID
        missing = self.names.index(MISSING) if MISSING in self.names else INVALID
        # Enumerate what p or fewer holders can sum to; later rows of the loop are the fuller ones.
        for without in range(p + 1 if self.missing else 1):
            for valued in range(p - without + 1):
                low = self.base * (valued + self.digits * without)
                span = slice(low, low + valued * self.clip + 1)
                if valued + without > self.allowed:
                    out[span] = conflict
                elif valued:
                    sums = np.arange(valued * self.clip + 1)
                    found = band(sums, self.bands, self.other)
                    out[span] = np.where(found < 0, missing, found + 1)
                elif without:
                    out[low] = missing
                else:
                    out[low] = 0
        return out

    def word(self, value: Codes, valid: NDArray[np.bool_]) -> Codes:
        holds = np.where(valid, np.clip(value, 0, self.clip) + self.base, self.base * self.digits)
        return np.where(valid | self.missing, holds, self.base)


@dataclass(frozen=True)
class Interval(Encoding):
    """Units from the start event at one sector to the end event at another.

    The start side adds (span - unit), the end side adds unit, so the sum is the difference + span;
    two presence digits tell who has an event. More than one event on a side is a conflict.
    """

    names: tuple[str, ...]
    start_nodes: int
    end_nodes: int
    both_nodes: int
    """How many nodes serve both sides, so that one row can carry both events."""
    span: int
    bands: tuple[tuple[int | None, int | None], ...]
    other: int

    @property
    def base(self) -> int:
        """Weight of a start event: above the sum of one start and one end."""
        return 2 * self.span + 1

    @property
    def digit(self) -> int:
        """Weight of an end event: above whatever all start events together come to, and, where there can
        be two end events, so far apart that these exceed one start and one end."""
        pair = self.base + (2 * self.span if self.end_nodes > 1 else self.span)
        return max(self.start_nodes * (self.base + self.span), pair) + 1

    def largest(self, j: int) -> int:
        events = j + min(self.both_nodes, j)
        ends = min(self.end_nodes, j)
        starts = min(self.start_nodes, j, events - ends)
        return ends * (self.digit + self.span) + starts * (self.base + self.span)

    def decode(self, words: Codes, j: int) -> NDArray[np.int64]:
        crowded = min(max(self.start_nodes, self.end_nodes), j) > 1
        # What more than one event on a side can sum to is a conflict; the four clean cases overwrite
        # their own words, from which base and digit keep everything else away.
        out = np.full(len(words), self.names.index(CONFLICT) if crowded else INVALID, np.int64)
        out[words == 0] = 0
        out[(words >= self.base) & (words <= self.base + self.span)] = 1
        out[(words >= self.digit) & (words <= self.digit + self.span)] = 2
        both = self.base + self.digit
        value = words - both
        inside = (value >= 0) & (value <= 2 * self.span)
        found = band(value - self.span, self.bands, self.other)
        named = np.where(
            found < 0, self.names.index(MISSING) if MISSING in self.names else INVALID, found + 3
        )
        out[inside] = named[inside]
        return out

    def start_word(self, unit: Codes, valid: NDArray[np.bool_]) -> Codes:
        return np.where(valid, self.base + self.span - unit, 0)

    def end_word(self, unit: Codes, valid: NDArray[np.bool_]) -> Codes:
        return np.where(valid, self.digit + unit, 0)


@dataclass(frozen=True)
class Membership(Encoding):
    """In or out of the target group: at least ``at_least`` of the sectors say yes.

    One digit per sector (how many of its nodes say yes); with ``at_least`` 1 a single digit serves all.
    ``per_row``: how many of the sectors one node serves.
    """

    nodes: tuple[int, ...]
    per_row: int
    at_least: int
    names: tuple[str, ...] = (OUT, IN)

    def weights(self) -> tuple[int, ...]:
        """The weight of a yes, by sector."""
        if self.at_least == 1:
            return (1,) * len(self.nodes)
        weights = [1]
        for n in self.nodes[:-1]:
            weights.append(weights[-1] * (n + 1))
        return tuple(weights)

    @property
    def needs_table(self) -> bool:
        return sum(self.nodes) > 1

    def largest(self, j: int) -> int:
        if self.at_least == 1:
            return min(sum(self.nodes), j * self.per_row)
        return sum(w * min(n, j) for w, n in zip(self.weights(), self.nodes, strict=True))

    def decode(self, words: Codes, j: int) -> NDArray[np.int64]:
        if self.at_least == 1:
            return (words >= 1).astype(np.int64)
        yes = np.zeros(len(words), np.int64)
        for weight, n in zip(self.weights(), self.nodes, strict=True):
            yes += (words // weight) % (n + 1) > 0
        return (yes >= self.at_least).astype(np.int64)


@dataclass(frozen=True)
class Merged(Encoding):
    """Another axis's words, read more coarsely: its level l becomes ``merge[l]``. Always by a table."""

    names: tuple[str, ...]
    inner: Encoding
    merge: tuple[int, ...]

    def largest(self, j: int) -> int:
        return self.inner.largest(j)

    def decode(self, words: Codes, j: int) -> NDArray[np.int64]:
        table = np.full(256, INVALID, np.int64)
        table[: len(self.merge)] = self.merge
        return table[self.inner.decode(words, j)]

"""One-time truth tables: mapping a shared word to a shared level without opening it.

(Ishai, Kushilevitz, Meldgaard, Orlandi, Paskin-Cherniavsky 2013.) For every group and table axis the
dealer rotates the truth table by a random r and shares it and r between the holders. The holders open
u = x - r mod M, which is uniform, and read off their share of f(x) at u.

The *table stream* is, word by word, group by group, the M bytes of one rotated table. M depends on the
group's size alone, which everybody here knows. C's share of the stream is a seed, A's is bulk; a holder
keeps one byte per table of it and never has it whole. A margin's merged axes are words of their own: their
tables have their own r, so what is opened for them says nothing more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from samklang.protocol.encodings import INVALID
from samklang.protocol.linking import Grouping, sum_all
from samklang.protocol.prg import Label, draw, keystream
from samklang.protocol.program import Program
from samklang.protocol.streams import PIECE, LookupSink, as_bytes
from samklang.protocol.words import Column, Shape, Words


@dataclass(frozen=True, slots=True)
class Block:
    """The tables of one axis word for all groups of one size: ``groups`` tables of ``modulus`` bytes."""

    word: int
    size: int
    groups: int
    modulus: int


class TablePlan:
    """Which tables there are, from the program and the public group sizes."""

    def __init__(self, program: Program, sizes: NDArray[np.int64]) -> None:
        self.program = program
        self.mapped = int(sizes[: program.largest_group].sum())
        """Groups that get tables; larger ones, if any, come last and are invalid."""
        self.words = program.group_words
        self.blocks = [
            Block(word, j, count, self.words[word].encoding.modulus(j))
            for word in program.tables
            for j, count in enumerate(sizes[: program.largest_group].tolist(), start=1)
            if count
        ]
        self.entries = sum(b.groups for b in self.blocks)
        self.nbytes = sum(b.groups * b.modulus for b in self.blocks)

    def masks(self) -> NDArray[np.uint16]:
        """M - 1 of every table, shape (entries,)."""
        masks = np.asarray([b.modulus - 1 for b in self.blocks], np.uint16)
        return np.repeat(masks, [b.groups for b in self.blocks])

    def rotations(self, seed: bytes, attempt: int) -> NDArray[np.uint16]:
        """One holder's share of every r, modulo its M; shape (entries,)."""
        return draw(self.entries, np.uint16, seed, Label(attempt, "tables/rotation")) & self.masks()

    def positions(self, u: NDArray[np.uint16]) -> NDArray[np.int64]:
        """Where in the stream the byte of each table stands that u selects; ascending."""
        out = np.empty(self.entries, np.int64)
        entry = byte = 0
        for block in self.blocks:
            part = slice(entry, entry + block.groups)
            out[part] = np.arange(byte, byte + block.groups * block.modulus, block.modulus)
            entry, byte = part.stop, byte + block.groups * block.modulus
        out += u
        return out


def share_label(attempt: int) -> Label:
    """Label of C's share of the table stream."""
    return Label(attempt, "tables/share")


def deal(plan: TablePlan, r: NDArray[np.uint16], seed: bytes, attempt: int) -> Iterator[memoryview]:
    """A's share of the table stream: the rotated tables minus C's share, piece by piece."""
    stream = keystream(seed, share_label(attempt))
    offset = 0
    for block in plan.blocks:
        table = plan.words[block.word].encoding.levels(block.size)
        doubled = np.concatenate([table, table])
        rotated = np.lib.stride_tricks.sliding_window_view(doubled, block.modulus)[:-1].copy()
        step = max(1, PIECE // block.modulus)
        pad = np.empty((min(step, block.groups), block.modulus), np.uint8)
        for start in range(0, block.groups, step):
            part = r[offset + start : offset + min(start + step, block.groups)]
            dealt = rotated.take(part, axis=0)
            stream(pad[: len(part)])
            np.subtract(dealt, pad[: len(part)], out=dealt)
            yield as_bytes(dealt)
        offset += block.groups


def look_up_seeded(plan: TablePlan, u: NDArray[np.uint16], seed: bytes, attempt: int) -> NDArray[np.uint8]:
    """C's share of every level: its own stream, read at u."""
    out = np.empty(plan.entries, np.uint8)
    sink = LookupSink(plan.nbytes, plan.positions(u), out)
    stream = keystream(seed, share_label(attempt))
    buffer = np.empty(PIECE, np.uint8)
    for start in range(0, plan.nbytes, PIECE):
        part = buffer[: min(PIECE, plan.nbytes - start)]
        stream(part)
        sink.write(as_bytes(part))
    sink.close()
    return out


def masked_words(plan: TablePlan, axes: list[Column], rotation: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """One holder's share of u = x - r for every table; shape (entries,).

    Reduced modulo M here: unreduced, the high bits would say something of x.
    """
    words = [axes[plan.words[word].source][: plan.mapped] for word in plan.program.tables]
    x = np.concatenate(words) if words else np.empty(0, np.uint16)
    return (x - rotation) & plan.masks()


def grouped(program: Program, grouping: Grouping, rows: Words) -> Words:
    """One holder's share of the groups before banding: measures and axes added up, tags left out."""
    columns = sum_all(rows.columns[2:], grouping)
    return Words(Shape(len(program.words), len(program.axes), np.uint16), columns)


def banded(plan: TablePlan, groups: Words, levels: NDArray[np.uint8], *, first: bool) -> Words:
    """One holder's share of the groups after banding.

    Args:
        groups: what :func:`grouped` made.
        levels: its share of every looked-up level, shape (entries,).
        first: whether it is C; one of the two writes INVALID where a group is too large.
    """
    program = plan.program
    out: list[Column] = list(groups.wide)
    for position, word in enumerate(plan.words):
        column = groups.narrow[word.source].astype(np.uint8)
        if word.looked_up:
            start = program.tables.index(position) * plan.mapped
            column[: plan.mapped] = levels[start : start + plan.mapped]
        column[plan.mapped :] = INVALID if first else 0
        out.append(column)
    return Words(program.group_shape, out)

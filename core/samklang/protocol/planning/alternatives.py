"""Coarser questions: another banding of an axis, or an axis less, and what each would be worth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from samklang.errors import SamklangError
from samklang.model.codebook import Codebook
from samklang.model.manifest import Manifest
from samklang.model.query import Draft
from samklang.protocol.compile import compile_query
from samklang.protocol.planning.changes import Change, coarser_bandings, described, reband, without_axis
from samklang.protocol.planning.expected import expected_table
from samklang.protocol.planning.precision import Precision, precision, threshold

__all__ = ["Alternative", "alternatives"]

MOST = 3
WORTH = 0.02
"""An alternative is named if it makes this share of the citizens better off."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """One coarser question.

    Attributes:
        change: what to write instead.
        cells: released cells.
        precision: of its expected table.
    """

    change: Change
    cells: int
    precision: Precision


def alternatives(
    query: Draft, manifest: Manifest, codebook: Codebook, now: Precision, min_count: int
) -> list[Alternative]:
    """At most :data:`MOST` coarser questions that help, the best first."""
    found = []
    for changed in _coarser(query, codebook):
        try:
            program = compile_query(manifest, codebook, changed)
        except SamklangError:
            continue  # e.g. a sector fewer, and so a node too few
        sd = program.noise.released_sd
        expected = expected_table(program, changed, codebook)
        better = precision(expected.counts, sd, threshold(min_count, sd))
        if better is None:
            continue
        if max(better.within - now.within, better.shown - now.shown) >= WORTH:
            (change,) = described(query, changed)
            found.append(Alternative(change, program.released, better))
    # A change of banding keeps the question; leaving an axis out asks another one.
    found.sort(key=lambda a: (not a.change.new, -a.precision.within, -a.precision.shown))
    return found[:MOST]


def _coarser(query: Draft, codebook: Codebook) -> Iterator[Draft]:
    for index in range(len(query.axes)):
        for banding in coarser_bandings(query, index, codebook):
            if (changed := reband(query, index, banding, codebook)) is not None:
                yield changed
        if (changed := without_axis(query, index)) is not None:
            yield changed

"""Two questions: are there unions of cells of each that share many citizens and differ in few?

*Few*: fewer than ``least``. *Many*: at least as many, so that both unions may well be shown, and at least
:data:`SHARED_PER_DIFFERING` times what they differ in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from samklang.model.codebook import Codebook
from samklang.policy.differencing.dates import Dates
from samklang.policy.differencing.dimensions import (
    NEUTRAL,
    Option,
    Way,
    dimensions,
    joined,
    little,
    unknown,
)
from samklang.policy.differencing.pieces import TINY
from samklang.policy.differencing.publics import Publics
from samklang.policy.differencing.shape import Shape

__all__ = ["SHARED_PER_DIFFERING", "Comparison", "Finding", "compare"]

SHARED_PER_DIFFERING = 4
"""Two unions overlap *in all but few* if they share at least four times what they differ in."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Two tables whose difference is about few citizens.

    Attributes:
        where: variables, sectors, ``period``, ``nodes`` or ``target group`` in which the unions differ.
        citizens: expected in the difference, by public figures; None if they don't say.
    """

    where: tuple[str, ...]
    citizens: float | None


class Comparison:
    """Comparisons over one codebook; figures are looked up once.

    Args:
        codebook: today's; its figures are used.
        least: citizens that two unions must differ in, at least.
    """

    def __init__(self, codebook: Codebook, least: int) -> None:
        self._codebook = codebook
        self._least = least
        self._publics: dict[str | None, Publics] = {}
        self._dates = Dates(codebook)

    def __call__(self, new: Shape, earlier: Shape) -> Finding | None:
        """The difference about the fewest citizens, if it is about fewer than ``least``; None if there is
        none that the documents tell of. The order of the two doesn't matter."""
        group = None
        extra: list[list[Way]] = []
        if new.group == earlier.group:
            group = new.group.id if new.group else None
        else:
            written = new.with_group_as_filter(), earlier.with_group_as_filter()
            if written[0] is not None and written[1] is not None:
                new, earlier = written[0], written[1]
            else:
                extra = [[Way(self._groups(new, earlier))]]
        if new.period != earlier.period and not little(new, earlier):
            new, earlier = self._dates.settled(new, earlier)
        publics = self._of(group)
        found = dimensions(new, earlier, publics)
        if found is None:
            return None
        return self._search([*extra, *found], publics.citizens)

    def _of(self, group: str | None) -> Publics:
        if group not in self._publics:
            self._publics[group] = Publics(self._codebook, group)
        return self._publics[group]

    def _groups(self, new: Shape, earlier: Shape) -> Option:
        """Two groups differ in as many citizens as their sizes do, at least; who is in both isn't public."""
        everybody = self._of(None).citizens
        sizes = [self._of(s.group.id if s.group else None).citizens for s in (new, earlier)]
        where = "target group"
        if everybody is None or sizes[0] is None or sizes[1] is None:
            return unknown(where)
        first, second = (size / everybody for size in sizes if size is not None)
        both = min(first, second)
        both = both if first != second else both * (1 - TINY)
        return Option(first, second, both, (where,), False, both)

    def _search(self, found: Sequence[Sequence[Way]], citizens: int | None) -> Finding | None:
        """The difference about the fewest citizens; branches that share too little are left at once."""
        best: tuple[float, Option] | None = None
        ordered = sorted(found, key=len)

        def visit(position: int, so_far: Option, same: list[Sequence[Option]]) -> None:
            nonlocal best
            # Every further dimension makes a difference larger beside what is shared.
            if so_far.where and SHARED_PER_DIFFERING * _apart(so_far) > so_far.both:
                return
            if position == len(ordered):
                size = self._fewest(so_far, same, citizens) if so_far.where else None
                if size is not None and (best is None or size < best[0]):
                    known = so_far.known and all(o.known for options in same for o in options)
                    best = size, replace(so_far, known=known)
                return
            for way in ordered[position]:
                visit(position + 1, joined(so_far, way.pair), [*same, way.parts])

        visit(0, NEUTRAL, [])
        if best is None:
            return None
        size, option = best
        known = option.known and citizens is not None
        return Finding(tuple(dict.fromkeys(option.where)), round(size, 1) if known else None)

    def _fewest(self, pair: Option, same: Sequence[Sequence[Option]], citizens: int | None) -> float | None:
        """Citizens in which two unions differ, one of them ``pair`` in each of some of the parts that both
        tables have in common; the fewest, if they are few and share enough, else None.

        A part is a product of one of ``same`` in each dimension. Which parts to take is no hard question:
        shared and differing are four times apart, so if all parts that are small enough by themselves come
        to enough together, then either the smallest ones do just so, or one of them alone.
        """
        if citizens is None:
            return 0.0
        small, large = np.ones(1), np.ones(1)
        for options in same:
            small = np.multiply.outer(small, [o.both for o in options]).ravel()
            large = np.multiply.outer(large, [o.most for o in options]).ravel()
        differing, shared = citizens * _apart(pair) * small, citizens * pair.most * large
        few = differing < self._least
        order = np.argsort(differing[few], kind="stable")
        differing, shared = differing[few][order], shared[few][order]
        enough = np.flatnonzero(np.cumsum(shared) >= self._least)
        if not len(enough):
            return None
        together = float(differing[: enough[0] + 1].sum())
        alone = differing[shared >= self._least]
        fewest = min([together, *([float(alone[0])] if len(alone) else [])])
        return fewest if fewest < self._least else None


def _apart(option: Option) -> float:
    return max(0.0, option.first + option.second - 2 * option.both)


def compare(new: Shape, earlier: Shape, codebook: Codebook, least: int) -> Finding | None:
    """See :class:`Comparison`."""
    return Comparison(codebook, least)(new, earlier)

"""Two questions: is there a box of each whose difference is about few citizens, and not about many?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from samklang.model.codebook import Codebook
from samklang.policy.differencing.dimensions import Option, dimensions, joined
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

    def __call__(self, new: Shape, earlier: Shape) -> Finding | None:
        """The difference about the fewest citizens, if it is about fewer than ``least``; None if there is
        none that the documents tell of. The order of the two doesn't matter."""
        group = None
        extra: list[list[Option]] = []
        if new.group == earlier.group:
            group = new.group.id if new.group else None
        else:
            written = new.with_group_as_filter(), earlier.with_group_as_filter()
            if written[0] is not None and written[1] is not None:
                new, earlier = written[0], written[1]
            else:
                extra = [[self._groups(new, earlier)]]
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
        where = ("target group",)
        if everybody is None or sizes[0] is None or sizes[1] is None:
            return Option(1, 1, 1 - TINY, where, False)
        first, second = (size / everybody for size in sizes if size is not None)
        both = min(first, second)
        return Option(first, second, both if first != second else both * (1 - TINY), where, False)

    def _search(self, found: Sequence[Sequence[Option]], citizens: int | None) -> Finding | None:
        """The box with the smallest difference; branches that share too little are left at once."""
        best: tuple[float, Option] | None = None
        ordered = sorted(found, key=len)

        def visit(position: int, so_far: Option) -> None:
            nonlocal best
            difference = so_far.first + so_far.second - 2 * so_far.both
            # Every further dimension makes a difference larger beside what is shared.
            if so_far.where and SHARED_PER_DIFFERING * difference > so_far.both:
                return
            if position == len(ordered):
                size = difference * (citizens or 0)
                if so_far.where and size < self._least and (best is None or size < best[0]):
                    best = size, so_far
                return
            for option in ordered[position]:
                visit(position + 1, joined(so_far, option))

        visit(0, Option(1.0, 1.0, 1.0))
        if best is None:
            return None
        size, option = best
        known = option.known and citizens is not None
        return Finding(tuple(dict.fromkeys(option.where)), round(size, 1) if known else None)


def compare(new: Shape, earlier: Shape, codebook: Codebook, least: int) -> Finding | None:
    """See :class:`Comparison`."""
    return Comparison(codebook, least)(new, earlier)

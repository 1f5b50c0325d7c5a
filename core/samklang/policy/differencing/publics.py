"""Public figures as the comparison asks for them: citizens, who is known to a sector, shares of levels.

The target group's own figures come first, the whole population's behind them, as in plans. What neither has
is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from samklang.model.codebook import Banding, Codebook, Figures, Measure
from samklang.model.policy import WHOLE_POPULATION
from samklang.policy.differencing.atoms import Atom, shares_of
from samklang.policy.differencing.shape import Uses, unlabelled

__all__ = ["Publics"]

R = TypeVar("R")
Make = Callable[[], R]
_REMEMBERED = 50_000


class Publics:
    """The figures of ``codebook`` for one target group (None: the whole population)."""

    def __init__(self, codebook: Codebook, group: str | None) -> None:
        whole = codebook.figures.get(WHOLE_POPULATION)
        own = whole if group is None else codebook.figures.get(group)
        self._codebook = codebook
        self._figures = [f for f in dict.fromkeys(map(_Same, (own, whole))) if f.figures is not None]
        self.citizens: int | None = own.citizens if own else None
        self._cache: dict[object, tuple[tuple[Atom, ...], tuple[float, ...] | None]] = {}
        self._memo: dict[tuple[object, ...], tuple[object, object, Any]] = {}

    def remembered(self, kind: str, name: str, mine: Uses | None, theirs: Uses | None, make: Make[R]) -> R:
        """``make()``, or what it returned for these very objects before."""
        key = (kind, name, id(mine), id(theirs))
        if key not in self._memo:
            if len(self._memo) >= _REMEMBERED:
                self._memo.clear()
            self._memo[key] = mine, theirs, make()  # kept alive, so that an id stands for one object
        result: R = self._memo[key][2]
        return result

    def present(self, sector: str) -> float | None:
        """Share of the citizens whom a sector knows."""
        for found in self._figures:
            if found.figures is not None and sector in found.figures.sectors:
                return found.figures.sectors[sector] / found.figures.citizens
        return None

    def atoms(
        self, name: str, uses: Uses, bandings: Sequence[Banding]
    ) -> tuple[tuple[Atom, ...], tuple[float, ...] | None]:
        """Atoms of ``bandings`` of a variable and their shares among those whom its sectors know."""
        key = (name, uses.meaning, tuple(bandings))
        if key not in self._cache:
            self._cache[key] = shares_of(
                bandings, self._known(name), interval=uses.interval, always=uses.always
            )
        return self._cache[key]

    def _known(self, name: str) -> list[tuple[Banding, dict[str, float]]]:
        variable = self._codebook.variables.get(name)
        if variable is None or isinstance(variable, Measure):
            return []
        for found in self._figures:
            assert found.figures is not None
            shares = found.figures.shares
            if known := [
                (unlabelled(banding), {level: float(s) for level, s in shares[f"{name}/{id_}"].items()})
                for id_, banding in variable.bandings.items()
                if f"{name}/{id_}" in shares
            ]:
                return known
        return []


class _Same:
    """Figures, told apart by which they are."""

    def __init__(self, figures: Figures | None) -> None:
        self.figures = figures

    def __hash__(self) -> int:
        return id(self.figures)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.figures is self.figures

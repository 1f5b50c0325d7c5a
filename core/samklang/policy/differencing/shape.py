"""The shape of a question: which citizens its cells are made of, with the definitions of its own codebook.

Measures, ε, purpose and title don't change who is in a cell and are left out. A shape holds everything that
it names (bandings, filters), so that it can be compared after the codebook has changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from samklang.model.base import Document, Label
from samklang.model.canonical import digest, digest_bytes
from samklang.model.checks.codebook import suppliers
from samklang.model.checks.query import touched_sectors
from samklang.model.codebook import Banding, Codebook, Interval, Measure, TargetGroup, Total
from samklang.model.manifest import Manifest
from samklang.model.query import Draft, Period, PresenceAxis

__all__ = [
    "ABSENT",
    "Group",
    "Kept",
    "Shape",
    "Uses",
    "interned",
    "meaning_of",
    "meaning_of_group",
    "shape_of",
    "unlabelled",
    "used_bandings",
]

ABSENT, PRESENT_REQUIRED = "ABSENT", "present"
_NOTHING = Label(en="", da="")


class Kept(Document):
    """Only citizens whose level in ``banding`` is one of ``levels``."""

    banding: Banding
    levels: tuple[str, ...]


class Uses(Document):
    """What a question does with one variable.

    ``meaning``: digest of the variable's definition without its bandings. ``split``: the banding of the axis,
    if it is one; ``required``: the levels of it that are released, None for all of them. ``within``: filters.
    """

    meaning: str
    sectors: tuple[str, ...]
    interval: bool = False
    always: bool = False
    """Nobody whom the sector knows is without a value."""
    split: Banding | None = None
    required: tuple[str, ...] | None = None
    within: tuple[Kept, ...] = ()

    @property
    def local(self) -> bool:
        """One sector supplies it, so that ABSENT is absence there."""
        return len(self.sectors) == 1 and not self.interval

    def keeps(self, level: str) -> bool:
        """Whether ``level`` of the axis is released."""
        wanted = self.required
        return wanted is None or level in wanted or (PRESENT_REQUIRED in wanted and level != ABSENT)


class Group(Document):
    """A target group; ``part``: what it means where one sector alone decides and by levels alone."""

    id: str
    meaning: str
    sector: str = ""
    part: dict[str, Uses] | None = None


class Shape(Document):
    """``nodes``: by sector that is read. ``presence``: by sector, the levels of a presence axis that are
    released (None: both). ``present``: sectors that a citizen must be known to."""

    period: Period
    group: Group | None = None
    nodes: dict[str, tuple[str, ...]]
    presence: dict[str, tuple[str, ...] | None] = {}
    present: tuple[str, ...] = ()
    variables: dict[str, Uses] = {}

    def with_group_as_filter(self) -> Shape | None:
        """The same question with its target group written out; None if that can't be done."""
        if self.group is None:
            return self
        if self.group.part is None:
            return None
        merged = dict(self.variables)
        for name, uses in self.group.part.items():
            own = merged.get(name, uses.model_copy(update={"within": ()}))
            merged[name] = own.model_copy(update={"within": (*own.within, *uses.within)})
        present = tuple(sorted({*self.present, self.group.sector}))
        return self.model_copy(update={"group": None, "variables": merged, "present": present})


def interned(shape: Shape, known: dict[Uses, Uses]) -> Shape:
    """``shape`` made of the parts in ``known`` that equal its own: comparisons are remembered by object."""
    variables = {name: known.setdefault(uses, uses) for name, uses in shape.variables.items()}
    return shape.model_copy(update={"variables": variables})


def shape_of(query: Draft, manifest: Manifest, codebook: Codebook) -> Shape:
    """The shape of a question that has passed :func:`samklang.model.checks.check_query`."""
    variables: dict[str, Uses] = {}
    presence: dict[str, tuple[str, ...] | None] = {}
    for axis in query.axes:
        if isinstance(axis, PresenceAxis):
            presence[axis.presence] = query.require.get(axis.presence)
            continue
        uses, banding = _uses(codebook, axis.variable), _banding(codebook, axis.variable, axis.banding)
        variables[axis.variable] = uses.model_copy(
            update={"split": banding, "required": query.require.get(axis.variable)}
        )
    present: set[str] = set()
    for kept in query.filter:
        own = variables.get(kept.variable, _uses(codebook, kept.variable))
        banding = _banding(codebook, kept.variable, kept.banding)
        within = (*own.within, Kept(banding=banding, levels=kept.levels))
        variables[kept.variable] = own.model_copy(update={"within": within})
        present.update(own.sectors)
    touched = touched_sectors(query, codebook)
    chosen = [n for n in manifest.nodes if query.nodes is None or n.id in query.nodes]
    return Shape(
        period=query.period,
        group=None if query.target_group is None else _group(codebook, query.target_group),
        nodes={s: tuple(sorted(n.id for n in chosen if s in n.sectors)) for s in sorted(touched)},
        presence=presence,
        present=tuple(sorted(present)),
        variables=variables,
    )


def _uses(codebook: Codebook, name: str) -> Uses:
    variable = codebook.variables[name]
    assert not isinstance(variable, Measure)
    return Uses(
        meaning=meaning_of(codebook, name),
        sectors=tuple(sorted(suppliers(variable))),
        interval=isinstance(variable, Interval),
        always=not isinstance(variable, Interval) and variable.default is not None,
    )


def meaning_of(codebook: Codebook, name: str) -> str:
    """Digest of a variable's definition, without its bandings and what only people read."""
    variable = codebook.variables[name]
    return digest(variable.model_copy(update={"bandings": {}, "label": codebook.codebook.label}))


def _banding(codebook: Codebook, variable: str, banding: str) -> Banding:
    found = codebook.variables[variable]
    assert not isinstance(found, Measure)
    bare: Banding = found.bandings[banding]
    return unlabelled(bare)


def unlabelled(banding: Banding) -> Banding:
    """The banding without what only people read."""
    levels = tuple(level.model_copy(update={"label": _NOTHING}) for level in banding.levels)
    return banding.model_copy(update={"levels": levels})


def meaning_of_group(codebook: Codebook, name: str) -> str:
    """Digest of a target group's definition, without what only people read."""
    return _group(codebook, name).meaning


def _group(codebook: Codebook, name: str) -> Group:
    group = codebook.target_groups[name]
    bare = group.model_copy(update={"label": codebook.codebook.label})
    bandings = {
        (c.variable, c.banding): _banding(codebook, c.variable, c.banding) for p in group.parts for c in p.all
    }
    definitions = [digest(bare), *(digest(b) for b in bandings.values())]
    definitions += [_uses(codebook, variable).meaning for variable, _ in bandings]
    return Group(
        id=name,
        meaning=digest_bytes("\n".join(definitions).encode()),
        sector=group.parts[0].sector,
        part=_part(codebook, group, bandings),
    )


def _part(
    codebook: Codebook, group: TargetGroup, bandings: Mapping[tuple[str, str], Banding]
) -> dict[str, Uses] | None:
    """The clauses of a group that one sector decides by one part; a total's clause is about one node alone,
    which is another thing than the total unless one node supplies it."""
    (first, *more) = group.parts
    if more or any(isinstance(codebook.variables[c.variable], Total) for c in first.all):
        return None
    found: dict[str, Uses] = {}
    for clause in first.all:
        own = found.get(clause.variable, _uses(codebook, clause.variable))
        kept = Kept(banding=bandings[clause.variable, clause.banding], levels=clause.levels)
        found[clause.variable] = own.model_copy(update={"within": (*own.within, kept)})
    return found


def used_bandings(shapes: Iterable[Uses]) -> list[Banding]:
    """Every banding that splits or filters, once."""
    found: dict[Banding, None] = {}
    for uses in shapes:
        if uses.split is not None:
            found[uses.split] = None
        found.update(dict.fromkeys(kept.banding for kept in uses.within))
    return list(found)

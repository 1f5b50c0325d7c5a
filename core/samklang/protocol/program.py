"""The program of a query: everything the parties compute with, as numbers.

Compiled by every party for itself from the same documents (:mod:`samklang.protocol.compile`); its digest
stands in the transcript, so parties that would compute differently don't start.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
import rfc8785
from numpy.typing import NDArray

from samklang.privacy.budget import NoisePlan
from samklang.privacy.sensitivity import Bounds
from samklang.protocol.cells import AxisLevels, Cells
from samklang.protocol.describe import describe
from samklang.protocol.encodings import Encoding, Merged
from samklang.protocol.table import Table
from samklang.protocol.words import Shape

FeatureKind = Literal["level", "number", "units", "measure"]


@dataclass(frozen=True, slots=True)
class Feature:
    """One value per citizen that a node computes at one of its sectors.

    Attributes:
        variable: the codebook's variable.
        kind: ``level`` (index in ``banding``), ``number`` (clipped integer), ``units`` (interval side,
            ``side`` start or end), ``measure`` (scaled clipped integer).
    """

    variable: str
    kind: FeatureKind
    banding: str = ""
    side: Literal["", "start", "end"] = ""

    @property
    def name(self) -> str:
        return "/".join(p for p in (self.variable, self.banding or self.side, self.kind) if p)


@dataclass(frozen=True, slots=True)
class LevelFilter:
    """Keep the citizens of a sector whose level index in ``feature`` is one of ``levels``."""

    feature: Feature
    levels: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AxisProgram:
    """One axis. ``features`` maps each supplying sector to what its nodes compute for it;
    ``clauses`` (membership alone) maps a sector to alternatives, each a conjunction of filters;
    ``banding`` names the codebook's, where there is one."""

    levels: AxisLevels
    encoding: Encoding
    features: dict[str, tuple[Feature, ...]] = field(default_factory=dict)
    clauses: dict[str, tuple[tuple[LevelFilter, ...], ...]] = field(default_factory=dict)
    hidden: bool = False
    banding: str = ""

    @property
    def name(self) -> str:
        return self.levels.name


@dataclass(frozen=True, slots=True)
class MeasureWord:
    """A word of a row that carries a measure: what a node adds to it for one citizen at one sector.

    x is the value in whole 1/``scale`` of a unit (1 for a count), clipped to the bounds of the citizen's
    class; the word is x or, centred, 2x - (lo + hi) of that class.

    Attributes:
        name, count: the codebook's measure; whether it is the count of values instead of their sum.
        features: sector → what its nodes compute.
        scale: integers per unit.
        clip: scaled bounds by class: class 0 is the whole measure's; where there are more, class l is that
            of the final level l of the axis that ``by`` supplies.
        by: which of the sector's own levels says the class; None: all are of class 0.
        unknown: class of a citizen without such a level.
        centre: lo + hi by class; empty if the word isn't centred.
        missing: what a citizen of the sector without a value adds: ``zero``, the word of the value 0, or
            ``nothing``, the word 0.
    """

    name: str
    count: bool
    features: dict[str, Feature]
    scale: int
    clip: tuple[tuple[int, int], ...]
    by: Feature | None
    unknown: int
    centre: tuple[int, ...]
    missing: Literal["zero", "nothing"]


@dataclass(frozen=True, slots=True)
class MeasureProgram:
    """One measure of a table.

    Attributes:
        name, count, scale: as in the word.
        word: position of its word among the program's ``words``.
        axis: position, among the table's axes, of the one whose level is a cell's class; -1: all cells are
            of class 0.
        clip: scaled bounds of a value by class.
        centred: by which number a sum can be told from its centred words: ``citizens`` of the cell,
            ``values`` that the count of the same measure says, or empty: not centred.
        bounds: what one citizen can add to a cell's sum, by class.
        sectors: sector → how many of its nodes one citizen's group can hold.
    """

    name: str
    count: bool
    scale: int
    word: int
    axis: int
    clip: tuple[tuple[int, int], ...]
    centred: Literal["", "citizens", "values"]
    bounds: tuple[Bounds, ...]
    sectors: dict[str, int]


@dataclass(frozen=True, slots=True)
class MergedAxis:
    """An axis of a margin, looked up in a table of its own from the same summed words: level l of axis
    ``source`` becomes level ``merge[l]``. ``banding`` names the codebook's; without one it only says whether
    the citizen's cell is released."""

    levels: AxisLevels
    source: int
    merge: tuple[int, ...]
    banding: str = ""

    @property
    def name(self) -> str:
        return self.levels.name


@dataclass(frozen=True, slots=True)
class Margin:
    """A second, coarser table about the same citizens, opened by itself.

    Attributes:
        merged: axes made for it; they stand behind the program's axes among a group's words.
        columns: which of a group's axis words are its axes.
        shown: places of the axes that the query reports by; the others say whether cells are released.
        measures: as in the table, in the same order.
    """

    merged: tuple[MergedAxis, ...]
    columns: tuple[int, ...]
    shown: tuple[int, ...]
    cells: Cells
    measures: tuple[MeasureProgram, ...]


@dataclass(frozen=True, slots=True)
class GroupWord:
    """An axis word of a group after banding: from which summed word, and by which encoding."""

    source: int
    encoding: Encoding

    @property
    def looked_up(self) -> bool:
        return self.encoding.needs_table


@dataclass(frozen=True)
class Program:
    """See the module's docstring.

    Attributes:
        inputs: the input parties, in the manifest's order.
        compute: compute parties A, B, C.
        linker: the coordinator.
        sectors: input party → its sectors that the query touches.
        words: the measures' words of a row.
        margin: a coarser table that is opened beside the table.
        largest_group: k_max; a citizen held by more nodes is counted among the conflicts.
    """

    inputs: tuple[str, ...]
    compute: tuple[str, str, str]
    linker: str
    sectors: dict[str, tuple[str, ...]]
    filters: dict[str, tuple[LevelFilter, ...]]
    axes: tuple[AxisProgram, ...]
    words: tuple[MeasureWord, ...]
    measures: tuple[MeasureProgram, ...]
    cells: Cells
    margin: Margin | None
    noise: NoisePlan
    largest_group: int

    @property
    def contributors(self) -> tuple[str, ...]:
        """Who sends rows: the input parties, and compute parties that only send padding."""
        return (*self.inputs, *(p for p in self.compute if p not in self.inputs))

    @property
    def participants(self) -> tuple[str, ...]:
        """Everybody with a key: contributors and the linker."""
        extra = () if self.linker in self.contributors else (self.linker,)
        return (*self.contributors, *extra)

    @property
    def row_shape(self) -> Shape:
        """Words of a row: two of the tag, the measures', one per axis."""
        return Shape(2 + len(self.words), len(self.axes), np.uint16)

    @property
    def group_shape(self) -> Shape:
        """Words of a group after banding, the margin's included."""
        return Shape(len(self.words), len(self.group_words), np.uint8)

    @property
    def group_words(self) -> tuple[GroupWord, ...]:
        """A group's axis words: the axes, then those merged for the margin."""
        own = tuple(GroupWord(i, axis.encoding) for i, axis in enumerate(self.axes))
        if self.margin is None:
            return own
        merged = (
            GroupWord(m.source, Merged(m.levels.names, self.axes[m.source].encoding, m.merge))
            for m in self.margin.merged
        )
        return (*own, *merged)

    @property
    def tables(self) -> tuple[int, ...]:
        """Positions of the axis words of a group that need a truth table."""
        return tuple(i for i, word in enumerate(self.group_words) if word.looked_up)

    @cached_property
    def table(self) -> Table:
        """What the query asks for, as it is opened."""
        columns = tuple(range(len(self.axes)))
        shown = tuple(i for i, axis in enumerate(self.axes) if not axis.hidden)
        return Table("", columns, self.axes, shown, self.cells, self.measures, self.noise)

    @cached_property
    def margin_table(self) -> Table | None:
        """The margin, as it is opened."""
        margin = self.margin
        if margin is None or self.noise.margin is None:
            return None
        every: list[AxisProgram | MergedAxis] = [*self.axes, *margin.merged]
        axes = tuple(every[c] for c in margin.columns)
        return Table(
            "margin/",
            margin.columns,
            axes,
            margin.shown,
            margin.cells,
            margin.measures,
            self.noise.margin,
        )

    @cached_property
    def margin_cells(self) -> NDArray[np.int64]:
        """The cell of the margin that each released cell is part of, shape (K,); -1 where it is in none:
        its citizens are absent on all axes that are reported by."""
        assert self.margin is not None
        levels = self.cells.levels[self.cells.kept]
        own = [levels[:, i] for i in range(len(self.axes))]
        own += [np.asarray(m.merge, np.uint8)[own[m.source]] for m in self.margin.merged]
        columns = [own[c] for c in self.margin.columns]
        place = np.full(self.margin.cells.opened + 1, -1, np.int64)
        place[self.margin.cells.kept] = np.arange(len(self.margin.cells.kept))
        return place[self.margin.cells.of(columns)]

    @property
    def openings(self) -> tuple[Table, ...]:
        """Everything that is opened, in order."""
        return (self.table,) if self.margin_table is None else (self.table, self.margin_table)

    @property
    def largest_size(self) -> int:
        """The largest group there may be; every size up to it is padded. Above ``largest_group``, a
        group is INVALID."""
        return self.noise.k_max

    @property
    def released(self) -> int:
        return len(self.cells.kept)

    def features(self, sector: str) -> tuple[Feature, ...]:
        """Everything a node computes at one sector, each once, in a fixed order."""
        wanted: dict[str, Feature] = {}
        for axis in self.axes:
            for feature in axis.features.get(sector, ()):
                wanted[feature.name] = feature
            for part in axis.clauses.get(sector, ()):
                wanted.update({c.feature.name: c.feature for c in part})
        for word in self.words:
            if sector in word.features:
                wanted[word.features[sector].name] = word.features[sector]
                if word.by is not None:
                    wanted[word.by.name] = word.by
        return tuple(wanted.values())

    def digest(self) -> str:
        """SHA-256 over everything that fixes the parties' computation (RFC 8785 of its description)."""
        return "sha256:" + hashlib.sha256(rfc8785.dumps(describe(self))).hexdigest()

"""The program of a query: everything the parties compute with, as numbers.

Compiled by every party for itself from the same documents (:mod:`samklang.protocol.compile`); its digest
stands in the transcript, so parties that would compute differently don't start.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import rfc8785

from samklang.privacy.budget import NoisePlan
from samklang.privacy.sensitivity import Bounds
from samklang.protocol.cells import AxisLevels, Cells
from samklang.protocol.describe import describe
from samklang.protocol.encodings import Encoding
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
class MeasureProgram:
    """One measure: the integers one node may contribute, how many nodes may supply it for one citizen in
    one released cell (both in ``bounds``), and what an integer is worth (1/``scale`` of a unit)."""

    name: str
    count: bool
    features: dict[str, Feature]
    bounds: Bounds
    scale: int


@dataclass(frozen=True)
class Program:
    """See the module's docstring.

    Attributes:
        inputs: the input parties, in the manifest's order.
        compute: compute parties A, B, C.
        linker: the coordinator.
        sectors: input party → its sectors that the query touches.
        largest_group: k_max; a citizen held by more nodes is counted among the conflicts.
    """

    inputs: tuple[str, ...]
    compute: tuple[str, str, str]
    linker: str
    sectors: dict[str, tuple[str, ...]]
    filters: dict[str, tuple[LevelFilter, ...]]
    axes: tuple[AxisProgram, ...]
    measures: tuple[MeasureProgram, ...]
    cells: Cells
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
        """Words of a row: two of the tag, one per measure, one per axis."""
        return Shape(2 + len(self.measures), len(self.axes), np.uint16)

    @property
    def group_shape(self) -> Shape:
        """Words of a group after banding."""
        return Shape(len(self.measures), len(self.axes), np.uint8)

    @property
    def tables(self) -> tuple[int, ...]:
        """Positions of the axes that need a truth table."""
        return tuple(i for i, a in enumerate(self.axes) if a.encoding.needs_table)

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
        for measure in self.measures:
            if sector in measure.features:
                wanted[measure.features[sector].name] = measure.features[sector]
        return tuple(wanted.values())

    def digest(self) -> str:
        """SHA-256 over everything that fixes the parties' computation (RFC 8785 of its description)."""
        return "sha256:" + hashlib.sha256(rfc8785.dumps(describe(self))).hexdigest()

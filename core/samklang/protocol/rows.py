"""An input party's rows: one per citizen, from what its sectors know, and the padding beside them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from samklang.errors import SamklangError
from samklang.privacy.budget import NoisePlan
from samklang.privacy.draws import draw_fillers, draw_groups
from samklang.privacy.noise import NoiseSource
from samklang.protocol import encodings as enc
from samklang.protocol.packing import pack
from samklang.protocol.prg import Label
from samklang.protocol.program import AxisProgram, LevelFilter, MeasureWord, Program
from samklang.protocol.tags import tags
from samklang.protocol.words import Column, Shape, Words, concatenate


class SectorValues(Protocol):
    """What one sector knows, after consent and filters; arrays of length n by feature name.

    ``cpr``: ``S10``, ascending, each once. ``values``: integers; ``valid``: False where there is no value.
    """

    @property
    def cpr(self) -> NDArray[np.bytes_]: ...
    @property
    def values(self) -> Mapping[str, NDArray[Any]]: ...
    @property
    def valid(self) -> Mapping[str, NDArray[np.bool_]]: ...


def _union(by_sector: Mapping[str, SectorValues]) -> tuple[NDArray[np.bytes_], dict[str, NDArray[np.intp]]]:
    """All citizens, each once, and where each sector's citizens stand among them."""
    if len(by_sector) == 1:
        ((sector, known),) = by_sector.items()
        if len(known.cpr) > 1 and not (known.cpr[1:] > known.cpr[:-1]).all():
            raise SamklangError("protocol-own-rows", reason="citizens aren't in order, each once")
        return known.cpr, {sector: np.arange(len(known.cpr))}
    packed = {s: pack(v.cpr) for s, v in by_sector.items()}
    everybody, first = np.unique(np.concatenate(list(packed.values())), return_index=True)
    cpr = np.concatenate([v.cpr for v in by_sector.values()])[first]
    places = {}
    for sector, numbers in packed.items():
        places[sector] = np.searchsorted(everybody, numbers)
        if len(numbers) > 1 and not (numbers[1:] > numbers[:-1]).all():
            raise SamklangError("protocol-own-rows", reason="citizens aren't in order, each once")
    return cpr, places


def own_rows(
    program: Program, by_sector: Mapping[str, SectorValues]
) -> tuple[NDArray[np.bytes_], list[Column], list[Column]]:
    """(CPR numbers, measure words, axis words) of this node's citizens, at most one row per citizen.

    Returns:
        Shapes (n,) ``S10``; measures × (n,) uint64 (two's complement); axes × (n,) uint16.

    Raises:
        SamklangError: ``protocol-own-rows`` if a value is outside what the program allows.
    """
    cpr, places = _union(by_sector)
    measures = [np.zeros(len(cpr), np.uint64) for _ in program.words]
    axes = [np.zeros(len(cpr), np.uint16) for _ in program.axes]
    for sector, known in by_sector.items():
        at = places[sector]
        for word, total in zip(program.words, measures, strict=True):
            if sector in word.features:
                total[at] += measure_word(word, sector, known)
        for axis, column in zip(program.axes, axes, strict=True):
            if sector in axis.features:
                column[at] += _axis_word(axis, sector, known).astype(np.uint16)
    for axis, column in zip(program.axes, axes, strict=True):
        if len(column) and int(column.max()) > axis.encoding.largest(1):
            raise SamklangError("protocol-own-rows", reason=f"axis {axis.name} is out of range")
    return cpr, measures, axes


def measure_word(word: MeasureWord, sector: str, known: SectorValues) -> NDArray[np.uint64]:
    """What each citizen adds: the value, clipped to the bounds of the citizen's class, and centred there."""
    name = word.features[sector].name
    valid = known.valid[name]
    value = np.where(valid, 1 if word.count else known.values[name], 0).astype(np.int64)
    low, high = word.clip[0]
    if ((value < low) | (value > high))[valid].any():
        raise SamklangError("protocol-own-rows", reason=f"measure {word.name} is outside its clip")
    of: NDArray[np.int64] | int = 0
    if word.by is not None:
        level = known.values[word.by.name].astype(np.int64) + 1
        of = np.where(known.valid[word.by.name], level, word.unknown)
        if len(level) and not 0 <= int(of.min()) <= int(of.max()) < len(word.clip):
            raise SamklangError("protocol-own-rows", reason=f"a level of {word.by.variable} doesn't exist")
        bounds = np.asarray(word.clip, np.int64)[of]
        np.clip(value, bounds[:, 0], bounds[:, 1], out=value, where=valid)
    if word.centre:
        value = 2 * value - np.asarray(word.centre, np.int64)[of]
        if word.missing == "nothing":
            value[~valid] = 0
    return value.view(np.uint64)


def _axis_word(axis: AxisProgram, sector: str, known: SectorValues) -> NDArray[np.int64]:
    encoding = axis.encoding
    rows = len(known.cpr)
    if isinstance(encoding, enc.Membership):
        weight = encoding.weights()[list(axis.features).index(sector)]
        yes = np.zeros(rows, bool)
        for part in axis.clauses[sector]:
            yes |= np.logical_and.reduce([_fits(known, c) for c in part] or [np.ones(rows, bool)])
        return weight * yes.astype(np.int64)
    if isinstance(encoding, enc.Presence):
        return encoding.word(rows)
    total = np.zeros(rows, np.int64)
    for feature in axis.features[sector]:
        value, valid = known.values[feature.name].astype(np.int64), known.valid[feature.name]
        if isinstance(encoding, enc.Interval):
            if ((value < 0) | (value > encoding.span))[valid].any():
                raise SamklangError("protocol-own-rows", reason=f"axis {axis.name} is outside the period")
            side = encoding.start_word if feature.side == "start" else encoding.end_word
            total += side(value, valid)
        else:
            assert isinstance(encoding, enc.Local | enc.Category | enc.Total)
            total += encoding.word(value, valid)
    return total


def _fits(known: SectorValues, wanted: LevelFilter) -> NDArray[np.bool_]:
    name = wanted.feature.name
    return known.valid[name] & np.isin(known.values[name], wanted.levels)


def _random_tags(count: int) -> NDArray[np.uint64]:
    return np.frombuffer(secrets.token_bytes(16 * count), np.uint64).reshape(2, count)


def padding(shape: Shape, plan: NoisePlan, noise: NoiseSource, *, fillers: bool, groups: bool) -> Words:
    """Padding rows: every axis and measure 0, tags random and equal within a group.

    ``fillers``: single rows of an input party. ``groups``: a compute party's groups of each
    multiplicity, topped up with single rows to the plan's public total.
    """
    singles = draw_fillers(noise, plan) if fillers else 0
    repeats = np.ones(singles, np.int64)
    if groups:
        drawn = draw_groups(noise, plan)
        sizes = np.arange(2, plan.k_max + 1).repeat(drawn.groups)
        repeats = np.concatenate([repeats, np.ones(drawn.singles, np.int64), sizes])
    words = Words.zeros(shape, int(repeats.sum()))
    tag = _random_tags(len(repeats)).repeat(repeats, axis=1)
    words.wide[0][:], words.wide[1][:] = tag
    return words


def rows_label(attempt: int) -> Label:
    """Label of the seed that is share a of a contributor's rows."""
    return Label(attempt, "rows/share")


def contribution(
    program: Program,
    noise: NoiseSource,
    *,
    link_key: bytes | None,
    by_sector: Mapping[str, SectorValues] | None,
    groups: bool,
) -> Words:
    """All rows of one contributor, own and padding; not yet shared.

    ``by_sector`` and ``link_key`` are None for a compute party that is no input party.
    """
    shape = program.row_shape
    pad = padding(shape, program.noise, noise, fillers=by_sector is not None, groups=groups)
    if not by_sector or link_key is None:
        return pad
    cpr, measures, axes = own_rows(program, by_sector)
    tag = tags(link_key, cpr)
    return concatenate([Words(shape, [tag[0], tag[1], *measures, *axes]), pad])

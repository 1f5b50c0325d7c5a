"""From the protocol's outcome to the document that the analyst gets.

Everything here is post-processing of numbers that are noisy already. A cell is shown if its noisy count
passes a threshold that a cell with one citizen too few passes with probability 1 % at most; that is
presentation, the privacy comes from the noise. Intervals are 95 %, from the noise alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import rfc8785

from samklang.model.codebook import Category, Codebook, Interval, Measure, Total
from samklang.model.manifest import Manifest
from samklang.model.query import Query
from samklang.model.sameness import core_digest
from samklang.privacy.budget import PARTIES
from samklang.protocol.agreement import Acceptance
from samklang.protocol.opening import Outcome
from samklang.protocol.planning.precision import DEFAULT_MIN_COUNT, Z95, threshold
from samklang.protocol.program import MeasureProgram, Program
from samklang.protocol.release_key import RELEASE_VERSION as VERSION


def release_document(
    outcome: Outcome,
    *,
    program: Program,
    query: Query,
    manifest: Manifest,
    codebook: Codebook,
    transcript: bytes,
    attempt: int,
    acceptances: Mapping[str, Acceptance],
) -> bytes:
    """The release as canonical JSON (RFC 8785); decimals are texts.

    It names the question by its core, and neither the query that was signed nor its title: whoever asks the
    same question gets the same bytes.
    """
    plan = program.noise
    sd = plan.released_sd
    min_count = max([DEFAULT_MIN_COUNT, *(a.min_count for a in acceptances.values())])
    shown_from = threshold(min_count, sd)
    cells = _cells(outcome, program, shown_from)
    hidden = sum(not cell["shown"] for cell in cells)
    document: dict[str, Any] = {
        "version": VERSION,
        "question": core_digest(query, program.inputs),
        "federation": {"id": manifest.federation.id, "version": manifest.federation.version},
        "codebook": {"id": codebook.codebook.id, "digest": query.codebook},
        "operation": query.operation,
        "purpose": {"family": query.purpose.family, "id": query.purpose.id},
        "period": {
            "from": query.period.from_.isoformat(),
            "until": query.period.until.isoformat(),
            "as_of": query.period.as_of.isoformat(),
        },
        "target_group": query.target_group,
        "attempt": attempt,
        "transcript": transcript.hex(),
        "participants": [
            {"node": n, "policy": acceptances[n].policy, "snapshot": acceptances[n].snapshot}
            for n in program.inputs
        ],
        "privacy": {
            "epsilon": str(query.privacy.epsilon),
            "delta": str(query.privacy.delta),
            "nano_rho": plan.rho_charged,
            "count_sd": _text(sd, 4),
            "count_95": _text(Z95 * sd, 1),
        },
        "min_count": min_count,
        "threshold": shown_from,
        "suppressed": {"cells": hidden, "reason": "below-threshold"},
        "axes": _axes(program, codebook),
        "measures": _measures(program, codebook),
        "conflicts": {"count": outcome.conflicts, "sd": _text(outcome.conflict_sd, 4)},
        "linkage": _linkage(outcome, program),
        "cells": cells,
    }
    return rfc8785.dumps(document)


def _cells(outcome: Outcome, program: Program, shown_from: int) -> list[dict[str, Any]]:
    sd = program.noise.released_sd
    visible = [a.name for a in program.axes if not a.hidden]
    cells: list[dict[str, Any]] = []
    for index, names in enumerate(program.cells.names()):
        count = int(outcome.counts[index])
        cell: dict[str, Any] = {
            "levels": {name: names[name] for name in visible},
            "shown": count >= shown_from,
        }
        if not cell["shown"]:
            cells.append(cell | {"count": None, "count_interval": [None, None]})
            continue
        half = Z95 * sd
        cell["count"] = count
        cell["count_interval"] = [_text(max(0.0, count - half), 1), _text(count + half, 1)]
        for row, (measure, msd) in enumerate(
            zip(program.measures, program.noise.measure_released_sd, strict=True)
        ):
            part = "count" if measure.count else "sum"
            total = int(outcome.sums[row, index])
            low, high = total - Z95 * msd, total + Z95 * msd
            cell.setdefault(measure.name, {})[part] = _scaled(total, measure)
            cell[measure.name][f"{part}_interval"] = [_scaled(low, measure), _scaled(high, measure)]
        cells.append(cell)
    return cells


def _axes(program: Program, codebook: Codebook) -> list[dict[str, Any]]:
    axes = []
    names = program.cells.names()
    for axis in program.axes:
        if axis.hidden:
            continue
        found = {cell[axis.name] for cell in names}
        labels = {}
        if axis.banding:
            variable = codebook.variables[axis.name]
            assert isinstance(variable, Category | Total | Interval)
            described = variable.label
            levels = variable.bandings[axis.banding].levels
            labels = {level.id: level.label.model_dump() for level in levels}
        else:
            described = codebook.sectors[axis.name].label
        axes.append(
            {
                "name": axis.name,
                "label": described.model_dump(),
                "levels": [
                    {"id": name, "label": labels.get(name) or SPECIAL.get(name, {"en": name, "da": name})}
                    for name in axis.levels.names
                    if name in found
                ],
            }
        )
    return axes


SPECIAL = {
    "ABSENT": {"en": "not known there", "da": "ikke kendt der"},
    "PRESENT": {"en": "known there", "da": "kendt der"},
    "MISSING": {"en": "no value", "da": "uoplyst"},
    "START-ONLY": {"en": "first event only", "da": "kun første hændelse"},
    "END-ONLY": {"en": "last event only", "da": "kun sidste hændelse"},
}
"""Labels of the levels that no banding names."""


def _measures(program: Program, codebook: Codebook) -> list[dict[str, Any]]:
    out = []
    for measure, sd in zip(program.measures, program.noise.measure_released_sd, strict=True):
        variable = codebook.variables[measure.name]
        assert isinstance(variable, Measure)
        out.append(
            {
                "name": measure.name,
                "as": "count" if measure.count else "sum",
                "label": variable.label.model_dump(),
                "unit": variable.unit.model_dump(),
                "clip": [int(c) for c in variable.clip],
                "sd": _text(sd / measure.scale, 4),
            }
        )
    return out


def _linkage(outcome: Outcome, program: Program) -> list[dict[str, Any]]:
    """How many citizens are known at 1, 2, … nodes, with the padding's noise."""
    plan = program.noise
    pairs = []
    for multiplicity, count in enumerate(outcome.linkage.tolist(), start=1):
        # Fillers of every node, and the singles that top up each compute party's groups.
        draws = (
            PARTIES
            if multiplicity > 1
            else len(program.inputs) + PARTIES * sum(j * j for j in range(2, plan.k_max + 1))
        )
        pairs.append(
            {
                "nodes": multiplicity,
                "or_more": multiplicity > program.largest_group,
                "count": int(count),
                "sd": _text(plan.s_pad * math.sqrt(draws), 4),
            }
        )
    return pairs


def _scaled(value: float, measure: MeasureProgram) -> str:
    """An integer (or a bound) of a measure in its unit, exact to the measure's own step."""
    step = Decimal(1) / measure.scale
    digits = max(0, -step.normalize().as_tuple().exponent) if measure.scale > 1 else 0  # type: ignore[operator]
    exact = Decimal(value) / measure.scale
    return str(exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN))


def _text(value: float, digits: int) -> str:
    return f"{value:.{digits}f}"

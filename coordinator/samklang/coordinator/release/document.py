"""The released document, ``samklang/release/2``: canonical JSON (RFC 8785), decimals as texts.

It names the question by its core, and neither the query that was signed nor its title: whoever asks the same
question gets the same bytes.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

import rfc8785

from samklang.coordinator.release.axes import axes, cell_names, measures
from samklang.coordinator.release.cells import Hidden, table
from samklang.coordinator.release.margins import margins, section
from samklang.coordinator.release.quantiles import quantiles
from samklang.coordinator.release.readings import readings
from samklang.coordinator.release.rules import BELOW, Rules, one_axis_margins, rules_of, suppressed
from samklang.estimate.law import law
from samklang.model.codebook import Codebook
from samklang.model.manifest import Manifest
from samklang.model.query import Query
from samklang.model.sameness import core_digest
from samklang.privacy.budget import PARTIES
from samklang.protocol.agreement import Acceptance
from samklang.protocol.opening import Outcome
from samklang.protocol.program import Program
from samklang.protocol.release_key import RELEASE_VERSION as VERSION

__all__ = ["VERSION", "release_document"]


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
    """The release as canonical JSON."""
    plan = program.noise
    sd = plan.released_sd
    rules = rules_of(program, acceptances)
    shown_from = rules.threshold(sd)
    margin = margins(program, outcome, rules)
    known, sums = one_axis_margins(program), margin.open_group if margin else None
    below, more = suppressed(outcome.counts, shown_from, rules, known, sums)
    hidden = Hidden(below, more.cells)
    found = readings(program.table, outcome.sums)
    names = cell_names(program.table)
    cells = table(names, outcome.counts, sd, shown_from, hidden, found, rules)
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
            "count_95": _text(law(sd).half(), 0),
        },
        "threshold": shown_from,
        "rules": rules.header(sd, margins=margin is not None),
        "suppressed": _suppressed(cells, rules),
        "axes": axes(program.table, codebook),
        "measures": measures(codebook, found),
        "conflicts": {"count": outcome.conflicts, "sd": _text(outcome.conflict_sd, 4)},
        "linkage": _linkage(outcome, program),
        "quantiles": quantiles(program, codebook, outcome.counts, rules),
        "margin": section(margin, program, codebook, found, more.groups[0]) if margin else None,
        "cells": cells,
    }
    return rfc8785.dumps(document)


def _suppressed(cells: list[dict[str, Any]], rules: Rules) -> dict[str, Any]:
    """How many cells are hidden, by reason, and whose rule each reason is."""
    reasons = Counter(cell["reason"] for cell in cells if not cell["shown"])
    return {
        "cells": reasons.total(),
        "reasons": [
            {
                "reason": reason,
                "cells": number,
                "of": list(rules.min_count_of if reason == BELOW else rules.secondary_of),
            }
            for reason, number in sorted(reasons.items())
        ],
    }


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


def _text(value: float, digits: int) -> str:
    return f"{value:.{digits}f}"

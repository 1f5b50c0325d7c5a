"""What ``samklang node check`` shows: what became of the rows, and what each variable looks like.

For the partner's own IT department, on its own screen; yet it may end up in a ticket, so it holds no
value, no CPR number and no file's text, counts below :data:`THRESHOLD` appear as ``"<5"``, and totals from
which such a count could be worked out are rounded to tens.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samklang.errors import SamklangError
from samklang.model.accession import Members
from samklang.model.codebook import Banding, Category, Codebook, Interval, Measure, Total, Variable
from samklang.model.query import Period
from samklang.node.data.features import SectorFeatures, compute
from samklang.node.data.intake import TableIntake
from samklang.node.data.relations import sql_of
from samklang.node.data.snapshot import Snapshot
from samklang.protocol.program import Feature

THRESHOLD = 5
_ROUNDING = 10


def check_report(
    snapshot: Snapshot, codebook: Codebook, period: Period | None = None, members: Members | None = None
) -> dict[str, Any]:
    """The report as plain data (JSON).

    Args:
        period: for the placeholders of the codebook's SQL; the twelve months before the snapshot's day
            unless given.
        members: who is listed and who has joined, where the tables say whose their rows are.

    Returns:
        ``{"snapshot", "period", "controllers", "tables": {name: {...}}, "registers": {name: {...}},
        "sectors": {name: {"citizens", "variables": {name: {...}}}}}``. A variable that can't be computed has
        an ``error`` with ``code``, ``what``, ``fix`` and their Danish, and the others are reported all the
        same. ``controllers`` has ``read`` and ``left_out``.
    """
    period = period or last_year(snapshot.loaded_at.date())
    return {
        "snapshot": snapshot.id,
        "period": {k: str(v) for k, v in period.model_dump(by_alias=True).items()},
        "controllers": _controllers(snapshot, members),
        "tables": {name: _table(intake) for name, intake in snapshot.intake.items()},
        "registers": {
            name: {
                "kind": r.kind,
                "citizens": about(len(r.cpr)),
                "quarantined": _reasons(r.intake.quarantined),
            }
            for name, r in snapshot.registers.items()
        },
        "sectors": {
            s: _sector(snapshot, codebook, s, period) for s in snapshot.sectors if s in codebook.sectors
        },
    }


def _controllers(snapshot: Snapshot, members: Members | None) -> dict[str, list[str]] | None:
    """Whose rows were read, and who is listed and left out; None where the tables don't say whose they
    are."""
    if members is None or snapshot.controllers is None:
        return None
    return {"read": sorted(snapshot.controllers), "left_out": sorted(members.listed - snapshot.controllers)}


def last_year(today: date) -> Period:
    return Period.model_validate({"from": today - timedelta(days=365), "until": today, "as_of": today})


def count(n: int) -> int | str:
    """A count as it may be shown."""
    return n if n == 0 or n >= THRESHOLD else f"<{THRESHOLD}"


def about(n: int) -> int | str:
    """A total as it may be shown beside counts that are hidden: in tens."""
    return max(1, round(n / _ROUNDING)) * _ROUNDING if n >= THRESHOLD else count(n)


def _reasons(counts: Mapping[tuple[str, str], int]) -> list[dict[str, Any]]:
    return [
        {"reason": reason, **({"column": column} if column else {}), "rows": count(n)}
        for (reason, column), n in sorted(counts.items())
    ]


def _table(intake: TableIntake) -> dict[str, Any]:
    return {
        "files": len(intake.files),
        "encodings": sorted({f.encoding for f in intake.files if f.encoding}),
        "separators": sorted({f.separator for f in intake.files if f.separator}),
        "rows_read": about(intake.rows_read),
        "rows_kept": about(intake.rows_kept),
        "quarantined": _reasons(intake.quarantined),
        "notes": _reasons(intake.notes),
    }


def _sector(snapshot: Snapshot, codebook: Codebook, sector: str, period: Period) -> dict[str, Any]:
    try:
        people = compute(snapshot, codebook, sector, (), period)
    except SamklangError as error:
        return {"error": _error(error)}
    variables: dict[str, dict[str, Any]] = {}
    for name, variable in codebook.variables.items():
        for feature in features_of(name, variable, sector):
            variables.setdefault(name, {}).update(_looks(snapshot, codebook, sector, feature, period))
    return {"citizens": about(len(people.cpr)), "variables": variables}


def features_of(name: str, variable: Variable, sector: str) -> list[Feature]:
    """Everything the sector supplies for a variable."""
    if isinstance(variable, Category):
        found = [Feature(name, "level", banding) for banding in variable.bandings]
        return found if variable.sector == sector else []
    if isinstance(variable, Interval):
        sides = [Feature(name, "units", side="start"), Feature(name, "units", side="end")]
        return [f for f in sides if sql_of(variable, sector, f.side) is not None]
    if sector not in variable.sql:
        return []
    if isinstance(variable, Total):
        levels = [Feature(name, "level", banding) for banding in variable.bandings]
        return [Feature(name, "number"), *levels]
    return [Feature(name, "measure")]


def _looks(
    snapshot: Snapshot, codebook: Codebook, sector: str, feature: Feature, period: Period
) -> dict[str, Any]:
    key = feature.banding or feature.side or feature.kind
    try:
        found = compute(snapshot, codebook, sector, [feature], period)
    except SamklangError as error:
        return {key: {"error": _error(error)}}
    valid = found.valid[feature.name]
    shown: dict[str, Any] = {
        "citizens_with_value": about(int(valid.sum())),
        "missing": share(int((~valid).sum()), len(valid)),
        "counted": {reason: count(n) for (_, reason), n in found.counted.items()},
    }
    variable = codebook.variables[feature.variable]
    if feature.kind == "level" and not isinstance(variable, Interval | Measure):
        shown["levels"] = _levels(found, feature.name, variable.bandings[feature.banding])
    elif feature.kind in ("number", "measure"):
        scale = variable.scale if isinstance(variable, Measure) else 1
        shown["mean"] = _mean(found.values[feature.name][valid], scale)
    return {key: shown}


def _levels(found: SectorFeatures, name: str, banding: Banding) -> dict[str, str]:
    valid = found.valid[name]
    counts = np.bincount(found.values[name][valid], minlength=len(banding.levels))
    return {
        level.id: share(int(n), len(valid)) for level, n in zip(banding.levels, counts.tolist(), strict=True)
    }


def share(part: int, whole: int) -> str:
    """A share in whole percent, ``"<5"`` for fewer than :data:`THRESHOLD` citizens."""
    shown = count(part)
    return shown if isinstance(shown, str) else f"{round(100 * part / whole) if whole else 0}%"


def _mean(values: NDArray[Any], scale: int) -> float | None:
    """To two significant digits, and only over enough citizens that it isn't about one of them."""
    if len(values) < THRESHOLD:
        return None
    return float(f"{values.mean() / scale:.2g}")


def _error(error: SamklangError) -> dict[str, str]:
    what_da, fix_da = error.text("da")
    return {"code": error.code, "what": error.what, "fix": error.fix, "what_da": what_da, "fix_da": fix_da}

"""A release as a table for a terminal: one axis across, the others down, every figure with its ± 95 %."""

from __future__ import annotations

import itertools
import math

from samklang.analyst.picture.figures import Figures, figures
from samklang.analyst.release import Release

HIDDEN = "·"


def crosstab(release: Release, lang: str, measure: str | None = None) -> str:
    """Counts, or the means of ``measure``; ``·`` where the release shows nothing.

    The interval is printed as ± half its width, or from end to end where it isn't symmetric: near the
    threshold, or where a mean has reached the bounds of what is possible.
    """
    found = figures(release, lang, measure)
    across = found.axes[-1]
    header = [*(axis.label for axis in found.axes[:-1]), *across.levels]
    rows = [header]
    for place in itertools.product(*(range(len(axis.levels)) for axis in found.axes[:-1])):
        names = [axis.levels[i] for axis, i in zip(found.axes[:-1], place, strict=True)]
        cells = [_cell(found, (*place, i), lang) for i in range(len(across.levels))]
        # A row of combinations that can't be isn't there; one where everything is hidden is.
        if any(found.shown[(*place, i)] or found.hidden[(*place, i)] for i in range(len(cells))):
            rows.append([*names, *cells])
    left = len(found.axes) - 1
    widths = [max(len(row[i]) for row in rows) for i in range(len(header))]
    lines = [
        "  ".join(
            cell.ljust(w) if i < left else cell.rjust(w)
            for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def _cell(found: Figures, at: tuple[int, ...], lang: str) -> str:
    value, half = float(found.value[at]), float(found.half[at])
    if not math.isfinite(value):
        return HIDDEN
    digits = 0 if found.measure is None or half >= 10 else 1
    text = f"{value:,.{digits}f} ±{half:,.{digits}f}"
    if not found.even(at):
        low, high = float(found.low[at]), float(found.high[at])
        text = f"{value:,.{digits}f} ({low:,.{digits}f} to {high:,.{digits}f})"
    if lang == "da":
        text = text.translate(str.maketrans(",.", ".,")).replace(" to ", " til ")
    return text

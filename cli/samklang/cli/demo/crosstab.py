"""A release as a table for a terminal: one axis across, the others down, every figure with its ± 95 %."""

from __future__ import annotations

import itertools

from samklang.analyst.picture.figures import Figures, figures
from samklang.analyst.release import Release
from samklang.analyst.text_table import estimate, lay_out
from samklang.cli.output import columns
from samklang.errors import Language

HIDDEN = "·"


def crosstab(release: Release, lang: Language, measure: str | None = None) -> str:
    """Counts, or the means of ``measure``; ``·`` where the release shows nothing.

    The interval is printed as ± half its width, or from end to end where it isn't symmetric: near the
    threshold, or where a mean has reached the bounds of what is possible. A table wider than the terminal
    comes in parts.
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
    return lay_out(rows[0], rows[1:], len(found.axes) - 1, columns())


def _cell(found: Figures, at: tuple[int, ...], lang: Language) -> str:
    value, low, high = (float(array[at]) for array in (found.value, found.low, found.high))
    return estimate(value, low, high, lang) or HIDDEN

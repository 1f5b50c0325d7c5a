"""Releases to draw, made up: no noise and no nodes behind them, the form of a coordinator's document."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Sequence
from typing import Any

from samklang.analyst.release import Release, read_release

SD, THRESHOLD = 9.4, 26
LONG = {
    "en": "Contacts about stress, anxiety or depression in practices and mental health services",
    "da": "Kontakter om stress, angst eller depression i almen praksis og psykiatrisk ambulatorium",
}


def axis(name: str, size: int, label: dict[str, str] | None = None) -> dict[str, Any]:
    levels = [
        {"id": f"{name}{i}", "label": {"en": f"{name} level {i}", "da": f"{name} niveau {i}"}}
        for i in range(size)
    ]
    return {
        "name": name,
        "label": label or {"en": name.title(), "da": name.title() + "-da"},
        "levels": levels,
    }


def release(
    sizes: Sequence[int],
    count: Callable[[tuple[int, ...]], int | None] = lambda at: 200 + 37 * sum(at),
    *,
    mean: float | None = None,
    mean_sd: float = 300.0,
    label: dict[str, str] | None = None,
    **changes: Any,
) -> Release:
    """A release of ``len(sizes)`` axes; a cell is left out of it where ``count`` is None.

    Args:
        mean: adds the measure ``days`` with this sum over count in every cell.
        mean_sd: standard deviation of its sums.
    """
    axes = [axis("abcd"[i], size, label) for i, size in enumerate(sizes)]
    cells: list[dict[str, Any]] = []
    for at in itertools.product(*map(range, sizes)):
        number = count(at)
        if number is None:
            continue
        cell: dict[str, Any] = {
            "levels": {a["name"]: a["levels"][i]["id"] for a, i in zip(axes, at, strict=True)},
            "shown": number >= THRESHOLD,
            "count": None,
            "count_interval": [None, None],
        }
        if cell["shown"]:
            half = 1.96 * SD
            cell |= {
                "count": number,
                "count_interval": [f"{max(0, number - half):.1f}", f"{number + half:.1f}"],
            }
            if mean is not None:
                cell["days"] = {"sum": f"{mean * number:.0f}", "sum_interval": ["0", "0"]}
        cells.append(cell)
    document = {
        "version": "samklang/release/1",
        "title": {"en": "Older citizens", "da": "Ældre borgere"},
        "period": {"from": "2025-01-01", "until": "2026-01-01", "as_of": "2026-01-01"},
        "privacy": {"epsilon": "1", "delta": "1e-8", "count_sd": str(SD), "count_95": f"{1.96 * SD:.1f}"},
        "threshold": THRESHOLD,
        "axes": axes,
        "measures": [
            {
                "name": "days",
                "as": "sum",
                "label": {"en": "Bed days", "da": "Sengedage"},
                "unit": {"en": "days", "da": "dage"},
                "clip": [0, 30],
                "sd": str(mean_sd),
            }
        ]
        * (mean is not None),
        "cells": cells,
        **changes,
    }
    return read_release(json.dumps(document).encode())

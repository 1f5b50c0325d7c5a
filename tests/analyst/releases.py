"""Releases to draw, made up: no noise and no nodes behind them, the form of a coordinator's document."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from samklang.analyst.release import Release, read_release
from samklang.estimate.counts import given_shown
from samklang.estimate.law import law
from samklang.estimate.means import mean_of

SD, THRESHOLD = 9.4, 27
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


def _mean(mean: float, number: int, mean_sd: float) -> dict[str, Any]:
    found = mean_of(
        np.array([mean * number]), mean_sd, np.array([float(number)]), law(SD), shown_from=THRESHOLD
    )
    if np.isnan(found.value[0]):
        return {"mean": None, "mean_reason": "not-estimable"}
    return {"mean": f"{mean:.3f}", "mean_interval": [f"{x[0]:.3f}" for x in (found.low, found.high)]}


def release(
    sizes: Sequence[int],
    count: Callable[[tuple[int, ...]], int | None] = lambda at: 200 + 37 * sum(at),
    *,
    mean: float | None = None,
    mean_sd: float = 300.0,
    reason: Callable[[tuple[int, ...]], str] = lambda at: "below-threshold",
    label: dict[str, str] | None = None,
    **changes: Any,
) -> Release:
    """A release of ``len(sizes)`` axes; a cell is left out of it where ``count`` is None.

    Args:
        mean: adds the measure ``days`` with this sum over count in every cell.
        mean_sd: standard deviation of its sums.
        reason: why a cell below the threshold isn't shown.
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
        }
        if cell["shown"]:
            found = given_shown(np.array([float(number)]), THRESHOLD, law(SD))
            basis = "given-shown" if found.conditional[0] else "noise"
            cell |= {"count": number, "count_interval": [int(found.low[0]), int(found.high[0])]}
            cell["count_basis"] = basis
            if mean is not None:
                cell["days"] = {"sum": f"{mean * number:.0f}", "sum_interval": ["0", "0"]}
                cell["days"] |= _mean(mean, number, mean_sd)
        else:
            cell["reason"] = reason(at)
        cells.append(cell)
    document = {
        "version": "samklang/release/2",
        "title": {"en": "Older citizens", "da": "Ældre borgere"},
        "period": {"from": "2025-01-01", "until": "2026-01-01", "as_of": "2026-01-01"},
        "privacy": {"epsilon": "1", "delta": "1e-8", "count_sd": str(SD), "count_95": "18"},
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

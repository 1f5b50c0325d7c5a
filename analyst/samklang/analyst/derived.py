"""What can be computed from a release afterwards, each with an interval that holds.

Only from what the release shows: a sum of cells is one of the cells shown, and says how many are missing.
All intervals are 95 % from the noise alone, without the chance in who fell ill or moved in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from samklang.errors import SamklangError
from samklang.estimate import combining
from samklang.estimate.counts import given_shown
from samklang.estimate.law import law, sidak

if TYPE_CHECKING:
    import pandas as pd

    from samklang.analyst.release import Release

__all__ = ["margin", "merged", "quantiles", "shares", "simultaneous", "standardised"]


def quantiles(release: Release) -> pd.DataFrame:
    """In which band the quartiles lie, for every axis whose bands are ranges of a number.

    Columns: ``axis``, ``stratum`` (the other axes' levels), ``p``, ``band``, ``low`` and ``high`` (the bands
    between which it certainly lies, in 95 of 100), ``reason`` where there is none.
    """
    import pandas as pd

    rows = []
    for entry in release.document.get("quantiles", ()):
        low, high = entry.get("interval", (None, None))
        rows.append(
            {
                "axis": entry["axis"],
                "stratum": ", ".join(f"{axis}={level}" for axis, level in entry["levels"].items()),
                "p": float(entry["p"]),
                "band": entry["band"],
                "low": low,
                "high": high,
                "reason": entry.get("reason"),
            }
        )
    return pd.DataFrame(rows, columns=["axis", "stratum", "p", "band", "low", "high", "reason"])


def margin(release: Release) -> pd.DataFrame:
    """The margin's cells as :meth:`~samklang.analyst.release.Release.to_pandas` gives the table's; empty if
    the question asked for none."""
    from samklang.analyst.release import Release as Table

    found = release.document.get("margin")
    if not found:
        import pandas as pd

        return pd.DataFrame()
    return Table(found, b"").to_pandas()


def simultaneous(release: Release, cells: int | None = None, confidence: float = 0.95) -> pd.DataFrame:
    """Counts with intervals that hold *together* with ``confidence``: for cells picked after looking at them.

    Noise is independent from cell to cell, so this is the distribution of the largest deviation itself
    (Šidák's level with the exact discrete law), given which cells are shown.

    Args:
        cells: how many cells were looked at; all that are shown unless it is given.

    Returns:
        The cells shown: axes, ``count``, ``count_low``, ``count_high``.
    """
    frame = _shown(release)
    among = cells if cells is not None else max(1, len(frame))
    observed = frame["count"].to_numpy(np.float64)
    found = given_shown(observed, _threshold(release), law(_sd(release)), sidak(confidence, among))
    out = frame[[*release.axes, "count"]].copy()
    out["count_low"] = np.floor(found.low).astype(np.int64)
    out["count_high"] = np.ceil(found.high).astype(np.int64)
    return out.reset_index(drop=True)


def merged(release: Release, by: Sequence[str]) -> pd.DataFrame:
    """The cells shown added up over the axes that aren't in ``by``.

    Returns:
        ``by``, ``count``, ``count_low``, ``count_high``, ``cells`` that were added and ``hidden`` ones that
        weren't: with these the group holds more than ``count``. Missing where every cell is hidden: nothing
        is known of such a group but that none of its cells reached the threshold.

    Raises:
        SamklangError: ``client-derived-axis``.
    """
    import pandas as pd

    _known(release, by)
    rows = []
    for key, inside in _groups(release.to_pandas(), by):
        shown = inside[inside["shown"]]
        total, low, high = combining.sum_of_shown(
            shown["count"].to_numpy(np.float64), _sd(release), _threshold(release)
        )
        known = len(shown) > 0
        rows.append(
            {
                **dict(zip(by, key, strict=True)),
                "count": int(total) if known else None,
                "count_low": float(np.floor(low)) if known else None,
                "count_high": float(np.ceil(high)) if known else None,
                "cells": len(shown),
                "hidden": len(inside) - len(shown),
            }
        )
    return pd.DataFrame(rows).astype({"count": "Int64", "count_low": "float64", "count_high": "float64"})


def shares(release: Release, within: Sequence[str] = ()) -> pd.DataFrame:
    """Each cell's share of the cells shown with the same levels of ``within``.

    Returns:
        Axes, ``share``, ``share_low``, ``share_high``; missing where the group may be empty.

    Raises:
        SamklangError: ``client-derived-axis``.
    """
    _known(release, within)
    frame = _shown(release).reset_index(drop=True)
    group: NDArray[np.int64] = np.zeros(len(frame), np.int64)
    if within and len(frame):
        group = np.asarray(frame.groupby([*within], observed=True).ngroup(), np.int64)
    found = combining.shares(frame["count"].to_numpy(np.float64), group, _sd(release))
    out = frame[release.axes].copy()
    out["share"], out["share_low"], out["share_high"] = found.value, found.low, found.high
    return out


def standardised(release: Release, of: str, event: Sequence[str], by: str) -> pd.DataFrame:
    """Indirectly standardised ratios: how many citizens of each group have the event, over how many would if
    each level of ``by`` had the rate of all groups together.

    Args:
        of: axis of the groups to compare (areas).
        event: axis and levels that are the event: ``["need", "3", "4+"]``.
        by: axis that is evened out (age bands).

    Returns:
        ``of``, ``ratio``, ``ratio_low``, ``ratio_high``: 1 where a group is as all are.

    Raises:
        SamklangError: ``client-derived-axis``; ``client-derived-hidden`` if one of the cells isn't shown.
    """
    import pandas as pd

    axis, *levels = event
    _known(release, [of, axis, by])
    if len({of, axis, by}) != 3 or {of, axis, by} != {*release.axes}:
        raise SamklangError("client-derived-axis", axis=", ".join(release.axes))
    frame = release.to_pandas()
    if not frame["shown"].all():
        raise SamklangError("client-derived-hidden", cells=int((~frame["shown"]).sum()))
    table = frame.pivot_table(index=of, columns=[axis, by], values="count", observed=True, aggfunc="sum")
    kinds = [*dict.fromkeys(frame[axis])]
    if table.isna().any(axis=None) or not levels or not {*levels} <= {*kinds}:
        raise SamklangError("client-derived-axis", axis=axis)
    cube = np.stack([table[kind].to_numpy(np.float64) for kind in kinds])
    is_event = np.array([kind in levels for kind in kinds])
    found = combining.standardised(
        cube[is_event].sum(axis=0),
        cube.sum(axis=0),
        _sd(release),
        event_cells=int(is_event.sum()),
        cells=len(kinds),
    )
    return pd.DataFrame(
        {of: table.index, "ratio": found.value, "ratio_low": found.low, "ratio_high": found.high}
    )


def _shown(release: Release) -> pd.DataFrame:
    frame = release.to_pandas()
    return frame[frame["shown"]]


def _sd(release: Release) -> float:
    return float(release.document["privacy"]["count_sd"])


def _threshold(release: Release) -> float:
    return float(release.document["threshold"])


def _known(release: Release, axes: Sequence[str]) -> None:
    for axis in axes:
        if axis not in release.axes:
            raise SamklangError("client-derived-axis", axis=axis)


def _groups(frame: pd.DataFrame, by: Sequence[str]) -> list[tuple[tuple[Any, ...], pd.DataFrame]]:
    if not by:
        return [((), frame)]
    found = frame.groupby([*by], observed=True, sort=True)
    return [(key if isinstance(key, tuple) else (key,), inside) for key, inside in found]

"""How far a private answer is from the exact one: for generated data, where the exact one may be known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Distance:
    """A released table beside the exact one.

    Attributes:
        cells, shown: released cells, and those with figures.
        citizens: in all released cells together, exactly.
        in_shown: of them, in cells with figures, exactly.
        typical, largest: error of a shown count, root mean square and maximum, in citizens.
        covered: share of the shown counts whose 95 % interval holds the exact count.
        relative: median of |error| / exact over the shown cells, 0 where none is shown.
        hidden_largest: the largest exact count among the cells not shown.
    """

    cells: int
    shown: int
    citizens: int
    in_shown: int
    typical: float
    largest: int
    covered: float
    relative: float
    hidden_largest: int


def side_by_side(released: pd.DataFrame, exact: pd.DataFrame, axes: list[str]) -> pd.DataFrame:
    """The released rows with the exact figures as columns ``exact_…`` (0 where a cell holds nobody)."""
    plain = released.copy()
    plain.attrs = {}
    plain[axes] = plain[axes].astype(str)
    renamed = exact.rename(columns={c: f"exact_{c}" for c in exact.columns if c not in axes})
    renamed[axes] = renamed[axes].astype(str)
    joined = plain.merge(renamed, on=axes, how="left", validate="one_to_one")
    figures = [c for c in joined.columns if c.startswith("exact_")]
    joined[figures] = joined[figures].fillna(0)
    return joined


def distance(released: pd.DataFrame, exact: pd.DataFrame, axes: list[str]) -> Distance:
    """Compare ``Release.to_pandas()`` with :func:`samklang.cli.demo.exact.exact_table`."""
    joined = side_by_side(released, exact, axes)
    truth = joined["exact_count"].to_numpy(np.int64)
    shown = joined["shown"].to_numpy(bool)
    seen = joined[shown]
    error = seen["count"].to_numpy(np.int64) - truth[shown]
    low, high = (seen[c].to_numpy(np.float64) for c in ("count_low", "count_high"))
    held = (low <= truth[shown]) & (truth[shown] <= high)
    relative = np.abs(error) / np.maximum(truth[shown], 1)
    return Distance(
        cells=len(joined),
        shown=int(shown.sum()),
        citizens=int(truth.sum()),
        in_shown=int(truth[shown].sum()),
        typical=float(np.sqrt((error.astype(np.float64) ** 2).mean())) if len(error) else 0.0,
        largest=int(np.abs(error).max(initial=0)),
        covered=float(held.mean()) if len(held) else 1.0,
        relative=float(np.median(relative)) if len(error) else 0.0,
        hidden_largest=int(truth[~shown].max(initial=0)),
    )

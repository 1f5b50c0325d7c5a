"""The figures of docs/precision.md are those of the mechanism, today's and with noise really drawn."""

from __future__ import annotations

import math
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from benchmarks.precision import EPSILONS, TABLES, compiled, main, worth
from scipy import stats
from tests.support.released import ALPHA, noise

from samklang.estimate.counts import threshold

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "precision.md"


def test_the_document_is_up_to_date() -> None:
    if main([str(DOCUMENT), "--check"]):
        pytest.fail("run: python -m benchmarks.precision docs/precision.md")


def test_a_changed_figure_is_noticed(tmp_path: Path) -> None:
    changed = DOCUMENT.read_text(encoding="utf-8").replace("| 27 |", "| 26 |")
    (tmp_path / "precision.md").write_text(changed, encoding="utf-8")
    assert main([str(tmp_path / "precision.md"), "--check"])


def test_the_sizes_of_tables_are_those_that_are_spoken_of() -> None:
    cells = [compiled(table, EPSILONS[0])[0].released for table in TABLES]
    assert cells == [48, 192, 640, 20, 192, 640]


@pytest.mark.statistical
def test_noise_really_drawn_shows_as_many_citizens() -> None:
    """The 192 cells of Odense at ε = 1, many times; false-alarm rate 1e-9."""
    program, counts = compiled(TABLES[1], Decimal(1))
    plan = program.noise
    whole = np.rint(counts).astype(np.int64)
    tables = 200
    drawn = noise(plan.sigma_local, tables * len(whole)).reshape(tables, -1)
    shown = whole + drawn >= threshold(5, plan.released_sd)
    share = (shown * whole).sum(axis=1) / whole.sum()
    expected = worth(counts, plan.released_sd).shown
    off = (share.mean() - expected) / (share.std(ddof=1) / math.sqrt(tables))
    assert 2 * stats.t.sf(abs(off), tables - 1) > ALPHA
    half_the_noise = worth(counts, plan.released_sd / 2).shown
    off = (share.mean() - half_the_noise) / (share.std(ddof=1) / math.sqrt(tables))
    assert 2 * stats.t.sf(abs(off), tables - 1) < ALPHA, "other noise would be noticed"

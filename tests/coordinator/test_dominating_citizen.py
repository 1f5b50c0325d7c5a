"""One citizen who outweighs a whole cell: what clip bounds and noise leave of that in the release.

The citizen has a million bed days where everybody else has a few. Three things stand between that and the
analyst: the node cuts the value to the measure's bounds (and the protocol refuses one that isn't), the noise
covers what is left, and a small cell shows nothing at all.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats
from tests.coordinator.test_release import released
from tests.node.data.builders import LABEL, YEAR, codebook, snapshot
from tests.support.adversary import CITIZENS, small, values
from tests.support.quiet import NoNoise
from tests.support.released import ALPHA, noise

from samklang.node.data.features import SectorFeatures, compute
from samklang.node.data.sources import TableSource
from samklang.protocol.opening import Outcome
from samklang.protocol.program import Feature
from samklang.protocol.simulation import AttemptFailed

HUGE = 1_000_000
CLIP = 20
DRAWS = 30_000


def test_the_node_cuts_the_value_before_it_goes_anywhere(tmp_path: Path) -> None:
    (tmp_path / "stay.csv").write_text(f"cpr,days\n0101801000,{HUGE}\n0101811001,3\n", encoding="utf-8")
    measure = {"kind": "measure", "unit": LABEL, "clip": [0, CLIP]}
    book = codebook(
        {"stay": {"days": "integer"}},
        {"days": measure | {"sql": {"region": "SELECT cpr, sum(days) AS value FROM stay GROUP BY cpr"}}},
    )
    frozen = snapshot(tmp_path, book, {"stay": TableSource(("stay.csv",), tmp_path)})
    wanted = Feature("days", "measure")
    found: SectorFeatures = compute(frozen, book, "region", [wanted], YEAR)
    assert sorted(found.values[wanted.name].tolist()) == [3, CLIP]


def outcome(days: int | None, epsilon: str = "1") -> tuple[Outcome, Any]:
    """What the protocol opens, without noise, where one citizen has ``days`` (None: no value)."""
    federation = small(epsilon=epsilon)
    held = {"home": CITIZENS[:12], "clinic": CITIZENS[:12], "practice": CITIZENS[:12]}

    def value(cpr: str, kind: str) -> int:
        if kind == "measure":
            return 0 if days is None or cpr != CITIZENS[0] else days
        return 0

    known = values(federation.program, held, value)
    return federation.run(known, NoNoise()), federation.program


def test_the_protocol_refuses_a_value_that_was_not_cut() -> None:
    with pytest.raises(AttemptFailed) as caught:
        outcome(HUGE)
    assert caught.value.error.code == "protocol-own-rows"


@pytest.mark.statistical
def test_what_is_left_is_covered_by_the_noise() -> None:
    """The best attacker on the released sum against what is charged; false-alarm rate 1e-9 each."""
    with_it, program = outcome(CLIP)
    without, _ = outcome(0)
    moved = np.abs(with_it.sums - without.sums)
    assert np.count_nonzero(moved) == 1, "one cell, and only its sum"
    assert (with_it.counts == without.counts).all()
    shift = int(moved.max())
    sigma = float(np.ravel(program.noise.measure_sigma_local)[0])
    drawn = noise(sigma, DRAWS)
    advantage = (drawn + shift >= shift / 2).mean() - (drawn >= shift / 2).mean()
    predicted = 2 * stats.norm.cdf(shift / (2 * math.sqrt(3) * sigma)) - 1
    slack = stats.norm.isf(ALPHA / 2) / math.sqrt(2 * DRAWS)
    assert abs(advantage - predicted) < slack + 0.002
    # Pinsker: no test tells neighbours apart by more than sqrt(rho / 2).
    assert predicted < math.sqrt(program.noise.rho_charged / 1e9 / 2)
    uncut = (drawn + HUGE >= HUGE / 2).mean() - (drawn >= HUGE / 2).mean()
    assert uncut == 1.0, "the same attacker would be certain if the value weren't cut"


def test_a_cell_of_the_citizen_alone_shows_nothing() -> None:
    """The sum in its noisy numbers is all the citizen's, and stays with the coordinator."""
    changes: dict[str, Any] = {"measures": [{"variable": "price"}]}
    document = released([500, 1], [[120_000, 98_765]], **changes)
    large, small_cell = document["cells"]
    assert set(small_cell) == {"levels", "shown", "reason", "count"}
    assert "987.65" not in json.dumps(document)
    assert float(large["price"]["mean"]) == pytest.approx(2.4)


def test_a_mean_never_leaves_the_bounds_whatever_one_citizen_has() -> None:
    """A cell just shown whose noisy sum would say more than everybody at the bound."""
    changes: dict[str, Any] = {"measures": [{"variable": "price"}]}
    (cell, _) = released([60, 500], [[999_999, 120_000]], **changes)["cells"]
    low, high = map(float, cell["price"]["mean_interval"])
    assert 0 <= low <= high == 10
    just = released([500, 500], [[0, 0]], **changes)["threshold"]
    (near, _) = released([just, 500], [[10_000, 120_000]], **changes)["cells"]
    assert near["price"]["mean"] is None, "where the count may be 0, no mean is given at all"

"""Two neighbouring data sets: the best simple attacker gains no more than the ledger is charged for.

The attacker knows everything but one citizen's records, sees what a relay or compute party sees, weighs
it in the best way for Gaussian noise and guesses which data set it was. Its advantage (true minus false
alarms) is measured over thousands of runs of the protocol's own functions and compared with what the
charged ρ allows: 2Φ(√(2ρ)/2) - 1. The same comparison refuses half the noise. Each test's
false-alarm rate is below 3e-7.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import norm
from tests.support.adversary import CITIZENS, THREE, small, values
from tests.support.batched import Batched
from tests.support.quiet import NoNoise

from samklang.privacy.accounting import NANO
from samklang.privacy.budget import NoisePlan, allocate
from samklang.privacy.noise import NoiseSource
from samklang.protocol.linking import group
from samklang.protocol.opening import dummies, tally
from samklang.protocol.program import Program
from samklang.protocol.rows import padding
from samklang.protocol.words import Words, concatenate

pytestmark = pytest.mark.statistical

DEVIATIONS = 5.3
"""Of the measured advantage; one-sided probability 6e-8 for each comparison, at most four in one test. What
must be caught is six or more from where it would pass."""
NOISE = Batched()
Vector = NDArray[np.float64]


def margin(runs: int) -> float:
    """DEVIATIONS standard deviations of the difference of two relative frequencies."""
    return DEVIATIONS * math.sqrt(0.5 / runs)


def allowed(rho_nano: int) -> float:
    """Largest advantage under Gaussian noise that costs ρ."""
    return float(2 * norm.cdf(math.sqrt(2 * rho_nano / NANO) / 2) - 1)


def predicted(distance: float) -> float:
    return float(2 * norm.cdf(distance / 2) - 1)


def advantage(one: Vector, other: Vector) -> float:
    """Of the guess "the first" where a statistic is above the middle between the two."""
    middle = round(one.mean() + other.mean()) / 2
    return float((one > middle).mean() - (other > middle).mean())


# Sizes: rows of every node, groups of every multiplicity

NODES, RUNS = 3, 3000
PROGRAM = small(THREE).program
OTHERS = ({0}, {0}, {1}, {2}, {0, 1}, {1, 2}, {0, 1, 2})
"""At which nodes the other citizens are."""


def small_plan(plan: NoisePlan) -> NoisePlan:
    """As dear a plan as the floor of σ allows, with little padding: effects that few runs can see."""
    return allocate(12_500_000_000, nodes=NODES, k_max=NODES, cells=plan.cells)


PLAN = small_plan(PROGRAM.noise)


def observe(
    plan: NoisePlan, target: frozenset[int], observer: int | None, noise: NoiseSource, repeats: int = 0
) -> Vector:
    """(rows of every node, groups of 2, 3, … rows) of one run; the observer's own draws are known to it,
    so they are left at their middle. It sends the target's tag ``repeats`` times."""
    shape = PROGRAM.row_shape
    rows, parts = [], []
    citizens = [*OTHERS, target] if target else list(OTHERS)
    for node in range(NODES):
        source = NoNoise() if node == observer else noise
        pad = padding(shape, plan, source, fillers=True, groups=True)
        own = [i for i, at in enumerate(citizens) if node in at]
        own += [len(OTHERS)] * repeats if node == observer else []
        mine = Words.zeros(shape, len(own))
        mine.wide[0][:] = own
        rows.append(len(own) + pad.rows)
        parts.append(concatenate([mine, pad]))
    everything = concatenate(parts)
    found = group(np.stack(everything.wide[:2]), plan.k_max)
    return np.array([*rows, *found.sizes[1:]], float)


def size_attack(
    before: set[int], after: set[int], observer: int | None, scale: float, repeats: int = 0
) -> tuple[float, float]:
    """(measured advantage, what Gaussian noise of the plan's σ would give exactly this attacker)."""
    plan = replace(PLAN, s_pad=PLAN.s_pad * scale)
    change = np.zeros(NODES + NODES - 1)
    for where, sign in ((before, -1), (after, 1)):
        change[list(where)] += sign
        one_tag = np.ones((2, len(where) + repeats), np.uint64)
        change[NODES:] += sign * group(one_tag, plan.k_max).sizes[1:]
    honest = NODES - (observer is not None)
    variance = np.array([1.0] * NODES + [honest] * (NODES - 1)) * plan.s_pad**2
    if observer is not None:
        assert change[observer] == 0, "it knows its own records"
    weight = change / variance
    seen = [
        np.array([observe(plan, frozenset(s), observer, NOISE, repeats) @ weight for _ in range(RUNS)])
        for s in (after, before)
    ]
    middle = float(np.mean([s.mean() for s in seen]))
    measured = float((seen[0] > middle).mean() - (seen[1] > middle).mean())
    return measured, predicted(math.sqrt(float((change**2 / variance).sum())))


NEIGHBOURS = [
    (set[int](), {0, 1, 2}, None),
    ({0, 1}, {2}, None),
    ({1, 2}, set[int](), 0),
    ({0, 1}, {0, 2}, 0),
    ({0, 1}, {0, 1, 2}, 1),
]


@pytest.mark.parametrize(("before", "after", "observer"), NEIGHBOURS)
def test_sizes_tell_no_more_than_the_padding_is_charged_for(
    before: set[int], after: set[int], observer: int | None
) -> None:
    measured, expected = size_attack(before, after, observer, 1.0)
    assert expected <= allowed(PLAN.rho_padding) + 1e-9
    assert measured <= allowed(PLAN.rho_padding) + margin(RUNS)
    assert measured >= expected - margin(RUNS), "the attacker does what it is said to do"


REPEATED = [(set[int](), {1, 2}, 2), ({1}, {1, 2}, 1), (set[int](), {1}, 4), (set[int](), {1, 2}, 7)]


@pytest.mark.parametrize(("before", "after", "repeats"), REPEATED)
def test_sizes_tell_no_more_to_a_node_that_repeats_a_tag(
    before: set[int], after: set[int], repeats: int
) -> None:
    """Compute party 0 sends the tag of a citizen ``repeats`` times and asks at how many others it is."""
    measured, expected = size_attack(before, after, 0, 1.0, repeats)
    assert expected <= allowed(PLAN.rho_padding) + 1e-9
    assert measured <= allowed(PLAN.rho_padding) + margin(RUNS)
    assert measured >= expected - margin(RUNS), "the attacker does what it is said to do"


def test_half_the_padding_noise_is_caught() -> None:
    measured, _ = size_attack({0, 1}, {2}, None, 0.5)
    assert measured > allowed(PLAN.rho_padding) + margin(RUNS)


def test_padding_rows_of_a_compute_party_are_a_public_number_whatever_it_drew() -> None:
    """So its row count tells of its fillers alone."""
    for _ in range(200):
        assert padding(PROGRAM.row_shape, PLAN, NOISE, fillers=False, groups=True).rows == PLAN.pad_total


# Opened cells

CELL_RUNS = 20_000


@cache
def tiny() -> Program:
    return small(THREE, measures=False, margin=False).program


def open_cells(plan: NoisePlan, citizens: Words, observer_draws: bool) -> Callable[[], Vector]:
    """A run: the opened cells' counts as an opening party sees them, its own dummies taken off again.

    With ``observer_draws`` all three parties' noise is in it (the analyst's view).
    """
    table = replace(tiny().table, noise=plan)
    quiet = dummies(table, NoNoise())

    def run() -> Vector:
        own = dummies(table, NOISE) if observer_draws else quiet
        words = concatenate([citizens, dummies(table, NOISE), dummies(table, NOISE), own])
        return tally(table, words.narrow, []).counts.astype(float)

    return run


def citizens_in(cells: list[int]) -> Words:
    program = tiny()
    words = Words.zeros(program.group_shape, len(cells))
    for axis, column in enumerate(words.narrow):
        column[:] = program.cells.levels[cells, axis]
    return words


@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_opened_cells_tell_no_more_than_is_charged_and_moving_counts_as_root_two(scale: float) -> None:
    """A citizen moves from cell 3 to cell 1; the attacker compares the two counts. With Δ = 1 the ledger
    would be charged too little, and half the noise is caught."""
    charged = tiny().noise
    plan = replace(charged, sigma_local=charged.sigma_local * scale)
    others = [1, 1, 3, 5, 6]
    one, other = (open_cells(plan, citizens_in([*others, cell]), False) for cell in (1, 3))
    runs = CELL_RUNS if scale == 1.0 else CELL_RUNS // 3
    statistic = [
        np.array([view[1] - view[3] for view in (run() for _ in range(runs))]) for run in (one, other)
    ]
    measured = advantage(*statistic)
    root_two, root_one = (predicted(math.sqrt(d) / charged.sigma) for d in (2, 1))
    assert allowed(charged.rho_counts) == pytest.approx(root_two, abs=1e-4)
    if scale == 1.0:
        assert measured <= allowed(charged.rho_counts) + margin(CELL_RUNS)
        assert measured > root_one + margin(CELL_RUNS), "Δ = 1 would not cover it"
        assert measured >= root_two - margin(CELL_RUNS)
    else:
        assert measured > allowed(charged.rho_counts) + margin(runs)


def test_the_analyst_learns_less_than_an_opening_party() -> None:
    plan = tiny().noise
    one, other = (open_cells(plan, citizens_in([5, cell]), True) for cell in (1, 3))
    runs = CELL_RUNS // 4
    statistic = [np.array([v[1] - v[3] for v in (run() for _ in range(runs))]) for run in (one, other)]
    expected = predicted(math.sqrt(2) / plan.released_sd)
    assert advantage(*statistic) == pytest.approx(expected, abs=margin(runs))


def test_dummies_are_a_public_number_whatever_was_drawn() -> None:
    """So all-absent groups, which padding hides among, tell nothing that the cells don't."""
    table = tiny().table
    for _ in range(200):
        assert dummies(table, NOISE).rows == table.noise.dummy_total


def test_the_number_of_opened_groups_is_known_before_they_are_opened() -> None:
    """G + 3D: what the cells add up to was in the group sizes already."""
    federation = small(THREE, measures=False)
    seen: dict[str, int] = {}

    def witness(recipient: str, sender: str, stage: str, data: bytes) -> None:
        if stage in ("open/cells", "grouping/sizes"):
            key = f"{stage}>{recipient}"
            add = len(data) if stage == "open/cells" else int(np.frombuffer(data, "<i8").sum())
            seen[key] = seen.get(key, 0) + add

    known = values(federation.program, dict.fromkeys(THREE, CITIZENS[:30]))
    federation.simulation(known, NOISE, witness=witness).run()
    groups = seen["grouping/sizes>home"] + 3 * federation.program.noise.dummy_total
    assert seen["open/cells>clinic"] == seen["open/cells>practice"] == groups * len(federation.program.axes)

"""The noise on what is released, with all parties running: three parties' draws, no more and no less.

A few hundred whole attempts (keys, sealing, shuffles, linking, tables, opening) over the same few citizens;
what the coordinator gets, less the true answer, against the sum of three independent discrete Gaussians.
Each comparison is at p < 1e-8, at most 24 in one test: false-alarm rate below 3e-7 of each. That another
number of parties would be seen fails by chance in 1e-7 of runs, of the smallest sample.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats
from tests.support.adversary import CITIZENS, FOUR, THREE, TWO, small, values
from tests.support.batched import Batched
from tests.support.federation import Federation
from tests.support.quiet import NoNoise
from tests.support.released import variance_p

from samklang.protocol.opening import Outcome

pytestmark = pytest.mark.statistical

ALPHA = 1e-8
SEEN = 0.02
"""What the variance for a wrong number of parties must be rejected at. Of 1,320 values the true variance and
that of four parties are 7.4 standard deviations apart: 2.3 are asked for, which leaves 5."""
ATTEMPTS = {"three": 220, "two": 200, "four": 120}
FEDERATIONS: dict[str, Federation] = {
    "three": small(THREE),
    "two": small(TWO),
    "four": small(FOUR, memberships=1),
}
"""In the last a citizen may be at three of the nodes, and there is a size for four."""
Samples = NDArray[np.int64]
Law = tuple[NDArray[np.int64], NDArray[np.float64]]
"""(values, probabilities)."""


@cache
def attempts(name: str) -> tuple[Outcome, list[Outcome]]:
    """(the true answer, noisy ones)."""
    federation = FEDERATIONS[name]
    inputs = federation.program.inputs
    held = {n: CITIZENS[8 * i : 8 * i + 24] for i, n in enumerate(inputs)}
    known = values(federation.program, held)
    noise = Batched()
    return federation.run(known, NoNoise()), [federation.run(known, noise) for _ in range(ATTEMPTS[name])]


def errors(name: str, field: str) -> Samples:
    """Released minus true, attempts along the first axis."""
    truth, noisy = attempts(name)
    return np.array([np.asarray(getattr(o, field)) - np.asarray(getattr(truth, field)) for o in noisy])


def law(sigma: float, draws: int) -> Law:
    """The law of the sum of ``draws`` discrete Gaussians."""
    reach = int(12 * sigma) + 2
    one = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * sigma**2))
    one /= one.sum()
    total = np.ones(1)
    for _ in range(draws):
        total = np.convolve(total, one)
    half = len(total) // 2
    return np.arange(-half, half + 1), total


def fit(sample: NDArray[Any], law: Law) -> float:
    """p of a chi-square test against ``law``, in classes of at least 20 expected."""
    flat = np.asarray(sample, np.int64).reshape(-1)
    support, probability = law
    cumulated = np.cumsum(probability)
    classes = max(8, min(40, len(flat) // 25))
    edges = np.unique(support[np.searchsorted(cumulated, np.arange(1, classes) / classes)])
    which = np.searchsorted(edges, flat, side="left")
    expected = np.bincount(np.searchsorted(edges, support, side="left"), probability, len(edges) + 1)
    observed = np.bincount(which, minlength=len(edges) + 1)
    keep = expected * len(flat) >= 5
    assert keep.all()
    return float(stats.chisquare(observed, expected * len(flat) / expected.sum()).pvalue)


def moments(sample: NDArray[Any], sigma: float, draws: int) -> tuple[float, float]:
    """Two-sided p of mean 0 and of variance draws·σ²."""
    return spread_of(sample, draws * sigma**2)


def spread_of(sample: NDArray[Any], variance: float) -> tuple[float, float]:
    """Two-sided p of mean 0 and of this variance."""
    flat = np.asarray(sample, float).reshape(-1)
    mean = flat.mean() / np.sqrt(variance / len(flat))
    return float(2 * stats.norm.sf(abs(mean))), variance_p(flat, variance)


def agrees(sample: NDArray[Any], sigma: float, draws: int) -> None:
    assert fit(sample, law(sigma, draws)) > ALPHA
    mean, variance = moments(sample, sigma, draws)
    assert mean > ALPHA
    assert variance > ALPHA


@pytest.mark.parametrize("name", FEDERATIONS)
def test_counts_carry_the_noise_of_three_parties(name: str) -> None:
    plan = FEDERATIONS[name].program.noise
    sample = errors(name, "counts")
    agrees(sample, plan.sigma_local, 3)
    assert plan.released_sd**2 == pytest.approx(3 * plan.sigma_local**2)
    for wrong in (2, 4):
        assert moments(sample, plan.sigma_local, wrong)[1] < SEEN, "a party more or less would be seen"


@pytest.mark.parametrize("name", FEDERATIONS)
def test_every_cell_has_noise_of_its_own(name: str) -> None:
    """Each cell's variance, and no two cells go together."""
    sample = errors(name, "counts")
    plan = FEDERATIONS[name].program.noise
    for cell in sample.T:
        assert min(moments(cell, plan.sigma_local, 3)) > ALPHA
    correlation = np.corrcoef(sample.T) - np.eye(sample.shape[1])
    assert np.abs(correlation).max() < 6.5 / np.sqrt(len(sample))


@pytest.mark.parametrize("name", FEDERATIONS)
def test_sums_carry_the_noise_of_three_parties(name: str) -> None:
    plan = FEDERATIONS[name].program.noise
    ((sigma,),) = plan.measure_sigma_local
    sample = errors(name, "sums")[:, 0]
    agrees(sample, sigma, 3)
    for wrong in (2, 4):
        assert moments(sample, sigma, wrong)[1] < SEEN
    together = np.corrcoef(sample.reshape(-1), errors(name, "counts").reshape(-1))[0, 1]
    assert abs(together) < 6.5 / np.sqrt(sample.size), "counts and sums have noise of their own"


@pytest.mark.parametrize("name", FEDERATIONS)
def test_linkage_figures_carry_the_padding_of_all(name: str) -> None:
    """Citizens at j ≥ 2 nodes: three parties' groups. At one node: every input party's fillers, and what
    the groups took away from the compute parties' single rows."""
    program = FEDERATIONS[name].program
    plan = program.noise
    sample = errors(name, "linkage")
    for groups in sample.T[1:]:
        agrees(groups, plan.s_pad, 3)
    draws = len(program.inputs) + 3 * sum(j * j for j in range(2, plan.k_max + 1))
    assert min(moments(sample[:, 0], plan.s_pad, draws)) > ALPHA


@pytest.mark.parametrize("name", FEDERATIONS)
def test_conflicts_carry_noise_too(name: str) -> None:
    """Three parties' dummies in every conflict cell; where groups may be too large, their padding, too."""
    truth, noisy = attempts(name)
    program = FEDERATIONS[name].program
    plan = program.noise
    padded = plan.k_max > program.largest_group
    assert padded == (name == "four")
    sample = errors(name, "conflicts")
    support, probability = law(plan.sigma_local, 3 * len(program.cells.conflicts))
    if padded:
        probability = np.convolve(probability, law(plan.s_pad, 3)[1])
        half = len(probability) // 2
        support = np.arange(-half, half + 1)
    variance = float((support**2 * probability).sum())
    assert {o.conflict_sd for o in noisy} == {truth.conflict_sd}
    assert truth.conflict_sd**2 == pytest.approx(variance, rel=1e-6)
    assert fit(sample, (support, probability)) > ALPHA
    assert min(spread_of(sample, variance)) > ALPHA
    if padded:
        without = 3 * len(program.cells.conflicts) * plan.sigma_local**2
        assert min(spread_of(sample, without)) < SEEN, "the padding's part would be missed"


def test_two_answers_to_one_question_differ() -> None:
    """Fresh noise in every attempt: no two of all the answers are the same."""
    _, noisy = attempts("three")
    assert len({o.counts.tobytes() + o.sums.tobytes() for o in noisy}) == len(noisy)

"""A node that sends one citizen's tag many times over, to learn at how many partners that citizen is.

Tags that occur too often are cut into groups of the largest size and one of the rest, and every size is
padded: no attempt fails by it, no size is exact, and what the sizes tell of the citizen is no more than what
is charged for. What remains are limits named in docs/threat-model.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.support.adversary import (
    CITIZENS,
    FOUR,
    NINE,
    THREE,
    Stubborn,
    adding_rows,
    install,
    small,
    values,
)
from tests.support.federation import COORDINATOR, Federation
from tests.support.quiet import NoNoise

from samklang.privacy.noise import OpenDPNoise
from samklang.privacy.sensitivity import padding_squared
from samklang.protocol.linking import group
from samklang.protocol.opening import Outcome, tolerance

NOISE = OpenDPNoise()
TARGET = CITIZENS[0]
OTHERS = CITIZENS[1:30]
FEDERATION = small(NINE, memberships=1)
LARGEST = FEDERATION.program.largest_size
Sizes = NDArray[np.int64]


def holding(federation: Federation, nodes: Sequence[str]) -> dict[str, list[str]]:
    """The others at every node, the target at ``nodes``."""
    return {n: [*([TARGET] if n in nodes else []), *OTHERS] for n in federation.program.inputs}


def run(
    federation: Federation, held: Mapping[str, Sequence[str]], quiet: bool = False
) -> tuple[Outcome, Sizes]:
    """(outcome, number of groups of each size as compute party A was told)."""
    seen = bytearray()

    def witness(recipient: str, sender: str, stage: str, data: bytes) -> None:
        if (recipient, stage) == (federation.program.compute[0], "grouping/sizes"):
            seen.extend(data)

    known = values(federation.program, held, lambda *_: 1)
    outcome = federation.run(known, NoNoise() if quiet else NOISE, witness=witness)
    return outcome, np.frombuffer(bytes(seen), "<i8").copy()


def test_there_are_more_nodes_than_sizes_here() -> None:
    assert FEDERATION.program.largest_group + 1 == LARGEST < len(NINE)


@pytest.mark.parametrize("elsewhere", [0, 1, 4, 8])
@pytest.mark.parametrize("times", [1, LARGEST, LARGEST + 1, len(NINE), 40])
def test_no_attempt_fails_and_no_size_is_left_unpadded(
    times: int, elsewhere: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often a tag comes and wherever else it is: as many sizes as ever, each far from its true
    number by the padding of three parties."""
    install(monkeypatch, Contributor=adding_rows("home", [(TARGET, {})] * times))
    outcome, sizes = run(FEDERATION, holding(FEDERATION, list(NINE)[1 : 1 + elsewhere]))
    plan = FEDERATION.program.noise
    assert len(sizes) == len(outcome.linkage) == LARGEST
    assert (sizes[1:] > 3 * (plan.shift_pad - 8 * plan.s_pad)).all()


@cache
def groups(rows: int, largest: int) -> Sizes:
    """Groups of each size for one tag that occurs ``rows`` times, by the linker's own function."""
    return group(np.ones((2, rows), np.uint64), largest).sizes


@pytest.mark.parametrize(
    ("nodes", "largest"), [(2, 2), (3, 2), (3, 3), (4, 2), (5, 4), (6, 3), (7, 5), (8, 4), (17, 6), (50, 7)]
)
def test_whatever_is_repeated_a_citizens_own_rows_move_sizes_no_more_than_is_charged(
    nodes: int, largest: int
) -> None:
    """All neighbours: a citizen leaves some of the other nodes, enters some and stays at some, while one
    node sends its tag any number of times. What has to be made up for by padding (rows of nodes, groups of
    two and more; single groups follow from these) is never longer than what the noise is made for."""
    worst = 0
    for left, entered, kept in product(range(largest + 1), repeat=3):
        before, after = left + kept, entered + kept
        if max(before, after) > largest or left + entered + kept > nodes - 1:
            continue
        for times in range(3 * largest + 1):
            moved = groups(times + after, largest) - groups(times + before, largest)
            worst = max(worst, left + entered + int((moved[1:] ** 2).sum()))
    assert 0 < worst <= padding_squared(nodes, largest)


def test_an_unpadded_size_would_have_shown_the_number_exactly() -> None:
    """The comparison above has something to see: without a cut, the largest size moves alone."""
    for elsewhere in range(5):
        assert groups(LARGEST + 1 + elsewhere, 99).tolist().index(1) == LARGEST + elsewhere


# What stays


@pytest.mark.parametrize("at", [3, 4, 5, 6, 8, 9])
def test_limit_a_citizen_at_more_nodes_than_there_are_sizes_counts_more_than_once(at: int) -> None:
    """Nobody deviates. Each further group of the largest size is one more conflict, what is left over one
    more citizen; the last linkage figure counts them, with noise."""
    outcome, _ = run(FEDERATION, holding(FEDERATION, list(NINE)[:at]), quiet=True)
    nobody, _ = run(FEDERATION, holding(FEDERATION, []), quiet=True)
    whole, rest = divmod(at, LARGEST)
    counted = int(outcome.counts.sum() - nobody.counts.sum()) + outcome.conflicts - nobody.conflicts
    assert counted == whole + (rest > 0)
    assert outcome.linkage[-1] - nobody.linkage[-1] == whole
    assert (whole + (rest > 0) > 1) == (at > LARGEST)


@pytest.mark.statistical
def test_limit_a_repeated_tag_scatters_a_citizens_rows_and_raises_its_influence() -> None:
    """Which rows come together is chance. The honest rows of one citizen may stand in several groups, so
    that the citizen changes several cells; at most as many as it has rows. They are together in two of five
    attempts; sixty that are all alike: false-alarm rate 1e-13."""
    federation = small(THREE)
    alone, _ = run(federation, holding(federation, []), quiet=True)
    changed: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        install(patch, Contributor=adding_rows("clinic", [(TARGET, {})] * 3))
        while len(changed) < 10 or (len(set(changed)) == 1 and len(changed) < 60):
            outcome, _ = run(federation, holding(federation, ["home", "practice"]), quiet=True)
            changed.append(int(np.abs(outcome.counts - alone.counts).sum()))
    assert set(changed) == {1, 2}


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_falsified_row_makes_no_attempt_fail_wherever_its_citizen_is(
    elsewhere: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A node that is no compute party puts a level on another sector's axis that is possible by itself and
    impossible with a row of that sector beside it. Were one such group refused, the failed attempt would tell
    everybody where the citizen is; a few are counted among the noisy conflicts."""
    federation = small(FOUR)
    assert "practice-2" not in federation.program.compute
    assert not federation.program.axes[0].encoding.needs_table
    install(monkeypatch, Contributor=adding_rows("practice-2", [(TARGET, {0: 2})]))
    held = holding(federation, ["home"] if elsewhere else [])
    known = values(federation.program, held, lambda *_: 1)
    attempt = Stubborn(federation.participants(known, NOISE))
    assert isinstance(attempt.run()[COORDINATOR], Outcome)
    assert not attempt.failures


@pytest.mark.statistical
def test_what_is_tolerated_is_as_random_as_the_dummies_of_a_cell() -> None:
    """So that one impossible group more or less changes whether an attempt fails by no more than a cell's
    noise allows, for whoever makes up to that many of them. False-alarm rate: 8 standard errors, 1e-14."""
    federation = small(FOUR)
    plan = federation.program.noise
    drawn = np.array([tolerance(federation.program, NOISE) for _ in range(2000)])
    assert abs(drawn.mean() - plan.shift) < 8 * plan.sigma_local / np.sqrt(2000)
    assert abs(drawn.std() / plan.sigma_local - 1) < 8 / np.sqrt(2 * 2000)
    assert drawn.min() >= 0
    assert drawn.max() <= 2 * plan.shift

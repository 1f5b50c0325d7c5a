"""Wrong answers that nobody notices: what a single party that breaks the rules can do to the result.

The claim is about parties that follow the protocol and look at what they get. Each test here is a limit
named in docs/threat-model.md; if a check is added that stops one, its test fails and both are changed.
"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.support.adversary import CITIZENS, THREE, TWO, install, overlapping, small, values
from tests.support.federation import COORDINATOR, Federation
from tests.support.quiet import NoNoise

from samklang.protocol.roles.party_a import PartyA
from samklang.protocol.roles.party_b import PartyB
from samklang.protocol.roles.party_c import PartyC
from samklang.protocol.roles.script import Script
from samklang.protocol.simulation import Simulation
from samklang.protocol.table import Table
from samklang.protocol.words import Words

FEDERATIONS = {"three": small(THREE), "two": small(TWO)}


def test_limit_a_party_that_biases_its_noise_is_not_noticed() -> None:
    """It changes the answer, not what anybody learns: the other two parties' noise is still there."""
    federation = FEDERATIONS["three"]
    known = values(federation.program, dict.fromkeys(THREE, CITIZENS[:40]))

    class Generous:
        def discrete_gaussian(self, sigma: float, size: int) -> NDArray[np.int64]:
            return np.full(size, 3, np.int64)

    participants = federation.participants(known, NoNoise())
    participants["clinic"]._noise = Generous()
    biased = Simulation(participants).run()[COORDINATOR]
    honest = federation.run(known, NoNoise())
    assert np.array_equal(biased.counts, honest.counts + 3)


def test_limit_a_node_that_invents_rows_is_counted() -> None:
    federation = FEDERATIONS["three"]
    held = dict.fromkeys(THREE, CITIZENS[:40])
    honest = federation.run(values(federation.program, held), NoNoise())
    held["home"] = CITIZENS[:60]
    invented = federation.run(values(federation.program, held), NoNoise())
    assert int(invented.counts.sum()) == int(honest.counts.sum()) + 20


class AlteredA(PartyA):
    """Adds 1000 to its share of each citizen's measure, where it stands among the groups."""

    def look_up(self, grouping, groups):  # type: ignore[no-untyped-def]
        words: Words = yield from super().look_up(grouping, groups)
        words.wide[0][:] += np.uint64(1000)
        return words


class AlteredB(PartyB):
    """The same when the cells are open."""

    def open_and_release(self, table: Table, words: Words, *, other: str) -> Script:
        words.wide[0][:] += np.uint64(1000)
        return (yield from super().open_and_release(table, words, other=other))


class AlteredC(PartyC):
    def open_and_release(self, table: Table, words: Words, *, other: str) -> Script:
        words.wide[0][:] += np.uint64(1000)
        return (yield from super().open_and_release(table, words, other=other))


@pytest.mark.parametrize("name", FEDERATIONS)
@pytest.mark.parametrize("role", [AlteredA, AlteredB, AlteredC], ids=["A", "B", "C"])
def test_limit_a_party_that_alters_its_share_of_a_measure_is_not_noticed(
    role: type[PartyA | PartyB | PartyC], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shares carry no authentication codes. Sums are wrong by what it adds; counts stay."""
    federation: Federation = FEDERATIONS[name]
    honest = federation.run(overlapping(federation.program), NoNoise())
    install(monkeypatch, **{role.__name__.replace("Altered", "Party"): role})
    altered = federation.run(overlapping(federation.program), NoNoise())
    assert np.array_equal(altered.counts, honest.counts)
    wrong = altered.sums[0] - honest.sums[0]
    assert (wrong >= 1000 * honest.counts).all()
    assert wrong.any()

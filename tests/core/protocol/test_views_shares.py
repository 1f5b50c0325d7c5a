"""What each party receives is uniform, whatever the data are: shares, re-masks, table indices, seeds.

Two data sets as different as can be with equally many rows: all citizens at every node with the highest
values, and nobody at two nodes with the lowest. Noise is off, so nothing but masks can make it uniform.
Each comparison is at p < 1e-9, fewer than a hundred in one test: false-alarm rate below 1e-7.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.support.adversary import CITIZENS, THREE, TWO, small, values
from tests.support.quiet import NoNoise
from tests.support.views import ALPHA, View, independent, same, uniform, views

from samklang.protocol.messages import STAGES
from samklang.protocol.rows import contribution
from samklang.protocol.tables import TablePlan

pytestmark = pytest.mark.statistical

ATTEMPTS = 24
FEDERATIONS = {"three": small(THREE), "two": small(TWO)}
HIGHEST = {"level": 1, "number": 3, "measure": 20}

UNIFORM = {
    "link/confirm": 0,
    "rows/seed": 8,
    "rows/share": 0,
    "shuffle1/1": 0,
    "shuffle1/2": 0,
    "tags": 0,
    "tables/seed": 0,
    "tables/share": 0,
    "dummies/seed": 0,
    "dummies/share": 0,
    "shuffle2/1": 0,
    "shuffle2/2": 0,
    "open/commit": 0,
    "open/cells": 0,
    "noise/seed": 0,
    "noise/share": 0,
    "release/shares": -1,
}
UNIFORM |= {f"margin/{stage}": n for stage, n in UNIFORM.items() if f"margin/{stage}" in STAGES}
"""Stage → how many bytes in front are a public count (-1: the opened counts)."""
NOT_UNIFORM = {
    "key": "public-key ciphertexts and signatures",
    "rows/count": "padded, so differentially private",
    "grouping/sizes": "padded, so differentially private",
    "grouping/order": "says which shuffled positions belong together; see test_views_positions",
    "grouping/digest": "a hash of the grouping, and the sizes",
    "tables/open": "small words; tested modulo their tables below",
}


def test_every_stage_is_accounted_for() -> None:
    assert set(UNIFORM) | set(NOT_UNIFORM) == set(STAGES)


@cache
def seen(name: str, rich: bool) -> list[View]:
    federation = FEDERATIONS[name]
    inputs = federation.program.inputs
    n = len(CITIZENS) // len(inputs)
    held = {p: CITIZENS[:n] if rich else CITIZENS[n * i : n * (i + 1)] for i, p in enumerate(inputs)}
    known = values(federation.program, held, lambda _, kind: HIGHEST[kind] if rich else 0)
    return list(views(federation, known, NoNoise(), ATTEMPTS))


def payload(name: str, rich: bool, stage: str, recipient: str) -> NDArray[np.uint8]:
    """All that one party received in a stage, over all senders and attempts, without public counts."""
    parts = []
    for view in seen(name, rich):
        skip = UNIFORM[stage]
        if skip < 0:
            program = view.federation.program
            table = program.margin_table if stage.startswith("margin/") else program.table
            assert table is not None
            skip = 8 * (table.released + 1)
        parts += [bytes(d)[skip:] for (s, _, r), d in view.received.items() if (s, r) == (stage, recipient)]
    return np.frombuffer(b"".join(parts), np.uint8)


def recipients(name: str, stage: str) -> list[str]:
    return sorted({r for s, _, r in seen(name, True)[0].received if s == stage})


@pytest.mark.parametrize("name", FEDERATIONS)
@pytest.mark.parametrize("stage", UNIFORM)
def test_what_a_party_receives_is_uniform_and_the_same_for_any_data(stage: str, name: str) -> None:
    """About 200 tests in all."""
    assert recipients(name, stage)
    for recipient in recipients(name, stage):
        rich, poor = (payload(name, r, stage, recipient) for r in (True, False))
        bins = 256 if len(rich) >= 50 * 256 else 16  # little material: the upper halves of bytes
        shift = 8 - bins.bit_length() + 1
        assert uniform(rich >> shift, bins) > ALPHA
        assert uniform(poor >> shift, bins) > ALPHA
        assert same(rich >> shift, poor >> shift, bins) > ALPHA
        both = np.concatenate([rich, poor])
        pairs = both[: len(both) // 2 * 2].reshape(-1, 2) >> 6
        assert independent(pairs[:, 0], pairs[:, 1]) > ALPHA, "neighbouring bytes"


def test_the_uniformity_test_sees_what_is_not_uniform() -> None:
    """Rows before they are shared fail the same test."""
    federation = FEDERATIONS["three"]
    view = seen("three", True)[0]
    known = values(federation.program, {"clinic": CITIZENS[:50]})["clinic"]
    key = view.roles["clinic"].session.link_key
    words = contribution(federation.program, NoNoise(), link_key=key, by_sector=known, groups=False)
    plain = np.concatenate([c.view(np.uint8) for c in words.columns])
    assert uniform(plain >> 4, 16) < ALPHA
    tags_alone = np.concatenate(words.wide[:2]).view(np.uint8)
    assert uniform(tags_alone >> 4, 16) > ALPHA, "pseudonyms are uniform by themselves"


@pytest.mark.parametrize("name", FEDERATIONS)
def test_a_share_says_nothing_of_the_word_it_belongs_to(name: str) -> None:
    """Word by word: the level that a and b add up to, against 16 classes of a and of b."""
    levels, first, second = [], [], []
    for rich in (True, False):
        for view in seen(name, rich):
            a, b = view.shared_rows()
            for one, other in zip(a.narrow, b.narrow, strict=True):
                levels.append((one + other).astype(np.int64) > 0)
                first.append(one)
                second.append(other)
    level = np.concatenate(levels)
    assert 0.01 < level.mean() < 0.99
    for share in (np.concatenate(first), np.concatenate(second)):
        assert independent(level, share & 15) > ALPHA
        assert independent(level, share >> 12) > ALPHA


@pytest.mark.parametrize("name", FEDERATIONS)
def test_an_opening_partys_share_says_nothing_of_the_cell(name: str) -> None:
    levels, shares = [], []
    for view in seen(name, True):
        _, b, c = view.federation.program.compute
        one, other = view.array(np.uint8, "open/cells", b, c), view.array(np.uint8, "open/cells", c, b)
        levels.append(one + other)
        shares.append(one)
    level, share = np.concatenate(levels), np.concatenate(shares)
    assert set(np.unique(level)) <= {0, 1, 2, 3, 4, 255}
    assert independent(np.minimum(level, 5), share >> 4) > ALPHA


@pytest.mark.parametrize("name", FEDERATIONS)
def test_opened_table_indices_are_uniform(name: str) -> None:
    """u and each holder's share of it, modulo the table's length, for every length that occurs; and no bit
    above the length is sent, where the word itself would show."""
    for rich in (True, False):
        opened: dict[int, list[NDArray[np.uint16]]] = {}
        for view in seen(name, rich):
            a, _, c = view.federation.program.compute
            plan = TablePlan(view.federation.program, view.sizes)
            masks = plan.masks()
            shares = [view.array("<u2", "tables/open", *pair) for pair in ((a, c), (c, a))]
            assert all((share <= masks).all() for share in shares)
            for word in (*shares, (shares[0] + shares[1]) & masks):
                for mask in np.unique(masks).tolist():
                    opened.setdefault(mask + 1, []).append(word[masks == mask])
        assert opened
        for modulus, words in opened.items():
            together = np.concatenate(words)
            if len(together) >= 20 * modulus:
                assert uniform(together, modulus) > ALPHA
        assert max(len(np.concatenate(w)) // m for m, w in opened.items()) > 50


@pytest.mark.parametrize("name", FEDERATIONS)
def test_released_shares_add_up_and_each_alone_is_uniform(name: str) -> None:
    """B's and C's words at the coordinator: their sum is the answer, neither is."""
    for rich in (True, False):
        words: dict[str, list[NDArray[np.uint64]]] = {}
        for view in seen(name, rich):
            program = view.federation.program
            _, b, c = program.compute
            sums = []
            for party in (b, c):
                share = view.array("<u8", "release/shares", party, program.linker)[program.released + 1 :]
                words.setdefault(party, []).append(share)
                sums.append(share)
            assert view.outcome is not None
            assert ((sums[0] + sums[1]).view(np.int64) == view.outcome.sums.reshape(-1)).all()
        for shares in words.values():
            top = np.concatenate(shares) >> np.uint64(61)
            assert uniform(top, 8) > ALPHA
            assert len(np.unique(np.concatenate(shares))) == sum(map(len, shares))

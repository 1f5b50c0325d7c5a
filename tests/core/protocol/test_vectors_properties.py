"""Both implementations on inputs that nobody chose: they agree, and what must hold holds."""

from __future__ import annotations

import itertools
import random
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.core.protocol.second import adapter, axes, shuffling
from tests.core.protocol.second.keys import Refused
from tests.core.protocol.vectors import first, notation
from tests.core.protocol.vectors.inputs import column

from samklang.errors import SamklangError
from samklang.protocol import linking
from samklang.protocol.encodings import Interval

ABSENT, MISSING, CONFLICT = "ABSENT", "MISSING", "CONFLICT"
BANDS = st.sampled_from(
    [[[None, 1], [1, 3], [3, None]], [[0, 1], [2, 4], [4, 9]], [[-2, 0], [0, 1], [1, None]]]
)


def same(function: str, case: dict[str, Any]) -> Any:
    """What both give."""
    got = first.function(function)(case)
    assert got == getattr(adapter, function)(case)
    return got


@st.composite
def encodings(draw: st.DrawFn) -> dict[str, Any]:
    levels = [ABSENT, "a", "b", "c"]
    kind = draw(st.sampled_from(["category", "total", "interval", "membership", "presence"]))
    nodes = draw(st.integers(1, 4))
    match kind:
        case "category":
            return {"kind": kind, "names": [*levels, CONFLICT], "nodes": nodes}
        case "total":
            return {
                "kind": kind,
                "names": [*levels, MISSING, CONFLICT],
                "nodes": nodes,
                "per_row": draw(st.integers(1, 2)),
                "allowed": draw(st.integers(1, nodes)),
                "clip": draw(st.integers(1, 6)),
                "bands": draw(BANDS),
                "other": draw(st.sampled_from([-1, 0])),
                "missing": draw(st.booleans()),
            }
        case "interval":
            return {
                "kind": kind,
                "names": [ABSENT, "START-ONLY", "END-ONLY", "a", "b", "c", MISSING, CONFLICT],
                "start_nodes": nodes,
                "end_nodes": draw(st.integers(1, 4)),
                "both_nodes": draw(st.integers(0, 2)),
                "span": draw(st.integers(0, 9)),
                "bands": draw(BANDS),
                "other": draw(st.sampled_from([-1, 2])),
            }
        case "membership":
            several = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
            at_least = draw(st.integers(1, len(several)))
            names = ["OUT", "IN"]
            return {"kind": kind, "names": names, "nodes": several, "per_row": 1, "at_least": at_least}
    return {"kind": kind, "names": [ABSENT, "PRESENT"], "nodes": nodes}


@given(encodings(), st.integers(1, 5))
def test_tables_are_the_same(encoding: dict[str, Any], rows: int) -> None:
    table = bytes.fromhex(same("table", {"encoding": encoding, "rows": rows}))
    assert len(table) == axes.modulus(encoding, rows)
    assert len(table) & (len(table) - 1) == 0


@given(st.integers(1, 3), st.integers(1, 3), st.integers(0, 3), st.integers(0, 4))
def test_intervals_tell_every_set_of_events_apart(starts: int, ends: int, both: int, span: int) -> None:
    """By enumeration: one start and one end give their difference, several on a side a conflict."""
    names = [ABSENT, "START-ONLY", "END-ONLY", *(f"{d}" for d in range(-span, span + 1))]
    crowded = max(starts, ends) > 1
    bands = [[d, d + 1] for d in range(-span, span + 1)]
    spec: dict[str, Any] = {
        "kind": "interval",
        "names": [*names, *([CONFLICT] if crowded else [])],
        "start_nodes": starts,
        "end_nodes": ends,
        "both_nodes": min(both, starts, ends),
        "span": span,
        "bands": bands,
        "other": -1,
    }
    encoding = notation.encoding(spec)
    assert isinstance(encoding, Interval)
    for j in range(1, starts + ends + 1):
        table = encoding.levels(j)
        for s, e in itertools.product(range(min(starts, j) + 1), range(min(ends, j) + 1)):
            if s + e > j + min(encoding.both_nodes, j):
                continue
            for first_ in itertools.combinations_with_replacement(range(span + 1), s):
                for last in itertools.combinations_with_replacement(range(span + 1), e):
                    word = sum(axes.word(spec, u, "start") for u in first_)
                    word += sum(axes.word(spec, u, "end") for u in last)
                    alone = {(0, 0): ABSENT, (1, 0): "START-ONLY", (0, 1): "END-ONLY"}
                    meant = f"{last[0] - first_[0]}" if (s, e) == (1, 1) else alone.get((s, e), CONFLICT)
                    assert encoding.names[table[word]] == meant, (first_, last, j)


@given(st.integers(0, 2**32), st.integers(1, 6), st.integers(0, 40))
def test_groupings_are_the_same_and_accepted(seed: int, largest: int, citizens: int) -> None:
    chance = random.Random(seed)
    tags = [chance.randbytes(16).hex() for _ in range(citizens)]
    rows = [t for t in tags for _ in range(chance.choice([1, 2, largest, 3 * largest + 1]))]
    chance.shuffle(rows)
    found = same("group", {"tags": rows, "largest": largest})
    given_: dict[str, Any] = {**found, "rows": len(rows), "largest": largest}
    assert same("check", given_) == "accepted"
    same("digest", {**found, "transcript": "22" * 32})


@given(st.integers(0, 2**32), st.integers(2, 4))
def test_both_refuse_the_same_groupings(seed: int, largest: int) -> None:
    """A canonical one with a few numbers changed."""
    chance = random.Random(seed)
    tags = [bytes([chance.randrange(6)]) * 16 for _ in range(chance.randint(1, 9))]
    found = same("group", {"tags": [t.hex() for t in tags], "largest": largest})
    sizes, order = list(found["sizes"]), list(found["order"])
    for _ in range(chance.randint(0, 2)):
        if chance.random() < 0.5:
            x, y = (chance.randrange(len(order)) for _ in range(2))
            order[x], order[y] = order[y], order[x]
        elif chance.random() < 0.5:
            order[chance.randrange(len(order))] = chance.randrange(len(order) + 1)
        else:
            sizes[chance.randrange(largest)] += chance.choice([-1, 1])
    given_: dict[str, Any] = {"sizes": sizes, "order": order, "rows": len(tags), "largest": largest}
    answers = []
    for implementation, error in ((first.function("check"), SamklangError), (adapter.check, Refused)):
        try:
            answers.append(implementation(given_))
        except error:
            answers.append("refused")
    assert answers[0] == answers[1]


@given(st.integers(0, 2**32), st.integers(0, 30))
def test_a_grouping_does_not_depend_on_the_tags(seed: int, citizens: int) -> None:
    """Other tags for the same citizens give the same bytes: nothing about a tag is in them."""
    chance = random.Random(seed)
    who = [c for c in range(citizens) for _ in range(chance.randint(1, 3))]
    chance.shuffle(who)
    made = []
    for _ in range(2):
        tags = np.array([[chance.getrandbits(64) for _ in range(citizens)] for _ in range(2)], np.uint64)
        made.append(linking.group(tags.reshape(2, citizens)[:, who], 3))
    assert np.array_equal(made[0].sizes, made[1].sizes)
    assert np.array_equal(made[0].order, made[1].order)


@given(st.binary(min_size=32, max_size=32), st.integers(0, 20))
def test_a_shuffle_is_a_permutation_and_re_masks(key: bytes, rows: int) -> None:
    sizes = [8, 8, 2, 1]
    x = [column(f"x{key.hex()}{n}", size, rows) for n, size in enumerate(sizes[:3])]
    y = [column(f"y{key.hex()}{n}", size, rows) for n, size in enumerate(sizes[:3])]
    keys = {k: (key[n:] + key[:n]).hex() for n, k in enumerate(("xy", "yz", "zx"))}
    out = same("shuffle", {"x": x, "y": y, **keys, "attempt": 1, "stage": "shuffle1"})

    def rows_of(*shares: list[dict[str, Any]]) -> list[tuple[int, ...]]:
        joined = shuffling.add(adapter._share(shares[0]), adapter._share(shares[1]))
        return sorted(zip(*(col for _, col in joined), strict=True))

    assert rows_of(x, y) == rows_of(out["z"], out["x"])
    if rows:
        assert not {c["words"] for c in out["z"][:2]} & {c["words"] for c in (*x[:2], *y[:2])}


BOUNDS = st.tuples(st.integers(-500, 0), st.integers(1, 10**6), st.integers(1, 4))
MEASURES = st.lists(st.lists(BOUNDS, min_size=1, max_size=3), max_size=3)


@given(
    st.integers(10**6, 10**8),
    st.integers(2, 12),
    st.integers(1, 5),
    st.integers(1, 3000),
    MEASURES,
    st.none() | st.tuples(st.integers(1, 100), MEASURES),
)
def test_noise_plans_are_the_same(
    rho: int, nodes: int, k_max: int, cells: int, measures: list[Any], margin: tuple[int, list[Any]] | None
) -> None:
    given_ = {"rho": rho, "nodes": nodes, "k_max": k_max, "cells": cells, "measures": measures}
    said = {"cells": margin[0], "measures": margin[1]} if margin else None
    plan = same("allocate", {**given_, "margin": said})
    assert plan["rho_charged"] <= rho

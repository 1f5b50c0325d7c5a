"""A network, or the relay, that alters, drops, cuts, repeats, moves or keeps messages for later."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.adversary import THREE, TWO, overlapping, refused, small
from tests.support.federation import Federation
from tests.support.quiet import NoNoise

from samklang.errors import SamklangError
from samklang.protocol import simulation as simulation_module
from samklang.protocol.messages import STAGES
from samklang.protocol.sealing import OVERHEAD, Opener, Sealer
from samklang.protocol.simulation import Chunk, Network

Edge = tuple[str, str, str]
"""(stage, sender, recipient)."""

FEDERATIONS: dict[str, Federation] = {
    "three": small(THREE),
    "two": small(TWO),
    "four": small(THREE | {"second-home": ("home",)}),
}


def edges(federation: Federation) -> list[Edge]:
    """Every message of an honest run that crosses the network."""
    run = federation.simulation(overlapping(federation.program), NoNoise())
    run.run()
    return sorted(e for e in run.relayed if e[1] != e[2])


def test_the_runs_here_use_every_stage_of_the_message_table() -> None:
    for federation in FEDERATIONS.values():
        assert {stage for stage, _, _ in edges(federation)} == set(STAGES)


def on(edge: Edge, change: Callable[[Chunk], list[Chunk]]) -> Network:
    """A network that changes one message."""
    return lambda chunk: change(chunk) if (chunk.stage, chunk.sender, chunk.recipient) == edge else [chunk]


def flipped(chunk: Chunk, bit: int) -> list[Chunk]:
    data = bytearray(chunk.data)
    bit %= 8 * len(data)
    data[bit // 8] ^= 1 << bit % 8
    return [replace(chunk, data=bytes(data))]


def code_of(stage: str) -> str:
    return "protocol-sealed" if STAGES[stage].sealed else "protocol-key-message"


@pytest.mark.parametrize("name", FEDERATIONS)
@pytest.mark.parametrize("stage", STAGES)
def test_one_changed_bit_in_any_message_is_refused(stage: str, name: str) -> None:
    """For every sender and recipient of the stage, at a random place; who receives it names it."""
    federation = FEDERATIONS[name]
    known = overlapping(federation.program)
    for edge in [e for e in edges(federation) if e[0] == stage]:
        bit = random.getrandbits(40)
        print(f"edge {edge}, bit {bit}")  # shown if it fails
        refused(federation, known, code_of(stage), edge[2], network=on(edge, partial(flipped, bit=bit)))


@pytest.mark.parametrize("stage", STAGES)
def test_a_cut_extended_repeated_or_missing_message_is_refused(stage: str) -> None:
    federation = FEDERATIONS["three"]
    known = overlapping(federation.program)
    edge = next(e for e in edges(federation) if e[0] == stage)

    def resized(chunk: Chunk, data: bytes) -> list[Chunk]:
        return [replace(chunk, data=data)]

    changes: list[Callable[[Chunk], list[Chunk]]] = [
        lambda c: resized(c, c.data[:-1]),
        lambda c: resized(c, c.data + b"\0"),
        lambda c: resized(c, b""),
        lambda c: [c, c],
        lambda c: [],
        lambda c: [replace(c, last=not c.last)],
    ]
    if not STAGES[stage].sealed:
        changes.pop()  # signed, not sealed: the whole message is what counts, not how it was cut
    for change in changes:
        refused(federation, known, code_of(stage), edge[2], network=on(edge, change))


CUT = 64
"""Bytes per chunk in the tests below, so that small messages have many."""


@pytest.mark.parametrize(
    "change",
    [
        lambda chunks: [chunks[1], chunks[0], *chunks[2:]],
        lambda chunks: [*chunks[:3], chunks[4], *chunks[5:]],
        lambda chunks: [*chunks[:2], chunks[1], *chunks[2:]],
        lambda chunks: [*chunks[:-2], chunks[-1]],
        lambda chunks: chunks[:-1],
        lambda chunks: [*chunks[:-2], replace(chunks[-2], last=True)],
        lambda chunks: [*chunks, chunks[-1]],
        lambda chunks: [*chunks, chunks[0]],
    ],
    ids=[
        "swapped",
        "one dropped",
        "one repeated",
        "last but one dropped",
        "truncated",
        "ended early",
        "last again",
        "first again",
    ],
)
def test_chunks_hold_their_place(
    change: Callable[[list[Chunk]], list[Chunk]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulation_module, "PIECE", CUT)
    federation = FEDERATIONS["three"]
    edge = ("open/cells", "clinic", "practice")
    length = sum(1 for _ in record(federation, edge))
    assert length > 10
    held: list[Chunk] = []

    def hold(chunk: Chunk) -> list[Chunk]:
        held.append(chunk)
        return change(held) if len(held) == length else []

    # Chunks that the network keeps back are delivered together with the last one.
    refused(
        federation, overlapping(federation.program), "protocol-sealed", "practice", network=on(edge, hold)
    )


def instead(chunk: Chunk, old: list[Chunk]) -> list[Chunk]:
    return [old[chunk.index]]


def record(federation: Federation, edge: Edge, attempt: int = 1) -> list[Chunk]:
    """One message's chunks as they were sealed in a run of its own."""
    seen: list[Chunk] = []

    def listen(chunk: Chunk) -> list[Chunk]:
        if (chunk.stage, chunk.sender, chunk.recipient) == edge:
            seen.append(chunk)
        return [chunk]

    federation.simulation(overlapping(federation.program), NoNoise(), attempt, network=listen).run()
    return seen


@pytest.mark.parametrize("stage", STAGES)
def test_a_message_of_another_attempt_is_refused(stage: str) -> None:
    """Also of another run of an attempt with the same number, and of a later one."""
    federation = FEDERATIONS["three"]
    known = overlapping(federation.program)
    edge = next(e for e in edges(federation) if e[0] == stage)
    for attempt in (1, 2):
        old = record(federation, edge, attempt)
        refused(federation, known, code_of(stage), edge[2], network=on(edge, partial(instead, old=old)))


def exchanged(first: Edge, second: Edge) -> Network:
    """``second`` gets what was sent as ``first`` (which comes earlier in a run)."""
    kept: list[Chunk] = []

    def network(chunk: Chunk) -> list[Chunk]:
        place = (chunk.stage, chunk.sender, chunk.recipient)
        if place == first:
            kept.append(chunk)
        return kept if place == second else [chunk]

    return network


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        # same sender, same recipient, same length, another stage
        (("rows/count", "home", "clinic"), ("noise/seed", "home", "clinic"), "protocol-sealed"),
        (("dummies/seed", "clinic", "practice"), ("tables/seed", "clinic", "practice"), "protocol-sealed"),
        (("shuffle1/1", "home", "practice"), ("shuffle2/2", "home", "practice"), "protocol-sealed"),
        (
            ("grouping/sizes", "coordinator", "home"),
            ("grouping/order", "coordinator", "home"),
            "protocol-sealed",
        ),
        # same stage, the other direction: a message sent back to where it came from
        (("tables/open", "practice", "home"), ("tables/open", "home", "practice"), "protocol-sealed"),
        (("open/cells", "clinic", "practice"), ("open/cells", "practice", "clinic"), "protocol-sealed"),
        (("link/confirm", "home", "clinic"), ("link/confirm", "clinic", "home"), "protocol-sealed"),
        # same stage, another recipient
        (
            ("grouping/digest", "practice", "home"),
            ("grouping/digest", "practice", "clinic"),
            "protocol-sealed",
        ),
        (
            ("grouping/order", "coordinator", "practice"),
            ("grouping/order", "coordinator", "home"),
            "protocol-sealed",
        ),
        (("key", "home", "clinic"), ("key", "home", "practice"), "protocol-key-message"),
        (("key", "clinic", "home"), ("key", "home", "clinic"), "protocol-key-message"),
        # same stage, another sender
        (("tags", "practice", "coordinator"), ("tags", "home", "coordinator"), "protocol-sealed"),
        (
            ("release/shares", "clinic", "coordinator"),
            ("release/shares", "practice", "coordinator"),
            "protocol-sealed",
        ),
    ],
)
def test_a_message_moved_to_another_place_is_refused(first: Edge, second: Edge, code: str) -> None:
    federation = FEDERATIONS["three"]
    order = [e for e in edges_in_order(federation) if e in (first, second)]
    assert len(order) == 2
    early, late = order
    run = refused(federation, overlapping(federation.program), code, late[2], network=exchanged(early, late))
    assert run.failures[late[2]].code == code


def edges_in_order(federation: Federation) -> list[Edge]:
    seen: list[Edge] = []

    def listen(chunk: Chunk) -> list[Chunk]:
        seen.append((chunk.stage, chunk.sender, chunk.recipient))
        return [chunk]

    federation.simulation(overlapping(federation.program), NoNoise(), network=listen).run()
    return list(dict.fromkeys(seen))


NAMES = {"transcript": b"t" * 32, "attempt": 1, "sender": "a", "recipient": "b", "stage": "tags"}


@given(
    sizes=st.lists(st.integers(0, 40), min_size=1, max_size=5),
    seed=st.integers(0, 2**32),
    action=st.sampled_from(["flip", "drop", "swap", "repeat", "cut", "grow", "name", "last", "key"]),
)
def test_whatever_is_done_to_a_sealed_message_it_does_not_open(
    sizes: list[int], seed: int, action: str
) -> None:
    rng = random.Random(seed)
    key = rng.randbytes(32)
    pieces = [rng.randbytes(n) for n in sizes]
    sealer = Sealer(key, **NAMES)  # type: ignore[arg-type]
    flags = [i == len(pieces) - 1 for i in range(len(pieces))]
    chunks = [(bytearray(sealer.seal(p, last)), last) for p, last in zip(pieces, flags, strict=True)]
    assert opened(key, NAMES, chunks) == pieces

    names, at = dict(NAMES), rng.randrange(len(chunks))
    data, last = chunks[at]
    match action:
        case "flip":
            bit = rng.randrange(8 * len(data))
            data[bit // 8] ^= 1 << bit % 8
        case "drop":
            del chunks[at]
        case "swap":
            chunks = [*chunks[1:], chunks[0]] if len(chunks) > 1 else []
        case "repeat":
            chunks.insert(at, (data, last))
        case "cut":
            del data[rng.randrange(len(data)) :]
        case "grow":
            data += rng.randbytes(1 + rng.randrange(2 * OVERHEAD))
        case "last":
            chunks[at] = (data, not last)
        case "key":
            key = rng.randbytes(32)
        case "name":
            name = rng.choice(["transcript", "sender", "recipient", "stage", "attempt"])
            names[name] = {"transcript": b"u" * 32, "attempt": 2}.get(name, "c")
    with pytest.raises(SamklangError) as caught:
        opened(key, names, chunks)
    assert caught.value.code == "protocol-sealed"


def opened(key: bytes, names: dict[str, object], chunks: list[tuple[bytearray, bool]]) -> list[bytes]:
    """As a runner opens a message: in order, and ended by its last chunk."""
    opener = Opener(key, **names)  # type: ignore[arg-type]
    out = [opener.open(data, last) for data, last in chunks]
    if not opener.ended:
        raise SamklangError("protocol-sealed", stage="tags", party="a")
    return out

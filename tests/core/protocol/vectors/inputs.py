"""What the vectors are about: fixed inputs, good and bad. No secret is in them; bytes come from SHA-256."""

from __future__ import annotations

import base64
import hashlib
import itertools
from collections.abc import Iterator
from typing import Any

from tests.core.protocol.second import keys
from tests.core.protocol.vectors import federation

from samklang.model.canonical import canonical
from samklang.protocol.agreement import Acceptance
from samklang.protocol.messages import VERSION

Json = dict[str, Any]
Case = tuple[str, str, Json]
"""Function, name of the case, its input."""

NAMES = ["amtsgaard", "birkelund", "coordinator", "dalby"]


def fixed(name: str, length: int = 32) -> bytes:
    """The same bytes at every run, different for every name."""
    blocks = (hashlib.sha256(f"{name}/{n}".encode()).digest() for n in itertools.count())
    return b"".join(itertools.islice(blocks, -(-length // 32)))[:length]


def column(name: str, size: int, rows: int) -> Json:
    return {"size": size, "words": fixed(name, size * rows).hex()}


def labelled(attempt: int, stage: str, round: int = 0, word: int = 0, direction: str = "") -> Json:
    return {"attempt": attempt, "stage": stage, "round": round, "word": word, "direction": direction}


def key_cases() -> Iterator[Case]:
    yield "prefixed", "nothing", {"parts": []}
    yield "prefixed", "an empty part is a part", {"parts": ["", "00", ""]}
    yield "prefixed", "two parts", {"parts": [b"ab".hex(), b"c".hex()]}
    yield "prefixed", "the same bytes, cut elsewhere", {"parts": [b"a".hex(), b"bc".hex()]}
    for name, at in {
        "all fields": labelled(3, "shuffle1/mask", 2, 5, "a>b"),
        "defaults": labelled(1, "rows/share"),
        "another round": labelled(1, "rows/share", round=1),
        "another word": labelled(1, "rows/share", word=1),
        "letters beyond ASCII": labelled(2, "øst", direction="å>b"),
    }.items():
        yield "label", name, at
        derived: Json = {"key": fixed("key").hex(), "context": "", "length": 32, **at}
        yield "derive", name, derived
        yield "derive", f"{name}, in a context", {**derived, "context": fixed("transcript").hex()}
        for length in (0, 1, 16, 37):
            yield "stream", f"{name}, {length} bytes", {"key": fixed("key").hex(), "length": length, **at}
    yield "derive", "more than one block", {"key": "00" * 32, "context": "", "length": 80, **labelled(1, "x")}
    yield (
        "stream",
        "the counter beyond one byte",
        {"key": fixed("k2").hex(), "length": 4128, **labelled(1, "s")},
    )
    numbers = ["0101501234", "3112999999", "0000000000", "290200000A", "61010155ZZ"]
    yield "tag", "several citizens", {"link_key": fixed("link").hex(), "cpr": numbers}
    yield "tag", "another key", {"link_key": fixed("other").hex(), "cpr": numbers[:1]}
    yield "tag", "nobody", {"link_key": fixed("link").hex(), "cpr": []}
    said = {n: fixed(f"from {n}").hex() for n in NAMES}
    transcript = fixed("transcript").hex()
    two = {n: said[n] for n in ("dalby", "amtsgaard")}
    yield "pair_key", "names in any order", {"transcript": transcript, "contributions": two}
    yield "pair_key", "another transcript", {"transcript": "11" * 32, "contributions": two}
    three = {n: said[n] for n in ("dalby", "amtsgaard", "birkelund")}
    yield "link_key", "three input parties", {"transcript": transcript, "contributions": three}
    yield "link_key", "two input parties", {"transcript": transcript, "contributions": two}
    yield from agreements()
    yield "pae", "DSSE's own example", {"type": "http://example.com/HelloWorld", "payload": "hello world"}
    yield "pae", "lengths are of bytes", {"type": "å", "payload": "æ ø"}
    for purpose in ("pair", "link"):
        names = {"sender": "dalby", "recipient": "amtsgaard", "purpose": purpose}
        yield "key_info", purpose, {"transcript": transcript, **names}
    for sender, recipient in (("dalby", "amtsgaard"), ("amtsgaard", "dalby")):
        way: Json = {"sender": sender, "recipient": recipient, "attempt": 2}
        given: Json = {"link_key": fixed("link").hex(), "transcript": transcript, **way}
        yield "confirmation", f"{sender} to {recipient}", given


def agreements() -> Iterator[Case]:
    """Transcripts of a three-node and a two-node federation."""
    for name, compute, inputs in (
        ("three nodes", ["dalby", "amtsgaard", "birkelund"], ["amtsgaard", "birkelund", "dalby"]),
        ("two nodes and the coordinator", ["coordinator", "amtsgaard", "dalby"], ["amtsgaard", "dalby"]),
    ):
        parties = [*inputs, "coordinator"]
        said = {p: acceptance(p) for p in parties}
        seeds = {p: fixed(f"identity of {p}").hex() for p in parties}
        given = {"compute": compute, "linker": "coordinator", "inputs": inputs, "identity_seeds": seeds}
        yield "transcript", name, {**given, "acceptances": said}


def acceptance(party: str) -> str:
    """One participant's canonical acceptance."""
    made = Acceptance(
        version=VERSION,
        party=party,
        query="sha256:" + fixed("query").hex(),
        manifest="sha256:" + fixed("manifest").hex(),
        codebook="sha256:" + fixed("codebook").hex(),
        program=federation.program().digest(),
        attempt=2,
        policy="sha256:" + fixed(f"policy of {party}").hex() if party != "coordinator" else "",
        snapshot=fixed(f"snapshot of {party}", 16).hex() if party != "coordinator" else "",
        min_count=5,
        certificate=fixed(f"certificate of {party}").hex(),
        hpke=base64.b64encode(fixed(f"hpke of {party}", 1216)).decode(),
    )
    return canonical(made).decode()


def seal_cases() -> Iterator[Case]:
    base: Json = {
        "key": fixed("pair").hex(),
        "transcript": fixed("transcript").hex(),
        "attempt": 2,
        "sender": "dalby",
        "recipient": "amtsgaard",
        "stage": "shuffle1/1",
    }
    pieces = [fixed("piece 0", 40), fixed("piece 1", 17), b""]
    yield "seal", "three chunks, the last one empty", {**base, "pieces": [p.hex() for p in pieces]}
    yield "seal", "an empty message", {**base, "pieces": [""]}
    names = (base["sender"], base["recipient"], base["stage"])
    made = keys.Seal(fixed("pair"), fixed("transcript"), 2, *names)
    chunks: list[Json] = [
        {"data": c.hex(), "last": n == len(pieces) - 1} for n, c in enumerate(made.seal(pieces))
    ]
    first, second, third = chunks
    yield "open", "as sealed", {**base, "chunks": chunks}

    def bad(name: str, chunks: list[Json], **other: Any) -> Case:
        return "open", f"bad: {name}", {**base, **other, "chunks": chunks}

    flipped = bytearray.fromhex(second["data"])
    flipped[3] ^= 0x10
    yield bad("one bit of a chunk altered", [first, {**second, "data": flipped.hex()}, third])
    tagged = bytearray.fromhex(third["data"])
    tagged[-1] ^= 1
    yield bad("one bit of a tag altered", [first, second, {**third, "data": tagged.hex()}])
    yield bad("two chunks exchanged", [second, first, third])
    yield bad("a chunk repeated", [first, first, second, third])
    yield bad("a chunk left out", [first, third])
    yield bad("cut off after the first chunk", [first])
    yield bad("cut off, and the rest declared the whole", [{**first, "last": True}])
    yield bad("the end taken away", [first, second, {**third, "last": False}])
    yield bad("more after the end", [*chunks, third])
    yield bad("shorter than a tag", [{**first, "data": first["data"][:30]}, second, third])
    yield bad("nothing", [])
    yield bad("another transcript", chunks, transcript=fixed("another transcript").hex())
    yield bad("another attempt", chunks, attempt=3)
    yield bad("another stage", chunks, stage="shuffle1/2")
    yield bad("sent back", chunks, sender="amtsgaard", recipient="dalby")
    yield bad("another recipient", chunks, recipient="birkelund")
    yield bad("another key", chunks, key=fixed("another pair").hex())


def shuffle_cases() -> Iterator[Case]:
    for name, rows in (("rows before banding", 5), ("no rows", 0), ("one row", 1)):
        shape = [column(f"{name} w{n}", 8, rows) for n in range(3)]
        shape += [column(f"{name} n{n}", 2, rows) for n in range(2)]
        at = {"attempt": 1, "stage": "rows/share", "direction": ""}
        yield "share_b", name, {"words": shape, "seed": fixed("seed").hex(), **at}
    small = [column("dummies w", 8, 4), column("dummies n0", 1, 4), column("dummies n1", 1, 4)]
    at = {"attempt": 3, "stage": "dummies/share", "direction": "dalby"}
    yield "share_b", "one party's dummies", {"words": small, "seed": fixed("seed").hex(), **at}
    base: Json = {"attempt": 1, "stage": "shuffle1", "round": 2, "word_bytes": 8}
    for rows in (0, 1, 2, 33):
        yield "order", f"{rows} rows", {**base, "key": fixed("pair").hex(), "rows": rows}
    for ties in (0, 1, 2, 3):
        tied: Json = {**base, "word_bytes": 1, "rows": 24, "stage": "shuffle2"}
        yield "order", f"words of one byte, {ties} blocks with ties", {**tied, "key": tying(tied, ties)}
    rows = 7
    pairs = {k: fixed(f"pair {k}").hex() for k in ("xy", "yz", "zx")}
    for stage, sizes in (("shuffle1", [8, 8, 8, 2, 2]), ("shuffle2", [8, 1, 1])):
        x = [column(f"x {stage} {n}", size, rows) for n, size in enumerate(sizes)]
        y = [column(f"y {stage} {n}", size, rows) for n, size in enumerate(sizes)]
        yield "shuffle", stage, {"x": x, "y": y, **pairs, "attempt": 2, "stage": stage}


def tying(at: Json, blocks: int) -> str:
    """The first fixed key whose first ``blocks`` blocks have ties while the next has none."""
    for n in itertools.count():
        key = fixed(f"ties {n}")
        drawn = [
            keys.words(
                key,
                keys.label(at["attempt"], f"{at['stage']}/order", at["round"], block),
                at["rows"],
                at["word_bytes"],
            )
            for block in range(blocks + 1)
        ]
        if [len(set(d)) < at["rows"] for d in drawn] == [True] * blocks + [False]:
            return key.hex()
    raise AssertionError

"""The message table against what the parties really send: who, to whom, and how many bytes."""

from __future__ import annotations

import re
from collections import defaultdict

import numpy as np
import pytest
from tests.core.protocol.vectors import federation
from tests.support.federation import COORDINATOR, Federation, Values, any_margin
from tests.support.quiet import NoNoise

from samklang.protocol.messages import STAGES
from samklang.protocol.program import Program

Sent = dict[tuple[str, str, str], bytes]


def run(nodes: dict[str, tuple[str, ...]]) -> tuple[Program, Sent]:
    """All messages of one attempt, opened, by (stage, sender, recipient)."""
    with any_margin():
        made = Federation(nodes, federation.CODEBOOK, lambda _: federation.draft(), memberships=1)
    cpr = np.array([f"010150{n:04d}" for n in range(20)], "S10")
    values = {
        node: {
            sector: Values(
                cpr,
                {f.name: np.ones(20, np.int64) for f in made.program.features(sector)},
                {f.name: np.ones(20, bool) for f in made.program.features(sector)},
            )
            for sector in sectors
        }
        for node, sectors in made.program.sectors.items()
    }
    sent: defaultdict[tuple[str, str, str], bytes] = defaultdict(bytes)

    def witness(recipient: str, sender: str, stage: str, data: bytes) -> None:
        sent[stage, sender, recipient] += data

    made.run(values, NoNoise(), witness=witness)
    return made.program, dict(sent)


THREE = run(federation.NODES)
TWO = run({"amtsgaard": ("region", "practice"), "dalby": ("municipality", "practice")})
FIVE = run(federation.NODES | {"egeby": ("practice",), "fjord": ("practice",)})
"""More nodes than group sizes, and one size more than a citizen may have: n, k and k_max differ."""


def parties(program: Program, words: str, among: tuple[str, ...]) -> list[str]:
    """The participants that the table means."""
    a, b, c = program.compute
    meant = {
        "A": [a],
        "B": [b],
        "C": [c],
        "linker": [program.linker],
        "participant": list(program.participants),
        "contributor": list(program.contributors),
        "input": list(program.inputs),
    }
    return [p for word in words.split(", ") for p in meant[word] if p in among]


def ways(program: Program, stage: str) -> set[tuple[str, str]]:
    """(sender, recipient) pairs of a stage. Lists of equal length on both sides go side by side, ``B, C``
    to ``C, B``; the digest of a grouping goes to the other holder and to B."""
    spec = STAGES[stage]
    everybody = program.participants
    senders = parties(program, spec.sender, everybody)
    recipients = parties(program, spec.recipient, everybody)
    if stage == "grouping/digest":
        a, b, c = program.compute
        return {(c, a), (a, c), (c, b), (a, b)}
    if "," in spec.sender and len(senders) == len(recipients):
        return set(zip(senders, recipients, strict=True))
    among_themselves = spec.sender == spec.recipient
    return {(s, r) for s in senders for r in recipients if not (among_themselves and s == r)}


def size(program: Program, sent: Sent, stage: str, sender: str) -> int | None:
    """The stated length of a message; None where the table says *about*."""
    formula = STAGES[stage].size
    if formula.startswith("~"):
        return None
    counts = {s: int.from_bytes(d, "little") for (st, s, _), d in sent.items() if st == "rows/count"}
    sizes = np.frombuffer(next(d for (st, _, _), d in sent.items() if st == "grouping/sizes"), "<i8").tolist()
    mapped = sum(sizes[: program.largest_group])
    table = program.margin_table if stage.startswith("margin/") else program.table
    assert table is not None
    known = {
        "rows": counts.get(sender, 0),
        "R": sum(counts.values()),
        "G": sum(sizes),
        "D": table.noise.dummy_total,
        "K": table.released,
        "a": len(table.columns),
        "m": len(table.measures),
        "w": len(program.words),
        "k": program.largest_size,
        "tables": len(program.tables),
    }
    if stage == "tables/share":
        dealt = sum(
            count * program.group_words[word].encoding.modulus(j)
            for word in program.tables
            for j, count in enumerate(sizes[: program.largest_group], start=1)
        )
        return int(dealt)
    if stage == "tables/open":
        known["G"] = mapped
    # 8mK is 8 times m times K.
    spelled = re.sub(r"(?<=\d)(?=[A-Za-z(])|(?<=m)(?=K)", "*", formula)
    length: int = eval(spelled, {"__builtins__": {}}, known)
    return length


def test_the_cases_tell_the_symbols_apart() -> None:
    program, _ = FIVE
    assert (program.largest_group, program.largest_size, len(program.inputs)) == (3, 4, 5)


@pytest.mark.parametrize("case", [THREE, TWO, FIVE], ids=["three nodes", "two nodes", "five nodes"])
@pytest.mark.parametrize("stage", STAGES)
def test_every_message_goes_where_and_has_the_length_that_the_table_says(
    stage: str, case: tuple[Program, Sent]
) -> None:
    program, sent = case
    going = {(s, r): data for (st, s, r), data in sent.items() if st == stage}
    expected = ways(program, stage)
    assert set(going) == expected
    if stage == "tables/seed":
        a, b, c = program.compute
        assert [len(going[b, p]) for p in (c, a)] == [64, 32]
        return
    for (sender, _), data in going.items():
        stated = size(program, sent, stage, sender)
        assert len(data) == stated if stated is not None else 1 << 10 < len(data) < 8 << 10


def test_nothing_is_sent_outside_the_table() -> None:
    for _, sent in (THREE, TWO, FIVE):
        assert {stage for stage, _, _ in sent} == set(STAGES)


def test_the_coordinator_gets_nothing_but_its_own_stages() -> None:
    _, sent = THREE
    stages = {stage for stage, _, recipient in sent if recipient == COORDINATOR}
    assert stages == {"key", "rows/count", "tags", "release/shares", "margin/release/shares"}

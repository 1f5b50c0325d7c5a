"""The message table: every stage in which one party may send one message to another.

``bulk`` messages have streams of their own with flow control; the others travel as one small control
message. ``sealed`` messages are encrypted under the pair key of sender and recipient; the two stages
before pair keys exist are signed instead. Each (sender, stage) is accepted once per attempt.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

VERSION = "samklang/blind-stratification/2"
"""Names the protocol in every key derivation and signature; another protocol has another name."""


@dataclass(frozen=True, slots=True)
class Spec:
    """One row of the table.

    Attributes:
        step: the protocol step it belongs to.
        sender, recipient: who, in words of the roles (A, B, C, linker, input, contributor).
        carries: its fields, in order.
        size: its length in bytes before sealing. k largest group, R rows, G groups, D dummies, a axes,
            w measure words of a row, m measures, K released cells, T = bytes of the truth tables of one
            group (by group size). In a stage that begins with ``margin/``, a, D and K are the margin's.
        bulk: has a stream of its own.
        sealed: encrypted under the pair key (else signed by the sender's identity key).
        durable: what the sender records durably before it is sent.
    """

    step: int
    sender: str
    recipient: str
    carries: str
    size: str
    bulk: bool = False
    sealed: bool = True
    durable: str = ""


STAGES: dict[str, Spec] = {
    "key": Spec(
        1, "participant", "participant", "HPKE-sealed pair and link contributions", "~4 KiB", sealed=False
    ),
    "link/confirm": Spec(1, "input", "input", "confirmation of the link key", "32"),
    "rows/seed": Spec(3, "contributor", "A", "row count, share seed", "40", durable="charge"),
    "rows/count": Spec(3, "contributor", "B, C, linker", "row count", "8", durable="charge"),
    "rows/share": Spec(
        3, "contributor", "B", "share b of the rows", "rows * (16 + 8w + 2a)", bulk=True, durable="charge"
    ),
    "shuffle1/1": Spec(4, "A", "C", "A's share after round 1", "R * (16 + 8w + 2a)", bulk=True),
    "shuffle1/2": Spec(4, "B", "A", "B's share after round 2", "R * (16 + 8w + 2a)", bulk=True),
    "tags": Spec(
        5, "C, A", "linker", "share of the tag words", "R * 16", bulk=True, durable="opening of tags"
    ),
    "grouping/sizes": Spec(5, "linker", "C, A", "number of groups of each size 1..k", "8k"),
    "grouping/order": Spec(5, "linker", "C, A", "row positions, group by group", "R * 4", bulk=True),
    "grouping/digest": Spec(
        5, "C, A", "A, C, B", "SHA-256(grouping, transcript), sizes", "32 + 8k", durable="grouping"
    ),
    "tables/seed": Spec(
        6, "B", "C, A", "seed of its rotations; to C also that of its table shares", "64 to C, 32 to A"
    ),
    "tables/open": Spec(
        6,
        "C, A",
        "A, C",
        "share of u = x - r per group and table",
        "G * tables * 2",
        bulk=True,
        durable="opening of table indices",
    ),
    "tables/share": Spec(6, "B", "A", "A's share of the rotated tables", "G * T", bulk=True),
    "dummies/seed": Spec(7, "A, B, C", "C, C, A", "seed of a share of the dummies", "32"),
    "dummies/share": Spec(7, "B", "A", "the other share of B's dummies", "D * (8m + a)", bulk=True),
    "shuffle2/1": Spec(8, "C", "B", "C's share after round 1", "(G + 3D) * (8m + a)", bulk=True),
    "shuffle2/2": Spec(8, "A", "C", "A's share after round 2", "(G + 3D) * (8m + a)", bulk=True),
    "open/commit": Spec(
        9, "B, C", "C, B", "SHA-256 of the share of the axis words", "32", durable="opening of cells"
    ),
    "open/cells": Spec(9, "B, C", "C, B", "share of the axis words", "(G + 3D) * a", bulk=True),
    "noise/seed": Spec(10, "A", "B", "seed of B's share of A's noise", "32"),
    "noise/share": Spec(10, "A", "C", "C's share of A's noise", "8mK", bulk=True),
    "release/shares": Spec(
        11,
        "B, C",
        "linker",
        "opened counts, re-masked share of the noisy sums",
        "8(K + 1) + 8mK",
        bulk=True,
        durable="release",
    ),
}

_OPENING = (
    "dummies/seed",
    "dummies/share",
    "shuffle2/1",
    "shuffle2/2",
    "open/commit",
    "open/cells",
    "noise/seed",
    "noise/share",
    "release/shares",
)
"""What an opening takes; a margin's opening takes the same once more, under names of its own."""

STAGES |= {
    f"margin/{stage}": replace(
        STAGES[stage], durable=STAGES[stage].durable and f"{STAGES[stage].durable} (margin)"
    )
    for stage in _OPENING
}

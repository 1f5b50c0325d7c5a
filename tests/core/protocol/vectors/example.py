"""The specification's worked example: four citizens at three nodes, computed by the second implementation."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tests.core.protocol.second import axes, counting, keys, linking, shuffling, tables
from tests.core.protocol.second.shuffling import Share
from tests.core.protocol.vectors.inputs import fixed

NODES = ("kommune", "north", "south")
"""A, B and C: a municipality and two practices; all three are input parties too."""
CITIZENS: dict[str, dict[str, tuple[int, int]]] = {
    "0101501234": {"kommune": (0, 30), "north": (1, 0), "south": (1, 0)},
    "0202402345": {"kommune": (1, 90), "north": (3, 0)},
    "0303453456": {"kommune": (0, 0)},
    "0404384567": {"south": (0, 0)},
}
"""CPR number → node → (level of age, minutes) at the municipality, (visits, 0) at a practice."""
AGE: axes.Spec = {"kind": "local", "names": ["ABSENT", "65-79", "80+"]}
VISITS: axes.Spec = {
    "kind": "total",
    "names": ["ABSENT", "few", "many"],
    "nodes": 2,
    "per_row": 1,
    "allowed": 2,
    "clip": 3,
    "bands": [[0, 2], [2, None]],
    "other": -1,
    "missing": False,
}
ENCODINGS = [AGE, VISITS]
AXES: list[dict[str, Any]] = [
    {
        "name": name,
        "names": e["names"],
        "presence": [],
        "keep": [True] * 3,
        "conflict": [False] * 3,
    }
    for name, e in (("age", AGE), ("visits", VISITS))
]
SIZES = [8, 8, 8, 2, 2]
ATTEMPT = 1
FILLERS, PAIRS, DUMMIES = 1, 1, 1


def secret(name: str) -> bytes:
    return fixed(f"example {name}")


def joint() -> Counter[tuple[str, str]]:
    """The plain join: citizens per cell."""
    found: Counter[tuple[str, str]] = Counter()
    for at in CITIZENS.values():
        age = AGE["names"][at["kommune"][0] + 1] if "kommune" in at else "ABSENT"
        practices = [at[p][0] for p in ("north", "south") if p in at]
        visits = ("many" if sum(practices) >= 2 else "few") if practices else "ABSENT"
        found[age, visits] += 1
    return found


class Example:
    """Every step, kept for printing."""

    def __init__(self) -> None:
        self.link = secret("link key")
        self.rows = {node: self._rows(node) for node in NODES}
        self.seeds = {node: secret(f"seed of {node}") for node in NODES}
        a: list[Share] = []
        b: list[Share] = []
        for node in NODES:
            plain: Share = [(size, [r[n] for r in self.rows[node]]) for n, size in enumerate(SIZES)]
            mask = shuffling.pad(SIZES, len(self.rows[node]), self.seeds[node], ATTEMPT, "rows/share")
            a.append(mask)
            b.append(shuffling.add(plain, mask, -1))
        self.start = (self._joined(a), self._joined(b))
        self.total = len(self.start[0][0][1])
        self.pairs = {p: secret(f"pair key {p}") for p in ("AB", "BC", "CA")}
        self.orders = [
            shuffling.order(self.pairs[p], ATTEMPT, "shuffle1", n, self.total)
            for n, p in enumerate(("AB", "BC", "CA"), start=1)
        ]
        ab, bc, ca = (self.pairs[p] for p in ("AB", "BC", "CA"))
        self.c, self.a = shuffling.shuffle(*self.start, ab, bc, ca, ATTEMPT, "shuffle1")
        self._link_and_band()
        self._open()

    def _rows(self, node: str) -> list[tuple[int, ...]]:
        """Own citizens, one filler, and at A one padding group of two rows."""
        out: list[tuple[int, ...]] = []
        for cpr, at in CITIZENS.items():
            if node in at:
                tag = keys.tag(self.link, cpr)
                value, minutes = at[node]
                age = axes.word(AGE, value) if node == "kommune" else 0
                visits = axes.word(VISITS, value) if node != "kommune" else 0
                out.append((*self._halves(tag), minutes, age, visits))
        padding = [fixed(f"filler of {node}", 16)] * FILLERS
        if node == "kommune":
            padding += [fixed("padding group", 16)] * 2 * PAIRS
        return out + [(*self._halves(tag), 0, 0, 0) for tag in padding]

    @staticmethod
    def _halves(tag: bytes) -> tuple[int, int]:
        return int.from_bytes(tag[:8], "little"), int.from_bytes(tag[8:], "little")

    @staticmethod
    def _joined(shares: list[Share]) -> Share:
        return [(size, [x for share in shares for x in share[n][1]]) for n, size in enumerate(SIZES)]

    def _link_and_band(self) -> None:
        opened = shuffling.add(self.c, self.a)
        self.tags = [
            x.to_bytes(8, "little") + y.to_bytes(8, "little")
            for x, y in zip(opened[0][1], opened[1][1], strict=True)
        ]
        self.sizes, self.order = linking.group(self.tags, len(NODES))
        linking.check(self.sizes, self.order, self.total, len(NODES))

        def grouped(share: Share) -> Share:
            return [(size, linking.add_up(col, size, self.sizes, self.order)) for size, col in share[2:]]

        self.groups = grouped(self.c), grouped(self.a)
        looked = tables.looked_up(ENCODINGS, [])
        self.plan = tables.entries(looked, self.sizes, len(NODES))
        r_c, r_a = (tables.rotations(self.plan, secret(f"rotations {p}"), ATTEMPT) for p in ("C", "A"))
        self.r = tables.opened(self.plan, r_c, r_a)
        stream_c = tables.share_c(self.plan, secret("table share"), ATTEMPT)
        stream_a = tables.share_a(tables.table_stream(self.plan, self.r), stream_c)
        narrow = [[col for size, col in side if size == 2] for side in self.groups]
        masked = [
            tables.masked(self.plan, words, rotation)
            for words, rotation in zip(narrow, (r_c, r_a), strict=True)
        ]
        self.u = tables.opened(self.plan, *masked)
        count = len(narrow[0][0])
        shares = [
            tables.banded(looked, self.plan, count, words, tables.look_up(self.plan, s, self.u), first)
            for words, s, first in ((narrow[0], stream_c, True), (narrow[1], stream_a, False))
        ]
        self.banded: tuple[Share, Share] = (
            [self.groups[0][0], *((1, col) for col in shares[0])],
            [self.groups[1][0], *((1, col) for col in shares[1])],
        )

    def _open(self) -> None:
        opened, self.kept, _ = counting.cells(AXES)
        dummies: list[tuple[int, ...]] = [cell for cell in opened for _ in range(DUMMIES)]
        c, a = self.banded
        for party in NODES:
            plain: Share = [(8, [0] * len(dummies))]
            plain += [(1, [d[n] for d in dummies]) for n in range(2)]
            seed = secret(f"dummies of {party}")
            mask = shuffling.pad([8, 1, 1], len(dummies), seed, ATTEMPT, "dummies/share", 0, party)
            other = shuffling.add(plain, mask, -1)
            c = [(s, x + y) for (s, x), (_, y) in zip(c, mask, strict=True)]
            a = [(s, x + y) for (s, x), (_, y) in zip(a, other, strict=True)]
        ab, bc, ca = (self.pairs[p] for p in ("AB", "BC", "CA"))
        final_b, final_c = shuffling.shuffle(c, a, ca, ab, bc, ATTEMPT, "shuffle2")
        self.promises = {
            party: counting.commitment("", secret("transcript"), party, [col for _, col in share[1:]])
            for party, share in (("north", final_b), ("south", final_c))
        }
        levels = [col for _, col in shuffling.add(final_b, final_c)[1:]]
        self.histogram = Counter(zip(*levels, strict=True))
        halves = [counting.tally(AXES, levels, [share[0][1]]) for share in (final_b, final_c)]
        self.counts = halves[0]["counts"]
        self.sums = [
            (x + y) % (1 << 64) for x, y in zip(halves[0]["sums"][0], halves[1]["sums"][0], strict=True)
        ]
        self.names = [tuple(a["names"][v] for a, v in zip(AXES, opened[i], strict=True)) for i in self.kept]

    def released(self) -> dict[tuple[str, ...], tuple[int, int]]:
        """Cell → (citizens, minutes), shifts taken off."""
        return {n: (c - 3 * DUMMIES, s) for n, c, s in zip(self.names, self.counts, self.sums, strict=False)}


def _table(head: list[str], rows: list[list[Any]]) -> list[str]:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return lines + ["| " + " | ".join(str(c) for c in row) + " |" for row in rows]


def markdown() -> str:
    """The example as the specification prints it."""
    e = Example()
    short = {t: t.hex()[:8] for t in e.tags}
    out = ["Rows before sharing (tags by their first four bytes):", ""]
    flat = [
        [node, (x.to_bytes(8, "little")).hex()[:8], minutes, age, visits]
        for node in NODES
        for x, _, minutes, age, visits in e.rows[node]
    ]
    out += _table(
        ["position", "node", "tag", "minutes", "age", "visits"], [[n, *r] for n, r in enumerate(flat)]
    )
    first = [(size, [col[0]]) for size, col in e.start[0]], [(size, [col[0]]) for size, col in e.start[1]]
    out += ["", "Shares of position 0, words in hexadecimal:", ""]
    names = ["tag 0", "tag 1", "minutes", "age", "visits"]
    out += _table(
        ["word", "A (from the seed)", "B"],
        [
            [name, f"{a[0]:0{2 * size}x}", f"{b[0]:0{2 * size}x}"]
            for name, (size, a), (_, b) in zip(names, *first, strict=True)
        ],
    )
    out += ["", "Permutations of the first shuffle (entry i: the position that moves to i):", ""]
    out += _table(
        ["round", "pair", "order"],
        [
            [n, pair, " ".join(map(str, o))]
            for n, (pair, o) in enumerate(zip(("A, B", "B, C", "C, A"), e.orders, strict=True), start=1)
        ],
    )
    out += ["", "What the linker opens, and the grouping that it returns:", ""]
    out += [
        "- tags: " + " ".join(short[t] for t in e.tags),
        "- sizes: " + " ".join(map(str, e.sizes)),
        "- order: " + " ".join(map(str, e.order)),
    ]
    out += ["", "The table of `visits` by group size, levels by word:", ""]
    out += _table(
        ["rows", "M", "table"],
        [
            [j, axes.modulus(VISITS, j), " ".join(map(str, axes.table(VISITS, j)))]
            for j in range(1, len(NODES) + 1)
        ],
    )
    out += ["", "Groups: x is what nobody sees, u what C and A open:", ""]
    words = shuffling.add(*e.groups)
    levels = shuffling.add(*e.banded)
    out += _table(
        ["group", "rows", "x of age", "x of visits", "r", "u", "age", "visits"],
        [
            [
                g,
                entry.size,
                words[1][1][g],
                words[2][1][g],
                e.r[g],
                e.u[g],
                AGE["names"][levels[1][1][g]],
                VISITS["names"][levels[2][1][g]],
            ]
            for g, entry in enumerate(e.plan)
        ],
    )
    out += ["", f"Promises, with the transcript {secret('transcript').hex()}:", ""]
    out += [f"- {letter}: {e.promises[p].hex()}" for letter, p in (("B", "north"), ("C", "south"))]
    out += ["", "What B and C count, and what is left when three dummies a cell are taken off:", ""]
    out += _table(
        ["age", "visits", "opened", "citizens", "minutes"],
        [[*name, count, *e.released()[name]] for name, count in zip(e.names, e.counts, strict=False)],
    )
    return "\n".join(out)

"""More fixed inputs: linking, axes, truth tables, cells and noise plans."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from tests.core.protocol.second import axes
from tests.core.protocol.vectors import federation
from tests.core.protocol.vectors.inputs import Case, Json, column, fixed

from samklang.protocol.describe import describe

ABSENT, MISSING, CONFLICT = "ABSENT", "MISSING", "CONFLICT"


def linking_cases() -> Iterator[Case]:
    a, b, c, d = (fixed(f"tag {n}", 16).hex() for n in range(4))
    half = c[:16] + d[16:]  # the first half of c, the second half of d
    yield "group", "three citizens", {"tags": [b, a, c, a, b, a], "largest": 4}
    yield "group", "halves alone don't link", {"tags": [c, half, d, half, c], "largest": 3}
    yield "group", "nobody", {"tags": [], "largest": 2}
    yield "group", "everybody alone, order as met", {"tags": [d, b, c, a], "largest": 2}
    yield "group", "a tag too often, cut", {"tags": [a, b, a, a], "largest": 2}
    often = [a, b, c, a, d, a, b, a, c, a, a, a]
    yield "group", "a tag far too often, its pieces among groups of their size", {"tags": often, "largest": 3}
    yield "group", "every tag too often", {"tags": [b, a, a, b, a, b, a, b], "largest": 3}
    yield "group", "groups of one row alone", {"tags": [b, a, a, b, a], "largest": 1}
    good: Json = {"sizes": [2, 1, 1], "order": [2, 5, 1, 3, 0, 4, 6], "rows": 7, "largest": 3}
    yield "check", "canonical", good
    yield "check", "no rows", {"sizes": [0, 0], "order": [], "rows": 0, "largest": 2}
    altered: dict[str, Json] = {
        "groups of one size out of order": {"order": [5, 2, 1, 3, 0, 4, 6]},
        "positions of a group out of order": {"order": [2, 5, 3, 1, 0, 4, 6]},
        "positions of a large group out of order": {"order": [2, 5, 1, 3, 0, 6, 4]},
        "a repeated row": {"order": [2, 5, 1, 3, 0, 4, 4]},
        "a row that doesn't exist": {"order": [2, 5, 1, 3, 0, 4, 7]},
        "a row left out": {"order": [2, 5, 1, 3, 0, 4]},
        "a row too many": {"order": [2, 5, 1, 3, 0, 4, 6, 6]},
        "sizes that don't add up": {"sizes": [1, 1, 1]},
        "sizes that add up to more": {"sizes": [2, 2, 1]},
        "a negative size": {"sizes": [9, -1, 0], "order": [0, 1, 2, 3, 4, 5, 6]},
        "too few sizes": {"sizes": [2, 1], "order": [2, 5, 1, 3], "rows": 4},
        "larger than there are parties": {"sizes": [0, 0, 1, 1]},
        "one group instead of a row's own": {"sizes": [0, 2, 1]},
    }
    for name, other in altered.items():
        yield "check", f"bad: {name}", {**good, **other}
    said = {"sizes": good["sizes"], "order": good["order"], "transcript": fixed("transcript").hex()}
    yield "digest", "a grouping", said
    yield "digest", "another transcript", {**said, "transcript": fixed("another transcript").hex()}
    yield "digest", "another grouping", {**said, "order": [2, 6, 1, 3, 0, 4, 5]}
    for size in (8, 2):
        given = {"column": column(f"column {size}", size, 7), "sizes": good["sizes"], "order": good["order"]}
        yield "add_up", f"words of {size} bytes", given


def encodings() -> dict[str, Json]:
    """Each kind, at one and several nodes, with and without MISSING."""
    bands = [ABSENT, "a", "b", "c"]
    total: Json = {
        "kind": "total",
        "names": [*bands, MISSING, CONFLICT],
        "nodes": 3,
        "per_row": 1,
        "allowed": 2,
        "clip": 4,
        "bands": [[0, 1], [1, 5], [5, None]],
        "other": -1,
        "missing": True,
    }
    interval: Json = {
        "kind": "interval",
        "names": [ABSENT, "START-ONLY", "END-ONLY", "a", "b", "c", CONFLICT],
        "start_nodes": 2,
        "end_nodes": 2,
        "both_nodes": 0,
        "span": 3,
        "bands": [[None, 0], [0, 2], [2, None]],
        "other": -1,
    }
    alone = [x for x in interval["names"] if x != CONFLICT]
    member: Json = {"kind": "membership", "names": ["OUT", "IN"], "per_row": 2}
    return {
        "local": {"kind": "local", "names": [*bands, MISSING]},
        "local without MISSING": {"kind": "local", "names": bands},
        "category at two nodes": {"kind": "category", "names": [*bands, MISSING, CONFLICT], "nodes": 2},
        "category at three nodes": {"kind": "category", "names": [*bands, CONFLICT], "nodes": 3},
        "presence at one node": {"kind": "presence", "names": [ABSENT, "PRESENT"], "nodes": 1},
        "presence at three nodes": {"kind": "presence", "names": [ABSENT, "PRESENT"], "nodes": 3},
        "total": total,
        "total, all allowed": {**total, "allowed": 3, "names": [*bands, MISSING]},
        "total, always a value": {**total, "missing": False, "names": [*bands, CONFLICT]},
        "total, two sectors at one node": {**total, "per_row": 2},
        "total, one allowed, gap in the bands": {**total, "allowed": 1, "bands": [[0, 1], [2, 4], [4, 5]]},
        "total, other takes the rest": {**total, "bands": [[1, 3], [3, 5], [0, 1]], "other": 1},
        "interval": interval,
        "interval, one node a side": {**interval, "names": alone, "start_nodes": 1, "end_nodes": 1},
        "interval, both at one node": {
            **interval,
            "names": alone,
            "start_nodes": 1,
            "end_nodes": 1,
            "both_nodes": 1,
        },
        "interval, one start and many ends": {**interval, "start_nodes": 1, "end_nodes": 3},
        "interval, many starts and one end": {**interval, "start_nodes": 3, "end_nodes": 1},
        "interval, gap in the bands": {
            **interval,
            "names": [*interval["names"][:-1], MISSING, CONFLICT],
            "bands": [[None, 0], [0, 1], [2, None]],
        },
        "member at any of two sectors": {**member, "nodes": [2, 1], "at_least": 1},
        "member at two of three sectors": {**member, "nodes": [2, 1, 2], "at_least": 2, "per_row": 1},
        "member at one node": {**member, "nodes": [1], "at_least": 1, "per_row": 1},
    }


def axis_cases() -> Iterator[Case]:
    for name, encoding in encodings().items():
        for rows in (1, 2, 3):
            yield "table", f"{name}, groups of {rows}", {"encoding": encoding, "rows": rows}
        values: list[int | None] = [0, 1, 2]
        match encoding["kind"]:
            case "membership":
                yield "membership_weights", name, {"encoding": encoding}
            case "interval":
                for side in ("start", "end"):
                    given = {"encoding": encoding, "values": [*values, 3, None], "side": side}
                    yield "word", f"{name}, {side}", given
            case "total":
                some = [*values, 4, 9, *([None] if encoding["missing"] else [])]
                yield "word", name, {"encoding": encoding, "values": some}
            case _:
                some = [*values, *([None] if MISSING in encoding["names"] else [])]
                yield "word", name, {"encoding": encoding, "values": some}


def table_cases() -> Iterator[Case]:
    known = encodings()
    chosen = [known[n] for n in ("local", "category at two nodes", "total", "interval")]
    # The margin's: the total in two levels, the local axis in one, the category as released or not.
    merged = [
        {"source": 2, "merge": [0, 1, 1, 2, 3, 4]},
        {"source": 0, "merge": [0, 1, 1, 1, 2]},
        {"source": 1, "merge": [0, 1, 1, 1, 0, 0]},
    ]
    base: Json = {
        "encodings": chosen,
        "merged": merged,
        "attempt": 2,
        "rotation_c": fixed("rotation c").hex(),
        "rotation_a": fixed("rotation a").hex(),
        "share_c": fixed("table share").hex(),
    }
    for name, sizes, largest in (
        ("every size", [3, 2, 1], 3),
        ("a citizen at more nodes than allowed", [2, 2, 1], 2),
        ("no groups", [0, 0, 0], 3),
        ("pairs alone", [0, 4, 0], 3),
    ):
        groups = sum(sizes)
        mapped = [j for j, n in enumerate(sizes, start=1) for _ in range(n)]
        shares_a, shares_c = [], []
        for axis, e in enumerate(chosen):
            a = [int.from_bytes(fixed(f"{name} {axis} {g}", 2), "little") for g in range(groups)]
            x = [(7 * g + axis) % (axes.largest(e, min(j, largest)) + 1) for g, j in enumerate(mapped)]
            c = [(w - s) % (1 << 16) for w, s in zip(x, a, strict=True)]
            shares_a.append({"size": 2, "words": b"".join(s.to_bytes(2, "little") for s in a).hex()})
            shares_c.append({"size": 2, "words": b"".join(s.to_bytes(2, "little") for s in c).hex()})
        given = {**base, "sizes": sizes, "largest_group": largest, "groups_c": shares_c, "groups_a": shares_a}
        yield "look_up", name, given


def cell_cases() -> Iterator[Case]:
    program = federation.program()
    compiled = [describe(a.levels) for a in program.axes]
    two: list[Json] = [
        {
            "name": "colour",
            "names": [ABSENT, "red", "blue", CONFLICT],
            "presence": [["s", [1, 2, 2, 4]]],
            "keep": [True, True, False, False],
            "conflict": [False, False, False, True],
        },
        {
            "name": "visits",
            "names": [ABSENT, "some", MISSING],
            "presence": [["s", [1, 6, 6]], ["t", [1, 7, 7]]],
            "keep": [True, True, True],
            "conflict": [False, False, False],
        },
    ]
    yield "cells", "two axes that speak of one sector", {"axes": two}
    yield "cells", "a compiled query", {"axes": compiled}
    possible = [(0, 0), *itertools.product((1, 2, 3), (1, 2)), (255, 255)] * 2

    def tallied(rows: list[tuple[int, int]], *more: int) -> Json:
        rows = [*rows, *([(more[0], more[1])] if more else [])]
        levels = [bytes(x[n] for x in rows).hex() for n in range(2)]
        measures = [column(f"measure {n}", 8, len(rows))["words"] for n in range(2)]
        return {"axes": two, "levels": levels, "measures": measures}

    yield "tally", "every possible combination", tallied(possible)
    yield "tally", "nobody", tallied([])
    for name, colour, visits in (
        ("levels that exclude each other", 1, 0),
        ("levels that exclude each other, the other way", 0, 2),
        ("a level that doesn't exist", 4, 1),
        ("a mark above a level", 1, 101),
        ("a mark above nothing", 0, 100),
        ("a mark on every axis", 200, 200),
        ("invalid on one axis alone", 255, 1),
        ("invalid beside absent", 0, 255),
    ):
        yield "tally", f"bad: {name}", tallied(possible, colour, visits)
    share = [fixed(f"share {n}", 5).hex() for n in range(2)]
    said: Json = {
        "prefix": "",
        "transcript": fixed("transcript").hex(),
        "party": "birkelund",
        "share": share,
    }
    yield "commitment", "two axes", said
    yield "commitment", "of the margin", {**said, "prefix": "margin/"}
    yield "commitment", "no groups", {**said, "share": ["", ""]}
    yield "commitment", "the other party, the same words", {**said, "party": "dalby"}
    yield "commitment", "another transcript", {**said, "transcript": fixed("another transcript").hex()}
    yield "commitment", "columns exchanged", {**said, "share": share[::-1]}
    plan = {"inputs": 3, "k_max": 3, "largest": 3, "shift": 50, "shift_pad": 40, "pad_total": 300}
    four = {**plan, "inputs": 5, "largest": 4, "pad_total": 460}
    minus = (1 << 64) - 5
    second: Json = {
        "shift": 70,
        "counts": [230, 205],
        "sums_b": [(9).to_bytes(8, "little").hex()],
        "sums_c": [minus.to_bytes(8, "little").hex()],
    }
    for name, of, sizes, margin in (
        ("shifts come off", plan, [523, 131, 118], None),
        ("groups that are too large are padded, too", four, [723, 131, 118, 125], None),
        ("with a margin", plan, [523, 131, 118], second),
    ):
        yield (
            "combine",
            name,
            {
                "plan": of,
                "conflicts": 2,
                "counts": [150, 153, 401],
                "sums_b": [b"".join(x.to_bytes(8, "little") for x in (7, minus)).hex()],
                "sums_c": [b"".join(x.to_bytes(8, "little") for x in (minus, minus)).hex()],
                "sizes": sizes,
                "margin": margin,
            },
        )


def measure_cases() -> Iterator[Case]:
    plain: Json = {"count": False, "clip": [[-5, 30]], "by": None, "unknown": 0, "centre": []}
    values: list[int | None] = [0, 7, 30, -5, None]
    alike = [[v, None] for v in values]
    yield "measure_words", "as it is", {"word": {**plain, "missing": "nothing"}, "citizens": alike}
    centred = {**plain, "centre": [25]}
    for missing in ("zero", "nothing"):
        given = {"word": {**centred, "missing": missing}, "citizens": alike}
        yield "measure_words", f"centred, no value is {missing}", given
    counted = {**plain, "count": True, "clip": [[0, 1]], "missing": "nothing"}
    yield "measure_words", "the count of values", {"word": counted, "citizens": alike}
    # Three levels and MISSING; without a level the whole bounds hold.
    clip = [[0, 30], [0, 0], [0, 10], [5, 30], [0, 30]]
    by: Json = {"count": False, "clip": clip, "by": True, "unknown": 4, "missing": "zero"}
    some = [[v, level] for v in (0, 3, 12, 30, None) for level in (0, 1, 2, None)]
    own = {**by, "centre": [sum(c) for c in clip]}
    yield "measure_words", "bounds by level, not centred", {"word": {**by, "centre": []}, "citizens": some}
    yield "measure_words", "bounds and centre by level", {"word": own, "citizens": some}
    whole = {**by, "centre": [30] * 5}
    yield "measure_words", "bounds by level, one centre", {"word": whole, "citizens": some}
    sums: Json = {"classes": [0, 2, 2, 1], "values": [10, 7, -3, 4], "sums": [45, -31, 12, 0]}
    for name, kind in (("centred", "citizens"), ("not centred", "")):
        measure = {"clip": clip, "centred": kind}
        yield "plain_sums", name, {"measure": measure, **sums}


def noise_cases() -> Iterator[Case]:
    days = [(-30, 30, 1)]
    by_level = [(-30, 30, 1), (0, 0, 1), (-10, 10, 1), (-25, 25, 1), (-30, 30, 1)]
    for rho, nodes, k_max, cells, measures, margin in (
        (17_205_318, 3, 3, 96, [], None),
        (17_205_318, 3, 2, 96, [[(0, 30, 1)]], None),
        (17_205_318, 50, 6, 1536, [[(0, 30, 1)], [(0, 1, 2)], [(-3000, 300_000, 2)]], None),
        (4_580_000, 2, 2, 12, [[(-1500, 1500, 1)]], None),
        (17_205_318, 2, 1, 1, [[(0, 1 << 40, 2)]], None),
        (1_000_000_000, 5, 4, 2, [[(0, 1, 1)]], None),
        (17_205_318, 3, 3, 192, [days, days, days], None),
        (17_205_318, 3, 3, 192, [by_level, [(0, 1, 1)]], None),
        (17_205_318, 3, 3, 1536, [], (41, [])),
        (17_205_318, 4, 3, 1536, [by_level], (41, [days])),
    ):
        name = f"{nodes} nodes, k_max {k_max}, {cells} cells, {len(measures)} measures"
        name += f", {max(map(len, measures), default=0)} classes" if measures == [by_level] else ""
        said = {"cells": margin[0], "measures": margin[1]} if margin else None
        given = {"rho": rho, "nodes": nodes, "k_max": k_max, "cells": cells}
        yield "allocate", name, {**given, "measures": measures, "margin": said}
    pad = {"k_max": 3, "shift_pad": 40, "pad_total": 230}
    yield "padding", "draws within their clips", {"plan": pad, "filler": -3, "draws": [5, -7]}
    yield "padding", "draws beyond their clips", {"plan": pad, "filler": 99, "draws": [-77, -41]}
    yield "padding", "nothing left over", {"plan": pad, "filler": 0, "draws": [0, 10]}
    yield "padding", "bad: more than the public total", {"plan": pad, "filler": 0, "draws": [1, 10]}
    one = {"plan": {**pad, "k_max": 1, "pad_total": 0}, "filler": 0, "draws": []}
    yield "padding", "nobody at two nodes", one
    dummy = {"cells": 3, "shift": 20, "dummy_total": 80}
    yield "dummies", "topped up", {"plan": dummy, "draws": [3, -20, 21]}
    yield "dummies", "bad: more than the public total", {"plan": dummy, "draws": [20, 1, 0]}

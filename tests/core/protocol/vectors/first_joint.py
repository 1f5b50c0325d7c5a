"""The project's linking, tables, cells and noise plans behind the vectors' functions."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
from tests.core.protocol.vectors import notation
from tests.core.protocol.vectors.notation import Json

from samklang.privacy import draws
from samklang.privacy.budget import allocate as allocate_plan
from samklang.privacy.sensitivity import Bounds
from samklang.protocol import encodings as enc
from samklang.protocol import linking, tables
from samklang.protocol.cells import Cells
from samklang.protocol.describe import describe
from samklang.protocol.opening import Opened
from samklang.protocol.opening import combine as combine_opened
from samklang.protocol.opening import tally as tally_opened
from samklang.protocol.program import Feature, GroupWord, MeasureWord
from samklang.protocol.roles.opener import Opener
from samklang.protocol.rows import measure_word
from samklang.protocol.table import Table
from samklang.protocol.words import Shape


def group(i: Json) -> Any:
    data = b"".join(map(bytes.fromhex, i["tags"]))
    halves = np.ascontiguousarray(np.frombuffer(data, "<u8").reshape(-1, 2).T)
    found = linking.group(halves, i["largest"])
    return {"sizes": found.sizes.tolist(), "order": found.order.tolist()}


def _grouping(i: Json) -> linking.Grouping:
    return linking.Grouping(np.array(i["sizes"], np.int64), np.array(i["order"], np.uint32))


def check(i: Json) -> Any:
    linking.check(_grouping(i), i["rows"], i["largest"])
    return "accepted"


def digest(i: Json) -> Any:
    return _grouping(i).digest(bytes.fromhex(i["transcript"])).hex()


def add_up(i: Json) -> Any:
    column = np.frombuffer(bytes.fromhex(i["column"]["words"]), notation.TYPES[i["column"]["size"]])
    summed = linking.sum_groups(column, _grouping(i))
    return {"size": summed.itemsize, "words": summed.tobytes().hex()}


def table(i: Json) -> Any:
    return notation.encoding(i["encoding"]).levels(i["rows"]).tobytes().hex()


def word(i: Json) -> Any:
    e = notation.encoding(i["encoding"])
    values = np.array([v or 0 for v in i["values"]], np.int64)
    valid = np.array([v is not None for v in i["values"]])
    if isinstance(e, enc.Interval):
        return (e.start_word if i["side"] == "start" else e.end_word)(values, valid).tolist()
    if isinstance(e, enc.Presence):
        return e.word(len(values)).tolist()
    assert isinstance(e, enc.Local | enc.Category | enc.Total)
    return e.word(values, valid).tolist()


def membership_weights(i: Json) -> Any:
    e = notation.encoding(i["encoding"])
    assert isinstance(e, enc.Membership)
    return list(e.weights())


def look_up(i: Json) -> Any:
    specs = [notation.encoding(e) for e in i["encodings"]]
    words = [GroupWord(n, e) for n, e in enumerate(specs)]
    for m in i["merged"]:
        merged = enc.Merged((), specs[m["source"]], tuple(m["merge"]))
        words.append(GroupWord(m["source"], merged))
    program: Any = SimpleNamespace(
        group_words=words,
        tables=tuple(n for n, w in enumerate(words) if w.looked_up),
        largest_group=i["largest_group"],
        group_shape=Shape(0, len(words), np.uint8),
    )
    plan = tables.TablePlan(program, np.array(i["sizes"], np.int64))
    attempt, seed = i["attempt"], bytes.fromhex(i["share_c"])
    groups_c, groups_a = notation.words(i["groups_c"]), notation.words(i["groups_a"])
    r_c = plan.rotations(bytes.fromhex(i["rotation_c"]), attempt)
    r_a = plan.rotations(bytes.fromhex(i["rotation_a"]), attempt)
    r = (r_c + r_a) & plan.masks()
    stream_a = b"".join(bytes(p) for p in tables.deal(plan, r, seed, attempt))
    u_c = tables.masked_words(plan, groups_c.narrow, r_c)
    u_a = tables.masked_words(plan, groups_a.narrow, r_a)
    u = (u_c + u_a) & plan.masks()
    got_c = tables.look_up_seeded(plan, u, seed, attempt)
    got_a = np.frombuffer(stream_a, np.uint8)[plan.positions(u)]
    banded_c = tables.banded(plan, groups_c, got_c, first=True).narrow
    banded_a = tables.banded(plan, groups_a, got_a, first=False).narrow
    return {
        "r": r.tolist(),
        "share_a": stream_a.hex(),
        "u_c": u_c.tolist(),
        "u_a": u_a.tolist(),
        "banded_c": [x.tobytes().hex() for x in banded_c],
        "banded_a": [x.tobytes().hex() for x in banded_a],
        "levels": [(c + a).tobytes().hex() for c, a in zip(banded_c, banded_a, strict=True)],
    }


def cells(i: Json) -> Any:
    made = Cells([notation.axis(a) for a in i["axes"]])
    return {
        "levels": [row.tobytes().hex() for row in made.levels],
        "kept": made.kept.tolist(),
        "conflicts": made.conflicts.tolist(),
    }


def commitment(i: Json) -> Any:
    party: Any = SimpleNamespace(session=SimpleNamespace(transcript=bytes.fromhex(i["transcript"])))
    share = [np.frombuffer(bytes.fromhex(x), np.uint8) for x in i["share"]]
    table: Any = SimpleNamespace(prefix=i["prefix"])
    return Opener._commitment(party, table, i["party"], share).hex()


def tally(i: Json) -> Any:
    table: Any = SimpleNamespace(cells=Cells([notation.axis(a) for a in i["axes"]]))
    axes = [np.frombuffer(bytes.fromhex(x), np.uint8) for x in i["levels"]]
    measures = [np.frombuffer(bytes.fromhex(x), np.uint64) for x in i["measures"]]
    found = tally_opened(table, axes, measures)
    return {"counts": found.counts.tolist(), "sums": [s.tobytes().hex() for s in found.sums]}


def combine(i: Json) -> Any:
    plan = i["plan"]
    program: Any = SimpleNamespace(
        noise=SimpleNamespace(
            k_max=plan["largest"],
            **{k: plan[k] for k in ("shift", "shift_pad", "pad_total")},
            released_sd=1.0,
            s_pad=1.0,
            margin=SimpleNamespace(shift=i["margin"]["shift"]) if i["margin"] else None,
        ),
        largest_group=plan["k_max"],
        cells=SimpleNamespace(conflicts=range(i["conflicts"])),
        inputs=range(plan["inputs"]),
    )

    def halves(of: Json) -> Any:
        counts = np.array(of["counts"], np.int64)
        return tuple(
            Opened(counts, np.array([np.frombuffer(bytes.fromhex(x), np.uint64) for x in of[side]]))
            for side in ("sums_b", "sums_c")
        )

    margin = halves(i["margin"]) if i["margin"] else None
    out = combine_opened(program, halves(i), np.array(i["sizes"], np.int64), margin)
    said: Json = {
        "counts": out.counts.tolist(),
        "conflicts": out.conflicts,
        "sums": out.sums.tolist(),
        "linkage": out.linkage.tolist(),
        "margin": None,
    }
    if out.margin:
        said["margin"] = {"counts": out.margin.counts.tolist(), "sums": out.margin.sums.tolist()}
    return said


def _measures(said: list[Any]) -> list[tuple[Bounds, ...]]:
    return [tuple(Bounds(*b) for b in classes) for classes in said]


def allocate(i: Json) -> Any:
    margin = i["margin"] and (i["margin"]["cells"], _measures(i["margin"]["measures"]))
    plan = describe(
        allocate_plan(
            i["rho"],
            nodes=i["nodes"],
            k_max=i["k_max"],
            cells=i["cells"],
            measures=_measures(i["measures"]),
            margin=margin,
        )
    )
    own = (
        "sigma_local",
        "measure_sigma_local",
        "shift",
        "dummy_total",
        "rho_counts",
        "rho_measures",
        "rho_opening",
    )
    whole = ("s_pad", "shift_pad", "pad_total", "rho_padding", "rho_charged")
    second = plan["margin"] and {k: plan["margin"][k] for k in own}
    return {**{k: plan[k] for k in (*own, *whole)}, "margin": second}


def measure_words(i: Json) -> Any:
    said = i["word"]
    by = Feature("deciding", "level", "b") if said["by"] else None
    word = MeasureWord(
        "m",
        said["count"],
        {"s": Feature("m", "measure")},
        1,
        tuple((low, high) for low, high in said["clip"]),
        by,
        said["unknown"],
        tuple(said["centre"]),
        said["missing"],
    )
    known: Any = SimpleNamespace(values={}, valid={})
    for name, place in (("m/measure", 0), ("deciding/b/level", 1)):
        values = [c[place] for c in i["citizens"]]
        known.values[name] = np.array([v or 0 for v in values], np.int64)
        known.valid[name] = np.array([v is not None for v in values])
    return measure_word(word, "s", known).tolist()


def plain_sums(i: Json) -> Any:
    said, classes = i["measure"], np.array(i["classes"])
    kind: Any = SimpleNamespace(
        name="m", count=False, clip=said["clip"], centred=said["centred"] and "citizens", sectors={}
    )
    ones = SimpleNamespace(holders=lambda sectors: np.ones(len(classes), np.int64), kept=range(len(classes)))
    table: Any = Table("", (), (), (), cast(Any, ones), (kind,), cast(Any, None))
    table.__dict__["classes"] = classes[None]
    noise = SimpleNamespace(measure_released_sd=[[1.0] * len(said["clip"])])
    object.__setattr__(table, "noise", noise)
    found = table.plain_sums(np.array(i["values"], np.int64), np.array([i["sums"]], np.int64))
    return [str(Fraction(x)) for x in found[0].tolist()]


class _Given:
    """A noise source that hands out what it was given, again at every retry."""

    def __init__(self, draws: list[int]) -> None:
        self.draws = np.array(draws, np.int64)

    def discrete_gaussian(self, sigma: float, size: int) -> np.ndarray[Any, Any]:
        return self.draws[:size]


def padding(i: Json) -> Any:
    plan: Any = SimpleNamespace(**i["plan"], s_pad=10.0)
    found = draws.draw_groups(_Given(i["draws"]), plan)
    fillers = draws.draw_fillers(_Given([i["filler"]]), plan)
    return {"fillers": fillers, "groups": found.groups.tolist(), "singles": found.singles}


def dummies(i: Json) -> Any:
    plan: Any = SimpleNamespace(**i["plan"], sigma_local=10.0)
    found = draws.draw_dummies(_Given(i["draws"]), plan)
    return {"per_cell": found.per_cell.tolist(), "absent": found.absent}

"""The project's own implementation behind the vectors' functions: JSON in, JSON out.

Inputs come as a vector file has them; what a function returns, or the code of the error it raises, is what
the file must say. Only code under ``samklang`` computes anything here.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from unittest import mock

import numpy as np

from samklang.errors import SamklangError
from samklang.identity.dsse import Envelope
from samklang.identity.dsse import pae as dsse_pae
from samklang.identity.keys import SigningKey
from samklang.model.canonical import canonical
from samklang.privacy import draws
from samklang.privacy.budget import allocate as allocate_plan
from samklang.privacy.sensitivity import Bounds
from samklang.protocol import encodings as enc
from samklang.protocol import linking, permutation, prg, sealing, tables
from samklang.protocol import shuffle as shuffling
from samklang.protocol.agreement import ACCEPTANCE_TYPE, Acceptance, Pledge, Terms, agree
from samklang.protocol.cells import AxisLevels, Cells
from samklang.protocol.describe import describe
from samklang.protocol.hpke import HpkePrivateKey
from samklang.protocol.opening import Opened
from samklang.protocol.opening import combine as combine_opened
from samklang.protocol.opening import tally as tally_opened
from samklang.protocol.roles import keying
from samklang.protocol.roles.contributor import Contributor
from samklang.protocol.sharing import expand
from samklang.protocol.tags import tags
from samklang.protocol.words import Shape, Words

Json = dict[str, Any]
KINDS: dict[str, type[enc.Encoding]] = {
    k.__name__.lower(): k
    for k in (enc.Local, enc.Category, enc.Presence, enc.Total, enc.Interval, enc.Membership)
}
TYPES: dict[int, type[np.unsignedinteger[Any]]] = {1: np.uint8, 2: np.uint16, 8: np.uint64}


def _tuples(value: Any) -> Any:
    return tuple(_tuples(v) for v in value) if isinstance(value, list) else value


def encoding(spec: Json) -> enc.Encoding:
    """From the record in a program's description."""
    return KINDS[spec["kind"]](**{k: _tuples(v) for k, v in spec.items() if k != "kind"})


def _label(i: Json) -> prg.Label:
    return prg.Label(i["attempt"], i["stage"], i["round"], i["word"], i["direction"])


def _words(columns: list[Json]) -> Words:
    arrays = [np.frombuffer(bytes.fromhex(c["words"]), TYPES[c["size"]]).copy() for c in columns]
    wide = sum(c["size"] == 8 for c in columns)
    narrow = TYPES[columns[-1]["size"]] if wide < len(columns) else np.uint16
    return Words(Shape(wide, len(columns) - wide, narrow), arrays)


def _columns(words: Words) -> list[Json]:
    return [{"size": c.itemsize, "words": c.tobytes().hex()} for c in words.columns]


def _axis(a: Json) -> AxisLevels:
    presence = {s: tuple(p) for s, p in a["presence"]}
    return AxisLevels(a["name"], tuple(a["names"]), presence, tuple(a["keep"]), tuple(a["conflict"]))


def label(i: Json) -> Any:
    return _label(i).encode().hex()


def prefixed(i: Json) -> Any:
    return prg.prefixed(*map(bytes.fromhex, i["parts"])).hex()


def derive(i: Json) -> Any:
    context = bytes.fromhex(i["context"])
    return prg.derive(bytes.fromhex(i["key"]), _label(i), context=context, length=i["length"]).hex()


def stream(i: Json) -> Any:
    out = np.empty(i["length"], np.uint8)
    prg.fill(out, bytes.fromhex(i["key"]), _label(i))
    return out.tobytes().hex()


def tag(i: Json) -> Any:
    first, second = tags(bytes.fromhex(i["link_key"]), np.array(i["cpr"], "S10"))
    return {"first": first.tobytes().hex(), "second": second.tobytes().hex()}


def pair_key(i: Json) -> Any:
    given = {n: bytes.fromhex(x) for n, x in i["contributions"].items()}
    return keying.pair_key(bytes.fromhex(i["transcript"]), given).hex()


def link_key(i: Json) -> Any:
    given = {n: bytes.fromhex(x) for n, x in i["contributions"].items()}
    return keying.link_key(bytes.fromhex(i["transcript"]), given).hex()


def transcript(i: Json) -> Any:
    """Through the real agreement: signs every acceptance with the identity of a fixed seed."""
    seeds = {p: SigningKey.from_seed(bytes.fromhex(s)) for p, s in i["identity_seeds"].items()}
    said = {p: Acceptance.model_validate_json(text) for p, text in i["acceptances"].items()}
    envelopes = {
        p: Envelope.sign(ACCEPTANCE_TYPE, canonical(a), [seeds[p]]).to_bytes() for p, a in said.items()
    }
    if any(canonical(a).decode() != i["acceptances"][p] for p, a in said.items()):
        raise ValueError("the vector's acceptances aren't canonical")
    contributors = (*i["inputs"], *(p for p in i["compute"] if p not in i["inputs"]))
    participants = (*contributors, *(() if i["linker"] in contributors else (i["linker"],)))
    program = SimpleNamespace(
        compute=tuple(i["compute"]),
        linker=i["linker"],
        inputs=tuple(i["inputs"]),
        participants=participants,
    )
    manifest = SimpleNamespace(
        nodes=[
            SimpleNamespace(id=p, identity=k.verify_key.text) for p, k in seeds.items() if p != i["linker"]
        ],
        coordinator=SimpleNamespace(id=i["linker"], identity=seeds[i["linker"]].verify_key.text),
    )
    me = i["inputs"][0]
    own = said[me]
    terms = Terms(own.query, own.manifest, own.codebook, own.program, own.attempt)
    pledge = Pledge(envelopes[me], terms, HpkePrivateKey.generate())
    agreement = agree(pledge, me, program, manifest, envelopes)  # type: ignore[arg-type]
    return agreement.transcript.hex()


def pae(i: Json) -> Any:
    return dsse_pae(i["type"], i["payload"].encode()).hex()


def key_info(i: Json) -> Any:
    session = SimpleNamespace(transcript=bytes.fromhex(i["transcript"]))
    bound = SimpleNamespace(session=session)
    return keying.Keying._info(bound, i["sender"], i["recipient"], i["purpose"]).hex()  # type: ignore[arg-type]


def confirmation(i: Json) -> Any:
    session = SimpleNamespace(
        transcript=bytes.fromhex(i["transcript"]),
        attempt=i["attempt"],
        link_key=bytes.fromhex(i["link_key"]),
    )
    bound = SimpleNamespace(session=session)
    return Contributor._confirmation(bound, i["sender"], i["recipient"]).hex()  # type: ignore[arg-type]


def _names(i: Json) -> Json:
    return {
        "transcript": bytes.fromhex(i["transcript"]),
        "attempt": i["attempt"],
        "sender": i["sender"],
        "recipient": i["recipient"],
        "stage": i["stage"],
    }


def seal(i: Json) -> Any:
    sealer = sealing.Sealer(bytes.fromhex(i["key"]), **_names(i))
    last = len(i["pieces"]) - 1
    return [sealer.seal(bytes.fromhex(p), n == last).hex() for n, p in enumerate(i["pieces"])]


def open(i: Json) -> Any:
    opener = sealing.Opener(bytes.fromhex(i["key"]), **_names(i))
    out = [opener.open(bytes.fromhex(c["data"]), c["last"]).hex() for c in i["chunks"]]
    if not opener.ended:
        raise SamklangError("protocol-sealed", stage=i["stage"], party=i["sender"])
    return out


def share_b(i: Json) -> Any:
    at = prg.Label(i["attempt"], i["stage"], direction=i["direction"])
    words = _words(i["words"])
    words.mask(bytes.fromhex(i["seed"]), at, subtract=True)
    a = Words.empty(words.shape, words.rows)
    expand(a, bytes.fromhex(i["seed"]), at)
    return {"a": _columns(a), "b": _columns(words)}


def order(i: Json) -> Any:
    """With words of fewer bits than the protocol's, so that ties occur."""
    small = TYPES[i["word_bytes"]]

    def draw(n: int, _: object, key: bytes, at: prg.Label) -> np.ndarray[Any, Any]:
        return prg.draw(n, small, key, at).astype(np.uint64)

    with mock.patch.object(permutation, "draw", draw):
        return shuffling.round_order(
            bytes.fromhex(i["key"]), i["attempt"], i["stage"], i["round"], i["rows"]
        ).tolist()


def shuffle(i: Json) -> Any:
    x, y = _words(i["x"]), _words(i["y"])

    def both(left: Words, right: Words, key: str, number: int) -> None:
        pair = bytes.fromhex(i[key])
        at = (i["attempt"], i["stage"], number)
        places = shuffling.round_order(pair, *at, left.rows)
        shuffling.apply_round(left, places, pair, *at, first=True)
        shuffling.apply_round(right, places, pair, *at, first=False)

    both(x, y, "xy", 1)  # then X hands its share to Z
    both(y, x, "yz", 2)  # then Y hands its share to X
    both(x, y, "zx", 3)
    return {"z": _columns(x), "x": _columns(y)}


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
    column = np.frombuffer(bytes.fromhex(i["column"]["words"]), TYPES[i["column"]["size"]])
    summed = linking.sum_groups(column, _grouping(i))
    return {"size": summed.itemsize, "words": summed.tobytes().hex()}


def table(i: Json) -> Any:
    return encoding(i["encoding"]).levels(i["rows"]).tobytes().hex()


def word(i: Json) -> Any:
    e = encoding(i["encoding"])
    values = np.array([v or 0 for v in i["values"]], np.int64)
    valid = np.array([v is not None for v in i["values"]])
    if isinstance(e, enc.Interval):
        return (e.start_word if i["side"] == "start" else e.end_word)(values, valid).tolist()
    if isinstance(e, enc.Presence):
        return e.word(len(values)).tolist()
    assert isinstance(e, enc.Local | enc.Category | enc.Total)
    return e.word(values, valid).tolist()


def membership_weights(i: Json) -> Any:
    e = encoding(i["encoding"])
    assert isinstance(e, enc.Membership)
    return list(e.weights())


def look_up(i: Json) -> Any:
    specs = [encoding(e) for e in i["encodings"]]
    program: Any = SimpleNamespace(
        axes=[SimpleNamespace(encoding=e) for e in specs],
        tables=tuple(n for n, e in enumerate(specs) if e.needs_table),
        measures=(),
        largest_group=i["largest_group"],
        group_shape=Shape(0, len(specs), np.uint8),
    )
    plan = tables.TablePlan(program, np.array(i["sizes"], np.int64))
    attempt, seed = i["attempt"], bytes.fromhex(i["share_c"])
    groups_c, groups_a = _words(i["groups_c"]), _words(i["groups_a"])
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
    made = Cells([_axis(a) for a in i["axes"]])
    return {
        "levels": [row.tobytes().hex() for row in made.levels],
        "kept": made.kept.tolist(),
        "conflicts": made.conflicts.tolist(),
    }


def tally(i: Json) -> Any:
    program: Any = SimpleNamespace(cells=Cells([_axis(a) for a in i["axes"]]))
    axes = [np.frombuffer(bytes.fromhex(x), np.uint8) for x in i["levels"]]
    measures = [np.frombuffer(bytes.fromhex(x), np.uint64) for x in i["measures"]]
    found = tally_opened(program, axes, measures)
    return {"counts": found.counts.tolist(), "sums": [s.tobytes().hex() for s in found.sums]}


def combine(i: Json) -> Any:
    plan = i["plan"]
    program: Any = SimpleNamespace(
        noise=SimpleNamespace(**{k: plan[k] for k in ("k_max", "shift", "shift_pad", "pad_total")}),
        cells=SimpleNamespace(conflicts=range(i["conflicts"])),
        inputs=range(plan["inputs"]),
    )
    counts = np.array(i["counts"], np.int64)
    sides = [
        Opened(counts, np.array([np.frombuffer(bytes.fromhex(x), np.uint64) for x in i[side]]))
        for side in ("sums_b", "sums_c")
    ]
    out = combine_opened(program, sides[0], sides[1], np.array(i["sizes"], np.int64))
    return {
        "counts": out.counts.tolist(),
        "conflicts": out.conflicts,
        "sums": out.sums.tolist(),
        "linkage": out.linkage.tolist(),
    }


def allocate(i: Json) -> Any:
    plan = describe(
        allocate_plan(
            i["rho"],
            nodes=i["nodes"],
            k_max=i["k_max"],
            cells=i["cells"],
            measures=[Bounds(*b) for b in i["measures"]],
        )
    )
    stated = ("s_pad", "sigma_local", "measure_sigma_local", "shift_pad", "pad_total", "shift", "dummy_total")
    costs = ("rho_padding", "rho_counts", "rho_measures", "rho_charged")
    return {k: plan[k] for k in (*stated, *costs)}


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

"""The second implementation behind the vectors' functions: JSON in, JSON out (section 21)."""

from __future__ import annotations

from typing import Any

from tests.core.protocol.second import (
    axes,
    counting,
    keys,
    linking,
    measures,
    noise_plan,
    shuffling,
    tables,
)
from tests.core.protocol.second.shuffling import Share

Json = dict[str, Any]


def _label(i: Json) -> bytes:
    return keys.label(i["attempt"], i["stage"], i["round"], i["word"], i["direction"])


def _hex(items: list[bytes]) -> list[str]:
    return [x.hex() for x in items]


def _share(columns: list[Json]) -> Share:
    out = []
    for c in columns:
        data = bytes.fromhex(c["words"])
        size = c["size"]
        out.append((size, [int.from_bytes(data[i : i + size], "little") for i in range(0, len(data), size)]))
    return out


def _columns(share: Share) -> list[Json]:
    return [
        {"size": size, "words": b"".join(x.to_bytes(size, "little") for x in column).hex()}
        for size, column in share
    ]


def _wide(text: str) -> list[int]:
    return _share([{"size": 8, "words": text}])[0][1]


def label(i: Json) -> Any:
    return _label(i).hex()


def prefixed(i: Json) -> Any:
    return keys.prefixed(*map(bytes.fromhex, i["parts"])).hex()


def derive(i: Json) -> Any:
    return keys.derive(bytes.fromhex(i["key"]), _label(i), bytes.fromhex(i["context"]), i["length"]).hex()


def stream(i: Json) -> Any:
    return keys.stream(bytes.fromhex(i["key"]), _label(i), i["length"]).hex()


def tag(i: Json) -> Any:
    made = [keys.tag(bytes.fromhex(i["link_key"]), c) for c in i["cpr"]]
    return {
        "first": b"".join(t[:8] for t in made).hex(),
        "second": b"".join(t[8:] for t in made).hex(),
    }


def pair_key(i: Json) -> Any:
    given = {n: bytes.fromhex(x) for n, x in i["contributions"].items()}
    return keys.pair_key(bytes.fromhex(i["transcript"]), given).hex()


def link_key(i: Json) -> Any:
    given = {n: bytes.fromhex(x) for n, x in i["contributions"].items()}
    return keys.link_key(bytes.fromhex(i["transcript"]), given).hex()


def transcript(i: Json) -> Any:
    said = {p: text.encode() for p, text in i["acceptances"].items()}
    return keys.transcript(i["compute"], i["linker"], i["inputs"], said).hex()


def pae(i: Json) -> Any:
    return keys.pae(i["type"], i["payload"].encode()).hex()


def key_info(i: Json) -> Any:
    return keys.key_info(bytes.fromhex(i["transcript"]), i["sender"], i["recipient"], i["purpose"]).hex()


def confirmation(i: Json) -> Any:
    link, said = bytes.fromhex(i["link_key"]), bytes.fromhex(i["transcript"])
    return keys.confirmation(link, said, i["attempt"], i["sender"], i["recipient"]).hex()


def _seal(i: Json) -> keys.Seal:
    names = (i["sender"], i["recipient"], i["stage"])
    return keys.Seal(bytes.fromhex(i["key"]), bytes.fromhex(i["transcript"]), i["attempt"], *names)


def seal(i: Json) -> Any:
    return _hex(_seal(i).seal([bytes.fromhex(p) for p in i["pieces"]]))


def open(i: Json) -> Any:
    return _hex(_seal(i).open([(bytes.fromhex(c["data"]), c["last"]) for c in i["chunks"]]))


def share_b(i: Json) -> Any:
    plain = _share(i["words"])
    rows, shape = len(plain[0][1]), [size for size, _ in plain]
    a = shuffling.pad(shape, rows, bytes.fromhex(i["seed"]), i["attempt"], i["stage"], 0, i["direction"])
    return {"a": _columns(a), "b": _columns(shuffling.add(plain, a, -1))}


def order(i: Json) -> Any:
    size = i["word_bytes"]
    return shuffling.order(bytes.fromhex(i["key"]), i["attempt"], i["stage"], i["round"], i["rows"], size)


def shuffle(i: Json) -> Any:
    xy, yz, zx = (bytes.fromhex(i[k]) for k in ("xy", "yz", "zx"))
    z, x = shuffling.shuffle(_share(i["x"]), _share(i["y"]), xy, yz, zx, i["attempt"], i["stage"])
    return {"z": _columns(z), "x": _columns(x)}


def group(i: Json) -> Any:
    sizes, order_ = linking.group([bytes.fromhex(t) for t in i["tags"]], i["largest"])
    return {"sizes": sizes, "order": order_}


def check(i: Json) -> Any:
    linking.check(i["sizes"], i["order"], i["rows"], i["largest"])
    return "accepted"


def digest(i: Json) -> Any:
    return linking.digest(i["sizes"], i["order"], bytes.fromhex(i["transcript"])).hex()


def add_up(i: Json) -> Any:
    ((size, column),) = _share([i["column"]])
    return _columns([(size, linking.add_up(column, size, i["sizes"], i["order"]))])[0]


def table(i: Json) -> Any:
    return bytes(axes.table(i["encoding"], i["rows"])).hex()


def word(i: Json) -> Any:
    return [axes.word(i["encoding"], v, i.get("side", "")) for v in i["values"]]


def membership_weights(i: Json) -> Any:
    return axes.weights(i["encoding"])


def look_up(i: Json) -> Any:
    encodings, sizes = i["encodings"], i["sizes"]
    looked = tables.looked_up(encodings, i["merged"])
    plan = tables.entries(looked, sizes, i["largest_group"])
    mapped = sum(sizes[: i["largest_group"]])
    r_c = tables.rotations(plan, bytes.fromhex(i["rotation_c"]), i["attempt"])
    r_a = tables.rotations(plan, bytes.fromhex(i["rotation_a"]), i["attempt"])
    r = tables.opened(plan, r_c, r_a)
    stream_c = tables.share_c(plan, bytes.fromhex(i["share_c"]), i["attempt"])
    stream_a = tables.share_a(tables.table_stream(plan, r), stream_c)
    groups_c = [x for _, x in _share(i["groups_c"])]
    groups_a = [x for _, x in _share(i["groups_a"])]
    u_c, u_a = tables.masked(plan, groups_c, r_c), tables.masked(plan, groups_a, r_a)
    u = tables.opened(plan, u_c, u_a)
    got_c, got_a = tables.look_up(plan, stream_c, u), tables.look_up(plan, stream_a, u)
    banded_c = tables.banded(looked, plan, mapped, groups_c, got_c, True)
    banded_a = tables.banded(looked, plan, mapped, groups_a, got_a, False)
    return {
        "r": r,
        "share_a": stream_a.hex(),
        "u_c": u_c,
        "u_a": u_a,
        "banded_c": [bytes(x).hex() for x in banded_c],
        "banded_a": [bytes(x).hex() for x in banded_a],
        "levels": [
            bytes((x + y) % 256 for x, y in zip(c, a, strict=True)).hex()
            for c, a in zip(banded_c, banded_a, strict=True)
        ],
    }


def cells(i: Json) -> Any:
    opened, kept, conflicts = counting.cells(i["axes"])
    return {"levels": [bytes(c).hex() for c in opened], "kept": kept, "conflicts": conflicts}


def commitment(i: Json) -> Any:
    share = [list(bytes.fromhex(x)) for x in i["share"]]
    return counting.commitment(i["prefix"], bytes.fromhex(i["transcript"]), i["party"], share).hex()


def tally(i: Json) -> Any:
    levels = [list(bytes.fromhex(x)) for x in i["levels"]]
    found = counting.tally(i["axes"], levels, [_wide(x) for x in i["measures"]])
    return {
        "counts": found["counts"],
        "sums": [_columns([(8, s)])[0]["words"] for s in found["sums"]],
    }


def _halves(of: Json) -> Any:
    return tuple([_wide(x) for x in of[side]] for side in ("sums_b", "sums_c"))


def combine(i: Json) -> Any:
    out = counting.combine(i["plan"], i["conflicts"], i["counts"], _halves(i), i["sizes"])
    if second := i["margin"]:
        out["margin"] = counting.margin(second["shift"], second["counts"], _halves(second))
    return out


def _measures(said: list[Any]) -> list[list[tuple[int, int, int]]]:
    return [[(b[0], b[1], b[2]) for b in classes] for classes in said]


def allocate(i: Json) -> Any:
    margin = i["margin"] and (i["margin"]["cells"], _measures(i["margin"]["measures"]))
    return noise_plan.plan(i["rho"], i["nodes"], i["k_max"], i["cells"], _measures(i["measures"]), margin)


def measure_words(i: Json) -> Any:
    return [measures.word(i["word"], value, level) for value, level in i["citizens"]]


def plain_sums(i: Json) -> Any:
    return [str(x) for x in measures.plain(i["measure"], i["classes"], i["values"], i["sums"])]


def padding(i: Json) -> Any:
    return noise_plan.padding(i["plan"], i["filler"], i["draws"])


def dummies(i: Json) -> Any:
    return noise_plan.dummies(i["plan"], i["draws"])

"""How vectors write what the project works with: columns of words, encodings, levels, labels."""

from __future__ import annotations

from typing import Any

import numpy as np

from samklang.protocol import encodings as enc
from samklang.protocol import prg
from samklang.protocol.cells import AxisLevels
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


def label(i: Json) -> prg.Label:
    return prg.Label(i["attempt"], i["stage"], i["round"], i["word"], i["direction"])


def words(columns: list[Json]) -> Words:
    """From columns of one word each, wide ones first."""
    arrays = [np.frombuffer(bytes.fromhex(c["words"]), TYPES[c["size"]]).copy() for c in columns]
    wide = sum(c["size"] == 8 for c in columns)
    narrow = TYPES[columns[-1]["size"]] if wide < len(columns) else np.uint16
    return Words(Shape(wide, len(columns) - wide, narrow), arrays)


def columns(share: Words) -> list[Json]:
    return [{"size": c.itemsize, "words": c.tobytes().hex()} for c in share.columns]


def axis(a: Json) -> AxisLevels:
    presence = {s: tuple(p) for s, p in a["presence"]}
    return AxisLevels(a["name"], tuple(a["names"]), presence, tuple(a["keep"]), tuple(a["conflict"]))
